//! Identifiers as types, so that a chat is never taken for a user, and the source of new ones.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};

use serde::{Deserialize, Serialize};

use super::clock::Timestamp;

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

id! {
    /// A batch of files that are uploaded together.
    BatchId
}
id! {
    /// A broadcast.
    BroadcastId
}
id! {
    /// A list of chats that an admin sent as a file.
    AudienceListId
}
id! {
    /// What makes a broadcast again and again.
    SeriesId
}
id! {
    /// What people ask for and the library does not have.
    RequestId
}
id! {
    /// An opening of an alert.
    AlertId
}
id! {
    /// A time in which alerts of a name are not told.
    SilenceId
}

impl ChatId {
    /// Whether this is a private chat (and the id therefore a user's).
    pub const fn is_private(self) -> bool {
        self.0 > 0
    }
}

/// Milliseconds between the Unix epoch and 2026-01-01, the epoch of our own ids.
const ID_EPOCH_MS: i64 = 1_767_225_600_000;

/// Bits below the milliseconds: how many ids one millisecond has room for.
const LOW_BITS: u32 = 20;

/// Makes ids that only grow within a process and do not meet between processes: 41 bits of
/// milliseconds since 2026, then 20 bits that start at the process's seed.
#[derive(Debug)]
pub struct IdSource {
    seed: i64,
    last: AtomicI64,
}

impl IdSource {
    /// `seed` (its lowest 19 bits) should differ between processes that write to one database.
    pub const fn new(seed: i64) -> Self {
        Self { seed: seed & ((1 << (LOW_BITS - 1)) - 1), last: AtomicI64::new(0) }
    }

    /// The next id at `now`: positive, and greater than every id given before.
    pub fn next(&self, now: Timestamp) -> i64 {
        let since_epoch = (now.timestamp_millis() - ID_EPOCH_MS).clamp(0, (1 << 41) - 1);
        let fresh = (since_epoch << LOW_BITS) | self.seed;
        let previous = self
            .last
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(fresh.max(last + 1)))
            .unwrap_or_else(|last| last);
        fresh.max(previous + 1)
    }
}

/// No id that was made at that time or later is lower.
pub fn first_id_at(time: Timestamp) -> i64 {
    (time.timestamp_millis() - ID_EPOCH_MS).clamp(0, (1 << 41) - 1) << LOW_BITS
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn ids_only_grow_even_when_the_clock_steps_back() {
        let ids = IdSource::new(7);
        let at = |ms| DateTime::from_timestamp_millis(ID_EPOCH_MS + ms).unwrap();
        let series = [ids.next(at(5)), ids.next(at(5)), ids.next(at(6)), ids.next(at(1))];
        assert!(series[0] > 0);
        assert!(series.is_sorted_by(|a, b| a < b), "{series:?}");
        assert!(first_id_at(at(5)) <= series[0] && series[1] < first_id_at(at(6)));
    }
}
