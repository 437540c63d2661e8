//! Audiences of people, in the order of their last activity.
//!
//! Invariant: nobody is lost who writes while the recipients are written down. Phase 0 goes from
//! who was active last to who was long ago, as of the beginning; who writes meanwhile moves to its
//! front and may be jumped over. Phase 1 therefore goes through everybody once more, by id, which
//! never changes: it would be enough to look at who was seen since the beginning, were clocks never
//! set back.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::super::Conn;
use crate::domain::clock::Timestamp;
use crate::domain::ids::ChatId;
use crate::store::error::StoreResult;
use crate::store::records::{AudienceSlice, FillCursor};
use crate::store::rows::{AudienceRow, NumberRow};
use crate::store::sql_types::Time;
use crate::store::statement::Statement;

/// Rows that a slice looks at for each that it may give.
pub(super) const LOOK: i64 = 4;

/// Whom of all people an audience holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Narrowing<'a> {
    pub lang: Option<&'a str>,
    pub role: Option<&'a str>,
    /// Not seen since then: not among them. Who was never seen has no later time than the epoch.
    pub oldest: Timestamp,
}

impl<'a> Narrowing<'a> {
    pub(super) fn everybody() -> Self {
        let oldest = Timestamp::UNIX_EPOCH + chrono::TimeDelta::microseconds(1);
        Self { lang: None, role: None, oldest }
    }

    /// Who was seen within so many days before `cut_off`.
    pub(super) fn active(self, days: u32, cut_off: Timestamp) -> Self {
        let days = chrono::TimeDelta::days(i64::from(days));
        let oldest = cut_off.checked_sub_signed(days).unwrap_or(self.oldest);
        Self { oldest: oldest.max(self.oldest), ..self }
    }

    /// The next four values: `({} IS NULL OR lang = {})`, and the same of the role.
    fn bind(self, statement: Statement<'a>) -> Statement<'a> {
        statement
            .optional_text(self.lang)
            .optional_text(self.lang)
            .optional_text(self.role)
            .optional_text(self.role)
    }
}

/// How many there are.
pub(super) async fn count(
    connection: &mut Conn,
    narrowing: Narrowing<'_>,
    now: Timestamp,
) -> StoreResult<i64> {
    let statement = Statement::new(
        "SELECT count(*) AS number FROM users
         WHERE reachable AND last_seen_at >= {} AND created_at <= {}
           AND ({} IS NULL OR lang = {}) AND ({} IS NULL OR role = {})",
    )
    .time(Time(narrowing.oldest))
    .time(Time(now));
    let counted: NumberRow = narrowing.bind(statement).get_result(connection).await?;
    Ok(counted.number)
}

/// The next piece.
pub(super) async fn slice(
    connection: &mut Conn,
    narrowing: Narrowing<'_>,
    cut_off: Timestamp,
    from: FillCursor,
    limit: i64,
) -> StoreResult<AudienceSlice> {
    let (rows, next) = if from.phase == 0 {
        let rest = FillCursor { phase: 1, time: 0, id: 0 };
        let (rows, next) = by_activity(connection, narrowing, cut_off, from, limit).await?;
        (rows, next.or(Some(rest)))
    } else {
        by_id(connection, narrowing, cut_off, from, limit).await?
    };
    let chats = rows.into_iter().map(|row| (ChatId(row.id), Vec::new())).collect();
    Ok(AudienceSlice { chats, from, next })
}

/// From `from` towards who was seen long ago. The cursor is none at the end.
async fn by_activity(
    connection: &mut Conn,
    narrowing: Narrowing<'_>,
    cut_off: Timestamp,
    from: FillCursor,
    limit: i64,
) -> StoreResult<(Vec<AudienceRow>, Option<FillCursor>)> {
    // Times of people are later than the epoch, so that zero is the beginning.
    let (time, id) = if from.time == 0 {
        (cut_off, i64::MAX)
    } else {
        (Timestamp::from_timestamp_micros(from.time).unwrap_or(cut_off), from.id)
    };
    let last_looked_at: Option<AudienceRow> = Statement::new(
        "SELECT id, last_seen_at AS at, TRUE AS takes FROM users
         WHERE reachable AND (last_seen_at, id) < ({}, {}) AND last_seen_at >= {}
         ORDER BY last_seen_at DESC, id DESC LIMIT 1 OFFSET {} + 0",
    )
    .time(Time(time))
    .long(id)
    .time(Time(narrowing.oldest))
    .long(limit.saturating_mul(LOOK) - 1)
    .get_result(connection)
    .await
    .optional()?;
    let (to_time, to_id) =
        last_looked_at.as_ref().map_or((narrowing.oldest, i64::MIN), |row| (row.at.0, row.id));
    let statement = Statement::new(
        "SELECT id, last_seen_at AS at, TRUE AS takes FROM users
         WHERE reachable AND (last_seen_at, id) < ({}, {}) AND (last_seen_at, id) >= ({}, {})
           AND created_at <= {}
           AND ({} IS NULL OR lang = {}) AND ({} IS NULL OR role = {})
         ORDER BY last_seen_at DESC, id DESC LIMIT {} + 0",
    )
    .time(Time(time))
    .long(id)
    .time(Time(to_time))
    .long(to_id)
    .time(Time(cut_off));
    let rows: Vec<AudienceRow> = narrowing.bind(statement).long(limit).load(connection).await?;
    let next = last_taken(&rows, limit).or(last_looked_at.as_ref());
    let next =
        next.map(|row| FillCursor { phase: 0, time: row.at.0.timestamp_micros(), id: row.id });
    Ok((rows, next))
}

/// From `from` towards higher ids. The cursor is none at the end.
async fn by_id(
    connection: &mut Conn,
    narrowing: Narrowing<'_>,
    cut_off: Timestamp,
    from: FillCursor,
    limit: i64,
) -> StoreResult<(Vec<AudienceRow>, Option<FillCursor>)> {
    let last_looked_at: Option<AudienceRow> = Statement::new(
        "SELECT id, last_seen_at AS at, TRUE AS takes FROM users
         WHERE id > {} ORDER BY id LIMIT 1 OFFSET {} + 0",
    )
    .long(from.id)
    .long(limit.saturating_mul(LOOK) - 1)
    .get_result(connection)
    .await
    .optional()?;
    // Of the activity in other words, so that SQLite does not sort by id what it finds by activity.
    let statement = Statement::new(
        "SELECT id, last_seen_at AS at, TRUE AS takes FROM users
         WHERE id > {} AND id <= {} AND reachable AND NOT (last_seen_at < {}) AND created_at <= {}
           AND ({} IS NULL OR lang = {}) AND ({} IS NULL OR role = {})
         ORDER BY id LIMIT {} + 0",
    )
    .long(from.id)
    .long(last_looked_at.as_ref().map_or(i64::MAX, |row| row.id))
    .time(Time(narrowing.oldest))
    .time(Time(cut_off));
    let rows: Vec<AudienceRow> = narrowing.bind(statement).long(limit).load(connection).await?;
    let next = last_taken(&rows, limit).or(last_looked_at.as_ref());
    let next = next.map(|row| FillCursor { phase: 1, time: 0, id: row.id });
    Ok((rows, next))
}

/// Where a slice ends that is full, rather than at the last row looked at.
fn last_taken(rows: &[AudienceRow], limit: i64) -> Option<&AudienceRow> {
    let is_full = usize::try_from(limit).is_ok_and(|limit| rows.len() >= limit);
    rows.last().filter(|_| is_full)
}
