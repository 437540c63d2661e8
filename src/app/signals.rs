//! Signals: the first asks for an orderly stop, the second cuts it short.

use std::sync::Arc;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use crate::runtime::{ExitReason, SupervisorHandle, spawn_local};

/// How often the process was asked to stop. Clones share the count.
#[derive(Debug, Clone)]
pub struct Stop(Arc<watch::Sender<u32>>);

impl Stop {
    /// Asks for a stop on SIGINT and SIGTERM.
    pub fn on_signals() -> std::io::Result<Self> {
        let stop = Self(Arc::new(watch::Sender::new(0)));
        let interrupt = signal(SignalKind::interrupt())?;
        let terminate = signal(SignalKind::terminate())?;
        for (name, signal) in [("SIGINT", interrupt), ("SIGTERM", terminate)] {
            spawn_local(stop.clone().ask_on(name, signal));
        }
        Ok(stop)
    }

    async fn ask_on(self, name: &'static str, mut signal: Signal) {
        while signal.recv().await.is_some() {
            tracing::info!(signal = name, "stopping");
            self.ask();
        }
    }

    /// Asks for a stop.
    pub fn ask(&self) {
        self.0.send_modify(|asked| *asked = asked.saturating_add(1));
    }

    /// Waits until a stop was asked for so often.
    pub async fn asked(&self, times: u32) {
        // Fails only without a sender, and this is one.
        let _ = self.0.subscribe().wait_for(|asked| *asked >= times).await;
    }

    /// Waits for the end of these actors, and hands on to them each time that a stop is asked for.
    /// What ends without being asked takes the whole process with it.
    pub async fn follow(&self, actors: &SupervisorHandle) -> ExitReason {
        let hand_on = async {
            for times in 1.. {
                self.asked(times).await;
                actors.stop();
            }
        };
        let reason = tokio::select! {
            reason = actors.wait() => reason,
            () = hand_on => ExitReason::Broken,
        };
        if reason != ExitReason::Requested {
            self.ask();
        }
        reason
    }
}
