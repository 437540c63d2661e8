//! What is done on the dashboard.

use crate::domain::broadcast::Control;
use crate::domain::clock::Timestamp;
use crate::domain::ids::{BroadcastId, JobId, UserId};
use crate::domain::role::Role;

use super::NewOutbox;

/// Who does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Doer {
    /// The person.
    pub user: UserId,
    /// The role that the database must say they have; none for owners by configuration.
    pub needs: Option<Role>,
}

/// What is done, with its audit note, in one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// A broadcast is controlled.
    Broadcast(BroadcastId, Control),
    /// Dead jobs get another try at this time.
    RetryJobs(Vec<JobId>, Timestamp),
    /// Dead jobs are dropped.
    DropJobs(Vec<JobId>),
    /// Jobs that were to get another try are dead again, as far as none has begun.
    TakeRetryBack(Vec<JobId>),
    /// Jobs that were dropped are dead again.
    TakeDropBack(Vec<JobId>),
    /// A job that waits or runs is cancelled; its card says this.
    CancelJob(JobId, Option<NewOutbox>),
    /// A queue gives out no job any more, or does so again.
    PauseQueue(String, bool),
    /// Nothing in the database: what is written down is done elsewhere.
    Elsewhere,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operated {
    /// It is done, to these jobs where it is about jobs.
    Done(Vec<JobId>),
    /// It stands elsewhere by now: nothing was written.
    Unfit,
    /// There is no such thing.
    Missing,
}
