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
use super::folder::Folder;
use super::manifest::{FileCopies, Manifest};
use super::owner::make_private;
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
        let there = size_of(&from.path(&hash))?;
        (size_of(&pool.path(&hash)) != Some(there)).then_some(there)
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
        let (source, target) = (from.path(&hash), pool.path(&hash));
        let size = keep_or_copy(&source, &target, &hash, reporter);
        if let Some(size) = size.map_err(disk("copy a file of the library"))? {
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

fn size_of(path: &Path) -> Option<u64> {
    fs::metadata(path).ok().map(|there| there.len())
}

/// The size of a content at its place, after copying it there if need be; none when it is nowhere as
/// its name says. What is there as large as its source is believed: [`check`] is who reads it.
fn keep_or_copy(
    from: &Path,
    to: &Path,
    hash: &BlobHash,
    reporter: &Reporter,
) -> io::Result<Option<u64>> {
    let (source, there) = (size_of(from), size_of(to));
    if there.is_some() && (source.is_none() || source == there) {
        return Ok(there);
    }
    if let Some(size) = copy_one(from, to, hash, reporter)? {
        return Ok(Some(size));
    }
    if there.is_none() {
        return Ok(None);
    }
    // One of the two is cut: perhaps the source.
    let (size, found) = pass(&mut File::open(to)?, None, &Reporter::new())?;
    if found == *hash {
        return Ok(Some(size));
    }
    set_aside(to)?;
    Ok(None)
}

/// Takes its name from a copy that is not what the name says, so that the next backup copies it again.
fn set_aside(path: &Path) -> io::Result<()> {
    let mut aside = path.to_owned().into_os_string();
    aside.push(".damaged");
    fs::rename(path, aside)
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

/// Whether all contents of a backup are there, and are what their names say. All are looked at, those
/// that are not lose their names, and the first is told. Only for whoever holds the lock. Blocks.
pub(super) fn check(
    folder: &Folder,
    manifest: &Manifest,
    reporter: &Reporter,
) -> Result<(), BackupError> {
    let pool = pool(folder);
    reporter.begin("checking files", manifest.files.bytes);
    let (mut first, mut count) = (None, 0_u64);
    for hash in listed(folder, manifest)? {
        let path = pool.path(&hash);
        let fault = fault_of(&path, &hash, reporter).map_err(disk("read a copied file"))?;
        let Some(what) = fault else { continue };
        if what == ROTTEN {
            set_aside(&path).map_err(disk("set a damaged file aside"))?;
        }
        tracing::warn!(%hash, what, "a file of a backup is damaged");
        first.get_or_insert((hash, what));
        count += 1;
    }
    let Some((hash, what)) = first else { return Ok(()) };
    let more = if count > 1 { format!(" ({count} such files)") } else { String::new() };
    Err(BackupError::damaged(&manifest.id, &format!("file {hash}"), format!("{what}{more}")))
}

/// A content that is there, and is another one.
const ROTTEN: &str = "its checksum is another one";

fn fault_of(path: &Path, hash: &BlobHash, reporter: &Reporter) -> io::Result<Option<&'static str>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Some("it is missing")),
        Err(error) => return Err(error),
    };
    let (_, found) = pass(&mut file, None, reporter)?;
    Ok((found != *hash).then_some(ROTTEN))
}

/// What was put back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct PutBack {
    /// Contents that were not there, and are.
    pub done: u64,
    /// Contents that the backup has lost.
    pub lost: u64,
}

/// Puts the contents of a backup below a data folder, where they are not yet. One that is lost keeps no
/// other back. Blocks.
pub(super) fn put_back(
    folder: &Folder,
    manifest: &Manifest,
    data_dir: &Path,
    reporter: &Reporter,
) -> Result<PutBack, BackupError> {
    let (pool, store) = (pool(folder), BlobStore::new(data_dir.to_owned(), ""));
    reporter.begin("restoring files", manifest.files.bytes);
    let mut result = PutBack::default();
    for hash in listed(folder, manifest)? {
        let (source, target) = (pool.path(&hash), store.path(&hash));
        let (copy, there) = (size_of(&source), size_of(&target));
        if there.is_some() && (copy.is_none() || copy == there) {
            continue;
        }
        let copied = copy_one(&source, &target, &hash, reporter);
        if copied.map_err(disk("restore a file of the library"))?.is_some() {
            result.done += 1;
        } else {
            tracing::warn!(%hash, "a file of the backup is missing or damaged, and not put back");
            result.lost += 1;
        }
    }
    Ok(result)
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
