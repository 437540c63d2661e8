//! `[limits]`: how much of what one person sends is worked on.

use std::time::Duration;

use serde::Deserialize;

use super::check::Check;

/// How much of what one person sends is worked on.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsSettings {
    /// Whether what is over these budgets is left out.
    pub enabled: bool,
    /// Commands at once.
    pub commands_burst: u32,
    /// Commands per second after that.
    pub commands_per_s: f64,
    /// Texts at once.
    pub searches_burst: u32,
    /// Texts per second after that.
    pub searches_per_s: f64,
    /// Files at once, of those who may send none.
    pub uploads_burst: u32,
    /// Files per second after that, of those who may send none.
    pub uploads_per_s: f64,
    /// Files at once, of editors.
    pub staff_uploads_burst: u32,
    /// Files per second after that, of editors.
    pub staff_uploads_per_s: f64,
    /// Pressed buttons at once.
    pub presses_burst: u32,
    /// Pressed buttons per second after that.
    pub presses_per_s: f64,
    /// Inline queries at once.
    pub inline_burst: u32,
    /// Inline queries per second after that.
    pub inline_per_s: f64,
    /// Everything else at once.
    pub others_burst: u32,
    /// Everything else per second after that.
    pub others_per_s: f64,
    /// So long after the last that was left out a person is told again, seconds.
    pub quiet_s: u64,
}

impl LimitsSettings {
    /// So long after the last that was left out a person is told again.
    pub const fn quiet(&self) -> Duration {
        Duration::from_secs(self.quiet_s)
    }

    pub(super) fn check(&self, check: &mut Check<'_>) {
        check.range("commands_burst", self.commands_burst, 1..=10_000);
        check.range("commands_per_s", self.commands_per_s, 0.01..=1000.0);
        check.range("searches_burst", self.searches_burst, 1..=10_000);
        check.range("searches_per_s", self.searches_per_s, 0.01..=1000.0);
        check.range("uploads_burst", self.uploads_burst, 1..=10_000);
        check.range("uploads_per_s", self.uploads_per_s, 0.01..=1000.0);
        check.range("staff_uploads_burst", self.staff_uploads_burst, 1..=10_000);
        check.range("staff_uploads_per_s", self.staff_uploads_per_s, 0.01..=1000.0);
        check.range("presses_burst", self.presses_burst, 1..=10_000);
        check.range("presses_per_s", self.presses_per_s, 0.01..=1000.0);
        check.range("inline_burst", self.inline_burst, 1..=10_000);
        check.range("inline_per_s", self.inline_per_s, 0.01..=1000.0);
        check.range("others_burst", self.others_burst, 1..=10_000);
        check.range("others_per_s", self.others_per_s, 0.01..=1000.0);
        check.range("quiet_s", self.quiet_s, 1..=3600);
    }
}
