//! The calls of statistics: what the roll-up reads and writes, and what is shown.

use futures_util::FutureExt as _;

use super::records::{DayCount, GivenMaterial, StatsPrune, TopLists};
#[cfg(feature = "demo")]
use super::records::{SimulatedPeople, SimulatedUse};
use super::{Backend, Db, StoreResult, calls, lite, pg, writes};
use crate::domain::ids::{MaterialId, UserId};
use crate::domain::statistics::{
    AskedDay, CohortRow, Day, DayEvents, DayFigures, Person, Span, Top, TopSort,
};

calls! {
    /// The next people after one, with the last of them; none of them may have been here.
    read statistics::people_slice(after: UserId, limit: i64) -> (Vec<Person>, Option<UserId>);
    /// What happened on a day, as far as it is known now.
    read statistics::day_events(day: Day) -> DayEvents;
    /// Counts of words after these, in the order of words and days.
    read statistics::searches_slice(after: (String, Day), limit: i64) -> Vec<AskedDay>;
    /// How often materials were given, after this one, in the order of their ids.
    read statistics::given_slice(after: MaterialId, today: Day, limit: i64) -> Vec<GivenMaterial>;
    /// The last day that was over when it was counted.
    read statistics::stats_last_final() -> Option<Day>;
    /// Writes days and cohorts down.
    write statistics::stats_write(count: DayCount) -> ();
    /// Writes the lists of what was wanted most down.
    write statistics::stats_write_tops(lists: TopLists) -> ();
    /// Forgets counts of before that day; gives how many rows that were.
    write statistics::stats_prune(what: StatsPrune, before: Day, limit: i64) -> usize;
    /// Throws keys of other periods away.
    write statistics::search_keys_prune(day: Day) -> usize;

    /// The days between two, both included, the oldest first.
    read statistics::stats_days(from: Day, to: Day) -> Vec<DayFigures>;
    /// Cohorts since that week, the oldest first, each with its weeks.
    read statistics::stats_cohorts(since: Day) -> Vec<CohortRow>;
    /// People of a drill.
    #[cfg(feature = "demo")]
    write statistics::people_simulate(people: SimulatedPeople) -> ();
    /// Searches and deliveries of a drill.
    #[cfg(feature = "demo")]
    write statistics::use_simulate(usage: SimulatedUse) -> ();
    /// A list of what was wanted most, the largest first.
    read statistics::stats_top(sort: TopSort, span: Span) -> Vec<Top<String>>;
}
