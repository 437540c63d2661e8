//! `[retry]`: how calls of the Bot API are tried again.

use serde::Deserialize;

use super::check::Check;

/// How calls that failed in a way that may pass are tried again.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetrySettings {
    /// Tries after the first.
    pub max_retries: u32,
    /// The wait grows by this factor with each try.
    pub backoff_base: f64,
}

impl RetrySettings {
    pub(super) fn check(&self, check: &mut Check<'_>) {
        check.range("max_retries", self.max_retries, 0..=20);
        check.range("backoff_base", self.backoff_base, 1.0..=10.0);
    }
}
