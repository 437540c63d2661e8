//! Secrets of the listeners that change while the process runs: SIGHUP brings new ones, and from that
//! moment on the old ones open nothing.
//!
//! The webhook's needs Telegram to know it, too. Between the reload and the `setWebhook` of the new
//! keeper Telegram still brings the old one; it is refused, and Telegram comes again with the same
//! updates until it brings the new one. Nothing is acknowledged meanwhile, so that nothing is lost.

use secrecy::SecretString;
use tokio::sync::watch;

use crate::settings::Settings;
use crate::web::LiveSecret;

/// Who changes them.
pub(super) struct Feed {
    webhook: watch::Sender<Option<SecretString>>,
    pages: watch::Sender<Option<SecretString>>,
    alerts: watch::Sender<Option<SecretString>>,
}

/// As they are now. Clones see the same.
#[derive(Clone)]
pub(super) struct LiveSecrets {
    /// `telegram.webhook_secret`.
    pub(super) webhook: LiveSecret,
    /// `web.token`.
    pub(super) pages: LiveSecret,
    /// `alerts.webhook_token`.
    pub(super) alerts: LiveSecret,
}

/// The secrets of a process that starts.
pub(super) fn begin(settings: &Settings) -> (Feed, LiveSecrets) {
    let of = |secret: &Option<SecretString>| {
        let (feed, now) = watch::channel(secret.clone());
        (feed, LiveSecret::new(now))
    };
    let (webhook, webhook_now) = of(&settings.telegram.webhook_secret);
    let (pages, pages_now) = of(&settings.web.token);
    let (alerts, alerts_now) = of(&settings.alerts.webhook_token);
    let live = LiveSecrets { webhook: webhook_now, pages: pages_now, alerts: alerts_now };
    (Feed { webhook, pages, alerts }, live)
}

impl Feed {
    /// Those of `settings` hold from now on.
    pub(super) fn change(&self, settings: &Settings) {
        self.webhook.send_replace(settings.telegram.webhook_secret.clone());
        self.pages.send_replace(settings.web.token.clone());
        self.alerts.send_replace(settings.alerts.webhook_token.clone());
    }
}
