//! Databases of other programs: their tables, and their rows as texts.
//!
//! Invariant: they are read in one snapshot and never written.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use diesel::connection::{DefaultLoadingMode, SimpleConnection as _};
use diesel::deserialize::{self, QueryableByName};
use diesel::prelude::*;
use diesel::row::{Field as _, NamedRow, Row};
use diesel::sqlite::{Sqlite, SqliteConnection, SqliteType};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio_postgres::Client;

use super::error::{StoreError, StoreResult};
use super::lite::establish;
use super::pg::connect_raw;
use super::{StoreConfig, joined};

/// A row: each value as a text, or nothing.
pub type ForeignRow = Vec<Option<String>>;

/// The database of another program.
#[derive(Clone)]
pub struct Foreign(Side);

#[derive(Clone)]
enum Side {
    Lite(Arc<Mutex<SqliteConnection>>),
    Pg(Arc<Client>),
}

impl Foreign {
    /// Opens it for reading.
    pub async fn open(config: &StoreConfig) -> StoreResult<Self> {
        match config {
            StoreConfig::Sqlite(config) => {
                if !config.path.exists() {
                    let path = config.path.display();
                    return Err(StoreError::Address(format!("there is no file {path}")));
                }
                let mut connection = establish(&config.path)?;
                connection.batch_execute(
                    "PRAGMA busy_timeout = 10000; PRAGMA query_only = ON;
                     BEGIN; SELECT count(*) FROM sqlite_schema",
                )?;
                Ok(Self(Side::Lite(Arc::new(Mutex::new(connection)))))
            }
            StoreConfig::Postgres(config) => {
                let client = connect_raw(config).await?;
                let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT 1";
                client.batch_execute(begin).await.map_err(|error| failed(&error))?;
                Ok(Self(Side::Pg(Arc::new(client))))
            }
        }
    }

    /// Its tables, with the names of their columns.
    pub async fn tables(&self) -> StoreResult<BTreeMap<String, Vec<String>>> {
        let sql = match &self.0 {
            Side::Lite(_) => {
                "SELECT t.name, c.name FROM pragma_table_list t JOIN pragma_table_info(t.name) c
                 WHERE t.schema = 'main' AND t.type = 'table' ORDER BY t.name, c.cid"
            }
            Side::Pg(_) => {
                "SELECT table_name::text, column_name::text FROM information_schema.columns
                 WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position"
            }
        };
        let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in self.select(sql.to_owned()).await? {
            if let [Some(table), Some(column)] = row.as_slice() {
                tables.entry(table.clone()).or_default().push(column.clone());
            }
        }
        Ok(tables)
    }

    /// All rows of a table, `page` at a time, in the order of `first` and then of all columns. They
    /// are sorted once; nothing else can be asked of a SQLite file meanwhile.
    pub async fn rows(
        &self,
        table: &str,
        columns: &[&str],
        first: Option<&str>,
        page: usize,
    ) -> StoreResult<ForeignRows> {
        let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
        let cast = if matches!(self.0, Side::Pg(_)) { "::text" } else { "" };
        let list: Vec<String> =
            columns.iter().map(|it| format!("it.{}{cast}", quoted(it))).collect();
        let unordered = self.unordered(table).await?;
        // Of the table and not of the output, where a number is a text. All columns take part, so
        // that the order is the same each time; both kinds of databases put what is missing last.
        let order: Vec<String> = first
            .iter()
            .chain(columns)
            .map(|name| {
                let cast = if unordered.contains(*name) { "::text" } else { "" };
                format!("it.{}{cast} NULLS LAST", quoted(name))
            })
            .collect();
        let sql = format!(
            "SELECT {} FROM {} AS it ORDER BY {}",
            list.join(", "),
            quoted(table),
            order.join(", ")
        );
        match &self.0 {
            Side::Lite(connection) => Ok(ForeignRows::of_file(Arc::clone(connection), sql, page)),
            Side::Pg(client) => {
                let declare = format!("CLOSE ALL; DECLARE adopted NO SCROLL CURSOR FOR {sql}");
                client.batch_execute(&declare).await.map_err(|error| failed(&error))?;
                Ok(ForeignRows(Rows::Pg { client: Arc::clone(client), page }))
            }
        }
    }

    /// Columns whose values a server cannot compare.
    async fn unordered(&self, table: &str) -> StoreResult<BTreeSet<String>> {
        let Side::Pg(client) = &self.0 else { return Ok(BTreeSet::new()) };
        let sql = "SELECT column_name::text FROM information_schema.columns
                   WHERE table_schema = current_schema() AND table_name = $1
                     AND udt_name IN ('json', 'xml', 'point', 'line', 'lseg', 'path', 'polygon')";
        let rows = client.query(sql, &[&table]).await.map_err(|error| failed(&error))?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    async fn select(&self, sql: String) -> StoreResult<Vec<ForeignRow>> {
        match &self.0 {
            Side::Lite(connection) => {
                let connection = Arc::clone(connection);
                let asking = move || {
                    let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
                    let rows: Vec<TextRow> = diesel::sql_query(sql).load(&mut *connection)?;
                    Ok(rows.into_iter().map(|row| row.0).collect())
                };
                joined(spawn_blocking(asking)).await
            }
            Side::Pg(client) => {
                let rows = client.query(&sql, &[]).await.map_err(|error| failed(&error))?;
                Ok(rows.iter().map(texts).collect())
            }
        }
    }
}

/// Rows of a table under way.
pub struct ForeignRows(Rows);

enum Rows {
    Lite { pages: mpsc::Receiver<Vec<ForeignRow>>, reading: Option<JoinHandle<StoreResult<()>>> },
    Pg { client: Arc<Client>, page: usize },
}

impl ForeignRows {
    fn of_file(connection: Arc<Mutex<SqliteConnection>>, sql: String, page: usize) -> Self {
        let (out, pages) = mpsc::channel(1);
        let reading = spawn_blocking(move || {
            let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            let rows = diesel::sql_query(sql)
                .load_iter::<TextRow, DefaultLoadingMode>(&mut *connection)?;
            let mut full = Vec::new();
            for row in rows {
                full.push(row?.0);
                if full.len() >= page && out.blocking_send(std::mem::take(&mut full)).is_err() {
                    return Ok(());
                }
            }
            if !full.is_empty() {
                // Nobody waits for it: they have stopped.
                let _ = out.blocking_send(full);
            }
            Ok(())
        });
        Self(Rows::Lite { pages, reading: Some(reading) })
    }

    /// The next ones; none: that was all.
    pub async fn next(&mut self) -> StoreResult<Vec<ForeignRow>> {
        match &mut self.0 {
            Rows::Lite { pages, reading } => match (pages.recv().await, reading.take()) {
                (Some(rows), running) => {
                    *reading = running;
                    Ok(rows)
                }
                (None, Some(reading)) => joined(reading).await.map(|()| Vec::new()),
                (None, None) => Ok(Vec::new()),
            },
            Rows::Pg { client, page } => {
                let fetch = format!("FETCH FORWARD {page} FROM adopted");
                let rows = client.query(&fetch, &[]).await.map_err(|error| failed(&error))?;
                Ok(rows.iter().map(texts).collect())
            }
        }
    }
}

fn texts(row: &tokio_postgres::Row) -> ForeignRow {
    (0..row.len()).map(|index| row.get::<_, Option<String>>(index)).collect()
}

fn failed(error: &tokio_postgres::Error) -> StoreError {
    let reason =
        error.as_db_error().map_or_else(|| error.to_string(), |it| it.message().to_owned());
    StoreError::Unavailable { call: "reading the other database", reason }
}

/// A row of which nothing is known.
struct TextRow(ForeignRow);

impl QueryableByName<Sqlite> for TextRow {
    fn build<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        let mut texts = Vec::with_capacity(row.field_count());
        for index in 0..row.field_count() {
            let field = Row::get(row, index).ok_or("a column is missing")?;
            texts.push(field.value().map(|mut value| match value.value_type() {
                Some(SqliteType::Text) => value.read_text().to_owned(),
                Some(SqliteType::Binary) => String::from_utf8_lossy(value.read_blob()).into_owned(),
                Some(SqliteType::Float | SqliteType::Double) => value.read_double().to_string(),
                _ => value.read_long().to_string(),
            }));
        }
        Ok(Self(texts))
    }
}
