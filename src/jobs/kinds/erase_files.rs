//! The files that are one person's alone go with them: what they have not published, its previews,
//! and what was fetched of it in part.
//!
//! The words of such files leave the search index for good, too: there they would only be marked.
//!
//! A file is set aside before the last look at who names it, and is put back if anybody does, or if
//! an upload runs that may bring the same: then it is swept away later (`sweep_blobs`), as it is when
//! the process dies here.

use chrono::TimeDelta;

use super::super::attempt::Attempt;
use super::super::error::{Cause, JobError};
use crate::library::blobs::BlobHash;
use crate::library::orphans::Orphans;
use crate::store::records::Belongings;

/// Removes them, once the person's rows are gone.
pub(super) async fn run(attempt: &Attempt, of: Belongings) -> Result<(), JobError> {
    let parts = &attempt.shop.parts;
    for job in of.jobs {
        // What another process fetches it sweeps itself.
        let _ = parts.blobs.forget(job.0).await;
    }
    // A step at a time: whoever writes meanwhile comes in between.
    while !of.hashes.is_empty() && parts.db.index_drop_deleted().await? {}
    let disk = |error| JobError::retry(Cause::Disk(error));
    let orphans = Orphans::new(attempt.shop.config.housekeeping.data_dir.clone());
    // Younger than any file: its age protects none of these.
    let before = parts.clock.now() + TimeDelta::days(1);
    for file in parts.db.contents_erase(of.hashes).await? {
        let Some(hash) = BlobHash::parse(&file) else { continue };
        orphans.set_aside(&hash).await.map_err(disk)?;
        let is_named = !parts.db.blobs_named(vec![file]).await?.is_empty();
        let stays = is_named || parts.db.files_come_in().await?;
        orphans.conclude(&hash, stays, before).await.map_err(disk)?;
    }
    Ok(())
}
