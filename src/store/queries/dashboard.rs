//! The dashboard: keys of its links, and what is done on it.
//!
//! Invariants: a key is gone with its use; what is done stands in the audit log by the same
//! transaction, and what was not done does not. A group of jobs is worked through one by one, and
//! those that cannot follow are left as they are.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel_async::RunQueryDsl;

use super::super::Conn;
use super::{aside, audit, broadcasts, jobs as queue, people};
use crate::domain::audit::{AuditAction, AuditNote, COMMAND_LINE};
use crate::domain::broadcast::Control;
use crate::domain::clock::Timestamp;
use crate::domain::dashboard::NewKey;
use crate::domain::effect::JobKind;
use crate::domain::given_up::JobsChange;
use crate::domain::ids::{BroadcastId, JobId, UserId};
use crate::domain::inspection::Rejection;
use crate::store::error::StoreResult;
use crate::store::records::{AsideJob, Doer, NewOutbox, Operated, Operation};
use crate::store::rows::{AsideJobRow, IdRow, NumberRow, TextRow};
use crate::store::schema::jobs;
use crate::store::sql_types::Time;
use crate::store::statement::Statement;

/// A person may enter with this key, and with no earlier one.
pub async fn key_add(
    connection: &mut Conn,
    user: UserId,
    new: NewKey,
    now: Timestamp,
) -> StoreResult<()> {
    Statement::new(
        "DELETE FROM dashboard_keys
         WHERE user_id = {} AND hash NOT LIKE 'left:%' OR expires_at < {}",
    )
    .long(user.0)
    .time(Time(now))
    .execute(connection)
    .await?;
    Statement::new("INSERT INTO dashboard_keys (hash, user_id, expires_at) VALUES ({}, {}, {})")
        .text(&new.hash)
        .long(user.0)
        .time(Time(new.expires_at))
        .execute(connection)
        .await?;
    Ok(())
}

/// Uses a key up; gives whose it was, if it was good.
pub async fn dashboard_key_use(
    connection: &mut Conn,
    hash: String,
    now: Timestamp,
) -> StoreResult<Option<UserId>> {
    let used: Option<IdRow> = Statement::new(
        "DELETE FROM dashboard_keys WHERE hash = {} AND expires_at > {} RETURNING user_id AS id",
    )
    .text(&hash)
    .time(Time(now))
    .get_result(connection)
    .await
    .optional()?;
    let Some(user) = used.map(|row| UserId(row.id)) else { return Ok(None) };
    let note = AuditNote::by_web(user, AuditAction::ControlProgram, 0, None, "sign_in");
    audit::note(connection, note, now).await?;
    Ok(Some(user))
}

/// Notes that the holder of a pass has left, for as long as it would be good.
pub async fn dashboard_pass_leave(
    connection: &mut Conn,
    user: UserId,
    nonce: u64,
    expires_at: Timestamp,
) -> StoreResult<()> {
    Statement::new(
        "INSERT INTO dashboard_keys (hash, user_id, expires_at) VALUES ({}, {}, {})
         ON CONFLICT DO NOTHING",
    )
    .text(&left(user, nonce))
    .long(user.0)
    .time(Time(expires_at))
    .execute(connection)
    .await?;
    Ok(())
}

/// Whether the holder of a pass has left.
pub async fn dashboard_pass_is_left(
    connection: &mut Conn,
    user: UserId,
    nonce: u64,
) -> StoreResult<bool> {
    let row: NumberRow =
        Statement::new("SELECT count(*) AS number FROM dashboard_keys WHERE hash = {}")
            .text(&left(user, nonce))
            .get_result(connection)
            .await?;
    Ok(row.number > 0)
}

/// What stands for a pass whose holder has left, among the hashes of keys.
fn left(user: UserId, nonce: u64) -> String {
    format!("left:{}.{nonce:016x}", user.0)
}

/// Does something and notes it, or neither.
pub async fn dashboard_operate(
    connection: &mut Conn,
    doer: Doer,
    operation: Operation,
    note: AuditNote,
    now: Timestamp,
) -> StoreResult<Operated> {
    if let Some(role) = doer.needs {
        people::require_role(connection, doer.user, role).await?;
    }
    let operated = match operation {
        Operation::Broadcast(id, control) => {
            return broadcast(connection, id, control, note, now).await;
        }
        Operation::RetryJobs(ids, at) => retry(connection, ids, at).await?,
        Operation::DropJobs(ids) => drop_all(connection, ids, now).await?,
        Operation::TakeRetryBack(ids) => take_retry_back(connection, ids, now).await?,
        Operation::TakeDropBack(ids) => take_drop_back(connection, ids, now).await?,
        Operation::CancelJob(id, card) => cancel(connection, id, card, now).await?,
        Operation::PauseQueue(queue, paused) => {
            let changed = set_pause(connection, &queue, paused, now).await?;
            if changed { Operated::Done(Vec::new()) } else { Operated::Unfit }
        }
        Operation::Elsewhere => Operated::Done(Vec::new()),
    };
    if matches!(operated, Operated::Done(_)) {
        audit::note(connection, note, now).await?;
    }
    Ok(operated)
}

/// A group of dead jobs gets another try, or is forgotten, by a step of a chat; those with which
/// somebody dealt meanwhile are left as they are.
pub(super) async fn jobs_change(
    connection: &mut Conn,
    change: JobsChange,
    by: UserId,
    now: Timestamp,
) -> StoreResult<()> {
    let JobsChange { group, jobs, again } = change;
    let (operation, after) = if again {
        (Operation::RetryJobs(jobs, now), "group_retry")
    } else {
        (Operation::DropJobs(jobs), "group_drop")
    };
    let mut note = AuditNote::changed(by, AuditAction::ControlJob, 0, None, Some(after.to_owned()));
    note.details.target = Some(group.to_string());
    // The step has looked at the role.
    let doer = Doer { user: by, needs: None };
    dashboard_operate(connection, doer, operation, note, now).await.map(drop)
}

async fn broadcast(
    connection: &mut Conn,
    id: BroadcastId,
    control: Control,
    note: AuditNote,
    now: Timestamp,
) -> StoreResult<Operated> {
    if broadcasts::broadcast_turn_noting(connection, id, control, note, now).await? {
        return Ok(Operated::Done(Vec::new()));
    }
    let known = broadcasts::broadcast_get(connection, id).await?;
    Ok(if known.is_some() { Operated::Unfit } else { Operated::Missing })
}

/// Another try for those that are dead, unless another job does the same already.
async fn retry(connection: &mut Conn, ids: Vec<JobId>, at: Timestamp) -> StoreResult<Operated> {
    let mut done = Vec::with_capacity(ids.len());
    for id in &ids {
        let twins: NumberRow = Statement::new(
            "SELECT count(*) AS number FROM jobs o
             WHERE o.unique_key = (SELECT unique_key FROM jobs WHERE id = {})
                 AND o.state IN ('ready', 'running')",
        )
        .long(id.0)
        .get_result(connection)
        .await?;
        if twins.number == 0 && aside::job_retry(connection, *id, at).await? {
            done.push(*id);
        }
    }
    ended(connection, &ids, done).await
}

async fn drop_all(connection: &mut Conn, ids: Vec<JobId>, now: Timestamp) -> StoreResult<Operated> {
    let mut done = Vec::with_capacity(ids.len());
    for id in &ids {
        if aside::job_drop(connection, *id, now).await? {
            done.push(*id);
        }
    }
    ended(connection, &ids, done).await
}

async fn cancel(
    connection: &mut Conn,
    id: JobId,
    card: Option<NewOutbox>,
    now: Timestamp,
) -> StoreResult<Operated> {
    let is_done = queue::job_cancel(connection, id, card, now).await?;
    ended(connection, &[id], if is_done { vec![id] } else { Vec::new() }).await
}

/// Those that no worker has begun are dead again, and what they are for is given up again.
async fn take_retry_back(
    connection: &mut Conn,
    ids: Vec<JobId>,
    now: Timestamp,
) -> StoreResult<Operated> {
    let mut done = Vec::with_capacity(ids.len());
    for id in ids {
        let payload: Option<TextRow> = Statement::new(
            "UPDATE jobs SET state = 'dead', done_at = {}
             WHERE id = {} AND state = 'ready' AND attempts = 0 AND error IS NOT NULL
             RETURNING payload AS text",
        )
        .time(Time(now))
        .long(id.0)
        .get_result(connection)
        .await
        .optional()?;
        let Some(TextRow { text }) = payload else { continue };
        done.push(id);
        if let Ok(JobKind::ProcessUpload { material }) = serde_json::from_str(&text) {
            Statement::new(
                "UPDATE materials SET state = 'discarded', processing = 'rejected', rejection = {}
                 WHERE id = {} AND state IN ('draft', 'waiting') AND processing = 'pending'",
            )
            .text(Rejection::Failed.name())
            .long(material.0)
            .execute(connection)
            .await?;
        }
    }
    Ok(if done.is_empty() { Operated::Unfit } else { Operated::Done(done) })
}

async fn take_drop_back(
    connection: &mut Conn,
    ids: Vec<JobId>,
    now: Timestamp,
) -> StoreResult<Operated> {
    let mut done = Vec::with_capacity(ids.len());
    for id in ids {
        let changed = Statement::new(
            "UPDATE jobs SET state = 'dead', done_at = {} WHERE id = {} AND state = 'cancelled'",
        )
        .time(Time(now))
        .long(id.0)
        .execute(connection)
        .await?;
        if changed == 1 {
            done.push(id);
        }
    }
    Ok(if done.is_empty() { Operated::Unfit } else { Operated::Done(done) })
}

/// What came of some jobs: of one that is not there, that it is not.
async fn ended(connection: &mut Conn, ids: &[JobId], done: Vec<JobId>) -> StoreResult<Operated> {
    if !done.is_empty() {
        return Ok(Operated::Done(done));
    }
    match ids {
        [] => Ok(Operated::Missing),
        [id] if aside::job_show(connection, *id).await?.is_none() => Ok(Operated::Missing),
        _ => Ok(Operated::Unfit),
    }
}

/// The queues of which no job is given out, by name.
pub async fn queues_paused(connection: &mut Conn) -> StoreResult<Vec<String>> {
    let rows: Vec<TextRow> =
        Statement::new("SELECT queue AS text FROM queue_pauses ORDER BY queue")
            .load(connection)
            .await?;
    Ok(rows.into_iter().map(|row| row.text).collect())
}

/// Jobs that run, then those that wait, of each queue the longest first.
pub async fn jobs_at_work(connection: &mut Conn, limit: i64) -> StoreResult<Vec<AsideJob>> {
    let mut found: Vec<AsideJobRow> = jobs::table
        .filter(sql::<Bool>("state = 'running'"))
        .order(jobs::lease_until)
        .limit(limit)
        .select(AsideJobRow::as_select())
        .load(connection)
        .await?;
    let left = limit.saturating_sub(i64::try_from(found.len()).unwrap_or(limit));
    let waiting: Vec<AsideJobRow> = jobs::table
        .filter(sql::<Bool>("state = 'ready'"))
        // The order of the index.
        .order((jobs::queue, jobs::run_at))
        .limit(left)
        .select(AsideJobRow::as_select())
        .load(connection)
        .await?;
    found.extend(waiting);
    Ok(found.into_iter().map(AsideJob::from).collect())
}

/// Pauses a queue or goes on with it, from the command line; gives whether that changed anything.
pub async fn queue_pause(
    connection: &mut Conn,
    queue: String,
    paused: bool,
    now: Timestamp,
) -> StoreResult<bool> {
    let changed = set_pause(connection, &queue, paused, now).await?;
    if changed {
        let after = if paused { "pause" } else { "resume" };
        let mut note = AuditNote::plain(COMMAND_LINE, AuditAction::ControlQueue, 0);
        note.details.after = Some(after.to_owned());
        note.details.target = Some(queue);
        audit::note(connection, note, now).await?;
    }
    Ok(changed)
}

async fn set_pause(
    connection: &mut Conn,
    queue: &str,
    paused: bool,
    now: Timestamp,
) -> StoreResult<bool> {
    let changed = if paused {
        Statement::new(
            "INSERT INTO queue_pauses (queue, paused_at) VALUES ({}, {}) ON CONFLICT DO NOTHING",
        )
        .text(queue)
        .time(Time(now))
        .execute(connection)
        .await?
    } else {
        Statement::new("DELETE FROM queue_pauses WHERE queue = {}")
            .text(queue)
            .execute(connection)
            .await?
    };
    Ok(changed == 1)
}
