//! The temporary file of a download that comes in pieces: hashed and written by a thread of its own,
//! so that no disk holds up the network.
//!
//! Invariants: the hash is that of what the file holds, from its first byte, whoever wrote it; the
//! thread owns the file, so that nobody finds it kept before the last write is done, however the
//! transfer has ended; memory is a few pieces.

use std::fs::File;
use std::io::{Read as _, Seek as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::{Bytes, BytesMut};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, spawn_blocking};

use super::{DownloadError, Fetched};
use crate::library::blobs::{AttemptId, BlobStore, TempFile};

/// Bytes that are hashed and written at once. As much takes well under a millisecond.
const PIECE_BYTES: usize = 256 * 1024;

/// Pieces between network and disk.
const PIECES: usize = 2;

/// What an unfinished file is good for, decided by whoever waits for it.
#[derive(Debug, Clone, Default)]
pub struct Unwanted(Arc<AtomicBool>);

impl Unwanted {
    /// No later attempt will ask for it.
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A file that is being received.
pub(super) struct Sink {
    orders: mpsc::Sender<Order>,
    /// `None` once it was waited for.
    thread: Option<JoinHandle<Result<Option<Fetched>, DownloadError>>>,
    buffer: BytesMut,
    length: u64,
    total: Option<u64>,
    unwanted: Unwanted,
}

enum Order {
    Write(Bytes),
    Restart { total: Option<u64> },
    Finish,
}

impl Sink {
    /// Goes on behind what an earlier attempt has kept of a content of this size, or begins anew.
    pub async fn open(
        blobs: BlobStore,
        attempt: AttemptId,
        total: Option<u64>,
        unwanted: Unwanted,
    ) -> Result<Self, DownloadError> {
        let (orders, todo) = mpsc::channel(PIECES);
        let (begun, length) = oneshot::channel();
        let fate = unwanted.clone();
        let thread = spawn_blocking(move || {
            let mut writer = Writer::begin(blobs, attempt, total)?;
            // Nobody listens when the transfer has ended already: seen at the next order.
            let _ = begun.send(writer.length);
            let outcome = writer.work(todo);
            writer.end(outcome, &fate)
        });
        let buffer = BytesMut::with_capacity(PIECE_BYTES);
        let mut sink = Self { orders, thread: Some(thread), buffer, length: 0, total, unwanted };
        match length.await {
            Ok(length) => sink.length = length,
            Err(_ended) => return Err(sink.failure().await),
        }
        Ok(sink)
    }

    /// Bytes that are there.
    pub const fn length(&self) -> u64 {
        self.length
    }

    /// Bytes that are to be there.
    pub const fn total(&self) -> Option<u64> {
        self.total
    }

    /// Forgets what is there.
    pub async fn restart(&mut self, total: Option<u64>) -> Result<(), DownloadError> {
        self.buffer.clear();
        self.order(Order::Restart { total }).await?;
        (self.length, self.total) = (0, total);
        Ok(())
    }

    /// Takes the next bytes.
    pub async fn write(&mut self, piece: &[u8]) -> Result<(), DownloadError> {
        self.buffer.extend_from_slice(piece);
        self.length = self.length.saturating_add(count(piece.len()));
        if self.buffer.len() >= PIECE_BYTES { self.flush().await } else { Ok(()) }
    }

    async fn flush(&mut self) -> Result<(), DownloadError> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let full = std::mem::replace(&mut self.buffer, BytesMut::with_capacity(PIECE_BYTES));
        self.order(Order::Write(full.freeze())).await
    }

    /// The complete file.
    pub async fn finish(mut self) -> Result<Fetched, DownloadError> {
        self.flush().await?;
        self.order(Order::Finish).await?;
        match self.join().await? {
            Some(fetched) => Ok(fetched),
            None => Err(lost()),
        }
    }

    /// Lets go of an unfinished file, which is kept for later where that makes sense.
    pub async fn abandon(mut self, is_wanted: bool) {
        if !is_wanted {
            self.unwanted.set();
        }
        // What cannot be written now is fetched again.
        if self.flush().await.is_ok() {
            let Self { orders, thread, .. } = self;
            drop(orders);
            if let Some(thread) = thread {
                let _ = thread.await;
            }
        }
    }

    async fn order(&mut self, order: Order) -> Result<(), DownloadError> {
        match self.orders.send(order).await {
            Ok(()) => Ok(()),
            Err(_ended) => Err(self.failure().await),
        }
    }

    /// Why the thread has ended.
    async fn failure(&mut self) -> DownloadError {
        match self.join().await {
            Err(error) => error,
            Ok(_) => lost(),
        }
    }

    async fn join(&mut self) -> Result<Option<Fetched>, DownloadError> {
        let Some(thread) = self.thread.take() else { return Err(lost()) };
        thread.await.unwrap_or_else(|error| Err(unwritable(std::io::Error::other(error))))
    }
}

/// The thread's side.
struct Writer {
    blobs: BlobStore,
    attempt: AttemptId,
    file: File,
    temp: TempFile,
    hasher: blake3::Hasher,
    length: u64,
}

impl Writer {
    fn begin(
        blobs: BlobStore,
        attempt: AttemptId,
        total: Option<u64>,
    ) -> Result<Self, DownloadError> {
        let kept = match total {
            Some(total) => blobs.take_up_temp(attempt, total)?.zip(Some(total)),
            None => None,
        };
        if let Some(((temp, file), total)) = kept {
            let hasher = blake3::Hasher::new();
            let mut writer = Self { blobs, attempt, file, temp, hasher, length: 0 };
            writer.read_up()?;
            if writer.length <= total {
                return Ok(writer);
            }
            writer.restart(Some(total))?;
            return Ok(writer);
        }
        let (temp, file) = blobs.create_temp(attempt, total)?;
        Ok(Self { blobs, attempt, file, temp, hasher: blake3::Hasher::new(), length: 0 })
    }

    /// Hashes what is there.
    fn read_up(&mut self) -> Result<(), DownloadError> {
        let mut buffer = vec![0; PIECE_BYTES];
        loop {
            let read = self.file.read(&mut buffer).map_err(unwritable)?;
            let Some(piece) = buffer.get(..read).filter(|piece| !piece.is_empty()) else {
                return Ok(());
            };
            self.hasher.update(piece);
            self.length = self.length.saturating_add(count(read));
        }
    }

    fn restart(&mut self, total: Option<u64>) -> Result<(), DownloadError> {
        // Written anew under the same name, or under another: either way the old one must go first.
        self.file.set_len(0).map_err(unwritable)?;
        self.file.rewind().map_err(unwritable)?;
        self.temp.rename_for(&self.blobs, self.attempt, total)?;
        self.hasher.reset();
        self.length = 0;
        Ok(())
    }

    /// Until the transfer ends; whether the file is complete.
    fn work(&mut self, mut todo: mpsc::Receiver<Order>) -> Result<bool, DownloadError> {
        while let Some(order) = todo.blocking_recv() {
            match order {
                Order::Write(piece) => {
                    self.file.write_all(&piece).map_err(unwritable)?;
                    self.hasher.update(&piece);
                    self.length = self.length.saturating_add(count(piece.len()));
                }
                Order::Restart { total } => self.restart(total)?,
                Order::Finish => return Ok(true),
            }
        }
        Ok(false)
    }

    fn end(
        self,
        outcome: Result<bool, DownloadError>,
        unwanted: &Unwanted,
    ) -> Result<Option<Fetched>, DownloadError> {
        let Self { temp, hasher, length, .. } = self;
        match outcome {
            Ok(true) => Ok(Some(Fetched { temp, hash: hasher.finalize().into(), size: length })),
            Ok(false) => {
                if !unwanted.is_set() {
                    temp.keep();
                }
                Ok(None)
            }
            // After a failed write nobody knows what is there.
            Err(error) => Err(error),
        }
    }
}

/// A length in memory as one on disk.
pub(super) fn count(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

pub(super) fn unwritable(source: std::io::Error) -> DownloadError {
    DownloadError::Disk { what: "write a temporary file", source }
}

fn lost() -> DownloadError {
    unwritable(std::io::Error::other("the writing thread has ended"))
}
