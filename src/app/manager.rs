//! What the service manager is told: ready, alive, stopping. Without systemd, nobody is told.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sd_notify::NotifyState;
use tokio::time::Instant;

use super::signals::Stop;
use crate::runtime::spawn_local;

/// Whether the service manager was told that we do our work, and not yet that we stop: a reload must
/// tell it neither too early nor too late.
static IS_TOLD: AtomicBool = AtomicBool::new(false);

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
        IS_TOLD.store(true, Ordering::Relaxed);
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
    if !IS_TOLD.load(Ordering::Relaxed) {
        return;
    }
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(error) => tracing::warn!(%error, "the service manager cannot be told of the reload"),
    }
}

/// They have been.
pub(super) fn reloaded() {
    if IS_TOLD.load(Ordering::Relaxed) {
        tell(&[NotifyState::Ready]);
    }
}

/// Tells of the begin of an orderly end.
pub(super) fn tell_of_stop(stop: Stop) {
    spawn_local(async move {
        stop.asked().await;
        IS_TOLD.store(false, Ordering::Relaxed);
        tell(&[NotifyState::Stopping, NotifyState::Status("stopping")]);
    });
}

fn tell(news: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(news) {
        tracing::warn!(%error, "the service manager cannot be told");
    }
}
