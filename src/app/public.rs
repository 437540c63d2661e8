//! The public listener: probes and, when updates are posted to us, the webhook.

use std::sync::Arc;

use actix_web::dev::ServerHandle;

use super::bells;
use super::foundation::{Foundation, connect};
use super::serve::ServeError;
use super::wiring::{Ports, intake};
use crate::cache::Doorbell;
use crate::domain::clock::Clock;
use crate::ingest::intake::Source;
use crate::ingest::messages::ChatsHaveUpdates;
use crate::ingest::webhook::WebhookIntake;
use crate::outbound;
use crate::runtime::{Permits, WorkRuntime};
use crate::settings::{Listen, Settings, WEBHOOK_PATH};
use crate::telegram::Lane;
use crate::web::{LiveSecret, Probe, Webhook, start_public};

/// What the listener stands on.
pub struct Needs<'a> {
    pub settings: &'a Settings,
    /// What Telegram brings with each call, as it is now.
    pub secret: LiveSecret,
    pub foundation: &'a Foundation,
    pub ports: &'a Ports,
    pub work: &'a WorkRuntime,
    pub clock: &'a Arc<dyn Clock>,
}

fn in_these_chats(ChatsHaveUpdates(chats): &ChatsHaveUpdates) -> Doorbell {
    Doorbell::Chats(chats.clone())
}

impl Needs<'_> {
    /// Starts listening, if so configured.
    pub fn listen(self, probe: Probe) -> Result<Option<ServerHandle>, ServeError> {
        let Listen::At(listen) = self.settings.web.public_listen else { return Ok(None) };
        let server = start_public(listen, probe, self.webhook()?).map_err(|source| {
            ServeError::Listen { key: "web.public_listen", address: listen, source }
        })?;
        Ok(Some(server))
    }

    fn webhook(self) -> Result<Option<Webhook>, ServeError> {
        let Self { settings, secret, foundation, ports, work, clock } = self;
        if settings.webhook().is_none() {
            return Ok(None);
        }
        let queued_limit = i64::try_from(settings.ingest.queued_limit).unwrap_or(i64::MAX);
        let mut intake = intake(settings, foundation, ports, Source::Webhook);
        let answering = connect(settings, &foundation.token, Lane::Answer)?;
        intake.answer = outbound::answering(intake.answer, answering, work.clone());
        let intake = WebhookIntake::new(
            intake,
            // The router may be in another process.
            bells::heard_elsewhere(&ports.router, &foundation.cache.doorbells, in_these_chats),
            Arc::clone(clock),
            queued_limit,
        );
        let count = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
        Ok(Some(Webhook {
            path: WEBHOOK_PATH,
            secret,
            body_limit: usize::try_from(settings.web.body_limit_bytes()).unwrap_or(usize::MAX),
            body_timeout: settings.web.body_timeout(),
            permits: Permits::new("webhook", count(settings.web.max_requests)),
            door: Arc::clone(&foundation.door),
            take: intake.into_take(),
            work: work.clone(),
        }))
    }
}
