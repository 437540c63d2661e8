//! Identifiers as types, so that a chat is never taken for a user, and the source of new ones.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id! {
    /// A Telegram chat: positive for private chats (equal to the user's id), negative for groups.
    ChatId
}
id! {
    /// A Telegram user (numeric id; up to 52 significant bits).
    UserId
}
id! {
    /// A message within its chat.
    MessageId
}
id! {
    /// The position of an update in our ledger. Unlike Telegram's `update_id`, it only grows.
    UpdateSeq
}
id! {
    /// A book, recording, video or worksheet of the library.
    MaterialId
}
id! {
    /// A node of the catalogue's tree.
    CategoryId
}
id! {
    /// A queued piece of background work.
    JobId
}
id! {
    /// A row of the outbox: one message that is to leave.
    OutboxId
}
id! {
    /// A remembered search text, so that a 64-byte button can name it.
    QueryId
}

impl ChatId {
    /// Whether this is a private chat (and the id therefore a user's).
    pub const fn is_private(self) -> bool {
        self.0 > 0
    }
}

/// Milliseconds between the Unix epoch and 2026-01-01, the epoch of our own ids.
const ID_EPOCH_MS: i64 = 1_767_225_600_000;

/// Bits of the counter below the milliseconds: about a million ids a millisecond before two
/// could meet.
const COUNTER_BITS: u32 = 20;

/// Makes ids that grow with time and do not meet between processes: 41 bits of milliseconds
/// since 2026, then 20 bits of a counter with a random start.
#[derive(Debug)]
pub struct IdSource {
    counter: AtomicI64,
}

impl IdSource {
    /// `seed` should differ between processes that write to one database.
    pub const fn new(seed: i64) -> Self {
        Self { counter: AtomicI64::new(seed) }
    }

    /// The next id at `now_ms` (Unix milliseconds); always positive.
    pub fn next(&self, now_ms: i64) -> i64 {
        let low = self.counter.fetch_add(1, Ordering::Relaxed) & ((1 << COUNTER_BITS) - 1);
        let high = (now_ms - ID_EPOCH_MS).clamp(0, (1 << 41) - 1);
        (high << COUNTER_BITS) | low
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_with_time_and_differ_within_a_millisecond() {
        let ids = IdSource::new(7);
        let now = ID_EPOCH_MS + 1_000;
        let (a, b, later) = (ids.next(now), ids.next(now), ids.next(now + 1));
        assert_ne!(a, b);
        assert!(later > a && later > b && a > 0);
    }
}
