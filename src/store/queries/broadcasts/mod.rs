//! Broadcasts: planned, begun, held and ended.
//!
//! Invariants: a state changes only along the lines of [`Control`] and of these functions, by a
//! statement whose condition is the state that it leaves; what is over stays over. The counters of
//! the progress change only in `settle`, by the rows that changed with them.

mod audience;
mod chats;
mod people;
mod recipients;
mod report;
mod settle;

pub use audience::{audience_count, audience_slice};
pub use chats::{audience_list_add, audience_list_count};
pub use recipients::{broadcast_cursor, recipients_deferred, recipients_fill, recipients_page};
pub use report::{broadcast_causes, recipients_export};
pub use settle::{broadcast_recover, broadcast_settle};

use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel_async::RunQueryDsl;

use super::super::Conn;
use super::audit;
use super::lease::check_fence;
use crate::domain::audit::{AuditAction, AuditNote, COMMAND_LINE};
use crate::domain::broadcast::{Broadcast, BroadcastState, Control, NewBroadcast};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{BroadcastId, UserId};
use crate::store::error::{StoreError, StoreResult};
use crate::store::records::Fence;
use crate::store::rows::{BroadcastRow, NewBroadcastRow, ProgressRow, storable};
use crate::store::schema::{broadcast_progress, broadcasts};
use crate::store::sql_types::Time;
use crate::store::statement::{Statement, fenced};

/// The condition of the index `broadcasts_open` in its own words.
fn is_open() -> SqlLiteral<Bool> {
    sql("broadcasts.state IN ('scheduled', 'running', 'paused')")
}

/// Plans a broadcast. False: its slot is filled already, by a broadcast or by a note that it was
/// missed.
pub async fn broadcast_create(
    connection: &mut Conn,
    fence: Fence,
    new: NewBroadcast,
    now: Timestamp,
) -> StoreResult<bool> {
    check_fence(connection, fence).await?;
    let is_new = create(connection, &new, BroadcastState::Scheduled, now).await?;
    if is_new {
        let note = AuditNote::plain(new.by, AuditAction::CreateBroadcast, new.id.0);
        audit::note(connection, note, now).await?;
    }
    Ok(is_new)
}

/// The same inside a transaction that has a fence of its own; `state` is `Scheduled`, or `Missed`
/// for a slot that passed while nothing ran.
pub async fn create(
    connection: &mut Conn,
    new: &NewBroadcast,
    state: BroadcastState,
    now: Timestamp,
) -> StoreResult<bool> {
    let inserted = diesel::insert_into(broadcasts::table)
        .values(NewBroadcastRow::new(new, state, now)?)
        .on_conflict((broadcasts::series_id, broadcasts::slot_at))
        .do_nothing()
        .execute(connection)
        .await
        .map_err(|error| StoreError::unless_duplicate(error, "broadcast"))?;
    if inserted == 0 {
        return Ok(false);
    }
    diesel::insert_into(broadcast_progress::table)
        .values(broadcast_progress::broadcast_id.eq(new.id.0))
        .execute(connection)
        .await?;
    Ok(true)
}

/// A broadcast as it stands.
pub async fn broadcast_get(
    connection: &mut Conn,
    id: BroadcastId,
) -> StoreResult<Option<Broadcast>> {
    let found: Option<(BroadcastRow, ProgressRow)> = broadcasts::table
        .inner_join(broadcast_progress::table)
        .filter(broadcasts::id.eq(id.0))
        .select((BroadcastRow::as_select(), ProgressRow::as_select()))
        .get_result(connection)
        .await
        .optional()?;
    found.map(|(row, progress)| row.with(progress)).transpose()
}

/// What is not over, in the order of its beginning.
pub async fn broadcasts_open(connection: &mut Conn) -> StoreResult<Vec<Broadcast>> {
    let rows: Vec<(BroadcastRow, ProgressRow)> = broadcasts::table
        .inner_join(broadcast_progress::table)
        .filter(is_open())
        .order((broadcasts::start_at, broadcasts::id))
        .select((BroadcastRow::as_select(), ProgressRow::as_select()))
        .load(connection)
        .await?;
    rows.into_iter().map(|(row, progress)| row.with(progress)).collect()
}

/// All of them, the newest first.
pub async fn broadcasts_list(
    connection: &mut Conn,
    before: Option<BroadcastId>,
    limit: i64,
) -> StoreResult<Vec<Broadcast>> {
    let rows: Vec<(BroadcastRow, ProgressRow)> = broadcasts::table
        .inner_join(broadcast_progress::table)
        .filter(broadcasts::id.lt(before.map_or(i64::MAX, |id| id.0)))
        .order(broadcasts::id.desc())
        .limit(limit)
        .select((BroadcastRow::as_select(), ProgressRow::as_select()))
        .load(connection)
        .await?;
    rows.into_iter().map(|(row, progress)| row.with(progress)).collect()
}

/// Begins a planned one: who came later than `now` is not among its recipients.
pub async fn broadcast_begin(
    connection: &mut Conn,
    fence: Fence,
    id: BroadcastId,
    now: Timestamp,
) -> StoreResult<bool> {
    let begun = Statement::new(fenced!(
        "UPDATE broadcasts SET state = 'running', started_at = {}
         WHERE id = {} AND state = 'scheduled'"
    ))
    .time(Time(now))
    .long(id.0)
    .fence(fence)
    .execute(connection)
    .await?;
    if begun == 0 {
        check_fence(connection, fence).await?;
    }
    Ok(begun == 1)
}

/// Does what is wanted on the command line; false where it stands elsewhere by now.
pub async fn broadcast_control(
    connection: &mut Conn,
    id: BroadcastId,
    control: Control,
    now: Timestamp,
) -> StoreResult<bool> {
    broadcast_turn(connection, id, control, COMMAND_LINE, now).await
}

/// Does what somebody wants of a broadcast; false where it stands elsewhere by now.
pub async fn broadcast_turn(
    connection: &mut Conn,
    id: BroadcastId,
    control: Control,
    by: UserId,
    now: Timestamp,
) -> StoreResult<bool> {
    let after = control.leads_to().name().to_owned();
    let note = AuditNote::changed(by, AuditAction::ControlBroadcast, id.0, None, Some(after));
    broadcast_turn_noting(connection, id, control, note, now).await
}

/// The same, with what is written down of it.
pub async fn broadcast_turn_noting(
    connection: &mut Conn,
    id: BroadcastId,
    control: Control,
    note: AuditNote,
    now: Timestamp,
) -> StoreResult<bool> {
    let from: Vec<&str> = control.applies_to().iter().map(|state| state.name()).collect();
    let to = control.leads_to();
    let done_at = to.is_over().then_some(Time(now));
    let changed = if control == Control::Resume {
        resume(connection, id, now).await?
    } else {
        diesel::update(broadcasts::table.find(id.0))
            .filter(broadcasts::state.eq_any(from))
            .set((broadcasts::state.eq(to.name()), broadcasts::done_at.eq(done_at)))
            .execute(connection)
            .await?
    };
    if changed == 1 {
        audit::note(connection, note, now).await?;
    }
    Ok(changed == 1)
}

/// Goes on; one that was held before it began waits for its time, and begins now if that has passed.
async fn resume(connection: &mut Conn, id: BroadcastId, now: Timestamp) -> QueryResult<usize> {
    Statement::new(
        "UPDATE broadcasts SET
             state = CASE WHEN started_at IS NULL THEN 'scheduled' ELSE 'running' END,
             start_at = CASE WHEN started_at IS NULL AND start_at < {} THEN {} ELSE start_at END
         WHERE id = {} AND state = 'paused'",
    )
    .time(Time(now))
    .time(Time(now))
    .long(id.0)
    .execute(connection)
    .await
}

/// Holds one that is being sent, or that waits for its time: nobody is there to answer for it.
pub(super) async fn broadcast_hold(
    connection: &mut Conn,
    id: BroadcastId,
    by: UserId,
    now: Timestamp,
) -> StoreResult<()> {
    let to = Control::Pause.leads_to().name();
    let from = [BroadcastState::Scheduled.name(), BroadcastState::Running.name()];
    let changed = diesel::update(broadcasts::table.find(id.0))
        .filter(broadcasts::state.eq_any(from))
        .set(broadcasts::state.eq(to))
        .execute(connection)
        .await?;
    if changed == 1 {
        let after = Some(to.to_owned());
        let note = AuditNote::changed(by, AuditAction::ControlBroadcast, id.0, None, after);
        audit::note(connection, note, now).await?;
    }
    Ok(())
}

/// Ends one that is planned or being sent: done, stopped or missed.
pub async fn broadcast_end(
    connection: &mut Conn,
    fence: Fence,
    id: BroadcastId,
    to: BroadcastState,
    reason: Option<String>,
    now: Timestamp,
) -> StoreResult<bool> {
    let reason = reason.map(storable);
    let ended = Statement::new(fenced!(
        "UPDATE broadcasts SET state = {}, stop_reason = {}, done_at = {}
         WHERE id = {} AND state IN ('scheduled', 'running')"
    ))
    .text(to.name())
    .optional_text(reason.as_deref())
    .time(Time(now))
    .long(id.0)
    .fence(fence)
    .execute(connection)
    .await?;
    if ended == 0 {
        check_fence(connection, fence).await?;
    }
    Ok(ended == 1)
}
