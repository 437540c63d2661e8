//! What the intake's actors are told, and what they show to others.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix::Message;
use bytes::Bytes;
use futures_util::future::BoxFuture;
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

/// What became of an update that was posted to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Posted {
    /// It is committed, and may be acknowledged.
    Stored,
    /// It is no JSON at all. It was not kept; to have it repeated would not mend it.
    Unreadable,
    /// The ledger has no room for now.
    Full,
    /// The database did not take it.
    Unstored,
}

/// Stores what was posted; resolves after the commit. To be called where I/O may run.
pub type TakePosted = Arc<dyn Fn(Bytes) -> BoxFuture<'static, Posted> + Send + Sync>;

/// Whether updates may be posted to us: open until the process is asked to stop.
#[derive(Debug, Default)]
pub struct Door(AtomicBool);

impl Door {
    /// Nothing is let in any more; what is inside is worked off.
    pub fn close(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Updates may come in again: those who take them have begun anew within the same process.
    pub fn open(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    /// Whether updates may come in.
    pub fn is_open(&self) -> bool {
        !self.0.load(Ordering::Relaxed)
    }
}

/// The moment of the last good poll, shared with health. By webhook: when Telegram last confirmed
/// that it posts to us, since silence says nothing there.
#[derive(Debug, Default)]
pub struct LastPoll {
    good: Mutex<Option<Instant>>,
    tried: Mutex<Option<Instant>>,
}

impl LastPoll {
    /// Notes a good poll.
    pub fn note(&self) {
        set(&self.good);
        set(&self.tried);
    }

    /// Notes a poll that failed: whoever polls has come back from it.
    pub fn note_failed(&self) {
        set(&self.tried);
    }

    /// Time since the last good poll; none if there was none yet.
    pub fn age(&self) -> Option<Duration> {
        age(&self.good)
    }

    /// Time since the last poll, good or not; none if there was none yet.
    pub fn try_age(&self) -> Option<Duration> {
        age(&self.tried)
    }
}

fn set(moment: &Mutex<Option<Instant>>) {
    *moment.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
}

fn age(moment: &Mutex<Option<Instant>>) -> Option<Duration> {
    let at = *moment.lock().unwrap_or_else(PoisonError::into_inner);
    at.map(|at| at.elapsed())
}
