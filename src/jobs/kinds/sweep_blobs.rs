//! `sweep_blobs`: contents that no material has are forgotten, then files that nothing names are
//! removed.
//!
//! Race known and accepted: the file of an upload that ends at this very moment may be missing for
//! the time between setting it aside and putting it back, some milliseconds.

use std::collections::HashSet;
use std::io;

use tokio::time::Instant;

use super::super::attempt::Attempt;
use super::super::error::{Cause, JobError};
use super::super::housekeeping::before;
use super::slices::{Tally, now};
use crate::domain::clock::Timestamp;
use crate::library::blobs::BlobHash;
use crate::library::orphans::Orphans;
use crate::store::records::ContentsPruned;

/// Does it.
pub(in crate::jobs) async fn run(attempt: &Attempt) -> Result<(), JobError> {
    let keep = &attempt.shop.config.housekeeping;
    let before = before(now(attempt).await?, keep.blobs_grace);
    let mut tally = Tally::new(attempt);
    forget_contents(attempt, before, &mut tally).await?;
    let orphans = Orphans::new(keep.data_dir.clone());
    // What an earlier attempt has not come to decide.
    let left = orphans.set_aside_before().await.map_err(disk)?;
    conclude(attempt, &orphans, left, before, &mut tally).await?;
    let slice = usize::try_from(keep.batch).unwrap_or(1).max(1);
    for folder in orphans.folders().await.map_err(disk)? {
        let old = orphans.old_in(folder, before).await.map_err(disk)?;
        for candidates in old.chunks(slice) {
            let doomed = unnamed(attempt, candidates).await?;
            for hash in &doomed {
                orphans.set_aside(hash).await.map_err(disk)?;
            }
            conclude(attempt, &orphans, doomed, before, &mut tally).await?;
        }
        if tally.is_time_up() {
            break;
        }
    }
    tally.close().await
}

async fn forget_contents(
    attempt: &Attempt,
    before: Timestamp,
    tally: &mut Tally<'_>,
) -> Result<(), JobError> {
    let limit = attempt.shop.config.housekeeping.batch;
    let mut after = String::new();
    loop {
        let begun = Instant::now();
        let ContentsPruned { removed, last } =
            attempt.shop.parts.db.contents_prune(after, before, limit).await?;
        tally.add("contents", removed, begun.elapsed()).await?;
        match last {
            Some(last) => after = last,
            None => return Ok(()),
        }
    }
}

/// Looks again at what was set aside, and removes what is still named by nothing.
async fn conclude(
    attempt: &Attempt,
    orphans: &Orphans,
    aside: Vec<BlobHash>,
    before: Timestamp,
    tally: &mut Tally<'_>,
) -> Result<(), JobError> {
    if aside.is_empty() {
        return Ok(());
    }
    let begun = Instant::now();
    let unnamed: HashSet<BlobHash> = unnamed(attempt, &aside).await?.into_iter().collect();
    let mut removed = 0;
    for hash in &aside {
        let freed = orphans.conclude(hash, !unnamed.contains(hash), before).await.map_err(disk)?;
        removed += usize::from(freed.is_some());
    }
    tally.add("files", removed, begun.elapsed()).await
}

/// Those of these files that nothing names.
async fn unnamed(attempt: &Attempt, hashes: &[BlobHash]) -> Result<Vec<BlobHash>, JobError> {
    let asked = hashes.iter().map(BlobHash::to_string).collect();
    let named = attempt.shop.parts.db.blobs_named(asked).await?;
    let named: HashSet<&str> = named.iter().map(String::as_str).collect();
    Ok(hashes.iter().filter(|hash| !named.contains(hash.as_str())).cloned().collect())
}

fn disk(error: io::Error) -> JobError {
    JobError::retry(Cause::Disk(error))
}
