//! A look at a database that changes nothing: no migration is run, no file is made, no pool is
//! opened. For `doctor`, which must find out what a start would do before it does it.
//!
//! Invariants: each look opens a connection of its own and is given up, with its connection, after
//! its limit; only [`make_indexes`] changes anything.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::timeout;

use super::error::{StoreError, StoreResult};
use super::records::{Facts, SchemaFacts};
use super::rows::FactRow;
use super::standing::COPY_PROGRESS;
use super::{StoreConfig, lite, migrate, pg};

mod blueprint;
mod sqlite;
mod postgres;

use blueprint::Blueprint;

/// The table in which diesel notes what it has run.
const MIGRATIONS: &str = "__diesel_schema_migrations";

/// Looks at the database, within `limit`.
///
/// # Errors
/// It cannot be reached, is no database, or gave no answer in time.
pub async fn look(config: &StoreConfig, limit: Duration) -> StoreResult<Facts> {
    within(limit, async {
        let mut facts = match config {
            StoreConfig::Sqlite(config) => sqlite::look(config.path.clone(), limit).await?,
            StoreConfig::Postgres(config) => postgres::look(config, limit).await?,
        };
        // Where rights are missing that is what is told of.
        if facts.schema.tables_forbidden.is_empty() {
            facts.schema.fault = migrate::standing_of(config).await?.fault;
        }
        Ok(facts)
    })
    .await
}

/// Whether the database takes writes; what is written is taken back. Of a server [`look`] tells.
///
/// # Errors
/// It does not, or not within `limit`.
pub async fn writable(config: &StoreConfig, limit: Duration) -> StoreResult<()> {
    match config {
        StoreConfig::Sqlite(config) => {
            within(limit, sqlite::writable(config.path.clone(), limit)).await
        }
        StoreConfig::Postgres(_) => Ok(()),
    }
}

/// The first damage that a quick check of a SQLite file finds, or none. Of a server it is not
/// asked: it checks its pages itself.
///
/// # Errors
/// It could not be read, or not to its end within `limit`: nothing is known then.
pub async fn damage(config: &StoreConfig, limit: Duration) -> StoreResult<Option<String>> {
    match config {
        StoreConfig::Sqlite(config) => within(limit, sqlite::damage(config.path.clone())).await,
        StoreConfig::Postgres(_) => Ok(None),
    }
}

/// Makes indexes that are missing, and those anew that were never finished. A server goes on
/// serving meanwhile; a SQLite file is locked for others.
///
/// # Errors
/// The schema is none that a start would take: a copy that has not ended makes them itself, and
/// cannot go on when they are there. Or the database refuses one of them; those before it are made.
pub async fn make_indexes(config: &StoreConfig, names: Vec<String>) -> StoreResult<()> {
    if let Some(fault) = migrate::standing_of(config).await?.fault {
        return Err(StoreError::Schema(fault));
    }
    match config {
        StoreConfig::Sqlite(config) => sqlite::make_indexes(config.path.clone(), names).await,
        StoreConfig::Postgres(config) => postgres::make_indexes(config, &names).await,
    }
}

async fn within<T>(limit: Duration, work: impl Future<Output = StoreResult<T>>) -> StoreResult<T> {
    let looked = timeout(limit, work).await.unwrap_or_else(|_elapsed| {
        let reason = format!("no answer within {} ms", limit.as_millis());
        Err(StoreError::Unavailable { call: "look", reason })
    });
    looked.map_err(|error| error.in_call("look"))
}

/// What is there, by name.
#[derive(Debug, Default)]
struct Found {
    tables: BTreeSet<String>,
    indexes: BTreeSet<String>,
    indexes_invalid: BTreeSet<String>,
    forbidden: BTreeSet<String>,
    versions: Vec<String>,
}

impl Found {
    /// Names and what they are: `table`, `index`, `invalid` (an index), `forbidden` (a table).
    fn of(rows: Vec<FactRow>) -> Self {
        let mut found = Self::default();
        for FactRow { name, value } in rows {
            match value.as_str() {
                "table" => found.tables.insert(name),
                "index" => found.indexes.insert(name),
                "invalid" => found.indexes_invalid.insert(name),
                "forbidden" => found.forbidden.insert(name),
                _ => false,
            };
        }
        found
    }

    fn has_versions(&self) -> bool {
        self.tables.contains(MIGRATIONS)
    }

    /// Against what this program would make.
    fn compare(self, blueprint: &Blueprint, known: &[String]) -> SchemaFacts {
        let (tables, indexes) = (&blueprint.tables, &blueprint.indexes);
        let applied = known.iter().filter(|version| self.versions.contains(version)).count();
        // Nothing can be missing of what was never made.
        let is_made = applied == known.len();
        let foreign = |name: &&String| {
            let is_ours = tables.contains(*name) || *name == COPY_PROGRESS;
            !is_ours && !blueprint.is_made_beside(name)
        };
        let missing = |there: &BTreeSet<String>, name: &&String| is_made && !there.contains(*name);
        let present = tables.iter().filter(|name| self.tables.contains(*name)).count();
        let invalid = self.indexes_invalid.iter().filter(|name| indexes.contains_key(*name));
        SchemaFacts {
            fault: None,
            pending: minus(known, &self.versions),
            newer: minus(&self.versions, known),
            applied,
            tables: present,
            tables_missing: tables
                .iter()
                .filter(|name| missing(&self.tables, name))
                .cloned()
                .collect(),
            tables_foreign: self.tables.iter().filter(foreign).cloned().collect(),
            indexes_missing: indexes
                .keys()
                .filter(|name| {
                    missing(&self.indexes, name) && !self.indexes_invalid.contains(*name)
                })
                .cloned()
                .collect(),
            indexes_invalid: invalid.cloned().collect(),
            tables_forbidden: tables.intersection(&self.forbidden).cloned().collect(),
        }
    }
}

fn minus(all: &[String], without: &[String]) -> Vec<String> {
    all.iter().filter(|version| !without.contains(version)).cloned().collect()
}
