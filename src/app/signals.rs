//! Signals: the first asks for an orderly stop, the second ends the program on the spot.
//!
//! Invariants: the second is heeded in every phase of a stop, as it is awaited on the work runtime
//! and not on the actors' thread. It may come at any moment because a crash may: what was in
//! flight is in doubt then, and nothing is lost.

use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use crate::runtime::{ExitReason, SupervisorHandle};

/// Added to a signal's number, it is the exit code of a program that the signal has ended.
const EXIT_BY_SIGNAL: i32 = 128;

/// Whether the process was asked to stop. Clones share it.
#[derive(Debug, Clone)]
pub struct Stop(Arc<watch::Sender<bool>>);

impl Stop {
    /// Asked for by SIGINT and SIGTERM. `runtime` must live until the program ends.
    pub fn on_signals(runtime: &Handle) -> std::io::Result<Self> {
        let stop = Self(Arc::new(watch::Sender::new(false)));
        let _inside = runtime.enter();
        let interrupt = signal(SignalKind::interrupt())?;
        let terminate = signal(SignalKind::terminate())?;
        drop(runtime.spawn(heed(interrupt, terminate, stop.clone())));
        Ok(stop)
    }

    /// Asks for a stop.
    pub fn ask(&self) {
        self.0.send_replace(true);
    }

    /// Waits until a stop is asked for.
    pub async fn asked(&self) {
        // Fails only without a sender, and this is one.
        let _ = self.0.subscribe().wait_for(|is_asked| *is_asked).await;
    }

    /// Waits for the end of these actors, which are told when a stop is asked for. Those that end
    /// without being asked take the whole process with them.
    pub async fn follow(&self, actors: &SupervisorHandle) -> ExitReason {
        let reason = tokio::select! {
            reason = actors.wait() => reason,
            () = self.asked() => {
                actors.stop();
                actors.wait().await
            }
        };
        if reason != ExitReason::Requested {
            self.ask();
        }
        reason
    }
}

async fn heed(mut interrupt: Signal, mut terminate: Signal, stop: Stop) {
    let first = next(&mut interrupt, &mut terminate).await;
    tracing::info!(signal = first.as_raw_value(), "stopping");
    stop.ask();
    let second = next(&mut interrupt, &mut terminate).await.as_raw_value();
    tracing::warn!(signal = second, "asked again, ending at once");
    std::process::exit(EXIT_BY_SIGNAL.saturating_add(second));
}

async fn next(interrupt: &mut Signal, terminate: &mut Signal) -> SignalKind {
    tokio::select! {
        _ = interrupt.recv() => SignalKind::interrupt(),
        _ = terminate.recv() => SignalKind::terminate(),
    }
}
