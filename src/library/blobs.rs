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

use tokio::task::spawn_blocking;

use crate::domain::clock::Timestamp;

mod temp;

pub use temp::{AttemptId, Kept, TempFile};

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

    /// Puts a complete temporary file in its place as `hash`, durably: the file, its folder and
    /// the folder above are synced. A blob that is there already is replaced by the same content.
    pub async fn commit(&self, temp: TempFile, hash: &BlobHash) -> Result<(), BlobError> {
        let target = self.path(hash);
        blocking(move || place(temp, &target)).await.map_err(BlobError::new("store a blob"))
    }

    /// Takes up what an earlier start of this instance, or a vanished other one, left behind: what a
    /// later attempt can go on with is kept, the rest removed. Gives how much was removed. Call it
    /// before this start makes any.
    pub async fn sweep(&self, now: Timestamp) -> Result<usize, BlobError> {
        let (folder, owner) = (self.temporary(), self.owner.clone());
        blocking(move || temp::sweep(&folder, &owner, now))
            .await
            .map_err(BlobError::new("sweep temporary files"))
    }

    /// The unfinished files that this instance keeps for later attempts, the oldest first.
    pub async fn kept(&self) -> Result<Vec<Kept>, BlobError> {
        let (folder, owner) = (self.temporary(), self.owner.clone());
        blocking(move || temp::kept(&folder, &owner))
            .await
            .map_err(BlobError::new("list temporary files"))
    }

    /// Removes what is kept of a job.
    pub async fn forget(&self, job: i64) -> Result<(), BlobError> {
        for kept in self.kept().await?.into_iter().filter(|kept| kept.job == job) {
            kept.remove().await;
        }
        Ok(())
    }

    /// Bytes that this program may still write there.
    pub async fn free_bytes(&self) -> Result<u64, BlobError> {
        let root = self.root.clone();
        let free = move || {
            fs::create_dir_all(&root)?;
            let disk = rustix::fs::statvfs(&root)?;
            Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
        };
        blocking(free).await.map_err(BlobError::new("ask for free space"))
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
    fs::File::open(temp.path())?.sync_all()?;
    fail_point!(RenameBefore => io::Error::other("a fail point"));
    fs::rename(temp.path(), target)?;
    temp.is_placed();
    fail_point!(RenameAfter => io::Error::other("a fail point"));
    fs::File::open(folder)?.sync_all()?;
    match folder.parent() {
        Some(above) => fs::File::open(above)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn store(root: &Path) -> BlobStore {
        BlobStore::new(root.to_owned(), "school/1")
    }

    fn temp_with(store: &BlobStore, content: &[u8]) -> TempFile {
        let attempt = AttemptId { job: 7, token: 1 };
        let (temp, mut file) = store.create_temp(attempt, None).unwrap();
        file.write_all(content).unwrap();
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
            let temp = temp_with(&store, b"content");
            let path = temp.path().to_owned();
            store.commit(temp, &hash).await.unwrap();
            assert!(!path.exists());
        }
        assert!(store.exists(&hash).await.unwrap());
        let (folder, name) = hash.as_str().split_at(2);
        let stored = root.path().join("blobs").join(folder).join(name);
        assert_eq!(std::fs::read(stored).unwrap(), b"content");
    }

    #[test]
    fn a_dropped_temporary_file_is_gone() {
        let root = tempfile::tempdir().unwrap();
        let temp = temp_with(&store(root.path()), b"half");
        let path = temp.path().to_owned();
        assert!(path.exists());
        drop(temp);
        assert!(!path.exists());
    }
}
