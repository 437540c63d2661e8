//! Removes backups that are too many, and contents that no backup names any more.

use super::BackupConfig;
use super::blobs;
use super::error::{BackupError, disk};
use super::folder::Folder;
use super::manifest::Manifest;
use super::scratch::blocking;
use crate::domain::backup::{Keep, Point, expired};

/// What was removed, or would be.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pruned {
    /// Backups, the newest first.
    pub ids: Vec<String>,
    /// Bytes of theirs.
    pub bytes: u64,
    /// Contents of files that nothing names.
    pub files: u64,
    /// Their bytes.
    pub file_bytes: u64,
    /// Backups that are kept.
    pub kept: usize,
    /// Backups that cannot be read: they are left alone, and with them all contents of files.
    pub unreadable: Vec<String>,
}

/// Removes what is too many; only tells what that is when it is a rehearsal.
pub async fn prune(config: &BackupConfig, is_rehearsal: bool) -> Result<Pruned, BackupError> {
    let (folder, keep) = (Folder::new(config.dir.clone()), config.keep);
    blocking(move || prune_now(&folder, keep, is_rehearsal)).await
}

fn prune_now(folder: &Folder, keep: Keep, is_rehearsal: bool) -> Result<Pruned, BackupError> {
    let locked = folder.lock()?;
    let mut pruned = Pruned::default();
    let mut manifests: Vec<Manifest> = Vec::new();
    for entry in folder.list()? {
        match entry.manifest {
            Ok(manifest) => manifests.push(manifest),
            Err(_) => pruned.unreadable.push(entry.id),
        }
    }
    // The list is from the newest on; of two of one moment the later in the list counts as newer.
    manifests.reverse();
    let points: Vec<Point> = manifests
        .iter()
        .map(|it| Point { at: it.created_at, is_verified: it.verified_at.is_some() })
        .collect();
    let gone = expired(&points, keep);
    let of = |place: &usize| manifests.get(*place);
    for manifest in gone.iter().filter_map(of) {
        if !is_rehearsal {
            locked.remove(&manifest.id)?;
        }
        pruned.bytes = pruned.bytes.saturating_add(manifest.bytes());
        pruned.ids.push(manifest.id.clone());
    }
    let kept: Vec<&Manifest> = manifests
        .iter()
        .enumerate()
        .filter_map(|(place, manifest)| (!gone.contains(&place)).then_some(manifest))
        .collect();
    pruned.kept = kept.len();
    if pruned.unreadable.is_empty() {
        for path in blobs::unnamed(folder, &kept)? {
            let removing = disk("remove a copied file");
            let size = path.metadata().map_err(&removing)?.len();
            if !is_rehearsal {
                std::fs::remove_file(&path).map_err(&removing)?;
            }
            pruned.files += 1;
            pruned.file_bytes = pruned.file_bytes.saturating_add(size);
        }
    }
    Ok(pruned)
}
