//! What follows from a failed attempt. Pure.

use std::time::Duration;

use super::error::JobError;
use crate::runtime::Backoff;

/// When a job is given up, and how long it waits before that.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RetryPolicy {
    /// Failures of its own after which a job is given up; at least 1.
    pub max_attempts: u32,
    /// The waits in between.
    pub backoff: Backoff,
}

/// What becomes of the job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Once more, after a wait.
    Again {
        /// The wait.
        after: Duration,
        /// Whether the failure was the job's own.
        counts: bool,
    },
    /// Given up.
    Dead,
    /// Not ours to say.
    Silence,
}

impl RetryPolicy {
    /// The verdict on a failure of attempt number `attempt` (from 1), after `faults` failures of
    /// the job's own; `random` is uniform in 0..1.
    pub fn verdict(&self, error: &JobError, attempt: u32, faults: u32, random: f64) -> Verdict {
        match error {
            JobError::LeaseLost | JobError::Cancelled => Verdict::Silence,
            JobError::Released => Verdict::Again { after: Duration::ZERO, counts: false },
            JobError::Fail(_) => Verdict::Dead,
            JobError::Retry { counts: true, .. } if faults + 1 >= self.max_attempts => {
                Verdict::Dead
            }
            JobError::Retry { counts, after, .. } => {
                let wait = self.backoff.delay(attempt, random).max(*after);
                Verdict::Again { after: wait, counts: *counts }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::error::Cause;
    use super::*;

    const POLICY: RetryPolicy = RetryPolicy {
        max_attempts: 3,
        backoff: Backoff {
            first: Duration::from_secs(2),
            factor: 2.0,
            max: Duration::from_mins(10),
            jitter: 1.0,
        },
    };

    fn failure(counts: bool, after: Duration) -> JobError {
        JobError::Retry { cause: Cause::Restless(1), counts, after }
    }

    #[test]
    fn the_last_failure_of_its_own_ends_a_job() {
        let own = failure(true, Duration::ZERO);
        let again = Verdict::Again { after: Duration::from_secs(4), counts: true };
        assert_eq!(POLICY.verdict(&own, 2, 1, 1.0), again);
        assert_eq!(POLICY.verdict(&own, 3, 2, 1.0), Verdict::Dead);
        assert_eq!(POLICY.verdict(&JobError::Fail(Cause::Restless(1)), 1, 0, 1.0), Verdict::Dead);
    }

    #[test]
    fn what_is_not_its_fault_never_ends_a_job() {
        let outage = failure(false, Duration::ZERO);
        let again = Verdict::Again { after: Duration::from_mins(10), counts: false };
        assert_eq!(POLICY.verdict(&outage, 1_000, 2, 1.0), again);
        let release = POLICY.verdict(&JobError::Released, 9, 2, 1.0);
        assert_eq!(release, Verdict::Again { after: Duration::ZERO, counts: false });
        assert_eq!(POLICY.verdict(&JobError::LeaseLost, 9, 9, 1.0), Verdict::Silence);
    }

    #[test]
    fn a_wait_that_was_asked_for_is_kept() {
        let asked = failure(false, Duration::from_secs(30));
        let again = Verdict::Again { after: Duration::from_secs(30), counts: false };
        assert_eq!(POLICY.verdict(&asked, 1, 0, 0.0), again);
    }
}
