//! The job queue: leases with fencing tokens.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::{Conn, sql};
use super::outbox;
use crate::domain::clock::Timestamp;
use crate::domain::effect::NewJob;
use crate::domain::ids::{JobId, OutboxId};
use crate::store::error::{StoreError, StoreResult};
use crate::store::records::{ClaimedJob, JobEnd, JobOwner, NewOutbox};
use crate::store::rows::{NewJobRow, storable};
use crate::store::schema::jobs;
use crate::store::sql_types::Time;
use crate::store::statement::Statement;

/// Adds a job, unless one with its unique key is open.
pub async fn job_enqueue(
    connection: &mut Conn,
    job: NewJob,
    queue: String,
    now: Timestamp,
) -> StoreResult<()> {
    let payload = serde_json::to_string(&job.kind)
        .map_err(|_| StoreError::Corrupt { what: "job payload" })?;
    let row = NewJobRow {
        id: job.id.0,
        kind: job.kind.name(),
        payload,
        queue,
        fairness_key: job.fairness_key,
        unique_key: Some(job.kind.unique_key()),
        run_at: Time(now),
        created_at: Time(now),
    };
    diesel::insert_into(jobs::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(connection)
        .await?;
    Ok(())
}

/// Takes the next job of a queue under a lease and a new token.
pub async fn job_claim(
    connection: &mut Conn,
    queue: String,
    owner: JobOwner,
    now: Timestamp,
    lease_until: Timestamp,
) -> StoreResult<Option<ClaimedJob>> {
    let Some(id) = sql::next_job(connection, &queue, Time(now)).await? else { return Ok(None) };
    let (payload, token, attempt): (String, i64, i32) = diesel::update(jobs::table.find(id))
        .set((
            jobs::state.eq("running"),
            jobs::owner.eq(owner.instance),
            jobs::epoch.eq(owner.epoch),
            jobs::token.eq(jobs::token + 1),
            jobs::attempts.eq(jobs::attempts + 1),
            jobs::lease_until.eq(Time(lease_until)),
        ))
        .returning((jobs::payload, jobs::token, jobs::attempts))
        .get_result(connection)
        .await?;
    Ok(Some(ClaimedJob { id: JobId(id), payload, token, attempt }))
}

/// Prolongs the lease; false when the job is not ours any more.
pub async fn job_beat(
    connection: &mut Conn,
    id: JobId,
    token: i64,
    lease_until: Timestamp,
) -> StoreResult<bool> {
    let changed = diesel::update(jobs::table.find(id.0))
        .filter(jobs::token.eq(token))
        .filter(jobs::state.eq("running"))
        .set(jobs::lease_until.eq(Time(lease_until)))
        .execute(connection)
        .await?;
    Ok(changed == 1)
}

/// Ends an attempt that has no result of its own.
pub async fn job_end(
    connection: &mut Conn,
    id: JobId,
    token: i64,
    end: JobEnd,
    now: Timestamp,
) -> StoreResult<()> {
    match end {
        JobEnd::Done => job_close(connection, id, token, "done", None, now).await,
        JobEnd::Dead { error } => job_close(connection, id, token, "dead", Some(error), now).await,
        JobEnd::Retry { at, error } => {
            let changed = diesel::update(jobs::table.find(id.0))
                .filter(jobs::token.eq(token))
                .filter(jobs::state.eq("running"))
                .set((
                    jobs::state.eq("ready"),
                    jobs::run_at.eq(Time(at)),
                    jobs::error.eq(storable(error)),
                    jobs::lease_until.eq(None::<Time>),
                ))
                .execute(connection)
                .await?;
            owned(changed)
        }
    }
}

/// Closes a job that is still ours.
pub async fn job_close(
    connection: &mut Conn,
    id: JobId,
    token: i64,
    state: &'static str,
    error: Option<String>,
    now: Timestamp,
) -> StoreResult<()> {
    let changed = diesel::update(jobs::table.find(id.0))
        .filter(jobs::token.eq(token))
        .filter(jobs::state.eq("running"))
        .set((
            jobs::state.eq(state),
            jobs::error.eq(error.map(storable)),
            jobs::done_at.eq(Time(now)),
            jobs::lease_until.eq(None::<Time>),
        ))
        .execute(connection)
        .await?;
    owned(changed)
}

/// Gives back what an earlier start of this instance held, and what anybody held past its lease.
/// Gives how many there were.
pub async fn jobs_rescue(
    connection: &mut Conn,
    owner: JobOwner,
    now: Timestamp,
) -> StoreResult<usize> {
    let is_own_past = jobs::owner.eq(Some(owner.instance)).and(jobs::epoch.lt(Some(owner.epoch)));
    let is_expired = jobs::lease_until.lt(Some(Time(now)));
    Ok(diesel::update(jobs::table)
        .filter(jobs::state.eq("running"))
        .filter(is_own_past.or(is_expired))
        .set((jobs::state.eq("ready"), jobs::lease_until.eq(None::<Time>)))
        .execute(connection)
        .await?)
}

/// Adds an edit of a card for an attempt at a job, in place of one that waits. The job is held until
/// the commit: whoever takes it over comes after this edit, and a worker that was frozen meanwhile
/// shows no progress that is past.
pub async fn job_replace_edit(
    connection: &mut Conn,
    id: JobId,
    token: i64,
    message: NewOutbox,
    now: Timestamp,
) -> StoreResult<OutboxId> {
    let held = Statement::new(
        "UPDATE jobs SET token = token WHERE id = {} AND token = {} AND state = 'running'",
    )
    .long(id.0)
    .long(token)
    .execute(connection)
    .await?;
    owned(held)?;
    outbox::outbox_replace_edit(connection, message, now).await
}

/// When the next job of a queue is due, if there is one.
pub async fn job_next_due(connection: &mut Conn, queue: String) -> StoreResult<Option<Timestamp>> {
    let due: Option<Time> = jobs::table
        .filter(jobs::state.eq("ready"))
        .filter(jobs::queue.eq(queue))
        .order(jobs::run_at)
        .select(jobs::run_at)
        .first(connection)
        .await
        .optional()?;
    Ok(due.map(|time| time.0))
}

fn owned(changed: usize) -> StoreResult<()> {
    if changed == 1 { Ok(()) } else { Err(StoreError::Conflict { what: "job lease" }) }
}
