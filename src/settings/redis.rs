//! `[redis]`: the cache that several processes share.

use std::time::Duration;

use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use super::check::Check;
use super::value;

/// The cache that several processes share; without an address memory serves alone.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedisSettings {
    /// `redis://[:password@]host[:port][/db]`, or `rediss://` with TLS.
    #[serde(deserialize_with = "value::optional_secret")]
    pub url: Option<SecretString>,
    /// Longest wait for an answer before memory is used instead, milliseconds.
    pub timeout_ms: u64,
    /// Most connections for calls; listening takes one more.
    pub pool_size: u32,
}

impl RedisSettings {
    /// Longest wait for an answer before memory is used instead.
    pub const fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout_ms)
    }

    pub(super) fn check(&self, check: &mut Check<'_>) {
        let url = self.url.as_ref().map(ExposeSecret::expose_secret);
        check.demand(
            "url",
            url.is_none_or(is_redis_url),
            "redis://[:password@]host[:port][/db], or rediss://",
        );
        check.range("timeout_ms", self.timeout_ms, 10..=60_000);
        check.range("pool_size", self.pool_size, 1..=200);
    }

    /// The address and the password in it, as it is written there and as the server gets it.
    pub(super) fn secrets(&self) -> Vec<SecretString> {
        let Some(url) = &self.url else { return Vec::new() };
        let mut secrets = vec![url.clone()];
        let parsed = Url::parse(url.expose_secret()).ok();
        if let Some(password) = parsed.as_ref().and_then(Url::password) {
            secrets.push(SecretString::from(password));
            let plain = percent_decode_str(password).decode_utf8_lossy();
            if plain != password {
                secrets.push(SecretString::from(plain.as_ref()));
            }
        }
        secrets
    }
}

fn is_redis_url(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    let database = url.path().trim_start_matches('/');
    let is_database = database.is_empty() || database.parse::<u32>().is_ok();
    matches!(url.scheme(), "redis" | "rediss") && url.has_host() && is_database
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_and_both_spellings_of_its_password_are_secrets() {
        let url = "redis://:a%20b@host:6379/0";
        let settings =
            RedisSettings { url: Some(SecretString::from(url)), timeout_ms: 250, pool_size: 8 };
        let secrets = settings.secrets();
        let secrets: Vec<&str> = secrets.iter().map(ExposeSecret::expose_secret).collect();
        assert_eq!(secrets, [url, "a%20b", "a b"]);
    }

    #[test]
    fn only_redis_addresses_pass() {
        for good in ["redis://localhost", "redis://:pw@host:6379/0", "rediss://u:p@[::1]:1/15"] {
            assert!(is_redis_url(good), "{good}");
        }
        for wrong in
            ["localhost:6379", "redis://host:port/0", "redis:///0", "redis://h/x", "http://h"]
        {
            assert!(!is_redis_url(wrong), "{wrong}");
        }
    }
}
