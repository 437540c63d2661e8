//! What the page is shown, as JSON: the shapes, and those figures that the process knows itself.
//!
//! Invariant: what people wrote is a JSON text here and nothing else.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::Dashboard;
use super::stored::StoredFigures;
use crate::domain::clock::Timestamp;
use crate::meters::Reading;
use crate::runtime::{ChildSnapshot, ChildState, Crewed, Exit};
use crate::web::Standing;

/// Everything at one moment.
#[derive(Serialize)]
pub struct Figures<'a> {
    at: i64,
    version: &'static str,
    instance: &'a str,
    role: &'static str,
    bot: &'a str,
    uptime_s: u64,
    health: Vec<HealthLine>,
    traffic: Traffic,
    workers: Workers,
    actors: Vec<ActorLine>,
    log_level: String,
    #[serde(flatten)]
    stored: &'a StoredFigures,
    store_age_s: Option<f64>,
}

#[derive(Serialize)]
struct HealthLine {
    component: &'static str,
    state: &'static str,
    since: i64,
    latency_ms: Option<f64>,
    note: String,
}

/// How much comes and goes, over the last seconds.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Traffic {
    /// Updates that came.
    pub updates_per_s: f64,
    /// Messages that left, but for those of broadcasts.
    pub replies_per_s: f64,
    /// Messages of broadcasts.
    pub broadcast_per_s: f64,
    /// Half of the updates were answered within this.
    pub p50_ms: Option<f64>,
    /// Nearly all were.
    pub p99_ms: Option<f64>,
    /// Since the last good poll.
    pub last_poll_age_s: Option<f64>,
    /// Updates that are open.
    pub open: Option<f64>,
    /// How long the oldest of them has been.
    pub oldest_s: Option<f64>,
}

#[derive(Serialize)]
struct Workers {
    busy: f64,
    idle: f64,
}

#[derive(Serialize)]
struct ActorLine {
    supervisor: &'static str,
    name: &'static str,
    state: &'static str,
    depth: usize,
    capacity: usize,
    wait_ms: f64,
    handled: u64,
    restarts: u64,
    last_exit: String,
}

/// An alert as the page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AlertLine {
    /// Its number.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `page`, `ticket` or `info`.
    pub severity: String,
    /// `firing` or `resolved`.
    pub state: String,
    /// Since when, milliseconds since the Unix epoch.
    pub since: i64,
    /// What is wrong.
    pub text: String,
    /// Who has seen it; empty for nobody.
    pub acked: String,
}

/// Errors that are the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErrorLine {
    /// Their name.
    pub group: String,
    /// The newest one's own words.
    pub text: String,
    /// Where in the program.
    pub place: String,
    /// How many.
    pub count: u64,
    /// The newest, milliseconds since the Unix epoch.
    pub last: i64,
}

/// Longest wait for the actors' thread.
pub const INSPECT_WITHIN: Duration = Duration::from_millis(300);

/// Everything that all pages get, as one JSON object.
pub fn render(
    dashboard: &Dashboard,
    reading: &Reading,
    earlier: &Reading,
    crews: &[Crewed],
    stored: &StoredFigures,
    store_age: Option<Duration>,
) -> Result<Vec<u8>, serde_json::Error> {
    let parts = &dashboard.parts;
    let health = parts.health.snapshot().into_iter().map(|known| HealthLine {
        component: known.component.name(),
        state: known.state.name(),
        since: known.since.timestamp_millis(),
        latency_ms: known.latest.latency.map(|latency| latency.as_secs_f64() * 1_000.0),
        note: known.latest.note,
    });
    let last_poll = parts.last_poll.age().map(|age| age.as_secs_f64());
    let figures = Figures {
        at: parts.clock.now().timestamp_millis(),
        version: env!("CARGO_PKG_VERSION"),
        instance: &parts.instance,
        role: match &*parts.standing.borrow() {
            Standing::Leader(_) => "leader",
            Standing::Standby => "standby",
            Standing::Worker => "worker",
        },
        bot: &parts.bot,
        uptime_s: parts.health.moment().as_secs(),
        health: health.collect(),
        traffic: Traffic { last_poll_age_s: last_poll, ..traffic(reading, earlier) },
        workers: workers(reading),
        actors: crews.iter().flat_map(actors).collect(),
        log_level: dashboard.log_level.borrow().clone(),
        stored,
        store_age_s: store_age.map(|age| age.as_secs_f64()),
    };
    serde_json::to_vec(&figures)
}

/// How much has come and gone between two readings.
pub fn traffic(reading: &Reading, earlier: &Reading) -> Traffic {
    let span = reading.at.saturating_duration_since(earlier.at).as_secs_f64();
    let per_s = |count: f64| if span > 0.0 { count / span } else { 0.0 };
    let broadcast = reading.increase(
        earlier,
        "primelingo_broadcast_recipients_total",
        &[("outcome", "delivered")],
    );
    let sent = (messages(reading) - messages(earlier) - broadcast).max(0.0);
    let quantile = |q| {
        let seconds = reading.quantile(earlier, "primelingo_update_duration_seconds", &[], q);
        seconds.map(|seconds| seconds * 1_000.0)
    };
    Traffic {
        updates_per_s: per_s(reading.increase(earlier, "primelingo_updates_received_total", &[])),
        replies_per_s: per_s(sent),
        broadcast_per_s: per_s(broadcast),
        p50_ms: quantile(0.5),
        p99_ms: quantile(0.99),
        last_poll_age_s: None,
        open: reading.sum("primelingo_ledger_updates", &[("state", "new")]),
        oldest_s: reading.max("primelingo_ledger_oldest_age_seconds", &[]),
    }
}

/// Calls that show people something.
fn messages(reading: &Reading) -> f64 {
    let shows = |method: &str| {
        ["send", "copy", "edit", "answer", "forward"].iter().any(|verb| method.starts_with(verb))
    };
    reading
        .series("primelingo_telegram_requests_total")
        .iter()
        .filter(|sample| sample.label("outcome") == Some("ok"))
        .filter(|sample| sample.label("method").is_some_and(shows))
        .map(|sample| sample.value)
        .sum()
}

fn workers(reading: &Reading) -> Workers {
    let of = |state| reading.sum("primelingo_workers", &[("state", state)]).unwrap_or(0.0);
    Workers { busy: of("busy"), idle: of("idle") }
}

fn actors(crew: &Crewed) -> Vec<ActorLine> {
    let supervisor = crew.supervisor;
    let Ok(children) = &crew.children else {
        // The actors' thread does not answer, or has just ended.
        return vec![ActorLine {
            supervisor,
            name: supervisor,
            state: "unknown",
            depth: 0,
            capacity: 0,
            wait_ms: 0.0,
            handled: 0,
            restarts: 0,
            last_exit: String::new(),
        }];
    };
    children.iter().map(|child| actor(supervisor, child)).collect()
}

fn actor(supervisor: &'static str, child: &ChildSnapshot) -> ActorLine {
    let wait_us = u32::try_from(child.mailbox.last_wait_us).unwrap_or(u32::MAX);
    ActorLine {
        supervisor,
        name: child.name,
        state: match child.state {
            ChildState::Running => "running",
            ChildState::BackingOff => "backing_off",
            ChildState::Draining => "draining",
            ChildState::Stopped => "stopped",
        },
        depth: child.mailbox.depth,
        capacity: child.mailbox.capacity,
        wait_ms: f64::from(wait_us) / 1_000.0,
        handled: child.mailbox.handled,
        restarts: child.restarts,
        last_exit: match &child.last_exit {
            None => String::new(),
            Some(Exit::Stopped) => "stopped".to_owned(),
            Some(Exit::Aborted) => "aborted".to_owned(),
            Some(Exit::Panicked(message)) => format!("panicked: {message}"),
        },
    }
}

/// Milliseconds since the Unix epoch, as the page counts.
pub fn millis(at: Timestamp) -> i64 {
    at.timestamp_millis()
}

/// How often each actor was started anew, by name.
pub fn restarts(crews: &[Crewed]) -> Vec<(&'static str, u64)> {
    let children = crews.iter().filter_map(|crew| crew.children.as_ref().ok()).flatten();
    children.map(|child| (child.name, child.restarts)).collect()
}

/// The actors of this process, asked once.
pub async fn crews(dashboard: &Arc<Dashboard>) -> Vec<Crewed> {
    dashboard.parts.roster.inspect(INSPECT_WITHIN).await
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    #[test]
    fn traffic_is_what_has_come_and_gone_between_two_readings() {
        let begun = Instant::now();
        let earlier = Reading::parse(
            "primelingo_updates_received_total{kind=\"message\"} 10\n\
             primelingo_telegram_requests_total{method=\"sendMessage\",outcome=\"ok\"} 100\n\
             primelingo_telegram_requests_total{method=\"getUpdates\",outcome=\"ok\"} 1\n",
            begun,
        );
        let reading = Reading::parse(
            "primelingo_updates_received_total{kind=\"message\"} 30\n\
             primelingo_telegram_requests_total{method=\"sendMessage\",outcome=\"ok\"} 150\n\
             primelingo_telegram_requests_total{method=\"sendMessage\",outcome=\"forbidden\"} 9\n\
             primelingo_telegram_requests_total{method=\"getUpdates\",outcome=\"ok\"} 500\n\
             primelingo_broadcast_recipients_total{outcome=\"delivered\"} 40\n\
             primelingo_ledger_updates{state=\"new\"} 3\n",
            begun + Duration::from_secs(10),
        );
        let Traffic { updates_per_s, replies_per_s, broadcast_per_s, p50_ms, open, .. } =
            traffic(&reading, &earlier);
        assert_eq!((updates_per_s, replies_per_s, broadcast_per_s), (2.0, 1.0, 4.0));
        assert_eq!((p50_ms, open), (None, Some(3.0)));
    }

    #[test]
    fn no_time_gives_no_rates() {
        let reading = Reading::parse("primelingo_updates_received_total 10\n", Instant::now());
        assert_eq!(traffic(&reading, &reading), Traffic::default());
    }
}
