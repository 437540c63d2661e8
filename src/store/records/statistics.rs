//! What the roll-up of statistics reads and writes.

use crate::domain::ids::MaterialId;
#[cfg(feature = "demo")]
use crate::domain::statistics::Day;
use crate::domain::statistics::{CohortRow, DayFigures, Top};

/// What is written of some days and of the cohorts, in one go.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DayCount {
    /// The days, each in place of what was written of it before.
    pub days: Vec<DayFigures>,
    /// Cohorts by week, each in place of what was written before.
    pub cohorts: Vec<CohortRow>,
}

/// The lists of what was wanted most, for each span in the order of `Span::ALL`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TopLists {
    /// Words that were searched for.
    pub searches: [Vec<Top<String>>; 3],
    /// Words with which nothing was found.
    pub empty: [Vec<Top<String>>; 3],
    /// Materials that were given.
    pub materials: [Vec<Top<MaterialId>>; 3],
}

/// How often a material was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GivenMaterial {
    /// Which.
    pub material: MaterialId,
    /// In the last 7, 30 and 90 days.
    pub times: [u64; 3],
}

/// Rows that are no longer needed once they are rolled up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatsPrune {
    /// Counts of words.
    Searches,
    /// Counts of materials.
    Materials,
}

/// People of a drill who came on the same day and were last here on the same day.
#[cfg(feature = "demo")]
#[derive(Debug, Clone, Copy)]
pub struct SimulatedPeople {
    /// The first of their ids.
    pub first: i64,
    /// How many.
    pub count: i64,
    /// When they came.
    pub joined: Day,
    /// When they were last here.
    pub seen: Day,
    /// Days between the two, as far as presence reaches.
    pub reach: i32,
}

/// Searches and deliveries of a drill's day.
#[cfg(feature = "demo")]
#[derive(Debug, Clone, Copy)]
pub struct SimulatedUse {
    /// Which.
    pub day: Day,
    /// Different words.
    pub words: i32,
    /// Different materials.
    pub materials: i32,
}
