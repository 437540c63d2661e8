//! One attempt at a job: run it behind a panic barrier, a timeout and the beats of its lease, and
//! write down how it ended.
//!
//! The attempt's future is dropped when the lease is lost, the time is up or the program stops.
//! That is safe: it only moves bytes to a temporary file (removed with it), waits for a child
//! process (killed with it) and for calls of the store, which go on by themselves and are fenced by
//! the token.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use super::Shop;
use super::error::{Cause, JobError};
use super::kinds;
use super::messages::{Ended, RunJob};
use super::meters::{self, Outcome};
use super::stopwatch::Stopwatch;
use super::verdict::Verdict;
use crate::domain::clock::Timestamp;
use crate::domain::effect::{CardStage, JobKind};
use crate::domain::ids::JobId;
use crate::domain::trace::Trace;
use crate::runtime::{Area, WorkError, redact, unquoted};
use crate::store::StoreError;
use crate::store::records::{JobEnd, JobStanding};

/// Deaths of the process alone with a job after which that is given up.
const DEATHS_MAX: i32 = 2;

/// How often an attempt's pulse is looked at, and whether its job is still its own: a cancelled job
/// ends within two seconds.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What a backup may take beyond its own limit, to tidy up.
const BACKUP_MARGIN: Duration = Duration::from_mins(5);

/// One attempt, as the kinds of jobs see it.
#[derive(Clone)]
pub(super) struct Attempt {
    pub(super) shop: Arc<Shop>,
    pub(super) job: JobId,
    /// Without it nothing is written.
    pub(super) token: i64,
    /// What it follows from.
    pub(super) trace: Trace,
    /// From 1.
    number: u32,
    /// Its time: [`JobsConfig::process_timeout`](super::JobsConfig::process_timeout) at most.
    pub(super) stopwatch: Stopwatch,
}

/// Runs an attempt to its end, and writes the outcome down. Never fails: what could not be written
/// comes back when the lease is over.
pub(super) async fn conduct(shop: Arc<Shop>, run: RunJob) -> Ended {
    let (trace, id, attempt) = (run.job.trace, run.job.id.0, run.job.attempt);
    let span = tracing::info_span!("job", %trace, job.id = id, attempt);
    let conducting = async {
        tracing::debug!("job begins");
        let ended = conduct_in_span(shop, run).await;
        tracing::debug!(?ended, "job ends");
        ended
    };
    conducting.instrument(span).await
}

async fn conduct_in_span(shop: Arc<Shop>, run: RunJob) -> Ended {
    let RunJob { job, stop, permit } = run;
    let begun = Instant::now();
    let number = u32::try_from(job.attempt).unwrap_or(1);
    let faults = u32::try_from(job.faults).unwrap_or(0);
    let stopwatch = Stopwatch::start();
    let trace = job.trace;
    let attempt = Attempt { shop, job: job.id, token: job.token, trace, number, stopwatch };
    meters::job_begun(&attempt.shop.config.queue, job.waited);
    // The first death, of which many may be suspected, is not one of its own.
    let deaths_alone = job.suspicion - 1;
    let (kind, outcome) = match serde_json::from_str::<JobKind>(&job.payload) {
        Ok(kind) if deaths_alone >= DEATHS_MAX => {
            (Some(kind), Err(JobError::Fail(Cause::Deadly(deaths_alone))))
        }
        Ok(kind) => {
            let outcome = run_watched(&attempt, kind.clone(), stop).await;
            (Some(kind), outcome)
        }
        Err(error) => (None, Err(JobError::Fail(Cause::Payload(error)))),
    };
    let (ended, label) = match &outcome {
        Ok(()) => (Ended::Done, Outcome::Ok),
        Err(error) => attempt.settle(kind.as_ref(), faults, error).await,
    };
    if matches!(outcome, Err(JobError::Retry { cause: Cause::Stuck, .. })) {
        // After its fault is written down: a restart that follows from this must not undo it.
        attempt.shop.parts.work.note_lost_thread();
    }
    if number > 1 && matches!(label, Outcome::Ok | Outcome::Dead) {
        meters::retried("job", label == Outcome::Ok);
    }
    meters::job_ended(&attempt.shop.config.queue, kind.as_ref(), label, begun.elapsed());
    drop(permit);
    ended
}

/// Runs the attempt where its panic is caught and an endless loop is seen. Half of the lease must be
/// left then, to write the fault down: an attempt that holds its thread beats no more.
async fn run_watched(
    attempt: &Attempt,
    kind: JobKind,
    stop: CancellationToken,
) -> Result<(), JobError> {
    let running = guarded(attempt.clone(), kind, stop);
    let (mut running, pulse) = attempt.shop.parts.work.spawn_watched(Area::Job, running);
    let limit = attempt.shop.config.lease / 2;
    loop {
        if let Ok(ended) = timeout(LOOK_EVERY, &mut running).await {
            return ended.unwrap_or_else(|error| Err(broken(error)));
        }
        if pulse.holds_thread().is_some_and(|held| held > limit) {
            return Err(JobError::retry(Cause::Stuck));
        }
    }
}

/// A panic counts as an ordinary failure. A runtime that is going down takes this future with it,
/// too: whatever is said then, nobody hears.
fn broken(error: WorkError) -> JobError {
    match error {
        WorkError::Panicked(message) => JobError::retry(Cause::Panicked(message)),
        WorkError::Cancelled => JobError::LeaseLost,
    }
}

async fn guarded(attempt: Attempt, kind: JobKind, stop: CancellationToken) -> Result<(), JobError> {
    let limit = attempt.limit(&kind);
    tokio::select! {
        outcome = kinds::perform(&attempt, kind) => outcome,
        () = attempt.stopwatch.reaches(limit) => {
            meters::timed_out("job");
            Err(JobError::retry(Cause::TimedOut(limit)))
        }
        lost = attempt.keep_lease() => Err(lost),
        () = stop.cancelled() => Err(JobError::Released),
    }
}

impl Attempt {
    /// How long an attempt at that kind of job may take.
    fn limit(&self, kind: &JobKind) -> Duration {
        let config = &self.shop.config;
        match (kind, &config.backup) {
            // It has a limit of its own inside, and what it says then is clearer.
            (JobKind::MakeBackup, Some(backup)) => backup.timeout + BACKUP_MARGIN,
            _ => config.process_timeout,
        }
    }

    /// Closes the job when there is nothing (more) to do.
    pub(super) async fn close(&self) -> Result<(), JobError> {
        Ok(self.end(JobEnd::Done).await?)
    }

    /// Ends the attempt with nothing else to be written.
    pub(super) async fn end(&self, end: JobEnd) -> Result<(), StoreError> {
        let parts = &self.shop.parts;
        parts.db.job_end(self.job, self.token, end, parts.clock.now()).await
    }

    /// Prolongs the lease; false when the job is not ours any more.
    async fn beat(&self) -> Result<bool, StoreError> {
        fail_point!(JobBeat => StoreError::Fault { call: "job", what: "a fail point" });
        let parts = &self.shop.parts;
        let lease_until = parts.db.database_now().await? + self.shop.config.lease;
        parts.db.job_beat(self.job, self.token, lease_until).await
    }

    /// Beats until the job is not ours any more; gives why.
    async fn keep_lease(&self) -> JobError {
        let Shop { config, parts, .. } = &*self.shop;
        let mut next_beat = Instant::now() + config.beat;
        loop {
            sleep(LOOK_EVERY.min(config.beat)).await;
            match parts.db.job_stands(self.job, self.token).await {
                // A database that is away is told of by the beat.
                Ok(JobStanding::Ours) | Err(_) => {}
                Ok(JobStanding::Cancelled) => return JobError::Cancelled,
                Ok(JobStanding::Lost) => return JobError::LeaseLost,
            }
            if Instant::now() < next_beat {
                continue;
            }
            next_beat = Instant::now() + config.beat;
            match self.beat().await {
                Ok(true) => {}
                Ok(false) => return JobError::LeaseLost,
                // Should the lease run out meanwhile, the token keeps us from doing harm.
                Err(error) => error.tell("beat failed"),
            }
        }
    }

    /// Writes down what follows from a failure.
    async fn settle(
        &self,
        kind: Option<&JobKind>,
        faults: u32,
        error: &JobError,
    ) -> (Ended, Outcome) {
        let Shop { config, parts, .. } = &*self.shop;
        let verdict = config.retry.verdict(error, self.number, faults, (parts.random)());
        if verdict == Verdict::Silence {
            if matches!(error, JobError::Cancelled) {
                tracing::info!(job.id = self.job.0, "job was cancelled");
            } else {
                tracing::info!(job.id = self.job.0, "job was taken over by another worker");
            }
            return (Ended::Left, Outcome::Cancelled);
        }
        // It is kept, and shown to operators.
        let report = unquoted(&redact(&error.report())).into_owned();
        let number = self.number;
        if verdict == Verdict::Dead {
            tracing::error!(job.id = self.job.0, attempt = number, error = report, "job failed");
        } else {
            tracing::warn!(job.id = self.job.0, attempt = number, error = report, "attempt failed");
        }
        match self.write_down(kind, verdict, error, report).await {
            Ok(settled) => settled,
            Err(error) => {
                let error = error.report();
                tracing::warn!(job.id = self.job.0, error, "end of an attempt is not written");
                (Ended::Left, Outcome::Cancelled)
            }
        }
    }

    /// The card first, so that a crash in between leaves a job that runs again and not an editor
    /// who waits. The beat before it makes sure that nobody else writes on that card.
    async fn write_down(
        &self,
        kind: Option<&JobKind>,
        verdict: Verdict,
        error: &JobError,
        report: String,
    ) -> Result<(Ended, Outcome), JobError> {
        if !self.beat().await? {
            return Err(JobError::LeaseLost);
        }
        match verdict {
            Verdict::Again { after, counts } => {
                // After a release the job goes on in a moment: nothing to say.
                if !matches!(error, JobError::Released) {
                    self.tell(kind, CardStage::Retrying).await;
                }
                let at = later(self.shop.parts.clock.now(), after);
                self.end(JobEnd::Retry { at, error: report, counts }).await?;
                Ok((Ended::Again, label(error)))
            }
            Verdict::Dead => {
                let end = JobEnd::Dead { error: report, cause: error.sort() };
                match kind {
                    Some(kind) => kinds::give_up(self, kind, end).await?,
                    None => self.end(end).await?,
                }
                Ok((Ended::Dead, Outcome::Dead))
            }
            Verdict::Silence => Ok((Ended::Left, Outcome::Cancelled)),
        }
    }

    async fn tell(&self, kind: Option<&JobKind>, stage: CardStage) {
        let Some(kind) = kind else { return };
        if let Err(error) = kinds::tell(self, kind, stage).await {
            let error = error.report();
            tracing::warn!(job.id = self.job.0, error, "editor was not told");
        }
    }
}

const fn label(error: &JobError) -> Outcome {
    match error {
        JobError::Retry { cause: Cause::TimedOut(_), .. } => Outcome::Timeout,
        JobError::Released => Outcome::Cancelled,
        _ => Outcome::Retry,
    }
}

fn later(now: Timestamp, wait: Duration) -> Timestamp {
    chrono::TimeDelta::from_std(wait)
        .ok()
        .and_then(|wait| now.checked_add_signed(wait))
        .unwrap_or(now)
}
