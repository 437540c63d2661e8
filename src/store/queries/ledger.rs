//! The ledger of updates. Whatever closes one is fenced by the leader's lease, see `lease`.

use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::{Conn, sql};
use super::lease::check_fence;
use super::{incidents, jobs, outbox};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{ChatId, UpdateSeq};
use crate::domain::incident::{Cause, Subject};
use crate::store::error::{StoreError, StoreResult};
use crate::store::records::{
    Fence, HeadUpdate, NewOutbox, NewUpdate, OpenUpdate, Relied, UpdateFault,
};
use crate::store::rows::{HeadRow, IdRow, NewUpdateRow, NumberRow, OpenUpdateRow, storable};
use crate::store::schema::updates;
use crate::store::sql_types::Time;
use crate::store::statement::{Statement, fenced};

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
    let rows: Vec<OpenUpdateRow> = Statement::new(
        "SELECT seq, kind, raw, faults, received_at FROM updates
         WHERE state = 'new' AND chat_key = {} ORDER BY seq LIMIT {} + 0",
    )
    .long(chat.0)
    .long(limit)
    .load(connection)
    .await?;
    Ok(rows.into_iter().map(OpenUpdate::from).collect())
}

/// Chats with open updates, the one that waits longest first.
pub async fn updates_open_chats(connection: &mut Conn, limit: i64) -> StoreResult<Vec<ChatId>> {
    let rows: Vec<IdRow> = Statement::new(
        "SELECT chat_key AS id FROM updates
         WHERE state = 'new' GROUP BY chat_key ORDER BY min(seq) LIMIT {} + 0",
    )
    .long(limit)
    .load(connection)
    .await?;
    Ok(rows.into_iter().map(|row| ChatId(row.id)).collect())
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
pub async fn update_done(
    connection: &mut Conn,
    fence: Fence,
    seq: UpdateSeq,
    now: Timestamp,
) -> StoreResult<()> {
    close(connection, fence, seq, "done", now).await.map(drop)
}

/// Updates that one statement leaves out.
const LEFT_OUT_AT_ONCE: usize = 16;

/// Closes updates that nobody will look into, and tells their author. Their texts go at once: a
/// flood is not to fill the disk until the next tidying up.
pub async fn updates_leave_out(
    connection: &mut Conn,
    fence: Fence,
    seqs: Vec<UpdateSeq>,
    told: Vec<NewOutbox>,
    now: Timestamp,
) -> StoreResult<()> {
    let mut changed = 0;
    for some in seqs.chunks(LEFT_OUT_AT_ONCE) {
        let mut statement = Statement::new(fenced!(
            "UPDATE updates SET state = 'done', raw = '', last_error = 'throttled', done_at = {}
             WHERE seq IN ({}, {}, {}, {}, {}, {}, {}, {},
                           {}, {}, {}, {}, {}, {}, {}, {}) AND state = 'new'"
        ))
        .time(Time(now));
        for place in 0..LEFT_OUT_AT_ONCE {
            // No row has the number that fills up.
            statement = statement.long(some.get(place).map_or(0, |seq| seq.0));
        }
        changed += statement.fence(fence).execute(connection).await?;
    }
    if changed == 0 {
        // Somebody else leads, or has closed them.
        return check_fence(connection, fence).await;
    }
    outbox::outbox_insert(connection, told, now).await
}

/// Keeps an update that cannot be read for a later version.
pub async fn update_put_aside(
    connection: &mut Conn,
    fence: Fence,
    seq: UpdateSeq,
    reason: String,
    now: Timestamp,
) -> StoreResult<()> {
    let changed = Statement::new(fenced!(
        "UPDATE updates SET state = 'ignored', last_error = {}, done_at = {}
         WHERE seq = {} AND state = 'new'"
    ))
    .text(&storable(reason))
    .time(Time(now))
    .long(seq.0)
    .fence(fence)
    .execute(connection)
    .await?;
    if changed == 1 { Ok(()) } else { check_fence(connection, fence).await }
}

/// Notes a fault of the update itself; at the last one it is dead, and its author and the people in
/// charge will be told. Gives whether that was now: one that is closed already has no more faults.
pub async fn update_fault(
    connection: &mut Conn,
    fence: Fence,
    fault: UpdateFault,
    now: Timestamp,
) -> StoreResult<bool> {
    let seq = fault.seq;
    // Whoever notes a fault has survived it: earlier deaths prove nothing any more.
    let counted: Option<NumberRow> = Statement::new(fenced!(
        "UPDATE updates SET faults = faults + 1, claims = 0, last_error = {}
         WHERE seq = {} AND state = 'new'",
        "RETURNING CAST(faults AS BIGINT) AS number"
    ))
    .text(&storable(fault.error))
    .long(seq.0)
    .fence(fence)
    .get_result(connection)
    .await
    .optional()?;
    let Some(counted) = counted else {
        check_fence(connection, fence).await?;
        return Ok(false);
    };
    let is_dead = counted.number >= i64::from(fault.max_faults);
    if is_dead {
        close(connection, fence, seq, "dead", now).await?;
        incidents::note(connection, Subject::Update(seq), fault.cause, now).await?;
        if fault.cause == Cause::Death {
            jobs::absolve(connection).await?;
        }
        outbox::outbox_insert(connection, fault.farewell, now).await?;
    }
    Ok(is_dead)
}

/// The first open update of each chat: those with starts written down first, then the one that
/// waits longest.
pub async fn updates_heads(connection: &mut Conn, limit: i64) -> StoreResult<Vec<HeadUpdate>> {
    let rows: Vec<HeadRow> = Statement::new(
        "SELECT u.seq, u.chat_key, u.claims FROM updates u
         JOIN (SELECT min(seq) AS seq FROM updates WHERE state = 'new' GROUP BY chat_key) h
           ON h.seq = u.seq
         ORDER BY CASE WHEN u.claims = 0 THEN 1 ELSE 0 END, u.seq LIMIT {}",
    )
    .long(limit)
    .load(connection)
    .await?;
    Ok(rows.into_iter().map(HeadUpdate::from).collect())
}

/// Writes down that these updates are about to be started. Must be committed before they are.
pub async fn updates_claim(
    connection: &mut Conn,
    fence: Fence,
    seqs: Vec<UpdateSeq>,
    claims: i32,
) -> StoreResult<()> {
    check_fence(connection, fence).await?;
    for seq in seqs {
        Statement::new("UPDATE updates SET claims = {} WHERE seq = {} AND state = 'new'")
            .int(claims)
            .long(seq.0)
            .execute(connection)
            .await?;
    }
    Ok(())
}

/// Closes an update that is still open; gives whether it was.
pub async fn close(
    connection: &mut Conn,
    fence: Fence,
    seq: UpdateSeq,
    state: &str,
    now: Timestamp,
) -> StoreResult<bool> {
    let changed = Statement::new(fenced!(
        "UPDATE updates SET state = {}, done_at = {},
             raw = CASE WHEN raw LIKE {} THEN '' ELSE raw END
         WHERE seq = {} AND state = 'new'"
    ))
    .text(state)
    .time(Time(now))
    .text(WITH_CODE)
    .long(seq.0)
    .fence(fence)
    .execute(connection)
    .await?;
    if changed == 0 {
        check_fence(connection, fence).await?;
    }
    Ok(changed == 1)
}

/// What holds the code of the first owner: it is not kept for a day, as other texts are.
const WITH_CODE: &str = "%/start own_%";

/// Closes an update that is still open, if what the step relied on is still so. One statement, so
/// that a step that was decided on a copy costs no round trip more than another.
pub async fn close_relying(
    connection: &mut Conn,
    fence: Fence,
    seq: UpdateSeq,
    relied: &Relied,
    now: Timestamp,
) -> StoreResult<()> {
    let (key, person) = (relied.key, person_mark(relied));
    let changed = Statement::new(fenced!(
        "UPDATE updates SET state = 'done', done_at = {},
             raw = CASE WHEN raw LIKE {} THEN '' ELSE raw END
         WHERE seq = {} AND state = 'new'
         AND {} = coalesce((SELECT version FROM sessions
                            WHERE chat_id = {} AND user_id = {} AND thread_id = {}), 0)
         AND {} = coalesce((SELECT role || ' ' || lang || CASE WHEN reachable THEN ' +' ELSE ' -' END
                            FROM users WHERE id = {}), '')
         AND {} = coalesce((SELECT CAST(value AS BIGINT) FROM meta WHERE key = 'bans_version'), 0)"))
    .time(Time(now))
    .text(WITH_CODE)
    .long(seq.0)
    .long(relied.version)
    .long(key.chat.0)
    .long(key.user.0)
    .long(key.thread)
    .text(&person)
    .long(key.user.0)
    .long(relied.bans)
    .fence(fence)
    .execute(connection)
    .await?;
    if changed == 1 {
        return Ok(());
    }
    check_fence(connection, fence).await?;
    let state: Option<String> = updates::table
        .find(seq.0)
        .select(updates::state)
        .get_result(connection)
        .await
        .optional()?;
    let is_open = state.as_deref() == Some("new");
    Err(StoreError::Conflict { what: if is_open { "copy" } else { "update" } })
}

/// What a copy says of a person, as the statement above puts it together.
fn person_mark(relied: &Relied) -> String {
    let mark = relied.person.map(|(role, lang, reachable)| {
        format!("{} {} {}", role.name(), lang.code(), if reachable { '+' } else { '-' })
    });
    mark.unwrap_or_default()
}
