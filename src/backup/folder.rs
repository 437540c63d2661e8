//! The folder of the backups: its lock, its names, and what is in it.
//!
//! Invariant: only what has a backup's name is one; a name from outside never becomes another path.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

use super::error::{BackupError, disk};
use super::manifest::{Backend, Manifest};
use super::owner::{give_to_folder, make_private};
use super::seal::sync_folder;
use crate::domain::clock::Timestamp;

/// What is being made, or was broken off.
const PARTIAL: &str = ".partial-";
/// What is being removed.
const REMOVING: &str = ".removing-";

/// A backup, or what is left of one.
pub struct Entry {
    /// Its name.
    pub id: String,
    /// What it is.
    pub manifest: Result<Manifest, BackupError>,
}

/// The folder, for whoever only looks.
#[derive(Debug, Clone)]
pub struct Folder {
    dir: PathBuf,
}

/// The folder, for the one who changes it. The lock ends with this value, or with the process.
pub(super) struct Locked {
    pub folder: Folder,
    _lock: File,
}

impl Folder {
    /// The folder of that path.
    pub const fn new(dir: PathBuf) -> Self {
        Self { dir }
    }

    /// Its path.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The path of a backup.
    pub(super) fn path(&self, id: &str) -> PathBuf {
        self.dir.join(id)
    }

    /// All backups, the newest first. Blocks.
    pub fn list(&self) -> Result<Vec<Entry>, BackupError> {
        let entry = |id: String| {
            let manifest = Manifest::read(&id, &self.path(&id));
            Entry { id, manifest }
        };
        Ok(self.ids()?.into_iter().map(entry).collect())
    }

    /// One backup. Blocks.
    pub fn open(&self, id: &str) -> Result<Manifest, BackupError> {
        if !is_id(id) || !self.path(id).is_dir() {
            return Err(BackupError::NoBackup { id: id.to_owned(), dir: self.dir.clone() });
        }
        Manifest::read(id, &self.path(id))
    }

    /// The names of all backups, the newest first; none when there is no folder yet.
    fn ids(&self) -> Result<Vec<String>, BackupError> {
        let mut ids: Vec<String> = self.names()?.into_iter().filter(|name| is_id(name)).collect();
        // Names begin with their time; a second of the same second has a number behind it.
        ids.sort_by_key(|id| (id.get(..16).unwrap_or_default().to_owned(), id.len(), id.clone()));
        ids.reverse();
        Ok(ids)
    }

    fn names(&self) -> Result<Vec<String>, BackupError> {
        let reading = disk("read the folder of the backups");
        let entries = match fs::read_dir(&self.dir) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(reading(error)),
        };
        let mut names = Vec::new();
        for entry in entries {
            names.extend(entry.map_err(&reading)?.file_name().into_string());
        }
        Ok(names)
    }

    /// Bytes that this program may still write there. Blocks.
    pub(super) fn free_bytes(&self) -> Result<u64, BackupError> {
        let stat = rustix::fs::statvfs(&self.dir).map_err(io::Error::from);
        let stat = stat.map_err(disk("ask for free space"))?;
        Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
    }

    /// Refuses what there is no room for. Blocks.
    pub(super) fn must_hold(&self, needed: u64) -> Result<(), BackupError> {
        const MB: u64 = 1 << 20;
        let free = self.free_bytes()?;
        if free >= needed {
            return Ok(());
        }
        let (free_mb, needed_mb) = (free / MB, needed.div_ceil(MB));
        Err(BackupError::NoRoom { dir: self.dir.clone(), free_mb, needed_mb })
    }

    /// Makes the folder if it is not there, takes its lock, and clears what was broken off. Blocks.
    pub(super) fn lock(&self) -> Result<Locked, BackupError> {
        make_private(&self.dir).map_err(disk("make the folder of the backups"))?;
        let taking = disk("lock the folder of the backups");
        let path = self.dir.join(".lock");
        let lock =
            OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path);
        let lock = lock.map_err(&taking)?;
        give_to_folder(&lock, &path).map_err(&taking)?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => return Err(BackupError::Busy(self.dir.clone())),
            Err(error) => return Err(taking(error.into())),
        }
        for name in self.names()? {
            if name.starts_with(PARTIAL) || name.starts_with(REMOVING) {
                tracing::info!(name, "a backup that was broken off is removed");
                fs::remove_dir_all(self.dir.join(name)).map_err(disk("remove a left-over"))?;
            }
        }
        Ok(Locked { folder: self.clone(), _lock: lock })
    }
}

impl Locked {
    /// Begins a backup. Blocks.
    pub fn begin(&self, at: Timestamp, backend: Backend) -> Result<Partial, BackupError> {
        let base = format!("{}-{}", at.format("%Y%m%dT%H%M%SZ"), backend.name());
        let taken = |id: &String| self.folder.path(id).exists();
        let mut id = base.clone();
        let mut number = 2;
        while taken(&id) {
            id = format!("{base}-{number}");
            number += 1;
        }
        let path = self.folder.path(&format!("{PARTIAL}{id}"));
        make_private(&path).map_err(disk("begin a backup"))?;
        Ok(Partial { id, path, is_placed: false })
    }

    /// Gives a backup that is complete its name. Blocks.
    pub fn place(&self, mut partial: Partial) -> Result<PathBuf, BackupError> {
        let target = self.folder.path(&partial.id);
        let place = || {
            sync_folder(&partial.path)?;
            fs::rename(&partial.path, &target)?;
            sync_folder(&self.folder.dir)
        };
        place().map_err(disk("put the backup in its place"))?;
        partial.is_placed = true;
        Ok(target)
    }

    /// Removes a backup: from its name at once, then its files. Blocks.
    pub fn remove(&self, id: &str) -> Result<(), BackupError> {
        let going = self.folder.path(&format!("{REMOVING}{id}"));
        let remove = || {
            fs::rename(self.folder.path(id), &going)?;
            sync_folder(&self.folder.dir)?;
            fs::remove_dir_all(&going)
        };
        remove().map_err(disk("remove a backup"))
    }
}

/// A backup that is being made. It goes with this value, unless it was placed.
pub(super) struct Partial {
    pub id: String,
    pub path: PathBuf,
    is_placed: bool,
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.is_placed {
            // What cannot be removed now is cleared by whoever takes the lock next.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// The newest backup of a folder that was proven by restoring it. Blocks.
pub fn newest_proven(dir: &Path) -> Result<Option<Manifest>, BackupError> {
    let folder = Folder::new(dir.to_owned());
    for id in folder.ids()? {
        // One that cannot be read proves nothing; `backup list` tells of it.
        if let Ok(manifest) = folder.open(&id)
            && manifest.verified_at.is_some()
        {
            return Ok(Some(manifest));
        }
    }
    Ok(None)
}

/// Whether a text is the name of a backup: `20261129T101500Z-sqlite`, perhaps with a number.
fn is_id(text: &str) -> bool {
    let Some((at, rest)) = text.split_at_checked(16) else { return false };
    let digits = |part: Option<&str>| {
        part.is_some_and(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let is_time = digits(at.get(..8))
        && at.get(8..9) == Some("T")
        && digits(at.get(9..15))
        && at.get(15..) == Some("Z");
    let Some(rest) = rest.strip_prefix('-') else { return false };
    let (backend, number) = rest.split_once('-').map_or((rest, None), |(a, b)| (a, Some(b)));
    let is_number = number.is_none_or(|number| !number.is_empty() && digits(Some(number)));
    is_time
        && is_number
        && [Backend::Sqlite, Backend::Postgres].iter().any(|it| it.name() == backend)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_backups_are_taken_for_some() {
        for good in
            ["20261129T101500Z-sqlite", "20261129T101500Z-postgres", "20261129T101500Z-sqlite-2"]
        {
            assert!(is_id(good), "{good}");
        }
        for bad in [
            "",
            "..",
            "blobs",
            "20261129T101500Z",
            "20261129T101500Z-",
            "20261129T101500Z-mysql",
            "20261129T101500Z-sqlite-",
            "20261129T101500Z-sqlite-2/..",
            "2026112xT101500Z-sqlite",
            ".partial-20261129T101500Z-sqlite",
            "20261129T101500Z-sqlite/../x",
            "ы0261129T101500Z-sqlite",
        ] {
            assert!(!is_id(bad), "{bad}");
        }
    }

    #[test]
    fn the_lock_is_had_by_one_and_left_overs_go() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::new(root.path().join("backups"));
        let left = folder.path(".partial-20261129T101500Z-sqlite");
        fs::create_dir_all(&left).unwrap();
        fs::write(left.join("database.sqlite.zst"), b"half").unwrap();
        let locked = folder.lock().unwrap();
        assert!(!left.exists());
        assert!(matches!(folder.lock(), Err(BackupError::Busy(_))));
        let at = chrono::DateTime::UNIX_EPOCH;
        let first = locked.begin(at, Backend::Sqlite).unwrap();
        let path = locked.place(first).unwrap();
        assert!(path.ends_with("19700101T000000Z-sqlite"));
        let second = locked.begin(at, Backend::Sqlite).unwrap();
        assert_eq!(second.id, "19700101T000000Z-sqlite-2");
        let half = second.path.clone();
        drop(second);
        assert!(!half.exists() && path.exists());
        drop(locked);
        assert_eq!(folder.ids().unwrap(), ["19700101T000000Z-sqlite"]);
        drop(folder.lock().unwrap());
    }
}
