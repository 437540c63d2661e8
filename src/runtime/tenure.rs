//! How long this process may act as the one that does something, by its own monotonic clock.
//!
//! A lease in the database is what counts; a tenure is what is known of it here. It ends, by
//! itself, before the lease can be anybody else's: whoever asks it right before acting acts in
//! nobody's place, even after the whole process was frozen.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::{Instant, sleep};

/// Marks a tenure without end, and one that has ended for good.
const ENDLESS: u64 = u64::MAX;
const ENDED: u64 = 0;

/// A tenure. Clones share it.
#[derive(Debug, Clone)]
pub struct Tenure {
    origin: Instant,
    /// Milliseconds after `origin`.
    until_ms: Arc<AtomicU64>,
}

impl Tenure {
    /// One that lasts until that moment, unless it is [extended](Self::extend).
    pub fn until(end: Instant) -> Self {
        // A little before now, so that no moment that matters is the 0 of those that have ended.
        let origin = Instant::now().checked_sub(Duration::from_secs(1)).unwrap_or(end);
        let tenure = Self { origin, until_ms: Arc::new(AtomicU64::new(ENDED + 1)) };
        tenure.extend(end);
        tenure
    }

    /// One without end, for whoever shares with nobody.
    pub fn endless() -> Self {
        Self { origin: Instant::now(), until_ms: Arc::new(AtomicU64::new(ENDLESS)) }
    }

    /// Moves the end; never back, and not of one that was [ended](Self::end).
    pub fn extend(&self, end: Instant) {
        let since = end.saturating_duration_since(self.origin).as_millis();
        let until = u64::try_from(since).unwrap_or(ENDLESS);
        // Fails when there is nothing to change.
        let _ = self.until_ms.fetch_update(Ordering::AcqRel, Ordering::Acquire, |now| {
            (now != ENDED && now < until).then_some(until)
        });
    }

    /// Ends it for good.
    pub fn end(&self) {
        self.until_ms.store(ENDED, Ordering::Release);
    }

    /// Whether nothing may be done in its name now. It may be extended yet.
    pub fn is_over(&self) -> bool {
        self.left().is_zero()
    }

    /// Waits until it is over.
    pub async fn over(&self) {
        loop {
            let left = self.left();
            if left.is_zero() {
                return;
            }
            sleep(left).await;
        }
    }

    fn left(&self) -> Duration {
        match self.until_ms.load(Ordering::Acquire) {
            ENDED => Duration::ZERO,
            // Longer than any process lives, and short enough to be slept.
            ENDLESS => Duration::from_hours(24),
            until => Duration::from_millis(until).saturating_sub(self.origin.elapsed()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn it_ends_by_itself_and_can_be_extended_again() {
        let tenure = Tenure::until(Instant::now() + 2 * SECOND);
        let shared = tenure.clone();
        assert!(!shared.is_over());
        tenure.extend(Instant::now() + 3 * SECOND);
        tenure.extend(Instant::now() + SECOND);
        tokio::time::advance(2 * SECOND).await;
        assert!(!shared.is_over(), "it was extended, and is never shortened");
        tokio::time::advance(SECOND).await;
        assert!(shared.is_over());

        tenure.extend(Instant::now() + SECOND);
        assert!(!shared.is_over(), "nobody has ended it for good");
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_ended_stays_so() {
        for tenure in [Tenure::until(Instant::now() + SECOND), Tenure::endless()] {
            assert!(!tenure.is_over());
            tenure.end();
            tenure.extend(Instant::now() + 9 * SECOND);
            assert!(tenure.is_over());
            tenure.over().await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn its_end_can_be_waited_for_while_it_moves() {
        let begun = Instant::now();
        let tenure = Tenure::until(begun + SECOND);
        let waiting = tokio::spawn({
            let tenure = tenure.clone();
            async move { tenure.over().await }
        });
        tokio::time::sleep(SECOND / 2).await;
        tenure.extend(begun + 5 * SECOND);
        waiting.await.unwrap();
        assert!(begun.elapsed() >= 5 * SECOND);
    }
}
