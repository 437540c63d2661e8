//! What is to leave.

use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel_async::RunQueryDsl;

use super::super::Conn;
use crate::domain::clock::Timestamp;
use crate::domain::ids::{MessageId, OutboxId};
use crate::store::error::StoreResult;
use crate::store::records::{NewOutbox, OutboxEnd, OutboxItem, OutboxOutcome};
use crate::store::rows::{NewOutboxRow, OutboxRow};
use crate::store::schema::outbox;
use crate::store::sql_types::Time;
use crate::store::statement::Statement;

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

/// Messages that wait, in their order, after a given one.
pub async fn outbox_open(
    connection: &mut Conn,
    after: OutboxId,
    limit: i64,
) -> StoreResult<Vec<OutboxItem>> {
    let rows: Vec<OutboxRow> = outbox::table
        .filter(is_open())
        .filter(outbox::id.gt(after.0))
        .order(outbox::id)
        .limit(limit)
        .select(OutboxRow::as_select())
        .load(connection)
        .await?;
    rows.into_iter().map(OutboxItem::try_from).collect()
}

/// Marks messages as being sent, before the request leaves.
pub async fn outbox_begin(connection: &mut Conn, ids: Vec<OutboxId>) -> StoreResult<()> {
    diesel::update(outbox::table.filter(outbox::id.eq_any(ids.into_iter().map(|id| id.0))))
        .filter(outbox::state.eq("queued"))
        .set(outbox::state.eq("sending"))
        .execute(connection)
        .await?;
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

/// Writes down how sends ended.
pub async fn outbox_settle(
    connection: &mut Conn,
    outcomes: Vec<OutboxOutcome>,
    now: Timestamp,
) -> StoreResult<()> {
    for OutboxOutcome { id, end } in outcomes {
        let row = outbox::table.find(id.0);
        match end {
            OutboxEnd::Sent(message) => {
                Statement::new(
                    "UPDATE outbox SET state = 'sent', message_id = {}, done_at = {} WHERE id = {}",
                )
                .optional_long(message.map(|id| id.0))
                .time(Time(now))
                .long(id.0)
                .execute(connection)
                .await?
            }
            OutboxEnd::Failed(class) => {
                diesel::update(row)
                    .set((
                        outbox::state.eq("failed"),
                        outbox::error_class.eq(class),
                        outbox::done_at.eq(Time(now)),
                    ))
                    .execute(connection)
                    .await?
            }
            OutboxEnd::Deferred { until, counts } => {
                diesel::update(row)
                    .set((
                        outbox::state.eq("queued"),
                        outbox::not_before.eq(Time(until)),
                        outbox::attempts.eq(outbox::attempts + i32::from(counts)),
                    ))
                    .execute(connection)
                    .await?
            }
        };
    }
    Ok(())
}
