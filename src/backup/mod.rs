//! Backups: copies of the database and the files, proven by restoring them.
//!
//! ```text
//! <dir>/20261129T101500Z-sqlite/manifest.json         what it is, with all checksums
//!                               database.sqlite.zst   or database.pgdump.zst
//!                               files.txt.zst         the contents that the library names, with files
//! <dir>/blobs/ab/cdef...                              those contents, each once for all backups
//! <dir>/.partial-...                                  one that is being made, or was broken off
//! ```
//!
//! Invariants:
//! - a backup is there whole or not at all: it is made under another name, synced, and renamed;
//! - one is made, proven or removed at a time, by whoever holds the folder's lock, which dies with
//!   its process. What then has another name than a backup is a left-over, and goes;
//! - nothing that exists is given up before what takes its place is proven;
//! - all of it is readable by its owner alone; no manifest, argument or error holds a password.
//!
//! It must not: know SQL, read settings, or need a running bot.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use crate::domain::backup::Keep;
use crate::domain::clock::Clock;

mod blobs;
mod create;
mod error;
mod folder;
mod manifest;
mod owner;
mod pg_tools;
mod prune;
mod reporter;
mod restore;
mod scratch;
mod seal;
mod verify;

pub use create::create;
pub use error::BackupError;
pub use folder::{Entry, Folder, newest_proven};
pub use manifest::{Backend, Manifest};
pub use prune::{Pruned, prune};
pub use reporter::{Reporter, Step};
pub use restore::{Holds, Order, Restored, outlook, restore};
pub use verify::{Depth, verify};

/// Where the database is.
#[derive(Clone)]
pub enum Source {
    /// A file.
    Sqlite(PathBuf),
    /// The address of a server.
    Postgres(SecretString),
}

impl Source {
    /// Which sort of database.
    pub const fn backend(&self) -> Backend {
        match self {
            Self::Sqlite(_) => Backend::Sqlite,
            Self::Postgres(_) => Backend::Postgres,
        }
    }
}

/// What is copied, and where to.
#[derive(Clone)]
pub struct BackupConfig {
    /// Folder of the backups.
    pub dir: PathBuf,
    /// The database.
    pub source: Source,
    /// The database as people may see it.
    pub shown: String,
    /// Which program makes it.
    pub program: String,
    /// Where the files of the library are.
    pub data_dir: PathBuf,
    /// Whether they are copied, too.
    pub files: bool,
    /// Whether a backup is proven by restoring it.
    pub verify: bool,
    /// How many backups are kept.
    pub keep: Keep,
    /// Time between two backups that come by themselves.
    pub every: Duration,
    /// Longest time for one.
    pub timeout: Duration,
    /// Where the programs of PostgreSQL are; looked for when not given.
    pub pg_bin_dir: Option<PathBuf>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}
