//! Signals: the first asks for an orderly stop, the second ends the program on the spot.
//!
//! Invariants: the second is heeded in every phase of a stop, as it is awaited on the work runtime
//! and not on the actors' thread. It may come at any moment because a crash may: what was in
//! flight is in doubt then, and nothing is lost.

use tokio::runtime::Handle;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::runtime::SupervisorHandle;

/// Added to a signal's number, it is the exit code of a program that the signal has ended.
const EXIT_BY_SIGNAL: i32 = 128;

/// Stops the supervisor on SIGINT and SIGTERM. `runtime` must live until the program ends.
pub fn stop_on_signals(supervisor: &SupervisorHandle, runtime: &Handle) -> std::io::Result<()> {
    let _inside = runtime.enter();
    let interrupt = signal(SignalKind::interrupt())?;
    let terminate = signal(SignalKind::terminate())?;
    drop(runtime.spawn(heed(interrupt, terminate, supervisor.clone())));
    Ok(())
}

async fn heed(mut interrupt: Signal, mut terminate: Signal, supervisor: SupervisorHandle) {
    let first = next(&mut interrupt, &mut terminate).await;
    tracing::info!(signal = first.as_raw_value(), "stopping");
    supervisor.stop();
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
