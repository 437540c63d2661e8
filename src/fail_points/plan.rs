//! What shall happen at which point: the rules of a run, as JSON.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The rules of one process.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Lines are appended here: `reached <point>` at a point's first reach in this process, and
    /// `acted <point>` before each action. Nothing is written without it.
    pub report: Option<PathBuf>,
    /// The first rule that fits acts.
    #[serde(default)]
    pub rules: Vec<Rule>,
}

/// What shall happen at a point.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The point's name.
    pub point: String,
    /// Only reaches whose text contains this are counted; all if there is none.
    #[serde(default)]
    pub marker: Option<String>,
    /// The first of the counted reaches that acts; 1 is the first of all.
    pub from: u64,
    /// How often it acts from then on.
    pub times: Times,
    /// What happens.
    pub action: Action,
}

/// How often a rule acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Times {
    /// A single time in the life of the process.
    Once,
    /// At every reach.
    Always,
}

/// What happens at a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// SIGKILL of the own process: no destructor runs.
    Kill,
    /// SIGABRT of the own process.
    Abort,
    /// A panic.
    Panic,
    /// The place returns its error.
    Error,
    /// A busy loop without end, which holds its thread for ever.
    Spin,
    /// A wait without end, which holds its thread for ever.
    Hang,
    /// The thread sleeps.
    DelayMs(u64),
    /// Allocates without end. Only in a child that has limited itself.
    Allocate,
    /// Recurses until the stack is used up, which aborts the process.
    Overflow,
}

impl Action {
    /// Its name, for a child process that is asked to do it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kill => "kill",
            Self::Abort => "abort",
            Self::Panic => "panic",
            Self::Error => "error",
            Self::Spin => "spin",
            Self::Hang => "sleep",
            Self::DelayMs(_) => "delay",
            Self::Allocate => "memory",
            Self::Overflow => "overflow",
        }
    }
}

impl Rule {
    /// Acts once, at the first reach of `point`.
    pub fn once(point: &str, action: Action) -> Self {
        Self { point: point.to_owned(), marker: None, from: 1, times: Times::Once, action }
    }

    /// Acts at every reach of `point` whose text contains `marker`.
    pub fn always_on(point: &str, marker: &str, action: Action) -> Self {
        let marker = Some(marker.to_owned());
        Self { point: point.to_owned(), marker, from: 1, times: Times::Always, action }
    }

    /// The first reach that acts.
    #[must_use]
    pub fn from_reach(mut self, from: u64) -> Self {
        self.from = from;
        self
    }
}
