//! What makes broadcasts again and again.
//!
//! Invariants: a series moves on in the transaction that fills its slot, and only from the slot that
//! the caller saw; a slot is filled once, also when the clock was set back or the series was set up
//! anew.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::Conn;
use super::broadcasts;
use super::lease::check_fence;
use crate::domain::broadcast::{BroadcastState, NewBroadcast};
use crate::domain::clock::Timestamp;
use crate::domain::ids::SeriesId;
use crate::domain::series::{NewSeries, Series};
use crate::store::error::StoreResult;
use crate::store::records::Fence;
use crate::store::rows::{NewSeriesRow, SeriesRow};
use crate::store::schema::{broadcast_series, broadcasts as letters};
use crate::store::sql_types::Time;

/// Begins a series; one of that id goes on as the new one says, also after its end.
pub async fn series_create(
    connection: &mut Conn,
    new: NewSeries,
    now: Timestamp,
) -> StoreResult<()> {
    let row = NewSeriesRow::new(&new)?;
    diesel::insert_into(broadcast_series::table)
        .values((
            &row,
            broadcast_series::id.eq(new.id.0),
            broadcast_series::created_at.eq(Time(now)),
        ))
        .on_conflict(broadcast_series::id)
        .do_update()
        .set(&row)
        .execute(connection)
        .await?;
    Ok(())
}

/// Ends a series: what it has made stays.
pub async fn series_end(connection: &mut Conn, id: SeriesId, now: Timestamp) -> StoreResult<()> {
    diesel::update(broadcast_series::table.find(id.0))
        .filter(broadcast_series::ended_at.is_null())
        .set(broadcast_series::ended_at.eq(Time(now)))
        .execute(connection)
        .await?;
    Ok(())
}

/// Series that go on, the next one first.
pub async fn series_list(connection: &mut Conn) -> StoreResult<Vec<Series>> {
    let rows: Vec<SeriesRow> = broadcast_series::table
        .filter(broadcast_series::ended_at.is_null())
        .order((broadcast_series::next_at, broadcast_series::id))
        .select(SeriesRow::as_select())
        .load(connection)
        .await?;
    rows.into_iter().map(Series::try_from).collect()
}

/// Series whose next slot has come.
pub async fn series_due(connection: &mut Conn, now: Timestamp) -> StoreResult<Vec<Series>> {
    let rows: Vec<SeriesRow> = broadcast_series::table
        .filter(broadcast_series::ended_at.is_null())
        .filter(broadcast_series::next_at.le(Time(now)))
        .order((broadcast_series::next_at, broadcast_series::id))
        .select(SeriesRow::as_select())
        .load(connection)
        .await?;
    rows.into_iter().map(Series::try_from).collect()
}

/// The last slot of a series that was not missed.
pub async fn series_told_until(
    connection: &mut Conn,
    id: SeriesId,
) -> StoreResult<Option<Timestamp>> {
    let slot: Option<Option<Time>> = letters::table
        .filter(letters::series_id.eq(id.0))
        .filter(letters::state.ne(BroadcastState::Missed.name()))
        .filter(letters::slot_at.is_not_null())
        .order(letters::slot_at.desc())
        .limit(1)
        .select(letters::slot_at)
        .get_result(connection)
        .await
        .optional()?;
    Ok(slot.flatten().map(|slot| slot.0))
}

/// Moves a series on, from the slot that the caller saw, and fills the slot of the broadcast.
pub async fn series_advance(
    connection: &mut Conn,
    fence: Fence,
    from: Timestamp,
    to: Timestamp,
    broadcast: NewBroadcast,
    state: BroadcastState,
    now: Timestamp,
) -> StoreResult<bool> {
    check_fence(connection, fence).await?;
    let Some(slot) = broadcast.slot else { return Ok(false) };
    let moved = diesel::update(broadcast_series::table.find(slot.series.0))
        .filter(broadcast_series::next_at.eq(Time(from)))
        .filter(broadcast_series::ended_at.is_null())
        .set(broadcast_series::next_at.eq(Time(to)))
        .execute(connection)
        .await?;
    Ok(moved == 1 && broadcasts::create(connection, &broadcast, state, now).await?)
}
