//! What was put aside, for the operator: listed, shown, and given another try.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::Conn;
use crate::domain::clock::Timestamp;
use crate::domain::effect::JobKind;
use crate::domain::ids::{JobId, UpdateSeq};
use crate::domain::inspection::Rejection;
use crate::domain::material::MaterialState;
use crate::store::error::{StoreError, StoreResult};
use crate::store::records::{AsideJob, AsideUpdate};
use crate::store::rows::{AsideJobRow, AsideUpdateRow};
use crate::store::schema::{jobs, materials, updates};
use crate::store::sql_types::Time;

/// Updates that are dead or could not be read, newest first. Those of kinds that are never worked
/// on do not count: they have no error.
pub async fn updates_aside(connection: &mut Conn, limit: i64) -> StoreResult<Vec<AsideUpdate>> {
    let rows: Vec<AsideUpdateRow> = updates::table
        .filter(updates::state.eq_any(["dead", "ignored"]))
        .filter(updates::last_error.is_not_null())
        .order(updates::seq.desc())
        .limit(limit)
        .select(AsideUpdateRow::as_select())
        .load(connection)
        .await?;
    Ok(rows.into_iter().map(AsideUpdate::from).collect())
}

/// One update, in whatever state.
pub async fn update_show(
    connection: &mut Conn,
    seq: UpdateSeq,
) -> StoreResult<Option<AsideUpdate>> {
    let row: Option<AsideUpdateRow> = updates::table
        .find(seq.0)
        .select(AsideUpdateRow::as_select())
        .get_result(connection)
        .await
        .optional()?;
    Ok(row.map(AsideUpdate::from))
}

/// Gives an update that was put aside another try, with a clean record; gives whether it was there.
pub async fn update_replay(connection: &mut Conn, seq: UpdateSeq) -> StoreResult<bool> {
    let changed = diesel::update(updates::table.find(seq.0))
        .filter(updates::state.eq_any(["dead", "ignored"]))
        .filter(updates::last_error.is_not_null())
        .set((
            updates::state.eq("new"),
            updates::faults.eq(0),
            updates::claims.eq(0),
            updates::last_error.eq(None::<String>),
            updates::done_at.eq(None::<Time>),
        ))
        .execute(connection)
        .await?;
    Ok(changed == 1)
}

/// Jobs that are not over, dead ones first, then the newest.
pub async fn jobs_unfinished(connection: &mut Conn, limit: i64) -> StoreResult<Vec<AsideJob>> {
    let rows: Vec<AsideJobRow> = jobs::table
        .filter(jobs::state.eq_any(["dead", "ready", "running"]))
        .order((jobs::state, jobs::id.desc()))
        .limit(limit)
        .select(AsideJobRow::as_select())
        .load(connection)
        .await?;
    Ok(rows.into_iter().map(AsideJob::from).collect())
}

/// One job, in whatever state.
pub async fn job_show(connection: &mut Conn, id: JobId) -> StoreResult<Option<AsideJob>> {
    let row: Option<AsideJobRow> = jobs::table
        .find(id.0)
        .select(AsideJobRow::as_select())
        .get_result(connection)
        .await
        .optional()?;
    Ok(row.map(AsideJob::from))
}

/// Gives a dead job another try, with a clean record; gives whether it was dead. What it had given
/// up waits for it again.
pub async fn job_retry(connection: &mut Conn, id: JobId, now: Timestamp) -> StoreResult<bool> {
    let found: Option<(String, Option<String>)> = diesel::update(jobs::table.find(id.0))
        .filter(jobs::state.eq("dead"))
        .set((
            jobs::state.eq("ready"),
            jobs::run_at.eq(Time(now)),
            jobs::attempts.eq(0),
            jobs::faults.eq(0),
            jobs::suspicion.eq(0),
            jobs::done_at.eq(None::<Time>),
        ))
        .returning((jobs::payload, jobs::result))
        .get_result(connection)
        .await
        .optional()
        .map_err(|error| StoreError::unless_duplicate(error, "job"))?;
    let Some((payload, given_up)) = found else { return Ok(false) };
    // A job that cannot be read will say so itself.
    if let Ok(JobKind::ProcessUpload { material }) = serde_json::from_str(&payload) {
        // The dialog is over; what its editor wanted published still is.
        let waiting = MaterialState::Waiting.name();
        let state = given_up.filter(|state| state == waiting);
        let state = state.unwrap_or_else(|| MaterialState::Draft.name().to_owned());
        diesel::update(materials::table.find(material.0))
            .filter(materials::state.eq(MaterialState::Discarded.name()))
            .filter(materials::rejection.eq(Rejection::Failed.name()))
            .set((
                materials::state.eq(state),
                materials::processing.eq("pending"),
                materials::rejection.eq(None::<String>),
            ))
            .execute(connection)
            .await?;
    }
    Ok(true)
}

/// Forgets a dead job for good; gives whether it was dead.
pub async fn job_drop(connection: &mut Conn, id: JobId, now: Timestamp) -> StoreResult<bool> {
    let changed = diesel::update(jobs::table.find(id.0))
        .filter(jobs::state.eq("dead"))
        .set((jobs::state.eq("cancelled"), jobs::done_at.eq(Time(now))))
        .execute(connection)
        .await?;
    Ok(changed == 1)
}
