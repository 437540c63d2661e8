//! The calls of the metrics' collector, and what the pools show of themselves.

use futures_util::FutureExt as _;

use super::records::{FilesCount, LedgerFigures, OutboxDead, PoolFigures};
use super::{Backend, Db, StoreResult, calls, lite, migrate, pg, writes};

calls! {
    /// How the ledger stands.
    read figures::ledger_figures() -> LedgerFigures;
    /// Messages that were given up.
    read figures::outbox_dead() -> OutboxDead;
    /// Dialogs that are under way.
    read figures::sessions_open() -> i64;
    /// The materials by how they stand, and the size of all contents.
    browse figures::files_figures() -> (Vec<FilesCount>, i64);
    /// The size of the database in bytes.
    read figures::database_size() -> i64;
    /// The versions of the schema that the database has.
    read figures::schema_versions() -> Vec<String>;
}

impl Db {
    /// How many changes of the schema this version knows that the database does not have.
    pub async fn migrations_pending(&self) -> StoreResult<usize> {
        let there = self.schema_versions().await?;
        let known = match &self.backend {
            Backend::Lite(_) => migrate::sqlite_versions(),
            Backend::Pg(_) => migrate::postgres_versions(),
        }?;
        Ok(known.iter().filter(|version| !there.contains(version)).count())
    }

    /// The connections of this process.
    pub fn pool_figures(&self) -> PoolFigures {
        match &self.backend {
            Backend::Lite(pool) => pool.figures(),
            Backend::Pg(pool) => pool.figures(),
        }
    }
}
