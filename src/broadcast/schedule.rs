//! When broadcasts begin: those of series are made when their slot has come, and what has come too
//! late is not sent.
//!
//! Invariants: a slot is filled once, by a broadcast or by a note that it was missed; of several
//! slots that passed while nothing ran, the newest counts; a series moves on in the transaction that
//! fills the slot, so that any death in between changes nothing.

use chrono::Duration;

use crate::domain::broadcast::{BroadcastState, LATE_WITHIN};
use crate::domain::calendar::Zone;
use crate::domain::clock::Timestamp;
use crate::domain::ids::{BroadcastId, ChatId, IdSource, SeriesId, UserId};
use crate::domain::series::Series;
use crate::store::{Db, StoreResult};

/// What begins so much after its time is said to be late.
pub const PUNCTUAL_WITHIN: Duration = Duration::minutes(1);

/// How far a digest looks back at the most, should many have been missed.
const DIGEST_REACH: Duration = Duration::days(31);

/// What is to be done about a time that was planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// It lies ahead.
    NotYet,
    /// It is to begin.
    Start,
    /// It passed too long ago.
    Missed,
}

/// What is to be done about it.
pub fn due(start_at: Timestamp, now: Timestamp) -> Due {
    if start_at > now {
        Due::NotYet
    } else if now - start_at <= LATE_WITHIN {
        Due::Start
    } else {
        Due::Missed
    }
}

/// Whether something that begins now is worth a word of being late.
pub fn is_late(start_at: Timestamp, now: Timestamp) -> bool {
    now - start_at > PUNCTUAL_WITHIN
}

/// What became of a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleNews {
    /// The series.
    pub series: SeriesId,
    /// The broadcast that fills its slot.
    pub broadcast: BroadcastId,
    /// When it was to begin.
    pub planned: Timestamp,
    /// How it stands: planned, or missed.
    pub state: BroadcastState,
    /// The admin to whom the series belongs.
    pub by: UserId,
    /// Where they are told of it.
    pub chat: ChatId,
    /// The series' time zone.
    pub zone: Zone,
}

/// Which slot of a series that is due is filled, and which is its next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Turn {
    slot: Timestamp,
    next: Timestamp,
    state: BroadcastState,
}

impl Turn {
    /// None before its time, as after a clock that was set back.
    fn of(series: &Series, now: Timestamp) -> Option<Self> {
        let plan = &series.plan;
        if plan.next_at > now {
            return None;
        }
        let slot = plan.repeat.newest(plan.next_at, now);
        let state = match due(slot, now) {
            Due::Missed => BroadcastState::Missed,
            _ => BroadcastState::Scheduled,
        };
        Some(Self { slot, next: plan.repeat.next_after(slot), state })
    }
}

/// Makes the broadcasts whose slots have come; gives what was made and what was missed. `db` writes
/// under the leader's token.
pub async fn tick(db: &Db, ids: &IdSource, now: Timestamp) -> StoreResult<Vec<ScheduleNews>> {
    let mut news = Vec::new();
    for series in db.series_due(now).await? {
        let Some(Turn { slot, next, state }) = Turn::of(&series, now) else { continue };
        let plan = &series.plan;
        let since = match &plan.content {
            Some(_) => None,
            None => since(db.series_told_until(plan.id).await?, slot),
        };
        let id = BroadcastId(ids.next(now));
        let broadcast = plan.broadcast(id, slot, since);
        if db.series_advance(plan.next_at, next, broadcast, state, now).await? {
            news.push(ScheduleNews {
                series: plan.id,
                broadcast: id,
                planned: slot,
                state,
                by: plan.by,
                chat: plan.chat,
                zone: Zone::stored(&plan.repeat.zone),
            });
        }
    }
    Ok(news)
}

/// Where a digest begins: at the last one that was sent, within reason.
fn since(told_until: Option<Timestamp>, slot: Timestamp) -> Option<Timestamp> {
    told_until.filter(|told| *told < slot).map(|told| told.max(slot - DIGEST_REACH))
}

#[cfg(test)]
mod tests {
    use chrono::Weekday;

    use super::*;
    use crate::domain::digest::DIGEST;
    use crate::domain::series::{Every, NewSeries, Repeat};

    fn utc(text: &str) -> Timestamp {
        format!("{text}Z").parse().unwrap()
    }

    /// Mondays at nine in Tashkent, set up on Saturday 2026-11-28.
    fn mondays() -> Series {
        let repeat = Repeat {
            every: Every::Weekly { weekday: Weekday::Mon },
            at_min: 540,
            zone: "Asia/Tashkent".to_owned(),
        };
        let created_at = utc("2026-11-28T10:00:00");
        let plan = NewSeries::digest(DIGEST, UserId(5), ChatId(5), repeat, created_at);
        Series { plan, ended_at: None, created_at }
    }

    #[test]
    fn what_is_planned_begins_within_an_hour_or_is_missed() {
        let at = utc("2026-11-30T04:00:00");
        assert_eq!(due(at, at - Duration::seconds(1)), Due::NotYet);
        assert_eq!(due(at, at), Due::Start);
        assert_eq!(due(at, at + LATE_WITHIN), Due::Start);
        assert_eq!(due(at, at + LATE_WITHIN + Duration::microseconds(1)), Due::Missed);
        assert!(!is_late(at, at + PUNCTUAL_WITHIN) && is_late(at, at + LATE_WITHIN));
    }

    #[test]
    fn a_slot_is_filled_in_time_or_noted_as_missed() {
        let turn = |now: &str| Turn::of(&mondays(), utc(now));
        let (first, second) = (utc("2026-11-30T04:00:00"), utc("2026-12-07T04:00:00"));
        assert_eq!(turn("2026-11-30T03:59:59"), None);
        let on_time = Turn { slot: first, next: second, state: BroadcastState::Scheduled };
        assert_eq!(turn("2026-11-30T04:00:01"), Some(on_time));
        assert_eq!(turn("2026-11-30T05:00:00"), Some(on_time));
        let missed = Turn { state: BroadcastState::Missed, ..on_time };
        assert_eq!(turn("2026-11-30T05:00:01"), Some(missed));
    }

    #[test]
    fn of_several_missed_slots_only_the_newest_counts() {
        let turn = Turn::of(&mondays(), utc("2026-12-21T04:30:00"));
        let (slot, next) = (utc("2026-12-21T04:00:00"), utc("2026-12-28T04:00:00"));
        assert_eq!(turn, Some(Turn { slot, next, state: BroadcastState::Scheduled }));
    }

    #[test]
    fn a_digest_goes_on_where_the_last_one_ended() {
        let slot = utc("2026-12-21T04:00:00");
        let before = slot - Duration::days(14);
        assert_eq!(since(Some(before), slot), Some(before));
        assert_eq!(since(None, slot), None);
        assert_eq!(since(Some(slot - Duration::days(99)), slot), Some(slot - DIGEST_REACH));
        assert_eq!(since(Some(slot), slot), None);
    }
}
