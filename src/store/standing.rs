//! How a database's schema stands: which migrations it has had, and whether it is whole.
//!
//! What a schema should hold is never written down twice: the migrations are run in an empty
//! database in memory, and the outcome is looked at. Both flavours make the same tables.

use std::collections::BTreeSet;

use chrono::DateTime;
use diesel::Connection as _;
use diesel::migration::{Migration, MigrationSource as _};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;

use super::error::{StoreError, StoreResult};
use super::migrate::{SQLITE, broken};
use crate::domain::clock::Timestamp;

/// A connection to PostgreSQL that blocks.
pub type PgBlocking = AsyncConnectionWrapper<AsyncPgConnection>;

/// What is wrong with a schema, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaFault {
    /// Made by a later version of this program.
    #[error(
        "its schema is newer than this program: migration {version} is not known here, the newest \
         known one is {newest}. Install the version of primelingo that made it, or restore the \
         backup from before the upgrade"
    )]
    Newer {
        /// What is not known.
        version: String,
        /// What is known at most.
        newest: String,
    },
    /// Migrations are noted as done whose tables are not there.
    #[error(
        "its schema is half finished: migrations are noted as done, but the tables {missing} are \
         missing. Restore a backup (`primelingo backup restore`), or begin with an empty database; \
         nothing was changed"
    )]
    Half {
        /// The tables.
        missing: String,
    },
    /// Tables of ours are there that no migration is noted for.
    #[error(
        "it has tables of these names already: {found}. If they are another program's, give \
         PrimeLingo a database of its own (and see `primelingo db adopt`); if a restore was broken \
         off, restore again into an empty database. Nothing was changed"
    )]
    Strange {
        /// The tables.
        found: String,
    },
    /// Nothing of ours is there, but something of somebody else's.
    #[error(
        "there are tables of another program: {found}. Give PrimeLingo a database of its own, or \
         take its people and files over with `primelingo db adopt`. Nothing was changed"
    )]
    Foreign {
        /// The tables.
        found: String,
    },
    /// A copy into it has not ended.
    #[error(
        "it is the target of a copy that has not ended; go on with `primelingo db copy --resume`, \
         or copy into an empty database"
    )]
    Unfinished,
}

/// One migration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationLine {
    /// Its name, or its version when this program does not know it.
    pub name: String,
    /// When it was run; none: pending.
    pub applied_at: Option<Timestamp>,
    /// Whether this program has it.
    pub known: bool,
}

/// How a schema stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// All migrations, oldest first.
    pub migrations: Vec<MigrationLine>,
    /// What is wrong.
    pub fault: Option<SchemaFault>,
    /// Tables that no migration makes.
    pub foreign: Vec<String>,
}

impl Standing {
    /// Names of the migrations that are still to be run.
    pub fn pending(&self) -> Vec<String> {
        let pending = self.migrations.iter().filter(|line| line.applied_at.is_none());
        pending.map(|line| line.name.clone()).collect()
    }

    /// Whether no migration was ever run.
    pub fn is_bare(&self) -> bool {
        self.migrations.iter().all(|line| line.applied_at.is_none())
    }
}

/// What the two kinds of databases say of themselves.
pub(super) trait Look {
    /// Versions of the migrations that were run, and when (seconds since the Unix epoch).
    fn applied(&mut self) -> StoreResult<Vec<(String, i64)>>;
    /// Names of the tables, indexes of texts included.
    fn tables(&mut self) -> StoreResult<BTreeSet<String>>;
    /// One number.
    fn count(&mut self, sql: &str) -> StoreResult<i64>;
    /// Leases that run: the name, and for how many seconds.
    fn leases(&mut self) -> StoreResult<Vec<(String, i64)>>;
}

#[derive(QueryableByName)]
struct NamedRow {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    number: i64,
}

const MIGRATIONS: &str = "__diesel_schema_migrations";
/// See [`super::copy`].
pub(super) const COPY_PROGRESS: &str = "copy_progress";

macro_rules! look {
    ($connection:ty, $applied:literal, $tables:literal, $leases:literal) => {
        impl Look for $connection {
            fn applied(&mut self) -> StoreResult<Vec<(String, i64)>> {
                if !self.tables()?.contains(MIGRATIONS) {
                    return Ok(Vec::new());
                }
                let rows: Vec<NamedRow> = diesel::sql_query($applied).load(self)?;
                Ok(rows.into_iter().map(|row| (row.name, row.number)).collect())
            }

            fn tables(&mut self) -> StoreResult<BTreeSet<String>> {
                let rows: Vec<NamedRow> = diesel::sql_query($tables).load(self)?;
                Ok(rows.into_iter().map(|row| row.name).collect())
            }

            fn count(&mut self, sql: &str) -> StoreResult<i64> {
                let row: NamedRow = diesel::sql_query(sql).get_result(self)?;
                Ok(row.number)
            }

            fn leases(&mut self) -> StoreResult<Vec<(String, i64)>> {
                let rows: Vec<NamedRow> = diesel::sql_query($leases).load(self)?;
                Ok(rows.into_iter().map(|row| (row.name, row.number)).collect())
            }
        }
    };
}

look!(
    SqliteConnection,
    "SELECT version AS name, CAST(unixepoch(run_on) AS BIGINT) AS number
     FROM __diesel_schema_migrations ORDER BY version",
    "SELECT name, 0 AS number FROM pragma_table_list
     WHERE schema = 'main' AND type IN ('table', 'virtual') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    "SELECT name, (until - CAST(unixepoch('subsec') * 1000000 AS BIGINT)) / 1000000 + 1 AS number
     FROM leases WHERE owner <> '' AND until > CAST(unixepoch('subsec') * 1000000 AS BIGINT)"
);
look!(
    PgBlocking,
    "SELECT version::text AS name, extract(epoch FROM run_on)::bigint AS number
     FROM __diesel_schema_migrations ORDER BY version",
    // What an extension brought along belongs to the server.
    "SELECT c.relname::text AS name, 0::bigint AS number
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
       AND NOT EXISTS (SELECT 1 FROM pg_depend d
                       WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                         AND d.deptype = 'e')",
    "SELECT name, ceil(extract(epoch FROM until - clock_timestamp()))::bigint AS number
     FROM leases WHERE owner <> '' AND until > clock_timestamp()"
);

/// Whether indexes of texts are tables, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flavour {
    /// They are.
    Sqlite,
    /// They are columns.
    Postgres,
}

/// How the schema of this database stands.
pub(super) fn look_at(connection: &mut impl Look, flavour: Flavour) -> StoreResult<Standing> {
    judge(&connection.applied()?, &connection.tables()?, flavour)
}

/// How a schema stands that has had these migrations and holds these tables.
fn judge(
    applied: &[(String, i64)],
    tables: &BTreeSet<String>,
    flavour: Flavour,
) -> StoreResult<Standing> {
    let known: Vec<Box<dyn Migration<Sqlite>>> = SQLITE.migrations().map_err(broken)?;
    let mut lines = Vec::new();
    for migration in &known {
        let version = migration.name().version().to_string();
        let at = applied.iter().find(|(it, _)| *it == version).map(|(_, at)| *at);
        let applied_at = at.and_then(|at| DateTime::from_timestamp(at, 0));
        lines.push(MigrationLine { name: migration.name().to_string(), applied_at, known: true });
    }
    let is_known = |version: &String| {
        known.iter().any(|migration| migration.name().version().to_string() == *version)
    };
    let unknown: Vec<&(String, i64)> = applied.iter().filter(|(it, _)| !is_known(it)).collect();
    for (version, at) in &unknown {
        let applied_at = DateTime::from_timestamp(*at, 0);
        lines.push(MigrationLine { name: version.clone(), applied_at, known: false });
    }
    let versions: Vec<String> = applied.iter().map(|(version, _)| version.clone()).collect();
    let expected = expected_tables(&versions, flavour)?;
    let is_current = lines.iter().all(|line| line.known && line.applied_at.is_some());
    let all = if is_current { expected.clone() } else { expected_of_all(&known, flavour)? };
    let ours = |name: &String| all.contains(name) || name == MIGRATIONS || name == COPY_PROGRESS;
    let foreign: Vec<String> = tables.iter().filter(|name| !ours(name)).cloned().collect();
    // Beside ours they do no harm; where nothing is ours, ours do not belong.
    let is_bare = applied.is_empty() && !tables.contains(MIGRATIONS);
    let newest = lines.iter().rfind(|line| line.known).map_or("none", |line| &line.name).to_owned();
    let missing: Vec<&str> = expected.difference(tables).map(String::as_str).collect();
    let strange: Vec<&str> =
        all.difference(&expected).filter(|it| tables.contains(*it)).map(String::as_str).collect();
    let fault = if let Some((version, _)) = unknown.last() {
        Some(SchemaFault::Newer { version: version.clone(), newest })
    } else if !missing.is_empty() {
        Some(SchemaFault::Half { missing: missing.join(", ") })
    } else if !strange.is_empty() {
        Some(SchemaFault::Strange { found: strange.join(", ") })
    } else if is_bare && !foreign.is_empty() {
        Some(SchemaFault::Foreign { found: foreign.join(", ") })
    } else if tables.contains(COPY_PROGRESS) {
        Some(SchemaFault::Unfinished)
    } else {
        None
    };
    Ok(Standing { migrations: lines, fault, foreign })
}

/// Refuses a schema that this program must not work on.
pub(super) fn check(connection: &mut impl Look, flavour: Flavour) -> StoreResult<()> {
    whole(look_at(connection, flavour)?)
}

fn whole(standing: Standing) -> StoreResult<()> {
    match standing.fault {
        Some(fault) => Err(StoreError::Schema(fault)),
        None => Ok(()),
    }
}

/// The same without a transaction around it: reads in a short one of its own, and writes nothing.
pub(super) fn check_unlocked(
    connection: &mut SqliteConnection,
    flavour: Flavour,
) -> StoreResult<()> {
    let (applied, tables) = connection.transaction::<_, StoreError, _>(|connection| {
        Ok((connection.applied()?, connection.tables()?))
    })?;
    whole(judge(&applied, &tables, flavour)?)
}

/// Whether a file has a log that is written ahead, which it keeps.
pub(super) fn is_write_ahead(connection: &mut SqliteConnection) -> StoreResult<bool> {
    #[derive(QueryableByName)]
    struct ModeRow {
        #[diesel(sql_type = Text)]
        journal_mode: String,
    }
    let row: ModeRow = diesel::sql_query("PRAGMA journal_mode").get_result(connection)?;
    Ok(row.journal_mode == "wal")
}

fn expected_of_all(
    known: &[Box<dyn Migration<Sqlite>>],
    flavour: Flavour,
) -> StoreResult<BTreeSet<String>> {
    let versions: Vec<String> =
        known.iter().map(|migration| migration.name().version().to_string()).collect();
    expected_tables(&versions, flavour)
}

/// The tables that these migrations make.
fn expected_tables(versions: &[String], flavour: Flavour) -> StoreResult<BTreeSet<String>> {
    let columns = expected_columns(versions, None, flavour)?;
    Ok(columns.into_iter().map(|(table, _)| table).collect())
}

/// The tables and columns that these migrations make; `reverted` is run and taken back.
pub(super) fn expected_columns(
    versions: &[String],
    reverted: Option<&str>,
    flavour: Flavour,
) -> StoreResult<BTreeSet<(String, String)>> {
    #[derive(QueryableByName)]
    struct ColumnRow {
        #[diesel(sql_type = Text)]
        table_name: String,
        #[diesel(sql_type = Text)]
        column_name: String,
    }
    let mut memory = SqliteConnection::establish(":memory:").map_err(broken)?;
    let known: Vec<Box<dyn Migration<Sqlite>>> = SQLITE.migrations().map_err(broken)?;
    for migration in &known {
        if versions.contains(&migration.name().version().to_string()) {
            migration.run(&mut memory).map_err(broken)?;
        }
    }
    for migration in known.iter().rev() {
        if reverted == Some(migration.name().version().to_string().as_str()) {
            migration.revert(&mut memory).map_err(broken)?;
        }
    }
    let kinds = match flavour {
        Flavour::Sqlite => "'table', 'virtual'",
        Flavour::Postgres => "'table'",
    };
    let rows: Vec<ColumnRow> = diesel::sql_query(format!(
        "SELECT t.name AS table_name, c.name AS column_name
         FROM pragma_table_list t JOIN pragma_table_info(t.name) c
         WHERE t.schema = 'main' AND t.type IN ({kinds})
           AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    ))
    .load(&mut memory)?;
    Ok(rows.into_iter().map(|row| (row.table_name, row.column_name)).collect())
}
