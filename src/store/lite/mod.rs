//! SQLite: one writer thread with group commit, and several connections for reading.
//!
//! Invariants: a query runs to its end in one go, whatever becomes of who asked for it
//! (diesel-async's SQLite futures must not be dropped in flight, see `InPlace`); a write is
//! acknowledged only after the commit that holds it; units of one group stand in savepoints of
//! their own, so that one that fails takes no other with it.
//!
//! A read holds its caller's thread: most take less time than waking another thread and being
//! woken by it. The runtime therefore needs some threads more than processors, and actors never
//! read on their arbiter.

use std::fs::OpenOptions;
use std::future::Future;
use std::os::unix::fs::OpenOptionsExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use diesel::Connection as _;
use diesel::connection::SimpleConnection as _;
use diesel::sqlite::SqliteConnection;
use diesel_async::RunQueryDsl as _;
use diesel_async::sync_connection_wrapper::{SpawnBlocking, SyncConnectionWrapper};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::error::{StoreError, StoreResult};
use super::meters;
use super::records::PoolFigures;
use super::statement::Statement;

#[expect(clippy::duplicate_mod, reason = "one query body, compiled for each database")]
#[path = "../queries/mod.rs"]
pub mod q;
mod checkpoint;
mod readers;
mod scrub;
pub(super) mod sql;
#[cfg(test)]
mod tests;

use checkpoint::Checkpoints;
use readers::Readers;
use scrub::Scrubs;

/// A connection that runs its queries where it is asked to: a hop to a blocking pool for each
/// query would cost more than most queries.
pub type Conn = SyncConnectionWrapper<SqliteConnection, InPlace>;

/// Runs "blocking" tasks at once, on the calling thread.
#[derive(Debug, Clone, Copy)]
pub struct InPlace;

impl SpawnBlocking for InPlace {
    fn spawn_blocking<'a, R>(
        &mut self,
        task: impl FnOnce() -> R + Send + 'static,
    ) -> BoxFuture<'a, Result<R, Box<dyn std::error::Error + Send + Sync + 'static>>>
    where
        R: Send + 'static,
    {
        std::future::ready(Ok(task())).boxed()
    }

    fn get_runtime() -> Self {
        Self
    }
}

/// Pages in the log with which SQLite copies it by itself: only should [`checkpoint`]'s thread fail.
const AUTO_CHECKPOINT_PAGES: u32 = 65_536;

/// How the threads are set up.
#[derive(Debug, Clone)]
pub struct LiteConfig {
    /// The database file.
    pub path: PathBuf,
    /// Connections for reading, of each kind: how many reads happen at once.
    pub readers: usize,
    /// How far browsing may be behind what other processes have written.
    pub snapshot_life: Duration,
    /// Page cache of each connection, in KiB.
    pub cache_kb: u32,
    /// Most units of one commit.
    pub group_units: usize,
    /// Units that may wait for a thread before callers wait.
    pub queue: usize,
    /// How long another process may hold the file before a statement fails.
    pub lock_timeout: Duration,
    /// Pages in the write-ahead log with which it has to start over.
    pub log_pages: i32,
}

/// What a unit of writing leaves behind: told the fate of its commit.
type Finish = Box<dyn FnOnce(Result<(), StoreError>) + Send>;
/// Work for the writer. Without a connection it only makes its answer, to be told why.
type Unit = Box<dyn FnOnce(Option<&mut Conn>) -> (bool, Finish) + Send>;

/// The way to the writer, and the connections for reading.
#[derive(Clone)]
pub struct LitePool {
    writer: mpsc::Sender<Unit>,
    readers: Arc<Readers>,
    scrubs: Arc<Scrubs>,
}

impl LitePool {
    /// Opens the file and starts the threads. The schema must be up to date.
    pub fn open(config: &LiteConfig) -> StoreResult<Self> {
        let queue = config.queue.max(1);
        let (writer, mut to_write) = mpsc::channel::<Unit>(queue);
        let mut connection = connect(config, false, 0)?;
        let readers = Arc::new(Readers::open(config)?);
        let (group_units, known) = (config.group_units, Arc::clone(&readers));
        let checkpoints = Checkpoints::start(connect_plain(config, false, 0)?, config.log_pages)?;
        let scrubs = Arc::new(Scrubs::default());
        let mut log = Log::new(checkpoints, Arc::clone(&scrubs));
        spawn("sqlite-writer", move || {
            let mut write =
                || write_loop(&mut connection, &mut to_write, group_units, &known, &mut log);
            // A panic loses the group, whose callers are told so; the writer goes on.
            while catch_unwind(AssertUnwindSafe(&mut write)).is_err() {
                tracing::error!("writer panicked, its group is given up");
            }
        })?;
        Ok(Self { writer, readers, scrubs })
    }

    /// How many connections there are: those that read, and the one that writes.
    pub fn figures(&self) -> PoolFigures {
        let (reading, readers) = self.readers.in_use();
        let writes = usize::from(self.writer.capacity() < self.writer.max_capacity());
        let (in_use, max) = (reading.saturating_add(writes), readers.saturating_add(1));
        PoolFigures { idle: max.saturating_sub(in_use), in_use, max }
    }

    /// Returns when nothing that was deleted before is in the file or its log any more.
    pub async fn scrub(&self) -> StoreResult<()> {
        let done = self.scrubs.ask();
        // The writer looks after each commit.
        self.write(|_| async { Ok(()) }.boxed()).await?;
        match done.await {
            Ok(true) => Ok(()),
            Ok(false) => Err(unavailable("somebody still reads what was deleted")),
            Err(_) => Err(stopped()),
        }
    }

    /// Runs `work` on what is committed now, on the calling thread.
    pub async fn read<T, F>(&self, work: F) -> StoreResult<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, StoreResult<T>> + Send + 'static,
    {
        self.readers.read(work).await
    }

    /// Runs `work` on a snapshot that knows all that this process has done to the library.
    pub async fn browse<T, F>(&self, work: F) -> StoreResult<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, StoreResult<T>> + Send + 'static,
    {
        self.readers.browse(work).await
    }

    /// Snapshots from before this moment are of no use any more.
    pub fn renew(&self) {
        self.readers.renew();
    }

    /// A writing after which whoever browses sees what it did.
    pub async fn publish<T, F>(&self, work: F) -> StoreResult<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, StoreResult<T>> + Send + 'static,
    {
        let readers = Arc::clone(&self.readers);
        submit(&self.writer, work, move || readers.renew()).await
    }

    /// Runs `work` on the writer, and answers when it is committed.
    pub async fn write<T, F>(&self, work: F) -> StoreResult<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, StoreResult<T>> + Send + 'static,
    {
        submit(&self.writer, work, || {}).await
    }
}

/// `once_committed` runs before anybody is told, whether or not the asker still waits.
async fn submit<T, F>(
    door: &mpsc::Sender<Unit>,
    work: F,
    once_committed: impl FnOnce() + Send + 'static,
) -> StoreResult<T>
where
    T: Send + 'static,
    F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, StoreResult<T>> + Send + 'static,
{
    let (answer, answered) = oneshot::channel();
    let asked = Instant::now();
    let unit: Unit = Box::new(move |connection| {
        meters::pool_wait(asked.elapsed());
        let result = match connection {
            Some(connection) => run_to_end(work(connection)).map(Some),
            None => Ok(None),
        };
        let succeeded = result.is_ok();
        let finish: Finish = Box::new(move |commit| {
            once_committed();
            // Who asked may be gone; the work is done all the same.
            let _ = answer.send(match (result, commit) {
                (Ok(Some(value)), Ok(())) => Ok(value),
                (Ok(None), Ok(())) => Err(unavailable("the work was not begun")),
                (Err(error), _) | (_, Err(error)) => Err(error),
            });
        });
        (succeeded, finish)
    });
    door.send(unit).await.map_err(|_| stopped())?;
    answered.await.map_err(|_| stopped())?
}

/// Polls once: nothing in a query of an in-place connection ever waits.
fn run_to_end<T>(query: impl Future<Output = StoreResult<T>>) -> StoreResult<T> {
    let fault = |what| StoreError::Fault { call: "", what };
    match catch_unwind(AssertUnwindSafe(|| query.now_or_never())) {
        Ok(Some(result)) => result,
        Ok(None) => Err(fault("a query waited for something else than the database")),
        Err(_) => Err(fault("a query panicked")),
    }
}

fn write_loop(
    connection: &mut Conn,
    units: &mut mpsc::Receiver<Unit>,
    group_units: usize,
    readers: &Readers,
    log: &mut Log,
) {
    let mut finishes: Vec<Finish> = Vec::with_capacity(group_units);
    // Left open by a panic, if at all.
    let _ = execute(connection, "ROLLBACK");
    while let Some(first) = units.blocking_recv() {
        if let Err(error) = execute(connection, "BEGIN IMMEDIATE") {
            let (_, finish) = first(None);
            finish(Err(error));
            continue;
        }
        let mut group = run_unit(connection, first, &mut finishes);
        while group.is_ok() && finishes.len() < group_units {
            let Ok(next) = units.try_recv() else { break };
            group = run_unit(connection, next, &mut finishes);
        }
        let committed = group.and_then(|()| commit(connection));
        if committed.is_err() {
            // A failed commit may have left the transaction open.
            let _ = execute(connection, "ROLLBACK");
        }
        log.checkpoints.note(finishes.len());
        let reason = committed.err().map(|error| error.to_string());
        for finish in finishes.drain(..) {
            finish(match &reason {
                None => Ok(()),
                Some(reason) => Err(unavailable(reason)),
            });
        }
        log.tend(connection, readers);
    }
}

fn commit(connection: &mut Conn) -> StoreResult<()> {
    fail_point!(CommitBefore => unavailable("a fail point"));
    execute(connection, "COMMIT")?;
    fail_point!(CommitAfter => unavailable("a fail point"));
    Ok(())
}

/// The writer's care for the write-ahead log.
struct Log {
    checkpoints: Checkpoints,
    scrubs: Arc<Scrubs>,
    /// When the readers were last made to let go of old snapshots.
    tended: Instant,
}

impl Log {
    fn new(checkpoints: Checkpoints, scrubs: Arc<Scrubs>) -> Self {
        Self { checkpoints, scrubs, tended: Instant::now() }
    }

    /// Between two commits: sees to it that the log can start over.
    fn tend(&mut self, connection: &mut Conn, readers: &Readers) {
        if self.scrubs.are_asked() {
            let _nobody_reads = futures_executor::block_on(readers.let_go());
            self.scrubs.answer(|| scrub::start_over(connection));
        } else if self.checkpoints.has_grown() {
            // Most of it is copied already. Once nobody reads the rest and it is copied, too, the
            // next commit starts the log over.
            let _nobody_reads = futures_executor::block_on(readers.let_go());
            let _ = execute(connection, "PRAGMA wal_checkpoint(PASSIVE)");
        } else if self.tended.elapsed() >= readers.snapshot_life() {
            readers.end_old();
        } else {
            return;
        }
        self.tended = Instant::now();
    }
}

/// Runs a unit in a savepoint of its own.
///
/// An error means that the group is lost: on a full disk, say, SQLite rolls the whole transaction
/// back by itself. A savepoint that was opened after that would be a transaction of its own, so
/// that nothing more may run in this group.
fn run_unit(connection: &mut Conn, unit: Unit, finishes: &mut Vec<Finish>) -> StoreResult<()> {
    if let Err(error) = execute(connection, "SAVEPOINT unit") {
        let (_, finish) = unit(None);
        finishes.push(finish);
        return Err(error);
    }
    let (succeeded, finish) = unit(Some(connection));
    finishes.push(finish);
    if succeeded {
        execute(connection, "RELEASE unit")
    } else {
        execute(connection, "ROLLBACK TO unit").and_then(|()| execute(connection, "RELEASE unit"))
    }
}

/// Prepared once: these come with every unit.
fn execute(connection: &mut Conn, sql: &'static str) -> StoreResult<()> {
    run_to_end(async {
        Statement::new(sql).execute(connection).await?;
        Ok(())
    })
    .map_err(|error| error.in_call("transaction"))
}

fn connect(config: &LiteConfig, read_only: bool, mmap_bytes: u64) -> StoreResult<Conn> {
    let connection = connect_plain(config, read_only, mmap_bytes)?;
    Ok(SyncConnectionWrapper::with_runtime(connection, InPlace))
}

fn connect_plain(
    config: &LiteConfig,
    read_only: bool,
    mmap_bytes: u64,
) -> StoreResult<SqliteConnection> {
    let mut connection = establish(&config.path)?;
    let (cache_kb, lock_timeout_ms) = (config.cache_kb, config.lock_timeout.as_millis());
    let query_only = if read_only { "ON" } else { "OFF" };
    connection
        .batch_execute(&format!(
            "PRAGMA busy_timeout = {lock_timeout_ms};
             PRAGMA journal_mode = WAL;
             PRAGMA secure_delete = ON;
             PRAGMA synchronous = FULL;
             PRAGMA foreign_keys = ON;
             PRAGMA temp_store = MEMORY;
             PRAGMA wal_autocheckpoint = {AUTO_CHECKPOINT_PAGES};
             PRAGMA journal_size_limit = 67108864;
             PRAGMA mmap_size = {mmap_bytes};
             PRAGMA cache_size = -{cache_kb};
             PRAGMA query_only = {query_only};"
        ))
        .map_err(|error| StoreError::from(error).in_call("connect"))?;
    Ok(connection)
}

/// A database that is no file.
pub const IN_MEMORY: &str = ":memory:";

/// Opens the file, which is made if it is missing.
pub fn establish(path: &Path) -> StoreResult<SqliteConnection> {
    let address = path.to_str().ok_or_else(|| {
        StoreError::Address(format!("the path {} is not valid UTF-8", path.display()))
    })?;
    if address != IN_MEMORY {
        // What people wrote is for us alone, in a folder that others may look into, too; the log
        // beside it gets the same rights. Of a path that cannot be used SQLite tells.
        let _ = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    }
    SqliteConnection::establish(address)
        .map_err(|error| StoreError::Address(format!("{}: {error}", path.display())))
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> StoreResult<()> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(body)
        .map(drop)
        .map_err(|error| unavailable(&format!("no thread for {name}: {error}")))
}

fn stopped() -> StoreError {
    unavailable("the database is closed")
}

fn unavailable(reason: &str) -> StoreError {
    StoreError::Unavailable { call: "", reason: reason.to_owned() }
}
