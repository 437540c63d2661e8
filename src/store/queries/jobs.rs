//! The job queue: leases with fencing tokens.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::{Conn, sql};
use super::{batch, incidents, outbox};
use crate::domain::clock::Timestamp;
use crate::domain::effect::{JobKind, NewJob};
use crate::domain::ids::{JobId, OutboxId};
use crate::domain::incident::Subject;
use crate::store::error::{StoreError, StoreResult};
use crate::store::records::{ClaimedJob, JobDeaths, JobEnd, JobOwner, NewOutbox};
use crate::store::rows::{ClaimableRow, NewJobRow, storable};
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
    if matches!(job.kind, JobKind::TendBatch { .. }) {
        return batch::tend_enqueue(connection, job, &payload, &queue, now).await;
    }
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

/// Takes the next job of a queue under a lease and a new token. A suspect comes before all others
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
    let (payload, token, attempt, faults) = diesel::update(jobs::table.find(id))
        .set((
            jobs::state.eq("running"),
            jobs::owner.eq(owner.instance),
            jobs::epoch.eq(owner.epoch),
            jobs::token.eq(jobs::token + 1),
            jobs::attempts.eq(jobs::attempts + 1),
            jobs::lease_until.eq(Time(lease_until)),
        ))
        .returning((jobs::payload, jobs::token, jobs::attempts, jobs::faults))
        .get_result(connection)
        .await?;
    Ok(Some(ClaimedJob { id: JobId(id), payload, token, attempt, faults, suspicion }))
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
