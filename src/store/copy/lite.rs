//! SQLite's side of a copy.
//!
//! Invariants: a source is one read transaction from its opening to its end; a batch and the word
//! of how far the copy is are one transaction of the target, which no other process can open
//! meanwhile. The target's log is synced at checkpoints only: a killed process loses nothing that
//! was committed, a crash of the machine may lose the newest batches, and never half of one.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use diesel::connection::{DefaultLoadingMode, SimpleConnection as _};
use diesel::deserialize::{self, QueryableByName};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::row::{Field as _, NamedRow, Row};
use diesel::sql_types::{BigInt, Binary, Double, Nullable, Text};
use diesel::sqlite::{Sqlite, SqliteConnection, SqliteType};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, spawn_blocking};

use super::catalog::{Column, Kind, MIGRATIONS, PROGRESS, Table, quoted};
use super::error::{CopyError, CopyResult, End};
use super::search;
use super::value::{Batch, Limits, Value};
use super::{Ddl, Range};
use crate::store::lite::establish;

/// Values of one `INSERT`: enough for the statement's own cost not to matter.
const BINDS: usize = 400;

/// A database file.
#[derive(Clone)]
pub struct LiteSide {
    connection: Arc<Mutex<SqliteConnection>>,
    end: End,
}

impl LiteSide {
    /// Opens what is to be read, and holds on to what it is now.
    pub fn source(path: &Path) -> CopyResult<Self> {
        if !path.exists() {
            return Err(CopyError::NoFile(path.display().to_string()));
        }
        let side = Self::open(path, End::Source)?;
        side.execute(
            "open",
            "PRAGMA busy_timeout = 10000; PRAGMA query_only = ON; PRAGMA cache_size = -65536;
             PRAGMA mmap_size = 268435456; BEGIN; SELECT count(*) FROM sqlite_schema;",
        )?;
        Ok(side)
    }

    /// Opens what is to be written, for itself alone.
    pub fn target(path: &Path) -> CopyResult<Self> {
        let side = Self::open(path, End::Target)?;
        side.execute(
            "open",
            "PRAGMA busy_timeout = 10000; PRAGMA locking_mode = EXCLUSIVE;
             PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = OFF;
             PRAGMA cache_size = -131072; PRAGMA wal_autocheckpoint = 16384;
             BEGIN IMMEDIATE; COMMIT;",
        )?;
        Ok(side)
    }

    fn open(path: &Path, end: End) -> CopyResult<Self> {
        let connection = establish(path)?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)), end })
    }

    fn lock(&self) -> MutexGuard<'_, SqliteConnection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn execute(&self, what: &str, sql: &str) -> CopyResult<()> {
        self.lock().batch_execute(sql).map_err(|error| self.failed(what, &error))
    }

    fn failed(&self, what: &str, error: &diesel::result::Error) -> CopyError {
        CopyError::lite(self.end, what, error)
    }

    fn rows<T: QueryableByName<Sqlite> + 'static>(&self, sql: &str) -> CopyResult<Vec<T>> {
        let rows = diesel::sql_query(sql).load(&mut *self.lock());
        rows.map_err(|error| self.failed("looking at its schema", &error))
    }

    /// The tables that are copied.
    pub fn tables(&self) -> CopyResult<Vec<Table>> {
        let columns: Vec<ColumnRow> = self.rows(
            "SELECT t.name AS table_name, c.name AS column_name, c.type AS declared,
                    CAST(c.\"notnull\" AS BIGINT) AS is_required, CAST(c.pk AS BIGINT) AS key_place
             FROM pragma_table_list t JOIN pragma_table_info(t.name) c
             WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
             ORDER BY t.name, c.pk",
        )?;
        let mut tables: BTreeMap<String, (Vec<Column>, Vec<String>)> = BTreeMap::new();
        for row in columns {
            if row.table_name == MIGRATIONS || row.table_name == PROGRESS {
                continue;
            }
            let kind = Kind::of_sqlite(&row.declared).ok_or_else(|| {
                let (table, column, declared) = (&row.table_name, &row.column_name, &row.declared);
                CopyError::Differs(format!("{table}.{column} is of the unknown type {declared}"))
            })?;
            let (columns, key) = tables.entry(row.table_name).or_default();
            if row.key_place > 0 {
                key.push(row.column_name.clone());
            }
            columns.push(Column { name: row.column_name, kind, nullable: row.is_required == 0 });
        }
        let tables =
            tables.into_iter().map(|(name, (columns, key))| Table::new(name, columns, &key));
        tables.collect()
    }

    /// How many rows a table has.
    pub fn count(&self, table: &str) -> CopyResult<u64> {
        let sql = format!("SELECT count(*) AS number, '' AS text FROM {}", quoted(table));
        let rows: Vec<PairRow> = self.rows(&sql)?;
        Ok(rows.first().and_then(|row| u64::try_from(row.number).ok()).unwrap_or_default())
    }

    /// Reads rows in the order of the key, beside whatever else is done.
    pub fn read(
        &self,
        table: &Arc<Table>,
        range: &Range,
        limits: Limits,
        out: mpsc::Sender<Batch>,
    ) -> JoinHandle<CopyResult<()>> {
        let (side, table, sql) = (self.clone(), Arc::clone(table), range.select(table));
        spawn_blocking(move || {
            let failed = |error: &_| side.failed(&format!("reading {}", table.name), error);
            let mut connection = side.lock();
            let rows = diesel::sql_query(sql)
                .load_iter::<RawRow, DefaultLoadingMode>(&mut *connection)
                .map_err(|error| failed(&error))?;
            let mut batch = Batch::default();
            for row in rows {
                let RawRow(bytes) = row.map_err(|error| failed(&error))?;
                batch.add_row(|out| {
                    out.extend_from_slice(&bytes);
                    Ok::<bool, CopyError>(true)
                })?;
                if batch.is_full(limits) && out.blocking_send(std::mem::take(&mut batch)).is_err() {
                    return Ok(());
                }
            }
            batch.is_last = true;
            // Nobody waits for it: they have stopped.
            let _ = out.blocking_send(batch);
            Ok(())
        })
    }

    /// Writes a batch, and the word of it.
    pub async fn write(
        &self,
        table: &Arc<Table>,
        batch: Batch,
        mark: (String, String),
    ) -> CopyResult<()> {
        let (side, table) = (self.clone(), Arc::clone(table));
        let writing = move || {
            let indexed = search::indexed(&table, &batch);
            let mut connection = side.lock();
            let written = connection.immediate_transaction(|connection| {
                insert(connection, &table, &batch)?;
                for chunk in indexed.chunks(BINDS / 2) {
                    let values: Vec<Value<'_>> = chunk
                        .iter()
                        .flat_map(|(id, terms)| [Value::Int(*id), Value::Text(terms)])
                        .collect();
                    let head = "INSERT INTO part_index (rowid, body) VALUES ";
                    Insert { head, width: 2, values: &values }.execute(connection)?;
                }
                put(connection, &mark.0, &mark.1)?;
                fail_point!(CopyBefore);
                Ok(())
            });
            written.map_err(|error| side.failed(&format!("writing {}", table.name), &error))
        };
        joined(spawn_blocking(writing)).await
    }

    /// Makes the table of the copy's own words, if it is missing.
    pub fn begin(&self) -> CopyResult<()> {
        self.execute("beginning", super::MAKE_PROGRESS)
    }

    /// The copy's own words.
    pub fn marks(&self) -> CopyResult<Option<BTreeMap<String, String>>> {
        let there: Vec<PairRow> = self.rows(
            "SELECT 0 AS number, name AS text FROM sqlite_schema WHERE name = 'copy_progress'",
        )?;
        if there.is_empty() {
            return Ok(None);
        }
        let rows: Vec<MarkRow> = self.rows("SELECT name, value FROM copy_progress")?;
        Ok(Some(rows.into_iter().map(|row| (row.name, row.value)).collect()))
    }

    /// Takes away what would slow the copy down, and notes what it was.
    pub fn strip(&self) -> CopyResult<()> {
        let indexes: Vec<MarkRow> = self.rows(
            "SELECT name, sql AS value FROM sqlite_schema
             WHERE type = 'index' AND sql IS NOT NULL ORDER BY rowid",
        )?;
        let stripped = self.lock().immediate_transaction(|connection| {
            for (number, index) in indexes.iter().enumerate() {
                put(connection, &Ddl::key(number), &index.value)?;
                connection.batch_execute(&format!("DROP INDEX {}", quoted(&index.name)))?;
            }
            put(connection, super::PHASE, super::Phase::Tables.name())
        });
        stripped.map_err(|error| self.failed("preparing", &error))
    }

    /// Gives one of these back.
    pub async fn restore(&self, ddl: Ddl) -> CopyResult<()> {
        let side = self.clone();
        let restoring = move || {
            let restored = side.lock().immediate_transaction(|connection| {
                connection.batch_execute(&ddl.statement)?;
                forget(connection, &ddl.key)?;
                fail_point!(CopyBefore);
                Ok(())
            });
            restored.map_err(|error| side.failed("building an index", &error))
        };
        joined(spawn_blocking(restoring)).await
    }

    /// Builds the index of titles.
    pub async fn index_titles(&self) -> CopyResult<()> {
        let side = self.clone();
        let indexing = move || {
            let sql = crate::store::lite::sql::search::INDEX_ALL;
            let indexed = side.lock().immediate_transaction(|connection| {
                connection.batch_execute(sql)?;
                put(connection, super::PHASE, super::Phase::Indexes.name())
            });
            indexed.map_err(|error| side.failed("indexing titles", &error))
        };
        joined(spawn_blocking(indexing)).await
    }

    /// Writes a word of the copy.
    pub fn mark(&self, name: &str, value: &str) -> CopyResult<()> {
        put(&mut self.lock(), name, value).map_err(|error| self.failed("noting the phase", &error))
    }

    /// The last number that each table has given to a row.
    pub fn sequences(&self) -> CopyResult<BTreeMap<String, i64>> {
        let rows: Vec<PairRow> =
            self.rows("SELECT name AS text, seq AS number FROM sqlite_sequence")?;
        Ok(rows.into_iter().map(|row| (row.text, row.number)).collect())
    }

    /// Lets each table go on from there.
    pub fn set_sequences(&self, tables: &BTreeMap<String, i64>) -> CopyResult<()> {
        let set = self.lock().immediate_transaction(|connection| {
            for (table, last) in tables {
                diesel::sql_query("DELETE FROM sqlite_sequence WHERE name = ?")
                    .bind::<Text, _>(table)
                    .execute(connection)?;
                diesel::sql_query("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)")
                    .bind::<Text, _>(table)
                    .bind::<BigInt, _>(last)
                    .execute(connection)?;
            }
            put(connection, super::PHASE, super::Phase::Verify.name())
        });
        set.map_err(|error| self.failed("setting the counters", &error))
    }

    /// Names of tables with rows that refer to what is not there.
    pub fn dangling(&self) -> CopyResult<Vec<String>> {
        let rows: Vec<PairRow> = self.rows(
            "SELECT \"table\" || ' -> ' || parent AS text, count(*) AS number
             FROM pragma_foreign_key_check GROUP BY 1",
        )?;
        Ok(rows.into_iter().map(|row| format!("{} ({} rows)", row.text, row.number)).collect())
    }

    /// Ends the copy: nothing of it is left but the rows.
    pub fn finish(&self) -> CopyResult<()> {
        // What needs room and can fail comes first: a copy whose words are gone cannot be resumed.
        self.execute("ending", "PRAGMA wal_checkpoint(TRUNCATE)")?;
        self.execute("ending", &format!("DROP TABLE {PROGRESS}"))?;
        let released = "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA locking_mode = NORMAL;
                        SELECT count(*) FROM sqlite_schema;";
        if let Err(error) = self.execute("ending", released) {
            // The copy is done, and the next start writes back what is left in the log.
            tracing::warn!(%error, "the copy is done, but its log could not be emptied");
        }
        Ok(())
    }
}

/// Waits for what was given to a thread of its own.
pub async fn joined<T>(task: JoinHandle<CopyResult<T>>) -> CopyResult<T> {
    task.await.unwrap_or_else(|error| Err(CopyError::Fault(error.to_string())))
}

fn put(connection: &mut SqliteConnection, name: &str, value: &str) -> QueryResult<()> {
    diesel::sql_query(
        "INSERT INTO copy_progress (name, value) VALUES (?, ?)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )
    .bind::<Text, _>(name)
    .bind::<Text, _>(value)
    .execute(connection)
    .map(drop)
}

fn forget(connection: &mut SqliteConnection, name: &str) -> QueryResult<()> {
    diesel::sql_query("DELETE FROM copy_progress WHERE name = ?")
        .bind::<Text, _>(name)
        .execute(connection)
        .map(drop)
}

fn insert(connection: &mut SqliteConnection, table: &Table, batch: &Batch) -> QueryResult<()> {
    let width = table.columns.len();
    let rows_at_once = (BINDS / width.max(1)).max(1);
    let head = format!("INSERT INTO {} ({}) VALUES ", quoted(&table.name), table.column_list());
    let mut values: Vec<Value<'_>> = Vec::with_capacity(rows_at_once * width);
    for row in batch.rows() {
        values.extend(row);
        if values.len() >= rows_at_once * width {
            Insert { head: &head, width, values: &values }.execute(connection)?;
            values.clear();
        }
    }
    if !values.is_empty() {
        Insert { head: &head, width, values: &values }.execute(connection)?;
    }
    Ok(())
}

/// Rows in one statement, prepared once for each number of rows.
struct Insert<'a> {
    head: &'a str,
    width: usize,
    values: &'a [Value<'a>],
}

impl QueryId for Insert<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Conn> RunQueryDsl<Conn> for Insert<'_> {}

impl QueryFragment<Sqlite> for Insert<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql(self.head);
        for (number, row) in self.values.chunks(self.width).enumerate() {
            out.push_sql(if number == 0 { "(" } else { "), (" });
            for (place, value) in row.iter().enumerate() {
                if place > 0 {
                    out.push_sql(", ");
                }
                match value {
                    Value::Null => out.push_bind_param::<Nullable<BigInt>, _>(&None::<i64>)?,
                    Value::Int(number) => out.push_bind_param::<BigInt, _>(number)?,
                    Value::Float(number) => out.push_bind_param::<Double, _>(number)?,
                    Value::Text(text) => out.push_bind_param::<Text, str>(text)?,
                    Value::Bytes(bytes) => out.push_bind_param::<Binary, [u8]>(bytes)?,
                }
            }
        }
        out.push_sql(")");
        Ok(())
    }
}

/// A row in its canonical form.
struct RawRow(Vec<u8>);

impl QueryableByName<Sqlite> for RawRow {
    fn build<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        let mut bytes = Vec::with_capacity(256);
        for index in 0..row.field_count() {
            let field = Row::get(row, index).ok_or("a column is missing")?;
            match field.value() {
                None => Value::Null.encode(&mut bytes),
                Some(mut value) => match value.value_type() {
                    Some(SqliteType::Text) => {
                        let text = value.read_text();
                        Value::Text(text).encode(&mut bytes);
                    }
                    Some(SqliteType::Binary) => {
                        Value::Bytes(value.read_blob()).encode(&mut bytes);
                    }
                    Some(SqliteType::Float | SqliteType::Double) => {
                        Value::Float(value.read_double()).encode(&mut bytes);
                    }
                    _ => Value::Int(value.read_long()).encode(&mut bytes),
                },
            }
        }
        Ok(Self(bytes))
    }
}

#[derive(QueryableByName)]
struct ColumnRow {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    declared: String,
    #[diesel(sql_type = BigInt)]
    is_required: i64,
    #[diesel(sql_type = BigInt)]
    key_place: i64,
}

#[derive(QueryableByName)]
struct PairRow {
    #[diesel(sql_type = BigInt)]
    number: i64,
    #[diesel(sql_type = Text)]
    text: String,
}

#[derive(QueryableByName)]
struct MarkRow {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    value: String,
}
