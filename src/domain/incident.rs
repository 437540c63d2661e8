//! What was put aside after faults of its own, as the people in charge are told of it.

use super::clock::Timestamp;
use super::ids::{JobId, UpdateSeq};

/// Something was put aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// Its number.
    pub id: i64,
    /// What was put aside.
    pub subject: Subject,
    /// Why.
    pub cause: Cause,
    /// When.
    pub at: Timestamp,
}

/// What was put aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// An update.
    Update(UpdateSeq),
    /// A background job.
    Job(JobId),
}

/// The last fault of whatever was put aside. A kind and no text: whoever is told of it must not
/// read other people's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The program panicked over it.
    Panic,
    /// It had no end in time.
    Deadline,
    /// It failed in a way that is its own.
    Error,
    /// The process died over it while nothing else ran.
    Death,
}

impl Cause {
    const ALL: [Self; 4] = [Self::Panic, Self::Deadline, Self::Error, Self::Death];

    /// The stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Panic => "panic",
            Self::Deadline => "deadline",
            Self::Error => "error",
            Self::Death => "death",
        }
    }

    /// The cause of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.name() == name)
    }
}
