//! What somebody who waits for a copy sees, and how they stop it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::signal::unix::{SignalKind, signal};

use super::super::progress::Progress;
use crate::store::copy::Watcher;

/// A progress bar, and an ear for signals.
pub struct Screen {
    progress: Progress,
    stopped: Arc<AtomicBool>,
    /// Whether phases are told.
    verbose: bool,
}

impl Screen {
    /// Begins to show `what`, and to listen for SIGINT and SIGTERM.
    pub fn begin(what: &'static str, verbose: bool) -> Self {
        let stopped = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stopped);
        tokio::spawn(async move {
            let listeners = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
            // Without an ear the signal ends the process, which does no harm either.
            let (Ok(mut interrupt), Ok(mut terminate)) = listeners else { return };
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            told.store(true, Ordering::Relaxed);
        });
        Self { progress: Progress::begin(what, 0), stopped, verbose }
    }

    /// Takes the bar away.
    pub fn end(self) {
        self.progress.end();
    }
}

impl Watcher for Screen {
    fn phase(&mut self, what: &str) {
        if self.verbose {
            self.progress.note(&format!("{what} ..."));
        }
    }

    fn rows(&mut self, done: u64, all: u64) {
        self.progress.show(done, all);
    }

    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}
