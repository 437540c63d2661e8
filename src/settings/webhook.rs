//! What receiving updates by webhook needs: settings of two sections that make sense only together.

use std::net::SocketAddr;

use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

use super::check::{Check, Finding};
use super::web::Listen;
use super::{Settings, TelegramSettings};

/// Where the webhook is served; the address given to Telegram must end so, whatever a proxy puts
/// in front.
pub const WEBHOOK_PATH: &str = "/telegram/webhook";

/// A guessed secret lets anybody speak as any user, so a short one is refused in webhook mode.
const SECRET_MIN_CHARS: usize = 16;

/// How updates come by webhook.
#[derive(Debug, Clone, Copy)]
pub struct WebhookSettings<'a> {
    /// What Telegram is told.
    pub url: &'a str,
    /// What Telegram repeats with each call.
    pub secret: &'a SecretString,
    /// Where the proxy passes the calls to.
    pub listen: SocketAddr,
    /// Calls that Telegram may make at the same time.
    pub connections: u32,
}

impl<'a> WebhookSettings<'a> {
    /// From settings that were checked; `None` when updates are polled.
    pub(super) fn of(settings: &'a Settings) -> Option<Self> {
        let telegram = &settings.telegram;
        let Listen::At(listen) = settings.web.public_listen else { return None };
        Some(Self {
            url: telegram.webhook_url.as_deref()?,
            secret: telegram.webhook_secret.as_ref()?,
            listen,
            connections: telegram.webhook_connections,
        })
    }
}

/// Finds what webhook mode lacks.
pub(super) fn check(settings: &Settings, findings: &mut Vec<Finding>) {
    let Some(url) = &settings.telegram.webhook_url else { return };
    check_address(url, &mut Check::new("telegram", findings));
    check_secret(&settings.telegram, &mut Check::new("telegram", findings));
    let mut check = Check::new("web", findings);
    check.demand(
        "public_listen",
        settings.web.public_listen != Listen::Off,
        "an address as 127.0.0.1:8443, as telegram.webhook_url is set",
    );
    check.demand(
        "max_requests",
        settings.web.max_requests >= settings.telegram.webhook_connections,
        "not less than telegram.webhook_connections",
    );
}

fn check_address(url: &str, check: &mut Check<'_>) {
    let Ok(url) = Url::parse(url) else { return };
    let is_loopback = match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    check.demand(
        "webhook_url",
        url.scheme() == "https" || is_loopback,
        "https; plain http is only for a loopback address",
    );
    check.demand(
        "webhook_url",
        url.path().ends_with(WEBHOOK_PATH),
        "a path that ends in /telegram/webhook",
    );
}

fn check_secret(telegram: &TelegramSettings, check: &mut Check<'_>) {
    let secret = telegram.webhook_secret.as_ref().map(ExposeSecret::expose_secret);
    check.demand(
        "webhook_secret",
        secret.is_some_and(|secret| secret.len() >= SECRET_MIN_CHARS),
        "16 characters or more, as telegram.webhook_url is set",
    );
}
