//! The `ChatRouter` actor: one live session for each chat with open updates.
//!
//! Invariants: at most `max_live` sessions; two never live for one chat; a chat that waits for a
//! place is served in turn. What it knows is only a hint: a sweep over the ledger finds every chat
//! whose ring was lost.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix::prelude::*;
use futures_util::future::LocalBoxFuture;
use tokio_util::sync::CancellationToken;

use super::messages::{ChatsHaveUpdates, SessionEnded};
use crate::domain::ids::ChatId;
use crate::runtime::{
    ChildPolicy, ChildSpec, Drain, Envelope, Exit, Fact, Heartbeat, Port, Ring, WorkRuntime,
    pseudonym,
};
use crate::store::Db;

/// Rings from the poller, one for each batch, and ends of sessions.
const MAILBOX: usize = 1_024;

/// Chats that one sweep looks at.
const SWEEP_CHATS: i64 = 5_000;

/// Starts the session of a chat; the function is told of its end.
pub type StartSession = Arc<dyn Fn(ChatId, Box<dyn FnOnce(Exit)>) -> Port<Ring> + Send + Sync>;

/// Tries what may have killed the last process.
pub type StartInquest = Arc<dyn Fn() -> LocalBoxFuture<'static, ()> + Send + Sync>;

/// Limits of routing.
#[derive(Debug, Clone)]
pub struct RouterConfig {
    /// Most live sessions.
    pub max_live: usize,
    /// Time between two looks at the ledger.
    pub sweep: Duration,
}

/// What the router needs.
#[derive(Clone)]
pub struct RouterParts {
    /// The ledger.
    pub db: Db,
    /// Makes sessions.
    pub start: StartSession,
    /// Tells the sessions that others wait for their place.
    pub crowded: Arc<AtomicBool>,
    /// What comes before all else, if the last process died.
    pub inquest: Option<StartInquest>,
    /// Cancelled as soon as that is over: others wait for it.
    pub begin: CancellationToken,
    /// Where I/O runs.
    pub work: WorkRuntime,
}

/// How the supervisor makes the router.
pub fn router_spec(
    policy: ChildPolicy,
    port: &Port<ChatsHaveUpdates>,
    config: RouterConfig,
    parts: RouterParts,
) -> ChildSpec {
    let port = port.clone();
    ChildSpec::new("chat_router", MAILBOX, policy, move |context| {
        let ended = Port::new();
        let is_first = context.generation() == 1;
        let router = ChatRouter {
            inquest: parts.inquest.clone().filter(|_| is_first),
            config: config.clone(),
            parts: parts.clone(),
            ended: ended.clone(),
            live: HashMap::new(),
            waiting: VecDeque::new(),
            is_waiting: HashSet::new(),
            is_held: false,
            is_sweeping: false,
            is_draining: false,
        };
        let router = context.start(router);
        router.connect(&port);
        router.connect_control(&ended);
        router.into_child()
    })
}

struct ChatRouter {
    inquest: Option<StartInquest>,
    config: RouterConfig,
    parts: RouterParts,
    /// The way by which sessions report their end.
    ended: Port<SessionEnded>,
    live: HashMap<ChatId, Live>,
    waiting: VecDeque<ChatId>,
    is_waiting: HashSet<ChatId>,
    /// Nobody is served before the inquest is over.
    is_held: bool,
    is_sweeping: bool,
    is_draining: bool,
}

struct Live {
    session: Port<Ring>,
    /// A ring that the session may have missed, because it was about to end.
    was_missed: bool,
}

impl Actor for ChatRouter {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        // Also when this router dies in the middle of it.
        let begin = self.parts.begin.clone().drop_guard();
        if let Some(inquest) = self.inquest.take() {
            self.is_held = true;
            ctx.spawn(inquest().into_actor(self).map(|(), router, ctx| {
                drop(begin);
                router.is_held = false;
                router.sweep(ctx);
            }));
        } else {
            drop(begin);
        }
        self.sweep(ctx);
        ctx.run_interval(self.config.sweep, Self::sweep);
    }
}

impl Handler<Envelope<ChatsHaveUpdates>> for ChatRouter {
    type Result = ();

    fn handle(&mut self, envelope: Envelope<ChatsHaveUpdates>, _: &mut Self::Context) {
        let (ChatsHaveUpdates(chats), _span) = envelope.open();
        for chat in chats {
            self.ring(chat);
        }
    }
}

impl Handler<Envelope<SessionEnded>> for ChatRouter {
    type Result = ();

    fn handle(&mut self, envelope: Envelope<SessionEnded>, ctx: &mut Self::Context) {
        let (SessionEnded { chat, exit }, _span) = envelope.open();
        if let Exit::Panicked(reason) = &exit {
            tracing::error!(chat = %pseudonym(chat.0), reason, "chat session panicked");
        }
        let was_missed = self.live.remove(&chat).is_some_and(|live| live.was_missed);
        if self.is_draining {
            if self.live.is_empty() {
                ctx.stop();
            }
            return;
        }
        if was_missed {
            self.ring(chat);
        }
        self.admit();
    }
}

impl Handler<Envelope<Drain>> for ChatRouter {
    type Result = ();

    fn handle(&mut self, envelope: Envelope<Drain>, ctx: &mut Self::Context) {
        let (Drain { .. }, _span) = envelope.open();
        fail_point!(DrainRouter);
        self.is_draining = true;
        // Crowded sessions end after the step they are at.
        self.parts.crowded.store(true, Ordering::Relaxed);
        self.waiting.clear();
        if self.live.is_empty() {
            return ctx.stop();
        }
        for live in self.live.values() {
            // An idle session wakes, finds nothing and ends.
            let _ = live.session.ring(Ring);
        }
    }
}

impl Handler<Envelope<Heartbeat>> for ChatRouter {
    type Result = Vec<Fact>;

    fn handle(&mut self, envelope: Envelope<Heartbeat>, _: &mut Self::Context) -> Vec<Fact> {
        let (Heartbeat, _span) = envelope.open();
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        vec![
            Fact { name: "live_chats", value: count(self.live.len()) },
            Fact { name: "waiting_chats", value: count(self.waiting.len()) },
        ]
    }
}

impl ChatRouter {
    /// Wakes the chat's session, or starts one, or lets the chat wait for a place.
    fn ring(&mut self, chat: ChatId) {
        if self.is_draining || self.is_held {
            return;
        }
        if let Some(live) = self.live.get_mut(&chat) {
            // A full mailbox holds a ring already; a dead one reports its end in a moment.
            live.was_missed |= live.session.ring(Ring).is_err();
            return;
        }
        if self.live.len() >= self.config.max_live {
            if self.is_waiting.insert(chat) {
                self.waiting.push_back(chat);
            }
            self.parts.crowded.store(true, Ordering::Relaxed);
            return;
        }
        let ended = self.ended.clone();
        let on_end = Box::new(move |exit| {
            // Only a router that is gone itself misses this, and its successor starts from nothing.
            let _ = ended.ring(SessionEnded { chat, exit });
        });
        let session = (self.parts.start)(chat, on_end);
        let was_missed = session.ring(Ring).is_err();
        self.live.insert(chat, Live { session, was_missed });
    }

    /// Gives free places to those who wait.
    fn admit(&mut self) {
        while self.live.len() < self.config.max_live {
            let Some(chat) = self.waiting.pop_front() else {
                self.parts.crowded.store(false, Ordering::Relaxed);
                return;
            };
            self.is_waiting.remove(&chat);
            self.ring(chat);
        }
    }

    /// Rings for every chat that the ledger has open updates of.
    fn sweep(&mut self, ctx: &mut Context<Self>) {
        if self.is_sweeping || self.is_draining || self.is_held {
            return;
        }
        self.is_sweeping = true;
        fail_point!(RouterTick);
        let db = self.parts.db.clone();
        let looking = self.parts.work.spawn(async move {
            fail_point!(RouterSweep);
            db.updates_open_chats(SWEEP_CHATS).await
        });
        ctx.spawn(looking.into_actor(self).map(|found, router, _| {
            router.is_sweeping = false;
            match found {
                Ok(Ok(chats)) => {
                    for chat in chats {
                        router.ring(chat);
                    }
                }
                Ok(Err(error)) => error.tell("ledger could not be swept"),
                Err(error) => tracing::error!(%error, "sweep broke"),
            }
        }));
    }
}
