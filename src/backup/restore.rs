//! Puts a backup in the place of a database.
//!
//! Invariants: what is there stays what it is until what takes its place is restored and proven beside
//! it; then both change names, and what was there is kept. Nobody's database is taken away under
//! them: while a process holds it, nothing is done.

use std::fmt;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::ExposeSecret as _;

use super::blobs::{self, PutBack};
use super::error::{BackupError, copying, disk, is_locked};
use super::folder::Folder;
use super::manifest::{Backend, Manifest};
use super::owner::{folder_of, give, make_folder};
use super::pg_tools::Programs;
use super::reporter::Reporter;
use super::scratch::{ScratchFile, blocking, restore_database, restore_file};
use super::seal::{create_private, sync_folder};
use super::verify::checksums;
use super::{BackupConfig, Source};
use crate::domain::clock::Timestamp;
use crate::store::backup::pg::{self, Server, beside};
use crate::store::backup::{Census, Holder, UnderWay, knows, lite};

/// Tries to change names. The server itself waits some seconds in each for those who are leaving, as
/// our own looks are.
const SWAP_TRIES: u32 = 5;
const SWAP_PAUSE: Duration = Duration::from_millis(250);

/// What is asked for.
pub struct Order {
    /// The backup.
    pub manifest: Manifest,
    /// Where the database goes.
    pub target: Source,
    /// Where the files go; none leaves them.
    pub files_to: Option<PathBuf>,
}

/// What is there now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Nothing that anybody would miss: nobody has to be asked.
    Nothing,
    /// Rows of people and material.
    Library(i64),
    /// Tables that are not ours, or not of this backup.
    Strange(usize),
    /// It cannot be told.
    Unreadable,
}

impl Holds {
    /// Nobody is asked for an empty database, or for one of ours that nobody has used. Whatever else
    /// there is may be another program's.
    fn of(census: &Census, manifest: &Manifest) -> Result<Self, BackupError> {
        let Census { schema, rows, elsewhere } = census;
        let is_sqlite = manifest.backend == Backend::Sqlite;
        let is_ours = !schema.is_empty() && knows(is_sqlite, schema)?;
        let is_strange = |table: &&String| !is_ours || !manifest.rows.contains_key(*table);
        let strange = rows.keys().filter(is_strange).count().saturating_add(*elsewhere);
        Ok(match (census.worth(), strange) {
            (worth @ 1.., _) if is_ours => Self::Library(worth),
            (_, 0) => Self::Nothing,
            (_, strange) => Self::Strange(strange),
        })
    }
}

impl fmt::Display for Holds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("nothing"),
            Self::Library(rows) => write!(f, "{rows} rows of people and material"),
            Self::Strange(tables) => write!(f, "{tables} tables of another program or version"),
            Self::Unreadable => f.write_str("something that cannot be read"),
        }
    }
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// What was there before: a file, or a database on the server.
    pub kept: Option<String>,
    /// Files of the library that were put back.
    pub files: u64,
    /// Files of the library that the backup has lost, and that were not put back.
    pub lost_files: u64,
    /// What will go on when the bot starts.
    pub under_way: UnderWay,
}

/// Looks at the place where a backup is to go. Fails when it cannot go there, or must not now.
pub async fn outlook(order: &Order, own: &str) -> Result<Holds, BackupError> {
    let manifest = &order.manifest;
    let target = order.target.backend();
    if manifest.backend != target {
        return Err(BackupError::OtherBackend {
            id: manifest.id.clone(),
            of: manifest.backend,
            target,
        });
    }
    if !knows(matches!(order.target, Source::Sqlite(_)), &manifest.schema)? {
        return Err(BackupError::NewerSchema {
            id: manifest.id.clone(),
            program: manifest.program.clone(),
            own: own.to_owned(),
        });
    }
    match &order.target {
        Source::Sqlite(path) => {
            let (path, manifest) = (path.clone(), manifest.clone());
            blocking(move || outlook_of_file(&path, &manifest)).await
        }
        Source::Postgres(url) => outlook_of_server(url.expose_secret(), manifest).await,
    }
}

fn outlook_of_file(path: &Path, manifest: &Manifest) -> Result<Holds, BackupError> {
    if !path.exists() {
        return Ok(Holds::Nothing);
    }
    // A file that is damaged is what backups are for.
    let Ok(census) = lite::census(path) else { return Ok(Holds::Unreadable) };
    refuse_holders(&lite::holders(path).unwrap_or_default())?;
    Holds::of(&census, manifest)
}

async fn outlook_of_server(url: &str, manifest: &Manifest) -> Result<Holds, BackupError> {
    let mut server = Server::open(url).await?;
    let database = server.database.clone();
    if !server.has(&database).await? {
        return Ok(Holds::Nothing);
    }
    let census = pg::census(url, &database).await;
    if census.is_ok() {
        refuse_holders(&pg::holders(url).await.unwrap_or_default())?;
    }
    refuse_sessions(&mut server).await?;
    census.map_or(Ok(Holds::Unreadable), |census| Holds::of(&census, manifest))
}

async fn refuse_sessions(server: &mut Server) -> Result<(), BackupError> {
    let database = server.database.clone();
    match server.sessions(&database).await? {
        0 => Ok(()),
        count => Err(BackupError::Connected { database, count }),
    }
}

fn refuse_holders(holders: &[Holder]) -> Result<(), BackupError> {
    let Some(Holder { lease, owner, left_s }) = holders.first().cloned() else { return Ok(()) };
    Err(BackupError::InUse { owner, lease, left_s })
}

/// Restores, proves, and only then changes names. [`outlook`] was asked before.
pub async fn restore(
    config: &BackupConfig,
    order: &Order,
    reporter: &Reporter,
) -> Result<Restored, BackupError> {
    let _waited = reporter.waited_for();
    let folder = Folder::new(config.dir.clone());
    let path = folder.path(&order.manifest.id);
    checksums(&path, &order.manifest, reporter).await?;
    let mut files = PutBack::default();
    if let Some(data_dir) = order.files_to.clone() {
        // Before the database: files that no row names do no harm.
        let (folder, manifest, told) = (folder.clone(), order.manifest.clone(), reporter.clone());
        files = blocking(move || blobs::put_back(&folder, &manifest, &data_dir, &told)).await?;
    }
    let at = config.clock.now();
    let (kept, under_way) = match &order.target {
        Source::Sqlite(target) => {
            let (manifest, target) = (order.manifest.clone(), target.clone());
            let told = reporter.clone();
            blocking(move || replace_file(&path, &manifest, &target, at, &told)).await?
        }
        Source::Postgres(url) => {
            let url = url.expose_secret();
            replace_database(config, (&path, &order.manifest), url, at, reporter).await?
        }
    };
    Ok(Restored { kept, files: files.done, lost_files: files.lost, under_way })
}

fn replace_file(
    path: &Path,
    manifest: &Manifest,
    target: &Path,
    at: Timestamp,
    reporter: &Reporter,
) -> Result<(Option<String>, UnderWay), BackupError> {
    let moment = at.format("%Y%m%dT%H%M%SZ");
    let folder = folder_of(target);
    make_folder(folder, 0o777).map_err(disk("make the folder of the database"))?;
    let new = ScratchFile(with_ending(target, &format!(".restoring-{moment}")));
    restore_file(path, manifest, &new.0, reporter)?;
    let under_way = lite::under_way(&new.0)?;
    let kept = free_name(target, &format!(".before-restore-{moment}"));
    let has_old = target.exists();
    hand_over(&new.0, target, folder).map_err(disk("give the database to its owner"))?;
    // Nobody writes to the old one from here on.
    let held = set_log_aside(target, &kept, has_old)?;
    let mut copied = None;
    let mut swap = || {
        if has_old {
            // Under both names for a moment: at no time is there none.
            copied = keep(target, &kept)?;
        }
        fs::rename(&new.0, target)?;
        sync_folder(folder)
    };
    swap().map_err(disk("put the database in its place"))?;
    drop((held, copied));
    Ok((has_old.then(|| kept.display().to_string()), under_way))
}

/// Gives a file a second name, or makes a copy that lasts where that cannot be. The handle that was
/// copied from is given: closing it ends the lock on the file.
fn keep(target: &Path, kept: &Path) -> io::Result<Option<File>> {
    if fs::hard_link(target, kept).is_ok() {
        return Ok(None);
    }
    let mut from = File::open(target)?;
    let mut to = create_private(kept)?;
    let mut copy = || {
        let old = from.metadata()?;
        to.set_permissions(fs::Permissions::from_mode(old.mode() & 0o777))?;
        give(&to, &old)?;
        io::copy(&mut from, &mut to)?;
        to.sync_all()
    };
    copy().inspect_err(|_| drop(fs::remove_file(kept)))?;
    Ok(Some(from))
}

/// Sees to it that no log of the old database lies where the new one would take it for its own, and
/// that nobody writes one.
fn set_log_aside(
    target: &Path,
    kept: &Path,
    has_old: bool,
) -> Result<Option<lite::Held>, BackupError> {
    const LOGS: [&str; 3] = ["-wal", "-shm", "-journal"];
    let held = match has_old.then(|| lite::fold_log(target)) {
        Some(Ok(held)) => Some(held),
        Some(Err(source)) if is_locked(&source) => {
            return Err(BackupError::FileInUse { path: target.to_owned(), source });
        }
        Some(Err(error)) if error.is_passing() => {
            return Err(copying("fold the log of the old database")(error));
        }
        // It is damaged, or gone: what lies beside it stays beside it.
        Some(Err(_)) | None => {
            for ending in LOGS {
                match fs::rename(with_ending(target, ending), with_ending(kept, ending)) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => {
                        return Err(disk("keep the log of the old database")(error));
                    }
                    _ => {}
                }
            }
            None
        }
    };
    for ending in LOGS {
        let log = with_ending(target, ending);
        if log.exists() {
            return Err(BackupError::Log(log));
        }
    }
    Ok(held)
}

/// A name that nobody has: two restores may fall into one second.
fn free_name(target: &Path, ending: &str) -> PathBuf {
    let mut name = with_ending(target, ending);
    let mut number = 2;
    while name.exists() {
        name = with_ending(target, &format!("{ending}-{number}"));
        number += 1;
    }
    name
}

/// Whoever could read the old file can read the new one, and nobody else: an operator may restore as
/// another user than the bot's.
fn hand_over(new: &Path, target: &Path, folder: &Path) -> io::Result<()> {
    let old = fs::metadata(target);
    if let Ok(old) = &old {
        fs::set_permissions(new, fs::Permissions::from_mode(old.mode() & 0o777))?;
    }
    let like = match old {
        Ok(old) => old,
        Err(_) => fs::metadata(folder)?,
    };
    give(&File::open(new)?, &like)
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut path = path.to_owned().into_os_string();
    path.push(ending);
    path.into()
}

async fn replace_database(
    config: &BackupConfig,
    (path, manifest): (&Path, &Manifest),
    url: &str,
    at: Timestamp,
    reporter: &Reporter,
) -> Result<(Option<String>, UnderWay), BackupError> {
    let mut server = Server::open(url).await?;
    if !server.may_create().await? {
        let role = server.role.clone();
        let to = "restore beside the old database";
        return Err(BackupError::MayNotCreate { role, to, otherwise: "" });
    }
    let version = server.version().await?;
    let programs = Programs::find(config.pg_bin_dir.as_deref(), version).await?;
    let moment = at.format("%Y%m%dt%H%M%Sz").to_string();
    let new = beside(&server.database, &format!("_restore_{moment}"));
    let mut aside = beside(&server.database, &format!("_before_restore_{moment}"));
    let mut number = 2;
    while server.has(&aside).await? {
        aside = beside(&server.database, &format!("_before_restore_{moment}_{number}"));
        number += 1;
    }
    let had_old = server.has(&server.database.clone()).await?;
    restore_database((path, manifest), (&mut server, url, &programs), &new, reporter).await?;
    let under_way = pg::under_way(url, &new).await?;
    if let Err(error) = take_place(&mut server, url, &new, &aside).await {
        // The old one has its name; what was restored is in nobody's way.
        let _ = server.drop(&new).await;
        return Err(error);
    }
    Ok((had_old.then_some(aside), under_way))
}

/// Changes the names, unless somebody has come since the first look: a restore takes its time.
/// Whoever comes between a look and the change makes the change fail, and is found by the next look.
async fn take_place(
    server: &mut Server,
    url: &str,
    new: &str,
    aside: &str,
) -> Result<(), BackupError> {
    let mut tries = 1;
    loop {
        if server.has(&server.database.clone()).await? {
            // One that is damaged is held by nobody.
            refuse_holders(&pg::holders(url).await.unwrap_or_default())?;
            refuse_sessions(server).await?;
        }
        match server.swap(new, aside).await {
            Ok(()) => return Ok(()),
            Err(error) if tries == SWAP_TRIES => return Err(error.into()),
            Err(_) => tries += 1,
        }
        tokio::time::sleep(SWAP_PAUSE).await;
    }
}
