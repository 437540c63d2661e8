//! What the service manager is told: ready, alive, stopping. Without systemd, nobody is told.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio::time::Instant;

use super::signals::Stop;
use crate::runtime::spawn_local;

/// The service manager, as the environment names it. `Type=notify`, `WatchdogSec=`.
pub(super) struct Manager {
    watchdog: Option<Duration>,
    began: Instant,
}

impl Manager {
    /// Whoever started this process.
    pub(super) fn of_process() -> Self {
        let watchdog = sd_notify::watchdog_enabled();
        if let Some(limit) = watchdog {
            tracing::info!(limit_s = limit.as_secs(), "the service manager watches this process");
        }
        Self { watchdog, began: Instant::now() }
    }

    /// The process does its work.
    pub(super) fn ready(&self) {
        tell(&[NotifyState::Ready, NotifyState::Status("running")]);
        let after_ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::debug!(after_ms, "the service manager knows that we are ready");
    }

    /// The process lives.
    pub(super) fn pet(&self) {
        if self.watchdog.is_some() {
            tell(&[NotifyState::Watchdog]);
        }
    }
}

/// The settings are being read once more (`Type=notify-reload`).
pub(super) fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(error) => tracing::warn!(%error, "the service manager cannot be told of the reload"),
    }
}

/// They have been.
pub(super) fn reloaded() {
    tell(&[NotifyState::Ready]);
}

/// Tells of the begin of an orderly end.
pub(super) fn tell_of_stop(stop: Stop) {
    spawn_local(async move {
        stop.asked().await;
        tell(&[NotifyState::Stopping, NotifyState::Status("stopping")]);
    });
}

fn tell(news: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(news) {
        tracing::warn!(%error, "the service manager cannot be told");
    }
}
