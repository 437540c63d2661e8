//! `prune_instances`: signs of life of workers, and of instances that ended in order, are forgotten.

use tokio::time::Instant;

use super::super::attempt::Attempt;
use super::super::error::JobError;
use super::super::housekeeping::before;
use super::slices::{Tally, now};
use crate::store::records::{Prune, PruneBatch};

/// Does it. There are as many rows as there were processes: one slice is all.
pub(in crate::jobs) async fn run(attempt: &Attempt) -> Result<(), JobError> {
    let (db, keep) = (&attempt.shop.parts.db, &attempt.shop.config.housekeeping);
    let before = before(now(attempt).await?, keep.instances_keep);
    let mut tally = Tally::new(attempt);
    let begun = Instant::now();
    let count = db.prune(PruneBatch { what: Prune::Leases, before, limit: keep.batch }).await?;
    tally.add("leases", count, begun.elapsed()).await?;
    let begun = Instant::now();
    let count = db.prune_instances(before).await?;
    tally.add("instances", count, begun.elapsed()).await?;
    tally.close().await
}
