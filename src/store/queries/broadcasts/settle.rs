//! Outcomes, and the counters that go with them.
//!
//! Invariants: at every commit `delivered + blocked + failed + in_doubt + pending = filled`, as the
//! counters follow what the statements say they have changed, in the same transaction; a recipient
//! with a final outcome never gets another; no request may leave to a recipient above the
//! watermark. The row of the progress is written first: whoever else writes to the broadcast waits
//! there, and the fence stands in that statement for all that follow.

use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::super::{Conn, sql};
use super::super::lease::check_fence;
use super::recipients::{columns, json};
use crate::domain::broadcast::{BroadcastState, DoubtPolicy, Progress, RecipientEnd};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{BroadcastId, ChatId};
use crate::store::error::{StoreError, StoreResult};
use crate::store::records::{BroadcastSettlement, Fence, RecipientOutcome};
use crate::store::rows::{NumberRow, ProgressRow, SettledRow};
use crate::store::schema::broadcasts;
use crate::store::sql_types::Time;
use crate::store::statement::{Statement, fenced};

/// How far the watermark may be above the mark below which nobody is pending. A start after a crash
/// looks at that many rows at least, so that it does not take longer the further a broadcast is.
const SETTLED_STRIDE: i64 = 4_096;

/// When a deferred recipient is tried again that waits for nothing; and no time is before it.
const AT_ONCE: Time = Time(Timestamp::UNIX_EPOCH);

/// An outcome as the statements take it apart: number, state, first message, the others, reason,
/// not before.
type Row<'a> = (i64, &'a str, Option<i64>, Option<String>, Option<&'a str>, Option<i64>);

/// What is added to the counters.
#[derive(Debug, Default)]
struct Counts {
    delivered: i64,
    blocked: i64,
    failed: i64,
    in_doubt: i64,
}

impl Counts {
    fn note(&mut self, state: &str) {
        match state {
            "delivered" => self.delivered += 1,
            "blocked" => self.blocked += 1,
            "failed" => self.failed += 1,
            "in_doubt" => self.in_doubt += 1,
            _ => {}
        }
    }

    const fn is_nothing(&self) -> bool {
        self.delivered + self.blocked + self.failed + self.in_doubt == 0
    }
}

/// Writes down how sends ended and what may leave next, all or nothing; gives how far it is.
pub async fn broadcast_settle(
    connection: &mut Conn,
    fence: Fence,
    settlement: BroadcastSettlement,
    _now: Timestamp,
) -> StoreResult<Progress> {
    let id = settlement.id;
    let mut progress = open(connection, fence, id, settlement.watermark).await?;
    let mut counts = Counts::default();
    let mut rows: Vec<Row<'_>> = Vec::with_capacity(settlement.outcomes.len());
    for RecipientOutcome { seq, end, .. } in &settlement.outcomes {
        let seq = *seq;
        rows.push(match end {
            RecipientEnd::Delivered(messages) => {
                let (first, more) = columns(messages)?;
                (seq, "delivered", first, more, None, None)
            }
            RecipientEnd::Blocked(reason) => (seq, "blocked", None, None, Some(*reason), None),
            RecipientEnd::Failed(reason) => (seq, "failed", None, None, Some(*reason), None),
            RecipientEnd::InDoubt => (seq, "in_doubt", None, None, None, None),
            RecipientEnd::Deferred(until) => {
                let until = until.timestamp_micros().max(0);
                (seq, "deferred", None, None, None, Some(until))
            }
            RecipientEnd::Moved(_) => continue,
        });
    }
    if !rows.is_empty() {
        let settled = sql::settle_recipients(connection, id.0, &json(&rows)?).await?;
        for row in &settled {
            counts.note(&row.state);
        }
        mark_out_of_reach(connection, &settled).await?;
    }
    for RecipientOutcome { seq, end, .. } in &settlement.outcomes {
        if let RecipientEnd::Moved(to) = end {
            follow(connection, id, *seq, *to, &mut counts).await?;
        }
    }
    if !settlement.relaunched.is_empty() {
        sql::relaunch_recipients(connection, id.0, &json(&settlement.relaunched)?).await?;
    }
    if !counts.is_nothing() {
        progress = count(connection, id, &counts).await?;
    }
    if progress.watermark - progress.settled_to >= SETTLED_STRIDE {
        raise_settled(connection, id, &progress).await?;
    }
    Ok(Progress::from(progress))
}

/// Resolves what may have been sent when its process died, by the broadcast's policy; gives how
/// many are sent again, and how many are left in doubt. Of one that is over none is sent.
pub async fn broadcast_recover(
    connection: &mut Conn,
    fence: Fence,
    id: BroadcastId,
    _now: Timestamp,
) -> StoreResult<(u64, u64)> {
    let progress = open(connection, fence, id, 0).await?;
    let (state, doubt): (String, String) = broadcasts::table
        .find(id.0)
        .select((broadcasts::state, broadcasts::doubt))
        .get_result(connection)
        .await?;
    let is_over = BroadcastState::from_name(&state).is_none_or(BroadcastState::is_over);
    let is_resent = !is_over && DoubtPolicy::from_name(&doubt) == Some(DoubtPolicy::Resend);
    let resolved = if is_resent {
        resend(connection, id, &progress).await?
    } else {
        leave_in_doubt(connection, id, &progress).await?
    };
    let resolved = i64::try_from(resolved).unwrap_or(i64::MAX);
    if is_resent {
        return Ok((resolved.unsigned_abs(), 0));
    }
    let counts = Counts { in_doubt: resolved, ..Counts::default() };
    if !counts.is_nothing() {
        count(connection, id, &counts).await?;
    }
    Ok((0, resolved.unsigned_abs()))
}

/// What may have been sent is to be sent at once.
async fn resend(
    connection: &mut Conn,
    id: BroadcastId,
    progress: &ProgressRow,
) -> QueryResult<usize> {
    let pending = Statement::new(
        "UPDATE broadcast_recipients SET state = 'deferred', not_before = {}
         WHERE broadcast_id = {} AND seq > {} AND seq <= {} AND state = 'pending'",
    )
    .time(AT_ONCE)
    .long(id.0)
    .long(progress.settled_to)
    .long(progress.watermark)
    .execute(connection)
    .await?;
    let sending = Statement::new(
        "UPDATE broadcast_recipients SET state = 'deferred', not_before = {}
         WHERE broadcast_id = {} AND not_before >= {} AND state = 'sending'",
    )
    .time(AT_ONCE)
    .long(id.0)
    .time(AT_ONCE)
    .execute(connection)
    .await?;
    Ok(pending + sending)
}

/// What may have been sent is left alone.
async fn leave_in_doubt(
    connection: &mut Conn,
    id: BroadcastId,
    progress: &ProgressRow,
) -> QueryResult<usize> {
    let pending = Statement::new(
        "UPDATE broadcast_recipients SET state = 'in_doubt'
         WHERE broadcast_id = {} AND seq > {} AND seq <= {} AND state = 'pending'",
    )
    .long(id.0)
    .long(progress.settled_to)
    .long(progress.watermark)
    .execute(connection)
    .await?;
    let sending = Statement::new(
        "UPDATE broadcast_recipients SET state = 'in_doubt', not_before = NULL
         WHERE broadcast_id = {} AND not_before >= {} AND state = 'sending'",
    )
    .long(id.0)
    .time(AT_ONCE)
    .execute(connection)
    .await?;
    Ok(pending + sending)
}

/// Takes the row of the progress, under the fence, and raises the watermark.
async fn open(
    connection: &mut Conn,
    fence: Fence,
    id: BroadcastId,
    watermark: i64,
) -> StoreResult<ProgressRow> {
    let row: Option<ProgressRow> = Statement::new(fenced!(
        "UPDATE broadcast_progress
         SET watermark = CASE WHEN watermark < {} THEN {} ELSE watermark END
         WHERE broadcast_id = {}",
        "RETURNING filled, last_seq, is_filled, watermark, settled_to,
                   delivered, blocked, failed, in_doubt"
    ))
    .long(watermark)
    .long(watermark)
    .long(id.0)
    .fence(fence)
    .get_result(connection)
    .await
    .optional()?;
    let Some(row) = row else {
        check_fence(connection, fence).await?;
        return Err(StoreError::Conflict { what: "broadcast" });
    };
    Ok(row)
}

/// Adds to the counters.
async fn count(
    connection: &mut Conn,
    id: BroadcastId,
    counts: &Counts,
) -> QueryResult<ProgressRow> {
    Statement::new(
        "UPDATE broadcast_progress
         SET delivered = delivered + {}, blocked = blocked + {}, failed = failed + {},
             in_doubt = in_doubt + {}
         WHERE broadcast_id = {}
         RETURNING filled, last_seq, is_filled, watermark, settled_to,
                   delivered, blocked, failed, in_doubt",
    )
    .long(counts.delivered)
    .long(counts.blocked)
    .long(counts.failed)
    .long(counts.in_doubt)
    .long(id.0)
    .get_result(connection)
    .await
}

/// Nobody writes to people who are out of reach, until they write themselves.
async fn mark_out_of_reach(connection: &mut Conn, settled: &[SettledRow]) -> StoreResult<()> {
    let people: BTreeSet<i64> = settled
        .iter()
        .filter(|row| row.state == "blocked" && ChatId(row.chat_id).is_private())
        .map(|row| row.chat_id)
        .collect();
    if !people.is_empty() {
        sql::mark_out_of_reach(connection, &json(&people)?).await?;
    }
    Ok(())
}

/// Goes after a chat that has another id now, unless it is a recipient under that id, too.
async fn follow(
    connection: &mut Conn,
    id: BroadcastId,
    seq: i64,
    to: ChatId,
    counts: &mut Counts,
) -> QueryResult<()> {
    let moved = Statement::new(
        "UPDATE broadcast_recipients SET chat_id = {}, state = 'deferred', not_before = {}
         WHERE broadcast_id = {} AND seq = {} AND state IN ('pending', 'sending', 'deferred')
           AND NOT EXISTS (SELECT 1 FROM broadcast_recipients o
                           WHERE o.broadcast_id = {} AND o.chat_id = {} AND o.seq <> {})",
    )
    .long(to.0)
    .time(AT_ONCE)
    .long(id.0)
    .long(seq)
    .long(id.0)
    .long(to.0)
    .long(seq)
    .execute(connection)
    .await?;
    if moved == 1 {
        return Ok(());
    }
    let failed = Statement::new(
        "UPDATE broadcast_recipients SET state = 'failed', reason = 'duplicate', not_before = NULL
         WHERE broadcast_id = {} AND seq = {} AND state IN ('pending', 'sending', 'deferred')",
    )
    .long(id.0)
    .long(seq)
    .execute(connection)
    .await?;
    if failed == 1 {
        counts.note("failed");
    }
    Ok(())
}

/// Raises the mark up to which nobody is pending, by one stride at most: that is more than a
/// settlement raises the watermark, and each row is looked at about once.
async fn raise_settled(
    connection: &mut Conn,
    id: BroadcastId,
    progress: &ProgressRow,
) -> QueryResult<()> {
    // Beyond the last number there may be recipients yet.
    let to = (progress.settled_to + SETTLED_STRIDE).min(progress.watermark).min(progress.last_seq);
    let pending: Option<NumberRow> = Statement::new(
        "SELECT seq AS number FROM broadcast_recipients
         WHERE broadcast_id = {} AND seq > {} AND seq <= {} AND state = 'pending'
         ORDER BY seq LIMIT 1",
    )
    .long(id.0)
    .long(progress.settled_to)
    .long(to)
    .get_result(connection)
    .await
    .optional()?;
    let settled_to = pending.map_or(to, |row| row.number - 1);
    if settled_to > progress.settled_to {
        Statement::new("UPDATE broadcast_progress SET settled_to = {} WHERE broadcast_id = {}")
            .long(settled_to)
            .long(id.0)
            .execute(connection)
            .await?;
    }
    Ok(())
}
