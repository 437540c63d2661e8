//! A look at a SQLite file. It must be there: it is not made.

use std::path::{Path, PathBuf};
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::sqlite::SqliteConnection;
use diesel::{Connection as _, RunQueryDsl as _};
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::blueprint::Blueprint;
use super::lite::{Conn, InPlace, q};
use super::{Found, MIGRATIONS, migrate};
use crate::domain::clock::{Clock as _, SystemClock};
use crate::store::error::{StoreError, StoreResult};
use crate::store::records::{Facts, WorkFacts};
use crate::store::rows::FactRow;

/// What has a meaning in an address.
const ESCAPED: &AsciiSet = &CONTROLS.add(b' ').add(b'%').add(b'?').add(b'#');

/// What is there, and what it is.
const EVERYTHING: &str = "SELECT name, type AS value FROM sqlite_master
     WHERE type IN ('table', 'index')
     UNION ALL SELECT 'version' AS name, sqlite_version() AS value";

pub(super) async fn look(path: PathBuf, limit: Duration) -> StoreResult<Facts> {
    beside(move || {
        let mut connection = open(&path, limit)?;
        connection.batch_execute("PRAGMA query_only = ON")?;
        let rows: Vec<FactRow> = diesel::sql_query(EVERYTHING).load(&mut connection)?;
        let version = rows.iter().find(|row| row.name == "version");
        let version = version.map(|row| row.value.clone()).unwrap_or_default();
        let mut found = Found::of(rows);
        if found.has_versions() {
            let versions = format!("SELECT version AS name, '' AS value FROM {MIGRATIONS}");
            let versions: Vec<FactRow> = diesel::sql_query(versions).load(&mut connection)?;
            found.versions = versions.into_iter().map(|row| row.name).collect();
        }
        let schema = found.compare(&Blueprint::sqlite(), &migrate::sqlite_versions()?);
        let mut connection: Conn = SyncConnectionWrapper::with_runtime(connection, InPlace);
        let clock = futures_executor::block_on(q::facts::clock(&mut connection))?;
        let asked_at = SystemClock.now();
        let work: Option<WorkFacts> = if schema.applied > 0 && schema.tables_missing.is_empty() {
            Some(futures_executor::block_on(q::facts::work_facts(&mut connection, clock))?)
        } else {
            None
        };
        Ok(Facts { version, version_number: 0, clock, asked_at, schema, server: None, work })
    })
    .await
}

pub(super) async fn damage(path: PathBuf) -> StoreResult<Option<String>> {
    beside(move || {
        let mut connection = open(&path, Duration::from_secs(1))?;
        // Stops at the first.
        let checked = "SELECT '' AS name, quick_check AS value FROM pragma_quick_check LIMIT 1";
        let rows: Vec<FactRow> = diesel::sql_query(checked).load(&mut connection)?;
        Ok(rows.into_iter().map(|row| row.value).find(|value| value != "ok"))
    })
    .await
}

pub(super) async fn make_indexes(path: PathBuf, names: Vec<String>) -> StoreResult<()> {
    beside(move || {
        let mut connection = open(&path, Duration::from_secs(30))?;
        let blueprint = Blueprint::sqlite();
        for statement in names.iter().filter_map(|name| blueprint.indexes.get(name)) {
            connection.batch_execute(statement)?;
        }
        Ok(())
    })
    .await
}

/// Writes, and takes it back: of a file that can only be read a transaction can well be begun.
pub(super) async fn writable(path: PathBuf, patience: Duration) -> StoreResult<()> {
    const WRITING: &str = "BEGIN IMMEDIATE; PRAGMA user_version = 1; ROLLBACK";
    beside(move || Ok(open(&path, patience)?.batch_execute(WRITING)?)).await
}

/// Opens a file that is there.
fn open(path: &Path, patience: Duration) -> StoreResult<SqliteConnection> {
    let unusable = |what: &str| StoreError::Address(format!("{}: {what}", path.display()));
    let plain = path.to_str().ok_or_else(|| unusable("the path is not valid UTF-8"))?;
    if !path.is_file() {
        return Err(unusable("there is no such file"));
    }
    let address = format!("file:{}?mode=rw", utf8_percent_encode(plain, ESCAPED));
    let mut connection =
        SqliteConnection::establish(&address).map_err(|error| unusable(&error.to_string()))?;
    connection.batch_execute(&format!("PRAGMA busy_timeout = {}", patience.as_millis()))?;
    Ok(connection)
}

/// On a thread that may block.
async fn beside<T: Send + 'static>(
    work: impl FnOnce() -> StoreResult<T> + Send + 'static,
) -> StoreResult<T> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or(Err(StoreError::Fault { call: "look", what: "a query panicked" }))
        .map_err(|error| error.in_call("look"))
}
