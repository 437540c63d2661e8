//! What the bot judges of itself, as data: it needs no Prometheus to tell what matters.
//!
//! A rule that means the same as alerts of Prometheus names them: what both notice is one alert.
//! Texts are found by the rule's name: `alert-<name>` and `alert-<name>-advice`, with hyphens.

use std::time::Duration;

use super::Severity;
use crate::domain::health::{Component, State};

/// One thing that is judged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule {
    /// Its name, also the key of its alerts and of its texts.
    pub name: &'static str,
    /// How urgent it is.
    pub severity: Severity,
    /// What is looked at.
    pub signal: Signal,
    /// How long it has to be bad before it is believed.
    pub bad_for: Duration,
    /// How long it has to be good again before it is over.
    pub good_for: Duration,
    /// Alerts of Prometheus that mean the same.
    pub prometheus: &'static [&'static str],
}

/// Labels that a figure has to have.
pub type Labels = &'static [(&'static str, &'static str)];

/// What is looked at, and when it is bad.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Signal {
    /// A component is so bad, or worse.
    Component(Component, State),
    /// One of these figures is larger than this, for a value of `by` of which `unless` is not 1.
    Above {
        /// The figures.
        name: &'static str,
        /// Their labels.
        labels: Labels,
        /// The label that tells what it is about.
        by: Option<&'static str>,
        /// A figure with the same label.
        unless: Option<&'static str>,
        /// The limit.
        limit: Limit,
    },
    /// One of these counters has grown by more than this within a time.
    Growth {
        /// The counters.
        name: &'static str,
        /// Their labels.
        labels: Labels,
        /// The label that tells what it is about.
        by: Option<&'static str>,
        /// Values of that label of which another rule tells.
        except: &'static [&'static str],
        /// The limit.
        limit: f64,
        /// The time.
        within: Duration,
    },
    /// A figure stands still for so long while another one is 1.
    Still {
        /// The figure.
        name: &'static str,
        /// The other one.
        active: &'static str,
        /// How long.
        limit: Duration,
    },
    /// A moment that a figure tells, in seconds since 1970, is longer ago than this.
    Old {
        /// The figure.
        name: &'static str,
        /// The limit.
        limit: Limit,
    },
    /// All but one in a hundred of what a histogram counts lie above this.
    Slow {
        /// The histogram.
        name: &'static str,
        /// The label that tells what it is about.
        by: &'static str,
        /// The limit.
        limit: Limit,
    },
    /// Jobs wait, and nobody works any off.
    NoWorkers,
    /// An actor does not run, and nothing is about to start it.
    ActorDown,
    /// An actor was started anew more often than this within a time.
    ActorRestarts {
        /// The limit.
        limit: u64,
        /// The time.
        within: Duration,
    },
    /// A mailbox is fuller than this share of its room.
    MailboxShare(f64),
    /// Alertmanager's sign of life came once, and has not come for so long.
    WatchdogSilent(Duration),
}

/// A limit: fixed, or one that operators set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Limit {
    /// This.
    Fixed(f64),
    /// The age of the oldest job, in seconds.
    JobAge,
    /// The age of the oldest update, in seconds.
    UpdateAge,
    /// The lag of an event loop, in seconds.
    LoopLag,
    /// The age of the newest proven backup, in seconds.
    BackupAge,
}

/// What operators set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// The age of the oldest job, in seconds.
    pub job_age_s: f64,
    /// The age of the oldest update, in seconds.
    pub update_age_s: f64,
    /// The lag of an event loop, in seconds.
    pub loop_lag_s: f64,
    /// The age of the newest proven backup, in seconds.
    pub backup_age_s: f64,
}

impl Limit {
    /// Its value.
    pub const fn value(self, limits: &Limits) -> f64 {
        match self {
            Self::Fixed(value) => value,
            Self::JobAge => limits.job_age_s,
            Self::UpdateAge => limits.update_age_s,
            Self::LoopLag => limits.loop_lag_s,
            Self::BackupAge => limits.backup_age_s,
        }
    }
}

const NOW: Duration = Duration::ZERO;
const HALF_MINUTE: Duration = Duration::from_secs(30);
const MINUTE: Duration = Duration::from_mins(1);
const TWO_MINUTES: Duration = Duration::from_mins(2);
const FIVE_MINUTES: Duration = Duration::from_mins(5);
const TEN_MINUTES: Duration = Duration::from_mins(10);
const QUARTER: Duration = Duration::from_mins(15);

/// A component that is so bad.
const fn component(
    name: &'static str,
    severity: Severity,
    (component, state): (Component, State),
    bad_for: Duration,
    prometheus: &'static [&'static str],
) -> Rule {
    let signal = Signal::Component(component, state);
    Rule { name, severity, signal, bad_for, good_for: MINUTE, prometheus }
}

/// A counter that has grown, for tickets and pages that are believed at once.
const fn growth(
    name: &'static str,
    severity: Severity,
    (counter, labels, by): (&'static str, Labels, Option<&'static str>),
    (limit, within): (f64, Duration),
    prometheus: &'static [&'static str],
) -> Rule {
    let except = &[];
    let signal = Signal::Growth { name: counter, labels, by, except, limit, within };
    Rule { name, severity, signal, bad_for: NOW, good_for: MINUTE, prometheus }
}

const fn rule(
    name: &'static str,
    severity: Severity,
    signal: Signal,
    bad_for: Duration,
    prometheus: &'static [&'static str],
) -> Rule {
    Rule { name, severity, signal, bad_for, good_for: TWO_MINUTES, prometheus }
}

use Component::{Database, Poller, Redis, Storage, Telegram};
use Severity::{Page, Ticket};
use State::{Degraded, Down};

/// All rules, in the order in which they are judged.
pub const RULES: &[Rule] = &[
    component("database_down", Page, (Database, Down), HALF_MINUTE, &["PrimeLingoDatabaseDown"]),
    component("redis_down", Ticket, (Redis, Degraded), MINUTE, &["PrimeLingoRedisDown"]),
    component(
        "telegram_refusing",
        Ticket,
        (Telegram, Degraded),
        TWO_MINUTES,
        &["PrimeLingoTelegramErrors", "PrimeLingoTelegramDown"],
    ),
    growth(
        "token_rejected",
        Page,
        ("primelingo_telegram_requests_total", &[("outcome", "unauthorized")], None),
        (0.0, FIVE_MINUTES),
        &["PrimeLingoTokenRejected"],
    ),
    component("poll_stalled", Page, (Poller, Down), MINUTE, &["PrimeLingoPollerStalled"]),
    growth(
        "poll_conflict",
        Page,
        ("primelingo_poll_errors_total", &[("reason", "conflict")], None),
        (3.0, TEN_MINUTES),
        &["PrimeLingoPollConflict"],
    ),
    rule(
        "updates_late",
        Page,
        Signal::Above {
            name: "primelingo_ledger_oldest_age_seconds",
            labels: &[],
            by: None,
            unless: None,
            limit: Limit::UpdateAge,
        },
        TWO_MINUTES,
        &["PrimeLingoUpdatesWaiting"],
    ),
    rule(
        "queue_stuck",
        Page,
        Signal::Above {
            name: "primelingo_queue_oldest_job_age_seconds",
            labels: &[],
            by: Some("queue"),
            unless: Some("primelingo_queue_paused"),
            limit: Limit::JobAge,
        },
        FIVE_MINUTES,
        &["PrimeLingoQueueStuck"],
    ),
    // Each of a few is told as what was put aside.
    growth(
        "dead_jobs",
        Ticket,
        ("primelingo_jobs_total", &[("outcome", "dead")], None),
        (5.0, QUARTER),
        &["PrimeLingoDeadJobs"],
    ),
    rule("no_workers", Page, Signal::NoWorkers, FIVE_MINUTES, &["PrimeLingoNoWorkers"]),
    rule(
        "broadcast_stalled",
        Ticket,
        Signal::Still {
            name: "primelingo_broadcast_last_progress_timestamp_seconds",
            active: "primelingo_broadcast_active",
            limit: TWO_MINUTES,
        },
        MINUTE,
        &["PrimeLingoBroadcastStalled"],
    ),
    Rule {
        name: "actor_restarting",
        severity: Ticket,
        signal: Signal::ActorRestarts { limit: 3, within: TEN_MINUTES },
        bad_for: NOW,
        good_for: MINUTE,
        prometheus: &["PrimeLingoActorRestarting"],
    },
    rule("actor_down", Page, Signal::ActorDown, MINUTE, &["PrimeLingoActorDown"]),
    rule(
        "mailbox_full",
        Ticket,
        Signal::MailboxShare(0.8),
        TWO_MINUTES,
        &["PrimeLingoMailboxFull"],
    ),
    rule(
        "loop_lag",
        Ticket,
        Signal::Slow {
            name: "primelingo_event_loop_lag_seconds",
            by: "loop",
            limit: Limit::LoopLag,
        },
        FIVE_MINUTES,
        &["PrimeLingoEventLoopLag"],
    ),
    growth(
        "panics",
        Ticket,
        ("primelingo_panics_total", &[], Some("area")),
        (0.0, QUARTER),
        &["PrimeLingoPanics"],
    ),
    component(
        "disk_nearly_full",
        Ticket,
        (Storage, Degraded),
        MINUTE,
        &["PrimeLingoDiskNearlyFull", "PrimeLingoStorageDown"],
    ),
    rule(
        "backup_stale",
        Ticket,
        Signal::Old {
            name: "primelingo_backup_last_success_timestamp_seconds",
            limit: Limit::BackupAge,
        },
        MINUTE,
        &["PrimeLingoBackupStale"],
    ),
    growth(
        "webhook_forged",
        Ticket,
        ("primelingo_webhook_rejected_total", &[("reason", "secret")], None),
        (20.0, TEN_MINUTES),
        &["PrimeLingoWebhookForged"],
    ),
    Rule {
        name: "auth_failures",
        severity: Ticket,
        signal: Signal::Growth {
            name: "primelingo_auth_failures_total",
            labels: &[],
            by: Some("surface"),
            // Told as forged calls.
            except: &["webhook"],
            limit: 20.0,
            within: TEN_MINUTES,
        },
        bad_for: NOW,
        good_for: MINUTE,
        prometheus: &["PrimeLingoAuthFailures"],
    },
    rule(
        "watchdog_silent",
        Ticket,
        Signal::WatchdogSilent(TEN_MINUTES),
        NOW,
        &["PrimeLingoWatchdogLost"],
    ),
];

/// The rule of a name.
pub fn rule_of(name: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.name == name)
}

/// The rule that means the same as an alert of Prometheus.
pub fn same_as(prometheus: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.prometheus.contains(&prometheus))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_used_once() {
        let names: BTreeSet<_> = RULES.iter().map(|rule| rule.name).collect();
        assert_eq!(names.len(), RULES.len());
        let all = || RULES.iter().flat_map(|rule| rule.prometheus);
        assert_eq!(all().collect::<BTreeSet<_>>().len(), all().count());
        assert!(RULES.len() >= 15, "{}", RULES.len());
    }

    #[test]
    fn every_alert_of_prometheus_that_is_named_is_one() {
        let rules = include_str!("../../../config/prometheus/primelingo.rules.yml");
        for name in RULES.iter().flat_map(|rule| rule.prometheus) {
            let line = format!("- alert: {name}\n");
            assert!(rules.contains(&line), "{name} is no alert of Prometheus");
        }
    }

    #[test]
    fn an_alert_of_prometheus_finds_its_rule() {
        assert_eq!(same_as("PrimeLingoRedisDown").map(|rule| rule.name), Some("redis_down"));
        assert_eq!(same_as("NodeDown"), None);
        assert_eq!(rule_of("panics").map(|rule| rule.severity), Some(Ticket));
    }
}
