//! Why a copy was refused or broken off: the cause, then what to do.

use crate::store::error::StoreError;
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
    /// Another copy has the target.
    #[error("another copy or migration works on the target; wait until it ends")]
    Busy,
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
        matches!(self, Self::Full | Self::Stopped)
    }

    pub(super) fn lite(end: End, what: &str, error: &diesel::result::Error) -> Self {
        let reason = error.to_string();
        if end == End::Target
            && (reason.contains("disk is full") || reason.contains("disk I/O error"))
        {
            return Self::Full;
        }
        if reason.contains("database is locked") {
            return Self::Busy;
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
        Self::Database { end, what: what.to_owned(), reason }
    }
}
