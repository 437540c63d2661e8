//! The recipients: written down slice by slice, and read by those who send.
//!
//! Invariants: a chat is a recipient once; a slice is written only at the place where it was read,
//! so that two who fill at once cannot skip or repeat one; numbers only rise, and may have gaps.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::Serialize;

use super::super::super::{Conn, sql};
use super::super::lease::check_fence;
use crate::domain::clock::Timestamp;
use crate::domain::ids::{BroadcastId, ChatId, MessageId};
use crate::store::error::{StoreError, StoreResult};
use crate::store::records::{AudienceSlice, Fence, FillCursor, Recipient};
use crate::store::rows::{NumberRow, RecipientRow};
use crate::store::schema::broadcast_progress;
use crate::store::sql_types::Time;
use crate::store::statement::{Statement, fenced};

/// Where the next slice of the audience begins; none when all of it is written down.
pub async fn broadcast_cursor(
    connection: &mut Conn,
    id: BroadcastId,
) -> StoreResult<Option<FillCursor>> {
    let cursor: Option<(i32, i64, i64)> = broadcast_progress::table
        .find(id.0)
        .filter(broadcast_progress::is_filled.eq(false))
        .select((
            broadcast_progress::fill_phase,
            broadcast_progress::fill_time,
            broadcast_progress::fill_id,
        ))
        .get_result(connection)
        .await
        .optional()?;
    Ok(cursor.map(|(phase, time, id)| FillCursor { phase, time, id }))
}

/// Writes a slice of the audience down; false if another was written there, or it is over.
pub async fn recipients_fill(
    connection: &mut Conn,
    fence: Fence,
    id: BroadcastId,
    slice: AudienceSlice,
) -> StoreResult<bool> {
    let next = slice.next.unwrap_or(slice.from);
    let claimed: Option<NumberRow> = Statement::new(fenced!(
        "UPDATE broadcast_progress
         SET fill_phase = {}, fill_time = {}, fill_id = {}, is_filled = ({} = 1)
         WHERE broadcast_id = {} AND NOT is_filled
           AND fill_phase = {} AND fill_time = {} AND fill_id = {}
           AND EXISTS (SELECT 1 FROM broadcasts
                       WHERE id = {} AND state IN ('scheduled', 'running', 'paused'))",
        "RETURNING last_seq AS number"
    ))
    .int(next.phase)
    .long(next.time)
    .long(next.id)
    .int(i32::from(slice.next.is_none()))
    .long(id.0)
    .int(slice.from.phase)
    .long(slice.from.time)
    .long(slice.from.id)
    .long(id.0)
    .fence(fence)
    .get_result(connection)
    .await
    .optional()?;
    let Some(last) = claimed else {
        check_fence(connection, fence).await?;
        return Ok(false);
    };
    let inserted = insert(connection, id, last.number, &slice.chats).await?;
    if inserted > 0 {
        Statement::new(
            "UPDATE broadcast_progress SET filled = filled + {}, last_seq = last_seq + {}
             WHERE broadcast_id = {}",
        )
        .long(i64::try_from(inserted).unwrap_or(i64::MAX))
        .long(i64::try_from(slice.chats.len()).unwrap_or(i64::MAX))
        .long(id.0)
        .execute(connection)
        .await?;
    }
    Ok(true)
}

/// In one statement, whose values the database takes out of a list.
async fn insert(
    connection: &mut Conn,
    id: BroadcastId,
    last: i64,
    chats: &[(ChatId, Vec<MessageId>)],
) -> StoreResult<usize> {
    if chats.is_empty() {
        return Ok(0);
    }
    if chats.iter().all(|(_, messages)| messages.is_empty()) {
        let chats: Vec<i64> = chats.iter().map(|(chat, _)| chat.0).collect();
        return Ok(sql::insert_recipients(connection, id.0, last, &json(&chats)?).await?);
    }
    let mut rows = Vec::with_capacity(chats.len());
    for (chat, messages) in chats {
        let (first, more) = columns(messages)?;
        rows.push((chat.0, first, more));
    }
    Ok(sql::insert_undo_recipients(connection, id.0, last, &json(&rows)?).await?)
}

/// Recipients that wait for their first request, in their order, after a given one.
///
/// By ranges of numbers, not by a bare `LIMIT`: PostgreSQL, which knows little of a new broadcast,
/// would read and sort all that is left of it for each page.
pub async fn recipients_page(
    connection: &mut Conn,
    id: BroadcastId,
    after_seq: i64,
    limit: i64,
) -> StoreResult<Vec<Recipient>> {
    let (mut found, mut after) = (Vec::new(), after_seq);
    loop {
        let room = limit - i64::try_from(found.len()).unwrap_or(limit);
        if room <= 0 {
            return Ok(found);
        }
        let Some(first) = next_number(connection, id, after).await? else { return Ok(found) };
        after = first.saturating_add(room - 1);
        let rows: Vec<RecipientRow> = Statement::new(
            "SELECT r.seq, r.chat_id, r.message_id, r.more_ids, r.not_before, u.first_name, u.lang
             FROM broadcast_recipients r LEFT JOIN users u ON u.id = r.chat_id
             WHERE r.broadcast_id = {} AND r.seq >= {} AND r.seq <= {} AND r.state = 'pending'
             ORDER BY r.seq",
        )
        .long(id.0)
        .long(first)
        .long(after)
        .load(connection)
        .await?;
        for row in rows {
            found.push(Recipient::try_from(row)?);
        }
    }
}

/// The first number after a given one.
pub(super) async fn next_number(
    connection: &mut Conn,
    id: BroadcastId,
    after: i64,
) -> QueryResult<Option<i64>> {
    let found: Option<NumberRow> = Statement::new(
        "SELECT seq AS number FROM broadcast_recipients
         WHERE broadcast_id = {} AND seq > {} ORDER BY seq LIMIT 1",
    )
    .long(id.0)
    .long(after)
    .get_result(connection)
    .await
    .optional()?;
    Ok(found.map(|row| row.number))
}

/// Recipients that are to be tried again, whose turn is first; those without a time before all.
pub async fn recipients_deferred(
    connection: &mut Conn,
    id: BroadcastId,
    limit: i64,
) -> StoreResult<Vec<Recipient>> {
    let rows: Vec<RecipientRow> = Statement::new(
        "SELECT r.seq, r.chat_id, r.message_id, r.more_ids, r.not_before, u.first_name, u.lang
         FROM broadcast_recipients r LEFT JOIN users u ON u.id = r.chat_id
         WHERE r.broadcast_id = {} AND r.not_before >= {} AND r.state = 'deferred'
         ORDER BY r.not_before, r.seq LIMIT {} + 0",
    )
    .long(id.0)
    .time(Time(Timestamp::UNIX_EPOCH))
    .long(limit)
    .load(connection)
    .await?;
    rows.into_iter().map(Recipient::try_from).collect()
}

/// A recipient's messages as its columns hold them: the first, and a list of the others.
pub(super) fn columns(messages: &[MessageId]) -> StoreResult<(Option<i64>, Option<String>)> {
    let Some((first, more)) = messages.split_first() else { return Ok((None, None)) };
    let more = if more.is_empty() { None } else { Some(json(&more)?) };
    Ok((Some(first.0), more))
}

/// Values for the database to take apart.
pub(super) fn json<T: Serialize>(values: &T) -> StoreResult<String> {
    serde_json::to_string(values)
        .map_err(|_error| StoreError::Fault { call: "", what: "values that JSON cannot hold" })
}
