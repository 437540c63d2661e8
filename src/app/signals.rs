//! Signals: the first asks for an orderly stop, the second cuts it short.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::runtime::{SupervisorHandle, spawn_local};

/// Stops the supervisor on SIGINT and SIGTERM.
pub fn stop_on_signals(supervisor: &SupervisorHandle) -> std::io::Result<()> {
    let interrupt = signal(SignalKind::interrupt())?;
    let terminate = signal(SignalKind::terminate())?;
    for (name, signal) in [("SIGINT", interrupt), ("SIGTERM", terminate)] {
        spawn_local(stop_on(name, signal, supervisor.clone()));
    }
    Ok(())
}

async fn stop_on(name: &'static str, mut signal: Signal, supervisor: SupervisorHandle) {
    while signal.recv().await.is_some() {
        tracing::info!(signal = name, "stopping");
        supervisor.stop();
    }
}
