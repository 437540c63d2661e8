//! What is to leave. What the gate writes is fenced by the leader's lease, see `lease`.

use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel_async::RunQueryDsl;

use super::super::{Conn, sql as own};
use super::lease::check_fence;
use crate::domain::clock::Timestamp;
use crate::domain::ids::{ChatId, MessageId, OutboxId};
use crate::store::error::StoreResult;
use crate::store::records::{Fence, NewOutbox, OutboxEnd, OutboxItem, OutboxOutcome};
use crate::store::rows::{NewOutboxRow, OptionalNumberRow, OutboxRow};
use crate::store::schema::outbox;
use crate::store::sql_types::Time;
use crate::store::statement::{Statement, fenced};

/// What holds a key to the dashboard. From the send on it is for whoever got it alone.
const WITH_KEY: &str = "%/dashboard/enter?key=%";

/// A message with a file.
const FILE: &str = "{\"type\":\"file\"%";

/// What stays of a message that is emptied; what was sent is not read again.
const NOTHING: &str = "{}";

/// The condition of the index `outbox_open` in its own words: with bound values neither database
/// sees that the index holds all that is asked for, and reads everything that was ever sent.
fn is_open() -> SqlLiteral<Bool> {
    sql("outbox.state IN ('queued', 'sending')")
}

/// Adds messages.
pub async fn outbox_insert(
    connection: &mut Conn,
    messages: Vec<NewOutbox>,
    now: Timestamp,
) -> StoreResult<()> {
    for message in messages {
        diesel::insert_into(outbox::table)
            .values(NewOutboxRow::new(message, Time(now)))
            .execute(connection)
            .await?;
    }
    Ok(())
}

/// Adds an edit of a card in place of one that still waits: nobody needs to see a progress that is
/// past. Gives the id under which it waits.
///
/// The new edit gets its own row: the gate may have read the old one already, and would then send
/// what it read and never see a change of it.
pub async fn outbox_replace_edit(
    connection: &mut Conn,
    message: NewOutbox,
    now: Timestamp,
) -> StoreResult<OutboxId> {
    let replaced = outbox::table
        .filter(is_open())
        .filter(outbox::state.eq("queued"))
        .filter(outbox::edit_of.eq(message.edit_of.map(|id| id.0)));
    diesel::delete(replaced).execute(connection).await?;
    let id = message.id;
    outbox_insert(connection, vec![message], now).await?;
    Ok(id)
}

/// Empties what has left, in the next slice of all messages: the cards and answers of others may
/// quote somebody who is erased. A file's row stays, for it tells which file goes with it; it quotes
/// nobody. Gives the last row of the slice.
pub async fn outbox_unquote(
    connection: &mut Conn,
    after: i64,
    limit: i64,
) -> StoreResult<Option<i64>> {
    let end: OptionalNumberRow = Statement::new(
        "SELECT max(id) AS number
         FROM (SELECT id FROM outbox WHERE id > {} ORDER BY id LIMIT {} + 0) slice",
    )
    .long(after)
    .long(limit)
    .get_result(connection)
    .await?;
    let Some(end) = end.number else { return Ok(None) };
    Statement::new(
        "UPDATE outbox SET payload = {}
         WHERE id > {} AND id <= {} AND state IN ('sent', 'failed')
           AND payload <> {} AND payload NOT LIKE {}",
    )
    .text(NOTHING)
    .long(after)
    .long(end)
    .text(NOTHING)
    .text(FILE)
    .execute(connection)
    .await?;
    Ok(Some(end))
}

/// Takes away what waits for a chat and answers nothing that was asked there: news that sleep until
/// the quiet hours end, say. What the gate has in hand already leaves.
pub(super) async fn outbox_forget_bulk(connection: &mut Conn, chat: ChatId) -> StoreResult<()> {
    let waiting = outbox::table
        .filter(is_open())
        .filter(outbox::state.eq("queued"))
        .filter(outbox::class.eq("bulk"))
        .filter(outbox::chat_id.eq(chat.0));
    diesel::delete(waiting).execute(connection).await?;
    Ok(())
}

/// Messages that wait, in their order, after a given one. What sleeps until its person's quiet hours
/// end stays in the database until then: the gate's memory is for what is to leave.
pub async fn outbox_open(
    connection: &mut Conn,
    after: OutboxId,
    limit: i64,
) -> StoreResult<Vec<OutboxItem>> {
    let rows: Vec<OutboxRow> = outbox::table
        .filter(is_open())
        .filter(diesel::dsl::sql::<Bool>(own::AWAKE))
        .filter(outbox::id.gt(after.0))
        .order(outbox::id)
        .limit(limit)
        .select(OutboxRow::as_select())
        .load(connection)
        .await?;
    rows.into_iter().map(OutboxItem::try_from).collect()
}

/// Marks messages as being sent, before the request leaves.
pub async fn outbox_begin(
    connection: &mut Conn,
    fence: Fence,
    ids: Vec<OutboxId>,
) -> StoreResult<()> {
    for id in ids {
        let changed = Statement::new(fenced!(
            "UPDATE outbox SET state = 'sending' WHERE id = {} AND state = 'queued'"
        ))
        .long(id.0)
        .fence(fence)
        .execute(connection)
        .await?;
        if changed == 0 {
            check_fence(connection, fence).await?;
        }
    }
    Ok(())
}

/// The message that a row became, if it was sent.
pub async fn outbox_message_id(
    connection: &mut Conn,
    id: OutboxId,
) -> StoreResult<Option<MessageId>> {
    let found: Option<Option<i64>> = outbox::table
        .find(id.0)
        .select(outbox::message_id)
        .get_result(connection)
        .await
        .optional()?;
    Ok(found.flatten().map(MessageId))
}

/// Writes down how sends ended. A row that is over is left as it is.
pub async fn outbox_settle(
    connection: &mut Conn,
    fence: Fence,
    outcomes: Vec<OutboxOutcome>,
    now: Timestamp,
) -> StoreResult<()> {
    for OutboxOutcome { id, end } in outcomes {
        let statement = match end {
            OutboxEnd::Sent(message) => Statement::new(fenced!(
                "UPDATE outbox SET state = 'sent', message_id = {}, done_at = {},
                     payload = CASE WHEN payload LIKE {} THEN {} ELSE payload END
                 WHERE id = {} AND state IN ('queued', 'sending')"
            ))
            .optional_long(message.map(|id| id.0))
            .time(Time(now))
            .text(WITH_KEY)
            .text(NOTHING),
            OutboxEnd::Failed(class) => Statement::new(fenced!(
                "UPDATE outbox SET state = 'failed', error_class = {}, done_at = {}
                 WHERE id = {} AND state IN ('queued', 'sending')"
            ))
            .text(class)
            .time(Time(now)),
            OutboxEnd::Deferred { until, counts } => Statement::new(fenced!(
                "UPDATE outbox SET state = 'queued', not_before = {}, attempts = attempts + {}
                 WHERE id = {} AND state IN ('queued', 'sending')"
            ))
            .time(Time(until))
            .int(i32::from(counts)),
        };
        let changed = statement.long(id.0).fence(fence).execute(connection).await?;
        if changed == 0 {
            check_fence(connection, fence).await?;
        }
    }
    Ok(())
}
