//! The `Poller` actor: long polls, one after the other.
//!
//! Invariants: a batch is committed before the offset that acknowledges it is sent; a failed
//! commit makes the poller ask for the same batch again. A poll that hangs is given up at its
//! deadline and the connections are made anew, so that a wedged one cannot make the bot deaf
//! ([G9]: within 60 s). The first poll after a start has no offset: Telegram then gives whatever
//! was not acknowledged. It is not held open either, nor is one after a failure: its answer tells
//! readiness at once that polling works. A webhook that stands in the way is removed.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::intake::Intake;
use super::messages::{ChatsHaveUpdates, LastPoll};
use super::meters;
use crate::domain::clock::Clock;
use crate::runtime::{
    Backoff, ChildPolicy, ChildSpec, Drain, Envelope, Fact, Heartbeat, Port, Tenure, Work,
    WorkError, WorkRuntime,
};
use crate::store::StoreError;
use crate::telegram::decode::ALLOWED_UPDATES;
use crate::telegram::{Decision, TelegramClient, TelegramError, UPDATES_LIMIT};

/// The poller is asked for life signs and to drain; nothing else comes.
const MAILBOX: usize = 8;

/// Polls between two looks at the backlog while batches come full.
const BACKLOG_EVERY: u32 = 20;

/// Another process polls, or did a moment ago: let it finish.
const CONFLICT_PAUSE: Duration = Duration::from_secs(3);

/// Pause while it is not sure that this process still is the one that polls.
const OUT_OF_TERM_PAUSE: Duration = Duration::from_millis(250);

/// Limits of polling.
#[derive(Debug, Clone)]
pub struct PollerConfig {
    /// How long Telegram holds a poll without updates, in seconds.
    pub poll_timeout_s: u32,
    /// A poll that takes longer is given up, and the connections are made anew.
    pub stall: Duration,
    /// Open updates at which polling pauses.
    pub queued_limit: i64,
    /// Pauses after failures.
    pub backoff: Backoff,
}

/// What the poller needs.
#[derive(Clone)]
pub struct PollerParts {
    /// Makes a client with connections of its own.
    pub connect: Arc<dyn Fn() -> Result<TelegramClient, TelegramError> + Send + Sync>,
    /// Where batches go.
    pub intake: Intake,
    /// The router's doorbell.
    pub router: Port<ChatsHaveUpdates>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where I/O runs.
    pub work: WorkRuntime,
    /// As long as it lasts, this process is the only one that polls.
    pub tenure: Tenure,
    /// When the last poll came to a good end: read by readiness.
    pub last_poll: Arc<LastPoll>,
    /// Uniform in 0..1, for pauses.
    pub random: fn() -> f64,
}

/// How the supervisor makes the poller.
pub fn poller_spec(policy: ChildPolicy, config: PollerConfig, parts: PollerParts) -> ChildSpec {
    ChildSpec::new("poller", MAILBOX, policy, move |context| {
        let stop_token = CancellationToken::new();
        let poller = Poller {
            config: config.clone(),
            parts: parts.clone(),
            client: None,
            offset: None,
            is_proven: false,
            failures: 0,
            full_batches: 0,
            polls: 0,
            is_draining: false,
            _stop_poll: stop_token.clone().drop_guard(),
            stop_token,
        };
        context.start(poller).into_child()
    })
}

struct Poller {
    config: PollerConfig,
    parts: PollerParts,
    /// Made at need: anew after a poll that hung.
    client: Option<TelegramClient>,
    offset: Option<i64>,
    /// Whether the newest poll was answered.
    is_proven: bool,
    failures: u32,
    full_batches: u32,
    polls: i64,
    is_draining: bool,
    stop_token: CancellationToken,
    /// Ends a running poll together with the actor, however that ends: an orderly stop of the
    /// program waits for all work, and must not wait half a minute for Telegram.
    _stop_poll: DropGuard,
}

/// A poll that came to a good end.
struct Polled {
    next_offset: Option<i64>,
    count: usize,
    /// The ledger is too full for more.
    must_pause: bool,
}

enum PollError {
    Telegram(TelegramError),
    Store(StoreError),
    Stalled,
}

impl From<TelegramError> for PollError {
    fn from(error: TelegramError) -> Self {
        match error {
            // Whoever looks at the clock first: the connection may be a wedged one.
            TelegramError::Timeout { .. } => Self::Stalled,
            error => Self::Telegram(error),
        }
    }
}

impl Actor for Poller {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.poll(ctx);
    }
}

impl Handler<Envelope<Drain>> for Poller {
    type Result = ();

    /// A running poll is dropped: what it would bring is not acknowledged and comes again.
    fn handle(&mut self, envelope: Envelope<Drain>, ctx: &mut Self::Context) {
        let (Drain { .. }, _span) = envelope.open();
        fail_point!(DrainPoller);
        self.is_draining = true;
        ctx.stop();
    }
}

impl Handler<Envelope<Heartbeat>> for Poller {
    type Result = Vec<Fact>;

    fn handle(&mut self, envelope: Envelope<Heartbeat>, _: &mut Self::Context) -> Vec<Fact> {
        let (Heartbeat, _span) = envelope.open();
        vec![
            Fact { name: "polls", value: self.polls },
            Fact { name: "failures_in_a_row", value: i64::from(self.failures) },
        ]
    }
}

impl Poller {
    fn poll(&mut self, ctx: &mut Context<Self>) {
        if self.is_draining {
            return;
        }
        if self.parts.tenure.is_over() {
            ctx.run_later(OUT_OF_TERM_PAUSE, Self::poll);
            return;
        }
        let client = match self.client.clone() {
            Some(client) => client,
            None => match (self.parts.connect)() {
                Ok(client) => self.client.insert(client).clone(),
                Err(error) => return self.fail(&PollError::Telegram(error), ctx),
            },
        };
        let look_at_backlog = self.full_batches >= BACKLOG_EVERY;
        if look_at_backlog {
            self.full_batches = 0;
        }
        let question = Question {
            offset: self.offset,
            timeout_s: if self.is_proven { self.config.poll_timeout_s } else { 0 },
            look_at_backlog,
        };
        let (parts, config) = (self.parts.clone(), self.config.clone());
        let round = round(self.stop_token.clone(), client, parts, config, question);
        let polling: Work<Result<Polled, PollError>> = self.parts.work.spawn(round);
        ctx.spawn(polling.into_actor(self).map(Self::polled));
    }

    fn polled(
        ended: Result<Result<Polled, PollError>, WorkError>,
        poller: &mut Self,
        ctx: &mut Context<Self>,
    ) {
        match ended {
            Ok(Ok(polled)) => {
                poller.polls += 1;
                poller.tell_recovery();
                poller.failures = 0;
                poller.is_proven = true;
                // Even a batch without numbers must not make it ask without an offset again.
                poller.offset = polled.next_offset.or(poller.offset);
                let is_full = polled.count >= usize::from(UPDATES_LIMIT);
                poller.full_batches = if is_full { poller.full_batches + 1 } else { 0 };
                if polled.must_pause {
                    tracing::warn!("polling pauses: too many updates are open");
                    ctx.run_later(Duration::from_secs(1), Self::poll);
                } else {
                    poller.poll(ctx);
                }
            }
            Ok(Err(error)) => poller.fail(&error, ctx),
            Err(error) => {
                tracing::error!(%error, "poll broke");
                poller.pause(ctx);
            }
        }
    }

    fn fail(&mut self, error: &PollError, ctx: &mut Context<Self>) {
        let reason = reason(error);
        self.parts.last_poll.note_failed();
        meters::poll_failed(reason);
        match error {
            PollError::Telegram(error) => {
                tracing::warn!(reason, failures = self.failures + 1, %error, "poll failed");
                match error.decision() {
                    Decision::Conflict => {
                        ctx.run_later(CONFLICT_PAUSE, Self::poll);
                        return;
                    }
                    Decision::RetryAfter(wait) => {
                        ctx.run_later(wait, Self::poll);
                        return;
                    }
                    _ => {}
                }
            }
            // An outage is told by the database's watch: here it comes with each try.
            PollError::Store(error) if error.is_passing() => {
                if self.failures == 0 {
                    tracing::warn!(%error, "polling rests: updates cannot be stored");
                }
            }
            PollError::Store(error) => {
                tracing::error!(%error, "updates could not be stored, nothing is acknowledged");
            }
            PollError::Stalled => {
                tracing::error!(stall_s = self.config.stall.as_secs(), "poll hangs, made anew");
                meters::poll_restarted();
                self.client = None;
            }
        }
        self.pause(ctx);
    }

    fn tell_recovery(&self) {
        if self.failures > 0 {
            tracing::info!(failures = self.failures, "polling goes on");
        }
    }

    fn pause(&mut self, ctx: &mut Context<Self>) {
        self.is_proven = false;
        self.failures = self.failures.saturating_add(1);
        let wait = self.config.backoff.delay(self.failures, (self.parts.random)());
        ctx.run_later(wait, Self::poll);
    }
}

/// What is asked of Telegram, and of the ledger.
#[derive(Clone, Copy)]
struct Question {
    offset: Option<i64>,
    timeout_s: u32,
    look_at_backlog: bool,
}

/// One poll: ask, store, ring.
async fn round(
    stop: CancellationToken,
    client: TelegramClient,
    parts: PollerParts,
    config: PollerConfig,
    question: Question,
) -> Result<Polled, PollError> {
    let Question { offset, timeout_s, look_at_backlog } = question;
    let asked = client.get_updates(offset, UPDATES_LIMIT, timeout_s, &ALLOWED_UPDATES);
    let asked = tokio::time::timeout(config.stall, asked);
    // Another process may poll from then on: to go on asking would cut its polls off.
    let asked = async {
        tokio::select! {
            answered = asked => Some(answered),
            () = parts.tenure.over() => None,
        }
    };
    // Only the question is given up: what was answered is stored.
    let Some(answered) = stop.run_until_cancelled(asked).await.flatten() else {
        return Ok(Polled { next_offset: offset, count: 0, must_pause: false });
    };
    let batch = match answered.map_err(|_| PollError::Stalled)? {
        Ok(batch) => batch,
        Err(error) => {
            let may_be_webhook = error.decision() == Decision::Conflict;
            if may_be_webhook && take_webhook_away(&client).await.map_err(PollError::from)? {
                return Ok(Polled { next_offset: offset, count: 0, must_pause: false });
            }
            return Err(PollError::from(error));
        }
    };
    if batch.damaged {
        tracing::error!("an answer of getUpdates was damaged, some of it is lost");
        meters::poll_damaged();
    }
    let now = parts.clock.now();
    let mut next_offset = offset;
    if !batch.updates.is_empty() {
        fail_point!(IntakeBefore => PollError::Stalled);
        let stored = parts.intake.store(&batch.updates, now).await.map_err(PollError::Store)?;
        fail_point!(IntakeAfter => PollError::Stalled);
        next_offset = stored.next_offset.or(offset);
        parts.intake.answer_presses(&batch.updates, now).await;
        if !stored.chats.is_empty() {
            // The router's own sweep makes up for a lost ring.
            let _ = parts.router.ring(ChatsHaveUpdates(stored.chats));
        }
    }
    parts.last_poll.note();
    meters::polled(now);
    let open =
        if look_at_backlog { parts.intake.db.updates_open_count().await.unwrap_or(0) } else { 0 };
    Ok(Polled { next_offset, count: batch.updates.len(), must_pause: open >= config.queued_limit })
}

/// Removes a webhook, which an earlier start may have set: Telegram refuses polls as long as there
/// is one. Asked only after a refusal, so that a usual start polls at once. What waits is kept.
/// Gives whether there was one.
async fn take_webhook_away(client: &TelegramClient) -> Result<bool, TelegramError> {
    if client.get_webhook_info().await?.url.is_empty() {
        return Ok(false);
    }
    client.delete_webhook().await?;
    tracing::warn!("a webhook was set, it is removed: updates are polled");
    Ok(true)
}

fn reason(error: &PollError) -> &'static str {
    match error {
        PollError::Stalled => "timeout",
        PollError::Store(_) => "store",
        PollError::Telegram(error) => match error.decision() {
            Decision::Conflict => "conflict",
            Decision::Unauthorized => "unauthorized",
            Decision::InDoubt => "server",
            _ => "network",
        },
    }
}
