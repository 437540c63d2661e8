//! Every family of figures, as data.

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
    /// As soon as there is something to tell, so that a fresh installation raises no alert: what
    /// brings it.
    Once(&'static str),
}

/// All families.
pub const CATALOGUE: &[Family] = &[];
