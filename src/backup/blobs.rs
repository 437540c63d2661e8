//! The contents of the library's files beside the backups: each once, whatever number of backups name
//! it.
//!
//! Invariants: what stands under a name has that checksum, as it is hashed while it is copied, synced
//! and renamed; a content that any backup names is not removed, and when one list cannot be read,
//! nothing is.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::error::{BackupError, disk};
use super::folder::{Folder, make_private};
use super::manifest::{FileCopies, Manifest};
use super::reporter::Reporter;
use super::seal::{create_private, seal, sync_folder, unseal};
use crate::library::blobs::{BlobHash, BlobStore};

/// The list of a backup's contents.
const LIST: &str = "files.txt.zst";

/// Bytes of one step.
const PIECE: usize = 256 * 1024;

/// The store of the contents beside the backups.
pub(super) fn pool(folder: &Folder) -> BlobStore {
    // Nobody's name: nothing is fetched into it.
    BlobStore::new(folder.dir().to_owned(), "")
}

/// What of these contents is to be copied, in bytes: for the look whether there is room. Blocks.
pub(super) fn wanted(folder: &Folder, from: &BlobStore, names: &[String]) -> u64 {
    let pool = pool(folder);
    let size = |name: &String| {
        let hash = BlobHash::parse(name)?;
        let there = fs::metadata(from.path(&hash)).ok()?.len();
        (!pool.path(&hash).exists()).then_some(there)
    };
    names.iter().filter_map(size).sum()
}

/// Copies what is not there yet, and writes the list into the folder of the backup. Blocks.
pub(super) fn copy(
    folder: &Folder,
    from: &BlobStore,
    names: &[String],
    partial: &Path,
    reporter: &Reporter,
) -> Result<FileCopies, BackupError> {
    let pool = pool(folder);
    reporter.begin("copying files", wanted(folder, from, names));
    let (mut bytes, mut missing) = (0_u64, 0_u64);
    let mut listed = String::new();
    for hash in names.iter().filter_map(|name| BlobHash::parse(name)) {
        let target = pool.path(&hash);
        let size = match fs::metadata(&target) {
            Ok(there) => Some(there.len()),
            Err(_) => copy_one(&from.path(&hash), &target, &hash, reporter)
                .map_err(disk("copy a file of the library"))?,
        };
        if let Some(size) = size {
            bytes = bytes.saturating_add(size);
            listed.push_str(hash.as_str());
            listed.push('\n');
        } else {
            missing += 1;
            tracing::warn!(%hash, "a file of the library is missing or damaged, and not in the backup");
        }
    }
    let list = seal(listed.as_bytes(), partial, LIST, &Reporter::new());
    let list = list.map_err(disk("write the list of files"))?;
    let count = u64::try_from(names.len()).unwrap_or(u64::MAX);
    Ok(FileCopies { count, bytes, missing, list: Some(list) })
}

/// Copies a content to its place; none when it is not there, or is not what its name says.
fn copy_one(
    from: &Path,
    to: &Path,
    hash: &BlobHash,
    reporter: &Reporter,
) -> io::Result<Option<u64>> {
    let mut source = match File::open(from) {
        Ok(source) => source,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let folder = to.parent().ok_or(io::ErrorKind::InvalidInput)?;
    make_private(folder)?;
    let new = folder.join(".new");
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let copied = pass(&mut source, Some(&mut create_private(&new)?), reporter);
    let (size, found) = copied.inspect_err(|_| drop(fs::remove_file(&new)))?;
    if found != *hash {
        fs::remove_file(&new)?;
        return Ok(None);
    }
    File::open(&new)?.sync_all()?;
    fs::rename(&new, to)?;
    sync_folder(folder)?;
    Ok(Some(size))
}

/// Reads a file to its end, perhaps into another; gives its size and its name.
fn pass(
    from: &mut File,
    mut to: Option<&mut File>,
    reporter: &Reporter,
) -> io::Result<(u64, BlobHash)> {
    let mut hasher = blake3::Hasher::new();
    let mut piece = vec![0; PIECE];
    let mut size = 0_u64;
    loop {
        let count = from.read(&mut piece)?;
        if count == 0 {
            return Ok((size, BlobHash::from(hasher.finalize())));
        }
        let bytes = piece.get(..count).unwrap_or_default();
        hasher.update(bytes);
        if let Some(to) = to.as_mut() {
            to.write_all(bytes)?;
        }
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        size = size.saturating_add(count);
        reporter.more(count)?;
    }
}

/// The contents that a backup lists. Blocks.
pub(super) fn listed(folder: &Folder, manifest: &Manifest) -> Result<Vec<BlobHash>, BackupError> {
    let Some(list) = &manifest.files.list else { return Ok(Vec::new()) };
    let mut text = Vec::new();
    let path = folder.path(&manifest.id);
    unseal(&manifest.id, &path, list, &mut text, &Reporter::new())?;
    let damaged = || BackupError::damaged(&manifest.id, &list.name, "it is no list".to_owned());
    let text = String::from_utf8(text).map_err(|_| damaged())?;
    text.lines().map(|line| BlobHash::parse(line).ok_or_else(damaged)).collect()
}

/// Whether all contents of a backup are there, and are what their names say. Blocks.
pub(super) fn check(
    folder: &Folder,
    manifest: &Manifest,
    reporter: &Reporter,
) -> Result<(), BackupError> {
    let pool = pool(folder);
    reporter.begin("checking files", manifest.files.bytes);
    for hash in listed(folder, manifest)? {
        check_one(manifest, &pool.path(&hash), &hash, reporter)?;
    }
    Ok(())
}

fn check_one(
    manifest: &Manifest,
    path: &Path,
    hash: &BlobHash,
    reporter: &Reporter,
) -> Result<(), BackupError> {
    let damaged =
        |what: &str| BackupError::damaged(&manifest.id, &format!("file {hash}"), what.to_owned());
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(damaged("it is missing"));
        }
        Err(error) => return Err(disk("read a copied file")(error)),
    };
    let (_, found) = pass(&mut file, None, reporter).map_err(disk("read a copied file"))?;
    if found == *hash { Ok(()) } else { Err(damaged("its checksum is another one")) }
}

/// Puts the contents of a backup below a data folder, where they are not yet; gives how many. Blocks.
pub(super) fn put_back(
    folder: &Folder,
    manifest: &Manifest,
    data_dir: &Path,
    reporter: &Reporter,
) -> Result<u64, BackupError> {
    let (pool, store) = (pool(folder), BlobStore::new(data_dir.to_owned(), ""));
    reporter.begin("restoring files", manifest.files.bytes);
    let mut count = 0;
    for hash in listed(folder, manifest)? {
        let target = store.path(&hash);
        if target.exists() {
            continue;
        }
        let copied = copy_one(&pool.path(&hash), &target, &hash, reporter);
        if copied.map_err(disk("restore a file of the library"))?.is_none() {
            let what = "it is missing or damaged".to_owned();
            return Err(BackupError::damaged(&manifest.id, &format!("file {hash}"), what));
        }
        count += 1;
    }
    Ok(count)
}

/// The contents that no backup names any more; nothing when that cannot be known. Blocks.
pub(super) fn unnamed(folder: &Folder, kept: &[&Manifest]) -> Result<Vec<PathBuf>, BackupError> {
    let mut named = BTreeSet::new();
    let pool = pool(folder);
    for manifest in kept {
        named.extend(listed(folder, manifest)?.iter().map(|hash| pool.path(hash)));
    }
    let mut unnamed = Vec::new();
    for below in entries(&folder.dir().join("blobs"))? {
        unnamed.extend(entries(&below)?.into_iter().filter(|path| !named.contains(path)));
    }
    Ok(unnamed)
}

fn entries(path: &Path) -> Result<Vec<PathBuf>, BackupError> {
    let reading = disk("look through copied files");
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(reading(error)),
    };
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(entry.map_err(&reading)?.path());
    }
    Ok(paths)
}
