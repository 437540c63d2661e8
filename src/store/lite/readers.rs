//! SQLite's connections for reading: fresh ones, and ones that keep a snapshot.
//!
//! In WAL mode a reader throws its page cache and its memory map away whenever anybody has
//! committed since its last transaction. Under load that is each time, and a search then costs
//! more in page faults than in work. Searching and browsing therefore stay in one read
//! transaction for up to [`LiteConfig::snapshot_life`]: the cache stays warm, and what they see is
//! - never older than the last commit of this process that changed the library ([`Readers::renew`]);
//! - at most `snapshot_life` older than what another process has committed.
//!
//! What a decision rests on is read by fresh connections. These have no memory map: they read few
//! pages, and undoing a map costs more than reading them.
//!
//! An open snapshot keeps the write-ahead log from starting over. So the writer ends old ones that
//! nobody uses ([`Readers::end_old`]) and, when the log has grown all the same, waits for those in
//! use ([`Readers::let_go`]). Where a process writes nothing, they end by themselves: another one
//! may have something to scrub.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep};

use super::{Conn, LiteConfig, connect, execute, run_to_end, stopped};
use crate::store::error::StoreResult;
use crate::store::meters;

/// Of the file, so much is mapped into memory by connections that keep a snapshot. The memory is
/// the system's, but counts as resident.
const MMAP_BYTES: u64 = 256 * 1024 * 1024;

/// All connections for reading.
pub(super) struct Readers {
    fresh: Shelf,
    browsing: Shelf,
    /// Raised when the library has changed: older snapshots are of no use any more.
    version: AtomicU64,
    snapshot_life: Duration,
    /// Somebody waits to end what nobody reads from any more.
    tended: AtomicBool,
}

/// Connections of a kind.
struct Shelf {
    /// As many as there are connections; first come, first served.
    permits: Semaphore,
    count: u32,
    idle: Mutex<Vec<Reader>>,
}

struct Reader {
    connection: Conn,
    snapshot: Option<Snapshot>,
}

#[derive(Clone, Copy)]
struct Snapshot {
    version: u64,
    begun: Instant,
}

impl Readers {
    pub(super) fn open(config: &LiteConfig) -> StoreResult<Self> {
        Ok(Self {
            fresh: Shelf::open(config, 0)?,
            browsing: Shelf::open(config, MMAP_BYTES)?,
            version: AtomicU64::new(0),
            snapshot_life: config.snapshot_life,
            tended: AtomicBool::new(false),
        })
    }

    /// Runs `work` on what is committed now, on the calling thread.
    pub(super) async fn read<T, F>(&self, work: F) -> StoreResult<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, StoreResult<T>> + Send + 'static,
    {
        let _permit = self.fresh.turn().await?;
        let Some(mut reader) = self.fresh.idle().pop() else { return Err(stopped()) };
        let result = run_to_end(work(&mut reader.connection));
        self.fresh.idle().push(reader);
        result
    }

    /// Runs `work` on a snapshot, on the calling thread.
    pub(super) async fn browse<T, F>(self: &Arc<Self>, work: F) -> StoreResult<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, StoreResult<T>> + Send + 'static,
    {
        let _permit = self.browsing.turn().await?;
        let Some(mut reader) = self.browsing.idle().pop() else { return Err(stopped()) };
        // Read before the snapshot begins, which can then only be newer than it says.
        let version = self.version.load(Ordering::Acquire);
        let result = match reader.hold(version, self.snapshot_life) {
            Ok(()) => run_to_end(work(&mut reader.connection)),
            Err(error) => Err(error),
        };
        if result.is_err() {
            reader.end_snapshot();
        }
        self.browsing.idle().push(reader);
        self.end_in_time();
        result
    }

    /// Sees to it that a snapshot ends although its process neither reads nor writes any more: while
    /// it lasts, no other process can scrub what it has deleted.
    fn end_in_time(self: &Arc<Self>) {
        if self.tended.swap(true, Ordering::AcqRel) {
            return;
        }
        // Whoever closes the database does not wait for this.
        let (readers, life) = (Arc::downgrade(self), self.snapshot_life);
        tokio::spawn(async move {
            sleep(life).await;
            let Some(readers) = readers.upgrade() else { return };
            readers.tended.store(false, Ordering::Release);
            readers.end_old();
            if readers.has_snapshots() {
                readers.end_in_time();
            }
        });
    }

    fn has_snapshots(&self) -> bool {
        self.browsing.idle().iter().any(|reader| reader.snapshot.is_some())
    }

    /// The library has changed: whoever browses from now on sees it.
    pub(super) fn renew(&self) {
        self.version.fetch_add(1, Ordering::Release);
    }

    /// Waits for the reads under way and ends all snapshots; until the guard goes, none begins. For
    /// the writer, between two commits. A turn in the queue rather than a try: where people browse
    /// without a pause, a try would never find nobody reading.
    pub(super) async fn let_go(&self) -> Option<SemaphorePermit<'_>> {
        let all = self.browsing.permits.acquire_many(self.browsing.count).await.ok()?;
        for reader in self.browsing.idle().iter_mut() {
            reader.end_snapshot();
        }
        Some(all)
    }

    /// Ends the old snapshots of those who read nothing now. Who reads goes on; their snapshots end
    /// when they read again, or at the next call.
    pub(super) fn end_old(&self) {
        for reader in self.browsing.idle().iter_mut() {
            if reader.snapshot.is_some_and(|it| it.begun.elapsed() >= self.snapshot_life) {
                reader.end_snapshot();
            }
        }
    }

    /// How many connections read, and how many there are.
    pub(super) fn in_use(&self) -> (usize, usize) {
        let shelves = [&self.fresh, &self.browsing];
        let count = |shelf: &Shelf| usize::try_from(shelf.count).unwrap_or(usize::MAX);
        let all = shelves.iter().map(|shelf| count(shelf)).sum::<usize>();
        let free = shelves.iter().map(|shelf| shelf.permits.available_permits()).sum();
        (all.saturating_sub(free), all)
    }

    /// How old a snapshot may become, and how often [`Self::end_old`] is due.
    pub(super) const fn snapshot_life(&self) -> Duration {
        self.snapshot_life
    }
}

impl Shelf {
    fn open(config: &LiteConfig, mmap_bytes: u64) -> StoreResult<Self> {
        let count = u32::try_from(config.readers.max(1)).unwrap_or(u32::MAX);
        let open = |_| {
            let connection = connect(config, true, mmap_bytes)?;
            Ok(Reader { connection, snapshot: None })
        };
        let idle = (0..count).map(open).collect::<StoreResult<Vec<_>>>()?;
        let permits = Semaphore::new(idle.len());
        Ok(Self { permits, count, idle: Mutex::new(idle) })
    }

    /// Waits until a connection is free.
    async fn turn(&self) -> StoreResult<SemaphorePermit<'_>> {
        let begun = Instant::now();
        let permit = self.permits.acquire().await.map_err(|_| stopped());
        meters::pool_wait(begun.elapsed());
        permit
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Reader>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reader {
    /// Keeps the snapshot if it is still good, or begins one.
    fn hold(&mut self, version: u64, life: Duration) -> StoreResult<()> {
        let is_good = self
            .snapshot
            .is_some_and(|snapshot| snapshot.version == version && snapshot.begun.elapsed() < life);
        if is_good {
            return Ok(());
        }
        self.end_snapshot();
        execute(&mut self.connection, "BEGIN")?;
        self.snapshot = Some(Snapshot { version, begun: Instant::now() });
        Ok(())
    }

    fn end_snapshot(&mut self) {
        if self.snapshot.take().is_some() {
            // Fails only if SQLite has ended the transaction by itself.
            let _ = execute(&mut self.connection, "ROLLBACK");
        }
    }
}
