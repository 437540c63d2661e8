//! Who does what only one process may do.

use std::time::Duration;

/// The fencing token of a lease: another each time that it changes hands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeaseToken(pub i64);

/// What came of asking for a lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeaseAnswer {
    /// It is ours.
    Taken {
        /// What it is held under.
        token: LeaseToken,
        /// Whether who had it before never gave it back: a death, or a long silence.
        follows_death: bool,
    },
    /// Another has it.
    Held {
        /// Name of its instance.
        by: String,
        /// How long it has it yet, unless it prolongs it.
        left: Duration,
    },
}

/// The leader's token, under which something is written; none for programs that write beside any
/// leader, such as the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) struct Fence(pub(in crate::store) Option<LeaseToken>);

impl Fence {
    /// Whatever is written is written.
    pub(in crate::store) const NONE: Self = Self(None);

    /// The token as it is bound to a statement.
    pub(in crate::store) fn token(self) -> Option<i64> {
        self.0.map(|token| token.0)
    }
}
