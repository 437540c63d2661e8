//! When an alert opens and when it is over. Pure, and measured by a clock that cannot jump.
//!
//! A condition that is bad for its time opens an alert; one that is good for its time ends it. What
//! opens again soon after its end is the next of the same openings, and needs eight times as long a
//! calm as before, up to an hour, to be over.
//!
//! Invariant: while no stretch of calm is as long as [`CALM_MAX`], a condition opens at most three
//! times, however often it comes and goes: the third opening is not over before an hour of calm.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::health::Moment;

/// What opens again before a calm of this length is not new.
pub const REOPEN_WITHIN: Duration = Duration::from_hours(2);

/// The calm that ends an alert is never asked to be longer, unless its rule says so.
pub const CALM_MAX: Duration = Duration::from_hours(1);

/// The calm that ends an alert is never shorter.
pub const CALM_MIN: Duration = Duration::from_mins(1);

/// By how much more calm each further opening needs.
const CALM_GROWTH: u32 = 8;

/// How something is at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// What it is the condition of.
    pub key: String,
    /// Whether it is bad.
    pub is_bad: bool,
    /// How long it has to be bad before it is believed.
    pub bad_for: Duration,
    /// How long it has to be good again before it is over.
    pub good_for: Duration,
}

/// What has happened to an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// It opened.
    Opened {
        /// Of which condition.
        key: String,
        /// The how many'th time in a row.
        openings: u32,
    },
    /// It is over.
    Resolved {
        /// Of which condition.
        key: String,
    },
}

/// What an engine that begins has to know of the past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// Of which condition.
    pub key: String,
    /// How often it has opened in a row.
    pub openings: u32,
    /// How long ago it was over; none if it is open.
    pub over_for: Option<Duration>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// All is well.
    Inactive,
    /// It is bad, but not for long enough.
    Pending { since: Moment },
    /// It is open.
    Firing,
    /// It is open, and good again, but not for long enough.
    Clearing { since: Moment },
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    phase: Phase,
    openings: u32,
    /// As long as a new opening counts as one more of the same.
    warm_until: Moment,
    /// How long it is bad by now, without a break.
    bad_since: Option<Moment>,
    good_for: Duration,
}

impl Entry {
    const fn new(good_for: Duration) -> Self {
        Self {
            phase: Phase::Inactive,
            openings: 0,
            warm_until: Moment::ZERO,
            bad_since: None,
            good_for,
        }
    }

    const fn is_firing(&self) -> bool {
        matches!(self.phase, Phase::Firing | Phase::Clearing { .. })
    }

    /// How long a calm ends this opening.
    fn calm(&self) -> Duration {
        let least = self.good_for.max(CALM_MIN);
        let grown = CALM_GROWTH.saturating_pow(self.openings.saturating_sub(1));
        least.saturating_mul(grown).min(CALM_MAX.max(least))
    }

    /// Takes in how it is. Gives whether it has opened (`true`) or is over (`false`).
    fn heed(&mut self, is_bad: bool, bad_for: Duration, now: Moment) -> Option<bool> {
        self.bad_since = is_bad.then(|| self.bad_since.unwrap_or(now));
        if is_bad && now <= self.warm_until {
            // Whatever is bad again, however shortly, is no calm.
            self.warm_until = now.saturating_add(REOPEN_WITHIN);
        }
        match (self.phase, is_bad) {
            (Phase::Inactive, true) => {
                self.phase = Phase::Pending { since: now };
                self.open_if_due(now, bad_for, now)
            }
            (Phase::Pending { since }, true) => self.open_if_due(since, bad_for, now),
            (Phase::Pending { .. }, false) => {
                self.phase = Phase::Inactive;
                None
            }
            (Phase::Clearing { .. }, true) => {
                self.phase = Phase::Firing;
                None
            }
            (Phase::Firing, false) => {
                self.phase = Phase::Clearing { since: now };
                None
            }
            (Phase::Clearing { since }, false) => {
                if now.saturating_sub(since) < self.calm() {
                    return None;
                }
                self.phase = Phase::Inactive;
                self.warm_until = now.saturating_add(REOPEN_WITHIN);
                Some(false)
            }
            (Phase::Inactive, false) | (Phase::Firing, true) => None,
        }
    }

    fn open_if_due(&mut self, since: Moment, bad_for: Duration, now: Moment) -> Option<bool> {
        if now.saturating_sub(since) < bad_for {
            return None;
        }
        self.openings = if now <= self.warm_until { self.openings.saturating_add(1) } else { 1 };
        self.phase = Phase::Firing;
        Some(true)
    }
}

/// The states of all conditions.
#[derive(Debug, Clone, Default)]
pub struct Engine {
    entries: BTreeMap<String, Entry>,
}

impl Engine {
    /// Goes on where another one has stopped.
    pub fn after(past: impl IntoIterator<Item = Past>, now: Moment) -> Self {
        let entry = |past: Past| {
            let phase = if past.over_for.is_none() { Phase::Firing } else { Phase::Inactive };
            let left = past.over_for.map(|ago| REOPEN_WITHIN.saturating_sub(ago));
            let warm_until = left.map_or(Moment::ZERO, |left| now.saturating_add(left));
            let openings = past.openings;
            (past.key, Entry { phase, openings, warm_until, ..Entry::new(CALM_MIN) })
        };
        Self { entries: past.into_iter().map(entry).collect() }
    }

    /// Takes in how everything is; what is not among the conditions is good. Gives what has
    /// happened, in the order of the keys.
    pub fn step(&mut self, conditions: &[Condition], now: Moment) -> Vec<Turn> {
        for condition in conditions {
            let entry = self
                .entries
                .entry(condition.key.clone())
                .or_insert_with(|| Entry::new(condition.good_for));
            entry.good_for = condition.good_for;
        }
        let known: BTreeMap<&str, &Condition> =
            conditions.iter().map(|condition| (condition.key.as_str(), condition)).collect();
        let mut turns = Vec::new();
        for (key, entry) in &mut self.entries {
            let condition = known.get(key.as_str());
            let is_bad = condition.is_some_and(|condition| condition.is_bad);
            let bad_for = condition.map_or(Duration::ZERO, |condition| condition.bad_for);
            let turn = entry.heed(is_bad, bad_for, now).map(|opened| {
                let key = key.clone();
                if opened {
                    Turn::Opened { key, openings: entry.openings }
                } else {
                    Turn::Resolved { key }
                }
            });
            turns.extend(turn);
        }
        // What is over for long, and is nothing that is always judged, is forgotten.
        self.entries.retain(|key, entry| {
            entry.phase != Phase::Inactive
                || now <= entry.warm_until
                || known.contains_key(key.as_str())
        });
        turns
    }

    /// Whether an alert of that key is open.
    pub fn is_firing(&self, key: &str) -> bool {
        self.entries.get(key).is_some_and(Entry::is_firing)
    }

    /// How long a condition whose alert is open has been bad without a break.
    pub fn steady(&self, key: &str, now: Moment) -> Option<Duration> {
        let entry = self.entries.get(key).filter(|entry| entry.is_firing())?;
        entry.bad_since.map(|since| now.saturating_sub(since))
    }
}

#[cfg(test)]
#[path = "engine_tests.rs"]
mod tests;
