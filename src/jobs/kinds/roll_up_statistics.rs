//! `roll_up_statistics`: counts what `/stats` shows, and forgets what was counted long ago.
//!
//! Whatever is read or removed comes in slices: see `library::statistics` and `slices`.

use tokio::time::Instant;

use super::super::attempt::Attempt;
use super::super::error::JobError;
use super::slices::{Tally, now};
use crate::domain::statistics::Day;
use crate::jobs::meters;
use crate::library::statistics::roll_up;
use crate::store::records::StatsPrune;

/// Does it.
pub(in crate::jobs) async fn run(attempt: &Attempt) -> Result<(), JobError> {
    let db = &attempt.shop.parts.db;
    let keep = &attempt.shop.config.housekeeping;
    let now = now(attempt).await?;
    let newest = roll_up(db, now, keep.statistics.slice, |_, _| {}).await?;
    meters::school(&newest);
    db.search_keys_prune(Day::of(now)).await?;
    let before = Day::of(now).minus(keep.statistics.keep_days);
    let mut tally = Tally::new(attempt);
    for (name, what) in
        [("search_days", StatsPrune::Searches), ("material_days", StatsPrune::Materials)]
    {
        loop {
            let begun = Instant::now();
            let count = db.stats_prune(what, before, keep.batch).await?;
            tally.add(name, count, begun.elapsed()).await?;
            let is_last = i64::try_from(count).is_ok_and(|count| count < keep.batch);
            if is_last || tally.is_time_up() {
                break;
            }
        }
    }
    tally.close().await
}
