//! Makes a backup: copies the database as it is at one moment, packs it, copies the files, proves it,
//! and only then gives it its name.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use secrecy::ExposeSecret as _;

use super::blobs;
use super::error::{BackupError, copying, disk};
use super::folder::{Folder, Locked};
use super::manifest::{FileCopies, Manifest};
use super::pg_tools::{Programs, first_of};
use super::reporter::Reporter;
use super::scratch::{ScratchFile, blocking};
use super::seal::{Sealed, seal};
use super::verify::{checksums, prove};
use super::{BackupConfig, Source};
use crate::library::blobs::BlobStore;
use crate::store::backup::pg::{self, Address, Server, Snapshot};
use crate::store::backup::{Census, lite};

/// What stays free beside what is written.
const RESERVE: u64 = 16 << 20;

/// What was copied of a database.
struct Copied {
    database: Sealed,
    census: Census,
    /// The contents that it names.
    names: Vec<String>,
}

/// Makes a backup, within the time that is set for it.
pub async fn create(config: &BackupConfig, reporter: &Reporter) -> Result<Manifest, BackupError> {
    let _waited = reporter.waited_for();
    let making = Box::pin(make(config, reporter));
    tokio::time::timeout(config.timeout, making)
        .await
        .unwrap_or_else(|_elapsed| Err(BackupError::TimedOut(config.timeout.as_secs())))
}

async fn make(config: &BackupConfig, reporter: &Reporter) -> Result<Manifest, BackupError> {
    let folder = Folder::new(config.dir.clone());
    if let Source::Sqlite(path) = &config.source
        && !path.is_file()
    {
        return Err(BackupError::NoSource(path.clone()));
    }
    // A copy of what no start takes would be proven, and of no use.
    match &config.source {
        Source::Sqlite(path) => {
            let path = path.clone();
            blocking(move || Ok(lite::check(&path)?)).await?;
        }
        Source::Postgres(url) => pg::check(url.expose_secret()).await?,
    }
    let (at, backend) = (config.clock.now(), config.source.backend());
    let (locked, partial) = blocking(move || {
        let locked = folder.lock()?;
        let partial = locked.begin(at, backend)?;
        Ok((locked, partial))
    })
    .await?;
    let copied = match &config.source {
        Source::Sqlite(path) => copy_file(&locked, path, &partial.path, reporter).await?,
        Source::Postgres(url) => {
            copy_server(config, &locked, url.expose_secret(), &partial.path, reporter).await?
        }
    };
    let files = copy_files(config, &locked, copied.names, &partial.path, reporter).await?;
    let Census { schema, rows, .. } = copied.census;
    if rows.is_empty() {
        return Err(BackupError::NoTables);
    }
    let named = (partial.id.as_str(), at);
    let by = (config.program.as_str(), config.shown.as_str());
    let mut manifest = Manifest::new(named, by, backend, (schema, rows), (copied.database, files));
    if config.verify {
        // What lies on the disk, not what was meant to.
        checksums(&partial.path, &manifest, reporter).await?;
        prove(config, &locked.folder, &partial.path, &manifest, reporter).await?;
        manifest.verified_at = Some(config.clock.now());
    }
    blocking(move || {
        manifest.write(&partial.path)?;
        locked.place(partial)?;
        Ok(manifest)
    })
    .await
}

async fn copy_file(
    locked: &Locked,
    source: &Path,
    partial: &Path,
    reporter: &Reporter,
) -> Result<Copied, BackupError> {
    let (folder, source) = (locked.folder.clone(), source.to_owned());
    let (partial, told) = (partial.to_owned(), reporter.clone());
    blocking(move || {
        let mut log = source.clone().into_os_string();
        log.push("-wal");
        // What is in the log becomes part of the copy.
        let log = fs::metadata(log).map_or(0, |log| log.len());
        let size = fs::metadata(&source).map_err(disk("read the database"))?.len() + log;
        // The copy, and what becomes of it: a third of it at most, as texts and ids go.
        folder.must_hold(size.saturating_add(size / 2).saturating_add(RESERVE))?;
        let copy = ScratchFile(partial.join("copy.db"));
        told.begin("copying", 0);
        lite::snapshot(&source, &copy.0).map_err(copying("copy the database"))?;
        told.more(0).map_err(disk("copy the database"))?;
        told.begin("counting", 0);
        let census = lite::census(&copy.0)?;
        let names = lite::files(&copy.0)?;
        let file = File::open(&copy.0).map_err(disk("read the copy"))?;
        told.begin("packing", file.metadata().map_err(disk("read the copy"))?.len());
        let database = seal(file, &partial, "database.sqlite.zst", &told);
        let database = database.map_err(disk("write the backup"))?;
        Ok(Copied { database, census, names })
    })
    .await
}

async fn copy_server(
    config: &BackupConfig,
    locked: &Locked,
    url: &str,
    partial: &Path,
    reporter: &Reporter,
) -> Result<Copied, BackupError> {
    let address = Address::parse(url)?;
    let mut server = Server::open(url).await?;
    let version = server.version().await?;
    let programs = Programs::find(config.pg_bin_dir.as_deref(), version).await?;
    let size = server.size(&server.database.clone()).await?;
    drop(server);
    locked.folder.must_hold((size / 2).saturating_add(RESERVE))?;
    reporter.begin("counting", 0);
    let mut snapshot = Snapshot::take(url).await?;
    let names = snapshot.files().await?;
    reporter.begin("packing", size);
    let (running, from) = programs.dump(&address, &snapshot.name)?;
    let (folder, told): (PathBuf, _) = (partial.to_owned(), reporter.clone());
    let mut database = None;
    let (ended, sealed) = tokio::join!(
        running.finish(),
        blocking(move || {
            seal(from, &folder, "database.pgdump.zst", &told).map_err(disk("write the backup"))
        })
    );
    let sealed = sealed.map(|sealed| database = Some(sealed));
    first_of(ended, sealed)?;
    let database = database.ok_or_else(|| BackupError::Broken("no dump".to_owned()))?;
    Ok(Copied { database, census: snapshot.census, names })
}

async fn copy_files(
    config: &BackupConfig,
    locked: &Locked,
    names: Vec<String>,
    partial: &Path,
    reporter: &Reporter,
) -> Result<FileCopies, BackupError> {
    let from = BlobStore::new(config.data_dir.clone(), "");
    if !config.files {
        let count = u64::try_from(names.len()).unwrap_or(u64::MAX);
        return Ok(FileCopies { count, bytes: 0, missing: 0, list: None });
    }
    let (folder, partial) = (locked.folder.clone(), partial.to_owned());
    let told = reporter.clone();
    blocking(move || {
        let wanted = blobs::wanted(&folder, &from, &names);
        folder.must_hold(wanted.saturating_add(RESERVE))?;
        blobs::copy(&folder, &from, &names, &partial, &told)
    })
    .await
}
