//! Embedded migrations, run at start in the flavour of the database.

use diesel::connection::SimpleConnection as _;
use diesel::migration::{Migration, MigrationSource as _};
use diesel::pg::Pg;
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::error::{StoreError, StoreResult};
use super::lite::{self, LiteConfig};

const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");
const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// Key of the advisory lock that keeps two processes from migrating at once: `primling` in ASCII.
const ADVISORY_LOCK: i64 = 0x7072_696d_6c69_6e67;

/// Brings a SQLite file up to date; gives how many migrations were run. Blocks.
pub fn migrate_sqlite(config: &LiteConfig) -> StoreResult<usize> {
    let mut connection = lite::establish(&config.path)?;
    connection.batch_execute("PRAGMA busy_timeout = 60000").map_err(StoreError::from)?;
    write_ahead(&mut connection)?;
    // What is pending is read under the write lock: another process that migrates at the same
    // moment waits for it (busy_timeout), and then finds nothing to do.
    connection.immediate_transaction(|connection| {
        connection
            .run_pending_migrations(SQLITE)
            .map(|run| run.len())
            .map_err(|error| StoreError::Migration(error.to_string()))
    })
}

/// Switches the file to WAL, where it stays.
///
/// `busy_timeout` does not hold for the switch itself: it fails at once while another process
/// switches. A write transaction waits for that one, and then there is mostly nothing to switch.
fn write_ahead(connection: &mut SqliteConnection) -> StoreResult<()> {
    const ATTEMPTS: u32 = 20;
    for _ in 1..ATTEMPTS {
        if connection.batch_execute("PRAGMA journal_mode = WAL").is_ok() {
            return Ok(());
        }
        connection.batch_execute("BEGIN IMMEDIATE; COMMIT").map_err(StoreError::from)?;
    }
    Ok(connection.batch_execute("PRAGMA journal_mode = WAL")?)
}

/// Brings a PostgreSQL database up to date; gives how many migrations were run. Blocks, and needs
/// a tokio runtime around it.
pub fn migrate_postgres(connection: AsyncPgConnection) -> StoreResult<usize> {
    let mut connection = AsyncConnectionWrapper::<AsyncPgConnection>::from(connection);
    connection
        .batch_execute(&format!("SELECT pg_advisory_lock({ADVISORY_LOCK})"))
        .map_err(StoreError::from)?;
    let run = connection
        .run_pending_migrations(POSTGRES)
        .map(|run| run.len())
        .map_err(|error| StoreError::Migration(error.to_string()));
    connection
        .batch_execute(&format!("SELECT pg_advisory_unlock({ADVISORY_LOCK})"))
        .map_err(StoreError::from)?;
    run
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

fn broken(error: impl std::fmt::Display) -> StoreError {
    StoreError::Migration(error.to_string())
}
