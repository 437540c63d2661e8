//! Why a copy was refused or broken off: the cause, then what to do.

use crate::store::error::StoreError;
use crate::store::passing;
use crate::store::standing::SchemaFault;

/// Result of a step of a copy.
pub type CopyResult<T> = Result<T, CopyError>;

/// Which of the two databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// What is read.
    Source,
    /// What is written.
    Target,
}

impl std::fmt::Display for End {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Source => "source",
            Self::Target => "target",
        })
    }
}

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// One file, or one database, on both sides.
    #[error("source and target are the same database; name another one with --to")]
    Same,
    /// There is no such file.
    #[error("there is no database {0}; name the file that the bot has used with --from")]
    NoFile(String),
    /// The schema is not ours, or not of this version.
    #[error("the {end}: {fault}")]
    Schema {
        /// Which side.
        end: End,
        /// What is wrong with it.
        #[source]
        fault: SchemaFault,
    },
    /// The source has not been brought up to date.
    #[error("the source lacks the migrations {0}; run `primelingo migrate up` on it first")]
    SourceBehind(String),
    /// The source is itself the target of a copy that has not ended.
    #[error("the source is an unfinished copy itself; finish that one with --resume first")]
    SourceUnfinished,
    /// The target has rows.
    #[error("the target is not empty ({0}); name an empty database with --to. Nothing was changed")]
    NotEmpty(String),
    /// The target has tables of something else.
    #[error("the target has tables that are not ours ({0}); name an empty database with --to")]
    Foreign(String),
    /// The target has a copy that has not ended.
    #[error(
        "the target holds a copy that has not ended; go on with --resume, or give an empty \
         database (delete the file; dropdb and createdb for PostgreSQL)"
    )]
    Unfinished,
    /// The source is not what was copied.
    #[error(
        "the source has changed since the copy began: table {0} is no longer as it was copied. \
         Begin anew with an empty target, and keep the bot stopped"
    )]
    SourceChanged(String),
    /// A bot or a worker is alive.
    #[error(
        "{holder} works on the {end} (its lease runs for another {left_s} s); stop it first. After a \
         kill, wait that long"
    )]
    Alive {
        /// Which side.
        end: End,
        /// The lease.
        holder: String,
        /// How long it lasts.
        left_s: i64,
    },
    /// Somebody else has it, such as another copy.
    #[error(
        "another process, such as a copy or a migration, works on the {0}; wait until it ends, and \
         go on with --resume"
    )]
    Busy(End),
    /// The two schemas differ.
    #[error("source and target differ: {0}; both must be of this version of primelingo")]
    Differs(String),
    /// A value that the target cannot take.
    #[error("{place} has a value that the target cannot hold: {what}; mend it in the source")]
    Value {
        /// Table and column.
        place: String,
        /// What is wrong with it.
        what: String,
    },
    /// There is no room.
    #[error(
        "no room left on the target's disk; what is copied so far is safe. Make room and go on \
         with --resume"
    )]
    Full,
    /// Stopped by a signal.
    #[error("stopped; what is copied so far is safe. Go on with --resume")]
    Stopped,
    /// A connection was cut.
    #[error(
        "the connection to the {end} was lost in {what} ({reason}); what is copied so far is safe. \
         When the database answers again, go on with --resume"
    )]
    Lost {
        /// Which side.
        end: End,
        /// What was tried.
        what: String,
        /// What the driver said.
        reason: String,
    },
    /// A database does not answer.
    #[error(
        "a database cannot be reached ({0}); what is copied so far is safe. When it answers again, \
         go on with --resume"
    )]
    Away(String),
    /// What was written is not what was read.
    #[error(
        "the target differs from the source in {0}; do not use it. Begin anew with an empty one"
    )]
    Mismatch(String),
    /// Our own code.
    #[error("the copy failed by a fault of its own: {0}")]
    Fault(String),
    /// One of the databases.
    #[error("the {end} failed in {what}: {reason}")]
    Database {
        /// Which side.
        end: End,
        /// What was tried.
        what: String,
        /// What it said.
        reason: String,
    },
    /// Opening or migrating.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl CopyError {
    /// Whether the same command with `--resume` can go on where this one has ended.
    pub const fn is_resumable(&self) -> bool {
        matches!(
            self,
            Self::Full | Self::Stopped | Self::Busy(_) | Self::Lost { .. } | Self::Away(_)
        )
    }

    /// The same for a copy that has begun: an outage is none of its faults.
    pub(super) fn once_begun(self) -> Self {
        match self {
            Self::Store(StoreError::Unavailable { reason, .. }) => Self::Away(reason),
            Self::Store(StoreError::Query { call, source }) => match passing::reason(&source) {
                Some(reason) => Self::Away(reason),
                None => Self::Store(StoreError::Query { call, source }),
            },
            other => other,
        }
    }

    pub(super) fn lite(end: End, what: &str, error: &diesel::result::Error) -> Self {
        let reason = error.to_string();
        if end == End::Target
            && (reason.contains("disk is full") || reason.contains("disk I/O error"))
        {
            return Self::Full;
        }
        if reason.contains("database is locked") {
            return Self::Busy(end);
        }
        Self::Database { end, what: what.to_owned(), reason }
    }

    pub(super) fn pg(end: End, what: &str, error: &tokio_postgres::Error) -> Self {
        use tokio_postgres::error::SqlState;
        if error.code() == Some(&SqlState::DISK_FULL) {
            return Self::Full;
        }
        // The driver's own text says "db error" and no more.
        let reason = error.as_db_error().map_or_else(
            || error.to_string(),
            |it| match it.detail() {
                Some(detail) => format!("{}: {detail}", it.message()),
                None => it.message().to_owned(),
            },
        );
        let what = what.to_owned();
        if is_lost(error) {
            return Self::Lost { end, what, reason };
        }
        Self::Database { end, what, reason }
    }
}

/// Whether the connection is no more, or never came: the server was stopped, killed or cut off.
fn is_lost(error: &tokio_postgres::Error) -> bool {
    use std::error::Error as StdError;
    match error.code() {
        Some(state) => is_outage(state.code()),
        None => {
            error.is_closed() || error.source().is_some_and(<dyn StdError>::is::<std::io::Error>)
        }
    }
}

/// Class 08, and what a server says that stops, crashes or starts.
fn is_outage(sqlstate: &str) -> bool {
    sqlstate.starts_with("08") || matches!(sqlstate, "57P01" | "57P02" | "57P03")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_can_be_resumed_and_a_fault_cannot() {
        for state in ["08000", "08006", "57P01", "57P02", "57P03"] {
            assert!(is_outage(state), "{state}");
        }
        for state in ["57014", "23505", "42P01", "0A000"] {
            assert!(!is_outage(state), "{state}");
        }
        let away = StoreError::Unavailable { call: "", reason: "refused".to_owned() };
        let away = CopyError::Store(away);
        assert!(!away.is_resumable(), "nothing has begun");
        let away = away.once_begun();
        assert!(away.is_resumable() && away.to_string().contains("--resume"), "{away}");
        let busy = CopyError::Busy(End::Target);
        assert!(busy.is_resumable() && busy.to_string().contains("--resume"), "{busy}");
        assert!(!CopyError::Same.once_begun().is_resumable());
    }
}
