//! What concerns faults, deaths and whatever was put aside.

use super::NewOutbox;
use crate::domain::clock::Timestamp;
use crate::domain::ids::{ChatId, JobId, UpdateSeq};
use crate::domain::incident::Cause;

/// Evidence against an update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateFault {
    /// Which.
    pub seq: UpdateSeq,
    /// What sort of fault.
    pub cause: Cause,
    /// What went wrong, for the operator.
    pub error: String,
    /// With so many faults it is dead; 0 for at once.
    pub max_faults: i32,
    /// What its author is told if it is dead with this.
    pub farewell: Vec<NewOutbox>,
}

/// The first open update of a chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeadUpdate {
    /// Which.
    pub seq: UpdateSeq,
    /// Its chat.
    pub chat: ChatId,
    /// Starts that were written down before they began: -1 for one together with others, else the
    /// number of starts while nothing else ran.
    pub claims: i32,
}

/// What a rescue of jobs knows of deaths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobDeaths {
    /// Whether this instance's last life ended without a word, and this is the first rescue since.
    pub died: bool,
    /// Before its second run alone a suspect waits until then: should the process die meanwhile,
    /// it is not to blame.
    pub probation_until: Timestamp,
}

/// An update that was put aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AsideUpdate {
    /// Which: also the number for support.
    pub seq: UpdateSeq,
    /// Its chat.
    pub chat: ChatId,
    /// Telegram's name of its kind.
    pub kind: String,
    /// `new`, `done`, `dead` or `ignored`.
    pub state: String,
    /// Faults of its own.
    pub faults: i32,
    /// What went wrong.
    pub error: Option<String>,
    /// When it came.
    pub received_at: Timestamp,
    /// Its JSON: people's own words.
    pub raw: String,
}

/// A job, as the operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AsideJob {
    /// Which.
    pub id: JobId,
    /// Its kind.
    pub kind: String,
    /// `ready`, `running`, `done`, `dead` or `cancelled`.
    pub state: String,
    /// Its JSON: names rows, holds no texts.
    pub payload: String,
    /// Attempts so far.
    pub attempts: i32,
    /// Failures of its own.
    pub faults: i32,
    /// What went wrong.
    pub error: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Its queue.
    pub queue: String,
    /// What it goes before: the highest goes first.
    pub priority: i32,
    /// When it is, or was, due.
    pub run_at: Timestamp,
    /// The instance that had it last.
    pub owner: Option<String>,
    /// How far it is, or what came of it.
    pub progress: Option<String>,
    /// When it ended.
    pub done_at: Option<Timestamp>,
}
