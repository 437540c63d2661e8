//! What the dispatcher and its workers say to each other. Others ring with [`crate::runtime::Ring`].

use actix::Message;
use tokio_util::sync::CancellationToken;

use crate::domain::ids::JobId;
use crate::runtime::{Exit, Permit};
use crate::store::records::ClaimedJob;

/// "Run this job, and tell me of its end."
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct RunJob {
    /// The job.
    pub job: ClaimedJob,
    /// Set when the attempt must end at once.
    pub stop: CancellationToken,
    /// The attempt's place among those at work, given back at its end.
    pub permit: Permit,
}

/// An attempt is over, and its outcome is in the database, if that could be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Message)]
#[rtype(result = "()")]
pub struct JobFinished {
    /// The worker's place.
    pub worker: usize,
    /// The job.
    pub job: JobId,
    /// How it ended.
    pub ended: Ended,
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The job is done.
    Done,
    /// It waits for the next attempt.
    Again,
    /// It is given up.
    Dead,
    /// Somebody else has it, or nobody could be told: it comes back when its lease is over.
    Left,
}

/// A worker is no more.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[rtype(result = "()")]
pub struct WorkerEnded {
    /// Its place.
    pub worker: usize,
    /// How it ended.
    pub exit: Exit,
}
