//! What can go wrong with a backup, with what to do about it.

use std::io;
use std::path::PathBuf;

use super::manifest::Backend;
use super::restore::Holds;
use crate::library::blobs::is_disk_full;
use crate::store::StoreError;

/// A backup that was not made, proven or put back. Nothing that was there before has suffered.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// Somebody else is at it.
    #[error("another process is busy with the backups in {}; try again when it is done", .0.display())]
    Busy(PathBuf),
    /// Somebody else proves a backup of the same database, perhaps in another folder.
    #[error("another process proves a backup of the database {0}; try again when it is done")]
    Proving(String),
    /// There is nothing to copy.
    #[error("there is no database at {}; set DATABASE_URL to the one that the bot uses", .0.display())]
    NoSource(PathBuf),
    /// No backup of that name.
    #[error("there is no backup {id} in {}; see: primelingo backup list", .dir.display())]
    NoBackup {
        /// What was asked for.
        id: String,
        /// Where.
        dir: PathBuf,
    },
    /// There is too little room for it; nothing was begun.
    #[error(
        "the disk of {} has {free_mb} MB free, about {needed_mb} MB are needed; make room, or choose \
         another folder", .dir.display()
    )]
    NoRoom {
        /// Where.
        dir: PathBuf,
        /// What is free.
        free_mb: u64,
        /// What is needed.
        needed_mb: u64,
    },
    /// The disk became full in the middle.
    #[error(
        "the disk is full: cannot {what}; what was begun is removed, older backups are as they were; \
         make room, or choose another folder"
    )]
    Full {
        /// What was tried.
        what: &'static str,
    },
    /// The disk can no longer read or write.
    #[error(
        "the disk fails: cannot {what}: {said}; look at the log of the system (dmesg), and move to \
         another disk"
    )]
    Failing {
        /// What was tried.
        what: &'static str,
        /// What was said.
        said: String,
    },
    /// The disk refused something else.
    #[error("cannot {what}: {source}")]
    Disk {
        /// What was tried.
        what: &'static str,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// `pg_dump` is missing.
    #[error(
        "{program} was not found; install the package postgresql-client-{major}, or set \
         backup.pg_bin_dir to the folder that has it"
    )]
    NoProgram {
        /// Which.
        program: &'static str,
        /// The version of the server.
        major: u32,
    },
    /// `pg_dump` is older than the server.
    #[error(
        "{} is of version {version}, the server of version {major}, which it cannot copy; install the \
         package postgresql-client-{major}, or set backup.pg_bin_dir to the folder of a newer one",
        .program.display()
    )]
    OldProgram {
        /// Which.
        program: PathBuf,
        /// Its version.
        version: u32,
        /// The version of the server.
        major: u32,
    },
    /// The server's certificate cannot be checked.
    #[error(
        "{program} of version {version} cannot check the server's certificate without {}; install the \
         package ca-certificates, or PostgreSQL's programs of version 16 or newer", .roots.display()
    )]
    NoRoots {
        /// Which.
        program: &'static str,
        /// Its version.
        version: u32,
        /// What it needs.
        roots: PathBuf,
    },
    /// A program of PostgreSQL's has failed.
    #[error("{program} failed: {said}")]
    Program {
        /// Which.
        program: &'static str,
        /// What it said, without passwords.
        said: String,
    },
    /// A file of the backup is not what it was.
    #[error(
        "backup {id} is damaged: {file}: {what}; use another one (primelingo backup list), and make a \
         new one (primelingo backup create)"
    )]
    Damaged {
        /// Which.
        id: String,
        /// Its file.
        file: String,
        /// How.
        what: String,
    },
    /// By a later version, in a form that is not known.
    #[error(
        "backup {id} is of format {format}, which a newer primelingo has made; use that version"
    )]
    NewerFormat {
        /// Which.
        id: String,
        /// Its format.
        format: u32,
    },
    /// By a later version, with a schema that is not known.
    #[error(
        "backup {id} was made by {program}, whose database this version ({own}) does not know; install \
         that version or a newer one, and restore with it"
    )]
    NewerSchema {
        /// Which.
        id: String,
        /// Who has made it.
        program: String,
        /// Who reads it.
        own: String,
    },
    /// Of another sort of database.
    #[error(
        "backup {id} is one of {of}, and the target is {target}; restore it into {of} (--to-url), then \
         move it: primelingo db copy"
    )]
    OtherBackend {
        /// Which.
        id: String,
        /// What it is of.
        of: Backend,
        /// What it was to be put into.
        target: Backend,
    },
    /// A backup of PostgreSQL without a server to prove it on.
    #[error(
        "backup {id} is one of PostgreSQL, and is proven by restoring it on a server; set DATABASE_URL to \
         one, or check its files alone: primelingo backup verify {id} --quick"
    )]
    NoServer {
        /// Which.
        id: String,
    },
    /// The role may not make databases.
    #[error(
        "the role {role} may not make databases, which is needed to {to}; as a superuser: ALTER ROLE \
         \"{role}\" CREATEDB{otherwise}"
    )]
    MayNotCreate {
        /// The role.
        role: String,
        /// What for.
        to: &'static str,
        /// How to go without.
        otherwise: &'static str,
    },
    /// The bot uses the database.
    #[error(
        "the database is in use by {owner} ({lease}, for {left_s} s at least); stop the bot and its \
         workers, and try again"
    )]
    InUse {
        /// The process.
        owner: String,
        /// What it holds.
        lease: String,
        /// For how long.
        left_s: i64,
    },
    /// Somebody is connected.
    #[error(
        "{count} others are connected to the database {database}; stop the bot, its workers and \
         whatever else uses it, and try again"
    )]
    Connected {
        /// Which.
        database: String,
        /// How many.
        count: i64,
    },
    /// The file is open elsewhere.
    #[error(
        "the file {} is in use; stop the bot, its workers and whatever else uses it, and try again: {source}",
        .path.display()
    )]
    FileInUse {
        /// Which.
        path: PathBuf,
        /// What the database said.
        #[source]
        source: StoreError,
    },
    /// A log that the new file would take for its own.
    #[error("{} has come meanwhile; stop whatever uses the database, and try again", .0.display())]
    Log(PathBuf),
    /// There is something where it is to be put.
    #[error(
        "{target} is not empty: it holds {holds}; it would be kept beside, and the backup put in its \
         place: say so with --yes"
    )]
    NotEmpty {
        /// Where.
        target: String,
        /// What.
        holds: Holds,
    },
    /// A copy of nothing would pass for a backup.
    #[error("the database has no tables; set DATABASE_URL to the one that the bot uses")]
    NoTables,
    /// The address of the target is of no use.
    #[error("{0}")]
    Address(String),
    /// It took too long.
    #[error("the backup took longer than {0} s and was broken off; raise backup.timeout_s")]
    TimedOut(u64),
    /// A thread of ours has died.
    #[error("the backup broke off: {0}")]
    Broken(String),
}

impl BackupError {
    /// A file that is not what it was.
    pub(super) fn damaged(id: &str, file: &str, what: String) -> Self {
        Self::Damaged { id: id.to_owned(), file: file.to_owned(), what }
    }

    /// Whether the backup is to blame, not what it was to be proven with.
    pub const fn blames_backup(&self) -> bool {
        matches!(self, Self::Damaged { .. })
    }
}

/// What the disk refused.
pub(super) fn disk(what: &'static str) -> impl Fn(io::Error) -> BackupError {
    move |source| {
        if is_disk_full(&source) {
            BackupError::Full { what }
        } else if source.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error()) {
            BackupError::Failing { what, said: source.to_string() }
        } else {
            BackupError::Disk { what, source }
        }
    }
}

/// The same of SQLite, which says it in words of its own.
pub(super) fn copying(what: &'static str) -> impl Fn(StoreError) -> BackupError {
    move |error| {
        let text = match &error {
            StoreError::Unavailable { reason, .. } => reason.clone(),
            other => format!("{other:?}"),
        };
        if text.contains("disk is full") {
            BackupError::Full { what }
        } else if text.contains("disk I/O error") {
            BackupError::Failing { what, said: "disk I/O error".to_owned() }
        } else {
            error.into()
        }
    }
}

/// Whether SQLite refuses because somebody else has the file.
pub(super) fn is_locked(error: &StoreError) -> bool {
    matches!(error, StoreError::Unavailable { reason, .. } if reason.contains("is locked"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_and_one_that_fails_are_told_apart() {
        let said = |reason: &str| {
            let error = StoreError::Unavailable { call: "x", reason: reason.to_owned() };
            copying("copy the database")(error).to_string()
        };
        assert!(said("database or disk is full").starts_with("the disk is full"));
        assert!(said("disk I/O error").starts_with("the disk fails: cannot copy the database"));
        assert!(!said("database is locked").contains("disk"));
        let refused = |reason: &str| {
            is_locked(&StoreError::Unavailable { call: "x", reason: reason.to_owned() })
        };
        assert!(refused("database is locked") && refused("database table is locked"));
        assert!(!refused("database or disk is full") && !refused("disk I/O error"));
        let system = |code| disk("read a manifest")(io::Error::from_raw_os_error(code)).to_string();
        assert!(system(rustix::io::Errno::IO.raw_os_error()).starts_with("the disk fails"));
        assert!(system(rustix::io::Errno::NOSPC.raw_os_error()).starts_with("the disk is full"));
        assert!(system(rustix::io::Errno::ACCESS.raw_os_error()).starts_with("cannot read"));
    }
}
