//! Room for transfers: how many at once, how many bytes on disk, and whose turn it is.
//!
//! Invariants: the announced sizes of the transfers under way and the unfinished files that are kept
//! stay within the quota, and what is still to be written leaves the disk's reserve alone. One file
//! that is larger than the quota is taken when nothing else is under way: the quota holds work back,
//! what is too large is said by the limit of a file. Nobody is overtaken by somebody whose uploader
//! has had more: a large file that waits for room holds the smaller ones up.
//!
//! Kept files give way to whoever needs the room, the oldest first.
//!
//! Known and accepted: other processes and other programs write to the same disk. The reserve is for
//! them; a disk that is full all the same is noticed by the transfer.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

use crate::library::blobs::{BlobError, BlobStore};

/// How much room there is.
#[derive(Debug, Clone, Copy)]
pub struct RoomLimits {
    /// Transfers at once; at least 1.
    pub transfers: usize,
    /// Bytes of temporary files.
    pub quota_bytes: u64,
    /// Bytes of the disk that stay free.
    pub min_free_bytes: u64,
    /// How long a file waits for the disk before it is refused.
    pub patience: Duration,
    /// How often the disk is looked at meanwhile: it does not tell.
    pub look_every: Duration,
}

/// Why there is no room.
#[derive(Debug, thiserror::Error)]
pub enum RoomError {
    /// The disk had no room for as long as one may wait.
    #[error("the disk is full: {free} bytes are free, {needed} are needed with the reserve")]
    DiskFull {
        /// Bytes that are free.
        free: u64,
        /// Bytes that would have to be.
        needed: u64,
    },
    /// The disk could not be asked.
    #[error(transparent)]
    Blobs(#[from] BlobError),
}

/// Who asks for room.
#[derive(Debug, Clone, Copy)]
pub struct Request {
    /// Whose share it takes.
    pub uploader: i64,
    /// What this job has kept does not stand in its own way.
    pub job: i64,
    /// Bytes.
    pub size: u64,
}

/// The room of one process. Clones share it.
#[derive(Debug, Clone)]
pub struct Room {
    limits: RoomLimits,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    queue: Mutex<Queue>,
    /// Something has changed.
    changed: Notify,
}

/// Room for one transfer, given back when this value goes.
#[derive(Debug)]
pub struct Place {
    ticket: u64,
    size: u64,
    written: Arc<AtomicU64>,
    shared: Arc<Shared>,
}

impl Place {
    /// Bytes that there is room for.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// So many bytes are on the disk already.
    pub fn note_written(&self, bytes: u64) {
        self.written.store(bytes, Ordering::Relaxed);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.shared.leave(self.ticket);
    }
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn leave(&self, ticket: u64) {
        self.queue().leave(ticket);
        self.changed.notify_waiters();
    }
}

/// Leaves the queue when the wait is given up.
struct Waiting<'a> {
    shared: &'a Shared,
    ticket: u64,
    is_over: bool,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.shared.leave(self.ticket);
        }
    }
}

/// What a look at the disk brought.
#[derive(Debug, Clone, Copy)]
struct Disk {
    /// Bytes that are free.
    free: u64,
    /// Bytes that are kept of other jobs.
    kept: u64,
}

/// Why one has to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wait {
    /// For others.
    Turn,
    /// For room that kept files take.
    Kept,
    /// For the disk, which would have to have so much free.
    Disk { needed: u64 },
}

impl Room {
    /// All the room there is.
    pub fn new(limits: RoomLimits) -> Self {
        Self { limits, shared: Arc::default() }
    }

    /// Waits for room. `waits` is told when it does not come at once.
    pub async fn take(
        &self,
        blobs: &BlobStore,
        request: Request,
        mut waits: impl FnMut(),
    ) -> Result<Place, RoomError> {
        let ticket = self.shared.queue().join(request);
        let mut waiting = Waiting { shared: &self.shared, ticket, is_over: false };
        let mut short_since: Option<Instant> = None;
        loop {
            let changed = self.shared.changed.notified();
            tokio::pin!(changed);
            // From here on no change is missed.
            changed.as_mut().enable();
            let disk = look(blobs, request.job).await?;
            let tried = self.shared.queue().try_enter(ticket, &self.limits, disk);
            let reason = match tried {
                Ok(written) => {
                    waiting.is_over = true;
                    // The next one may fit, too.
                    self.shared.changed.notify_waiters();
                    let shared = Arc::clone(&self.shared);
                    return Ok(Place { ticket, size: request.size, written, shared });
                }
                Err(reason) => reason,
            };
            waits();
            match reason {
                Wait::Turn => short_since = None,
                Wait::Kept => {
                    if give_way(blobs, request.job).await? {
                        continue;
                    }
                    // Taken up by its own job meanwhile.
                    short_since = None;
                }
                Wait::Disk { needed } => {
                    let since = *short_since.get_or_insert_with(Instant::now);
                    if give_way(blobs, request.job).await? {
                        continue;
                    }
                    if since.elapsed() >= self.limits.patience {
                        return Err(RoomError::DiskFull { free: disk.free, needed });
                    }
                }
            }
            let _ = timeout(self.limits.look_every, changed).await;
        }
    }
}

async fn look(blobs: &BlobStore, job: i64) -> Result<Disk, BlobError> {
    let free = blobs.free_bytes().await?;
    let kept = blobs.kept().await?.into_iter().filter(|kept| kept.job != job);
    Ok(Disk { free, kept: kept.map(|kept| kept.length).sum() })
}

/// Removes the oldest file that is kept of another job; whether there was one.
async fn give_way(blobs: &BlobStore, job: i64) -> Result<bool, BlobError> {
    let Some(kept) = blobs.kept().await?.into_iter().find(|kept| kept.job != job) else {
        return Ok(false);
    };
    tracing::info!(job.id = kept.job, bytes = kept.length, "unfinished file makes room");
    kept.remove().await;
    Ok(true)
}

/// Start-time fair queueing, each transfer counting one: whoever has had little goes first, and an
/// idle time earns nothing. See Goyal, Vin, Cheng, "Start-time Fair Queueing", 1996.
#[derive(Debug, Default)]
struct Queue {
    next_ticket: u64,
    under_way: BTreeMap<u64, UnderWay>,
    waiting: Vec<Waiter>,
    /// The start tag of whoever was let in last.
    now: u64,
    /// Each uploader's next start tag, where it lies ahead.
    next_tag: HashMap<i64, u64>,
}

#[derive(Debug)]
struct UnderWay {
    size: u64,
    written: Arc<AtomicU64>,
}

#[derive(Debug)]
struct Waiter {
    /// First by its tag, then by its ticket.
    turn: (u64, u64),
    size: u64,
}

impl Queue {
    fn join(&mut self, request: Request) -> u64 {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        let now = self.now;
        self.next_tag.retain(|_, tag| *tag > now);
        let next = self.next_tag.entry(request.uploader).or_insert(now);
        let tag = *next;
        *next = tag.saturating_add(1);
        self.waiting.push(Waiter { turn: (tag, ticket), size: request.size });
        ticket
    }

    fn leave(&mut self, ticket: u64) {
        self.waiting.retain(|waiter| waiter.turn.1 != ticket);
        self.under_way.remove(&ticket);
    }

    fn try_enter(
        &mut self,
        ticket: u64,
        limits: &RoomLimits,
        disk: Disk,
    ) -> Result<Arc<AtomicU64>, Wait> {
        let Some(me) = self.waiting.iter().find(|waiter| waiter.turn.1 == ticket) else {
            return Err(Wait::Turn);
        };
        let (size, turn) = (me.size, me.turn);
        let needed =
            self.still_to_come().saturating_add(size).saturating_add(limits.min_free_bytes);
        let is_disk_short = disk.free < needed;
        let is_first = self.waiting.iter().all(|waiter| waiter.turn >= turn);
        let taken: u64 = self.under_way.values().map(|transfer| transfer.size).sum();
        let is_alone = self.under_way.is_empty();
        let fits = taken.saturating_add(size) <= limits.quota_bytes || is_alone;
        if is_disk_short {
            return Err(Wait::Disk { needed });
        }
        if !is_first || self.under_way.len() >= limits.transfers || !fits {
            return Err(Wait::Turn);
        }
        if disk.kept > 0
            && taken.saturating_add(size).saturating_add(disk.kept) > limits.quota_bytes
        {
            return Err(Wait::Kept);
        }
        self.waiting.retain(|waiter| waiter.turn.1 != ticket);
        self.now = self.now.max(turn.0);
        let written = Arc::default();
        self.under_way.insert(ticket, UnderWay { size, written: Arc::clone(&written) });
        Ok(written)
    }

    /// Bytes that those under way have yet to write.
    fn still_to_come(&self) -> u64 {
        let left = |transfer: &UnderWay| {
            transfer.size.saturating_sub(transfer.written.load(Ordering::Relaxed))
        };
        self.under_way.values().map(left).sum()
    }
}

#[cfg(test)]
mod tests;
