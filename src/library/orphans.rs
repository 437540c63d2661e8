//! Files in the blob store that nothing names any more, and their removal in two phases.
//!
//! ```text
//! old by its time, named by nothing -> set aside (renamed) -> looked at again
//!   -> still old and still named by nothing: removed
//!   -> else: put back
//! ```
//!
//! Invariant: a file that an upload has just put in its place is never lost. Its time is young: it
//! is not set aside, or, where it came in between the look and the renaming, it is put back. What
//! is set aside when the process dies is concluded by the next look.
//!
//! It must not: know what names a file. Its caller asks the database, before and after.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tokio::task::spawn_blocking;

use super::blobs::{BlobHash, BlobStore};
use crate::domain::clock::Timestamp;

/// The files of an installation, for whoever tidies up. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Orphans {
    root: PathBuf,
    blobs: BlobStore,
}

impl Orphans {
    /// The files below `files.data_dir`.
    pub fn new(data_dir: PathBuf) -> Self {
        // Nobody's name: it only finds where files are.
        let blobs = BlobStore::new(data_dir.clone(), "");
        Self { root: data_dir, blobs }
    }

    /// The folders of the store, in order; none when there is no store yet.
    pub async fn folders(&self) -> io::Result<Vec<PathBuf>> {
        let blobs = self.root.join("blobs");
        blocking(move || {
            let mut folders = entries(&blobs)?;
            folders.retain(|path| path.is_dir());
            folders.sort();
            Ok(folders)
        })
        .await
    }

    /// The files of a folder that were written before then. What has no file's name is left alone.
    pub async fn old_in(&self, folder: PathBuf, before: Timestamp) -> io::Result<Vec<BlobHash>> {
        let blobs = self.blobs.clone();
        blocking(move || {
            let mut found = Vec::new();
            for path in entries(&folder)? {
                let Some(hash) = hash_of(&path).filter(|hash| blobs.path(hash) == path) else {
                    continue;
                };
                if written(&path)?.is_some_and(|time| time < before) {
                    found.push(hash);
                }
            }
            Ok(found)
        })
        .await
    }

    /// First phase: takes a file out of its place.
    pub async fn set_aside(&self, hash: &BlobHash) -> io::Result<()> {
        let (from, aside) = (self.blobs.path(hash), self.aside());
        let to = aside.join(hash.as_str());
        blocking(move || {
            fs::create_dir_all(aside)?;
            unless_missing(fs::rename(from, to)).map(drop)
        })
        .await
    }

    /// Files that are set aside, also by an earlier start.
    pub async fn set_aside_before(&self) -> io::Result<Vec<BlobHash>> {
        let aside = self.aside();
        blocking(move || {
            let parse = |path: &PathBuf| BlobHash::parse(path.file_name()?.to_str()?);
            Ok(entries(&aside)?.iter().filter_map(parse).collect())
        })
        .await
    }

    /// Second phase: removes the file, or puts it back when it is named or younger than thought.
    /// Gives the bytes that were freed; none when nothing was removed.
    pub async fn conclude(
        &self,
        hash: &BlobHash,
        is_named: bool,
        before: Timestamp,
    ) -> io::Result<Option<u64>> {
        let (place, aside) = (self.blobs.path(hash), self.aside().join(hash.as_str()));
        blocking(move || {
            let Some(time) = written(&aside)? else { return Ok(None) };
            if is_named || time >= before {
                if let Some(folder) = place.parent() {
                    fs::create_dir_all(folder)?;
                }
                // What may have come into its place meanwhile has the same content.
                fs::rename(&aside, &place)?;
                return Ok(None);
            }
            let size = fs::metadata(&aside)?.len();
            Ok(unless_missing(fs::remove_file(&aside))?.map(|()| size))
        })
        .await
    }

    fn aside(&self) -> PathBuf {
        self.root.join("aside")
    }
}

/// The hash whose two pieces a path ends with.
fn hash_of(path: &Path) -> Option<BlobHash> {
    let folder = path.parent()?.file_name()?.to_str()?;
    BlobHash::parse(&format!("{folder}{}", path.file_name()?.to_str()?))
}

/// When a file was written last; none when it is gone.
fn written(path: &Path) -> io::Result<Option<Timestamp>> {
    let Some(metadata) = unless_missing(fs::metadata(path))? else { return Ok(None) };
    Ok(Some(Timestamp::from(metadata.modified()?)))
}

fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let Some(entries) = unless_missing(fs::read_dir(folder))? else { return Ok(Vec::new()) };
    entries.map(|entry| entry.map(|entry| entry.path())).collect()
}

fn unless_missing<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        other => other.map(Some),
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    spawn_blocking(work).await.map_err(io::Error::other)?
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::domain::clock::{Clock as _, SystemClock};

    fn put(orphans: &Orphans, content: &[u8]) -> BlobHash {
        let hash = BlobHash::from(blake3::hash(content));
        let place = orphans.blobs.path(&hash);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, content).unwrap();
        hash
    }

    async fn old(orphans: &Orphans, before: Timestamp) -> Vec<BlobHash> {
        let mut found = Vec::new();
        for folder in orphans.folders().await.unwrap() {
            found.extend(orphans.old_in(folder, before).await.unwrap());
        }
        found
    }

    #[tokio::test]
    async fn an_old_file_that_nothing_names_goes() {
        let data = tempfile::tempdir().unwrap();
        let orphans = Orphans::new(data.path().to_owned());
        assert_eq!(old(&orphans, SystemClock.now()).await, []);
        let hash = put(&orphans, b"orphan");
        fs::write(data.path().join("blobs/notes.txt"), b"mine").unwrap();
        let later = SystemClock.now() + TimeDelta::hours(1);
        assert_eq!(old(&orphans, later - TimeDelta::hours(2)).await, [], "young");
        assert_eq!(old(&orphans, later).await, std::slice::from_ref(&hash));

        orphans.set_aside(&hash).await.unwrap();
        assert_eq!(orphans.set_aside_before().await.unwrap(), std::slice::from_ref(&hash));
        assert_eq!(orphans.conclude(&hash, false, later).await.unwrap(), Some(6));
        assert_eq!(orphans.set_aside_before().await.unwrap(), []);
        assert!(!orphans.blobs.exists(&hash).await.unwrap());
        assert!(data.path().join("blobs/notes.txt").exists());
        assert_eq!(orphans.conclude(&hash, false, later).await.unwrap(), None, "gone already");
    }

    #[tokio::test]
    async fn what_is_named_or_young_after_all_is_put_back() {
        let data = tempfile::tempdir().unwrap();
        let orphans = Orphans::new(data.path().to_owned());
        let hash = put(&orphans, b"wanted");
        let now = SystemClock.now();
        for (is_named, before) in
            [(true, now + TimeDelta::hours(1)), (false, now - TimeDelta::hours(1))]
        {
            orphans.set_aside(&hash).await.unwrap();
            assert!(!orphans.blobs.exists(&hash).await.unwrap());
            assert_eq!(orphans.conclude(&hash, is_named, before).await.unwrap(), None);
            assert_eq!(fs::read(orphans.blobs.path(&hash)).unwrap(), b"wanted");
        }
    }
}
