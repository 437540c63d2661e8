//! A file of a Bot API server on this machine: copied and hashed in one pass.
//!
//! Reading and writing are one thread's work, hashing is another's, a few buffers behind. The file
//! is copied, never linked: it is the server's, which may write to it or truncate it in place, and a
//! blob must not change. Nor does the system copy it (`copy_file_range`): the hash needs the bytes
//! here anyway, and reading them a second time costs more than writing them from here.
//!
//! It must not: keep an unfinished copy. Copying anew is quick.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Duration;

use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{Instant, interval};

use super::sink::{count, unwritable};
use super::{DownloadError, Fetched};
use crate::library::blobs::{AttemptId, BlobStore};

/// Bytes of one buffer: small enough for the processor's cache, large enough that handing it over
/// costs nothing.
const BUFFER_BYTES: usize = 512 * 1024;

/// Buffers on their way between the two threads.
const BUFFERS: usize = 4;

/// How often a copy is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Size of a regular file.
pub(super) async fn size_of(path: &Path) -> Result<u64, DownloadError> {
    let metadata = tokio::fs::metadata(path).await.map_err(unreadable)?;
    if !metadata.is_file() {
        // A pipe or a device would give bytes without end, or none for ever.
        return Err(unreadable(std::io::Error::other("not a regular file")));
    }
    Ok(metadata.len())
}

/// A copy under way.
pub(super) struct Copy {
    thread: JoinHandle<Result<Fetched, DownloadError>>,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    done: AtomicU64,
    /// Nobody waits for the copy any more.
    is_abandoned: AtomicBool,
}

impl Copy {
    /// Begins to copy `size` bytes, which is all that the file has.
    pub fn begin(path: PathBuf, size: u64, blobs: BlobStore, attempt: AttemptId) -> Self {
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        let thread = spawn_blocking(move || copy(&path, size, &blobs, attempt, &theirs));
        Self { thread, shared }
    }

    /// Waits for the end; tells of progress now and then. A copy that brings no byte within `stall`
    /// is left to itself: nothing can be done for a thread that hangs in a system call.
    pub async fn wait(
        mut self,
        stall: Duration,
        progress: impl Fn(u64),
    ) -> Result<Fetched, DownloadError> {
        let (mut seen, mut since) = (0, Instant::now());
        let mut looks = interval(LOOK_EVERY);
        loop {
            tokio::select! {
                ended = &mut self.thread => {
                    return ended.unwrap_or_else(|error| Err(unwritable(std::io::Error::other(error))));
                }
                _ = looks.tick() => {}
            }
            let done = self.shared.done.load(Ordering::Relaxed);
            if done > seen {
                (seen, since) = (done, Instant::now());
                progress(done);
            } else if since.elapsed() > stall {
                return Err(DownloadError::Stalled(stall));
            }
        }
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        self.shared.is_abandoned.store(true, Ordering::Relaxed);
    }
}

fn copy(
    path: &Path,
    size: u64,
    blobs: &BlobStore,
    attempt: AttemptId,
    shared: &Shared,
) -> Result<Fetched, DownloadError> {
    let mut source = File::open(path).map_err(unreadable)?;
    let (temp, mut target) = blobs.create_temp(attempt, None)?;
    let hash = thread::scope(|scope| {
        let (filled, to_hash) = sync_channel::<(Vec<u8>, usize)>(BUFFERS);
        let (emptied, free) = sync_channel(BUFFERS);
        for _ in 0..BUFFERS {
            // There is room for all of them.
            let _ = emptied.send(vec![0; BUFFER_BYTES]);
        }
        let hashing = scope.spawn(move || {
            let mut hasher = blake3::Hasher::new();
            for (buffer, length) in to_hash {
                hasher.update(buffer.get(..length).unwrap_or_default());
                // The other thread may be done.
                let _ = emptied.send(buffer);
            }
            hasher.finalize()
        });
        let gone = |_| unwritable(std::io::Error::other("the hashing thread has ended"));
        let mut left = size;
        while left > 0 {
            if shared.is_abandoned.load(Ordering::Relaxed) {
                return Err(unwritable(std::io::ErrorKind::Interrupted.into()));
            }
            let mut buffer = free.recv().map_err(gone)?;
            let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
            let room = buffer.get_mut(..wanted).unwrap_or_default();
            let read = source.read(room).map_err(unreadable)?;
            let Some(piece) = room.get(..read).filter(|piece| !piece.is_empty()) else {
                return Err(DownloadError::Short { got: size - left, announced: size });
            };
            target.write_all(piece).map_err(unwritable)?;
            left = left.saturating_sub(count(read));
            shared.done.store(size - left, Ordering::Relaxed);
            filled.send((buffer, read)).map_err(|_| gone(std::sync::mpsc::RecvError))?;
        }
        drop(filled);
        hashing.join().map_err(|_panic| gone(std::sync::mpsc::RecvError))
    })?;
    if source.metadata().map_err(unreadable)?.len() != size {
        return Err(DownloadError::Changed);
    }
    Ok(Fetched { temp, hash: hash.into(), size })
}

fn unreadable(source: std::io::Error) -> DownloadError {
    DownloadError::Disk { what: "read a file of the local server", source }
}
