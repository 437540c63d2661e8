//! The school in figures: who was here, who stayed, what was asked for and taken.
//!
//! Days are days in UTC. What is counted every day comes from three sorts of rows: the days on which
//! a person was seen ([`Presence`], one number each), how often words were searched for
//! ([`AskedDay`]) and how often a material was given. A job turns them into a few rows a day; only
//! these are read for `/stats`.
//!
//! Invariants: a day can be counted again and gives the same; no row of a search tells who searched;
//! words are shown only when three people or more have searched for them. Nothing here does I/O.

mod activity;
mod days;
mod report;
mod table;
mod words;

pub use activity::{CohortRow, DayPeople, LangPeople, PEOPLE_DAYS, Person, Tally, WEEKS};
pub use days::{Day, PRESENCE_DAYS, Presence};
pub use report::{
    DayEvents, DayFigures, Growth, ReportSort, Span, StatsAct, StatsCard, StatsReport, Sums, Top,
    TopList, TopMaterial, TopSort,
};
pub use table::csv;
pub use words::{
    ASKERS_MIN, AskedDay, AskedTally, KEY_BYTES, KEY_DAYS, TopWords, asker, key_period,
    searched_words,
};
