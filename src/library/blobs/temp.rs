//! Temporary files: one for each attempt at a job, and what unfinished ones leave for the next.
//!
//! | name | what |
//! |---|---|
//! | `<instance>.<job>-<token>.part` | being written |
//! | `<instance>.<job>-<token>-<total>-<boot>.part` | the same, of a content of a known size |
//! | `<instance>.<job>-<total>-<boot>.kept` | its beginning: a later attempt goes on behind it |
//!
//! Invariants: a file has one writer, as only a writer that has ended, or a start of the instance
//! that has not begun any, makes a kept file of it, and taking that one up gives it a new name. What
//! was written before the machine itself went down is never taken up, as the system may have lost
//! its end: hence `<boot>`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{BlobError, BlobStore};
use crate::domain::clock::Timestamp;

/// Temporary files of other instances are taken for left behind after so long without a write:
/// longer than any transfer may take.
const ABANDONED_AFTER: Duration = Duration::from_hours(48);

/// What nobody took up for so long is not kept over the next start.
const KEPT_FOR: Duration = Duration::from_hours(6);

/// The end of the name of a file that is being written.
const TEMP_SUFFIX: &str = ".part";

/// The end of the name of an unfinished file that waits for the next attempt.
const KEPT_SUFFIX: &str = ".kept";

/// Which boot of the machine this is: `boot_id` in random(4).
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// Digits of it that go into names.
const BOOT_DIGITS: usize = 8;

/// One attempt at a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttemptId {
    /// The job.
    pub job: i64,
    /// The attempt's own token.
    pub token: i64,
}

/// A file of its own in `tmp`. It goes when this value goes, unless it is kept.
#[derive(Debug)]
pub struct TempFile {
    path: PathBuf,
    /// The name under which it may be kept.
    kept_path: Option<PathBuf>,
    end: End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Remove,
    Keep,
    Placed,
}

impl TempFile {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Leaves it for a later attempt, if it has a size to be finished to and is not empty.
    pub fn keep(mut self) {
        self.end = End::Keep;
    }

    /// Its content, and with it its size, is another from now on; it must have been emptied.
    ///
    /// Blocks.
    pub fn rename_for(
        &mut self,
        blobs: &BlobStore,
        attempt: AttemptId,
        total: Option<u64>,
    ) -> Result<(), BlobError> {
        let mut renamed = blobs.temp_file(attempt, total);
        fs::rename(&self.path, &renamed.path).map_err(BlobError::new("rename a temporary file"))?;
        std::mem::swap(self, &mut renamed);
        // Nothing stands under its old name any more.
        renamed.end = End::Placed;
        Ok(())
    }

    /// It is a blob now.
    pub(super) fn is_placed(&mut self) {
        self.end = End::Placed;
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        // What cannot be removed now is swept at the next start.
        match (self.end, &self.kept_path) {
            (End::Placed, _) => {}
            (End::Keep, Some(kept)) if length_of(&self.path) > 0 => {
                let _ = fs::rename(&self.path, kept);
            }
            _ => {
                let _ = fs::remove_file(&self.path);
            }
        }
    }
}

/// An unfinished file that waits for the next attempt at its job.
#[derive(Debug)]
pub struct Kept {
    /// The job.
    pub job: i64,
    /// Bytes that are there.
    pub length: u64,
    written: Timestamp,
    path: PathBuf,
}

impl Kept {
    /// Removes it.
    pub async fn remove(self) {
        // Taken up or removed by somebody else meanwhile: as well.
        let _ = tokio::fs::remove_file(self.path).await;
    }
}

impl BlobStore {
    /// A new empty temporary file. An attempt's token is its own, so a file of that name can only be
    /// its own, too, and begins anew. With the size that it is to reach, it may be kept unfinished.
    ///
    /// Blocks.
    pub fn create_temp(
        &self,
        attempt: AttemptId,
        total: Option<u64>,
    ) -> Result<(TempFile, fs::File), BlobError> {
        let temp = self.temp_file(attempt, total);
        let create = || {
            fs::create_dir_all(self.temporary())?;
            fs::File::options().read(true).write(true).create(true).truncate(true).open(temp.path())
        };
        let file = create().map_err(BlobError::new("create a temporary file"))?;
        Ok((temp, file))
    }

    /// Takes up what an earlier attempt at the job has kept of a content of that size. It is read
    /// and written from its beginning.
    ///
    /// Blocks.
    pub fn take_up_temp(
        &self,
        attempt: AttemptId,
        total: u64,
    ) -> Result<Option<(TempFile, fs::File)>, BlobError> {
        let temp = self.temp_file(attempt, Some(total));
        let take_up = || {
            let Some(kept) = &temp.kept_path else { return Ok(None) };
            match fs::rename(kept, temp.path()) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(error),
            }
            fs::File::options().read(true).write(true).open(temp.path()).map(Some)
        };
        let file = take_up().map_err(BlobError::new("take up a temporary file"))?;
        Ok(file.map(|file| (temp, file)))
    }

    fn temp_file(&self, attempt: AttemptId, total: Option<u64>) -> TempFile {
        let (folder, owner) = (self.temporary(), &self.owner);
        let AttemptId { job, token } = attempt;
        let content = total.zip(this_boot()).map(|(total, boot)| format!("{total}-{boot}"));
        let (name, kept_path) = match content {
            None => (format!("{owner}.{job}-{token}{TEMP_SUFFIX}"), None),
            Some(content) => (
                format!("{owner}.{job}-{token}-{content}{TEMP_SUFFIX}"),
                Some(folder.join(format!("{owner}.{job}-{content}{KEPT_SUFFIX}"))),
            ),
        };
        TempFile { path: folder.join(name), kept_path, end: End::Remove }
    }
}

fn this_boot() -> Option<String> {
    let id = fs::read_to_string(BOOT_ID).ok()?;
    let digits: String = id.chars().take(BOOT_DIGITS).collect();
    let is_id = digits.len() == BOOT_DIGITS && digits.bytes().all(|b| b.is_ascii_hexdigit());
    is_id.then_some(digits)
}

fn length_of(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}

/// A name of ours, read.
#[derive(Debug, PartialEq, Eq)]
struct Name<'a> {
    owner: &'a str,
    job: i64,
    /// Whether somebody writes it, or did when the process ended.
    is_part: bool,
    /// `<total>-<boot>`, as in the name under which it may be kept.
    content: Option<&'a str>,
}

/// `None` when the name is not one that we give.
fn read(name: &str) -> Option<Name<'_>> {
    let (name, is_part) = match name.strip_suffix(TEMP_SUFFIX) {
        Some(rest) => (rest, true),
        None => (name.strip_suffix(KEPT_SUFFIX)?, false),
    };
    let (owner, rest) = name.split_once('.')?;
    let (job, rest) = rest.split_once('-')?;
    let job = number(job)?.try_into().ok()?;
    let content = match (is_part, rest.split_once('-')) {
        (false, Some(_)) => Some(rest),
        (false, None) => return None,
        (true, Some((token, content))) => number(token).map(|_| content).map(Some)?,
        (true, None) => number(rest).map(|_| None)?,
    };
    let is_content = |text: &str| {
        text.split_once('-').is_some_and(|(total, boot)| {
            number(total).is_some() && boot.bytes().all(|b| b.is_ascii_hexdigit())
        })
    };
    content.is_none_or(is_content).then_some(Name { owner, job, is_part, content })
}

/// Digits alone.
fn number(text: &str) -> Option<u64> {
    if text.bytes().all(|b| b.is_ascii_digit()) { text.parse().ok() } else { None }
}

/// Removes what is of no use any more, and keeps the rest for later.
pub(super) fn sweep(folder: &Path, owner: &str, now: Timestamp) -> io::Result<usize> {
    fail_point!(BlobSweep => io::Error::other("a fail point"));
    let boot = this_boot();
    let mut swept = 0;
    for entry in entries(folder)? {
        let entry = entry?;
        let file_name = entry.file_name();
        let Some(name) = file_name.to_str().and_then(read) else { continue };
        let age = age(&entry, now)?;
        if name.owner != owner {
            if age > ABANDONED_AFTER {
                fs::remove_file(entry.path())?;
                swept += 1;
            }
            continue;
        }
        let content = name.content.filter(|content| {
            let is_whole = boot.as_ref().is_some_and(|boot| content.ends_with(boot.as_str()));
            is_whole && age <= KEPT_FOR && length_of(&entry.path()) > 0
        });
        match content {
            Some(content) if name.is_part => {
                let kept = format!("{owner}.{}-{content}{KEPT_SUFFIX}", name.job);
                fs::rename(entry.path(), folder.join(kept))?;
            }
            Some(_) => {}
            None => {
                fs::remove_file(entry.path())?;
                swept += 1;
            }
        }
    }
    Ok(swept)
}

/// What is kept, the oldest first.
pub(super) fn kept(folder: &Path, owner: &str) -> io::Result<Vec<Kept>> {
    let mut all = Vec::new();
    for entry in entries(folder)? {
        let entry = entry?;
        let file_name = entry.file_name();
        let Some(name) = file_name.to_str().and_then(read) else { continue };
        if name.is_part || name.owner != owner {
            continue;
        }
        // Taken up in between.
        let Ok(metadata) = entry.metadata() else { continue };
        let (length, written) = (metadata.len(), Timestamp::from(metadata.modified()?));
        all.push(Kept { job: name.job, length, written, path: entry.path() });
    }
    all.sort_by_key(|kept| kept.written);
    Ok(all)
}

/// What is in the folder; nothing when it was never made.
fn entries(folder: &Path) -> io::Result<impl Iterator<Item = io::Result<fs::DirEntry>>> {
    match fs::read_dir(folder) {
        Ok(entries) => Ok(Some(entries).into_iter().flatten()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None.into_iter().flatten()),
        Err(error) => Err(error),
    }
}

fn age(entry: &fs::DirEntry, now: Timestamp) -> io::Result<Duration> {
    let written = Timestamp::from(entry.metadata()?.modified()?);
    Ok(now.signed_duration_since(written).to_std().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use super::*;
    use crate::domain::clock::{Clock as _, SystemClock};

    const FIRST: AttemptId = AttemptId { job: 7, token: 1 };
    const SECOND: AttemptId = AttemptId { job: 7, token: 2 };

    fn store(root: &Path) -> BlobStore {
        BlobStore::new(root.to_owned(), "school/1")
    }

    fn begun(store: &BlobStore, total: Option<u64>, content: &[u8]) -> TempFile {
        let (temp, mut file) = store.create_temp(FIRST, total).unwrap();
        file.write_all(content).unwrap();
        temp
    }

    fn taken_up(store: &BlobStore, total: u64) -> Option<Vec<u8>> {
        let (_temp, mut file) = store.take_up_temp(SECOND, total).unwrap()?;
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        Some(content)
    }

    fn files(root: &Path) -> usize {
        std::fs::read_dir(root.join("tmp")).unwrap().count()
    }

    #[test]
    fn what_is_kept_is_taken_up_once_and_only_for_the_same_size() {
        let root = tempfile::tempdir().unwrap();
        let store = store(root.path());
        begun(&store, Some(10), b"half").keep();
        assert_eq!(taken_up(&store, 11), None);
        assert_eq!(taken_up(&store, 10), Some(b"half".to_vec()));
        assert_eq!(taken_up(&store, 10), None);
        // Its new owner has let it go.
        assert_eq!(files(root.path()), 0);
    }

    #[test]
    fn what_is_empty_or_of_unknown_size_is_not_kept() {
        let root = tempfile::tempdir().unwrap();
        let store = store(root.path());
        begun(&store, Some(10), b"").keep();
        begun(&store, None, b"half").keep();
        drop(begun(&store, Some(10), b"half"));
        assert_eq!(files(root.path()), 0);
    }

    #[tokio::test]
    async fn what_a_killed_process_left_is_kept_unless_the_machine_went_down() {
        let root = tempfile::tempdir().unwrap();
        let store = store(root.path());
        std::mem::forget(begun(&store, Some(10), b"half"));
        std::fs::write(root.path().join("tmp/school_1.8-1-10-00000000.part"), b"torn").unwrap();
        assert_eq!(store.sweep(SystemClock.now()).await.unwrap(), 1);
        let kept = store.kept().await.unwrap();
        assert_eq!(kept.iter().map(|kept| (kept.job, kept.length)).collect::<Vec<_>>(), [(7, 4)]);
        assert_eq!(store.sweep(SystemClock.now()).await.unwrap(), 0);
        assert_eq!(taken_up(&store, 10), Some(b"half".to_vec()));

        begun(&store, Some(10), b"half").keep();
        store.forget(7).await.unwrap();
        assert_eq!(files(root.path()), 0);

        begun(&store, Some(10), b"half").keep();
        assert_eq!(store.sweep(SystemClock.now() + 2 * KEPT_FOR).await.unwrap(), 1);
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

    #[test]
    fn only_names_that_we_give_are_read() {
        for bad in ["a.1-x.part", "a.1.kept", "a.1-2.kept", "a.-1.part", "1-2.part", "a.1-2-3.part"]
        {
            assert_eq!(read(bad), None, "{bad}");
        }
        let part = Name { owner: "a-b", job: 1, is_part: true, content: Some("3-0a") };
        assert_eq!(read("a-b.1-2-3-0a.part"), Some(part));
        let kept = Name { owner: "a", job: 1, is_part: false, content: Some("3-0a") };
        assert_eq!(read("a.1-3-0a.kept"), Some(kept));
    }
}
