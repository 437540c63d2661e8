//! `[broadcast]`: the highest rate of a broadcast.

use std::time::Duration;

use serde::Deserialize;

use super::check::Check;
use super::value;

/// The highest rate of a broadcast: `batch_size` messages per `delay_s`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BroadcastSettings {
    /// Messages per `delay_s`.
    pub batch_size: u32,
    /// The time `batch_size` is counted over, seconds.
    pub delay_s: f64,
    /// The highest rate of a broadcast that is paid for, messages per second.
    pub paid_rate_per_s: f64,
}

impl BroadcastSettings {
    /// The time `batch_size` is counted over.
    pub fn delay(&self) -> Duration {
        value::seconds(self.delay_s)
    }

    /// The highest rate, messages per second.
    pub fn rate_per_s(&self) -> f64 {
        f64::from(self.batch_size) / self.delay_s
    }

    pub(super) fn check(&self, check: &mut Check<'_>) {
        check.range("batch_size", self.batch_size, 1..=1000);
        check.range("delay_s", self.delay_s, 0.01..=3600.0);
        check.range("paid_rate_per_s", self.paid_rate_per_s, 30.0..=1000.0);
    }
}
