//! What people ask for, how many do, and what an editor answers.
//!
//! Invariants: of open requests with the same words there is one; `demand` is the number of its
//! askers, in the same transaction; a request that nobody asks for any more is no request.

use diesel::OptionalExtension as _;
use diesel_async::RunQueryDsl;

use super::super::Conn;
use crate::domain::clock::Timestamp;
use crate::domain::ids::{MaterialId, RequestId, UserId};
use crate::domain::request::{Request, RequestChange, RequestState, Wanted};
use crate::store::error::{StoreError, StoreResult};
use crate::store::rows::{IdRow, NumberRow, OpenRequestRow, RequestRow, storable};
use crate::store::sql_types::Time;
use crate::store::statement::Statement;

/// Writes down what somebody wants of a request.
pub async fn request_change(
    connection: &mut Conn,
    user: UserId,
    change: RequestChange,
    now: Timestamp,
) -> StoreResult<()> {
    match change {
        RequestChange::Ask { id, wanted } => ask(connection, user, id, wanted, now).await,
        RequestChange::Withdraw(id) => withdraw(connection, user, id).await,
        RequestChange::Settle { id, by } => settle(connection, user, id, by, now).await,
    }
}

async fn ask(
    connection: &mut Conn,
    user: UserId,
    id: RequestId,
    wanted: Wanted,
    now: Timestamp,
) -> StoreResult<()> {
    let Wanted { words, key } = wanted;
    Statement::new(
        "INSERT INTO requests (id, words, words_key, created_at, last_at)
         VALUES ({}, {}, {}, {}, {})
         ON CONFLICT (words_key) WHERE state = 'open' DO NOTHING",
    )
    .long(id.0)
    .text(&storable(words))
    .text(&key)
    .time(Time(now))
    .time(Time(now))
    .execute(connection)
    .await?;
    // Also the lock: whoever withdraws the last demand at the same time comes before or after.
    let found: Option<IdRow> = Statement::new(
        "UPDATE requests SET last_at = {} WHERE words_key = {} AND state = 'open' RETURNING id",
    )
    .time(Time(now))
    .text(&key)
    .get_result(connection)
    .await
    .optional()?;
    let Some(IdRow { id }) = found else { return Err(StoreError::Conflict { what: "request" }) };
    let is_new = Statement::new(
        "INSERT INTO request_askers (request_id, user_id, asked_at) VALUES ({}, {}, {})
         ON CONFLICT DO NOTHING",
    )
    .long(id)
    .long(user.0)
    .time(Time(now))
    .execute(connection)
    .await?;
    if is_new == 1 {
        Statement::new("UPDATE requests SET demand = demand + 1 WHERE id = {}")
            .long(id)
            .execute(connection)
            .await?;
    }
    Ok(())
}

async fn withdraw(connection: &mut Conn, user: UserId, id: RequestId) -> StoreResult<()> {
    // The request first, as whoever asks does.
    let asked = Statement::new(
        "UPDATE requests SET demand = demand - 1
         WHERE id = {} AND EXISTS (SELECT 1 FROM request_askers a
                                   WHERE a.request_id = requests.id AND a.user_id = {})",
    )
    .long(id.0)
    .long(user.0)
    .execute(connection)
    .await?;
    if asked == 0 {
        return Ok(());
    }
    Statement::new("DELETE FROM request_askers WHERE request_id = {} AND user_id = {}")
        .long(id.0)
        .long(user.0)
        .execute(connection)
        .await?;
    Statement::new("DELETE FROM requests WHERE id = {} AND demand = 0")
        .long(id.0)
        .execute(connection)
        .await?;
    Ok(())
}

async fn settle(
    connection: &mut Conn,
    editor: UserId,
    id: RequestId,
    by: Option<MaterialId>,
    now: Timestamp,
) -> StoreResult<()> {
    let state = if by.is_some() { RequestState::Answered } else { RequestState::Declined };
    let changed = Statement::new(
        "UPDATE requests SET state = {}, material_id = {}, answered_by = {}, last_at = {}
         WHERE id = {} AND state = 'open'",
    )
    .text(state.name())
    .optional_long(by.map(|id| id.0))
    .long(editor.0)
    .time(Time(now))
    .long(id.0)
    .execute(connection)
    .await?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Conflict { what: "request" }) }
}

/// A material answers these requests, as far as they are open; gives how many are.
pub async fn requests_answer(
    connection: &mut Conn,
    ids: Vec<RequestId>,
    material: MaterialId,
    now: Timestamp,
) -> StoreResult<usize> {
    let mut answered = 0;
    for id in ids {
        answered += Statement::new(
            "UPDATE requests SET state = 'answered', material_id = {}, last_at = {}
             WHERE id = {} AND state = 'open'",
        )
        .long(material.0)
        .time(Time(now))
        .long(id.0)
        .execute(connection)
        .await?;
    }
    Ok(answered)
}

/// A request, if there is such a one.
pub async fn request_get(connection: &mut Conn, id: RequestId) -> StoreResult<Option<Request>> {
    let row: Option<RequestRow> =
        Statement::new("SELECT id, words, state, demand, material_id FROM requests WHERE id = {}")
            .long(id.0)
            .get_result(connection)
            .await
            .optional()?;
    row.map(Request::try_from).transpose()
}

/// Whether a person asks for the same already, and for how much they ask.
pub async fn request_standing(
    connection: &mut Conn,
    user: UserId,
    key: String,
) -> StoreResult<(bool, i64)> {
    let same: NumberRow = Statement::new(
        "SELECT count(*) AS number FROM requests r
         JOIN request_askers a ON a.request_id = r.id AND a.user_id = {}
         WHERE r.words_key = {} AND r.state = 'open'",
    )
    .long(user.0)
    .text(&key)
    .get_result(connection)
    .await?;
    let open: NumberRow = Statement::new(
        "SELECT count(*) AS number FROM request_askers a JOIN requests r ON r.id = a.request_id
         WHERE a.user_id = {} AND r.state = 'open'",
    )
    .long(user.0)
    .get_result(connection)
    .await?;
    Ok((same.number > 0, open.number))
}

/// Open requests, most wanted first, after a demand and a request.
pub async fn requests_wanted(
    connection: &mut Conn,
    after: Option<(i64, RequestId)>,
    limit: i64,
) -> StoreResult<Vec<Request>> {
    let (demand, id) = after.unwrap_or((i64::MAX, RequestId(i64::MAX)));
    let rows: Vec<RequestRow> = Statement::new(
        "SELECT id, words, state, demand, material_id FROM requests
         WHERE state = 'open' AND (demand, id) < ({}, {})
         ORDER BY demand DESC, id DESC LIMIT {} + 0",
    )
    .long(demand)
    .long(id.0)
    .long(limit)
    .load(connection)
    .await?;
    rows.into_iter().map(Request::try_from).collect()
}

/// What a person asks for or has asked for, the newest first, before a given one.
pub async fn requests_own(
    connection: &mut Conn,
    user: UserId,
    before: Option<RequestId>,
    limit: i64,
) -> StoreResult<Vec<Request>> {
    let rows: Vec<RequestRow> = Statement::new(
        "SELECT r.id, r.words, r.state, r.demand, r.material_id
         FROM request_askers a JOIN requests r ON r.id = a.request_id
         WHERE a.user_id = {} AND a.request_id < {}
         ORDER BY a.request_id DESC LIMIT {} + 0",
    )
    .long(user.0)
    .long(before.map_or(i64::MAX, |before| before.0))
    .long(limit)
    .load(connection)
    .await?;
    rows.into_iter().map(Request::try_from).collect()
}

/// Open requests in the order of their keys, after a given key: request, words, key.
pub async fn requests_open(
    connection: &mut Conn,
    after_key: String,
    limit: i64,
) -> StoreResult<Vec<(RequestId, String, String)>> {
    let rows: Vec<OpenRequestRow> = Statement::new(
        "SELECT id, words, words_key FROM requests
         WHERE state = 'open' AND words_key > {} ORDER BY words_key LIMIT {} + 0",
    )
    .text(&after_key)
    .long(limit)
    .load(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (RequestId(row.id), row.words, row.words_key)).collect())
}
