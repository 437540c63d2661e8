//! A database of its own for each test, and short words for what the tests put in.

use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use diesel::Connection as _;
use diesel::connection::SimpleConnection as _;
use diesel::sqlite::SqliteConnection;
use primelingo::domain::clock::Timestamp;
use primelingo::store::{Db, LiteConfig, PgConfig, StoreConfig, StoreError, StoreResult};
use tempfile::TempDir;
use tokio::runtime::Handle;
use tokio_postgres::NoTls;

use crate::support::postgres::{Postgres, TestDatabase};

/// Generous: a test must not fail because the machine is busy.
const CALL_TIMEOUT: Duration = Duration::from_mins(1);

/// The store under test, on a database that ends with this value.
pub struct Store {
    pub db: Db,
    pub place: Place,
}

/// Where the database is.
pub enum Place {
    Sqlite(TempDir),
    Postgres(TestDatabase),
}

impl Place {
    pub fn sqlite() -> Self {
        Self::Sqlite(tempfile::tempdir().unwrap())
    }

    pub fn postgres() -> Self {
        Self::Postgres(Postgres::shared().fresh_database())
    }

    pub fn config(&self) -> StoreConfig {
        match self {
            Self::Sqlite(_) => StoreConfig::Sqlite(LiteConfig {
                path: self.file(),
                readers: 2,
                cache_kb: 2048,
                group_units: 64,
                queue: 256,
            }),
            Self::Postgres(database) => StoreConfig::Postgres(PgConfig {
                url: database.url.clone(),
                pool_max: 8,
                acquire_timeout: Duration::from_secs(30),
                query_timeout: Duration::from_secs(30),
                lock_timeout: Duration::from_secs(30),
            }),
        }
    }

    /// Opens the store, as a start of the process does.
    pub async fn open(&self) -> Db {
        Db::open(self.config(), CALL_TIMEOUT, Handle::current()).await.unwrap()
    }

    /// The file of a SQLite database.
    pub fn file(&self) -> PathBuf {
        match self {
            Self::Sqlite(folder) => folder.path().join("library.db"),
            Self::Postgres(_) => panic!("PostgreSQL has no file of ours"),
        }
    }

    /// Runs SQL past the store.
    pub async fn execute(&self, sql: &str) {
        match self {
            Self::Sqlite(_) => self.sqlite_connection().batch_execute(sql).unwrap(),
            Self::Postgres(_) => self.postgres_client().await.batch_execute(sql).await.unwrap(),
        }
    }

    /// The one number that a query gives, past the store.
    pub async fn number(&self, sql: &str) -> i64 {
        match self {
            Self::Sqlite(_) => {
                use diesel::RunQueryDsl as _;
                diesel::dsl::sql::<diesel::sql_types::BigInt>(sql)
                    .get_result(&mut self.sqlite_connection())
                    .unwrap()
            }
            Self::Postgres(_) => {
                self.postgres_client().await.query_one(sql, &[]).await.unwrap().get(0)
            }
        }
    }

    pub fn sqlite_connection(&self) -> SqliteConnection {
        let mut connection = SqliteConnection::establish(self.file().to_str().unwrap()).unwrap();
        connection.batch_execute("PRAGMA busy_timeout = 30000").unwrap();
        connection
    }

    pub async fn postgres_client(&self) -> tokio_postgres::Client {
        let Self::Postgres(database) = self else { panic!("this is SQLite") };
        let (client, connection) = tokio_postgres::connect(&database.url, NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    }
}

impl Store {
    pub async fn sqlite() -> Self {
        Self::at(Place::sqlite()).await
    }

    pub async fn postgres() -> Self {
        Self::at(Place::postgres()).await
    }

    async fn at(place: Place) -> Self {
        Self { db: place.open().await, place }
    }

    /// How many rows a table has.
    pub async fn rows(&self, table: &str) -> i64 {
        self.place.number(&format!("SELECT count(*) FROM {table}")).await
    }
}

/// A moment, so many seconds after the tests' time begins.
pub fn at(seconds: i64) -> Timestamp {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::seconds(seconds)
}

/// What a conflict is about; any other outcome fails the test.
#[track_caller]
pub fn conflict<T: std::fmt::Debug>(result: StoreResult<T>) -> &'static str {
    match result {
        Err(StoreError::Conflict { what }) => what,
        other => panic!("a conflict was expected, not {other:?}"),
    }
}
