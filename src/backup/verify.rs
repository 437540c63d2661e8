//! Whether a backup is good: its checksums, then a real restore into a place of its own, where the
//! database checks itself and its rows are counted.

use std::path::Path;

use secrecy::ExposeSecret as _;

use super::blobs;
use super::error::BackupError;
use super::folder::{Folder, Locked};
use super::manifest::{Backend, Manifest};
use super::pg_tools::Programs;
use super::reporter::Reporter;
use super::scratch::{Bench, ScratchFile, blocking, restore_database, restore_file};
use super::seal;
use super::{BackupConfig, Source};

/// How much is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Checksums.
    Quick,
    /// Checksums, and a restore.
    Full,
}

/// Checks a backup. A full check that succeeds is written into its manifest, one that finds it damaged
/// takes an earlier one's word back.
pub async fn verify(
    config: &BackupConfig,
    id: &str,
    depth: Depth,
    reporter: &Reporter,
) -> Result<Manifest, BackupError> {
    let _waited = reporter.waited_for();
    let folder = Folder::new(config.dir.clone());
    let (looking, name) = (folder.clone(), id.to_owned());
    let mut manifest = blocking(move || looking.open(&name)).await?;
    let locking = folder.clone();
    let locked = blocking(move || locking.lock()).await?;
    let checked = check(config, &locked, &manifest, depth, reporter).await;
    let blamed = checked.as_ref().is_err_and(BackupError::blames_backup);
    if blamed || (checked.is_ok() && depth == Depth::Full) {
        let proof = checked.is_ok().then(|| config.clock.now());
        if proof.is_some() || manifest.verified_at.is_some() {
            manifest.verified_at = proof;
            let path = locked.folder.path(id);
            let mut noted = manifest.clone();
            let written = blocking(move || noted.write(&path)).await;
            // That it is damaged is what matters more.
            if checked.is_ok() {
                written?;
            }
        }
    }
    checked.map(|()| manifest)
}

async fn check(
    config: &BackupConfig,
    locked: &Locked,
    manifest: &Manifest,
    depth: Depth,
    reporter: &Reporter,
) -> Result<(), BackupError> {
    let path = locked.folder.path(&manifest.id);
    checksums(&path, manifest, reporter).await?;
    let (folder, copy, told) = (locked.folder.clone(), manifest.clone(), reporter.clone());
    blocking(move || blobs::check(&folder, &copy, &told)).await?;
    if depth == Depth::Full {
        prove(config, &locked.folder, &path, manifest, reporter).await?;
    }
    Ok(())
}

/// Compares the checksums of the files beside a manifest.
pub(super) async fn checksums(
    path: &Path,
    manifest: &Manifest,
    reporter: &Reporter,
) -> Result<(), BackupError> {
    let (path, copy, told) = (path.to_owned(), manifest.clone(), reporter.clone());
    blocking(move || {
        told.begin("checking", copy.bytes());
        copy.sealed().try_for_each(|sealed| seal::check(&copy.id, &path, sealed, &told))
    })
    .await
}

/// Restores what lies at `path` into a place of its own.
pub(super) async fn prove(
    config: &BackupConfig,
    folder: &Folder,
    path: &Path,
    manifest: &Manifest,
    reporter: &Reporter,
) -> Result<(), BackupError> {
    match manifest.backend {
        Backend::Sqlite => {
            let (folder, path) = (folder.clone(), path.to_owned());
            let (copy, told) = (manifest.clone(), reporter.clone());
            blocking(move || {
                folder.must_hold(copy.database.content_bytes)?;
                // Under a name that is cleared should this process be killed.
                let scratch = folder.dir().join(format!(".partial-verify-{}", copy.id));
                super::owner::make_private(&scratch)
                    .map_err(super::error::disk("make a folder to restore into"))?;
                let file = ScratchFile(scratch.join("restored.db"));
                let proven = restore_file(&path, &copy, &file.0, &told);
                drop(file);
                // Whatever is left there is cleared by the next.
                let _ = std::fs::remove_dir_all(scratch);
                proven
            })
            .await
        }
        Backend::Postgres => {
            let Source::Postgres(url) = &config.source else {
                return Err(BackupError::NoServer { id: manifest.id.clone() });
            };
            let url = url.expose_secret();
            let mut bench = Bench::open(url).await?;
            let version = bench.server.version().await?;
            let programs = Programs::find(config.pg_bin_dir.as_deref(), version).await?;
            let name = bench.name();
            let server = (&mut bench.server, url, &programs);
            let proven = restore_database((path, manifest), server, &name, reporter).await;
            let dropped = bench.server.drop(&name).await;
            proven?;
            Ok(dropped?)
        }
    }
}
