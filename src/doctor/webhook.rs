//! Whether updates come as they are meant to: polled, or posted to us.

use futures_util::FutureExt as _;
use secrecy::ExposeSecret as _;
use url::Url;

use super::case::{Case, is_local};
use super::finding::{Answer, Finding, Mend, Severity, fine, found, found_if, skip};
use super::registry::Check;

/// Ports to which Telegram posts: <https://core.telegram.org/bots/api#setwebhook>.
const PORTS: [u16; 4] = [443, 80, 88, 8443];

/// So many updates wait only when somebody is not taking them.
const PENDING_MAX: u64 = 100;

/// A complaint that is older says nothing of now, seconds.
const ERROR_FRESH_S: i64 = 3_600;

/// Shorter secrets, or such of fewer different characters, may be guessed.
pub(super) const SECRET_CHARS: usize = 24;
const SECRET_DIFFERENT: usize = 8;

const READS: &[&str] =
    &["telegram.token", "telegram.api_url", "telegram.webhook_url", "telegram.webhook_secret"];

pub(super) const CHECKS: &[Check] = &[
    Check::asking(
        "webhook.left-over",
        "Is a webhook set although updates are polled?",
        Severity::Error,
        READS,
        |case| left_over(case).boxed(),
    ),
    Check::asking(
        "webhook.ours",
        "Does Telegram post to the address that is configured?",
        Severity::Warning,
        READS,
        |case| ours(case).boxed(),
    ),
    Check::asking(
        "webhook.complaint",
        "Could Telegram deliver lately?",
        Severity::Warning,
        READS,
        |case| complaint(case).boxed(),
    ),
    Check::asking(
        "webhook.pending",
        "Are updates taken from Telegram as they come?",
        Severity::Warning,
        READS,
        |case| pending(case).boxed(),
    ),
    Check::here(
        "webhook.secret",
        "Is the webhook's secret hard to guess?",
        Severity::Warning,
        READS,
        secret,
    ),
    Check::here(
        "webhook.address",
        "Can Telegram post to the address, encrypted?",
        Severity::Error,
        READS,
        address,
    ),
];

async fn left_over(case: &Case) -> Answer {
    if case.settings().telegram.webhook_url.is_some() {
        return skip("updates come by webhook");
    }
    let hook = case.hook().await?;
    found_if(!hook.url.is_empty(), || {
        Finding::error(
            format!("a webhook is set ({}): nothing can be polled until it is gone", hook.url),
            "primelingo doctor --fix",
        )
        .with(Mend::DropWebhook)
    })
}

async fn ours(case: &Case) -> Answer {
    let Some(url) = &case.settings().telegram.webhook_url else {
        return skip("updates are polled");
    };
    let hook = case.hook().await?;
    if hook.url.is_empty() {
        return found(Finding::info(
            "Telegram has no webhook yet: the bot sets it at its start",
            "primelingo run",
        ));
    }
    found_if(hook.url != *url, || {
        Finding::warning(
            format!("Telegram posts to {}, not to {url}: another bot has the same token", hook.url),
            "stop the other one, then: primelingo run",
        )
    })
}

async fn complaint(case: &Case) -> Answer {
    let hook = case.hook().await?;
    let (Some(at), Some(what)) = (hook.last_error_date, &hook.last_error_message) else {
        return fine();
    };
    let ago_s = Case::now().timestamp().saturating_sub(at);
    found_if(!hook.url.is_empty() && ago_s < ERROR_FRESH_S, || {
        Finding::warning(
            format!("Telegram could not deliver {ago_s} s ago: {what}"),
            format!("curl -i -X POST {}", hook.url),
        )
    })
}

async fn pending(case: &Case) -> Answer {
    let waiting = case.hook().await?.pending_update_count;
    found_if(waiting > PENDING_MAX, || {
        Finding::warning(
            format!("{waiting} updates wait at Telegram, which forgets them after 24 hours"),
            "primelingo run",
        )
    })
}

fn secret(case: &Case) -> Answer {
    let telegram = &case.settings().telegram;
    if telegram.webhook_url.is_none() {
        return skip("updates are polled");
    }
    let Some(secret) = &telegram.webhook_secret else {
        return found(Finding::warning("there is no webhook secret", random("WEBHOOK_SECRET")));
    };
    found_if(is_weak(secret.expose_secret()), || {
        Finding::warning(
            "telegram.webhook_secret may be guessed: whoever does speaks as any user",
            random("WEBHOOK_SECRET"),
        )
    })
}

/// Whether a secret is short, or monotonous.
pub(super) fn is_weak(secret: &str) -> bool {
    let mut different: Vec<char> = secret.chars().collect();
    let count = different.len();
    different.sort_unstable();
    different.dedup();
    count < SECRET_CHARS || different.len() < SECRET_DIFFERENT
}

/// A line that sets a variable to something that nobody guesses.
pub(super) fn random(variable: &str) -> String {
    format!("{variable}=$(openssl rand -hex 32)")
}

fn address(case: &Case) -> Answer {
    let Some(text) = &case.settings().telegram.webhook_url else {
        return skip("updates are polled");
    };
    let Ok(url) = Url::parse(text) else { return skip("the address is none") };
    let cure = "WEBHOOK_URL=https://<your host>/telegram/webhook";
    let mut findings = Vec::new();
    if url.scheme() != "https" {
        let text = format!("{text} is not encrypted: good for a simulator on this machine only");
        findings.push(Finding::warning(text, cure));
    }
    let port = url.port_or_known_default().unwrap_or_default();
    if !is_local(text) && !PORTS.contains(&port) {
        let text = format!("Telegram does not post to port {port}: 443, 80, 88 and 8443 it does");
        findings.push(Finding::error(text, cure));
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_monotonous_secrets_are_weak() {
        for weak in ["", "short", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "0123456789abcdef"] {
            assert!(is_weak(weak), "{weak}");
        }
        assert!(!is_weak("4f0c1b7e9d2a68533fa4c7d1"));
    }
}
