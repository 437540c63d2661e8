//! How far a backup is, for whoever looks on; and word that nobody waits for it any more.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch;

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Step {
    /// What is being done.
    pub what: &'static str,
    /// Bytes that are done, or files.
    pub done: u64,
    /// Of so many; 0 when that is not known.
    pub all: u64,
}

/// Tells of each step. Cheap to clone.
#[derive(Clone)]
pub struct Reporter {
    step: Arc<watch::Sender<Step>>,
    is_over: Arc<AtomicBool>,
}

impl Default for Reporter {
    fn default() -> Self {
        Self::new()
    }
}

impl Reporter {
    /// Nothing is done yet.
    pub fn new() -> Self {
        Self { step: Arc::new(watch::Sender::new(Step::default())), is_over: Arc::default() }
    }

    /// For whoever looks on.
    pub fn subscribe(&self) -> watch::Receiver<Step> {
        self.step.subscribe()
    }

    /// Something begins.
    pub(super) fn begin(&self, what: &'static str, all: u64) {
        self.step.send_replace(Step { what, done: 0, all });
    }

    /// So much more of it is done. Fails when nobody waits for it any more.
    pub(super) fn more(&self, count: u64) -> io::Result<()> {
        if self.is_over.load(Ordering::Relaxed) {
            return Err(io::Error::other("nobody waits for it any more"));
        }
        self.step.send_modify(|step| step.done = step.done.saturating_add(count));
        Ok(())
    }

    /// While this value lives, somebody waits; threads that work for it end soon after.
    pub(super) fn waited_for(&self) -> Waited {
        Waited(Arc::clone(&self.is_over))
    }
}

/// See [`Reporter::waited_for`].
pub(super) struct Waited(Arc<AtomicBool>);

impl Drop for Waited {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
