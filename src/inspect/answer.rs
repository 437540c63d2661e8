//! What the child tells the parent: one JSON document on stdout.

use serde::{Deserialize, Serialize};

use super::cost::Cost;
use super::kind::Family;
use crate::domain::inspection::{Inspection, Rejection};

/// The answer of a child that came to an end.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Answer {
    /// What the content is, for the comparison with the sender's claims, which the child is
    /// never told: a name in a process list can be read by every user of the machine.
    pub(super) family: Family,
    /// What was found in it, or why it cannot be taken.
    pub(super) verdict: Result<Inspection, Rejection>,
    /// Whether the kernel kept the child from calling it for anything but its work.
    pub(super) sealed: bool,
    /// What the child used; its time by the clock is the parent's to tell.
    pub(super) cost: Cost,
}
