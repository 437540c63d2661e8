//! Where a test's database is: a file of its own or a database of the throwaway server.

use std::path::PathBuf;
use std::time::Duration;

use diesel::Connection as _;
use diesel::connection::SimpleConnection as _;
use diesel::sqlite::SqliteConnection;
use primelingo::store::{Db, LiteConfig, PgConfig, StoreConfig};
use tempfile::TempDir;
use tokio::runtime::Handle;
use tokio_postgres::NoTls;

use super::postgres::{Postgres, TestDatabase};

/// Generous: a test must not fail because the machine is busy.
const CALL_TIMEOUT: Duration = Duration::from_mins(1);

const REFUSE: &str = "CREATE TRIGGER refuse BEFORE INSERT ON updates \
     BEGIN SELECT RAISE(ABORT, 'the test refuses'); END";

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

    /// A database of a server that the test may stop.
    pub fn postgres_of(server: &'static Postgres) -> Self {
        Self::Postgres(server.fresh_database())
    }

    /// A file in a folder of the test's.
    pub fn sqlite_in(folder: TempDir) -> Self {
        Self::Sqlite(folder)
    }

    pub fn config(&self) -> StoreConfig {
        match self {
            Self::Sqlite(_) => StoreConfig::Sqlite(LiteConfig {
                path: self.file(),
                readers: 2,
                snapshot_life: Duration::ZERO,
                cache_kb: 2048,
                group_units: 64,
                queue: 256,
                lock_timeout: Duration::from_secs(5),
                log_pages: 16_384,
            }),
            Self::Postgres(database) => StoreConfig::Postgres(PgConfig {
                url: database.url.clone(),
                pool_max: 8,
                acquire_timeout: Duration::from_secs(30),
                query_timeout: Duration::from_secs(30),
                lock_timeout: Duration::from_secs(30),
                idle_timeout: Duration::from_secs(30),
            }),
        }
    }

    /// The setting `database.url` that leads a program here.
    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(_) => format!("sqlite:{}", self.file().display()),
            Self::Postgres(database) => database.url.clone(),
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

    /// All bytes of the files of a SQLite database, or what a server dumps.
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Sqlite(folder) => {
                let files = std::fs::read_dir(folder.path()).unwrap();
                files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
            }
            Self::Postgres(database) => super::postgres::dump(&database.url),
        }
    }

    /// Runs SQL past the store.
    pub async fn execute(&self, sql: &str) {
        match self {
            Self::Sqlite(_) => self.sqlite_connection().batch_execute(sql).unwrap(),
            Self::Postgres(_) => self.postgres_client().await.batch_execute(sql).await.unwrap(),
        }
    }

    /// What the database says to SQL that it refuses.
    pub async fn refused(&self, sql: &str) -> String {
        match self {
            Self::Sqlite(_) => {
                self.sqlite_connection().batch_execute(sql).expect_err(sql).to_string()
            }
            Self::Postgres(_) => {
                let refused = self.postgres_client().await.batch_execute(sql).await;
                refused.expect_err(sql).as_db_error().expect(sql).message().to_owned()
            }
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

    /// The one column of text that a query gives, past the store.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        match self {
            Self::Sqlite(_) => {
                use diesel::RunQueryDsl as _;
                diesel::dsl::sql::<diesel::sql_types::Text>(sql)
                    .load(&mut self.sqlite_connection())
                    .unwrap()
            }
            Self::Postgres(_) => {
                let rows = self.postgres_client().await.query(sql, &[]).await.unwrap();
                rows.iter().map(|row| row.get(0)).collect()
            }
        }
    }

    /// Makes the database refuse updates: PostgreSQL is away as a whole, SQLite takes no new rows.
    pub async fn refuse_updates(&self) {
        match self {
            Self::Sqlite(_) => self.execute(REFUSE).await,
            Self::Postgres(database) => database.shut(),
        }
    }

    /// Ends [`Place::refuse_updates`].
    pub async fn take_updates(&self) {
        match self {
            Self::Sqlite(_) => self.execute("DROP TRIGGER refuse").await,
            Self::Postgres(database) => database.open(),
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
