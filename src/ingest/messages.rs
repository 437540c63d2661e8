//! What the intake's actors are told, and what they show to others.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use actix::Message;
use tokio::time::Instant;

use crate::domain::ids::ChatId;
use crate::runtime::Exit;

/// A doorbell: these chats have open updates. May be lost.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct ChatsHaveUpdates(pub Vec<ChatId>);

/// A chat's session has ended.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct SessionEnded {
    /// Whose.
    pub chat: ChatId,
    /// How.
    pub exit: Exit,
}

/// The moment of the last good poll, shared with health.
#[derive(Debug, Default)]
pub struct LastPoll(Mutex<Option<Instant>>);

impl LastPoll {
    /// Notes a good poll.
    pub fn note(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Time since the last good poll; none if there was none yet.
    pub fn age(&self) -> Option<Duration> {
        let last = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.map(|at| at.elapsed())
    }
}
