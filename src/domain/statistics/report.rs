//! What `/stats` shows, and its buttons.

use serde::{Deserialize, Serialize};

use super::activity::{CohortRow, DayPeople, LangPeople};
use super::days::Day;
use crate::domain::clock::Timestamp;
use crate::domain::ids::MaterialId;
use crate::domain::lang::Lang;

/// How far back a report looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Span {
    /// 7 days.
    Week,
    /// 30 days.
    #[default]
    Month,
    /// 90 days.
    Quarter,
}

impl Span {
    /// All of them, in the order of the buttons.
    pub const ALL: [Self; 3] = [Self::Week, Self::Month, Self::Quarter];

    /// How many days.
    pub const fn days(self) -> i32 {
        match self {
            Self::Week => 7,
            Self::Month => 30,
            Self::Quarter => 90,
        }
    }

    /// Its first day, of those that end with today.
    pub const fn first(self, today: Day) -> Day {
        today.minus(self.days() - 1)
    }

    /// Whether a day is one of them.
    pub fn covers(self, day: Day, today: Day) -> bool {
        (self.first(today)..=today).contains(&day)
    }
}

/// A file that a report can be had as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportSort {
    /// A picture of the lines over time.
    Chart,
    /// A row for each day, as CSV.
    Table,
}

impl ReportSort {
    /// The name for keys and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chart => "chart",
            Self::Table => "table",
        }
    }
}

/// A button of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatsAct {
    /// Show these days.
    Show(Span),
    /// Show them as they are now.
    Refresh(Span),
    /// Send them as a file.
    Send(ReportSort, Span),
}

/// What happened on a day, as it is counted at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DayEvents {
    /// Materials that were given.
    pub deliveries: u64,
    /// Searches.
    pub searches: u64,
    /// Of them, those that found nothing.
    pub empty_searches: u64,
    /// Materials that were published on it.
    pub published: u64,
    /// All that were published by its end.
    pub materials: u64,
}

/// A day in figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DayFigures {
    /// Its people.
    pub people: DayPeople,
    /// What happened.
    pub events: DayEvents,
    /// When they were counted: the day is not over when that is on the day itself.
    pub counted_at: Timestamp,
}

impl DayFigures {
    /// Whether the day was over when it was counted.
    pub fn is_final(&self) -> bool {
        Day::of(self.counted_at) > self.people.day
    }
}

/// A place in a list of what was wanted most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Top<T> {
    /// What.
    pub subject: T,
    /// How often.
    pub count: u64,
}

/// Which list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TopSort {
    /// Words that were searched for.
    Searches,
    /// Words with which nothing was found.
    Empty,
    /// Materials that were given.
    Materials,
}

impl TopSort {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Searches, Self::Empty, Self::Materials];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Searches => "searches",
            Self::Empty => "empty",
            Self::Materials => "materials",
        }
    }
}

/// Places of a list.
const TOP: usize = 10;

/// The largest of many, the largest first; of equal ones the smaller subject first.
#[derive(Debug, Clone)]
pub struct TopList<T>(Vec<Top<T>>);

/// An empty list.
impl<T> Default for TopList<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Clone + Ord> TopList<T> {
    /// Takes it if it is among the largest so far; what never happened is not.
    pub fn offer(&mut self, count: u64, subject: &T) {
        if count == 0 {
            return;
        }
        let place = self.0.partition_point(|top| {
            top.count > count || (top.count == count && top.subject < *subject)
        });
        if place < TOP {
            self.0.insert(place, Top { subject: subject.clone(), count });
            self.0.truncate(TOP);
        }
    }

    /// The list.
    pub fn finish(self) -> Vec<Top<T>> {
        self.0
    }
}

/// A material in such a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopMaterial {
    /// Which.
    pub id: MaterialId,
    /// Title: hostile text.
    pub title: String,
    /// How often it was given.
    pub count: u64,
}

/// All that a report shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StatsReport {
    /// How far back.
    pub span: Span,
    /// The days of the span and of the one before it, the oldest first; those before the school
    /// began are missing.
    pub days: Vec<DayFigures>,
    /// Cohorts, the oldest first, each with its weeks.
    pub cohorts: Vec<CohortRow>,
    /// Words that were searched for.
    pub searches: Vec<Top<String>>,
    /// Words with which nothing was found.
    pub empty: Vec<Top<String>>,
    /// Materials that were given.
    pub materials: Vec<TopMaterial>,
}

/// Sums over days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    /// Who came.
    pub joined: u64,
    /// Materials that were given.
    pub deliveries: u64,
    /// Searches.
    pub searches: u64,
    /// Of them, those that found nothing.
    pub empty_searches: u64,
    /// Materials that were published.
    pub published: u64,
}

/// How a figure has changed since the span before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Growth {
    /// In per cent; none where there was nothing before.
    pub percent: Option<i64>,
}

impl Growth {
    /// From one figure to another.
    pub fn of(before: u64, now: u64) -> Self {
        let signed = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let change = signed(now).saturating_sub(signed(before)).saturating_mul(100);
        Self { percent: change.checked_div(signed(before)) }
    }
}

impl StatsReport {
    /// The newest day; none when nothing was counted yet.
    pub fn today(&self) -> Option<&DayFigures> {
        self.days.last()
    }

    /// The days of the span.
    pub fn shown(&self) -> &[DayFigures] {
        self.ending(0, self.span.days())
    }

    /// Sums over the last so many days.
    pub fn sums(&self, days: i32) -> Sums {
        sums(self.ending(0, days))
    }

    /// Sums over the span before the one shown.
    pub fn sums_before(&self) -> Sums {
        sums(self.ending(self.span.days(), self.span.days()))
    }

    /// The last day before the span, if it was counted.
    pub fn before(&self) -> Option<&DayFigures> {
        self.ending(self.span.days(), 1).last()
    }

    /// So many days that end so many days before the newest one.
    fn ending(&self, back: i32, length: i32) -> &[DayFigures] {
        let Some(today) = self.today() else { return &[] };
        let last = today.people.day.minus(back);
        let first = last.minus(length - 1);
        let begin = self.days.partition_point(|row| row.people.day < first);
        let end = self.days.partition_point(|row| row.people.day <= last);
        self.days.get(begin..end).unwrap_or_default()
    }

    /// People by language, the largest first.
    pub fn langs(&self) -> Vec<(Lang, LangPeople)> {
        let Some(today) = self.today() else { return Vec::new() };
        let mut langs: Vec<_> = Lang::ALL.into_iter().zip(today.people.langs).collect();
        langs.sort_by_key(|(_, people)| std::cmp::Reverse(people.users));
        langs
    }
}

fn sums(days: &[DayFigures]) -> Sums {
    days.iter().fold(Sums::default(), |sums, row| Sums {
        joined: sums.joined.saturating_add(row.people.joined),
        deliveries: sums.deliveries.saturating_add(row.events.deliveries),
        searches: sums.searches.saturating_add(row.events.searches),
        empty_searches: sums.empty_searches.saturating_add(row.events.empty_searches),
        published: sums.published.saturating_add(row.events.published),
    })
}

/// The report as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatsCard {
    /// What it shows.
    pub report: StatsReport,
    /// It is being counted anew.
    pub is_counting: bool,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(day: i32, joined: u64) -> DayFigures {
        let people = DayPeople { day: Day(day), joined, ..DayPeople::default() };
        DayFigures { people, ..DayFigures::default() }
    }

    #[test]
    fn sums_are_taken_by_date_not_by_row() {
        // Days 94 and 95 are missing.
        let days = vec![day(86, 64), day(90, 32), day(93, 1), day(96, 2), day(100, 4)];
        let report = StatsReport { span: Span::Week, days, ..StatsReport::default() };
        assert_eq!(report.sums(7).joined, 2 + 4);
        assert_eq!(report.sums(1).joined, 4);
        assert_eq!(report.sums_before().joined, 32 + 1);
        assert_eq!(report.shown().len(), 2);
        assert_eq!(report.before().map(|row| row.people.day), Some(Day(93)));
        assert_eq!(StatsReport::default().sums(7), Sums::default());
    }

    #[test]
    fn growth_is_in_per_cent_of_what_was() {
        assert_eq!(Growth::of(200, 250).percent, Some(25));
        assert_eq!(Growth::of(200, 0).percent, Some(-100));
        assert_eq!(Growth::of(0, 5).percent, None);
    }

    proptest! {
        #[test]
        fn a_list_holds_the_largest(counts in prop::collection::vec(0_u64..20, 0..60)) {
            let mut list = TopList::default();
            for (subject, count) in counts.iter().enumerate() {
                list.offer(*count, &subject);
            }
            let mut all: Vec<(u64, usize)> =
                counts.iter().copied().enumerate().map(|(subject, count)| (count, subject)).collect();
            all.retain(|(count, _)| *count > 0);
            all.sort_by_key(|(count, subject)| (std::cmp::Reverse(*count), *subject));
            all.truncate(10);
            let list: Vec<_> = list.finish().iter().map(|top| (top.count, top.subject)).collect();
            prop_assert_eq!(list, all);
        }
    }
}
