//! `[alerts]`: what the people in charge are told of, and who watches from outside.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::{Position, Url};

use super::check::Check;
use super::value;

/// Shortest bearer token that is accepted, characters.
const TOKEN_MIN_CHARS: usize = 16;

/// Shortest time between two mentions of the same alert, seconds.
const REMIND_MIN_S: u64 = 600;

/// What the people in charge are told of, and who watches from outside.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlertsSettings {
    /// Whether the bot judges itself.
    pub enabled: bool,
    /// Bearer token with which Alertmanager posts; without one its route is not served.
    #[serde(deserialize_with = "value::optional_secret")]
    pub webhook_token: Option<SecretString>,
    /// Where the heartbeat goes.
    #[serde(deserialize_with = "value::optional_secret_address")]
    pub heartbeat_url: Option<SecretString>,
    /// Time between two heartbeats, seconds.
    pub heartbeat_every_s: u64,
    /// An urgent alert that nobody looks after is mentioned again after so long, seconds; 0: never.
    pub remind_every_s: u64,
    /// The oldest job may wait for so long, seconds.
    pub job_age_s: u32,
    /// The oldest update may wait for so long, seconds.
    pub update_age_s: u32,
    /// An event loop may be held up for so long, milliseconds.
    pub loop_lag_ms: u32,
    /// All waiting times of the rules are so many times as long.
    pub patience: f64,
}

impl AlertsSettings {
    /// Time between two heartbeats.
    pub const fn heartbeat_every(&self) -> Duration {
        Duration::from_secs(self.heartbeat_every_s)
    }

    /// After what time an alert is mentioned again.
    pub fn remind_every(&self) -> Option<Duration> {
        (self.remind_every_s > 0).then(|| Duration::from_secs(self.remind_every_s))
    }

    /// The address of the heartbeat, and what libraries show of it: all behind the host.
    pub(super) fn heartbeat_secrets(&self) -> Vec<SecretString> {
        let Some(url) = &self.heartbeat_url else { return Vec::new() };
        let parsed = Url::parse(url.expose_secret()).ok();
        let path = parsed.map(|parsed| SecretString::from(&parsed[Position::BeforePath..]));
        std::iter::once(url.clone()).chain(path).collect()
    }

    pub(super) fn check(&self, check: &mut Check<'_>) {
        let token = self.webhook_token.as_ref().map(ExposeSecret::expose_secret);
        let is_token_long = token.is_none_or(|text| text.chars().count() >= TOKEN_MIN_CHARS);
        check.demand("webhook_token", is_token_long, "16 characters or more");
        check.range("heartbeat_every_s", self.heartbeat_every_s, 1..=86_400);
        let reminds = self.remind_every_s;
        let is_calm = reminds == 0 || (REMIND_MIN_S..=86_400).contains(&reminds);
        check.demand("remind_every_s", is_calm, "0, or 600 to 86400");
        check.range("job_age_s", self.job_age_s, 10..=86_400);
        check.range("update_age_s", self.update_age_s, 10..=86_400);
        check.range("loop_lag_ms", self.loop_lag_ms, 10..=60_000);
        check.range("patience", self.patience, 0.01..=10.0);
    }
}
