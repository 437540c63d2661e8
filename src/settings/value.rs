//! How single values are read: empty texts as "not set", secrets, paths, parsed types, units.
//!
//! Must not put a value into an error text: it may be a secret.

use std::fmt::Display;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use secrecy::SecretString;
use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// A text of which empty means "not set".
fn optional_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    Ok(Some(text).filter(|text| !text.is_empty()))
}

/// A secret; empty means "not set".
pub(super) fn optional_secret<'de, D>(deserializer: D) -> Result<Option<SecretString>, D::Error>
where
    D: Deserializer<'de>,
{
    Ok(optional_text(deserializer)?.map(SecretString::from))
}

/// A path; empty means "not set".
pub(super) fn optional_path<'de, D>(deserializer: D) -> Result<Option<PathBuf>, D::Error>
where
    D: Deserializer<'de>,
{
    Ok(optional_text(deserializer)?.map(PathBuf::from))
}

/// Anything with `FromStr`, whose errors must not hold the text.
pub(super) fn parsed<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
}

/// An http(s) address to which paths are appended: slashes at its end are dropped.
pub(super) fn base_address<'de, D>(deserializer: D) -> Result<String, D::Error>
where
    D: Deserializer<'de>,
{
    let text = String::deserialize(deserializer)?;
    let is_http = url::Url::parse(&text).is_ok_and(|url| {
        let is_plain = url.query().is_none() && url.fragment().is_none();
        // It is shown as it is.
        let is_nameless = url.username().is_empty() && url.password().is_none();
        matches!(url.scheme(), "http" | "https") && is_plain && is_nameless
    });
    if !is_http {
        return Err(D::Error::custom(
            "expected an address without login data, as https://api.telegram.org",
        ));
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// Scheme and host of an http(s) address, or nothing.
pub(super) fn optional_base_address<'de, D>(deserializer: D) -> Result<Option<String>, D::Error>
where
    D: Deserializer<'de>,
{
    let Some(text) = optional_text(deserializer)? else { return Ok(None) };
    let url = url::Url::parse(&text).ok().filter(|url| {
        let is_plain = url.query().is_none() && url.fragment().is_none();
        let is_nameless = url.username().is_empty() && url.password().is_none();
        matches!(url.scheme(), "http" | "https") && is_plain && is_nameless && url.path() == "/"
    });
    if url.is_none() {
        return Err(D::Error::custom(
            "expected an address without a path, as https://bot.example.org",
        ));
    }
    Ok(Some(text.trim_end_matches('/').to_owned()))
}

/// An http(s) address, or nothing. Login data in it would be shown to whoever asks Telegram.
pub(super) fn optional_address<'de, D>(deserializer: D) -> Result<Option<String>, D::Error>
where
    D: Deserializer<'de>,
{
    let Some(text) = optional_text(deserializer)? else { return Ok(None) };
    let is_http = url::Url::parse(&text).is_ok_and(|url| {
        let is_plain = url.fragment().is_none() && url.username().is_empty();
        matches!(url.scheme(), "http" | "https") && is_plain && url.password().is_none()
    });
    if !is_http {
        return Err(D::Error::custom(
            "expected an address as https://bot.example.org/telegram/webhook",
        ));
    }
    Ok(Some(text))
}

/// An http(s) address that is a secret: whoever knows it can speak in our name; or nothing.
pub(super) fn optional_secret_address<'de, D>(
    deserializer: D,
) -> Result<Option<SecretString>, D::Error>
where
    D: Deserializer<'de>,
{
    let Some(text) = optional_text(deserializer)? else { return Ok(None) };
    let is_http = url::Url::parse(&text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    if !is_http {
        return Err(D::Error::custom("expected an http or https address"));
    }
    Ok(Some(SecretString::from(text)))
}

/// Whether the byte is one of `A-Z a-z 0-9 _ -`.
pub(super) fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// Seconds with a fraction; what no duration can hold (the checks let none pass) is zero.
pub(super) fn seconds(count: f64) -> Duration {
    Duration::try_from_secs_f64(count).unwrap_or_default()
}

/// Days of 24 hours.
pub(super) const fn days(count: u64) -> Duration {
    Duration::from_secs(count.saturating_mul(24 * 60 * 60))
}

/// The bytes of so many units of 1,048,576.
pub(super) const fn mebibytes(count: u64) -> u64 {
    count.saturating_mul(1 << 20)
}

/// The bytes of so many units of 1,024.
pub(super) const fn kibibytes(count: u64) -> u64 {
    count.saturating_mul(1 << 10)
}
