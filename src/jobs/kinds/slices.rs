//! Work on many old rows, a slice at a time: between two slices the database belongs to others for
//! as long as the slice took.

use std::fmt::Write as _;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::super::attempt::Attempt;
use super::super::error::JobError;
use super::super::housekeeping::before;
use super::super::meters;
use crate::domain::clock::Timestamp;
use crate::store::records::{Prune, PruneBatch};

/// Longest work in one go; what is left is for the next time.
const LONGEST: Duration = Duration::from_mins(5);
/// Shortest pause between two slices.
const SHORTEST_PAUSE: Duration = Duration::from_millis(1);
/// How often the progress is written down.
const REPORT_EVERY: Duration = Duration::from_secs(1);

/// The count of what was done so far, by sort.
pub(super) struct Tally<'a> {
    attempt: &'a Attempt,
    counts: Vec<(&'static str, u64)>,
    begun: Instant,
    reported: Instant,
}

impl<'a> Tally<'a> {
    pub fn new(attempt: &'a Attempt) -> Self {
        let now = Instant::now();
        Self { attempt, counts: Vec::new(), begun: now, reported: now }
    }

    /// Counts what a slice has removed, and pauses for as long as it took.
    pub async fn add(
        &mut self,
        what: &'static str,
        count: usize,
        took: Duration,
    ) -> Result<(), JobError> {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        meters::forgotten(what, count);
        match self.counts.iter_mut().find(|(name, _)| *name == what) {
            Some((_, sum)) => *sum = sum.saturating_add(count),
            None => self.counts.push((what, count)),
        }
        if self.reported.elapsed() >= REPORT_EVERY {
            self.report().await?;
        }
        sleep(took.max(SHORTEST_PAUSE)).await;
        Ok(())
    }

    /// Whether the rest has to wait for the next time.
    pub fn is_time_up(&self) -> bool {
        self.begun.elapsed() >= LONGEST
    }

    /// Writes the count down, where `primelingo jobs show` finds it, and closes the job.
    pub async fn close(mut self) -> Result<(), JobError> {
        self.report().await?;
        self.attempt.close().await
    }

    async fn report(&mut self) -> Result<(), JobError> {
        self.reported = Instant::now();
        let mut text = String::new();
        for (what, count) in &self.counts {
            let comma = if text.is_empty() { "" } else { ", " };
            // A String takes whatever is written.
            let _ = write!(text, "{comma}{what}: {count}");
        }
        let Attempt { shop, job, token, .. } = self.attempt;
        Ok(shop.parts.db.job_report(*job, *token, text).await?)
    }
}

/// What one sort of rows is called, and how long it is kept.
pub(super) struct Rule {
    pub name: &'static str,
    pub what: Prune,
    pub keep: Duration,
}

/// Forgets what is older than the rules keep, and closes the job.
pub(super) async fn prune(attempt: &Attempt, rules: &[Rule]) -> Result<(), JobError> {
    let parts = &attempt.shop.parts;
    let limit = attempt.shop.config.housekeeping.batch;
    let now = parts.db.database_now().await?;
    let mut tally = Tally::new(attempt);
    for rule in rules {
        let batch = PruneBatch { what: rule.what, before: before(now, rule.keep), limit };
        loop {
            let begun = Instant::now();
            let count = parts.db.prune(batch).await?;
            tally.add(rule.name, count, begun.elapsed()).await?;
            let is_last = i64::try_from(count).is_ok_and(|count| count < limit);
            if is_last || tally.is_time_up() {
                break;
            }
        }
    }
    tally.close().await
}

/// The time by the database's clock.
pub(super) async fn now(attempt: &Attempt) -> Result<Timestamp, JobError> {
    Ok(attempt.shop.parts.db.database_now().await?)
}
