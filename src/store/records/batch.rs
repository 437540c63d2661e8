//! What the job that tends a batch writes.

use super::{NewOutbox, Terms};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{JobId, MaterialId};
use crate::domain::session::SessionKey;

/// What becomes of a file that waits to be published.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchVerdict {
    /// The job and its token.
    pub job: (JobId, i64),
    /// The file.
    pub material: MaterialId,
    /// What becomes of it.
    pub fate: BatchFate,
    /// The time.
    pub now: Timestamp,
}

/// What becomes of a file.
#[derive(Debug, Clone, PartialEq)]
pub enum BatchFate {
    /// It is put on the shelf.
    Publish(Terms),
    /// The library has its content in this one.
    Duplicate(MaterialId),
}

/// The new look of a batch's card, and the end of the attempt that made it.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchLook {
    /// The job and its token.
    pub job: (JobId, i64),
    /// The card.
    pub edit: NewOutbox,
    /// The dialog that the card was made from, and its version.
    pub session: Option<(SessionKey, i64)>,
    /// Whether there is more to be done.
    pub more: bool,
    /// The time.
    pub now: Timestamp,
}
