//! The `WebhookKeeper` actor: Telegram knows where to post, and goes on knowing it.
//!
//! Sets the webhook at the start, for ever until Telegram takes it, and then looks again and again
//! whether it is still ours: another process with the same token may have set or removed it, and
//! silence would tell nothing ([G9]). What waits at Telegram is kept in every case.
//!
//! It also holds the door: when it is drained nothing more is let in, while what was accepted is
//! worked off. The webhook stays set; Telegram keeps what comes meanwhile. Its successor within the
//! same process, which works by other settings, opens the door again.
//!
//! Known and accepted: two installations with one token, one polling and one with a webhook, take
//! it from each other for ever. Each says so in its log; nothing is lost.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use secrecy::{ExposeSecret as _, SecretString};

use super::messages::{Door, LastPoll};
use crate::runtime::{
    Backoff, ChildPolicy, ChildSpec, Drain, Envelope, Fact, Heartbeat, WorkError, WorkRuntime,
};
use crate::telegram::decode::ALLOWED_UPDATES;
use crate::telegram::{Decision, TelegramClient, TelegramError, WebhookInfo};

/// The keeper is asked for life signs and to drain; nothing else comes.
const MAILBOX: usize = 8;

/// What Telegram is told.
#[derive(Debug, Clone)]
pub struct KeeperConfig {
    /// Where to post.
    pub url: String,
    /// What to repeat with each call.
    pub secret: SecretString,
    /// Calls at the same time, 1 to 100.
    pub connections: u32,
    /// Time between two looks whether it is still so.
    pub look_every: Duration,
    /// Pauses after failures.
    pub backoff: Backoff,
}

/// What the keeper needs.
#[derive(Clone)]
pub struct KeeperParts {
    /// For calls that nobody waits for.
    pub client: TelegramClient,
    /// What is closed at the end.
    pub door: Arc<Door>,
    /// When Telegram last confirmed that it posts to us: read by readiness.
    pub confirmed: Arc<LastPoll>,
    /// Where I/O runs.
    pub work: WorkRuntime,
    /// Uniform in 0..1, for pauses.
    pub random: fn() -> f64,
}

/// How the supervisor makes the keeper.
pub fn keeper_spec(policy: ChildPolicy, config: KeeperConfig, parts: KeeperParts) -> ChildSpec {
    ChildSpec::new("webhook_keeper", MAILBOX, policy, move |context| {
        let keeper = WebhookKeeper {
            config: config.clone(),
            parts: parts.clone(),
            registered: None,
            complained_at: None,
            failures: 0,
            pending: 0,
        };
        context.start(keeper).into_child()
    })
}

struct WebhookKeeper {
    config: KeeperConfig,
    parts: KeeperParts,
    /// The address as Telegram shows it since we have set it.
    registered: Option<String>,
    /// Telegram's last complaint that was said in the log.
    complained_at: Option<i64>,
    failures: u32,
    pending: u64,
}

impl Actor for WebhookKeeper {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.parts.door.open();
        self.look(ctx);
    }
}

impl Handler<Envelope<Drain>> for WebhookKeeper {
    type Result = ();

    fn handle(&mut self, envelope: Envelope<Drain>, ctx: &mut Self::Context) {
        let (Drain { .. }, _span) = envelope.open();
        self.parts.door.close();
        ctx.stop();
    }
}

impl Handler<Envelope<Heartbeat>> for WebhookKeeper {
    type Result = Vec<Fact>;

    fn handle(&mut self, envelope: Envelope<Heartbeat>, _: &mut Self::Context) -> Vec<Fact> {
        let (Heartbeat, _span) = envelope.open();
        vec![
            Fact {
                name: "pending_updates",
                value: i64::try_from(self.pending).unwrap_or(i64::MAX),
            },
            Fact { name: "failures_in_a_row", value: i64::from(self.failures) },
        ]
    }
}

impl WebhookKeeper {
    fn look(&mut self, ctx: &mut Context<Self>) {
        let keeping = keep(self.parts.client.clone(), self.config.clone(), self.registered.clone());
        let keeping = self.parts.work.spawn(keeping);
        ctx.spawn(keeping.into_actor(self).map(Self::looked));
    }

    fn looked(
        ended: Result<Result<WebhookInfo, TelegramError>, WorkError>,
        keeper: &mut Self,
        ctx: &mut Context<Self>,
    ) {
        let wait = match ended {
            Ok(Ok(info)) => {
                keeper.confirm(info);
                keeper.config.look_every
            }
            Ok(Err(error)) => keeper.fail(&error),
            Err(error) => {
                tracing::error!(%error, "the look after the webhook broke");
                keeper.pause()
            }
        };
        ctx.run_later(wait, Self::look);
    }

    fn confirm(&mut self, info: WebhookInfo) {
        self.failures = 0;
        self.pending = info.pending_update_count;
        self.parts.confirmed.note();
        metrics::gauge!("primelingo_webhook_pending_updates").set(as_gauge(self.pending));
        if let Some(at) = info.last_error_date {
            metrics::gauge!("primelingo_webhook_last_error_timestamp_seconds")
                .set(as_gauge(u64::try_from(at).unwrap_or(0)));
            if self.complained_at != Some(at) {
                let complaint = info.last_error_message.unwrap_or_default();
                tracing::warn!(at, complaint, "telegram had trouble with the webhook");
            }
        }
        self.complained_at = info.last_error_date;
        self.registered = Some(info.url);
    }

    /// Gives the pause before the next try.
    fn fail(&mut self, error: &TelegramError) -> Duration {
        let failures = self.failures.saturating_add(1);
        match error.decision() {
            Decision::RetryAfter(wait) => {
                tracing::warn!(failures, %error, "webhook not confirmed");
                return wait;
            }
            Decision::RetryLater | Decision::InDoubt => {
                tracing::warn!(failures, %error, "webhook not confirmed");
            }
            _ => tracing::error!(failures, %error, "telegram refuses the webhook"),
        }
        self.pause()
    }

    fn pause(&mut self) -> Duration {
        self.failures = self.failures.saturating_add(1);
        self.config.backoff.delay(self.failures, (self.parts.random)())
    }
}

/// Sees to it that the webhook is ours. `registered` is its address as Telegram showed it when we
/// had set it, which need not be letter for letter what we said.
async fn keep(
    client: TelegramClient,
    config: KeeperConfig,
    registered: Option<String>,
) -> Result<WebhookInfo, TelegramError> {
    if let Some(registered) = registered {
        let info = client.get_webhook_info().await?;
        if info.url == registered {
            return Ok(info);
        }
        tracing::warn!("somebody else has changed the webhook, it is set again");
    }
    let secret = config.secret.expose_secret();
    client.set_webhook(&config.url, secret, config.connections, &ALLOWED_UPDATES).await?;
    tracing::info!("webhook set");
    client.get_webhook_info().await
}

/// Gauges are floating-point; what these count fits without loss.
fn as_gauge(count: u64) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}
