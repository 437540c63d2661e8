//! Whether a future holds its thread: the sign of an endless loop, which no timeout can end.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::Instant;

use super::area::Area;

/// The sign of life of a watched future. Clones show the same.
#[derive(Debug, Clone)]
pub struct Pulse {
    origin: Instant,
    /// Milliseconds from the origin to the begin of the poll under way, plus 1; 0 between polls.
    since: Arc<AtomicU64>,
}

impl Default for Pulse {
    fn default() -> Self {
        Self { origin: Instant::now(), since: Arc::new(AtomicU64::new(0)) }
    }
}

impl Pulse {
    /// For how long the future has been holding its thread; `None` while it waits for something.
    pub fn holds_thread(&self) -> Option<Duration> {
        let since = self.since.load(Ordering::Relaxed).checked_sub(1)?;
        Some(self.origin.elapsed().saturating_sub(Duration::from_millis(since)))
    }

    fn begin(&self) {
        let now = u64::try_from(self.origin.elapsed().as_millis()).unwrap_or(u64::MAX - 1);
        self.since.store(now.saturating_add(1), Ordering::Relaxed);
    }

    fn end(&self) {
        self.since.store(0, Ordering::Relaxed);
    }
}

/// A future that shows its pulse.
pub(super) struct Watched<F> {
    area: Area,
    future: Pin<Box<F>>,
    pulse: Pulse,
}

impl<F> Watched<F> {
    pub(super) fn new(area: Area, future: F, pulse: Pulse) -> Self {
        Self { area, future: Box::pin(future), pulse }
    }
}

impl<F: Future> Future for Watched<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let _entered = self.area.enter();
        self.pulse.begin();
        let polled = self.future.as_mut().poll(cx);
        self.pulse.end();
        polled
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use crate::runtime::{Area, WorkRuntime};

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn only_a_future_that_holds_its_thread_shows_it() {
        let work = WorkRuntime::new(tokio::runtime::Handle::current());
        let (waiting, pulse) = work.spawn_watched(Area::Job, std::future::pending::<()>());
        tokio::task::yield_now().await;
        assert_eq!(pulse.holds_thread(), None);
        drop(waiting);

        let (began, wait_for_begin) = mpsc::channel();
        let (end, wait_for_end) = mpsc::channel::<()>();
        let (holding, pulse) = work.spawn_watched(Area::Job, async move {
            began.send(()).unwrap();
            wait_for_end.recv().unwrap();
        });
        wait_for_begin.recv().unwrap();
        assert!(pulse.holds_thread().is_some());
        end.send(()).unwrap();
        holding.await.unwrap();
        assert_eq!(pulse.holds_thread(), None);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn lost_threads_are_counted() {
        let work = WorkRuntime::new(tokio::runtime::Handle::current());
        work.note_lost_thread();
        let reached = work.until_threads_lost(2);
        work.note_lost_thread();
        reached.await;
    }
}
