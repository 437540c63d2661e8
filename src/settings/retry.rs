//! `[retry]`: how calls of the Bot API are tried again.

use std::time::Duration;

use serde::Deserialize;

use super::check::Check;
use super::value;

/// How calls that failed in a way that may pass are tried again.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetrySettings {
    /// Tries after the first.
    pub max_retries: u32,
    /// The longest wait before the second try, seconds; the factor by which it grows with each.
    pub backoff_base: f64,
    /// No try begins later than so long after the first, seconds. For calls that somebody waits
    /// for; messages in the outbox wait as long as their tries take.
    pub budget_s: u64,
}

impl RetrySettings {
    /// The longest wait before the second try.
    pub fn first_wait(&self) -> Duration {
        value::seconds(self.backoff_base)
    }

    /// No try begins later than so long after the first.
    pub const fn budget(&self) -> Duration {
        Duration::from_secs(self.budget_s)
    }

    pub(super) fn check(&self, check: &mut Check<'_>) {
        check.range("max_retries", self.max_retries, 0..=20);
        check.range("backoff_base", self.backoff_base, 1.0..=10.0);
        check.range("budget_s", self.budget_s, 1..=3600);
    }
}
