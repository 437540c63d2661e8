//! `[statistics]`: how often figures are counted, and how long what is counted is kept.

use std::time::Duration;

use serde::Deserialize;

use super::check::Check;

/// How figures are counted.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatisticsSettings {
    /// Time between two counts, seconds.
    pub every_s: u64,
    /// Rows that are read at a time.
    pub slice: i64,
    /// Counts of words and of materials are kept for so long, days.
    pub keep_days: i32,
}

impl StatisticsSettings {
    /// Time between two counts.
    pub const fn every(&self) -> Duration {
        Duration::from_secs(self.every_s)
    }

    pub(super) fn check(&self, check: &mut Check<'_>) {
        check.range("every_s", self.every_s, 60..=86_400);
        check.range("slice", self.slice, 100..=100_000);
        check.range("keep_days", self.keep_days, 91..=400);
    }
}
