//! Copies of a SQLite file. All of it blocks.

use std::path::Path;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::sqlite::SqliteConnection;

use super::{
    BROADCASTS, Census, CountRow, FILES, Holder, HolderRow, MESSAGES, NameRow, SCHEMA, UnderWay,
    VERSIONS, count_of, in_call,
};
use crate::store::error::{StoreError, StoreResult};
use crate::store::lite::establish;
use crate::store::standing::{self, Flavour};

/// Faults that are told of one file.
const FAULTS_MAX: usize = 5;

#[derive(QueryableByName)]
struct ModeRow {
    #[diesel(sql_type = Text)]
    journal_mode: String,
}

/// Copies a database as it is at this moment, whoever writes meanwhile: writers go on, as a reader
/// holds none up. The log of the database cannot start over until the copy is done. What was
/// deleted is not in the copy.
pub fn snapshot(source: &Path, target: &Path) -> StoreResult<()> {
    let mut connection = open(source)?;
    let target = target.to_str().ok_or_else(|| {
        StoreError::Address(format!("the path {} is not valid UTF-8", target.display()))
    })?;
    diesel::sql_query("VACUUM INTO ?")
        .bind::<Text, _>(target)
        .execute(&mut connection)
        .map(drop)
        .map_err(in_call("snapshot"))
}

/// Refuses a schema that a start would refuse.
pub fn check(path: &Path) -> StoreResult<()> {
    standing::check_unlocked(&mut open(path)?, Flavour::Sqlite)
}

/// What is in a file.
pub fn census(path: &Path) -> StoreResult<Census> {
    let mut connection = open(path)?;
    // Not virtual tables, which have no rows of their own.
    let tables = names(
        &mut connection,
        "SELECT name FROM pragma_table_list
         WHERE schema = 'main' AND type IN ('table', 'shadow') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    )?;
    let has_schema = tables.iter().any(|table| table == VERSIONS);
    let schema = if has_schema { names(&mut connection, SCHEMA)? } else { Vec::new() };
    let mut rows = std::collections::BTreeMap::new();
    for table in tables {
        let count = number(&mut connection, &count_of(&table))?;
        rows.insert(table, count);
    }
    Ok(Census { schema, rows, elsewhere: 0 })
}

/// The contents that the library in this file names.
pub fn files(path: &Path) -> StoreResult<Vec<String>> {
    names(&mut open(path)?, FILES)
}

/// What is wrong with a file; nothing when it is sound.
pub fn faults(path: &Path) -> StoreResult<Vec<String>> {
    let mut connection = open(path)?;
    let checked = names(
        &mut connection,
        "SELECT integrity_check AS name FROM pragma_integrity_check LIMIT 5",
    )?;
    let mut faults: Vec<String> = checked.into_iter().filter(|line| line != "ok").collect();
    faults.extend(names(
        &mut connection,
        "SELECT 'a row of ' || \"table\" || ' without its ' || \"parent\" AS name
         FROM pragma_foreign_key_check LIMIT 5",
    )?);
    faults.truncate(FAULTS_MAX);
    Ok(faults)
}

/// Who holds the database of a file.
pub fn holders(path: &Path) -> StoreResult<Vec<Holder>> {
    let mut connection = open(path)?;
    let rows: Vec<HolderRow> = diesel::sql_query(
        "SELECT name, owner, CAST((until + 999999) / 1000000 - unixepoch() AS BIGINT) AS number
         FROM leases WHERE owner <> '' AND until > CAST(unixepoch('subsec') * 1000000 AS BIGINT)
         ORDER BY name",
    )
    .load(&mut connection)
    .map_err(in_call("holders"))?;
    Ok(rows.into_iter().map(Holder::from).collect())
}

/// What would go on in it.
pub fn under_way(path: &Path) -> StoreResult<UnderWay> {
    let mut connection = open(path)?;
    let messages = number(&mut connection, MESSAGES)?;
    Ok(UnderWay { messages, broadcasts: number(&mut connection, BROADCASTS)? })
}

/// A file that nobody else can read or write for as long as this value lives. Whoever closes another
/// file handle of it in this process loses the lock.
pub struct Held {
    _connection: SqliteConnection,
}

/// Brings all that was committed from the log into the file itself, and holds the file. Fails while
/// somebody else uses it.
pub fn fold_log(path: &Path) -> StoreResult<Held> {
    let mut connection = open(path)?;
    connection
        .batch_execute("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE;")
        .map_err(in_call("fold_log"))?;
    demand_folded(&mut connection)?;
    // With this lock a journal stays beside the file until the end of the connection: another one
    // holds the file. Should somebody come in between, their log is back, or they hold it.
    drop(connection);
    let mut connection = open(path)?;
    connection.batch_execute("BEGIN EXCLUSIVE").map_err(in_call("fold_log"))?;
    demand_folded(&mut connection)?;
    Ok(Held { _connection: connection })
}

fn demand_folded(connection: &mut SqliteConnection) -> StoreResult<()> {
    let mode: ModeRow = diesel::sql_query("PRAGMA journal_mode")
        .get_result(connection)
        .map_err(in_call("fold_log"))?;
    if mode.journal_mode == "delete" {
        return Ok(());
    }
    let reason = "database is locked: another process uses the file".to_owned();
    Err(StoreError::Unavailable { call: "fold_log", reason })
}

fn open(path: &Path) -> StoreResult<SqliteConnection> {
    let mut connection = establish(path)?;
    connection
        .batch_execute("PRAGMA busy_timeout = 10000; PRAGMA cache_size = -8192;")
        .map_err(in_call("connect"))?;
    Ok(connection)
}

fn names(connection: &mut SqliteConnection, sql: &str) -> StoreResult<Vec<String>> {
    let rows: Vec<NameRow> =
        diesel::sql_query(sql).load(connection).map_err(in_call("backup_names"))?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}

fn number(connection: &mut SqliteConnection, sql: &str) -> StoreResult<i64> {
    let row: CountRow =
        diesel::sql_query(sql).get_result(connection).map_err(in_call("backup_count"))?;
    Ok(row.number)
}
