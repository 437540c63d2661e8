//! What is counted for the metrics.

use crate::domain::clock::Timestamp;

/// How the ledger of updates stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LedgerFigures {
    /// Updates that are to be worked off.
    pub open: i64,
    /// Put aside after faults.
    pub dead: i64,
    /// Nothing for us, or kept for a later version.
    pub ignored: i64,
    /// When the oldest open one came.
    pub oldest: Option<Timestamp>,
}

/// Messages that were given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OutboxDead {
    /// Somebody waited for them.
    pub reply: i64,
    /// Nobody did.
    pub bulk: i64,
}

/// Materials that stand alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilesCount {
    /// The state's stored name.
    pub state: String,
    /// How far the work on the file is.
    pub processing: String,
    /// The kind's stored name.
    pub kind: String,
    /// How many.
    pub count: i64,
}

/// The connections to the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PoolFigures {
    /// Made and free.
    pub idle: usize,
    /// At work.
    pub in_use: usize,
    /// The most that there may be.
    pub max: usize,
}
