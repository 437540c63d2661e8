//! The limits of all processes together: asked right before a request leaves.
//!
//! The gate's own queue holds the same limits and paces what this process sends. This one stands
//! behind it and knows what others sent, and what an earlier start of this process sent. Without
//! Redis it is the same arithmetic in memory, which then never says anything new.
//!
//! Replies charge the bot's budget and wait for their chat's only; bulk waits for both, and leaves the
//! replies their reserve. Here is what Telegram allows at most: the highest rate of bulk, the pace
//! that was found by trying, and the lane that is paid for are the gate's own, which is the only
//! sender. So what the gate lets through is never held here for what it has sent itself.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use redis::Script;
use tokio::time::Instant;

use super::connection::Request;
use super::link::Link;
use crate::domain::ids::ChatId;
use crate::domain::limits::{Limits, LimitsConfig, Moment, Rate};

const SCRIPT: &str = include_str!("limiter.lua");

/// Who waits for a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// Somebody: replies and edits.
    Reply,
    /// Nobody.
    Bulk,
}

impl Lane {
    const fn name(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::Bulk => "bulk",
        }
    }
}

/// The answer to a message that asks for its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It may go, and is noted.
    Granted,
    /// It has to ask again after so long; nothing is noted.
    Wait(Duration),
}

/// The limits of all processes. Cheap to clone.
#[derive(Clone)]
pub struct SharedLimiter {
    shared: Option<Arc<Shared>>,
}

struct Shared {
    config: Mutex<LimitsConfig>,
    memory: Mutex<Limits>,
    origin: Instant,
    script: Script,
    link: Option<Link>,
}

impl SharedLimiter {
    pub(super) fn new(config: Option<LimitsConfig>, link: Option<Link>) -> Self {
        let shared = config.map(|config| {
            Arc::new(Shared {
                memory: Mutex::new(Limits::new(&config)),
                config: Mutex::new(config),
                origin: Instant::now(),
                script: Script::new(SCRIPT),
                link,
            })
        });
        Self { shared }
    }

    /// Grants everything.
    pub const fn none() -> Self {
        Self { shared: None }
    }

    /// Limits like this from now on. Whether there are limits at all does not change.
    pub fn follow(&self, config: LimitsConfig) {
        let Some(shared) = &self.shared else { return };
        let mut now = shared.config.lock().unwrap_or_else(PoisonError::into_inner);
        if *now != config {
            *now = config;
            *shared.memory.lock().unwrap_or_else(PoisonError::into_inner) = Limits::new(&config);
        }
    }

    /// A message of this weight asks for its turn. While Redis does not answer, this process's own
    /// sends are all that is known.
    pub async fn reserve(&self, chat: ChatId, lane: Lane, weight: usize) -> Turn {
        let Some(shared) = &self.shared else { return Turn::Granted };
        if let Some(link) = &shared.link
            && let Some(wait_us) = shared.ask(link, chat, lane, weight).await
        {
            return if wait_us == 0 {
                Turn::Granted
            } else {
                Turn::Wait(Duration::from_micros(wait_us))
            };
        }
        let mut limits = shared.memory.lock().unwrap_or_else(PoisonError::into_inner);
        reserve_in(&mut limits, chat, lane, weight, shared.origin.elapsed())
    }
}

impl Shared {
    async fn ask(&self, link: &Link, chat: ChatId, lane: Lane, weight: usize) -> Option<u64> {
        let mut call = self.script.prepare_invoke();
        call.key(link.key("limit:bot")).key(link.key("limit:floor"));
        call.key(link.key(&format!("limit:chat:{chat}")));
        call.key(link.key(&format!("limit:group:{chat}")));
        call.arg(lane.name()).arg(weight);
        let config = *self.config.lock().unwrap_or_else(PoisonError::into_inner);
        let group = (!chat.is_private()).then(|| config.group_rate());
        let rates =
            [Some(config.bot_rate()), Some(config.floor_rate()), Some(config.chat_rate()), group];
        for rate in rates {
            let interval = rate.map_or(Duration::ZERO, |rate| rate.interval());
            let micros = u64::try_from(interval.as_micros()).unwrap_or(u64::MAX);
            call.arg(micros).arg(rate.as_ref().map_or(0, Rate::burst));
        }
        call.arg(config.reply_reserve);
        link.ask(Request::Script(&call)).await
    }
}

/// The same as the script.
fn reserve_in(limits: &mut Limits, chat: ChatId, lane: Lane, weight: usize, now: Moment) -> Turn {
    let (mut ready_at, _scope) = limits.chats.ready_at(chat, weight);
    if lane == Lane::Bulk {
        ready_at = ready_at.max(limits.bot.bulk_ready_at(weight));
    }
    if ready_at > now {
        return Turn::Wait(ready_at.saturating_sub(now));
    }
    limits.chats.charge(chat, weight, now);
    match lane {
        Lane::Reply => limits.bot.charge_reply(weight, now),
        Lane::Bulk => limits.bot.charge_bulk(weight, now),
    }
    Turn::Granted
}
