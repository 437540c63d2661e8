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

/// Whether and why the process is to stop. Clones share it.
#[derive(Debug, Clone)]
pub struct Stop(Arc<watch::Sender<Option<ExitReason>>>);

impl Stop {
    /// Asked for by SIGINT and SIGTERM. `runtime` must live until the program ends.
    pub fn on_signals(runtime: &Handle) -> std::io::Result<Self> {
        let stop = Self(Arc::new(watch::Sender::new(None)));
        let _inside = runtime.enter();
        let interrupt = signal(SignalKind::interrupt())?;
        let terminate = signal(SignalKind::terminate())?;
        drop(runtime.spawn(heed(interrupt, terminate, stop.clone())));
        Ok(stop)
    }

    /// Asks for a stop. The first reason counts.
    pub fn ask(&self, reason: ExitReason) {
        self.0.send_if_modified(|asked| {
            let is_first = asked.is_none();
            asked.get_or_insert(reason);
            is_first
        });
    }

    /// Waits until a stop is asked for; gives the reason.
    pub async fn asked(&self) -> ExitReason {
        let mut asked = self.0.subscribe();
        match asked.wait_for(Option::is_some).await {
            Ok(reason) => reason.unwrap_or(ExitReason::Broken),
            // There is a sender as long as there is this.
            Err(_no_sender) => ExitReason::Broken,
        }
    }

    /// Whether a stop was asked for.
    pub fn is_asked(&self) -> bool {
        self.0.borrow().is_some()
    }

    /// Waits for the end of these actors, which are told when a stop is asked for. Those that end
    /// without being told take the whole process with them.
    ///
    /// They are told, too, when there are `news`, for which they have to be made anew: whoever asks
    /// then looks at [`is_asked`](Self::is_asked). They are told once, as the second time would cut
    /// their end short.
    pub async fn follow(
        &self,
        actors: &SupervisorHandle,
        news: impl Future<Output = ()>,
    ) -> ExitReason {
        tokio::select! {
            reason = actors.wait() => {
                self.ask(reason);
                return reason;
            }
            reason = self.asked() => actors.stop_for(reason),
            () = news => actors.stop(),
        }
        let reason = actors.wait().await;
        if reason != ExitReason::Requested {
            self.ask(reason);
        }
        reason
    }
}

async fn heed(mut interrupt: Signal, mut terminate: Signal, stop: Stop) {
    let first = next(&mut interrupt, &mut terminate).await;
    tracing::info!(signal = first.as_raw_value(), "stopping");
    stop.ask(ExitReason::Requested);
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
