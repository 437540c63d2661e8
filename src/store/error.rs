//! What can go wrong between us and the database, with what to do about it.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

use super::passing;
use super::standing::SchemaFault;

/// A failed call. `call` is the name of the store's function.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else changed what the caller relied on: read again and decide again.
    #[error("{what} has changed meanwhile")]
    Conflict {
        /// What changed.
        what: &'static str,
    },
    /// The database cannot be reached, or not in time: try again later.
    #[error("database is not available{}: {reason}", named(" for ", call))]
    Unavailable {
        /// The store's function.
        call: &'static str,
        /// What the driver said.
        reason: String,
    },
    /// The database refused the query: a bug, or a broken file.
    #[error("database refused {}", if call.is_empty() { "a query" } else { call })]
    Query {
        /// The store's function.
        call: &'static str,
        /// What the database said.
        #[source]
        source: DieselError,
    },
    /// A stored value that no version of ours has written.
    #[error("stored {what} cannot be read")]
    Corrupt {
        /// Which column.
        what: &'static str,
    },
    /// Our own code failed in the middle of a call: a bug. Nothing of the call was written.
    #[error("{call} failed by a fault of its own: {what}")]
    Fault {
        /// The store's function.
        call: &'static str,
        /// How.
        what: &'static str,
    },
    /// Migrations could not be run.
    #[error("migrations could not be run: {0}")]
    Migration(String),
    /// The schema is not one that this program may work on.
    #[error("the database cannot be used: {0}")]
    Schema(#[source] SchemaFault),
    /// The address of the database is of no use.
    #[error("database address is not usable: {0}")]
    Address(String),
    /// It can be read, and not worked on.
    #[error("the database cannot be worked on: {0}")]
    Forbidden(String),
}

/// A call, where there is one to name.
fn named(before: &str, call: &str) -> String {
    if call.is_empty() { String::new() } else { format!("{before}{call}") }
}

/// Result of a store call.
pub type StoreResult<T> = Result<T, StoreError>;

impl StoreError {
    /// The leader's lease, as the subject of a conflict.
    pub(super) const LEASE: &'static str = "lease";

    /// Whether another process leads now: nothing may be written under the old token any more.
    pub fn is_lease_lost(&self) -> bool {
        matches!(self, Self::Conflict { what: Self::LEASE })
    }

    /// Whether the same call may succeed later without anything being changed.
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::Conflict { .. })
    }

    /// Whether it stays so until somebody has changed something: a bot waits for that, whoever sits
    /// before a command wants to be told.
    pub fn is_lasting(&self) -> bool {
        match self {
            Self::Unavailable { reason, .. } => passing::needs_mending(reason),
            Self::Conflict { .. } => false,
            _ => true,
        }
    }

    /// Says in the log what could not be done. An outage of the database is met by everybody at
    /// once, again and again: of that the database's watch tells, so here it is not loud.
    pub fn tell(&self, what: &'static str) {
        if self.is_passing() {
            tracing::debug!(error = %self, "{what}");
        } else {
            tracing::error!(error = %self, "{what}");
        }
    }

    /// Names the call in an error that came without.
    pub(super) fn in_call(self, name: &'static str) -> Self {
        match self {
            Self::Query { source, .. } => Self::from_diesel(name, source),
            Self::Unavailable { reason, .. } => Self::Unavailable { call: name, reason },
            Self::Fault { what, .. } => Self::Fault { call: name, what },
            other => other,
        }
    }

    /// Two insert the same name or content, or one takes away what the other needs: the second
    /// reads again, sees what the first has done, and decides again.
    pub(super) fn unless_duplicate(source: DieselError, what: &'static str) -> Self {
        match source {
            DieselError::DatabaseError(
                DatabaseErrorKind::UniqueViolation | DatabaseErrorKind::ForeignKeyViolation,
                _,
            ) => Self::Conflict { what },
            other => other.into(),
        }
    }

    fn from_diesel(call: &'static str, source: DieselError) -> Self {
        match passing::reason(&source) {
            Some(reason) => Self::Unavailable { call, reason },
            None => Self::Query { call, source },
        }
    }
}

impl From<DieselError> for StoreError {
    fn from(source: DieselError) -> Self {
        Self::Query { call: "", source }
    }
}
