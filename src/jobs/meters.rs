//! The numbers that background work shows, with closed sets of labels.

use std::time::Duration;

use crate::domain::clock::Timestamp;
use crate::domain::effect::JobKind;
use crate::domain::statistics::{DayFigures, DayPeople};
use crate::store::records::JobCount;

/// The task of a job whose payload cannot be read.
const UNKNOWN_TASK: &str = "unknown";

/// How a job's attempt ended, for `primelingo_jobs_total`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Ok,
    Retry,
    Dead,
    /// Its worker lost or released it.
    Cancelled,
    Timeout,
}

impl Outcome {
    const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Retry => "retry",
            Self::Dead => "dead",
            Self::Cancelled => "cancelled",
            Self::Timeout => "timeout",
        }
    }
}

/// An attempt begins at a job that was due for so long.
pub(super) fn job_begun(queue: &str, waited: Duration) {
    metrics::histogram!("primelingo_job_wait_seconds", "queue" => queue.to_owned()).record(waited);
}

/// How a queue stands.
pub(super) fn depth(queue: &str, counts: &[JobCount], now: Timestamp) {
    let of = |standing: &str| {
        counts.iter().find(|count| count.queue == queue && count.standing == standing)
    };
    for standing in ["ready", "scheduled", "running", "retry", "dead"] {
        let count = of(standing).map_or(0, |count| count.count);
        metrics::gauge!("primelingo_queue_depth", "queue" => queue.to_owned(), "state" => standing)
            .set(f64::from(u32::try_from(count).unwrap_or(u32::MAX)));
    }
    let age = of("ready").map(|count| now.signed_duration_since(count.due));
    let age = age.and_then(|age| age.to_std().ok()).unwrap_or_default();
    metrics::gauge!("primelingo_queue_oldest_job_age_seconds", "queue" => queue.to_owned())
        .set(age.as_secs_f64());
}

/// Whether a queue is held by an operator.
pub(super) fn paused(queue: &str, is_paused: bool) {
    metrics::gauge!("primelingo_queue_paused", "queue" => queue.to_owned())
        .set(f64::from(u8::from(is_paused)));
}

/// The people of the newest day that was counted, and how many came back.
pub(super) fn school(day: &DayFigures) {
    let exact = |count: u64| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    let DayPeople { users, reachable, active, kept, .. } = day.people;
    for (state, count) in [("active", reachable), ("blocked", users.saturating_sub(reachable))] {
        metrics::gauge!("primelingo_users", "state" => state).set(exact(count));
    }
    for (window, count) in ["1d", "7d", "30d"].into_iter().zip(active) {
        metrics::gauge!("primelingo_active_users", "window" => window).set(exact(count));
    }
    for (cohort, (seen, of)) in ["d1", "d7", "d30"].into_iter().zip(kept) {
        // Of nobody, nobody stays away.
        if of > 0 {
            metrics::gauge!("primelingo_retention_ratio", "cohort" => cohort)
                .set(exact(seen) / exact(of));
        }
    }
}

/// Rows or files were forgotten.
pub(super) fn forgotten(what: &'static str, count: u64) {
    metrics::counter!("primelingo_housekeeping_removed_total", "what" => what).increment(count);
}

/// An attempt is over.
pub(super) fn job_ended(queue: &str, kind: Option<&JobKind>, outcome: Outcome, took: Duration) {
    let task = kind.map_or(UNKNOWN_TASK, JobKind::name);
    metrics::counter!(
        "primelingo_jobs_total",
        "queue" => queue.to_owned(), "task" => task, "outcome" => outcome.name()
    )
    .increment(1);
    metrics::histogram!("primelingo_job_duration_seconds", "task" => task).record(took);
}

/// Something was given up because it took too long.
pub(super) fn timed_out(op: &'static str) {
    metrics::counter!("primelingo_timeouts_total", "op" => op).increment(1);
}

/// What was tried again has come to an end: a `download`, or a `job` as a whole.
pub(super) fn retried(op: &'static str, succeeded: bool) {
    let outcome = if succeeded { "recovered" } else { "exhausted" };
    metrics::counter!("primelingo_retries_total", "op" => op, "outcome" => outcome).increment(1);
}

/// How many workers are at work, and how many wait.
pub(super) fn workers(queue: &str, busy: usize, idle: usize) {
    for (state, count) in [("busy", busy), ("idle", idle)] {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        metrics::gauge!("primelingo_workers", "queue" => queue.to_owned(), "state" => state)
            .set(count);
    }
}

/// Jobs were given back whose worker is gone.
pub(super) fn rescued(queue: &str, count: usize) {
    let count = u64::try_from(count).unwrap_or(u64::MAX);
    metrics::counter!("primelingo_jobs_rescued_total", "queue" => queue.to_owned())
        .increment(count);
}

/// What became of an upload: `ok`, `duplicate`, `rejected`, `failed` or `cancelled`.
pub(super) fn upload_ended(outcome: &'static str) {
    metrics::counter!("primelingo_uploads_total", "outcome" => outcome).increment(1);
}

/// Bytes that were fetched.
pub(super) fn upload_bytes(bytes: u64) {
    metrics::counter!("primelingo_upload_bytes_total").increment(bytes);
}

/// How long a stage of an upload took: `download` (with hashing), `index`, `preview` or
/// `total`.
pub(super) fn upload_stage(stage: &'static str, took: Duration) {
    metrics::histogram!("primelingo_upload_duration_seconds", "stage" => stage).record(took);
}

/// Bytes on disk that no row names yet, for as long as this value lives.
pub(super) struct InFlight(u32);

impl InFlight {
    /// So many bytes more. Metrics are floating-point numbers: they are counted in KiB inside.
    pub(super) fn new(bytes: u64) -> Self {
        let kib = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX);
        metrics::gauge!("primelingo_upload_in_flight_bytes").increment(f64::from(kib) * 1024.0);
        Self(kib)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        metrics::gauge!("primelingo_upload_in_flight_bytes").decrement(f64::from(self.0) * 1024.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::MaterialId;
    use crate::meters::CATALOGUE;

    #[test]
    fn tasks_are_those_of_the_catalogue() {
        for name in ["primelingo_jobs_total", "primelingo_jobs_enqueued_total"] {
            let family = CATALOGUE.iter().find(|family| family.name == name).expect("there");
            let tasks = family.label("task").expect("a label").values;
            let upload = JobKind::ProcessUpload { material: MaterialId(1) };
            for kind in JobKind::RECURRING.iter().chain([&upload]) {
                assert!(tasks.contains(&kind.name()), "{} is not in the catalogue", kind.name());
            }
            assert!(tasks.contains(&UNKNOWN_TASK));
        }
    }
}
