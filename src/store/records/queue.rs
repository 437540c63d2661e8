//! What concerns the queue of jobs, as its workers and its operators see it.

use crate::domain::clock::Timestamp;
use crate::domain::ids::MaterialId;
use crate::domain::material::Card;

pub use crate::domain::failures::DeadJob;
pub use crate::domain::uploads::Line;

/// Whose a job is, for an attempt at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobStanding {
    /// Still the attempt's own.
    Ours,
    /// It was cancelled under the attempt.
    Cancelled,
    /// Somebody else has it, or it is over.
    Lost,
}

/// Jobs of a kind that stand alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobCount {
    /// Their queue.
    pub queue: String,
    /// Their kind.
    pub kind: String,
    /// `ready`, `scheduled` (not yet due), `retry` (not yet due again), `running`, `done`, `dead`
    /// or `cancelled`.
    pub standing: String,
    /// How many there are.
    pub count: i64,
    /// When the first of them was or will be due.
    pub due: Timestamp,
}

/// An upload of an editor's whose file is not processed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenUpload {
    /// Its material.
    pub material: MaterialId,
    /// The file's name, or the title: hostile text.
    pub name: String,
    /// Its progress card.
    pub card: Option<Card>,
    /// Its job; none when that was given up.
    pub job: Option<OpenJob>,
}

/// A job that waits or runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenJob {
    /// Whether a worker is at it.
    pub is_running: bool,
    /// Attempts so far.
    pub attempts: i32,
    /// What it goes before.
    pub priority: i32,
    /// When it is, or was, due.
    pub run_at: Timestamp,
    /// How far it is.
    pub progress: Option<String>,
}

/// What is forgotten when it is old enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prune {
    /// The text of updates that are done.
    UpdateTexts,
    /// Updates that are done and have no text any more.
    Updates,
    /// Updates of kinds that nobody works on.
    IgnoredUpdates,
    /// Jobs that are done or were cancelled.
    DoneJobs,
    /// Jobs that are dead.
    DeadJobs,
    /// Messages that were sent or given up, but no card of an upload that is not processed.
    Outbox,
    /// Incidents that were told.
    Incidents,
    /// Dialogs, by when they expired.
    Sessions,
    /// Words of searches.
    Queries,
    /// Recipients of broadcasts that are over, unless an open one reads them.
    Recipients,
    /// Lists of chats, unless an open broadcast or a series reads them.
    AudienceLists,
    /// Updates that were put aside.
    Aside,
    /// Links to the dashboard, by when they expired.
    DashboardKeys,
    /// Codes for owners, by when they expired.
    OwnerCodes,
    /// When people took copies of their data.
    DataExports,
    /// Signs of life of workers.
    Leases,
}

/// One slice of work on what is old.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PruneBatch {
    /// What.
    pub what: Prune,
    /// Only what is older than this.
    pub before: Timestamp,
    /// At most so many rows.
    pub limit: i64,
}

/// What a look through the contents brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentsPruned {
    /// How many were forgotten.
    pub removed: usize,
    /// The last one that was looked at; none at the end.
    pub last: Option<String>,
}
