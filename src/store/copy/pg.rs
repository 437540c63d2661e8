//! PostgreSQL's side of a copy: the driver's own client, and COPY in both directions.
//!
//! Invariants: a source is one REPEATABLE READ transaction from its opening to its end; a batch and
//! the word of how far the copy is are one transaction of the target, on which the lock of
//! migrations is held meanwhile, so that no bot and no other copy begins.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{SinkExt as _, TryStreamExt as _};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Row};

use super::catalog::{Column, Kind, MIGRATIONS, PROGRESS, Table, literal, quoted};
use super::error::{CopyError, CopyResult, End};
use super::lite::joined;
use super::value::{Batch, Limits};
use super::{Ddl, Range, search, wire};
use crate::store::migrate::ADVISORY_LOCK;
use crate::store::pg::{PgConfig, connect_raw};

/// A database of a server.
#[derive(Clone)]
pub struct PgSide {
    client: Arc<Client>,
    end: End,
}

impl PgSide {
    /// Opens what is to be read, and holds on to what it is now.
    pub async fn source(config: &PgConfig) -> CopyResult<Self> {
        let side = Self { client: Arc::new(connect_raw(config).await?), end: End::Source };
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT 1";
        side.execute("opening", begin).await?;
        Ok(side)
    }

    /// Opens what is to be written, for itself alone. A copy that was killed leaves the lock when
    /// the server has noticed.
    pub async fn target(config: &PgConfig) -> CopyResult<Self> {
        let side = Self { client: Arc::new(connect_raw(config).await?), end: End::Target };
        let lock = format!(
            "SET lock_timeout = '15s'; SELECT pg_advisory_lock({ADVISORY_LOCK}); SET lock_timeout = 0"
        );
        match side.client.batch_execute(&lock).await {
            Err(error) if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) => {
                return Err(CopyError::Busy(End::Target));
            }
            locked => locked.map_err(|error| side.failed("opening", &error))?,
        }
        Ok(side)
    }

    async fn execute(&self, what: &str, sql: &str) -> CopyResult<()> {
        self.client.batch_execute(sql).await.map_err(|error| self.failed(what, &error))
    }

    fn failed(&self, what: &str, error: &tokio_postgres::Error) -> CopyError {
        CopyError::pg(self.end, what, error)
    }

    async fn rows(&self, sql: &str) -> CopyResult<Vec<Row>> {
        let rows = self.client.query(sql, &[]).await;
        rows.map_err(|error| self.failed("looking at its schema", &error))
    }

    /// The tables that are copied. Vectors of an index are made from what they index.
    pub async fn tables(&self) -> CopyResult<Vec<Table>> {
        let keys = self
            .rows(
                "SELECT c.relname::text, a.attname::text
                 FROM pg_index i CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k (number, place)
                 JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
                 JOIN pg_class c ON c.oid = i.indrelid
                 WHERE i.indisprimary AND c.relnamespace = current_schema()::regnamespace
                 ORDER BY 1, k.place",
            )
            .await?;
        let columns = self
            .rows(
                "SELECT c.table_name::text, c.column_name::text, c.udt_name::text,
                        c.is_nullable = 'YES'
                 FROM information_schema.columns c
                 JOIN information_schema.tables t USING (table_schema, table_name)
                 WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE'
                   AND c.udt_name <> 'tsvector'
                 ORDER BY 1, 2",
            )
            .await?;
        let mut tables: BTreeMap<String, Vec<Column>> = BTreeMap::new();
        for row in columns {
            let (table, name, of): (String, String, String) = (row.get(0), row.get(1), row.get(2));
            if table == MIGRATIONS || table == PROGRESS {
                continue;
            }
            let kind = Kind::of_postgres(&of).ok_or_else(|| {
                CopyError::Differs(format!("{table}.{name} is of the unknown type {of}"))
            })?;
            tables.entry(table).or_default().push(Column { name, kind, nullable: row.get(3) });
        }
        let key_of = |table: &str| -> Vec<String> {
            let own = keys.iter().filter(|row| row.get::<_, &str>(0) == table);
            own.map(|row| row.get(1)).collect()
        };
        let tables = tables.into_iter().map(|(name, columns)| {
            let key = key_of(&name);
            Table::new(name, columns, &key)
        });
        tables.collect()
    }

    /// How many rows a table has.
    pub async fn count(&self, table: &str) -> CopyResult<u64> {
        let rows = self.rows(&format!("SELECT count(*) FROM {}", quoted(table))).await?;
        let count = rows.first().map_or(0, |row| row.get::<_, i64>(0));
        Ok(u64::try_from(count).unwrap_or_default())
    }

    /// Reads rows in the order of the key, beside whatever else is done.
    pub fn read(
        &self,
        table: &Arc<Table>,
        range: &Range,
        limits: Limits,
        out: mpsc::Sender<Batch>,
    ) -> JoinHandle<CopyResult<()>> {
        let (side, table) = (self.clone(), Arc::clone(table));
        let sql = format!("COPY ({}) TO STDOUT (FORMAT binary)", range.select(&table));
        tokio::spawn(async move {
            let failed = |error| side.failed(&format!("reading {}", table.name), &error);
            let stream = side.client.copy_out(&sql).await.map_err(failed)?;
            let mut stream = std::pin::pin!(stream);
            let mut reader = wire::Reader::default();
            let mut batch = Batch::default();
            while let Some(piece) = stream.try_next().await.map_err(failed)? {
                reader.push(&piece);
                while batch.add_row(|out| reader.next_row(&table, out))? {
                    if batch.is_full(limits) && out.send(std::mem::take(&mut batch)).await.is_err()
                    {
                        return Ok(());
                    }
                }
            }
            batch.is_last = true;
            // Nobody waits for it: they have stopped.
            let _ = out.send(batch).await;
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
        self.execute("beginning a batch", "BEGIN").await?;
        let written = self.write_within(table, batch, &mark).await;
        if written.is_err() {
            // The first error is the one to tell.
            let _ = self.client.batch_execute("ROLLBACK").await;
            return written;
        }
        fail_point!(CopyBefore);
        self.execute("ending a batch", "COMMIT").await
    }

    async fn write_within(
        &self,
        table: &Arc<Table>,
        batch: Batch,
        mark: &(String, String),
    ) -> CopyResult<()> {
        if !batch.is_empty() {
            let of_table = Arc::clone(table);
            let bytes = joined(spawn_blocking(move || encode(&of_table, &batch))).await?;
            let vector = if search::is_indexed(table) { ", search" } else { "" };
            let (name, columns) = (quoted(&table.name), table.column_list());
            let sql = format!("COPY {name} ({columns}{vector}) FROM STDIN (FORMAT binary)");
            let failed = |error| self.failed(&format!("writing {}", table.name), &error);
            let sink = self.client.copy_in::<_, Bytes>(&sql).await.map_err(failed)?;
            let mut sink = std::pin::pin!(sink);
            sink.send(bytes).await.map_err(failed)?;
            sink.as_mut().finish().await.map_err(failed)?;
        }
        self.mark(&mark.0, &mark.1).await
    }

    /// Makes the table of the copy's own words, if it is missing.
    pub async fn begin(&self) -> CopyResult<()> {
        self.execute("beginning", super::MAKE_PROGRESS).await
    }

    /// The copy's own words.
    pub async fn marks(&self) -> CopyResult<Option<BTreeMap<String, String>>> {
        let there = self
            .rows(
                "SELECT 1 FROM information_schema.tables
                 WHERE table_schema = current_schema() AND table_name = 'copy_progress'",
            )
            .await?;
        if there.is_empty() {
            return Ok(None);
        }
        let rows = self.rows("SELECT name, value FROM copy_progress").await?;
        Ok(Some(rows.iter().map(|row| (row.get(0), row.get(1))).collect()))
    }

    /// Takes away what would slow the copy down, and notes what it was.
    pub async fn strip(&self) -> CopyResult<()> {
        let indexes = self
            .rows(
                "SELECT 'DROP INDEX ' || quote_ident(indexname), indexdef FROM pg_indexes
                 WHERE schemaname = current_schema() AND tablename <> 'copy_progress'
                   AND NOT EXISTS (SELECT 1 FROM pg_constraint
                                   WHERE connamespace = current_schema()::regnamespace
                                     AND conname = indexname AND contype IN ('p', 'u', 'x'))
                 ORDER BY indexname",
            )
            .await?;
        let references = self
            .rows(
                "SELECT 'ALTER TABLE ' || conrelid::regclass || ' DROP CONSTRAINT '
                            || quote_ident(conname),
                        'ALTER TABLE ' || conrelid::regclass || ' ADD CONSTRAINT '
                            || quote_ident(conname) || ' ' || pg_get_constraintdef(oid)
                 FROM pg_constraint
                 WHERE contype = 'f' AND connamespace = current_schema()::regnamespace
                 ORDER BY conname",
            )
            .await?;
        let mut script = vec!["BEGIN".to_owned()];
        let note = |name: &str, value: &str| {
            let (name, value) = (literal(name), literal(value));
            format!("INSERT INTO copy_progress (name, value) VALUES ({name}, {value})")
        };
        for (number, row) in indexes.iter().chain(&references).enumerate() {
            script.push(note(&Ddl::key(number), row.get(1)));
            script.push(row.get(0));
        }
        script.push(note(super::PHASE, super::Phase::Tables.name()));
        script.push("COMMIT".to_owned());
        self.within("preparing", &script.join("; ")).await
    }

    /// Gives one of these back.
    pub async fn restore(&self, ddl: Ddl) -> CopyResult<()> {
        let script = format!(
            "BEGIN; SET LOCAL maintenance_work_mem = '256MB'; {};
             DELETE FROM copy_progress WHERE name = {}; COMMIT",
            ddl.statement,
            literal(&ddl.key)
        );
        self.within(&format!("building an index ({})", ddl.statement), &script).await
    }

    /// Builds the index of titles.
    pub async fn index_titles(&self) -> CopyResult<()> {
        let indexing = crate::store::pg::sql::search::INDEX_ALL;
        let (name, next) = (literal(super::PHASE), literal(super::Phase::Indexes.name()));
        let script = format!(
            "BEGIN; {indexing}; UPDATE copy_progress SET value = {next} WHERE name = {name}; COMMIT"
        );
        self.within("indexing titles", &script).await
    }

    /// Runs a script that is a transaction.
    async fn within(&self, what: &str, script: &str) -> CopyResult<()> {
        let done = self.execute(what, script).await;
        if done.is_err() {
            let _ = self.client.batch_execute("ROLLBACK").await;
        }
        done
    }

    /// Writes a word of the copy.
    pub async fn mark(&self, name: &str, value: &str) -> CopyResult<()> {
        let sql = "INSERT INTO copy_progress (name, value) VALUES ($1, $2)
                   ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        let noted = self.client.execute(sql, &[&name, &value]).await;
        noted.map(drop).map_err(|error| self.failed("noting how far it is", &error))
    }

    /// The last number that each table has given to a row.
    pub async fn sequences(&self) -> CopyResult<BTreeMap<String, i64>> {
        let mut last = BTreeMap::new();
        for (table, sequence) in self.counters().await? {
            let sql = format!(
                "SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM {sequence}"
            );
            let rows = self.rows(&sql).await?;
            last.insert(table, rows.first().map_or(0, |row| row.get(0)));
        }
        Ok(last)
    }

    /// Tables whose rows the server numbers, and what it counts with.
    async fn counters(&self) -> CopyResult<Vec<(String, String)>> {
        let rows = self
            .rows(
                "SELECT table_name::text,
                        pg_get_serial_sequence(quote_ident(table_name), column_name)
                 FROM information_schema.columns
                 WHERE table_schema = current_schema() AND is_identity = 'YES'",
            )
            .await?;
        Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
    }

    /// Lets each table go on from there.
    pub async fn set_sequences(&self, tables: &BTreeMap<String, i64>) -> CopyResult<()> {
        for (table, sequence) in self.counters().await? {
            let last = tables.get(&table).copied().unwrap_or_default();
            let set =
                format!("SELECT setval({}, {}, {})", literal(&sequence), last.max(1), last > 0);
            self.execute("setting the counters", &set).await?;
        }
        self.mark(super::PHASE, super::Phase::Verify.name()).await
    }

    /// Ends the copy: nothing of it is left but the rows.
    pub async fn finish(&self) -> CopyResult<()> {
        // The planner knows nothing of rows that came a moment ago. What can fail comes before the
        // words go, without which nothing can be resumed.
        self.execute("gathering statistics", "ANALYZE").await?;
        self.execute("ending", &format!("DROP TABLE {PROGRESS}")).await
    }
}

fn encode(table: &Table, batch: &Batch) -> CopyResult<Bytes> {
    let mut bytes = wire::HEADER.to_vec();
    if search::is_indexed(table) {
        let indexed = search::indexed(table, batch);
        if u64::try_from(indexed.len()).ok() != Some(batch.sum.rows) {
            return Err(CopyError::Fault(format!("a row of {} has no text", table.name)));
        }
        for (row, (id, terms)) in batch.rows().zip(&indexed) {
            wire::encode_row(table, row, Some(&search::tsvector(*id, terms)), &mut bytes)?;
        }
    } else {
        for row in batch.rows() {
            wire::encode_row(table, row, None, &mut bytes)?;
        }
    }
    bytes.extend_from_slice(&wire::TRAILER);
    Ok(bytes.into())
}
