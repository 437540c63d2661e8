//! Which backups are kept, and which may go.
//!
//! Invariants: the newest backup and the newest one that was proven by restoring it never go; the
//! answer depends on the backups alone, so that whoever asks again gets the same.

use std::collections::BTreeSet;

use chrono::Datelike as _;

use super::clock::Timestamp;

/// How many backups are kept: the newest few, and the newest one of each of the newest days, weeks
/// and months that have any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// The newest, whenever they were made.
    pub last: usize,
    /// Days in UTC.
    pub daily: usize,
    /// Weeks from Monday to Sunday.
    pub weekly: usize,
    /// Months of the calendar.
    pub monthly: usize,
}

/// One backup, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// When it was made.
    pub at: Timestamp,
    /// Whether it was proven by restoring it.
    pub is_verified: bool,
}

/// The places, in `points`, of those that may go, from the newest to the oldest.
pub fn expired(points: &[Point], keep: Keep) -> Vec<usize> {
    let mut order: Vec<(usize, &Point)> = points.iter().enumerate().collect();
    // Of two that were made at once, the later one in the list is the newer.
    order.sort_by_key(|(place, point)| std::cmp::Reverse((point.at, *place)));
    let mut days = Newest::of(keep.daily);
    let mut weeks = Newest::of(keep.weekly);
    let mut months = Newest::of(keep.monthly);
    let mut has_verified = false;
    let mut gone = Vec::new();
    for (rank, (place, point)) in order.into_iter().enumerate() {
        let date = point.at.date_naive();
        let week = date.iso_week();
        // Each is asked: one backup may stand for its day, its week and its month.
        let kept = [
            rank < keep.last.max(1),
            days.takes((date.year(), date.ordinal())),
            weeks.takes((week.year(), week.week())),
            months.takes((date.year(), date.month())),
            point.is_verified && !std::mem::replace(&mut has_verified, true),
        ];
        if !kept.contains(&true) {
            gone.push(place);
        }
    }
    gone
}

/// The newest periods of one length.
struct Newest {
    left: usize,
    seen: BTreeSet<(i32, u32)>,
}

impl Newest {
    const fn of(count: usize) -> Self {
        Self { left: count, seen: BTreeSet::new() }
    }

    /// Whether this is the newest of a period that is kept. To be asked from the newest on.
    fn takes(&mut self, period: (i32, u32)) -> bool {
        if self.left == 0 || !self.seen.insert(period) {
            return false;
        }
        self.left -= 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, TimeZone as _, Utc};
    use proptest::prelude::*;

    use super::*;

    const KEEP: Keep = Keep { last: 3, daily: 7, weekly: 4, monthly: 6 };

    fn point(at: Timestamp, is_verified: bool) -> Point {
        Point { at, is_verified }
    }

    fn noon(year: i32, month: u32, day: u32) -> Timestamp {
        Utc.with_ymd_and_hms(year, month, day, 12, 0, 0).unwrap()
    }

    /// What is left of one backup a day.
    fn left_of_daily(days: i64) -> Vec<String> {
        let newest = noon(2026, 11, 29);
        let points: Vec<Point> =
            (0..days).map(|ago| point(newest - TimeDelta::days(ago), true)).collect();
        let gone = expired(&points, KEEP);
        let left = points.iter().enumerate().filter(|(place, _)| !gone.contains(place));
        left.map(|(_, point)| point.at.format("%m-%d").to_string()).collect()
    }

    #[test]
    fn a_year_of_daily_backups_leaves_days_weeks_and_months() {
        assert_eq!(
            left_of_daily(365),
            [
                "11-29", "11-28", "11-27", "11-26", "11-25", "11-24", "11-23", // seven days
                "11-22", "11-15", "11-08", // Sundays, the newest of their weeks
                "10-31", "09-30", "08-31", "07-31", "06-30", // the newest of their months
            ]
        );
        assert_eq!(left_of_daily(2), ["11-29", "11-28"]);
    }

    #[test]
    fn several_backups_a_day_leave_the_newest_few_and_the_last_of_each_day() {
        let newest = noon(2026, 11, 29);
        let points: Vec<Point> =
            (0..24).map(|ago| point(newest - TimeDelta::hours(ago), true)).collect();
        let keep = Keep { last: 3, daily: 2, weekly: 0, monthly: 0 };
        let expected: Vec<usize> = (3..24).filter(|ago| *ago != 13).collect();
        assert_eq!(expired(&points, keep), expected);
    }

    #[test]
    fn the_newest_and_the_newest_proven_one_stay_whatever_is_set() {
        let keep = Keep { last: 0, daily: 0, weekly: 0, monthly: 0 };
        let day = |day| noon(2026, 11, day);
        let points =
            [point(day(1), true), point(day(2), true), point(day(3), false), point(day(4), false)];
        assert_eq!(expired(&points, keep), [2, 0]);
        assert_eq!(expired(&[], keep), [0; 0]);
    }

    proptest! {
        #[test]
        fn what_is_kept_is_kept_again_and_the_proven_one_never_goes(
            made in prop::collection::vec((0_i64..400 * 24, any::<bool>()), 0..60),
            last in 0_usize..5, daily in 0_usize..10, weekly in 0_usize..6, monthly in 0_usize..8,
        ) {
            let keep = Keep { last, daily, weekly, monthly };
            let begin = noon(2025, 1, 1);
            let points: Vec<Point> =
                made.iter().map(|(hour, ok)| point(begin + TimeDelta::hours(*hour), *ok)).collect();
            let gone = expired(&points, keep);
            let left: Vec<Point> = points
                .iter().enumerate().filter(|(place, _)| !gone.contains(place)).map(|(_, it)| *it)
                .collect();
            prop_assert!(left.len() <= last.max(1) + daily + weekly + monthly + 1);
            prop_assert!(left.len() >= last.min(points.len()));
            prop_assert_eq!(
                points.iter().map(|it| it.at).max(), left.iter().map(|it| it.at).max());
            let newest_proven = |all: &[Point]| {
                all.iter().filter(|it| it.is_verified).map(|it| it.at).max()
            };
            prop_assert_eq!(newest_proven(&points), newest_proven(&left));
            // Nothing more goes when nothing new has come.
            prop_assert_eq!(expired(&left, keep), Vec::<usize>::new());
        }
    }
}
