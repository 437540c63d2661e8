//! How each rule's signal stands: read from the figures of this process, the health board, the
//! actors and Alertmanager's sign of life.
//!
//! Invariants: a figure that is not there is good, so that what is not in use raises no alert; growth
//! counts from the first look on, so that a take-over does not tell what was before it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use crate::domain::alert::AlertDetails;
use crate::domain::alert::rules::{Labels, Limit, Limits, Rule, Signal};
use crate::domain::clock::Timestamp;
use crate::domain::health::{Component, ComponentHealth, Moment, State};
use crate::meters::{Reading, Sample};
use crate::runtime::{ChildSnapshot, ChildState};

/// Samples of a counter within the time that it is watched over.
const SAMPLES: u32 = 60;

/// How old the reading is, at least, to which a distribution is compared; at most twice that.
const BASE_AGE: Duration = Duration::from_secs(150);

/// The share of what is counted that has to be fast.
const FAST_SHARE: f64 = 0.99;

/// What there is to see at one moment.
pub(super) struct World<'a> {
    pub now: Moment,
    /// The same by the clock on the wall.
    pub wall: Timestamp,
    pub reading: &'a Arc<Reading>,
    pub health: &'a [ComponentHealth],
    pub actors: &'a [ChildSnapshot],
    /// Processes that work jobs off.
    pub workers: i64,
    /// Alertmanager's last sign of life.
    pub watchdog: Option<Timestamp>,
}

/// How a rule stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Verdict {
    pub is_bad: bool,
    pub details: AlertDetails,
}

impl Verdict {
    fn about(subject: Option<&str>) -> Self {
        let details = AlertDetails { subject: subject.map(str::to_owned), text: None };
        Self { is_bad: true, details }
    }

    const fn bad_if(is_bad: bool) -> Self {
        Self { is_bad, details: AlertDetails { subject: None, text: None } }
    }
}

/// Remembers what has to be remembered to see growth and stillness.
pub(super) struct Judge {
    limits: Limits,
    begun: Option<Moment>,
    growths: BTreeMap<(&'static str, String), Growth>,
    still: BTreeMap<&'static str, (f64, Moment)>,
    watchdog: Option<(Timestamp, Moment)>,
    /// The older and the newer one.
    bases: Option<[(Arc<Reading>, Moment); 2]>,
}

impl Judge {
    pub(super) const fn new(limits: Limits) -> Self {
        Self {
            limits,
            begun: None,
            growths: BTreeMap::new(),
            still: BTreeMap::new(),
            watchdog: None,
            bases: None,
        }
    }

    /// How these rules stand, in their order.
    pub(super) fn judge(&mut self, rules: &'static [Rule], world: &World<'_>) -> Vec<Verdict> {
        self.keep_base(world);
        let verdicts = rules.iter().map(|rule| self.of(rule, world)).collect();
        self.begun.get_or_insert(world.now);
        verdicts
    }

    fn of(&mut self, rule: &'static Rule, world: &World<'_>) -> Verdict {
        match rule.signal {
            Signal::Component(component, state) => of_component(world, component, state),
            Signal::Above { name, labels, by, unless, limit } => {
                self.above(world, (name, labels), by, unless, limit)
            }
            Signal::Growth { name, labels, by, except, limit, within } => {
                let mut values = by_label(world.reading, name, labels, by);
                values.retain(|subject, _| !except.contains(&subject.as_str()));
                self.grown(rule.name, values, (limit, within), world.now)
            }
            Signal::Still { name, active, limit } => {
                self.still(world, rule.name, name, active, limit)
            }
            Signal::Old { name, limit } => self.old(world, name, limit),
            Signal::Slow { name, by, limit } => self.slow(world, name, by, limit),
            Signal::NoWorkers => no_workers(world),
            Signal::ActorDown => actor_down(world),
            Signal::ActorRestarts { limit, within } => {
                let count = |n: u64| u32::try_from(n).map_or(f64::MAX, f64::from);
                let of = |actor: &ChildSnapshot| (actor.name.to_owned(), count(actor.restarts));
                let values = world.actors.iter().map(of).collect();
                self.grown(rule.name, values, (count(limit), within), world.now)
            }
            Signal::MailboxShare(limit) => mailbox_full(world, limit),
            Signal::WatchdogSilent(limit) => self.silent(world, limit),
        }
    }

    fn above(
        &self,
        world: &World<'_>,
        (name, labels): (&'static str, Labels),
        by: Option<&'static str>,
        unless: Option<&'static str>,
        limit: Limit,
    ) -> Verdict {
        let limit = limit.value(&self.limits);
        let is_excused = |sample: &Sample| {
            let (Some(unless), Some(by)) = (unless, by) else { return false };
            let value = sample.label(by).unwrap_or_default();
            world.reading.max(unless, &[(by, value)]).is_some_and(|value| value >= 1.0)
        };
        let samples = world.reading.series(name).iter();
        let worst = samples
            .filter(|sample| has(sample, labels) && sample.value > limit && !is_excused(sample))
            .max_by(|a, b| a.value.total_cmp(&b.value));
        worst.map_or_else(Verdict::default, |sample| {
            Verdict::about(by.and_then(|by| sample.label(by)))
        })
    }

    fn grown(
        &mut self,
        rule: &'static str,
        values: BTreeMap<String, f64>,
        (limit, within): (f64, Duration),
        now: Moment,
    ) -> Verdict {
        let begun = self.begun;
        let mut worst: Option<(f64, String)> = None;
        for (subject, value) in values {
            let growth = self.growths.entry((rule, subject.clone())).or_insert_with(|| {
                // What was not there at the first look has begun at zero since.
                Growth::new(begun.map_or((now, value), |begun| (begun, 0.0)))
            });
            let grown = growth.heed(value, within, now);
            if grown > limit && worst.as_ref().is_none_or(|(most, _)| grown > *most) {
                worst = Some((grown, subject));
            }
        }
        worst.map_or_else(Verdict::default, |(_, subject)| {
            Verdict::about(Some(subject.as_str()).filter(|subject| !subject.is_empty()))
        })
    }

    fn still(
        &mut self,
        world: &World<'_>,
        rule: &'static str,
        name: &str,
        active: &str,
        limit: Duration,
    ) -> Verdict {
        let is_active = world.reading.max(active, &[]).is_some_and(|value| value >= 1.0);
        let Some(value) = world.reading.max(name, &[]).filter(|_| is_active) else {
            self.still.remove(rule);
            return Verdict::default();
        };
        let known = self.still.entry(rule).or_insert((value, world.now));
        if known.0.total_cmp(&value).is_ne() {
            *known = (value, world.now);
        }
        Verdict::bad_if(world.now.saturating_sub(known.1) > limit)
    }

    /// Several processes may tell of it: the newest counts.
    fn old(&self, world: &World<'_>, name: &str, limit: Limit) -> Verdict {
        let newest = world.reading.max(name, &[]);
        let now = u32::try_from(world.wall.timestamp()).map_or(0.0, f64::from);
        Verdict::bad_if(newest.is_some_and(|at| now - at > limit.value(&self.limits)))
    }

    fn keep_base(&mut self, world: &World<'_>) {
        let fresh = (Arc::clone(world.reading), world.now);
        match &mut self.bases {
            None => self.bases = Some([fresh.clone(), fresh]),
            Some([older, newer]) => {
                if world.now.saturating_sub(newer.1) >= BASE_AGE {
                    *older = std::mem::replace(newer, fresh);
                }
            }
        }
    }

    fn slow(&self, world: &World<'_>, name: &str, by: &str, limit: Limit) -> Verdict {
        let Some([(base, _), _]) = &self.bases else { return Verdict::default() };
        let limit = limit.value(&self.limits);
        let series = world.reading.series(&format!("{name}_count"));
        let subjects: BTreeSet<&str> = series.iter().filter_map(|it| it.label(by)).collect();
        let slow = subjects.into_iter().find(|subject| {
            let lag = world.reading.quantile(base, name, &[(by, subject)], FAST_SHARE);
            lag.is_some_and(|lag| lag > limit)
        });
        slow.map_or_else(Verdict::default, |subject| Verdict::about(Some(subject)))
    }

    fn silent(&mut self, world: &World<'_>, limit: Duration) -> Verdict {
        let Some(seen) = world.watchdog else { return Verdict::default() };
        let known = self.watchdog.get_or_insert((seen, world.now));
        if known.0 != seen {
            *known = (seen, world.now);
        }
        Verdict::bad_if(world.now.saturating_sub(known.1) > limit)
    }
}

/// A counter over a time.
struct Growth {
    /// Oldest first; only the first may be older than the time.
    samples: VecDeque<(Moment, f64)>,
}

impl Growth {
    fn new(first: (Moment, f64)) -> Self {
        Self { samples: VecDeque::from([first]) }
    }

    /// How much it has grown within the time before now.
    fn heed(&mut self, value: f64, within: Duration, now: Moment) -> f64 {
        let from = now.saturating_sub(within);
        while self.samples.get(1).is_some_and(|(at, _)| *at <= from) {
            self.samples.pop_front();
        }
        let (first, last) = (self.samples.front().copied(), self.samples.back().copied());
        if last.is_some_and(|(_, before)| value < before) {
            // It began anew.
            self.samples = VecDeque::from([(now, 0.0)]);
            return value;
        }
        if last.is_none_or(|(at, _)| now.saturating_sub(at) >= within / SAMPLES) {
            self.samples.push_back((now, value));
        }
        first.map_or(0.0, |(_, before)| value - before)
    }
}

fn has(sample: &Sample, labels: Labels) -> bool {
    labels.iter().all(|(name, value)| sample.label(name) == Some(*value))
}

/// The sums of a counter by the values of a label; of one without, the one sum, which is zero as
/// long as there is none.
fn by_label(
    reading: &Reading,
    name: &str,
    labels: Labels,
    by: Option<&str>,
) -> BTreeMap<String, f64> {
    let mut sums = BTreeMap::new();
    if by.is_none() {
        sums.insert(String::new(), 0.0);
    }
    for sample in reading.series(name).iter().filter(|sample| has(sample, labels)) {
        let subject = by.map_or("", |by| sample.label(by).unwrap_or_default());
        *sums.entry(subject.to_owned()).or_insert(0.0) += sample.value;
    }
    sums
}

fn of_component(world: &World<'_>, component: Component, state: State) -> Verdict {
    let known = world.health.iter().find(|health| health.component == component);
    let Some(bad) = known.filter(|health| health.state >= state) else {
        return Verdict::default();
    };
    let text = Some(bad.latest.note.clone()).filter(|note| !note.is_empty());
    Verdict { is_bad: true, details: AlertDetails { subject: None, text } }
}

fn no_workers(world: &World<'_>) -> Verdict {
    Verdict::bad_if(jobs_wait(world.reading) && world.workers == 0)
}

/// Whether jobs wait that nobody of this process works off.
pub(super) fn jobs_wait(reading: &Reading) -> bool {
    let ready = reading.sum("primelingo_queue_depth", &[("state", "ready")]).unwrap_or(0.0);
    let here = reading.sum("primelingo_workers", &[]).unwrap_or(0.0);
    ready > 0.0 && here <= 0.0
}

fn actor_down(world: &World<'_>) -> Verdict {
    let is_down = |actor: &&ChildSnapshot| {
        matches!(actor.state, ChildState::BackingOff | ChildState::Stopped)
    };
    let down = world.actors.iter().find(is_down);
    down.map_or_else(Verdict::default, |actor| Verdict::about(Some(actor.name)))
}

fn mailbox_full(world: &World<'_>, limit: f64) -> Verdict {
    let count = |n: usize| u32::try_from(n).map_or(f64::MAX, f64::from);
    let share = |actor: &ChildSnapshot| {
        let mailbox = &actor.mailbox;
        if mailbox.capacity == 0 { 0.0 } else { count(mailbox.depth) / count(mailbox.capacity) }
    };
    let full = world.actors.iter().find(|actor| share(actor) > limit);
    full.map_or_else(Verdict::default, |actor| Verdict::about(Some(actor.name)))
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
