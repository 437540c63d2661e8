//! A place to restore into that nobody else sees: a file beside the backups, or a database of its own
//! on the same server.
//!
//! Invariant: it goes with whoever made it; what a killed process has left is cleared by the next one,
//! which holds the lock under which such places are made.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::task::spawn_blocking;

use super::error::{BackupError, disk};
use super::manifest::Manifest;
use super::pg_tools::{Programs, first_of};
use super::reporter::Reporter;
use super::seal::{create_private, unseal};
use crate::store::backup::Census;
use crate::store::backup::lite;
use crate::store::backup::pg::{self, Address, Server};

/// What scratch databases are called, then whose they are, then which.
const SCRATCH: &str = "primelingo_verify_";

/// How often the lock is asked for, and the pause between.
const LOCK_TRIES: u32 = 40;
const LOCK_PAUSE: Duration = Duration::from_millis(250);

/// Runs what blocks on a thread where it may.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BackupError> + Send + 'static,
) -> Result<T, BackupError> {
    spawn_blocking(work).await.unwrap_or_else(|error| Err(BackupError::Broken(error.to_string())))
}

/// Restores a backup of SQLite into a new file, and proves it there. Blocks.
pub(super) fn restore_file(
    folder: &Path,
    manifest: &Manifest,
    target: &Path,
    reporter: &Reporter,
) -> Result<(), BackupError> {
    let restore = |to: File| {
        reporter.begin("restoring", manifest.database.content_bytes);
        unseal(&manifest.id, folder, &manifest.database, &to, reporter)?;
        to.sync_all().map_err(disk("write what is in the backup"))?;
        reporter.begin("checking", 0);
        let damaged =
            |what: String| BackupError::damaged(&manifest.id, &manifest.database.name, what);
        let faults = lite::faults(target)?;
        if let Some(fault) = faults.into_iter().next() {
            return Err(damaged(fault));
        }
        compare(manifest, &lite::census(target)?)
    };
    restore(create_private(target).map_err(disk("make a file to restore into"))?)
}

/// A file that goes with this value.
pub(super) struct ScratchFile(pub PathBuf);

impl Drop for ScratchFile {
    fn drop(&mut self) {
        for ending in ["", "-journal", "-wal", "-shm"] {
            let mut path = self.0.clone().into_os_string();
            path.push(ending);
            // Most of them were never there.
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Fails with the first table whose rows are not those of the manifest.
pub(super) fn compare(manifest: &Manifest, census: &Census) -> Result<(), BackupError> {
    let damaged = |what: String| BackupError::damaged(&manifest.id, &manifest.database.name, what);
    if manifest.rows.is_empty() {
        return Err(damaged("it has no tables".to_owned()));
    }
    for (table, count) in &manifest.rows {
        let found = census.rows.get(table);
        if found != Some(count) {
            let found = found.map_or_else(|| "none".to_owned(), ToString::to_string);
            return Err(damaged(format!("table {table} has {count} rows, restored are {found}")));
        }
    }
    if census.rows.len() != manifest.rows.len() || census.schema != manifest.schema {
        return Err(damaged("its schema is another one".to_owned()));
    }
    Ok(())
}

/// Restores a backup of PostgreSQL into a new database, and proves it there. On an error the database is
/// dropped.
pub(super) async fn restore_database(
    (folder, manifest): (&Path, &Manifest),
    (server, url, programs): (&mut Server, &str, &Programs),
    name: &str,
    reporter: &Reporter,
) -> Result<(), BackupError> {
    server.create(name).await?;
    let filled = fill(folder, manifest, (url, programs), name, reporter).await;
    if filled.is_err() {
        // The first error is the one to tell.
        let _ = server.drop(name).await;
    }
    filled
}

async fn fill(
    folder: &Path,
    manifest: &Manifest,
    (url, programs): (&str, &Programs),
    name: &str,
    reporter: &Reporter,
) -> Result<(), BackupError> {
    let address = Address::parse(url)?;
    reporter.begin("restoring", manifest.database.content_bytes);
    let (running, to) = programs.restore(&address, name)?;
    let (folder, copy, told) = (folder.to_owned(), manifest.clone(), reporter.clone());
    let feeding = blocking(move || unseal(&copy.id, &folder, &copy.database, to, &told));
    let (ended, fed) = tokio::join!(running.finish(), feeding);
    first_of(ended, fed)?;
    reporter.begin("checking", 0);
    compare(manifest, &pg::census(url, name).await?)
}

/// A server on which scratch databases may be made, by nobody else meanwhile.
pub(super) struct Bench {
    pub server: Server,
    /// What ours are called.
    prefix: String,
}

impl Bench {
    /// Clears what killed processes have left of the same database.
    pub async fn open(url: &str) -> Result<Self, BackupError> {
        let mut server = Server::open(url).await?;
        if !server.may_create().await? {
            let role = server.role.clone();
            return Err(BackupError::MayNotCreate {
                role,
                to: "prove a backup by restoring it",
                otherwise: "; or go without proof: backup.verify = false, --no-verify, --quick",
            });
        }
        let whose = blake3::hash(server.database.as_bytes()).to_hex();
        let prefix = format!("{SCRATCH}{}_", whose.get(..8).unwrap_or_default());
        // The server may need a moment to notice that a process was killed.
        let mut tries = 1;
        while !server.lock_scratch().await? {
            if tries == LOCK_TRIES {
                return Err(BackupError::Proving(server.database.clone()));
            }
            tries += 1;
            tokio::time::sleep(LOCK_PAUSE).await;
        }
        for name in server.named(&prefix).await? {
            tracing::info!(name, "a database left by a backup that was broken off is dropped");
            server.drop(&name).await?;
        }
        Ok(Self { server, prefix })
    }

    /// A name that nobody has.
    pub fn name(&self) -> String {
        format!("{}{:08x}", self.prefix, fastrand::u32(..))
    }
}
