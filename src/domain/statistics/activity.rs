//! From people to figures: how many there are, how many were active, how many came back.

use std::collections::BTreeMap;

use super::days::{Day, PRESENCE_DAYS, Presence};
use crate::domain::lang::Lang;

/// Weeks after the first one in which a cohort is looked for. Its first day is then at most
/// [`PRESENCE_DAYS`] before today, so that everybody's presence tells.
pub const WEEKS: usize = 8;

/// Days before today, today included, whose people can still be counted: the thirty days that count
/// as active then are covered by everybody's presence.
pub const PEOPLE_DAYS: i32 = PRESENCE_DAYS - 30 + 1;

/// Windows of activity, in days.
const WINDOWS: [i32; 3] = [1, 7, 30];

/// Days after which people are looked for again, for the shares that operators watch.
const AFTER: [i32; 3] = [1, 7, 30];

/// Days of joining that such a share is taken over.
const AFTER_DAYS: i32 = 7;

/// What counts of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person {
    /// Language of the interface.
    pub lang: Lang,
    /// Whether the bot may write to them.
    pub reachable: bool,
    /// When they came.
    pub joined: Day,
    /// When they were here.
    pub presence: Presence,
}

/// The people of one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DayPeople {
    /// Which.
    pub day: Day,
    /// Whoever had come by then.
    pub users: u64,
    /// Of them, whom the bot may write to now.
    pub reachable: u64,
    /// Who came on it.
    pub joined: u64,
    /// Who was here on it, in the 7 and in the 30 days that end with it.
    pub active: [u64; 3],
    /// Of those who came in the week that lay 1, 7 and 30 days back: who was here again so many days
    /// after they came, and how many they were.
    pub kept: [(u64, u64); 3],
    /// By language, in the order of [`Lang::ALL`].
    pub langs: [LangPeople; 3],
}

/// Those who speak one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LangPeople {
    /// All of them.
    pub users: u64,
    /// Who was here in the 30 days that end with the day.
    pub active_30: u64,
}

/// Those who came in one week, in a week after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CohortRow {
    /// The Monday of the week in which they came.
    pub cohort: Day,
    /// So many weeks after it; 0 is the same week.
    pub week: i32,
    /// How many came.
    pub size: u64,
    /// How many of them were here in that week.
    pub seen: u64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Cohort {
    size: u64,
    seen: [u64; WEEKS + 1],
}

/// Counts people, one after the other.
#[derive(Debug, Clone)]
pub struct Tally {
    today: Day,
    days: Vec<DayPeople>,
    cohorts: BTreeMap<Day, Cohort>,
}

impl Tally {
    /// To count the days from one on to today; none are earlier than [`PEOPLE_DAYS`] allow.
    pub fn new(from: Day, today: Day) -> Self {
        let from = from.max(today.minus(PEOPLE_DAYS - 1)).min(today);
        let days =
            (from.0..=today.0).map(|day| DayPeople { day: Day(day), ..DayPeople::default() });
        Self { today, days: days.collect(), cohorts: BTreeMap::new() }
    }

    /// Counts a person.
    pub fn add(&mut self, person: &Person) {
        for row in &mut self.days {
            if person.joined <= row.day {
                count(row, person);
            }
        }
        let cohort = person.joined.monday();
        let weeks = self.today.monday().since(cohort) / 7;
        if !(0..=i32::try_from(WEEKS).unwrap_or_default()).contains(&weeks) {
            return;
        }
        let row = self.cohorts.entry(cohort).or_default();
        row.size = row.size.saturating_add(1);
        for (week, seen) in (0..=weeks).zip(&mut row.seen) {
            let monday = cohort.plus(week.saturating_mul(7));
            bump(seen, person.presence.between(monday, monday.plus(6)));
        }
    }

    /// The days, and the cohorts of the last weeks with every week that has begun.
    pub fn finish(self) -> (Vec<DayPeople>, Vec<CohortRow>) {
        let this_week = self.today.monday();
        let rows = self.cohorts.into_iter().flat_map(|(cohort, Cohort { size, seen })| {
            let weeks = 0..=this_week.since(cohort) / 7;
            weeks.zip(seen).map(move |(week, seen)| CohortRow { cohort, week, size, seen })
        });
        (self.days, rows.collect())
    }
}

fn count(row: &mut DayPeople, person: &Person) {
    let Person { lang, reachable, joined, presence } = *person;
    let day = row.day;
    bump(&mut row.users, true);
    bump(&mut row.reachable, reachable);
    bump(&mut row.joined, joined == day);
    for (window, active) in WINDOWS.into_iter().zip(&mut row.active) {
        bump(active, presence.between(day.minus(window - 1), day));
    }
    for (after, (seen, of)) in AFTER.into_iter().zip(&mut row.kept) {
        let again = joined.plus(after);
        // The day itself is not over.
        if (1..=AFTER_DAYS).contains(&day.since(again)) {
            bump(of, true);
            bump(seen, presence.on(again));
        }
    }
    let langs = Lang::ALL.into_iter().zip(&mut row.langs);
    for (_, people) in langs.filter(|(other, _)| *other == lang) {
        bump(&mut people.users, true);
        bump(&mut people.active_30, presence.between(day.minus(29), day));
    }
}

fn bump(count: &mut u64, one: bool) {
    *count = count.saturating_add(u64::from(one));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A Wednesday.
    const TODAY: Day = Day(20_418);

    fn person(joined: i32, later: &[i32]) -> Person {
        let joined = TODAY.minus(joined);
        let presence = later
            .iter()
            .fold(Presence::first(joined), |presence, back| presence.seen(TODAY.minus(*back)));
        Person { lang: Lang::Ru, reachable: true, joined, presence }
    }

    fn tallied(people: &[Person], from: Day) -> (Vec<DayPeople>, Vec<CohortRow>) {
        let mut tally = Tally::new(from, TODAY);
        for person in people {
            tally.add(person);
        }
        tally.finish()
    }

    #[test]
    fn a_day_knows_who_was_there() {
        assert_eq!(TODAY.since(TODAY.monday()), 2);
        let people =
            [person(0, &[]), person(1, &[0]), person(6, &[]), person(29, &[]), person(40, &[3])];
        let (days, _) = tallied(&people, TODAY.minus(1));
        let figures = |row: &DayPeople| (row.users, row.joined, row.active);
        assert_eq!(figures(&days[1]), (5, 1, [2, 4, 5]));
        // As if yesterday had been counted yesterday, although two came back since.
        assert_eq!(figures(&days[0]), (4, 1, [1, 3, 4]));
        assert_eq!(days[1].langs[1], LangPeople { users: 5, active_30: 5 });
        assert_eq!(days[1].langs[0], LangPeople::default());
    }

    #[test]
    fn cohorts_are_looked_for_in_every_week_that_has_begun() {
        // Two of last week, of whom one came back; one of long ago.
        let people = [person(5, &[0]), person(6, &[]), person(200, &[0])];
        let (_, cohorts) = tallied(&people, TODAY);
        let cohort = TODAY.monday().minus(7);
        let row = |week, seen| CohortRow { cohort, week, size: 2, seen };
        assert_eq!(cohorts, [row(0, 2), row(1, 1)]);
    }

    #[test]
    fn shares_are_of_days_that_are_over() {
        // Came yesterday: today is not over. Came two days ago, and was here a day later.
        let people = [person(1, &[0]), person(2, &[1]), person(3, &[]), person(9, &[2])];
        let (days, _) = tallied(&people, TODAY);
        assert_eq!(days[0].kept, [(1, 2), (1, 1), (0, 0)]);
    }

    fn people() -> impl Strategy<Value = Vec<Person>> {
        let one =
            (0_i32..80, prop::collection::vec(0_i32..80, 0..12)).prop_map(|(joined, mut back)| {
                back.sort_unstable_by(|a, b| b.cmp(a));
                back.retain(|day| *day <= joined);
                person(joined, &back)
            });
        prop::collection::vec(one, 0..40)
    }

    proptest! {
        #[test]
        fn windows_and_cohorts_hold_each_other(people in people()) {
            let (days, cohorts) = tallied(&people, TODAY.minus(100));
            prop_assert_eq!(days.len(), usize::try_from(PEOPLE_DAYS).unwrap());
            for row in &days {
                prop_assert!(row.active[0] <= row.active[1] && row.active[1] <= row.active[2]);
                prop_assert!(row.active[2] <= row.users && row.joined <= row.active[0]);
                for (seen, of) in row.kept {
                    prop_assert!(seen <= of);
                }
                let by_lang: u64 = row.langs.iter().map(|lang| lang.users).sum();
                prop_assert_eq!(by_lang, row.users);
            }
            for row in &cohorts {
                prop_assert!(row.seen <= row.size);
                // Whoever comes is here in that week.
                prop_assert!(row.week > 0 || row.seen == row.size);
                prop_assert!(TODAY.since(row.cohort) < PRESENCE_DAYS);
            }
        }

        #[test]
        fn a_day_counts_the_same_whenever_it_is_counted(people in people(), back in 0_i32..PEOPLE_DAYS) {
            let day = TODAY.minus(back);
            let (alone, _) = tallied(&people, day);
            let (among, _) = tallied(&people, TODAY.minus(PEOPLE_DAYS));
            let row = among.iter().find(|row| row.day == day).copied();
            prop_assert_eq!(alone.first().copied(), row);
        }
    }
}
