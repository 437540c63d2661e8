//! What a backup needs of a database: a copy as it is at one moment, what is in it, and whether one
//! is sound. `lite` works on files, `pg` with a server.
//!
//! Invariants: nothing here goes through the pools or the writer, so that a copy waits for nobody and
//! nobody waits for it; the figures of a copy come from the copy, not from the database that goes on;
//! no value here shows a password.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::error::{StoreError, StoreResult};

pub mod lite;
pub mod pg;

/// What is in a database.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Census {
    /// The versions of its schema.
    pub schema: Vec<String>,
    /// Rows by table.
    pub rows: BTreeMap<String, i64>,
    /// Tables in other schemas of the same database, where nothing of ours is.
    pub elsewhere: usize,
}

impl Census {
    /// All rows.
    pub fn total(&self) -> i64 {
        self.rows.values().sum()
    }

    /// Rows that people and editors have brought: a database without any is empty.
    pub fn worth(&self) -> i64 {
        ["users", "materials", "updates", "categories"]
            .iter()
            .filter_map(|table| self.rows.get(*table))
            .sum()
    }
}

/// Who holds a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The lease: `leader`, or `worker:...`.
    pub lease: String,
    /// The process.
    pub owner: String,
    /// For how long it may not be taken from it, seconds.
    pub left_s: i64,
}

/// What would go on in a database that is put back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UnderWay {
    /// Messages that have not left yet.
    pub messages: i64,
    /// Broadcasts that are being sent.
    pub broadcasts: i64,
}

#[derive(QueryableByName)]
struct NameRow {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

#[derive(QueryableByName)]
struct HolderRow {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    owner: String,
    #[diesel(sql_type = BigInt)]
    number: i64,
}

impl From<HolderRow> for Holder {
    fn from(row: HolderRow) -> Self {
        Self { lease: row.name, owner: row.owner, left_s: row.number }
    }
}

/// The table in which diesel keeps the versions of the schema.
const VERSIONS: &str = "__diesel_schema_migrations";

const SCHEMA: &str = "SELECT version AS name FROM __diesel_schema_migrations ORDER BY version";

/// Contents that the library names: files and their pictures.
const FILES: &str = "SELECT hash AS name FROM contents
     UNION SELECT preview_hash FROM contents WHERE preview_hash IS NOT NULL
     UNION SELECT hash FROM materials WHERE hash IS NOT NULL AND state <> 'discarded'
     ORDER BY 1";

const MESSAGES: &str = "SELECT count(*) AS number FROM outbox WHERE state IN ('queued', 'sending')";

const BROADCASTS: &str = "SELECT count(*) AS number FROM broadcasts WHERE state = 'running'";

/// Whether this program knows all of these versions of the schema.
pub fn knows(is_sqlite: bool, schema: &[String]) -> StoreResult<bool> {
    let known = if is_sqlite {
        super::migrate::sqlite_versions()
    } else {
        super::migrate::postgres_versions()
    }?;
    Ok(schema.iter().all(|version| known.contains(version)))
}

/// A count as SQL: the name is one that the database has told.
fn count_of(table: &str) -> String {
    format!("SELECT count(*) AS number FROM {}", quoted(table))
}

/// A name as SQL writes it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn in_call(call: &'static str) -> impl Fn(diesel::result::Error) -> StoreError {
    move |error| StoreError::from(error).in_call(call)
}
