//! What is counted for the metrics, each by an index of its own or up to a limit: nobody who writes
//! waits for it, however large the tables are.

use diesel_async::RunQueryDsl;

use super::super::{Conn, sql};
use crate::domain::clock::Timestamp;
use crate::store::error::StoreResult;
use crate::store::records::{FilesCount, LedgerFigures, OutboxDead};
use crate::store::rows::{FilesCountRow, NumberRow, OutboxDeadRow, StateCountRow, TimeRow};
use crate::store::sql_types::Time;
use crate::store::statement::Statement;

/// Rows of one state that are counted at most.
pub const COUNTED_MAX: i64 = 100_000;

/// How the ledger stands; of each state at most [`COUNTED_MAX`] are counted.
pub async fn ledger_figures(connection: &mut Conn) -> StoreResult<LedgerFigures> {
    let open: NumberRow = Statement::new(
        "SELECT count(*) AS number FROM
             (SELECT 1 FROM updates WHERE state = 'new' LIMIT {} + 0) AS counted",
    )
    .long(COUNTED_MAX)
    .get_result(connection)
    .await?;
    let aside: Vec<StateCountRow> = Statement::new(
        "SELECT state, count(*) AS number FROM
             (SELECT state FROM updates WHERE state IN ('dead', 'ignored') LIMIT {} + 0) AS counted
         GROUP BY state",
    )
    .long(COUNTED_MAX)
    .load(connection)
    .await?;
    let of = |state: &str| aside.iter().find(|row| row.state == state).map_or(0, |row| row.number);
    let oldest = if open.number > 0 { oldest(connection).await? } else { None };
    Ok(LedgerFigures { open: open.number, dead: of("dead"), ignored: of("ignored"), oldest })
}

/// `seq + 0`, so that the least is looked for among the open ones and not among all.
async fn oldest(connection: &mut Conn) -> StoreResult<Option<Timestamp>> {
    let rows: Vec<TimeRow> = Statement::new(
        "SELECT received_at AS at FROM updates
         WHERE seq = (SELECT min(seq + 0) FROM updates WHERE state = 'new')",
    )
    .load(connection)
    .await?;
    Ok(rows.into_iter().next().map(|TimeRow { at: Time(at) }| at))
}

/// Messages that were given up and not forgotten yet, by whether somebody waited for them.
pub async fn outbox_dead(connection: &mut Conn) -> StoreResult<OutboxDead> {
    let rows: Vec<OutboxDeadRow> = Statement::new(
        "SELECT class, count(*) AS number FROM
             (SELECT class FROM outbox WHERE state = 'failed' LIMIT {} + 0) AS counted
         GROUP BY class",
    )
    .long(COUNTED_MAX)
    .load(connection)
    .await?;
    let mut dead = OutboxDead::default();
    for row in rows {
        let lane = if row.class == "bulk" { &mut dead.bulk } else { &mut dead.reply };
        *lane += row.number;
    }
    Ok(dead)
}

/// Dialogs that are under way; at most [`COUNTED_MAX`] are counted.
pub async fn sessions_open(connection: &mut Conn) -> StoreResult<i64> {
    let open: NumberRow = Statement::new(
        "SELECT count(*) AS number FROM
             (SELECT 1 FROM sessions WHERE tag <> 'idle' LIMIT {} + 0) AS counted",
    )
    .long(COUNTED_MAX)
    .get_result(connection)
    .await?;
    Ok(open.number)
}

/// The materials by how they stand, and the size of all contents. Reads two indexes as a whole.
pub async fn files_figures(connection: &mut Conn) -> StoreResult<(Vec<FilesCount>, i64)> {
    let rows: Vec<FilesCountRow> = Statement::new(sql::FILES_BY_STANDING).load(connection).await?;
    let bytes: NumberRow =
        Statement::new("SELECT CAST(COALESCE(sum(size), 0) AS BIGINT) AS number FROM contents")
            .get_result(connection)
            .await?;
    Ok((rows.into_iter().map(FilesCount::from).collect(), bytes.number))
}

/// The size of the database in bytes, its log not included.
pub async fn database_size(connection: &mut Conn) -> StoreResult<i64> {
    let size: NumberRow = Statement::new(sql::DATABASE_SIZE).get_result(connection).await?;
    Ok(size.number)
}

/// The versions of the schema that the database has.
pub async fn schema_versions(connection: &mut Conn) -> StoreResult<Vec<String>> {
    let rows: Vec<StateCountRow> = Statement::new(
        "SELECT CAST(version AS TEXT) AS state, CAST(0 AS BIGINT) AS number
         FROM __diesel_schema_migrations",
    )
    .load(connection)
    .await?;
    Ok(rows.into_iter().map(|row| row.state).collect())
}
