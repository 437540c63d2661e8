//! The last minutes, for the charts: a point every five seconds, and what happened between them.
//!
//! Invariant: bounded, whatever the clock does: points are kept by their number, not by their time.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use super::figures::Traffic;

/// Seconds between two points.
pub const STEP_S: u64 = 5;

/// Points that are kept: 20 minutes.
const POINTS: usize = 240;

/// Marks that are kept.
const MARKS: usize = 100;

/// Points and marks.
#[derive(Debug, Default)]
pub struct History(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    points: VecDeque<Point>,
    marks: VecDeque<Mark>,
}

#[derive(Debug, Clone, Copy, Serialize)]
struct Point {
    t: i64,
    #[serde(rename = "in")]
    came: f64,
    out: f64,
    p50: Option<f64>,
    p99: Option<f64>,
    bc: f64,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mark {
    /// When, milliseconds since the Unix epoch.
    pub t: i64,
    /// `restart` or `alert`.
    pub kind: &'static str,
    /// Of what.
    pub text: String,
}

#[derive(Serialize)]
struct Shown<'a> {
    step_s: u64,
    points: &'a VecDeque<Point>,
    marks: &'a VecDeque<Mark>,
}

impl History {
    /// Adds a point.
    pub fn add(&self, t: i64, traffic: &Traffic) {
        let mut kept = self.lock();
        if kept.points.len() >= POINTS {
            kept.points.pop_front();
        }
        let rounded = |value: f64| (value * 100.0).round() / 100.0;
        kept.points.push_back(Point {
            t,
            came: rounded(traffic.updates_per_s),
            out: rounded(traffic.replies_per_s),
            p50: traffic.p50_ms.map(rounded),
            p99: traffic.p99_ms.map(rounded),
            bc: rounded(traffic.broadcast_per_s),
        });
    }

    /// Adds marks.
    pub fn mark(&self, marks: impl IntoIterator<Item = Mark>) {
        let mut kept = self.lock();
        kept.marks.extend(marks);
        while kept.marks.len() > MARKS {
            kept.marks.pop_front();
        }
    }

    /// All of it, as JSON.
    pub fn render(&self) -> Result<Vec<u8>, serde_json::Error> {
        let kept = self.lock();
        serde_json::to_vec(&Shown { step_s: STEP_S, points: &kept.points, marks: &kept.marks })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_history_is_bounded() {
        let history = History::default();
        for t in 0..1_000 {
            history.add(t, &Traffic { updates_per_s: 1.234, ..Traffic::default() });
            history.mark([Mark { t, kind: "restart", text: "poller".to_owned() }]);
        }
        let shown: serde_json::Value = serde_json::from_slice(&history.render().unwrap()).unwrap();
        assert_eq!(shown["points"].as_array().unwrap().len(), POINTS);
        assert_eq!(shown["marks"].as_array().unwrap().len(), MARKS);
        assert_eq!(shown["points"][0]["t"], 760);
        assert_eq!(shown["points"][0]["in"], 1.23);
        assert_eq!(shown["marks"][99]["text"], "poller");
    }
}
