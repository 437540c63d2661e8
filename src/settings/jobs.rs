//! `[jobs]`: background work.

use std::time::Duration;

use serde::Deserialize;

use super::check::Check;
use super::value;

/// Ten years, seconds: "for ever" for the rows of jobs.
pub(super) const KEEP_MAX_S: u64 = 315_360_000;

/// How background work is claimed, tried again and forgotten.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobsSettings {
    /// Jobs that run at the same time in one process.
    pub workers: usize,
    /// A worker that shows no life for so long loses its job to another, seconds.
    pub lease_s: u64,
    /// How often a worker shows that it lives, seconds.
    pub beat_s: u64,
    /// How often the queue is read even when no doorbell rang, milliseconds.
    pub poll_interval_ms: u64,
    /// Tries after which a job has failed for good.
    pub max_attempts: u32,
    /// Wait before the second try, doubled with each further one, seconds.
    pub backoff_base_s: f64,
    /// Longest wait between two tries, seconds.
    pub backoff_max_s: u64,
    /// Wait of a job over which the process has died twice, seconds.
    pub probation_s: u64,
    /// Longest run of one job that has no limit of its own, seconds.
    pub process_timeout_s: u64,
    /// Finished jobs are kept for so long, seconds.
    pub done_keep_s: u64,
    /// Failed jobs are kept for so long, seconds.
    pub failed_keep_s: u64,
    /// Name of the queue.
    pub queue: String,
}

impl JobsSettings {
    /// A worker that shows no life for so long loses its job to another.
    pub const fn lease(&self) -> Duration {
        Duration::from_secs(self.lease_s)
    }

    /// How often a worker shows that it lives.
    pub const fn beat(&self) -> Duration {
        Duration::from_secs(self.beat_s)
    }

    /// How often the queue is read even when no doorbell rang.
    pub const fn poll_interval(&self) -> Duration {
        Duration::from_millis(self.poll_interval_ms)
    }

    /// Wait before the second try, doubled with each further one.
    pub fn backoff_base(&self) -> Duration {
        value::seconds(self.backoff_base_s)
    }

    /// Longest wait between two tries.
    pub const fn backoff_max(&self) -> Duration {
        Duration::from_secs(self.backoff_max_s)
    }

    /// Wait of a job over which the process has died twice, before its last try.
    pub const fn probation(&self) -> Duration {
        Duration::from_secs(self.probation_s)
    }

    /// Longest run of one job that has no limit of its own.
    pub const fn process_timeout(&self) -> Duration {
        Duration::from_secs(self.process_timeout_s)
    }

    /// Finished jobs are kept for so long.
    pub const fn done_keep(&self) -> Duration {
        Duration::from_secs(self.done_keep_s)
    }

    /// Failed jobs are kept for so long.
    pub const fn failed_keep(&self) -> Duration {
        Duration::from_secs(self.failed_keep_s)
    }

    pub(super) fn check(&self, check: &mut Check<'_>) {
        check.range("workers", self.workers, 1..=256);
        check.range("lease_s", self.lease_s, 3..=3600);
        check.range("beat_s", self.beat_s, 1..=1200);
        let is_beat_short = self.beat_s.saturating_mul(2) <= self.lease_s;
        check.demand("beat_s", is_beat_short, "at most half of jobs.lease_s");
        check.range("poll_interval_ms", self.poll_interval_ms, 50..=60_000);
        check.range("max_attempts", self.max_attempts, 1..=100);
        check.range("backoff_base_s", self.backoff_base_s, 0.1..=3600.0);
        check.range("backoff_max_s", self.backoff_max_s, 1..=86_400);
        let is_wait_ordered = self.backoff_base() <= self.backoff_max();
        check.demand("backoff_max_s", is_wait_ordered, "at least jobs.backoff_base_s");
        check.range("probation_s", self.probation_s, 1..=3600);
        check.range("process_timeout_s", self.process_timeout_s, 1..=86_400);
        check.range("done_keep_s", self.done_keep_s, 0..=KEEP_MAX_S);
        check.range("failed_keep_s", self.failed_keep_s, 0..=KEEP_MAX_S);
        let is_queue =
            (1..=64).contains(&self.queue.len()) && self.queue.bytes().all(value::is_word_byte);
        check.demand("queue", is_queue, "1 to 64 of a-z A-Z 0-9 _ -");
    }
}
