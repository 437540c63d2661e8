//! Looks after the components that have no watch of their own, and tells the service manager.
//!
//! Invariants: a look never waits for what it looks at longer than a moment; nothing is said of a
//! component that is not configured, or that is another process's business. The service manager's
//! watchdog is petted only while the actors' thread turns, the work runtime turns, and whoever
//! takes updates in comes back from its tries: a network that is away is no reason for a restart,
//! a loop that hangs is.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, timeout};

use super::insight::Insight;
use super::manager::Manager;
use crate::cache::CacheState;
use crate::domain::health::{Component, Look};
use crate::health::judge::{self, Backlog, Calls, DEAF_AFTER};
use crate::library::blobs::BlobStore;
use crate::meters::Reading;
use crate::runtime::{WorkRuntime, spawn_local};
use crate::settings::Settings;
use crate::web::{Probe, Standing};

/// Pause between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Longest wait for a sign of life of a runtime, or for a disk.
const ANSWER_WITHIN: Duration = Duration::from_secs(1);

/// What is looked after.
struct Vitals {
    insight: Insight,
    probe: Probe,
    blobs: BlobStore,
    min_free: u64,
    work: WorkRuntime,
}

/// Looks until the program ends.
pub(super) fn begin(settings: &Settings, probe: &Probe, insight: &Insight, work: &WorkRuntime) {
    let vitals = Vitals {
        insight: insight.clone(),
        probe: probe.clone(),
        blobs: BlobStore::new(settings.files.data_dir.clone(), &probe.instance),
        min_free: settings.files.min_free_bytes(),
        work: work.clone(),
    };
    let manager = Manager::of_process();
    spawn_local(async move {
        let mut tick = tokio::time::interval(LOOK_EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut earlier: Option<Arc<Reading>> = None;
        let mut leads_since = None;
        let mut is_told = false;
        loop {
            tick.tick().await;
            let reading = vitals.insight.readings.now();
            if let Some(earlier) = &earlier {
                vitals.telegram(earlier, &reading);
            }
            vitals.queue(&reading);
            vitals.redis();
            vitals.poller(&mut leads_since);
            let is_alive = vitals.storage().await && vitals.work_turns().await;
            earlier = Some(reading);
            if !is_told && vitals.probe.readiness().is_ready {
                is_told = true;
                manager.ready();
            }
            if is_alive && vitals.intake_comes_back() {
                manager.pet();
            }
        }
    });
}

impl Vitals {
    fn report(&self, component: Component, look: Look) {
        self.insight.health.report(component, look);
    }

    fn telegram(&self, earlier: &Reading, now: &Reading) {
        let calls = |outcomes: &[&str]| -> f64 {
            let of = |outcome: &&str| {
                now.increase(
                    earlier,
                    "primelingo_telegram_requests_total",
                    &[("outcome", *outcome)],
                )
            };
            outcomes.iter().map(of).sum()
        };
        let polls = |reasons: &[&str]| -> f64 {
            let of = |reason: &&str| {
                now.increase(earlier, "primelingo_poll_errors_total", &[("reason", *reason)])
            };
            reasons.iter().map(of).sum()
        };
        let look = judge::telegram(Calls {
            answered: calls(&["ok", "retry_after", "bad_request", "forbidden", "not_found"]),
            failed: calls(&["server_error", "network", "timeout"])
                + polls(&["server", "network", "timeout"]),
            unauthorized: calls(&["unauthorized"]) + polls(&["unauthorized"]),
        });
        if let Some(look) = look {
            self.report(Component::Telegram, look);
        }
    }

    fn queue(&self, now: &Reading) {
        let ready = now.sum("primelingo_queue_depth", &[("state", "ready")]);
        // Nobody counts them here: another process works jobs off.
        let Some(ready) = ready else { return };
        let backlog = Backlog {
            ready,
            oldest_s: now.max("primelingo_queue_oldest_job_age_seconds", &[]).unwrap_or(0.0),
            workers: now.sum("primelingo_workers", &[]).unwrap_or(0.0),
        };
        self.report(Component::Queue, judge::queue(backlog));
    }

    fn redis(&self) {
        let look = match self.probe.cache.state() {
            CacheState::Memory => return,
            CacheState::Shared => Look::up(None),
            CacheState::Degraded => {
                Look::down("Redis does not answer, memory stands in").with_fallback("memory")
            }
        };
        self.report(Component::Redis, look);
    }

    /// Only the leader takes updates in; webhooks are confirmed by it, too.
    fn poller(&self, leads_since: &mut Option<Instant>) {
        let leads = matches!(*self.probe.standing.borrow(), Standing::Leader(_));
        if !leads {
            *leads_since = None;
            self.insight.health.forget(Component::Poller);
            return;
        }
        let since = *leads_since.get_or_insert_with(Instant::now);
        self.report(Component::Poller, judge::poller(self.probe.last_poll.age(), since.elapsed()));
    }

    /// Whether the disk answered at all.
    async fn storage(&self) -> bool {
        let blobs = self.blobs.clone();
        let asking = self.work.spawn(async move { blobs.free_bytes().await });
        let free = match timeout(ANSWER_WITHIN, asking).await {
            Ok(Ok(Ok(free))) => Ok(free),
            Ok(Ok(Err(error))) => {
                tracing::debug!(%error, "free space is unknown");
                Err(std::io::ErrorKind::Other)
            }
            Ok(Err(_)) => return false,
            Err(_elapsed) => Err(std::io::ErrorKind::TimedOut),
        };
        self.report(Component::Storage, judge::storage(free, self.min_free));
        true
    }

    async fn work_turns(&self) -> bool {
        matches!(timeout(ANSWER_WITHIN, self.work.spawn(async {})).await, Ok(Ok(())))
    }

    /// Whether the newest try of taking updates in, good or not, came to an end lately. Who does
    /// not lead takes nothing in.
    fn intake_comes_back(&self) -> bool {
        let leads = matches!(*self.probe.standing.borrow(), Standing::Leader(_));
        !leads || self.probe.last_poll.try_age().is_none_or(|age| age < DEAF_AFTER)
    }
}
