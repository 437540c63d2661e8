//! What makes broadcasts again and again, and when.
//!
//! Invariants: a slot lies after the one before; local time stays the same when clocks change; a
//! slot in the gap of a spring night is at its end, so that none is left out. [`Repeat`] is stored
//! as JSON: add variants and optional fields, never rename.

use chrono::{Datelike as _, Days, Duration, Weekday};
use serde::{Deserialize, Serialize};

use super::broadcast::{Audience, Content, DoubtPolicy, NewBroadcast, QuietHours, Slot};
use super::calendar::{Zone, clock_time};
use super::clock::Timestamp;
use super::ids::{BroadcastId, ChatId, SeriesId, UserId};

/// What the first digest of a series looks back on.
pub const DIGEST_SPAN: Duration = Duration::days(7);

/// When a series makes a broadcast.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repeat {
    /// On which days.
    pub every: Every,
    /// Minutes after midnight, local time, 0 to 1,439.
    pub at_min: u16,
    /// IANA name of the time zone.
    pub zone: String,
}

/// The days of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Every {
    /// Each.
    Daily,
    /// One of a week.
    Weekly {
        /// Which.
        weekday: Weekday,
    },
}

impl Repeat {
    /// The first slot after a moment.
    pub fn next_after(&self, after: Timestamp) -> Timestamp {
        let zone = Zone::stored(&self.zone);
        let today = zone.local(after).date();
        // The day before: a slot in a gap may end up on the next day.
        let first = today.pred_opt().unwrap_or(today);
        let days = (0..=16).filter_map(|days| first.checked_add_days(Days::new(days)));
        days.filter(|day| self.every.has(day.weekday()))
            .map(|day| zone.moment(day.and_time(clock_time(self.at_min))).at_all())
            .find(|slot| *slot > after)
            // At the end of the calendar.
            .unwrap_or(after + DIGEST_SPAN)
    }

    /// The last slot up to a moment, of those that come after a slot.
    pub fn newest(&self, from: Timestamp, until: Timestamp) -> Timestamp {
        let mut slot = from;
        // A look at the slots of two weeks finds it, however long ago `from` is.
        let begin = until - Duration::days(15);
        if begin > slot {
            slot = self.next_after(begin);
        }
        loop {
            let next = self.next_after(slot);
            if next > until {
                return slot;
            }
            slot = next;
        }
    }
}

impl Every {
    fn has(self, day: Weekday) -> bool {
        match self {
            Self::Daily => true,
            Self::Weekly { weekday } => weekday == day,
        }
    }
}

/// A series that is confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSeries {
    /// Its id.
    pub id: SeriesId,
    /// Who confirmed it.
    pub by: UserId,
    /// The admin's chat, for news of it.
    pub chat: ChatId,
    /// What is sent; none: the digest, which is made anew for each slot.
    pub content: Option<Content>,
    /// To whom; for the digest, it is made anew as well.
    pub audience: Audience,
    /// What is done about the doubtful.
    pub doubt: DoubtPolicy,
    /// When nothing is sent.
    pub quiet: Option<QuietHours>,
    /// Whether messages beyond the free limit are paid for.
    pub paid: bool,
    /// When.
    pub repeat: Repeat,
    /// The first slot that is not filled yet.
    pub next_at: Timestamp,
}

impl NewSeries {
    /// The digest, whose first slot is the next one after `now`.
    pub fn digest(id: SeriesId, by: UserId, chat: ChatId, repeat: Repeat, now: Timestamp) -> Self {
        let next_at = repeat.next_after(now);
        Self {
            id,
            by,
            chat,
            content: None,
            audience: Audience::DigestReaders { since: next_at - DIGEST_SPAN, until: next_at },
            doubt: DoubtPolicy::Skip,
            quiet: None,
            paid: false,
            repeat,
            next_at,
        }
    }

    /// The broadcast of one slot; a digest tells of what came since the slot before.
    pub fn broadcast(
        &self,
        id: BroadcastId,
        at: Timestamp,
        since: Option<Timestamp>,
    ) -> NewBroadcast {
        let since = since.unwrap_or(at - DIGEST_SPAN);
        let (content, audience) = match &self.content {
            Some(content) => (content.clone(), self.audience.clone()),
            None => {
                (Content::Digest { since, until: at }, Audience::DigestReaders { since, until: at })
            }
        };
        NewBroadcast {
            id,
            by: self.by,
            card: None,
            content,
            audience,
            doubt: self.doubt,
            quiet: self.quiet.clone(),
            paid: self.paid,
            start_at: at,
            slot: Some(Slot { series: self.id, at }),
        }
    }
}

/// A series as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// What was confirmed; `next_at` is the present one.
    pub plan: NewSeries,
    /// When it was ended.
    pub ended_at: Option<Timestamp>,
    /// When it was confirmed.
    pub created_at: Timestamp,
}

#[cfg(test)]
#[path = "series_tests.rs"]
mod tests;
