//! The drill's outcome: figures, and whether the bot has kept its promises.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::aftermath::Aftermath;
use super::lives::End;
use crate::cli::simulate::error::DrillError;
use crate::cli::simulate::table::print;

/// The gate's window for replies: more can't be in flight at a kill.
pub const WINDOW: usize = 64;

/// An orderly stop must be over by then; one that is asked for twice, in half of that.
const STOP_WITHIN: Duration = Duration::from_secs(10);

/// Errors of the log that are shown.
const SHOWN: usize = 5;

/// All that is known at the end.
pub struct Report {
    pub database: &'static str,
    pub with_redis: bool,
    pub seed: u64,
    pub aftermath: Aftermath,
    pub logged_errors: Vec<String>,
}

impl Report {
    /// Names and figures.
    fn figures(&self) -> Vec<(&'static str, Value)> {
        let found = &self.aftermath.findings;
        let (updates, dialogs, presses) = {
            let diary = self.aftermath.diary.open();
            (diary.updates.len(), diary.uploads.len(), diary.queries.len())
        };
        let starts = self.first_polls();
        let mut figures = vec![
            ("database", json!(self.database)),
            ("redis", json!(self.with_redis)),
            ("seed", json!(self.seed)),
            ("killed", json!(self.count(|end| *end == End::Killed))),
            ("killed before the first poll", json!(self.killed_while_starting())),
            ("stopped in order", json!(self.count(|end| matches!(end, End::Stopped { .. })))),
            ("cut short", json!(self.count(|end| matches!(end, End::CutShort { .. })))),
            ("updates", json!(updates)),
            ("messages", json!(self.aftermath.sent.len())),
            ("dialogs", json!(dialogs)),
            ("presses", json!(presses)),
            ("presses never answered", json!(self.aftermath.presses_unanswered)),
            ("lost", json!(found.lost.len())),
            ("doubled", json!(found.doubled.len())),
            ("reordered", json!(found.reordered.len())),
            ("put aside", json!(found.put_aside.len())),
            ("sent again after a kill", json!(found.repeated_total())),
            ("at most after one kill", json!(found.repeated_worst())),
            ("first poll, median ms", json!(millis(starts.get(starts.len() / 2)))),
            ("first poll, worst ms", json!(millis(starts.last()))),
            ("errors in the log", json!(self.logged_errors.len())),
        ];
        let stops = self.aftermath.lives.iter().filter_map(|life| took(&life.end));
        if let Some(slowest) = stops.max() {
            figures.push(("slowest stop, ms", json!(millis(Some(&slowest)))));
        }
        figures
    }

    fn first_polls(&self) -> Vec<Duration> {
        let mut starts: Vec<Duration> =
            self.aftermath.lives.iter().filter_map(|life| life.first_poll).collect();
        starts.sort_unstable();
        starts
    }

    fn count(&self, is_it: impl Fn(&End) -> bool) -> usize {
        self.aftermath.lives.iter().filter(|life| is_it(&life.end)).count()
    }

    fn killed_while_starting(&self) -> usize {
        self.aftermath.lives.iter().filter(|life| life.first_poll.is_none()).count()
    }

    /// What was promised and not kept.
    fn breaches(&self) -> Vec<String> {
        let found = &self.aftermath.findings;
        let mut breaches = found.breaches();
        if !self.aftermath.is_drained {
            breaches.push("not everything was worked off in time".to_owned());
        }
        if found.repeated_worst() > WINDOW {
            let worst = found.repeated_worst();
            breaches.push(format!("{worst} messages were repeated after one end of the process"));
        }
        let is_orderly = !self.aftermath.lives.iter().any(|life| life.end.leaves_doubt());
        if is_orderly && self.aftermath.presses_unanswered > 0 {
            breaches
                .push(format!("{} presses were never answered", self.aftermath.presses_unanswered));
        }
        for life in &self.aftermath.lives {
            let is_kept = match &life.end {
                End::Killed => true,
                End::Stopped { took, code } => *took <= STOP_WITHIN && *code == Some(0),
                End::CutShort { took } => *took <= STOP_WITHIN / 2,
            };
            if !is_kept {
                breaches.push(format!("an end as it should not be: {:?}", life.end));
            }
        }
        breaches
    }

    /// Prints the figures; fails on what was promised and not kept.
    pub fn tell(&self, as_json: bool) -> Result<(), DrillError> {
        let figures = self.figures();
        let breaches = self.breaches();
        if as_json {
            let mut report: Map<String, Value> =
                figures.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            report.insert("breaches".to_owned(), json!(breaches));
            crate::cli::say(&Value::Object(report).to_string());
        } else {
            let rows: Vec<(&str, String)> =
                figures.into_iter().map(|(name, value)| (name, shown(&value))).collect();
            print("crash", &rows);
            for line in self.logged_errors.iter().take(SHOWN) {
                crate::cli::say(&format!("  log: {line}"));
            }
        }
        if breaches.is_empty() { Ok(()) } else { Err(DrillError::Broken(breaches.join("\n"))) }
    }
}

fn took(end: &End) -> Option<Duration> {
    match end {
        End::Killed => None,
        End::Stopped { took, .. } | End::CutShort { took } => Some(*took),
    }
}

fn millis(duration: Option<&Duration>) -> u64 {
    duration.map_or(0, |duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
