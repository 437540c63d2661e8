//! Where I/O happens: a multi-thread tokio runtime beside the actors' arbiter.
//!
//! Actors spawn work here and await its [`Work`]. A panic in it is an ordinary error, and giving
//! up on the wait never cancels the work: no query is dropped in flight (diesel-async's SQLite
//! connection would panic, and a transaction would be left open).

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

use super::area::Area;
use super::panics::panic_text;
use super::pulse::{Pulse, Watched};

/// A handle to the runtime that does the I/O. Clones share the count of running work.
#[derive(Debug, Clone)]
pub struct WorkRuntime {
    handle: Handle,
    tracker: TaskTracker,
    lost_threads: watch::Sender<usize>,
}

/// Why there is no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WorkError {
    /// The future panicked; the message is on one line and may quote data.
    #[error("the work panicked: {0}")]
    Panicked(String),
    /// The runtime was shut down before the future was done.
    #[error("the work was cancelled")]
    Cancelled,
}

impl WorkRuntime {
    /// Spawns on the runtime behind `handle`, which must be multi-threaded.
    pub fn new(handle: Handle) -> Self {
        Self { handle, tracker: TaskTracker::new(), lost_threads: watch::Sender::new(0) }
    }

    /// Starts `future` at once, in the span of whoever asks. It runs to its end even when the
    /// [`Work`] is dropped.
    pub fn spawn<F>(&self, future: F) -> Work<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        Work { task: self.tracker.spawn_on(future.in_current_span(), &self.handle) }
    }

    /// As [`spawn`](Self::spawn), and shows whether the future holds its thread: such work cannot
    /// be ended, only given up. A panic in it is counted under `area`.
    pub fn spawn_watched<F>(&self, area: Area, future: F) -> (Work<F::Output>, Pulse)
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        let pulse = Pulse::default();
        let work = self.spawn(Watched::new(area, future, pulse.clone()));
        (work, pulse)
    }

    /// Notes that a future was given up that holds its thread for ever. Nothing but a restart of
    /// the program brings it back.
    pub fn note_lost_thread(&self) {
        self.lost_threads.send_modify(|lost| *lost = lost.saturating_add(1));
    }

    /// Waits until so many threads are lost.
    pub async fn until_threads_lost(&self, limit: usize) {
        let mut lost = self.lost_threads.subscribe();
        // The sender is ours, so that this ends with a true condition only.
        let _ = lost.wait_for(|lost| *lost >= limit).await;
    }

    /// Starts what runs as long as the program: [`settle`](Self::settle) does not wait for it.
    pub fn spawn_beside(&self, future: impl Future<Output = ()> + Send + 'static) {
        drop(self.handle.spawn(future));
    }

    /// How many futures are running.
    pub fn in_flight(&self) -> usize {
        self.tracker.len()
    }

    /// Waits at most `within` until nothing runs, and says whether that came true. For the end of
    /// the program: before the pools are closed.
    pub async fn settle(&self, within: Duration) -> bool {
        self.tracker.close();
        tokio::time::timeout(within, self.tracker.wait()).await.is_ok()
    }
}

/// Work under way; await it for its result.
#[derive(Debug)]
#[must_use = "a panic of work that nobody awaits goes unnoticed"]
pub struct Work<T> {
    task: JoinHandle<T>,
}

impl<T> Work<T> {
    /// Whether its end has come, so that awaiting it takes no time.
    pub fn is_finished(&self) -> bool {
        self.task.is_finished()
    }
}

impl<T> Future for Work<T> {
    type Output = Result<T, WorkError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.task).poll(cx).map(|joined| {
            joined.map_err(|error| match error.try_into_panic() {
                Ok(payload) => WorkError::Panicked(panic_text(&*payload)),
                Err(_cancelled) => WorkError::Cancelled,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    /// Longer than any of these tests takes when it passes.
    const LONG: Duration = Duration::from_mins(1);

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn a_panic_is_an_ordinary_error() {
        let work = WorkRuntime::new(Handle::current());
        assert_eq!(work.spawn(async { 7 }).await, Ok(7));
        let failed = work.spawn(async { panic!("disk\nfull") }).await;
        assert_eq!(failed, Err::<(), _>(WorkError::Panicked("disk full".to_owned())));
        assert_eq!(work.spawn(async { 8 }).await, Ok(8));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn dropped_work_still_runs_to_its_end() {
        let work = WorkRuntime::new(Handle::current());
        let (go, wait_for_go) = oneshot::channel::<()>();
        let (done, is_done) = oneshot::channel();
        drop(work.spawn(async move {
            let _ = wait_for_go.await;
            let _ = done.send("done");
        }));

        assert!(!work.settle(Duration::ZERO).await);
        assert_eq!(work.in_flight(), 1);
        go.send(()).expect("the work waits");
        assert_eq!(is_done.await, Ok("done"));
        assert!(work.settle(LONG).await);
    }

    #[test]
    fn work_is_cancelled_with_its_runtime() {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .build()
            .expect("a runtime");
        let work = WorkRuntime::new(runtime.handle().clone());
        let endless = work.spawn(std::future::pending::<()>());
        drop(runtime);
        let result = futures_util::FutureExt::now_or_never(endless);
        assert_eq!(result, Some(Err(WorkError::Cancelled)));
    }
}
