//! Every family of figures, as data. Each file holds the groups of one part of the program.
//!
//! Invariants: a name stands once; the values of a label are a closed set, so that nobody who
//! writes to the bot can make a new series; where a name, a bucket or a label is needed elsewhere
//! (registration, the reference page, rules and boards), it is taken from here or checked against
//! this.

mod actors;
mod alerts;
mod broadcast;
mod database;
mod inbound;
mod jobs;
mod library;
mod outbound;
mod people;
mod process;
mod state;
mod web;

/// Figures that belong together: one name, one meaning, some labels.
#[derive(Debug, Clone, Copy)]
pub struct Family {
    /// The heading under which the reference page shows it.
    pub group: &'static str,
    /// Its name, as Prometheus knows it.
    pub name: &'static str,
    /// What it measures with.
    pub kind: Kind,
    /// Base unit: `s`, `B`, `ratio`, or empty for a count.
    pub unit: &'static str,
    /// Its labels, each with all values that it may have.
    pub labels: &'static [Label],
    /// What it means, in one sentence.
    pub help: &'static str,
    /// When its series are there.
    pub presence: Presence,
}

/// How a figure is measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts values in these buckets (upper bounds).
    Histogram(&'static [f64]),
}

/// A label and its closed set of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Label {
    /// Its name.
    pub name: &'static str,
    /// All values it may have; empty where the set is fixed by the configuration (a queue's name).
    pub values: &'static [&'static str],
}

/// When the series of a family are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// From the start of the process, at zero.
    Always,
    /// From the start, at zero, where that part is configured.
    With(Part),
    /// As soon as there is something to tell, so that a fresh installation raises no alert: what
    /// brings it.
    Once(&'static str),
}

/// What may be configured or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Redis.
    Redis,
    /// Updates are posted to us.
    Webhook,
    /// We ask for updates.
    Polling,
}

impl Part {
    /// In a sentence of the reference page.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Redis => "with Redis",
            Self::Webhook => "with a webhook",
            Self::Polling => "with polling",
        }
    }
}

impl Kind {
    /// Its name in the text format.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram(_) => "histogram",
        }
    }
}

/// A label with these values.
const fn label(name: &'static str, values: &'static [&'static str]) -> Label {
    Label { name, values }
}

/// A family that is there from the start, until it is told otherwise.
const fn counter(
    group: &'static str,
    name: &'static str,
    labels: &'static [Label],
    help: &'static str,
) -> Family {
    let (kind, unit, presence) = (Kind::Counter, "", Presence::Always);
    Family { group, name, kind, unit, labels, help, presence }
}

/// As [`counter`].
const fn gauge(
    group: &'static str,
    name: &'static str,
    labels: &'static [Label],
    help: &'static str,
) -> Family {
    Family { kind: Kind::Gauge, ..counter(group, name, labels, help) }
}

/// As [`counter`], of seconds.
const fn histogram(
    group: &'static str,
    name: &'static str,
    buckets: &'static [f64],
    labels: &'static [Label],
    help: &'static str,
) -> Family {
    let kind = Kind::Histogram(buckets);
    Family { kind, unit: "s", ..counter(group, name, labels, help) }
}

impl Family {
    /// Measured in this unit.
    const fn of(self, unit: &'static str) -> Self {
        Self { unit, ..self }
    }

    /// There from the start where that part is configured.
    const fn with(self, part: Part) -> Self {
        Self { presence: Presence::With(part), ..self }
    }

    /// Not there before that.
    const fn once(self, what_brings_it: &'static str) -> Self {
        Self { presence: Presence::Once(what_brings_it), ..self }
    }

    /// The label of that name, if it has one.
    pub fn label(&self, name: &str) -> Option<&Label> {
        self.labels.iter().find(|label| label.name == name)
    }
}

/// The groups, in the order of the reference page.
const GROUPS: [&[Family]; 12] = [
    process::FAMILIES,
    inbound::FAMILIES,
    outbound::FAMILIES,
    jobs::FAMILIES,
    broadcast::FAMILIES,
    library::FAMILIES,
    people::FAMILIES,
    state::FAMILIES,
    database::FAMILIES,
    actors::FAMILIES,
    web::FAMILIES,
    alerts::FAMILIES,
];

const COUNT: usize = {
    let (mut count, mut group) = (0, 0);
    while group < GROUPS.len() {
        count += length(group);
        group += 1;
    }
    count
};

#[expect(clippy::indexing_slicing, reason = "at compile time, where it cannot fail later")]
const fn length(group: usize) -> usize {
    GROUPS[group].len()
}

#[expect(clippy::indexing_slicing, reason = "at compile time, where it cannot fail later")]
const fn all() -> [Family; COUNT] {
    let mut all = [process::FAMILIES[0]; COUNT];
    let (mut at, mut group) = (0, 0);
    while group < GROUPS.len() {
        let mut family = 0;
        while family < length(group) {
            all[at] = GROUPS[group][family];
            at += 1;
            family += 1;
        }
        group += 1;
    }
    all
}

/// All families.
pub const CATALOGUE: &[Family] = &all();

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_stand_once_and_say_what_they_are() {
        let mut known = HashSet::new();
        for family in CATALOGUE {
            let name = family.name;
            assert!(known.insert(name), "{name} stands twice");
            assert!(name.starts_with("primelingo_") || name.starts_with("process_"), "{name}");
            let is_total = name.ends_with("_total");
            assert_eq!(family.kind == Kind::Counter, is_total, "{name}");
            assert_eq!(
                family.unit == "s",
                name.trim_end_matches("_total").ends_with("_seconds"),
                "{name}"
            );
            assert!(family.help.ends_with('.'), "{name}: {}", family.help);
        }
    }

    #[test]
    fn buckets_rise_and_values_of_labels_differ() {
        for family in CATALOGUE {
            if let Kind::Histogram(buckets) = family.kind {
                assert!(buckets.windows(2).all(|pair| pair[0] < pair[1]), "{}", family.name);
                assert!((5..=13).contains(&buckets.len()), "{}", family.name);
            }
            for label in family.labels {
                let values: HashSet<_> = label.values.iter().collect();
                assert_eq!(values.len(), label.values.len(), "{} {}", family.name, label.name);
                // The reading of our own figures relies on it.
                assert!(label.values.iter().all(|value| !value.contains(['"', '\\', ' '])));
            }
        }
    }

    #[test]
    fn slow_updates_can_be_told_from_fast_ones() {
        let named = |name| CATALOGUE.iter().find(|family| family.name == name).expect("there");
        let Kind::Histogram(buckets) = named("primelingo_update_duration_seconds").kind else {
            panic!("no histogram")
        };
        assert!(buckets.contains(&2.5), "the objective is 2.5 s");
    }
}
