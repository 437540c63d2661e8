//! The `ChatSession` actor: rings in, turns out.
//!
//! It holds no state that matters: every step was committed, so it may end at any moment. It ends
//! by itself after a time without work, or at once when the house is crowded.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use actix::prelude::*;
use metrics::Histogram;

use super::ChatParts;
use super::work::{Portion, Turn, take_watched_turn};
use crate::domain::ids::ChatId;
use crate::runtime::{
    Backoff, Drain, Envelope, Exit, Mailbox, Port, Ring, WorkRuntime, start, waits_of,
};

/// A ring is a ring: two say no more than one.
const MAILBOX: usize = 4;

/// How long rings wait, of all sessions together.
static WAITS: LazyLock<Histogram> = LazyLock::new(|| waits_of("chat_session"));

/// Pauses before the next try while something stands in the way, mostly the database. Many chats
/// wait for the same one: spread, so that they do not all ask at once when it is back.
const HINDERED: Backoff = Backoff {
    first: Duration::from_millis(500),
    factor: 2.0,
    max: Duration::from_secs(3),
    jitter: 0.75,
};

/// How long sessions live.
#[derive(Debug, Clone)]
pub struct SessionPolicy {
    /// Time without work after which a session ends.
    pub idle: Duration,
    /// Set while more chats want to live than may: then sessions end as soon as they are idle.
    pub crowded: Arc<AtomicBool>,
}

/// Starts the session of a chat. `on_end` is told once, however it ends.
pub fn start_session(
    parts: Arc<ChatParts>,
    work: WorkRuntime,
    policy: SessionPolicy,
    chat: ChatId,
    on_end: impl FnOnce(Exit) + 'static,
) -> Port<Ring> {
    let session = ChatSession {
        parts,
        work,
        policy,
        chat,
        state: State::Idle(None),
        hindered: 0,
        is_draining: false,
    };
    let mailbox = Mailbox::measured(MAILBOX, WAITS.clone());
    start(session, mailbox, on_end).port()
}

struct ChatSession {
    parts: Arc<ChatParts>,
    work: WorkRuntime,
    policy: SessionPolicy,
    chat: ChatId,
    state: State,
    /// Turns in a row that something stood in the way of.
    hindered: u32,
    is_draining: bool,
}

enum State {
    /// Waiting for a ring, with the timer that ends the wait.
    Idle(Option<SpawnHandle>),
    /// Taking a turn; whether it was rung for another meanwhile.
    Working { again: bool },
}

impl Actor for ChatSession {
    type Context = Context<Self>;
}

impl Handler<Envelope<Ring>> for ChatSession {
    type Result = ();

    fn handle(&mut self, envelope: Envelope<Ring>, ctx: &mut Self::Context) {
        let (Ring, _span) = envelope.open();
        match &mut self.state {
            State::Working { again } => *again = true,
            State::Idle(timer) => {
                if let Some(timer) = timer.take() {
                    ctx.cancel_future(timer);
                }
                self.begin_turn(ctx);
            }
        }
    }
}

impl Handler<Envelope<Drain>> for ChatSession {
    type Result = ();

    fn handle(&mut self, envelope: Envelope<Drain>, ctx: &mut Self::Context) {
        let (Drain { .. }, _span) = envelope.open();
        self.is_draining = true;
        if matches!(self.state, State::Idle(_)) {
            ctx.stop();
        }
    }
}

impl ChatSession {
    fn begin_turn(&mut self, ctx: &mut Context<Self>) {
        self.state = State::Working { again: false };
        let (parts, work) = (Arc::clone(&self.parts), self.work.clone());
        let turn = take_watched_turn(parts, work, self.chat, Portion::All);
        ctx.spawn(turn.into_actor(self).map(|turn, session, ctx| session.end_turn(turn, ctx)));
    }

    fn end_turn(&mut self, turn: Turn, ctx: &mut Context<Self>) {
        let rung_again = matches!(self.state, State::Working { again: true });
        if self.is_draining {
            return ctx.stop();
        }
        self.hindered = if turn == Turn::Later { self.hindered.saturating_add(1) } else { 0 };
        match turn {
            Turn::Over => ctx.stop(),
            Turn::Later => {
                let pause = HINDERED.delay(self.hindered, fastrand::f64());
                ctx.run_later(pause, |session, ctx| {
                    // The router will find the chat again, unless the program ends.
                    if session.is_draining || session.policy.crowded.load(Ordering::Relaxed) {
                        ctx.stop();
                    } else {
                        session.begin_turn(ctx);
                    }
                });
            }
            Turn::More => self.begin_turn(ctx),
            Turn::Empty if rung_again => self.begin_turn(ctx),
            Turn::Empty if self.policy.crowded.load(Ordering::Relaxed) => ctx.stop(),
            Turn::Empty => {
                let timer = ctx.run_later(self.policy.idle, |_, ctx| ctx.stop());
                self.state = State::Idle(Some(timer));
            }
        }
    }
}
