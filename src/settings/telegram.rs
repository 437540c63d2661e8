//! `[telegram]`: how the Bot API is reached.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::check::Check;
use super::value;

/// Largest file that Telegram's own server gives, mebibytes: <https://core.telegram.org/bots/api#getfile>.
const CLOUD_DOWNLOAD_MB: u64 = 20;

/// Largest file that it takes, mebibytes: <https://core.telegram.org/bots/api#sending-files>.
const CLOUD_UPLOAD_MB: u64 = 50;

/// Largest file that a local server gives and takes, mebibytes:
/// <https://core.telegram.org/bots/api#using-a-local-bot-api-server>.
const LOCAL_MB: u64 = 2000;

/// How the Bot API is reached.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TelegramSettings {
    /// The bot's token, `<digits>:<letters>`. Commands that talk to Telegram take it through
    /// [`Settings::require_token`](super::Settings::require_token).
    #[serde(deserialize_with = "value::optional_secret")]
    pub token: Option<SecretString>,
    /// Base address of the Bot API, without a slash at the end.
    #[serde(deserialize_with = "value::base_address")]
    pub api_url: String,
    /// Directory of a local Bot API server, absolute.
    #[serde(deserialize_with = "value::optional_path")]
    pub local_dir: Option<PathBuf>,
    /// Where Telegram posts updates; none: they are polled.
    #[serde(deserialize_with = "value::optional_address")]
    pub webhook_url: Option<String>,
    /// Secret text that Telegram repeats with each webhook call.
    #[serde(deserialize_with = "value::optional_secret")]
    pub webhook_secret: Option<SecretString>,
    /// Webhook calls that Telegram may make at the same time.
    pub webhook_connections: u32,
    /// Time between two looks whether the webhook is still ours, seconds.
    pub webhook_check_s: u64,
    /// How long Telegram may hold a long poll open, seconds.
    pub poll_timeout_s: u64,
    /// Added to `poll_timeout_s` before a poll counts as lost, seconds.
    pub poll_margin_s: u64,
    /// Largest file the Bot API lets us fetch, mebibytes; 0: as the server does.
    pub download_limit_mb: u64,
    /// Largest file the Bot API lets us send, mebibytes; 0: as the server does.
    pub upload_limit_mb: u64,
}

impl TelegramSettings {
    /// What to ask of Telegram as a long poll's `timeout`.
    pub const fn poll_timeout(&self) -> Duration {
        Duration::from_secs(self.poll_timeout_s)
    }

    /// When a long poll counts as lost: poll time and margin.
    pub const fn poll_deadline(&self) -> Duration {
        Duration::from_secs(self.poll_timeout_s.saturating_add(self.poll_margin_s))
    }

    /// Added to the time of a poll before it counts as lost.
    pub const fn poll_margin(&self) -> Duration {
        Duration::from_secs(self.poll_margin_s)
    }

    /// Largest file the Bot API lets us fetch.
    pub const fn download_limit_bytes(&self) -> u64 {
        self.limit_bytes(self.download_limit_mb, CLOUD_DOWNLOAD_MB)
    }

    /// Largest file the Bot API lets us send.
    pub const fn upload_limit_bytes(&self) -> u64 {
        self.limit_bytes(self.upload_limit_mb, CLOUD_UPLOAD_MB)
    }

    const fn limit_bytes(&self, set_mb: u64, cloud_mb: u64) -> u64 {
        value::mebibytes(match (set_mb, &self.local_dir) {
            (0, None) => cloud_mb,
            (0, Some(_)) => LOCAL_MB,
            (set_mb, _) => set_mb,
        })
    }

    pub(super) fn check(&self, check: &mut Check<'_>) {
        let token = self.token.as_ref().map(ExposeSecret::expose_secret);
        check.demand(
            "token",
            token.is_none_or(is_token),
            "<digits>:<letters>, as @BotFather gave it",
        );
        let is_local_dir = self.local_dir.as_ref().is_none_or(|dir| dir.is_absolute());
        check.demand("local_dir", is_local_dir, "an absolute path, or nothing");
        let secret = self.webhook_secret.as_ref().map(ExposeSecret::expose_secret);
        check.demand(
            "webhook_secret",
            secret.is_none_or(is_webhook_secret),
            "1 to 256 of A-Z a-z 0-9 _ -",
        );
        check.range("webhook_connections", self.webhook_connections, 1..=100);
        check.range("webhook_check_s", self.webhook_check_s, 1..=60);
        check.range("poll_timeout_s", self.poll_timeout_s, 1..=50);
        check.range("poll_margin_s", self.poll_margin_s, 1..=60);
        check.range("download_limit_mb", self.download_limit_mb, 0..=4000);
        check.range("upload_limit_mb", self.upload_limit_mb, 0..=4000);
    }
}

/// The token becomes part of an address, so nothing that has a meaning there may pass.
fn is_token(text: &str) -> bool {
    let Some((id, secret)) = text.split_once(':') else { return false };
    let is_id = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    is_id && !secret.is_empty() && secret.bytes().all(value::is_word_byte)
}

/// The alphabet of setWebhook's `secret_token`.
fn is_webhook_secret(text: &str) -> bool {
    (1..=256).contains(&text.len()) && text.bytes().all(value::is_word_byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_an_id_and_a_secret() {
        assert!(is_token("42:TEST-TOKEN_of-1"));
        for wrong in ["", "42", "42:", ":abc", "x:abc", "42:a/b", "42:a b", "<token>:x"] {
            assert!(!is_token(wrong), "{wrong}");
        }
    }
}
