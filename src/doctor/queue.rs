//! Follows a job that does nothing from its making to its end: the proof that background work is
//! done, and by whom.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::domain::clock::{Clock as _, SystemClock};
use crate::domain::effect::{JobKind, NewJob};
use crate::domain::ids::{IdSource, JobId};
use crate::domain::job::{NOBODY, Priority};
use crate::store::records::AsideJob;
use crate::store::{Db, StoreError};

/// Pause between two looks at the job.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// How far a job has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// It is on the list.
    Waits(JobId),
    /// Somebody has it.
    Runs(String),
    /// It is done, so long after it was made.
    Done {
        /// By whom.
        by: String,
        /// From its making to its end, milliseconds.
        took_ms: i64,
    },
    /// It came to another end.
    Failed(String),
    /// Nobody took it in time, and why that may be. It is taken off the list again.
    Untaken(String),
    /// Somebody took it, and it did not end in time.
    Hangs(String),
}

impl Step {
    /// Whether nothing comes after it.
    pub const fn is_last(&self) -> bool {
        !matches!(self, Self::Waits(_) | Self::Runs(_))
    }
}

/// Enqueues a job that does nothing and follows it for at most `patience`; tells each step.
pub async fn follow(
    db: &Db,
    queue: &str,
    patience: Duration,
    mut tell: impl FnMut(&Step),
) -> Result<Step, StoreError> {
    let now = SystemClock.now();
    let seed = fastrand::i64(..) ^ now.timestamp_micros();
    let id = JobId(IdSource::new(seed).next(now));
    let job = NewJob {
        id,
        kind: JobKind::Probe { job: id },
        fairness_key: NOBODY,
        priority: Priority::Single,
        not_before: None,
    };
    db.job_enqueue(job, queue.to_owned(), now).await?;
    let begun = Instant::now();
    let mut step = Step::Waits(id);
    tell(&step);
    while !step.is_last() {
        let next = match db.job_show(id).await? {
            Some(job) => step_of(&job),
            None => Some(Step::Failed("it is gone".to_owned())),
        };
        match next {
            Some(next) if next != step => {
                step = next;
                tell(&step);
            }
            _ if begun.elapsed() >= patience => {
                step = give_up(db, queue, id, &step).await?;
                tell(&step);
            }
            _ => sleep(LOOK_EVERY).await,
        }
    }
    Ok(step)
}

fn step_of(job: &AsideJob) -> Option<Step> {
    let by = job.owner.clone().unwrap_or_default();
    match job.state.as_str() {
        "ready" => None,
        "running" => Some(Step::Runs(by)),
        "done" => {
            let ended = job.done_at.unwrap_or(job.created_at);
            let took_ms = ended.signed_duration_since(job.created_at).num_milliseconds();
            Some(Step::Done { by, took_ms })
        }
        state => Some(Step::Failed(job.error.clone().unwrap_or_else(|| state.to_owned()))),
    }
}

async fn give_up(db: &Db, queue: &str, id: JobId, step: &Step) -> Result<Step, StoreError> {
    if let Step::Runs(by) = step {
        return Ok(Step::Hangs(by.clone()));
    }
    db.job_cancel(id, None, SystemClock.now()).await?;
    let is_held = db.queues_paused().await?.iter().any(|held| held == queue);
    Ok(Step::Untaken(if is_held {
        format!("the queue is held; to go on: primelingo jobs resume {queue}")
    } else {
        format!(
            "no process runs jobs of queue {queue}; to have one: primelingo worker --queue {queue}"
        )
    }))
}
