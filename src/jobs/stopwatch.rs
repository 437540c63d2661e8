//! The time of an attempt, without that for which something else sets the limit.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep};

/// Runs from its making. Clones are the same watch.
#[derive(Debug, Clone)]
pub(super) struct Stopwatch(Arc<Mutex<Time>>);

#[derive(Debug)]
struct Time {
    spent: Duration,
    /// `None` while it is held.
    running_since: Option<Instant>,
}

/// The watch stands for as long as this value lives.
#[derive(Debug)]
#[must_use = "the watch goes on as soon as it is dropped"]
pub(super) struct Held(Stopwatch);

impl Stopwatch {
    pub(super) fn start() -> Self {
        let time = Time { spent: Duration::ZERO, running_since: Some(Instant::now()) };
        Self(Arc::new(Mutex::new(time)))
    }

    /// Stops it. One at a time.
    pub(super) fn hold(&self) -> Held {
        let mut time = self.time();
        if let Some(since) = time.running_since.take() {
            time.spent += since.elapsed();
        }
        Held(self.clone())
    }

    /// Waits until so much time is spent.
    pub(super) async fn reaches(&self, limit: Duration) {
        loop {
            let left = limit.saturating_sub(self.spent());
            if left.is_zero() {
                return;
            }
            sleep(left).await;
        }
    }

    fn spent(&self) -> Duration {
        let time = self.time();
        let running = time.running_since.map(|since| since.elapsed()).unwrap_or_default();
        time.spent + running
    }

    fn time(&self) -> MutexGuard<'_, Time> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.time().running_since = Some(Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn held_time_does_not_count() {
        let begun = Instant::now();
        let watch = Stopwatch::start();
        sleep(3 * S).await;
        let held = watch.hold();
        let waiting = async {
            sleep(100 * S).await;
            drop(held);
        };
        tokio::join!(watch.reaches(5 * S), waiting);
        assert_eq!(begun.elapsed(), (3 + 100 + 2) * S);
    }
}
