//! `[web]`: the pages for admins and the probes.

use std::net::SocketAddr;
use std::str::FromStr;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::check::Check;
use super::value;

/// Shortest bearer token that is accepted, characters.
const TOKEN_MIN_CHARS: usize = 16;

/// The pages for admins and the probes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebSettings {
    /// Where to listen. Only a loopback address is accepted as long as there is no `token`.
    #[serde(deserialize_with = "value::parsed")]
    pub listen: Listen,
    /// Where the webhook and the probes are served; needs no token, as nothing else is there.
    #[serde(deserialize_with = "value::parsed")]
    pub public_listen: Listen,
    /// Largest webhook call, kibibytes.
    pub body_limit_kb: u64,
    /// Longest wait for the whole of a webhook call, seconds.
    pub body_timeout_s: u64,
    /// Webhook calls that are worked on at the same time.
    pub max_requests: u32,
    /// Where people find the pages, if not at `listen`: what links to the dashboard begin with.
    #[serde(deserialize_with = "value::optional_base_address")]
    pub base_url: Option<String>,
    /// Bearer token that opens metrics, details and the dashboard from elsewhere.
    #[serde(deserialize_with = "value::optional_secret")]
    pub token: Option<SecretString>,
    /// Longest time for the head of a request, seconds.
    pub request_timeout_s: u64,
}

/// Where a listener binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listen {
    /// Not at all.
    Off,
    /// At this address; port 0 lets the system choose.
    At(SocketAddr),
}

impl FromStr for Listen {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "off" {
            return Ok(Self::Off);
        }
        text.parse().map(Self::At).map_err(|_| "expected ip:port, or off")
    }
}

impl WebSettings {
    /// Longest time for the head of a request.
    pub const fn request_timeout(&self) -> Duration {
        Duration::from_secs(self.request_timeout_s)
    }

    /// Largest webhook call.
    pub const fn body_limit_bytes(&self) -> u64 {
        value::kibibytes(self.body_limit_kb)
    }

    /// Longest wait for the whole of a webhook call.
    pub const fn body_timeout(&self) -> Duration {
        Duration::from_secs(self.body_timeout_s)
    }

    pub(super) fn check(&self, check: &mut Check<'_>) {
        let is_open = matches!(self.listen, Listen::At(address) if !address.ip().is_loopback());
        check.demand(
            "listen",
            !is_open || self.token.is_some(),
            "a loopback address as 127.0.0.1:8080, or web.token set as well",
        );
        // With port 0 the system finds two.
        let is_shared = matches!(self.listen, Listen::At(address) if address.port() != 0)
            && self.listen == self.public_listen;
        check.demand("public_listen", !is_shared, "another address than web.listen, or off");
        check.range("body_limit_kb", self.body_limit_kb, 64..=16_384);
        check.range("body_timeout_s", self.body_timeout_s, 1..=60);
        check.range("max_requests", self.max_requests, 1..=10_000);
        let token = self.token.as_ref().map(ExposeSecret::expose_secret);
        let is_token_long = token.is_none_or(|text| text.chars().count() >= TOKEN_MIN_CHARS);
        check.demand("token", is_token_long, "16 characters or more");
        check.range("request_timeout_s", self.request_timeout_s, 1..=600);
    }
}
