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

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use diesel::Connection as _;
use diesel::connection::SimpleConnection as _;
use diesel::sqlite::SqliteConnection;
use diesel_async::SimpleAsyncConnection as _;
use diesel_async::sync_connection_wrapper::{SpawnBlocking, SyncConnectionWrapper};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::error::{StoreError, StoreResult};

#[expect(clippy::duplicate_mod, reason = "one query body, compiled for each database")]
#[path = "../queries/mod.rs"]
pub mod q;
mod sql;
#[cfg(test)]
mod tests;

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

/// Of the file, so much is read through the page cache of the system, without a call for each
/// page. The memory is the system's, but counts as resident.
const MMAP_BYTES: u64 = 256 * 1024 * 1024;

/// How the threads are set up.
#[derive(Debug, Clone)]
pub struct LiteConfig {
    /// The database file.
    pub path: PathBuf,
    /// Connections for reading: how many reads happen at once.
    pub readers: usize,
    /// Page cache of each connection, in KiB.
    pub cache_kb: u32,
    /// Most units of one commit.
    pub group_units: usize,
    /// Units that may wait for a thread before callers wait.
    pub queue: usize,
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
}

struct Readers {
    /// As many as there are connections; first come, first served.
    permits: Semaphore,
    idle: Mutex<Vec<Conn>>,
}

impl LitePool {
    /// Opens the file and starts the threads. The schema must be up to date.
    pub fn open(config: &LiteConfig) -> StoreResult<Self> {
        let queue = config.queue.max(1);
        let (writer, to_write) = mpsc::channel::<Unit>(queue);
        let mut connection = connect(config, false)?;
        let group_units = config.group_units;
        spawn("sqlite-writer", move || write_loop(&mut connection, to_write, group_units))?;
        let count = config.readers.max(1);
        let idle = (0..count).map(|_| connect(config, true)).collect::<StoreResult<Vec<_>>>()?;
        let readers = Readers { permits: Semaphore::new(count), idle: Mutex::new(idle) };
        Ok(Self { writer, readers: Arc::new(readers) })
    }

    /// Runs `work` on a connection for reading, on the calling thread.
    pub async fn read<T, F>(&self, work: F) -> StoreResult<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, StoreResult<T>> + Send + 'static,
    {
        let _permit = self.readers.permits.acquire().await.map_err(|_| stopped())?;
        let Some(mut connection) = self.readers.idle().pop() else { return Err(stopped()) };
        let result = run_to_end(work(&mut connection));
        self.readers.idle().push(connection);
        result
    }

    /// Runs `work` on the writer, and answers when it is committed.
    pub async fn write<T, F>(&self, work: F) -> StoreResult<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, StoreResult<T>> + Send + 'static,
    {
        submit(&self.writer, work).await
    }
}

impl Readers {
    fn idle(&self) -> MutexGuard<'_, Vec<Conn>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn submit<T, F>(door: &mpsc::Sender<Unit>, work: F) -> StoreResult<T>
where
    T: Send + 'static,
    F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, StoreResult<T>> + Send + 'static,
{
    let (answer, answered) = oneshot::channel();
    let unit: Unit = Box::new(move |connection| {
        let result = match connection {
            Some(connection) => run_to_end(work(connection)).map(Some),
            None => Ok(None),
        };
        let succeeded = result.is_ok();
        let finish: Finish = Box::new(move |commit| {
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

fn write_loop(connection: &mut Conn, mut units: mpsc::Receiver<Unit>, group_units: usize) {
    let mut finishes: Vec<Finish> = Vec::with_capacity(group_units);
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
        let committed = group.and_then(|()| execute(connection, "COMMIT"));
        if committed.is_err() {
            // A failed commit may have left the transaction open.
            let _ = execute(connection, "ROLLBACK");
        }
        let reason = committed.err().map(|error| error.to_string());
        for finish in finishes.drain(..) {
            finish(match &reason {
                None => Ok(()),
                Some(reason) => Err(unavailable(reason)),
            });
        }
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
        execute(connection, "ROLLBACK TO unit; RELEASE unit")
    }
}

fn execute(connection: &mut Conn, sql: &str) -> StoreResult<()> {
    run_to_end(async { Ok(connection.batch_execute(sql).await?) })
        .map_err(|error| error.in_call("transaction"))
}

fn connect(config: &LiteConfig, read_only: bool) -> StoreResult<Conn> {
    let mut connection = establish(&config.path)?;
    let cache_kb = config.cache_kb;
    let query_only = if read_only { "ON" } else { "OFF" };
    connection
        .batch_execute(&format!(
            "PRAGMA busy_timeout = 5000;
             PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             PRAGMA foreign_keys = ON;
             PRAGMA temp_store = MEMORY;
             PRAGMA journal_size_limit = 67108864;
             PRAGMA mmap_size = {MMAP_BYTES};
             PRAGMA cache_size = -{cache_kb};
             PRAGMA query_only = {query_only};"
        ))
        .map_err(|error| StoreError::from(error).in_call("connect"))?;
    Ok(SyncConnectionWrapper::with_runtime(connection, InPlace))
}

/// Opens the file, which is made if it is missing.
pub fn establish(path: &Path) -> StoreResult<SqliteConnection> {
    let address = path.to_str().ok_or_else(|| {
        StoreError::Address(format!("the path {} is not valid UTF-8", path.display()))
    })?;
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
