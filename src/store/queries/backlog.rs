//! The queue as a whole: how many jobs stand how, which are dead, and where an editor's files are.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::Conn;
use crate::domain::clock::Timestamp;
use crate::domain::effect::JobKind;
use crate::domain::ids::{ChatId, JobId, MaterialId, OutboxId, UserId};
use crate::domain::material::{Card, MaterialState};
use crate::store::error::StoreResult;
use crate::store::records::{DeadJob, JobCount, Line, OpenJob, OpenUpload};
use crate::store::rows::{JobCountRow, LineRow, OpenJobRow};
use crate::store::schema::{jobs, materials};
use crate::store::sql_types::Time;
use crate::store::statement::Statement;

/// How many jobs stand how.
pub async fn jobs_count(connection: &mut Conn, now: Timestamp) -> StoreResult<Vec<JobCount>> {
    let rows: Vec<JobCountRow> = Statement::new(
        "SELECT queue, kind, standing, count(*) AS count, min(run_at) AS due FROM (
             SELECT queue, kind, run_at,
                    CASE WHEN state <> 'ready' OR run_at <= {} THEN state
                         WHEN attempts > 0 THEN 'retry' ELSE 'scheduled' END AS standing
             FROM jobs) AS standings
         GROUP BY queue, kind, standing ORDER BY queue, kind, standing",
    )
    .time(Time(now))
    .load(connection)
    .await?;
    Ok(rows.into_iter().map(JobCount::from).collect())
}

/// The same without those that are over but dead: each is found by an index.
pub async fn jobs_depth(connection: &mut Conn, now: Timestamp) -> StoreResult<Vec<JobCount>> {
    let rows: Vec<JobCountRow> = Statement::new(
        "SELECT queue, '' AS kind, standing, count(*) AS count, min(run_at) AS due FROM (
             SELECT queue, run_at,
                    CASE WHEN run_at <= {} THEN 'ready'
                         WHEN attempts > 0 THEN 'retry' ELSE 'scheduled' END AS standing
             FROM jobs WHERE state = 'ready'
             UNION ALL SELECT queue, run_at, state AS standing FROM jobs WHERE state = 'running'
             UNION ALL SELECT queue, run_at, state AS standing FROM jobs
                       WHERE state = 'dead' AND done_at > {}) AS standings
         GROUP BY queue, standing",
    )
    .time(Time(now))
    .time(Time(Timestamp::UNIX_EPOCH))
    .load(connection)
    .await?;
    Ok(rows.into_iter().map(JobCount::from).collect())
}

/// Jobs that are dead, newest first.
pub async fn jobs_dead(connection: &mut Conn, limit: i64) -> StoreResult<Vec<DeadJob>> {
    let rows: Vec<(i64, String, Option<String>, Time)> = jobs::table
        .filter(jobs::state.eq("dead"))
        .filter(jobs::done_at.is_not_null())
        .order(jobs::done_at.desc())
        .limit(limit)
        .select((jobs::id, jobs::kind, jobs::error, jobs::done_at.assume_not_null()))
        .load(connection)
        .await?;
    let dead = |(id, kind, error, at): (i64, String, Option<String>, Time)| DeadJob {
        id: JobId(id),
        kind,
        error: error.unwrap_or_default(),
        at: at.0,
    };
    Ok(rows.into_iter().map(dead).collect())
}

/// Id, title, the file's name, and where the card is.
type OpenFile = (i64, String, Option<String>, Option<i64>, Option<i64>);

/// An editor's uploads that are not processed yet, oldest first.
pub async fn uploads_open(
    connection: &mut Conn,
    user: UserId,
    limit: i64,
) -> StoreResult<Vec<OpenUpload>> {
    let states = [MaterialState::Open, MaterialState::Draft, MaterialState::Waiting];
    let rows: Vec<OpenFile> = materials::table
        .filter(materials::uploader_id.eq(user.0))
        .filter(materials::state.eq_any(states.map(MaterialState::name)))
        .filter(materials::processing.eq("pending"))
        .order(materials::id)
        .limit(limit)
        .select((
            materials::id,
            materials::title,
            materials::file_name,
            materials::card_chat_id,
            materials::card_outbox_id,
        ))
        .load(connection)
        .await?;
    let mut uploads = Vec::with_capacity(rows.len());
    for (id, title, file_name, chat, outbox) in rows {
        let material = MaterialId(id);
        let job = job_of(connection, material).await?;
        let card = chat.zip(outbox);
        let card = card.map(|(chat, outbox)| Card { chat: ChatId(chat), outbox: OutboxId(outbox) });
        uploads.push(OpenUpload { material, name: file_name.unwrap_or(title), card, job });
    }
    Ok(uploads)
}

async fn job_of(connection: &mut Conn, material: MaterialId) -> StoreResult<Option<OpenJob>> {
    let key = JobKind::ProcessUpload { material }.unique_key();
    let row: Option<OpenJobRow> = Statement::new(
        "SELECT state, attempts, priority, run_at, progress FROM jobs
         WHERE unique_key = {} AND state IN ('ready', 'running')",
    )
    .text(&key)
    .get_result(connection)
    .await
    .optional()?;
    Ok(row.map(OpenJob::from))
}

/// Whose jobs are due in a queue and wait, and how many.
pub async fn jobs_line(
    connection: &mut Conn,
    queue: String,
    now: Timestamp,
) -> StoreResult<Vec<Line>> {
    let rows: Vec<LineRow> = Statement::new(
        "SELECT fairness_key, priority, count(*) AS count FROM jobs
         WHERE state = 'ready' AND queue = {} AND run_at <= {}
         GROUP BY fairness_key, priority",
    )
    .text(&queue)
    .time(Time(now))
    .load(connection)
    .await?;
    Ok(rows.into_iter().map(Line::from).collect())
}
