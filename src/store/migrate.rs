//! Embedded migrations, run at start in the flavour of the database, or by hand.
//!
//! Invariants: each migration is one transaction in both databases, so that none is ever half run;
//! a schema that is newer than this program, or not whole, is left alone; who migrates holds a lock
//! that keeps all others out.

use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::migration::{Migration, MigrationSource as _};
use diesel::pg::Pg;
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel_async::AsyncPgConnection;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use tokio::time::Instant;

use super::error::{StoreError, StoreResult};
use super::lite::{self, LiteConfig};
use super::standing::{self, Flavour, Look, PgBlocking, Standing};
use super::{StoreConfig, joined, pg};

const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");
pub(super) const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// Key of the advisory lock that keeps two processes from migrating at once: `primling` in ASCII.
pub(super) const ADVISORY_LOCK: i64 = 0x7072_696d_6c69_6e67;

/// Brings a SQLite file up to date; gives how many migrations were run. Blocks.
pub fn migrate_sqlite(config: &LiteConfig) -> StoreResult<usize> {
    let mut connection = lite::establish(&config.path)?;
    connection.batch_execute("PRAGMA busy_timeout = 60000").map_err(StoreError::from)?;
    write_ahead(&mut connection)?;
    // What is pending is read under the write lock: another process that migrates at the same
    // moment waits for it (busy_timeout), and then finds nothing to do.
    connection.immediate_transaction(|connection| {
        standing::check(connection, Flavour::Sqlite)?;
        connection.run_pending_migrations(SQLITE).map(|run| run.len()).map_err(broken)
    })
}

/// Switches the file to WAL, where it stays, unless it is one that we must not work on.
///
/// `busy_timeout` does not hold for the switch itself: it fails at once while another process
/// switches or reads. A write transaction waits for who switches, and then there is mostly nothing
/// to switch; who reads looks at a schema as we do, and has done in a moment.
fn write_ahead(connection: &mut SqliteConnection) -> StoreResult<()> {
    const ATTEMPTS: u32 = 100;
    const PAUSE: Duration = Duration::from_millis(10);
    // The switch is written into the file, which may be another program's.
    if standing::is_write_ahead(connection)? {
        return Ok(());
    }
    standing::check_unlocked(connection, Flavour::Sqlite)?;
    for _ in 1..ATTEMPTS {
        if connection.batch_execute("PRAGMA journal_mode = WAL").is_ok() {
            return Ok(());
        }
        connection.batch_execute("BEGIN IMMEDIATE; COMMIT").map_err(StoreError::from)?;
        std::thread::sleep(PAUSE);
    }
    Ok(connection.batch_execute("PRAGMA journal_mode = WAL")?)
}

/// Brings a PostgreSQL database up to date; gives how many migrations were run. Blocks, and needs
/// a tokio runtime around it.
pub fn migrate_postgres(connection: AsyncPgConnection) -> StoreResult<usize> {
    locked(connection, |connection| {
        standing::check(connection, Flavour::Postgres)?;
        connection.run_pending_migrations(POSTGRES).map(|run| run.len()).map_err(broken)
    })
}

/// Does something that nobody else does meanwhile.
fn locked<T>(
    connection: AsyncPgConnection,
    work: impl FnOnce(&mut PgBlocking) -> StoreResult<T>,
) -> StoreResult<T> {
    let mut connection = PgBlocking::from(connection);
    lock(&mut connection)?;
    let done = work(&mut connection);
    connection
        .batch_execute(&format!("SELECT pg_advisory_unlock({ADVISORY_LOCK})"))
        .map_err(StoreError::from)?;
    done
}

/// Waits for the lock of migrations, and says so now and then.
fn lock(connection: &mut PgBlocking) -> StoreResult<()> {
    const PAUSE: Duration = Duration::from_millis(100);
    const TOLD_EVERY: Duration = Duration::from_secs(5);
    let sql = format!(
        "SELECT CASE WHEN pg_try_advisory_lock({ADVISORY_LOCK}) THEN 1 ELSE 0 END::bigint AS number,
                '' AS name"
    );
    let begun = Instant::now();
    let mut told = Duration::ZERO;
    while connection.count(&sql)? == 0 {
        let waited = begun.elapsed();
        if waited.saturating_sub(told) >= TOLD_EVERY {
            told = waited;
            tracing::warn!(
                waited_s = waited.as_secs(),
                "another process migrates this database or copies into it; waiting until it ends"
            );
        }
        std::thread::sleep(PAUSE);
    }
    Ok(())
}

/// What taking a migration back would cost, or has cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reverted {
    /// It was taken back: its name.
    Done(String),
    /// There was none.
    Nothing,
    /// It holds data: tables and columns with the number of their rows.
    WouldLose(String, Vec<(String, i64)>),
    /// Somebody works on the database: the name of the lease, and how long it lasts in seconds.
    Alive(String, i64),
}

/// How the schema of a database stands. Looks only: no file is made, nothing is migrated.
pub async fn standing_of(config: &StoreConfig) -> StoreResult<Standing> {
    look(config, standing::look_at).await
}

/// Leases that run: who works on a database, and for how many seconds they are sure to.
pub async fn leases_of(config: &StoreConfig) -> StoreResult<Vec<(String, i64)>> {
    look(config, |it, _| if it.tables()?.contains("leases") { it.leases() } else { Ok(Vec::new()) })
        .await
}

/// Both kinds of connections as one.
enum Blocking {
    Lite(SqliteConnection),
    Pg(Box<PgBlocking>),
}

impl Look for Blocking {
    fn applied(&mut self) -> StoreResult<Vec<(String, i64)>> {
        match self {
            Self::Lite(it) => it.applied(),
            Self::Pg(it) => it.applied(),
        }
    }

    fn tables(&mut self) -> StoreResult<std::collections::BTreeSet<String>> {
        match self {
            Self::Lite(it) => it.tables(),
            Self::Pg(it) => it.tables(),
        }
    }

    fn count(&mut self, sql: &str) -> StoreResult<i64> {
        match self {
            Self::Lite(it) => it.count(sql),
            Self::Pg(it) => it.count(sql),
        }
    }

    fn leases(&mut self) -> StoreResult<Vec<(String, i64)>> {
        match self {
            Self::Lite(it) => it.leases(),
            Self::Pg(it) => it.leases(),
        }
    }
}

async fn look<T: Send + 'static>(
    config: &StoreConfig,
    ask: impl FnOnce(&mut Blocking, Flavour) -> StoreResult<T> + Send + 'static,
) -> StoreResult<T> {
    match config.clone() {
        StoreConfig::Sqlite(config) => {
            let asking = move || {
                // To open it would be to make it.
                let path = if config.path.exists() { config.path } else { lite::IN_MEMORY.into() };
                let mut connection = lite::establish(&path)?;
                connection.batch_execute("PRAGMA busy_timeout = 5000; PRAGMA query_only = ON")?;
                ask(&mut Blocking::Lite(connection), Flavour::Sqlite)
            };
            joined(tokio::task::spawn_blocking(asking)).await
        }
        StoreConfig::Postgres(config) => {
            let connection = pg::connect_alone(&config).await?;
            let asking = move || {
                let connection = Box::new(PgBlocking::from(connection));
                ask(&mut Blocking::Pg(connection), Flavour::Postgres)
            };
            joined(tokio::task::spawn_blocking(asking)).await
        }
    }
}

/// Brings a database up to date; gives how many migrations were run.
pub async fn up(config: &StoreConfig) -> StoreResult<usize> {
    match config.clone() {
        StoreConfig::Sqlite(config) => {
            joined(tokio::task::spawn_blocking(move || migrate_sqlite(&config))).await
        }
        StoreConfig::Postgres(config) => {
            let connection = pg::connect_alone(&config).await?;
            joined(tokio::task::spawn_blocking(move || migrate_postgres(connection))).await
        }
    }
}

/// Takes the newest migration back, unless data would be lost without `lose_data`.
pub async fn down(config: &StoreConfig, lose_data: bool) -> StoreResult<Reverted> {
    match config.clone() {
        StoreConfig::Sqlite(config) => {
            let work = move || {
                let mut connection = lite::establish(&config.path)?;
                connection.batch_execute("PRAGMA busy_timeout = 60000")?;
                connection.immediate_transaction(|connection| {
                    if let Some(refused) = refusal(connection, Flavour::Sqlite, lose_data)? {
                        return Ok(refused);
                    }
                    let reverted = connection.revert_last_migration(SQLITE).map_err(broken)?;
                    Ok(Reverted::Done(reverted.to_string()))
                })
            };
            joined(tokio::task::spawn_blocking(work)).await
        }
        StoreConfig::Postgres(config) => {
            let connection = pg::connect_alone(&config).await?;
            let work = move |connection: &mut PgBlocking| {
                if let Some(refused) = refusal(connection, Flavour::Postgres, lose_data)? {
                    return Ok(refused);
                }
                let reverted = connection.revert_last_migration(POSTGRES).map_err(broken)?;
                Ok(Reverted::Done(reverted.to_string()))
            };
            joined(tokio::task::spawn_blocking(move || locked(connection, work))).await
        }
    }
}

/// Why the newest migration must not be taken back.
fn refusal(
    connection: &mut impl Look,
    flavour: Flavour,
    lose_data: bool,
) -> StoreResult<Option<Reverted>> {
    standing::check(connection, flavour)?;
    let applied = connection.applied()?;
    let Some((newest, _)) = applied.last() else { return Ok(Some(Reverted::Nothing)) };
    if let Some((name, left)) = connection.leases()?.into_iter().next() {
        return Ok(Some(Reverted::Alive(name, left)));
    }
    if lose_data {
        return Ok(None);
    }
    let losses = losses(connection, &applied, newest)?;
    Ok((!losses.is_empty()).then(|| Reverted::WouldLose(newest.clone(), losses)))
}

/// Tables and columns that are no more without the migration, as far as there is something in them.
fn losses(
    connection: &mut impl Look,
    applied: &[(String, i64)],
    newest: &str,
) -> StoreResult<Vec<(String, i64)>> {
    let versions: Vec<String> = applied.iter().map(|(version, _)| version.clone()).collect();
    // Indexes of texts are made anew from what they index.
    let before = standing::expected_columns(&versions, None, Flavour::Postgres)?;
    let after = standing::expected_columns(&versions, Some(newest), Flavour::Postgres)?;
    let kept = |table: &str| after.iter().any(|(it, _)| it == table);
    let mut losses = Vec::new();
    let mut last = String::new();
    for (table, column) in before.difference(&after) {
        let (what, sql) = if kept(table) {
            let sql = format!("SELECT count(\"{column}\") AS number, '' AS name FROM \"{table}\"");
            (format!("{table}.{column}"), sql)
        } else if last == *table {
            continue;
        } else {
            last.clone_from(table);
            (table.clone(), format!("SELECT count(*) AS number, '' AS name FROM \"{table}\""))
        };
        let rows = connection.count(&sql)?;
        if rows > 0 {
            losses.push((what, rows));
        }
    }
    Ok(losses)
}

/// The versions of the schema that this program knows, in SQLite's flavour.
pub fn sqlite_versions() -> StoreResult<Vec<String>> {
    let known: Vec<Box<dyn Migration<Sqlite>>> = SQLITE.migrations().map_err(broken)?;
    Ok(known.iter().map(|migration| migration.name().version().to_string()).collect())
}

/// The same in PostgreSQL's flavour.
pub fn postgres_versions() -> StoreResult<Vec<String>> {
    let known: Vec<Box<dyn Migration<Pg>>> = POSTGRES.migrations().map_err(broken)?;
    Ok(known.iter().map(|migration| migration.name().version().to_string()).collect())
}

pub(super) fn broken(error: impl std::fmt::Display) -> StoreError {
    StoreError::Migration(error.to_string())
}
