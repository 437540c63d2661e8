//! The statements that PostgreSQL needs in its own words. `lite/sql.rs` holds the same functions.

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
     AND outbox.not_before > now() + INTERVAL '1 minute')";

/// The materials by how they stand.
pub const FILES_BY_STANDING: &str = "SELECT state, processing, kind, count(*) AS number
     FROM materials WHERE id > 0 GROUP BY state, processing, kind";

/// The size of the database.
pub const DATABASE_SIZE: &str = "SELECT pg_database_size(current_database()) AS number";

/// Inserts what is not known yet; gives how many were.
pub async fn insert_updates(connection: &mut Conn, rows: Vec<NewUpdateRow>) -> QueryResult<usize> {
    diesel::insert_into(updates::table)
        .values(rows)
        .on_conflict_do_nothing()
        .execute(connection)
        .await
}

/// The next job of a queue, for the taking: suspects first, then the highest priority, then of
/// whoever has fewest running and was served longest ago, the one that is due longest.
pub async fn next_job(
    connection: &mut Conn,
    queue: &str,
    now: Time,
) -> QueryResult<Option<ClaimableRow>> {
    Statement::new(
        "SELECT id, suspicion FROM jobs j WHERE state = 'ready' AND queue = {} AND run_at <= {}
             AND NOT EXISTS (SELECT 1 FROM queue_pauses p WHERE p.queue = {})
         ORDER BY suspicion DESC, priority DESC,
                  (SELECT count(*) FROM jobs r
                   WHERE r.state = 'running' AND r.fairness_key = j.fairness_key),
                  (SELECT max(s.claimed_at) FROM jobs s
                   WHERE s.fairness_key = j.fairness_key) NULLS FIRST,
                  run_at, id
         LIMIT 1 FOR UPDATE OF j SKIP LOCKED",
    )
    .text(queue)
    .time(now)
    .text(queue)
    .get_result(connection)
    .await
    .optional()
}

/// List entries of these materials, as far as they are published.
pub async fn entries_by_ids(connection: &mut Conn, ids: Vec<i64>) -> QueryResult<Vec<EntryRow>> {
    materials::table
        .filter(materials::id.eq_any(ids))
        .filter(materials::state.eq("published"))
        .select(EntryRow::as_select())
        .load(connection)
        .await
}

/// Lets the server end this transaction soon if we stand still in it: others wait for its row.
pub async fn hurry(connection: &mut Conn) -> QueryResult<()> {
    diesel::sql_query("SET LOCAL idle_in_transaction_session_timeout = 1000")
        .execute(connection)
        .await
        .map(drop)
}

/// The server's clock at this moment, not at the transaction's begin.
pub async fn clock(connection: &mut Conn) -> QueryResult<Time> {
    Statement::new("SELECT clock_timestamp() AS at")
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
         SELECT {}, {} + e.number, e.value::bigint
         FROM jsonb_array_elements_text({}::jsonb) WITH ORDINALITY AS e (value, number)
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
         SELECT {}, {} + e.number, (e.value ->> 0)::bigint, (e.value ->> 1)::bigint, e.value ->> 2
         FROM jsonb_array_elements({}::jsonb) WITH ORDINALITY AS e (value, number)
         ON CONFLICT DO NOTHING",
    )
    .long(broadcast)
    .long(last)
    .text(rows)
    .execute(connection)
    .await
}

// Of a broadcast that is new to its statistics the planner expects a hundred recipients where there
// are a million, and would read them all to join them. The numbers as an array leave it no choice.

/// Writes outcomes to recipients that have no final one; gives the rows that have changed.
pub async fn settle_recipients(
    connection: &mut Conn,
    broadcast: i64,
    outcomes: &str,
) -> QueryResult<Vec<SettledRow>> {
    Statement::new(
        "WITH ends AS MATERIALIZED (
             SELECT (value ->> 0)::bigint AS number, value ->> 1 AS state,
                    (value ->> 2)::bigint AS message, value ->> 3 AS more, value ->> 4 AS reason,
                    (value ->> 5)::bigint AS not_before
             FROM jsonb_array_elements({}::jsonb))
         UPDATE broadcast_recipients r
         SET state = ends.state,
             message_id = COALESCE(ends.message, r.message_id),
             more_ids = COALESCE(ends.more, r.more_ids),
             reason = ends.reason,
             not_before = TIMESTAMPTZ 'epoch' + ends.not_before * INTERVAL '1 microsecond'
         FROM ends
         WHERE r.broadcast_id = {} AND r.seq = ANY (ARRAY(SELECT number FROM ends))
           AND r.seq = ends.number AND r.state IN ('pending', 'sending', 'deferred')
         RETURNING r.state, r.chat_id",
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
         WHERE broadcast_id = {}
           AND seq = ANY (ARRAY(SELECT value::bigint FROM jsonb_array_elements_text({}::jsonb)))
           AND state = 'deferred'",
    )
    .long(broadcast)
    .text(seqs)
    .execute(connection)
    .await
}

/// Notes that the bot cannot write to these people. They are taken in one order, so that two
/// broadcasts do not wait for each other.
pub async fn mark_out_of_reach(connection: &mut Conn, people: &str) -> QueryResult<usize> {
    Statement::new(
        "WITH people AS MATERIALIZED (
             SELECT id FROM users
             WHERE id = ANY (ARRAY(
                     SELECT value::bigint FROM jsonb_array_elements_text({}::jsonb)))
               AND reachable
             ORDER BY id FOR UPDATE)
         UPDATE users SET reachable = FALSE FROM people WHERE users.id = people.id",
    )
    .text(people)
    .execute(connection)
    .await
}

/// Adds chats to a list.
pub async fn insert_list(connection: &mut Conn, list: i64, chats: &str) -> QueryResult<usize> {
    Statement::new(
        "INSERT INTO audience_lists (list_id, chat_id)
         SELECT {}, value::bigint FROM jsonb_array_elements_text({}::jsonb)
         ON CONFLICT DO NOTHING",
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
        Shown::Time(name) => format!(
            "'{name}', to_char({name} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
        ),
    };
    format!("json_build_object({})::text", shown.iter().map(pair).collect::<Vec<_>>().join(", "))
}
