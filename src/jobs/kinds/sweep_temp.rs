//! `sweep_temp`: half-fetched files of instances that never came back are removed. An instance that
//! comes back removes its own at its start.

use tokio::time::Instant;

use super::super::attempt::Attempt;
use super::super::error::JobError;
use super::slices::{Tally, now};
use crate::library::blobs::BlobStore;

/// An owner that no instance has: of the files of all others those are taken that are old enough.
const NOBODY: &str = "";

/// Does it.
pub(in crate::jobs) async fn run(attempt: &Attempt) -> Result<(), JobError> {
    let data_dir = attempt.shop.config.housekeeping.data_dir.clone();
    let now = now(attempt).await?;
    let mut tally = Tally::new(attempt);
    let begun = Instant::now();
    let count = BlobStore::new(data_dir, NOBODY).sweep(now).await?;
    tally.add("temporary_files", count, begun.elapsed()).await?;
    tally.close().await
}
