//! Files by their content: `<root>/blobs/ab/cdef…` named by BLAKE3, and `<root>/tmp` for what is
//! still being fetched.
//!
//! Invariants: a blob's name is a validated hash, so that no name from outside ever becomes a path;
//! what stands under a name is complete, as it is synced before it is renamed into place; a blob is
//! never changed, only written again with the same content. A blob without a row (a crash between
//! the rename and the commit) is harmless: the next attempt at that file finds it there.
//!
//! It must not: know what a file is, or whether anybody needs it.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::task::spawn_blocking;

use crate::domain::clock::Timestamp;

/// Temporary files of other instances are taken for left behind after so long without a write:
/// longer than any transfer may take.
const ABANDONED_AFTER: Duration = Duration::from_hours(48);

/// The end of every temporary file's name.
const TEMP_SUFFIX: &str = ".part";

/// Longest part of an instance's name that goes into file names.
const OWNER_MAX_CHARS: usize = 64;

/// What the disk refused.
#[derive(Debug, thiserror::Error)]
#[error("cannot {what}")]
pub struct BlobError {
    what: &'static str,
    #[source]
    source: io::Error,
}

impl BlobError {
    /// Whether there is no room left.
    pub fn is_full(&self) -> bool {
        is_disk_full(&self.source)
    }

    pub(super) fn new(what: &'static str) -> impl Fn(io::Error) -> Self {
        move |source| Self { what, source }
    }
}

/// Whether an error of the system says that there is no room left.
pub fn is_disk_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// The name of a content: BLAKE3 as 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BlobHash(String);

impl BlobHash {
    /// The hash written as `text`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let is_hash = text.len() == 2 * blake3::OUT_LEN && text.bytes().all(is_digit);
        is_hash.then(|| Self(text.to_owned()))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<blake3::Hash> for BlobHash {
    fn from(hash: blake3::Hash) -> Self {
        Self(hash.to_hex().to_string())
    }
}

impl fmt::Display for BlobHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A file of its own in `tmp`, which goes when this value goes.
#[derive(Debug)]
pub struct TempFile {
    path: PathBuf,
    is_kept: bool,
}

impl TempFile {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        if !self.is_kept {
            // What cannot be removed now is swept at the next start.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The files of an installation. Cheap to clone.
#[derive(Debug, Clone)]
pub struct BlobStore {
    root: PathBuf,
    /// The instance, as it stands in the names of temporary files.
    owner: String,
}

impl BlobStore {
    /// The files below `root` (`files.data_dir`), which several instances may share: `instance`
    /// tells their temporary files apart.
    pub fn new(root: PathBuf, instance: &str) -> Self {
        let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
        let owner = instance.chars().take(OWNER_MAX_CHARS).map(plain).collect();
        Self { root, owner }
    }

    /// Where the content of that name is, or would be.
    pub fn path(&self, hash: &BlobHash) -> PathBuf {
        let (folder, name) = hash.0.split_at_checked(2).unwrap_or(("", &hash.0));
        self.blobs().join(folder).join(name)
    }

    /// Whether the content of that name is there.
    pub async fn exists(&self, hash: &BlobHash) -> Result<bool, BlobError> {
        tokio::fs::try_exists(self.path(hash)).await.map_err(BlobError::new("look for a blob"))
    }

    /// A new empty temporary file for one attempt at a job. An attempt's token is its own, so a
    /// file of that name can only be its own, too, and begins anew.
    pub async fn create_temp(
        &self,
        job: i64,
        token: i64,
    ) -> Result<(TempFile, tokio::fs::File), BlobError> {
        let folder = self.temporary();
        let path = folder.join(format!("{}.{job}-{token}{TEMP_SUFFIX}", self.owner));
        // In one piece: were the caller's future dropped in between, the file would stay.
        let create = move || {
            fs::create_dir_all(folder)?;
            let file = fs::File::create(&path)?;
            Ok((TempFile { path, is_kept: false }, file))
        };
        let created = blocking(create).await.map_err(BlobError::new("create a temporary file"))?;
        let (temp, file) = created;
        Ok((temp, tokio::fs::File::from_std(file)))
    }

    /// Puts a complete temporary file in its place as `hash`, durably: the file, its folder and
    /// the folder above are synced. A blob that is there already is replaced by the same content.
    pub async fn commit(&self, temp: TempFile, hash: &BlobHash) -> Result<(), BlobError> {
        let target = self.path(hash);
        blocking(move || place(temp, &target)).await.map_err(BlobError::new("store a blob"))
    }

    /// Removes temporary files that an earlier start of this instance, or a vanished other one,
    /// left behind. Gives how many there were. Call it before this start makes any.
    pub async fn sweep(&self, now: Timestamp) -> Result<usize, BlobError> {
        let (folder, owner) = (self.temporary(), self.owner.clone());
        blocking(move || sweep(&folder, &owner, now))
            .await
            .map_err(BlobError::new("sweep temporary files"))
    }

    fn temporary(&self) -> PathBuf {
        self.root.join("tmp")
    }

    fn blobs(&self) -> PathBuf {
        self.root.join("blobs")
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    spawn_blocking(work).await.map_err(io::Error::other)?
}

fn place(mut temp: TempFile, target: &Path) -> io::Result<()> {
    let folder = target.parent().ok_or(io::ErrorKind::InvalidInput)?;
    fs::create_dir_all(folder)?;
    fs::File::open(&temp.path)?.sync_all()?;
    fail_point!(RenameBefore => io::Error::other("a fail point"));
    fs::rename(&temp.path, target)?;
    temp.is_kept = true;
    fail_point!(RenameAfter => io::Error::other("a fail point"));
    fs::File::open(folder)?.sync_all()?;
    match folder.parent() {
        Some(above) => fs::File::open(above)?.sync_all(),
        None => Ok(()),
    }
}

fn sweep(folder: &Path, owner: &str, now: Timestamp) -> io::Result<usize> {
    fail_point!(BlobSweep => io::Error::other("a fail point"));
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    let mut swept = 0;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let Some(whose) = name.to_str().and_then(owner_of) else { continue };
        if whose == owner || is_abandoned(&entry, now)? {
            fs::remove_file(entry.path())?;
            swept += 1;
        }
    }
    Ok(swept)
}

/// Whose temporary file it is; `None` when the name is not one that we give.
fn owner_of(name: &str) -> Option<&str> {
    let (owner, attempt) = name.strip_suffix(TEMP_SUFFIX)?.split_once('.')?;
    let (job, token) = attempt.split_once('-')?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    (is_number(job) && is_number(token)).then_some(owner)
}

fn is_abandoned(entry: &fs::DirEntry, now: Timestamp) -> io::Result<bool> {
    let written = Timestamp::from(entry.metadata()?.modified()?);
    let age = now.signed_duration_since(written).to_std().unwrap_or_default();
    Ok(age > ABANDONED_AFTER)
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt as _;

    use super::*;
    use crate::domain::clock::{Clock as _, SystemClock};

    fn store(root: &Path) -> BlobStore {
        BlobStore::new(root.to_owned(), "school/1")
    }

    async fn temp_with(store: &BlobStore, content: &[u8]) -> TempFile {
        let (temp, mut file) = store.create_temp(7, 1).await.unwrap();
        file.write_all(content).await.unwrap();
        file.flush().await.unwrap();
        temp
    }

    #[test]
    fn only_hashes_are_names() {
        let digits = "0123456789abcdef".repeat(4);
        assert_eq!(BlobHash::parse(&digits).map(|hash| hash.to_string()), Some(digits.clone()));
        let short = digits.get(1..).unwrap_or_default();
        for bad in ["", "..", "../etc/passwd", short, &digits.to_uppercase(), &"/".repeat(64)] {
            assert_eq!(BlobHash::parse(bad), None, "{bad}");
        }
    }

    #[tokio::test]
    async fn a_committed_file_stands_under_its_hash_and_can_be_committed_again() {
        let root = tempfile::tempdir().unwrap();
        let store = store(root.path());
        let hash = BlobHash::from(blake3::hash(b"content"));
        assert!(!store.exists(&hash).await.unwrap());
        for _ in 0..2 {
            let temp = temp_with(&store, b"content").await;
            let path = temp.path().to_owned();
            store.commit(temp, &hash).await.unwrap();
            assert!(!path.exists());
        }
        assert!(store.exists(&hash).await.unwrap());
        let (folder, name) = hash.as_str().split_at(2);
        let stored = root.path().join("blobs").join(folder).join(name);
        assert_eq!(std::fs::read(stored).unwrap(), b"content");
    }

    #[tokio::test]
    async fn a_dropped_temporary_file_is_gone() {
        let root = tempfile::tempdir().unwrap();
        let temp = temp_with(&store(root.path()), b"half").await;
        let path = temp.path().to_owned();
        assert!(path.exists());
        drop(temp);
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn the_sweep_takes_what_is_left_of_this_instance_and_nothing_else() {
        let root = tempfile::tempdir().unwrap();
        let store = store(root.path());
        assert_eq!(store.sweep(SystemClock.now()).await.unwrap(), 0);
        let tmp = root.path().join("tmp");
        std::fs::create_dir_all(&tmp).unwrap();
        let names = ["school_1.7-1.part", "other.7-1.part", "school_1.x-1.part", "notes.txt"];
        for name in names {
            std::fs::write(tmp.join(name), b"").unwrap();
        }
        assert_eq!(store.sweep(SystemClock.now()).await.unwrap(), 1);
        assert!(!tmp.join(names[0]).exists());
        assert!(names[1..].iter().all(|name| tmp.join(name).exists()));

        let later = SystemClock.now() + 2 * ABANDONED_AFTER;
        assert_eq!(store.sweep(later).await.unwrap(), 1);
        assert!(!tmp.join("other.7-1.part").exists());
    }
}
