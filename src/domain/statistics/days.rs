//! Days, and the days on which a person was seen.

use std::fmt;

use chrono::{DateTime, NaiveDate};

use crate::domain::clock::Timestamp;

/// Seconds of a day.
const DAY_S: i64 = 86_400;

/// A day in UTC, as days since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Day(pub i32);

impl Day {
    /// The day of a moment.
    pub fn of(at: Timestamp) -> Self {
        Self(i32::try_from(at.timestamp().div_euclid(DAY_S)).unwrap_or_default())
    }

    /// Its first moment.
    pub fn begin(self) -> Timestamp {
        let seconds = i64::from(self.0).saturating_mul(DAY_S);
        DateTime::from_timestamp(seconds, 0).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// The day so many days later.
    #[must_use]
    pub const fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// The day so many days earlier.
    #[must_use]
    pub const fn minus(self, days: i32) -> Self {
        Self(self.0.saturating_sub(days))
    }

    /// How many days it is after another; negative before it.
    pub const fn since(self, other: Self) -> i32 {
        self.0.saturating_sub(other.0)
    }

    /// The Monday of its week.
    #[must_use]
    pub const fn monday(self) -> Self {
        // The epoch was a Thursday.
        self.minus(self.0.saturating_add(3).rem_euclid(7))
    }

    /// Its date.
    pub fn date(self) -> NaiveDate {
        self.begin().date_naive()
    }
}

/// As ISO 8601 has it.
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.date().fmt(f)
    }
}

/// Days that a [`Presence`] reaches back, its last one included: as many as a number that both
/// databases know has bits beside its sign.
pub const PRESENCE_DAYS: i32 = 63;

/// The days on which a person was seen: the last one, and a bit for each of the days before it. The
/// store does what [`Presence::seen`] does, in one statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Presence {
    /// The last of them.
    pub last: Day,
    /// Bit 0 is the last day, bit 1 the one before.
    pub bits: i64,
}

impl Presence {
    /// Seen on one day.
    pub const fn first(day: Day) -> Self {
        Self { last: day, bits: 1 }
    }

    /// Seen on this day, too. A clock that was set back changes nothing.
    #[must_use]
    pub const fn seen(self, day: Day) -> Self {
        let later = day.since(self.last);
        if later <= 0 {
            return self;
        }
        if later >= PRESENCE_DAYS {
            return Self::first(day);
        }
        Self { last: day, bits: ((self.bits << later) & i64::MAX) | 1 }
    }

    /// Whether they were seen on that day, as far as it reaches.
    pub const fn on(self, day: Day) -> bool {
        self.between(day, day)
    }

    /// Whether they were seen on any of these days, both included, as far as it reaches.
    pub const fn between(self, from: Day, to: Day) -> bool {
        let nearest = self.last.since(to);
        let nearest = if nearest < 0 { 0 } else { nearest };
        let farthest = self.last.since(from);
        if farthest < 0 || nearest >= PRESENCE_DAYS || nearest > farthest {
            return false;
        }
        let width = farthest.saturating_sub(nearest).saturating_add(1);
        let window = if width >= PRESENCE_DAYS { i64::MAX } else { (1_i64 << width) - 1 };
        (self.bits >> nearest) & window != 0
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn weeks_begin_on_mondays() {
        let day = |text: &str| {
            let date: NaiveDate = text.parse().unwrap();
            Day::of(date.and_hms_opt(23, 59, 59).unwrap().and_utc())
        };
        assert_eq!(day("2026-11-29").monday(), day("2026-11-23"), "a Sunday");
        assert_eq!(day("2026-11-30").monday(), day("2026-11-30"), "a Monday");
        assert_eq!(day("1969-12-31").monday(), day("1969-12-29"), "before the epoch");
        assert_eq!(day("2026-11-29").to_string(), "2026-11-29");
    }

    proptest! {
        #[test]
        fn a_presence_is_the_set_of_its_days(
            days in prop::collection::btree_set(0_i32..200, 1..60),
            from in 0_i32..220,
            length in 0_i32..80,
        ) {
            let first = Presence::first(Day(*days.first().unwrap()));
            let presence = days.iter().skip(1).fold(first, |it, day| it.seen(Day(*day)));
            let last = *days.last().unwrap();
            prop_assert_eq!(presence.last, Day(last));
            prop_assert!(presence.bits > 0);
            let kept: BTreeSet<i32> =
                days.iter().copied().filter(|day| last - day < PRESENCE_DAYS).collect();
            for day in 0..220 {
                prop_assert_eq!(presence.on(Day(day)), kept.contains(&day), "{}", day);
            }
            let to = from + length;
            let expected = kept.range(from..=to).next().is_some();
            prop_assert_eq!(presence.between(Day(from), Day(to)), expected);
        }

        #[test]
        fn to_be_seen_twice_a_day_is_to_be_seen(bits in 1_i64..=i64::MAX, last in 0_i32..30_000, later in 0_i32..90) {
            let once = Presence { last: Day(last), bits: bits | 1 }.seen(Day(last + later));
            prop_assert_eq!(once.seen(Day(last + later)), once);
            prop_assert_eq!(once.seen(Day(last - 1)), once, "a clock that was set back");
        }
    }
}
