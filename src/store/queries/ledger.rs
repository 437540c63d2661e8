//! The ledger of updates.

use diesel::dsl::{count_star, min};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::{Conn, sql};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{ChatId, UpdateSeq};
use crate::store::error::StoreResult;
use crate::store::records::{NewUpdate, OpenUpdate};
use crate::store::rows::{NewUpdateRow, storable};
use crate::store::schema::updates;
use crate::store::sql_types::Time;

/// Stores a batch; what is known already is left alone. Gives how many were new.
pub async fn updates_insert(
    connection: &mut Conn,
    bot_id: i64,
    batch: Vec<NewUpdate>,
    now: Timestamp,
) -> StoreResult<usize> {
    let rows = batch
        .into_iter()
        .map(|update| NewUpdateRow {
            bot_id,
            update_id: update.update_id,
            chat_key: update.chat.0,
            kind: storable(update.kind),
            raw: storable(update.raw),
            received_at: Time(now),
            state: if update.ignored { "ignored" } else { "new" },
        })
        .collect();
    Ok(sql::insert_updates(connection, rows).await?)
}

/// A chat's open updates in their order.
pub async fn updates_of_chat(
    connection: &mut Conn,
    chat: ChatId,
    limit: i64,
) -> StoreResult<Vec<OpenUpdate>> {
    let rows: Vec<(i64, String, i32, Time)> = updates::table
        .filter(updates::state.eq("new"))
        .filter(updates::chat_key.eq(chat.0))
        .order(updates::seq)
        .limit(limit)
        .select((updates::seq, updates::raw, updates::faults, updates::received_at))
        .load(connection)
        .await?;
    let open = rows.into_iter().map(|(seq, raw, faults, received_at)| OpenUpdate {
        seq: UpdateSeq(seq),
        raw,
        faults,
        received_at: received_at.0,
    });
    Ok(open.collect())
}

/// Chats with open updates, the one that waits longest first.
pub async fn updates_open_chats(connection: &mut Conn, limit: i64) -> StoreResult<Vec<ChatId>> {
    let rows: Vec<(i64, Option<i64>)> = updates::table
        .filter(updates::state.eq("new"))
        .group_by(updates::chat_key)
        .order(min(updates::seq))
        .limit(limit)
        .select((updates::chat_key, min(updates::seq)))
        .load(connection)
        .await?;
    Ok(rows.into_iter().map(|(chat, _)| ChatId(chat)).collect())
}

/// How many updates are open.
pub async fn updates_open_count(connection: &mut Conn) -> StoreResult<i64> {
    Ok(updates::table
        .filter(updates::state.eq("new"))
        .select(count_star())
        .get_result(connection)
        .await?)
}

/// Closes an update that needs nothing.
pub async fn update_done(connection: &mut Conn, seq: UpdateSeq, now: Timestamp) -> StoreResult<()> {
    close(connection, seq, "done", now).await.map(drop)
}

/// Keeps an update that cannot be read for a later version.
pub async fn update_put_aside(
    connection: &mut Conn,
    seq: UpdateSeq,
    reason: String,
    now: Timestamp,
) -> StoreResult<()> {
    diesel::update(updates::table.find(seq.0))
        .filter(updates::state.eq("new"))
        .set((
            updates::state.eq("ignored"),
            updates::last_error.eq(storable(reason)),
            updates::done_at.eq(Time(now)),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// Notes a fault of the update itself; at the last one it is dead. Gives whether that was now: one
/// that is closed already has no more faults.
pub async fn update_fault(
    connection: &mut Conn,
    seq: UpdateSeq,
    error: String,
    max_faults: i32,
    now: Timestamp,
) -> StoreResult<bool> {
    let faults: Option<i32> = diesel::update(updates::table.find(seq.0))
        .filter(updates::state.eq("new"))
        .set((updates::faults.eq(updates::faults + 1), updates::last_error.eq(storable(error))))
        .returning(updates::faults)
        .get_result(connection)
        .await
        .optional()?;
    let is_dead = faults.is_some_and(|faults| faults >= max_faults);
    if is_dead {
        close(connection, seq, "dead", now).await?;
    }
    Ok(is_dead)
}

/// Closes an update that is still open; gives whether it was.
pub async fn close(
    connection: &mut Conn,
    seq: UpdateSeq,
    state: &str,
    now: Timestamp,
) -> StoreResult<bool> {
    let changed = diesel::update(updates::table.find(seq.0))
        .filter(updates::state.eq("new"))
        .set((updates::state.eq(state), updates::done_at.eq(Time(now))))
        .execute(connection)
        .await?;
    Ok(changed == 1)
}
