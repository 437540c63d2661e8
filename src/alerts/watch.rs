//! From what is seen to what is told: judges, writes openings and ends down, and tells.
//!
//! What could not be written is kept in memory and written later, in its order and with its own
//! time: an outage of the database is told when it is over, at the latest.
//!
//! Invariant: done twice, by a successor or after a commit whose answer was lost, it is done once.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::TimeDelta;

use super::AlerterParts;
use super::judge::{Judge, Verdict, World, jobs_wait};
use super::telling::{Telling, remind};
use crate::domain::alert::cards::CardSpan;
use crate::domain::alert::engine::{Condition, Engine, Past, REOPEN_WITHIN, Turn};
use crate::domain::alert::rules::{RULES, rule_of, same_as};
use crate::domain::alert::{AlertDetails, Severity, Source};
use crate::domain::clock::Timestamp;
use crate::domain::health::{Component, Moment, State};
use crate::domain::ids::AlertId;
use crate::runtime::ChildSnapshot;
use crate::store::StoreResult;
use crate::store::records::{AlertSignals, AlertTurn, NewAlert};

/// Longest wait for the actors to say how they are.
const INSPECT_WITHIN: Duration = Duration::from_millis(500);

/// What Alertmanager has not repeated for so long is over: it repeats every few hours.
const SIGNAL_LIFE: TimeDelta = TimeDelta::hours(25);

/// Alerts with something new that are shown at once.
const LOOK_MAX: i64 = 200;

/// Time between two looks for what is to be mentioned again.
const REMIND_LOOK_EVERY: Duration = Duration::from_secs(10);

/// Time between two times at which old alerts are forgotten, and how many at a time.
const PRUNE_EVERY: Duration = Duration::from_hours(1);
const PRUNE_MAX: i64 = 1_000;

/// What alerts are called and how urgent they are.
#[derive(Debug, Clone)]
struct Meaning {
    name: String,
    severity: Severity,
    source: Source,
    details: AlertDetails,
}

/// What was seen and told so far.
pub(super) struct Watch {
    pub(super) parts: AlerterParts,
    /// None until it is known what the store knows.
    engine: Option<Engine>,
    judge: Judge,
    signals: AlertSignals,
    /// Openings and ends that are not written down.
    unsaved: Vec<AlertTurn>,
    open: BTreeMap<String, Severity>,
    /// The messages that others may join: those that wake people, and the others.
    pub(super) recent: [Option<CardSpan>; 2],
    /// Alerts that were not told because they are silenced.
    pub(super) hushed: BTreeSet<AlertId>,
    reminded: Moment,
    pruned: Moment,
}

impl Watch {
    pub(super) fn new(parts: AlerterParts) -> Self {
        let judge = Judge::new(parts.config.limits);
        Self {
            parts,
            engine: None,
            judge,
            signals: AlertSignals::default(),
            unsaved: Vec::new(),
            open: BTreeMap::new(),
            recent: [None; 2],
            hushed: BTreeSet::new(),
            reminded: Moment::ZERO,
            pruned: Moment::ZERO,
        }
    }

    /// Judges and tells once. Gives how many alerts have opened.
    pub(super) async fn tick(&mut self) -> i64 {
        let opened = self.try_tick().await;
        let open: Vec<Severity> = self.open.values().copied().collect();
        show_open(&open);
        opened.unwrap_or_else(|error| {
            if !error.is_lease_lost() {
                error.tell("alerts cannot be read or written");
            }
            0
        })
    }

    /// The time by which rules are measured: its seconds are longer for the patient.
    pub(super) fn now(&self) -> Moment {
        self.measured(self.parts.health.moment())
    }

    fn measured(&self, time: Duration) -> Duration {
        time.div_f64(self.parts.config.patience)
    }

    async fn try_tick(&mut self) -> StoreResult<i64> {
        let health = self.parts.health.snapshot();
        let is_away =
            health.iter().any(|it| it.component == Component::Database && it.state == State::Down);
        let now = self.now();
        if self.engine.is_none() {
            self.restore(now).await?;
        }
        // As long as the database is away, what was posted last holds.
        let heard = if is_away { Ok(()) } else { self.hear().await };
        let actors: Vec<ChildSnapshot> = self
            .parts
            .roster
            .inspect(INSPECT_WITHIN)
            .await
            .into_iter()
            .filter_map(|crew| crew.children.ok())
            .flatten()
            .collect();
        let reading = self.parts.readings.now();
        let mut workers = 1;
        if heard.is_ok() && !is_away && jobs_wait(&reading) {
            workers = self.parts.db.workers_alive().await?;
        }
        let watchdog = self.signals.watchdog;
        let (health, actors) = (health.as_slice(), actors.as_slice());
        let wall = self.parts.clock.now();
        let world = World { now, wall, reading: &reading, health, actors, workers, watchdog };
        let verdicts = self.judge.judge(RULES, &world);
        let opened = self.step(verdicts, now);
        heard?;
        if !is_away {
            self.save().await?;
            self.tell(now).await?;
        }
        Ok(opened)
    }

    /// Goes on where another alerter has stopped.
    async fn restore(&mut self, now: Moment) -> StoreResult<()> {
        let wall = self.parts.clock.now();
        let warm = REOPEN_WITHIN.mul_f64(self.parts.config.patience);
        let since = wall - TimeDelta::from_std(warm).unwrap_or(TimeDelta::hours(2));
        let mut past: BTreeMap<String, Past> = BTreeMap::new();
        for alert in self.parts.db.alerts_since(since).await? {
            if alert.is_open() {
                self.open.insert(alert.key.clone(), alert.severity);
            }
            let over_for =
                alert.resolved_at.map(|at| self.measured((wall - at).to_std().unwrap_or_default()));
            // Those that are open come first, then the latest.
            past.entry(alert.key.clone()).or_insert(Past {
                key: alert.key,
                openings: alert.openings,
                over_for,
            });
        }
        self.engine = Some(Engine::after(past.into_values(), now));
        Ok(())
    }

    async fn hear(&mut self) -> StoreResult<()> {
        let since = self.parts.clock.now() - SIGNAL_LIFE;
        self.signals = self.parts.db.alert_signals(since).await?;
        if let Some(seen) = self.signals.watchdog {
            super::show_watchdog(seen);
        }
        Ok(())
    }

    /// Takes the verdicts in. Gives how many alerts have opened.
    fn step(&mut self, verdicts: Vec<Verdict>, now: Moment) -> i64 {
        let (conditions, meanings) = conditions(verdicts, &self.signals);
        let turns = match &mut self.engine {
            Some(engine) => engine.step(&conditions, now),
            None => Vec::new(),
        };
        let at = self.parts.clock.now();
        let mut opened = 0;
        for turn in turns {
            match turn {
                Turn::Opened { key, openings } => {
                    let Some(meaning) = meanings.get(&key) else { continue };
                    tracing::warn!(alert = key, severity = meaning.severity.name(), "alert opened");
                    self.open.insert(key.clone(), meaning.severity);
                    self.unsaved.push(opening(key, openings, meaning.clone(), at));
                    opened += 1;
                }
                Turn::Resolved { key } => {
                    tracing::info!(alert = key, "alert is over");
                    self.open.remove(&key);
                    self.unsaved.push(AlertTurn::Resolved { key, at });
                }
            }
        }
        opened
    }

    async fn save(&mut self) -> StoreResult<()> {
        if self.unsaved.is_empty() {
            return Ok(());
        }
        self.parts.db.alerts_turn(self.unsaved.clone()).await?;
        self.unsaved.clear();
        Ok(())
    }

    async fn tell(&mut self, now: Moment) -> StoreResult<()> {
        let look = self.parts.db.alerts_look(self.parts.clock.now(), LOOK_MAX).await?;
        if !look.unshown.is_empty() || !look.due.is_empty() {
            Telling::begin(self, now).await?.tell(look).await?;
        }
        if now.saturating_sub(self.reminded) >= REMIND_LOOK_EVERY {
            self.reminded = now;
            if let Some(every) = self.parts.config.remind_every {
                remind(self, every).await?;
            }
        }
        if now.saturating_sub(self.pruned) >= PRUNE_EVERY {
            self.pruned = now;
            let keep = TimeDelta::from_std(self.parts.config.keep).unwrap_or(TimeDelta::days(30));
            self.parts.db.alerts_prune(self.parts.clock.now() - keep, PRUNE_MAX).await?;
        }
        Ok(())
    }

    /// Whether a condition has been bad without a break for so long.
    pub(super) fn is_steady(&self, key: &str, time: Duration) -> bool {
        let steady = self.engine.as_ref().and_then(|engine| engine.steady(key, self.now()));
        steady.is_some_and(|steady| steady >= self.measured(time))
    }
}

/// Shows how many alerts are open.
pub(super) fn show_open(open: &[Severity]) {
    for severity in Severity::ALL {
        let count = open.iter().filter(|open| **open == severity).count();
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        metrics::gauge!("primelingo_alerts_firing", "severity" => severity.name()).set(count);
    }
}

/// How everything is, own and posted, and what it means. What both know is one condition, and
/// Prometheus has waited already.
fn conditions(
    verdicts: Vec<Verdict>,
    signals: &AlertSignals,
) -> (Vec<Condition>, BTreeMap<String, Meaning>) {
    let (mut conditions, mut meanings) = (Vec::new(), BTreeMap::new());
    for (rule, verdict) in RULES.iter().zip(verdicts) {
        let posted = signals.firing.iter().find(|it| rule.prometheus.contains(&it.name.as_str()));
        conditions.push(Condition {
            key: rule.name.to_owned(),
            is_bad: verdict.is_bad || posted.is_some(),
            bad_for: if posted.is_some() { Duration::ZERO } else { rule.bad_for },
            good_for: rule.good_for,
        });
        let details = match posted.filter(|_| !verdict.is_bad) {
            Some(posted) => posted.details.clone(),
            None => verdict.details,
        };
        // Whoever takes it for more urgent has a reason.
        let severity = posted.map_or(rule.severity, |posted| posted.severity.min(rule.severity));
        let name = rule.name.to_owned();
        let meaning = Meaning { name, severity, source: Source::Own, details };
        meanings.insert(rule.name.to_owned(), meaning);
    }
    // What has one of our names is ours, whoever posts it.
    let foreign = |name: &str| same_as(name).is_none() && rule_of(name).is_none();
    for posted in signals.firing.iter().filter(|posted| foreign(&posted.name)) {
        let key = format!("am:{}", posted.fingerprint);
        conditions.push(Condition {
            key: key.clone(),
            is_bad: true,
            bad_for: Duration::ZERO,
            good_for: Duration::ZERO,
        });
        let meaning = Meaning {
            name: posted.name.clone(),
            severity: posted.severity,
            source: Source::Alertmanager,
            details: posted.details.clone(),
        };
        meanings.insert(key, meaning);
    }
    (conditions, meanings)
}

fn opening(key: String, openings: u32, meaning: Meaning, at: Timestamp) -> AlertTurn {
    let Meaning { name, severity, source, details } = meaning;
    AlertTurn::Opened(NewAlert { key, name, severity, source, details, openings, at })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::alert::incoming::Incoming;

    fn posted(name: &str, severity: Severity) -> Incoming {
        let details = AlertDetails { subject: None, text: Some("from there".to_owned()) };
        Incoming { fingerprint: format!("f-{name}"), name: name.to_owned(), severity, details }
    }

    fn bad(is_bad: bool) -> Vec<Verdict> {
        RULES.iter().map(|_| Verdict { is_bad, ..Verdict::default() }).collect()
    }

    #[test]
    fn what_prometheus_notices_too_is_the_same_alert() {
        let firing =
            vec![posted("PrimeLingoRedisDown", Severity::Page), posted("NodeDown", Severity::Info)];
        let signals = AlertSignals { firing, watchdog: None };
        let (conditions, meanings) = conditions(bad(false), &signals);
        assert_eq!(conditions.len(), RULES.len() + 1);
        let found: Vec<_> = conditions.iter().filter(|condition| condition.is_bad).collect();
        let keys: Vec<_> = found.iter().map(|condition| condition.key.as_str()).collect();
        assert_eq!(keys, ["redis_down", "am:f-NodeDown"]);
        assert!(found.iter().all(|condition| condition.bad_for.is_zero()));
        let redis = &meanings["redis_down"];
        assert_eq!((redis.severity, redis.source), (Severity::Page, Source::Own));
        assert_eq!(redis.details.text.as_deref(), Some("from there"));
        let node = &meanings["am:f-NodeDown"];
        assert_eq!((node.severity, node.source), (Severity::Info, Source::Alertmanager));
    }

    #[test]
    fn an_alert_in_the_name_of_a_rule_is_no_second_one() {
        let signals =
            AlertSignals { firing: vec![posted("redis_down", Severity::Page)], watchdog: None };
        let (conditions, _) = conditions(bad(false), &signals);
        assert!(conditions.iter().all(|condition| !condition.is_bad));
    }
}
