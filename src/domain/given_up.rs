//! Background work that was given up, as admins deal with it in the chat: by groups of what failed of
//! the same. Pure.
//!
//! Invariants: a group is named by what its jobs failed of, so that a button of yesterday means the
//! jobs that failed of it until today; what is dropped for good is asked about first.

use super::failures::ErrorGroup;
use super::ids::JobId;

/// How long the question about dropping may be answered.
pub const CONFIRM_WITHIN_S: i64 = 60;

/// Groups on one page: the largest.
pub const GROUPS_MAX: usize = 6;

/// Jobs of a group that one press deals with.
pub const JOBS_MAX: usize = 200;

/// The name of a group of failed jobs: the number that its eight digits are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupName(pub u32);

impl GroupName {
    /// Of a group as `failures` calls it.
    pub fn of(group: &ErrorGroup) -> Option<Self> {
        u32::from_str_radix(&group.name, 16).ok().map(Self)
    }
}

impl std::fmt::Display for GroupName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

/// What a button, or the command, does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobsAct {
    /// Show the groups.
    Show,
    /// Give all of a group another try.
    Retry(GroupName),
    /// Ask whether all of a group shall be forgotten.
    AskDrop(GroupName),
    /// Forget them.
    Drop {
        /// Which group.
        group: GroupName,
        /// When that was asked, in seconds since the Unix epoch.
        asked_s: i64,
    },
}

/// A row to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobsChange {
    /// The group.
    pub group: GroupName,
    /// Its jobs, as they were read.
    pub jobs: Vec<JobId>,
    /// They get another try; otherwise they are forgotten.
    pub again: bool,
}

/// What is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobsView {
    /// The groups.
    List {
        /// The largest of them.
        groups: Vec<ErrorGroup>,
        /// How many more there are.
        more: usize,
        /// What was just done, or why not.
        said: Option<JobsSaid>,
    },
    /// Shall all of this group be forgotten?
    Question {
        /// Which.
        group: ErrorGroup,
        /// When that is asked.
        asked_s: i64,
    },
}

/// What is said above the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobsSaid {
    /// So many get another try.
    Again(usize),
    /// So many are forgotten.
    Dropped(usize),
    /// There is no such group any more.
    Gone,
    /// The answer came too late.
    TooLate,
}
