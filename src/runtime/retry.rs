//! Trying a call again: how often, how long, and with which pauses.
//!
//! Invariants: a call is tried again at most `max_retries` times, and none is begun once the budget
//! of time is used up; so however many layers of the program try again, the time that a caller
//! waits for one of them is bounded. The pauses are those of [`Backoff`], the only arithmetic of
//! waiting here; actors, which reschedule themselves instead of sleeping, use it directly.
//!
//! It must not: know what failed. Whether a failure may pass, and whether repeating is safe, is
//! the caller's to say.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::Backoff;

/// How patiently a call is tried again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Retry {
    /// Tries after the first.
    pub max_retries: u32,
    /// No try begins later than so long after the first.
    pub budget: Duration,
    /// The pauses.
    pub backoff: Backoff,
}

/// What a caller says of a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It would only come again, or repeating is not safe.
    GiveUp,
    /// It may pass.
    Again,
    /// It may pass, but not before that.
    NotBefore(Duration),
}

impl Retry {
    /// For what the program cannot begin without: tried until it succeeds, or the caller gives up.
    pub const fn for_ever(backoff: Backoff) -> Self {
        Self { max_retries: u32::MAX, budget: Duration::MAX, backoff }
    }

    /// The pause before retry number `retry` (from 1), `spent` after the first try began; `None`
    /// when it is enough. `random` is uniform in 0..1. Pure.
    pub fn pause(
        &self,
        retry: u32,
        spent: Duration,
        verdict: Verdict,
        random: f64,
    ) -> Option<Duration> {
        let at_least = match verdict {
            Verdict::GiveUp => return None,
            Verdict::Again => Duration::ZERO,
            Verdict::NotBefore(wait) => wait,
        };
        if retry > self.max_retries {
            return None;
        }
        let pause = self.backoff.delay(retry, random).max(at_least);
        (spent.saturating_add(pause) <= self.budget).then_some(pause)
    }

    /// Calls `work` until it succeeds or trying again is at its end, and gives its last result.
    /// `judge` is told of each failure and its number (from 1); `random` is uniform in 0..1.
    ///
    /// Each try needs a deadline of its own: the budget is looked at only between two of them.
    pub async fn run<T, E, F>(
        &self,
        random: impl Fn() -> f64,
        mut judge: impl FnMut(&E, u32) -> Verdict,
        mut work: impl FnMut() -> F,
    ) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>>,
    {
        let begun = Instant::now();
        let mut failures: u32 = 0;
        loop {
            let error = match work().await {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            failures = failures.saturating_add(1);
            let verdict = judge(&error, failures);
            let Some(pause) = self.pause(failures, begun.elapsed(), verdict, random()) else {
                return Err(error);
            };
            sleep(pause).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RETRY: Retry = Retry {
        max_retries: 3,
        budget: Duration::from_mins(1),
        backoff: Backoff {
            first: Duration::from_secs(2),
            factor: 2.0,
            max: Duration::from_secs(30),
            jitter: 1.0,
        },
    };

    /// Fails so often, each try taking a second; gives the result, and when the tries began.
    async fn tried(retry: Retry, failures: usize, verdict: Verdict) -> (Result<(), ()>, Vec<u64>) {
        let begun = Instant::now();
        let mut tries = Vec::new();
        let work = || {
            tries.push(begun.elapsed().as_secs());
            let result = if tries.len() > failures { Ok(()) } else { Err(()) };
            async move {
                sleep(Duration::from_secs(1)).await;
                result
            }
        };
        let result = retry.run(|| 1.0, |(), _| verdict, work).await;
        (result, tries)
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_success_ends_it() {
        assert_eq!(tried(RETRY, 0, Verdict::Again).await, (Ok(()), vec![0]));
        assert_eq!(tried(RETRY, 2, Verdict::Again).await, (Ok(()), vec![0, 3, 8]));
    }

    #[tokio::test(start_paused = true)]
    async fn it_ends_after_the_last_retry() {
        assert_eq!(tried(RETRY, 9, Verdict::Again).await, (Err(()), vec![0, 3, 8, 17]));
        let once = Retry { max_retries: 0, ..RETRY };
        assert_eq!(tried(once, 9, Verdict::Again).await, (Err(()), vec![0]));
    }

    #[tokio::test(start_paused = true)]
    async fn no_try_begins_beyond_the_budget() {
        let short = Retry { budget: Duration::from_secs(10), ..RETRY };
        assert_eq!(tried(short, 9, Verdict::Again).await, (Err(()), vec![0, 3, 8]));
    }

    #[tokio::test(start_paused = true)]
    async fn what_will_not_pass_is_not_repeated() {
        assert_eq!(tried(RETRY, 9, Verdict::GiveUp).await, (Err(()), vec![0]));
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_that_was_asked_for_is_kept_if_the_budget_allows_it() {
        let asked = Verdict::NotBefore(Duration::from_secs(20));
        assert_eq!(tried(RETRY, 1, asked).await, (Ok(()), vec![0, 21]));
        let long = Verdict::NotBefore(Duration::from_mins(1));
        assert_eq!(tried(RETRY, 1, long).await, (Err(()), vec![0]));
    }

    #[tokio::test(start_paused = true)]
    async fn for_ever_is_for_ever() {
        let (result, tries) = tried(Retry::for_ever(RETRY.backoff), 1_000, Verdict::Again).await;
        assert_eq!((result, tries.len()), (Ok(()), 1_001));
    }

    #[test]
    fn pauses_are_spread_from_nothing_to_their_ceiling() {
        let pause = |random| RETRY.pause(2, Duration::ZERO, Verdict::Again, random);
        assert_eq!(pause(0.0), Some(Duration::ZERO));
        assert_eq!(pause(1.0), Some(Duration::from_secs(4)));
    }
}
