//! Either side of a copy, whichever database it is.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::catalog::Table;
use super::error::CopyResult;
use super::lite::LiteSide;
use super::pg::PgSide;
use super::value::{Batch, Limits};
use super::{Ddl, Range};
use crate::store::StoreConfig;

/// A database that is read or written.
#[derive(Clone)]
pub enum Side {
    Lite(LiteSide),
    Pg(PgSide),
}

impl Side {
    pub async fn source(config: &StoreConfig) -> CopyResult<Self> {
        Ok(match config {
            StoreConfig::Sqlite(config) => Self::Lite(LiteSide::source(&config.path)?),
            StoreConfig::Postgres(config) => Self::Pg(PgSide::source(config).await?),
        })
    }

    pub async fn target(config: &StoreConfig) -> CopyResult<Self> {
        Ok(match config {
            StoreConfig::Sqlite(config) => Self::Lite(LiteSide::target(&config.path)?),
            StoreConfig::Postgres(config) => Self::Pg(PgSide::target(config).await?),
        })
    }

    pub async fn tables(&self) -> CopyResult<Vec<Table>> {
        match self {
            Self::Lite(side) => side.tables(),
            Self::Pg(side) => side.tables().await,
        }
    }

    pub async fn count(&self, table: &str) -> CopyResult<u64> {
        match self {
            Self::Lite(side) => side.count(table),
            Self::Pg(side) => side.count(table).await,
        }
    }

    pub fn read(
        &self,
        table: &Arc<Table>,
        range: &Range,
        limits: Limits,
        out: mpsc::Sender<Batch>,
    ) -> JoinHandle<CopyResult<()>> {
        match self {
            Self::Lite(side) => side.read(table, range, limits, out),
            Self::Pg(side) => side.read(table, range, limits, out),
        }
    }

    pub async fn write(
        &self,
        table: &Arc<Table>,
        batch: Batch,
        mark: (String, String),
    ) -> CopyResult<()> {
        match self {
            Self::Lite(side) => side.write(table, batch, mark).await,
            Self::Pg(side) => side.write(table, batch, mark).await,
        }
    }

    pub async fn begin(&self) -> CopyResult<()> {
        match self {
            Self::Lite(side) => side.begin(),
            Self::Pg(side) => side.begin().await,
        }
    }

    pub async fn marks(&self) -> CopyResult<Option<BTreeMap<String, String>>> {
        match self {
            Self::Lite(side) => side.marks(),
            Self::Pg(side) => side.marks().await,
        }
    }

    pub async fn strip(&self) -> CopyResult<()> {
        match self {
            Self::Lite(side) => side.strip(),
            Self::Pg(side) => side.strip().await,
        }
    }

    pub async fn restore(&self, ddl: Ddl) -> CopyResult<()> {
        match self {
            Self::Lite(side) => side.restore(ddl).await,
            Self::Pg(side) => side.restore(ddl).await,
        }
    }

    pub async fn index_titles(&self) -> CopyResult<()> {
        match self {
            Self::Lite(side) => side.index_titles().await,
            Self::Pg(side) => side.index_titles().await,
        }
    }

    pub async fn mark(&self, name: &str, value: &str) -> CopyResult<()> {
        match self {
            Self::Lite(side) => side.mark(name, value),
            Self::Pg(side) => side.mark(name, value).await,
        }
    }

    pub async fn sequences(&self) -> CopyResult<BTreeMap<String, i64>> {
        match self {
            Self::Lite(side) => side.sequences(),
            Self::Pg(side) => side.sequences().await,
        }
    }

    pub async fn set_sequences(&self, tables: &BTreeMap<String, i64>) -> CopyResult<()> {
        match self {
            Self::Lite(side) => side.set_sequences(tables),
            Self::Pg(side) => side.set_sequences(tables).await,
        }
    }

    /// References to rows that are not there. PostgreSQL refuses them when they are made again.
    pub fn dangling(&self) -> CopyResult<Vec<String>> {
        match self {
            Self::Lite(side) => side.dangling(),
            Self::Pg(_) => Ok(Vec::new()),
        }
    }

    pub async fn finish(&self) -> CopyResult<()> {
        match self {
            Self::Lite(side) => side.finish(),
            Self::Pg(side) => side.finish().await,
        }
    }
}
