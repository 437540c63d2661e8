//! What receiving updates by webhook needs: settings of two sections that make sense only together.

use std::net::SocketAddr;
use std::time::Duration;

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
    /// Time between two looks whether the webhook is still ours.
    pub check_every: Duration,
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
            check_every: Duration::from_secs(telegram.webhook_check_s),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(url: &str, secret: &str, listen: &str) -> Settings {
        let mut settings = Settings::defaults();
        settings.telegram.webhook_url = Some(url.to_owned());
        settings.telegram.webhook_secret = Some(secret.into());
        settings.web.public_listen = listen.parse().expect("an address");
        settings
    }

    fn told(settings: &Settings) -> Vec<String> {
        settings.validate().into_iter().map(|finding| finding.key).collect()
    }

    const SECRET: &str = "0123456789abcdef";

    #[test]
    fn a_complete_webhook_is_good() {
        for url in [
            "https://bot.example.org/telegram/webhook",
            "https://example.org:8443/bots/7/telegram/webhook",
            "http://127.0.0.1:9000/telegram/webhook",
            "http://[::1]/telegram/webhook",
            "http://localhost/telegram/webhook",
        ] {
            let settings = settings(url, SECRET, "0.0.0.0:8443");
            assert_eq!(told(&settings), Vec::<String>::new(), "{url}");
            assert_eq!(settings.webhook().map(|webhook| webhook.url), Some(url));
        }
        assert!(Settings::defaults().webhook().is_none());
    }

    #[test]
    fn it_may_come_from_the_environment() {
        let env = [
            ("WEBHOOK_URL", "https://bot.example.org/telegram/webhook"),
            ("WEBHOOK_SECRET", SECRET),
            ("PRIMELINGO__WEB__PUBLIC_LISTEN", "127.0.0.1:8443"),
        ];
        let env = env.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let options = super::super::LoadOptions { env, ..Default::default() };
        let loaded = Settings::load(options).expect("settings");
        assert_eq!(loaded.settings.webhook().map(|webhook| webhook.connections), Some(40));
        assert!(!format!("{loaded:?}").contains(SECRET));
    }

    #[test]
    fn all_that_is_missing_is_told_at_once() {
        let mut incomplete = settings("http://bot.example.org/hook", "short", "off");
        incomplete.telegram.webhook_connections = 100;
        incomplete.web.max_requests = 99;
        let keys = [
            "telegram.webhook_url",
            "telegram.webhook_url",
            "telegram.webhook_secret",
            "web.public_listen",
            "web.max_requests",
        ];
        assert_eq!(told(&incomplete), keys);
        incomplete.telegram.webhook_secret = None;
        assert!(told(&incomplete).contains(&"telegram.webhook_secret".to_owned()));
    }
}
