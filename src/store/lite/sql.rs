//! The statements that SQLite needs in its own words. `pg/sql.rs` holds the same functions.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::Conn;
use crate::domain::privacy::Shown;
use crate::store::rows::{ClaimableRow, EntryRow, NewUpdateRow, SettledRow};
use crate::store::schema::{materials, updates};
use crate::store::sql_types::Time;
use crate::store::statement::Statement;

pub mod search;

/// Whether a row of the outbox is not put off from its making for more than a minute from now.
pub const AWAKE: &str = "NOT (outbox.class = 'bulk' AND outbox.not_before > outbox.created_at
     AND outbox.not_before > CAST(unixepoch('subsec') * 1000000 AS BIGINT) + 60000000)";

/// The materials by how they stand. The index is named: a scan of the rows would read every title.
pub const FILES_BY_STANDING: &str = "SELECT state, processing, kind, count(*) AS number
     FROM materials INDEXED BY materials_figures WHERE id > 0 GROUP BY state, processing, kind";

/// The size of the file.
pub const DATABASE_SIZE: &str = "SELECT page_count * page_size AS number
     FROM pragma_page_count(), pragma_page_size()";

/// Inserts what is not known yet; gives how many were. Row by row: each is a prepared statement in
/// the same transaction, which for SQLite is as fast as a batch.
pub async fn insert_updates(connection: &mut Conn, rows: Vec<NewUpdateRow>) -> QueryResult<usize> {
    let mut inserted = 0;
    for row in rows {
        inserted += diesel::insert_into(updates::table)
            .values(row)
            .on_conflict_do_nothing()
            .execute(connection)
            .await?;
    }
    Ok(inserted)
}

/// The next job of a queue, for the taking: suspects first, then the highest priority, then of
/// whoever has fewest running and was served longest ago, the one that is due longest.
///
/// Each person's own next job is found in the index `jobs_ready`, and only these are compared: the
/// writer does not wait while somebody's thousand files are counted.
pub async fn next_job(
    connection: &mut Conn,
    queue: &str,
    now: Time,
) -> QueryResult<Option<ClaimableRow>> {
    Statement::new(
        "WITH RECURSIVE people (key) AS (
             SELECT min(fairness_key) FROM jobs WHERE state = 'ready' AND queue = {}
             UNION ALL
             SELECT (SELECT min(fairness_key) FROM jobs
                     WHERE state = 'ready' AND queue = {} AND fairness_key > people.key)
             FROM people WHERE people.key IS NOT NULL
         )
         SELECT j.id, j.suspicion FROM people CROSS JOIN jobs j ON j.id = (
             SELECT id FROM jobs
             WHERE state = 'ready' AND queue = {} AND fairness_key = people.key AND run_at <= {}
             ORDER BY suspicion DESC, priority DESC, run_at, id LIMIT 1)
         WHERE NOT EXISTS (SELECT 1 FROM queue_pauses WHERE queue = {})
         ORDER BY j.suspicion DESC, j.priority DESC,
                  (SELECT count(*) FROM jobs r
                   WHERE r.state = 'running' AND r.fairness_key = j.fairness_key),
                  (SELECT max(s.claimed_at) FROM jobs s
                   WHERE s.fairness_key = j.fairness_key) NULLS FIRST,
                  j.run_at, j.id
         LIMIT 1",
    )
    .text(queue)
    .text(queue)
    .text(queue)
    .time(now)
    .text(queue)
    .get_result(connection)
    .await
    .optional()
}

/// List entries of these materials, as far as they are published. One by one: a list of ids makes a new statement for each length,
/// and preparing it costs more than looking five rows up.
pub async fn entries_by_ids(connection: &mut Conn, ids: Vec<i64>) -> QueryResult<Vec<EntryRow>> {
    let mut entries = Vec::with_capacity(ids.len());
    for id in ids {
        let found = materials::table
            .find(id)
            .filter(materials::state.eq("published"))
            .select(EntryRow::as_select())
            .get_result(connection)
            .await
            .optional()?;
        entries.extend(found);
    }
    Ok(entries)
}

/// Nothing: a file has no server that could end a transaction in which its process stands still.
#[expect(clippy::unused_async, reason = "the same as for PostgreSQL")]
pub async fn hurry(_: &mut Conn) -> QueryResult<()> {
    Ok(())
}

/// This host's clock: a file has no other.
pub async fn clock(connection: &mut Conn) -> QueryResult<Time> {
    Statement::new("SELECT CAST(unixepoch('subsec') * 1000000 AS BIGINT) AS at")
        .get_result::<crate::store::rows::TimeRow>(connection)
        .await
        .map(|row| row.at)
}

/// Numbers a list of chats from `last` on and makes them recipients; gives how many were not yet.
pub async fn insert_recipients(
    connection: &mut Conn,
    broadcast: i64,
    last: i64,
    chats: &str,
) -> QueryResult<usize> {
    Statement::new(
        "INSERT INTO broadcast_recipients (broadcast_id, seq, chat_id)
         SELECT {}, {} + key + 1, value FROM json_each({}) WHERE TRUE
         ON CONFLICT DO NOTHING",
    )
    .long(broadcast)
    .long(last)
    .text(chats)
    .execute(connection)
    .await
}

/// The same of `[chat, first message, the others]`.
pub async fn insert_undo_recipients(
    connection: &mut Conn,
    broadcast: i64,
    last: i64,
    rows: &str,
) -> QueryResult<usize> {
    Statement::new(
        "INSERT INTO broadcast_recipients (broadcast_id, seq, chat_id, message_id, more_ids)
         SELECT {}, {} + key + 1, value ->> 0, value ->> 1, value ->> 2
         FROM json_each({}) WHERE TRUE
         ON CONFLICT DO NOTHING",
    )
    .long(broadcast)
    .long(last)
    .text(rows)
    .execute(connection)
    .await
}

/// Writes outcomes to recipients that have no final one; gives the rows that have changed. The
/// values come first: left to itself, SQLite compares each recipient with all of them.
pub async fn settle_recipients(
    connection: &mut Conn,
    broadcast: i64,
    outcomes: &str,
) -> QueryResult<Vec<SettledRow>> {
    Statement::new(
        "WITH ends AS MATERIALIZED (
             SELECT value ->> 0 AS number, value ->> 1 AS state, value ->> 2 AS message,
                    value ->> 3 AS more, value ->> 4 AS reason, value ->> 5 AS not_before
             FROM json_each({}))
         UPDATE broadcast_recipients
         SET state = ends.state,
             message_id = COALESCE(ends.message, message_id),
             more_ids = COALESCE(ends.more, more_ids),
             reason = ends.reason,
             not_before = ends.not_before
         FROM ends
         WHERE broadcast_id = {} AND seq = ends.number
           AND broadcast_recipients.state IN ('pending', 'sending', 'deferred')
         RETURNING state, chat_id",
    )
    .text(outcomes)
    .long(broadcast)
    .load(connection)
    .await
}

/// Marks deferred recipients whose requests may leave.
pub async fn relaunch_recipients(
    connection: &mut Conn,
    broadcast: i64,
    seqs: &str,
) -> QueryResult<usize> {
    Statement::new(
        "UPDATE broadcast_recipients SET state = 'sending'
         WHERE broadcast_id = {} AND seq IN (SELECT value FROM json_each({}))
           AND state = 'deferred'",
    )
    .long(broadcast)
    .text(seqs)
    .execute(connection)
    .await
}

/// Notes that the bot cannot write to these people.
pub async fn mark_out_of_reach(connection: &mut Conn, people: &str) -> QueryResult<usize> {
    Statement::new(
        "UPDATE users SET reachable = FALSE
         WHERE id IN (SELECT value FROM json_each({})) AND reachable",
    )
    .text(people)
    .execute(connection)
    .await
}

/// Adds chats to a list.
pub async fn insert_list(connection: &mut Conn, list: i64, chats: &str) -> QueryResult<usize> {
    Statement::new(
        "INSERT INTO audience_lists (list_id, chat_id)
         SELECT {}, value FROM json_each({}) WHERE TRUE ON CONFLICT DO NOTHING",
    )
    .long(list)
    .text(chats)
    .execute(connection)
    .await
}

/// A row as a JSON object, as the SELECT of a query. Times are UTC, to the second.
pub fn json_row(shown: &[Shown]) -> String {
    let pair = |column: &Shown| match column {
        Shown::Plain(name) => format!("'{name}', {name}"),
        Shown::Time(name) => {
            format!("'{name}', strftime('%Y-%m-%dT%H:%M:%SZ', {name} / 1000000, 'unixepoch')")
        }
    };
    format!("json_object({})", shown.iter().map(pair).collect::<Vec<_>>().join(", "))
}
