//! What drills ask of the whole database, and how they prepare one. Absent from packages.

use std::collections::HashMap;

use chrono::TimeDelta;
use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::Conn;
use crate::domain::clock::Timestamp;
use crate::domain::ids::BroadcastId;
use crate::store::error::StoreResult;
use crate::store::records::drill::{Audit, JobLine, LedgerRow, MaterialLine, OutboxLine};
use crate::store::schema::{
    broadcast_progress, broadcast_recipients, jobs, materials, outbox, parts, sessions, updates,
};
use crate::store::sql_types::Time;
use crate::store::statement::Statement;

/// How many rows wait for somebody: updates, messages and jobs.
pub async fn unfinished_count(connection: &mut Conn) -> StoreResult<i64> {
    let open_updates: i64 = updates::table
        .filter(updates::state.eq("new"))
        .select(count_star())
        .get_result(connection)
        .await?;
    let open_jobs: i64 = jobs::table
        .filter(jobs::state.eq_any(["ready", "running"]))
        .select(count_star())
        .get_result(connection)
        .await?;
    // Last, as updates and jobs leave messages behind: what moves on meanwhile is still seen.
    let open_messages: i64 = outbox::table
        .filter(outbox::state.eq_any(["queued", "sending"]))
        .select(count_star())
        .get_result(connection)
        .await?;
    Ok(open_updates + open_messages + open_jobs)
}

/// Everything that a drill compares with what it offered.
pub async fn audit(connection: &mut Conn) -> StoreResult<Audit> {
    Ok(Audit {
        updates: ledger(connection).await?,
        messages: messages(connection).await?,
        jobs: job_lines(connection).await?,
        materials: material_lines(connection).await?,
        open_dialogs: sessions::table
            .filter(sessions::tag.ne("idle"))
            .select(count_star())
            .get_result(connection)
            .await?,
    })
}

async fn ledger(connection: &mut Conn) -> StoreResult<Vec<LedgerRow>> {
    let rows: Vec<(i64, String, i32)> = updates::table
        .order(updates::seq)
        .select((updates::update_id, updates::state, updates::faults))
        .load(connection)
        .await?;
    let row = |(update_id, state, faults)| LedgerRow { update_id, state, faults };
    Ok(rows.into_iter().map(row).collect())
}

async fn messages(connection: &mut Conn) -> StoreResult<Vec<OutboxLine>> {
    let rows: Vec<(i64, String, String, String, Option<i64>)> = outbox::table
        .order(outbox::id)
        .select((
            outbox::chat_id,
            outbox::class,
            outbox::state,
            outbox::payload,
            outbox::edit_message,
        ))
        .load(connection)
        .await?;
    let line = |(chat, class, state, payload, edit_message): (_, _, _, _, Option<i64>)| {
        OutboxLine { chat, class, state, payload, is_of_press: edit_message.is_some() }
    };
    Ok(rows.into_iter().map(line).collect())
}

async fn job_lines(connection: &mut Conn) -> StoreResult<Vec<JobLine>> {
    let rows: Vec<(String, String, i32)> = jobs::table
        // Housekeeping comes and goes with the time.
        .filter(jobs::kind.eq("process_upload"))
        .order(jobs::id)
        .select((jobs::payload, jobs::state, jobs::attempts))
        .load(connection)
        .await?;
    let line = |(payload, state, attempts)| JobLine { payload, state, attempts };
    Ok(rows.into_iter().map(line).collect())
}

async fn material_lines(connection: &mut Conn) -> StoreResult<Vec<MaterialLine>> {
    let owners: Vec<i64> = parts::table.select(parts::material_id).load(connection).await?;
    let mut parts_of: HashMap<i64, usize> = HashMap::new();
    for owner in owners {
        *parts_of.entry(owner).or_default() += 1;
    }
    let rows: Vec<(i64, String, Option<String>, String)> = materials::table
        .order(materials::id)
        .select((materials::id, materials::title, materials::file_name, materials::state))
        .load(connection)
        .await?;
    let line = |(id, title, file_name, state)| {
        let parts = parts_of.get(&id).copied().unwrap_or(0);
        MaterialLine { id, title, file_name, state, parts }
    };
    Ok(rows.into_iter().map(line).collect())
}

/// Closes every open update, to make a long ledger.
pub async fn ledger_close_all(connection: &mut Conn, now: Timestamp) -> StoreResult<()> {
    diesel::update(updates::table.filter(updates::state.eq("new")))
        .set((updates::state.eq("done"), updates::done_at.eq(Time(now))))
        .execute(connection)
        .await?;
    Ok(())
}

/// People per statement.
const PEOPLE_MAX: i64 = 50_000;

/// So many people with ids from `first` on, who speak Uzbek and wrote a moment ago.
pub async fn people_import(
    connection: &mut Conn,
    first: i64,
    count: i64,
    now: Timestamp,
) -> StoreResult<()> {
    let mut next = first;
    while next < first + count {
        let seen = Time(now - TimeDelta::seconds((next - first) / PEOPLE_MAX + 1));
        let end = next.saturating_add(PEOPLE_MAX).min(first + count);
        Statement::new(
            "INSERT INTO users (id, first_name, lang, created_at, last_seen_at)
             WITH RECURSIVE people (id) AS (
                 SELECT CAST({} AS BIGINT) UNION ALL SELECT id + 1 FROM people WHERE id + 1 < {}
             )
             SELECT id, 'Person', 'uz', {}, {} FROM people WHERE TRUE
             ON CONFLICT (id) DO NOTHING",
        )
        .long(next)
        .long(end)
        .time(seen)
        .time(seen)
        .execute(connection)
        .await?;
        next = end;
    }
    Ok(())
}

/// Recipients whose request may have left and who have no outcome.
pub async fn recipients_in_doubt(connection: &mut Conn, id: BroadcastId) -> StoreResult<i64> {
    let watermark: i64 = broadcast_progress::table
        .find(id.0)
        .select(broadcast_progress::watermark)
        .get_result(connection)
        .await?;
    let may_have_left = broadcast_recipients::state
        .eq("sending")
        .or(broadcast_recipients::state.eq("pending").and(broadcast_recipients::seq.le(watermark)));
    let count = broadcast_recipients::table
        .filter(broadcast_recipients::broadcast_id.eq(id.0))
        .filter(may_have_left)
        .select(count_star())
        .get_result(connection)
        .await?;
    Ok(count)
}

/// Rows of a school that has been at work for years, in the tables that grow: `count` updates,
/// messages, words of searches and deliveries each, numbered from `first` on. There must be 50
/// materials, and a person for each 50 deliveries, from 1000 on.
pub async fn school_simulate(
    connection: &mut Conn,
    first: i64,
    count: i64,
    now: Timestamp,
) -> StoreResult<()> {
    macro_rules! numbers {
        () => {
            " WITH RECURSIVE n (i) AS (
                  SELECT CAST({} AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {}) "
        };
    }
    let (moment, end) = (Time(now), first.saturating_add(count));
    let statements = [
        Statement::new(concat!(
            "INSERT INTO updates (bot_id, update_id, chat_key, kind, raw, state, received_at, done_at)",
            numbers!(),
            "SELECT 1, i, i % 50000, 'message', 'update ' || i || ': грамматика английского языка',
                    'done', {}, {} FROM n WHERE TRUE"
        )),
        Statement::new(concat!(
            "INSERT INTO outbox (id, chat_id, class, payload, state, attempts, message_id, created_at,
                                 done_at)",
            numbers!(),
            "SELECT i, i % 50000, 'reply', 'Here is number ' || i || ' of the list', 'sent', 1, i * 3,
                    {}, {} FROM n WHERE TRUE"
        )),
    ];
    for statement in statements {
        statement.long(first).long(end).time(moment).time(moment).execute(connection).await?;
    }
    Statement::new(concat!(
        "INSERT INTO search_days (words, day, times, empty, askers)",
        numbers!(),
        "SELECT 'words of search ' || (i / 90), CAST(20000 + i % 90 AS INTEGER), 1 + i % 7, 0, i % 31
         FROM n WHERE TRUE"
    ))
    .long(first)
    .long(end)
    .execute(connection)
    .await?;
    Statement::new(
        "INSERT INTO deliveries (user_id, material_id, edition, times, first_at, last_at)
         SELECT u.id, m.id, 1, 1, {}, {}
         FROM (SELECT id FROM users WHERE id >= {} ORDER BY id LIMIT {} + 0) u
         CROSS JOIN (SELECT id FROM materials ORDER BY id LIMIT 50) m WHERE TRUE
         ON CONFLICT (user_id, material_id) DO NOTHING",
    )
    .time(moment)
    .time(moment)
    .long(1_000 + first / 50)
    .long(count / 50)
    .execute(connection)
    .await?;
    Ok(())
}
