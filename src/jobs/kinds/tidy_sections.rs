//! `tidy_sections`: after sections were merged, the materials that were too many for one transaction
//! follow, a slice at a time. Until then learners find them by search, and in the other section a
//! little later.

use tokio::time::Instant;

use super::super::attempt::Attempt;
use super::super::error::JobError;
use super::slices::Tally;

/// Does it: for all mergers, whichever has asked for it. What is moved stays moved, so that an
/// attempt that ends in the middle is gone on with by the next.
pub(in crate::jobs) async fn run(attempt: &Attempt) -> Result<(), JobError> {
    let db = &attempt.shop.parts.db;
    let limit = attempt.shop.config.housekeeping.batch;
    let mut tally = Tally::new(attempt);
    loop {
        let begun = Instant::now();
        let count = db.sections_tidy(limit).await?;
        if count == 0 {
            return tally.close().await;
        }
        tally.add("moved", count, begun.elapsed()).await?;
    }
}
