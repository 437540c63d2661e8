//! The job queue: leases with fencing tokens.

use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel_async::RunQueryDsl;

use super::super::{Conn, sql};
use super::{batch, incidents, materials, outbox};
use crate::domain::clock::Timestamp;
use crate::domain::effect::{JobKind, NewJob};
use crate::domain::ids::{JobId, MaterialId, OutboxId};
use crate::domain::incident::Subject;
use crate::domain::trace::Trace;
use crate::store::error::{StoreError, StoreResult};
use crate::store::meters;
use crate::store::records::{ClaimedJob, JobDeaths, JobEnd, JobOwner, JobStanding, NewOutbox};
use crate::store::rows::{ClaimableRow, NewJobRow, storable};
use crate::store::schema::jobs;
use crate::store::sql_types::Time;
use crate::store::statement::Statement;

/// Adds a job of nobody's asking, unless one with its unique key is open.
pub async fn job_enqueue(
    connection: &mut Conn,
    job: NewJob,
    queue: String,
    now: Timestamp,
) -> StoreResult<()> {
    enqueue(connection, job, queue, None, now).await
}

/// The same for a job that follows from something.
pub async fn enqueue(
    connection: &mut Conn,
    job: NewJob,
    queue: String,
    trace: Option<Trace>,
    now: Timestamp,
) -> StoreResult<()> {
    let payload = serde_json::to_string(&job.kind)
        .map_err(|_| StoreError::Corrupt { what: "job payload" })?;
    if matches!(job.kind, JobKind::TendBatch { .. }) {
        return batch::tend_enqueue(connection, job, &payload, &queue, trace, now).await;
    }
    let row = NewJobRow {
        id: job.id.0,
        kind: job.kind.name(),
        payload,
        queue: queue.clone(),
        priority: job.priority.weight(),
        fairness_key: job.fairness_key,
        unique_key: Some(job.kind.unique_key()),
        run_at: Time(job.not_before.unwrap_or(now)),
        trace: trace.map(|trace| trace.to_string()),
        created_at: Time(now),
    };
    let added = diesel::insert_into(jobs::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(connection)
        .await?;
    meters::enqueued(&queue, job.kind.name(), added);
    Ok(())
}

/// Takes the next job of a queue that is not paused under a lease and a new token. A suspect comes before all others
/// and only to whoever is `idle`: until then nothing is given out.
pub async fn job_claim(
    connection: &mut Conn,
    queue: String,
    owner: JobOwner,
    now: Timestamp,
    lease_until: Timestamp,
    idle: bool,
) -> StoreResult<Option<ClaimedJob>> {
    let Some(ClaimableRow { id, suspicion }) = sql::next_job(connection, &queue, Time(now)).await?
    else {
        return Ok(None);
    };
    if suspicion > 0 && !idle {
        return Ok(None);
    }
    let (payload, token, attempt, faults, due, trace): (_, _, _, _, Time, Option<String>) =
        diesel::update(jobs::table.find(id))
            .set((
                jobs::state.eq("running"),
                jobs::owner.eq(owner.instance),
                jobs::epoch.eq(owner.epoch),
                jobs::token.eq(jobs::token + 1),
                jobs::attempts.eq(jobs::attempts + 1),
                jobs::lease_until.eq(Time(lease_until)),
                jobs::claimed_at.eq(Time(now)),
            ))
            .returning((
                jobs::payload,
                jobs::token,
                jobs::attempts,
                jobs::faults,
                jobs::run_at,
                jobs::trace,
            ))
            .get_result(connection)
            .await?;
    let waited = now.signed_duration_since(due.0).to_std().unwrap_or_default();
    let id = JobId(id);
    let trace = trace.and_then(|text| text.parse().ok()).unwrap_or(Trace::Job(id));
    Ok(Some(ClaimedJob { id, payload, token, attempt, faults, suspicion, waited, trace }))
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

/// Whether an attempt still has its job: nobody has taken it over or cancelled it.
pub async fn job_stands(connection: &mut Conn, id: JobId, token: i64) -> StoreResult<JobStanding> {
    let found: Option<(String, i64)> = jobs::table
        .find(id.0)
        .select((jobs::state, jobs::token))
        .get_result(connection)
        .await
        .optional()?;
    Ok(match found {
        Some((state, held)) if state == "running" && held == token => JobStanding::Ours,
        Some((state, held)) if state == "cancelled" && held == token => JobStanding::Cancelled,
        _ => JobStanding::Lost,
    })
}

/// Writes down how far an attempt is.
pub async fn job_report(
    connection: &mut Conn,
    id: JobId,
    token: i64,
    progress: String,
) -> StoreResult<()> {
    let changed = Statement::new(
        "UPDATE jobs SET progress = {} WHERE id = {} AND token = {} AND state = 'running'",
    )
    .text(&progress)
    .long(id.0)
    .long(token)
    .execute(connection)
    .await?;
    owned(changed)
}

/// Cancels a job that waits or runs; gives whether it did. The attempt under way finds out by
/// itself, and can write nothing any more. An upload is thrown away with it, and its card says
/// what `card` says.
pub async fn job_cancel(
    connection: &mut Conn,
    id: JobId,
    card: Option<NewOutbox>,
    now: Timestamp,
) -> StoreResult<bool> {
    let payload: Option<String> = diesel::update(jobs::table.find(id.0))
        .filter(jobs::state.eq_any(["ready", "running"]))
        .set((
            jobs::state.eq("cancelled"),
            jobs::done_at.eq(Time(now)),
            jobs::lease_until.eq(None::<Time>),
        ))
        .returning(jobs::payload)
        .get_result(connection)
        .await
        .optional()?;
    let Some(payload) = payload else { return Ok(false) };
    if let Ok(JobKind::ProcessUpload { material }) = serde_json::from_str(&payload) {
        materials::withdraw(connection, material).await?;
    }
    if let Some(card) = card {
        outbox::outbox_replace_edit(connection, card, now).await?;
    }
    Ok(true)
}

/// Cancels the processing of a material, also under the worker that is at it: no edit of progress
/// comes after what the card is told now.
pub async fn cancel_of(
    connection: &mut Conn,
    material: MaterialId,
    now: Timestamp,
) -> StoreResult<()> {
    let key = JobKind::ProcessUpload { material }.unique_key();
    Statement::new(
        "UPDATE jobs SET state = 'cancelled', done_at = {}, lease_until = NULL
         WHERE unique_key = {} AND state IN ('ready', 'running')",
    )
    .time(Time(now))
    .text(&key)
    .execute(connection)
    .await?;
    Ok(())
}

/// Cancels the processing of a material that was thrown away, if no worker has begun it. One that
/// runs finds out by itself. (The first condition on the state is that of the index.)
pub async fn cancel_waiting(
    connection: &mut Conn,
    material: MaterialId,
    now: Timestamp,
) -> StoreResult<()> {
    let key = JobKind::ProcessUpload { material }.unique_key();
    Statement::new(
        "UPDATE jobs SET state = 'cancelled', done_at = {}
         WHERE unique_key = {} AND state IN ('ready', 'running') AND state = 'ready'",
    )
    .time(Time(now))
    .text(&key)
    .execute(connection)
    .await?;
    Ok(())
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
        JobEnd::Dead { error, cause } => {
            job_close(connection, id, token, "dead", Some(error), now).await?;
            incidents::note(connection, Subject::Job(id), cause, now).await
        }
        JobEnd::Retry { at, error, counts } => {
            let changed = diesel::update(jobs::table.find(id.0))
                .filter(jobs::token.eq(token))
                .filter(jobs::state.eq("running"))
                .set((
                    jobs::state.eq("ready"),
                    jobs::run_at.eq(Time(at)),
                    jobs::faults.eq(jobs::faults + i32::from(counts)),
                    // The process has survived it.
                    jobs::suspicion.eq(0),
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
/// Gives how many there were. What was running while a process died is a suspect.
pub async fn jobs_rescue(
    connection: &mut Conn,
    owner: JobOwner,
    deaths: JobDeaths,
    now: Timestamp,
) -> StoreResult<usize> {
    let JobOwner { instance, epoch } = owner;
    if deaths.died {
        // A suspect that waited when the process died was not what it died of.
        Statement::new(
            "UPDATE jobs SET suspicion = 1, run_at = {}
             WHERE state = 'ready' AND suspicion = 2 AND owner = {}",
        )
        .time(Time(now))
        .text(&instance)
        .execute(connection)
        .await?;
    }
    let own = Statement::new(
        "UPDATE jobs SET state = 'ready', lease_until = NULL, suspicion = suspicion + {},
             run_at = CASE WHEN suspicion + {} = 2 THEN {} ELSE run_at END
         WHERE state = 'running' AND owner = {} AND epoch < {}",
    )
    .int(i32::from(deaths.died))
    .int(i32::from(deaths.died))
    .time(Time(deaths.probation_until))
    .text(&instance)
    .long(epoch)
    .execute(connection)
    .await?;
    // An expired lease of our own says that the database was away, not that we have died.
    let expired = Statement::new(
        "UPDATE jobs SET state = 'ready', lease_until = NULL,
             suspicion = suspicion + CASE WHEN owner = {} THEN 0 ELSE 1 END,
             run_at = CASE WHEN owner <> {} AND suspicion = 1 THEN {} ELSE run_at END
         WHERE state = 'running' AND lease_until < {}",
    )
    .text(&instance)
    .text(&instance)
    .time(Time(deaths.probation_until))
    .time(Time(now))
    .execute(connection)
    .await?;
    Ok(own + expired)
}

/// The death of the process has been explained: no job is suspected of it any more.
pub async fn absolve(connection: &mut Conn) -> StoreResult<()> {
    diesel::update(jobs::table)
        .filter(jobs::state.eq_any(["ready", "running"]))
        .filter(jobs::suspicion.gt(0))
        .set(jobs::suspicion.eq(0))
        .execute(connection)
        .await?;
    Ok(())
}

/// Adds an edit of a card for an attempt at a job, in place of one that waits. The job is held until
/// the commit: whoever takes it over comes after this edit, and a worker that was frozen meanwhile
/// shows no progress that is past. `progress` is the same for whoever looks at the job.
pub async fn job_replace_edit(
    connection: &mut Conn,
    id: JobId,
    token: i64,
    message: NewOutbox,
    progress: String,
    now: Timestamp,
) -> StoreResult<OutboxId> {
    job_report(connection, id, token, progress).await?;
    outbox::outbox_replace_edit(connection, message, now).await
}

/// The queue of a job.
pub async fn queue_of(connection: &mut Conn, id: JobId) -> StoreResult<String> {
    Ok(jobs::table.find(id.0).select(jobs::queue).get_result(connection).await?)
}

/// When the next job of a queue is due, if there is one and the queue is not paused.
pub async fn job_next_due(connection: &mut Conn, queue: String) -> StoreResult<Option<Timestamp>> {
    let due: Option<Time> = jobs::table
        .filter(jobs::state.eq("ready"))
        .filter(jobs::queue.eq(queue))
        .filter(is_open())
        .order(jobs::run_at)
        .select(jobs::run_at)
        .first(connection)
        .await
        .optional()?;
    Ok(due.map(|time| time.0))
}

/// Whether a job's queue is not paused.
fn is_open() -> diesel::expression::SqlLiteral<Bool> {
    diesel::dsl::sql("NOT EXISTS (SELECT 1 FROM queue_pauses p WHERE p.queue = jobs.queue)")
}

fn owned(changed: usize) -> StoreResult<()> {
    if changed == 1 { Ok(()) } else { Err(StoreError::Conflict { what: "job lease" }) }
}
