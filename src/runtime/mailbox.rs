//! The bounded part of an actor's mailbox, and what is known of it.
//!
//! actix bounds a mailbox per *sender clone* and does not tell its length. Here each queued message
//! holds a [`Slot`] of one shared counter instead, and actix's own queue is unbounded: the capacity
//! is exact however many ports there are, and the depth is known.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use metrics::Histogram;

/// Capacity and counters of one mailbox. It outlives the actor's generations, so the counters
/// only ever grow.
#[derive(Debug)]
pub struct Mailbox {
    capacity: usize,
    depth: AtomicUsize,
    handled: AtomicU64,
    refused: AtomicU64,
    unread: AtomicU64,
    last_wait_us: AtomicU64,
    max_wait_us: AtomicU64,
    /// Of all mailboxes of that name.
    waits: Histogram,
}

/// What is known of a mailbox at one moment; the fields are read one after another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailboxSnapshot {
    /// How many messages may wait.
    pub capacity: usize,
    /// How many are waiting.
    pub depth: usize,
    /// How many were opened by the actor.
    pub handled: u64,
    /// How many were refused because the mailbox was full.
    pub refused: u64,
    /// How many were queued but never opened: the asker gave up first, or the actor died.
    pub unread: u64,
    /// How long the message opened last had waited, in microseconds.
    pub last_wait_us: u64,
    /// The longest wait so far, in microseconds.
    pub max_wait_us: u64,
}

impl Mailbox {
    /// A mailbox in which `capacity` messages may wait. With 0 every message is refused.
    pub fn new(capacity: usize) -> Arc<Self> {
        Self::measured(capacity, Histogram::noop())
    }

    /// The same for an actor of that name: how long messages wait is shown in the metrics. The names
    /// of actors are few; thousands of one name share a histogram by [`waits_of`].
    pub fn named(name: &'static str, capacity: usize) -> Arc<Self> {
        Self::measured(capacity, waits_of(name))
    }

    /// The same with a histogram that was taken before.
    pub fn measured(capacity: usize, waits: Histogram) -> Arc<Self> {
        Arc::new(Self {
            capacity,
            depth: AtomicUsize::new(0),
            handled: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            unread: AtomicU64::new(0),
            last_wait_us: AtomicU64::new(0),
            max_wait_us: AtomicU64::new(0),
            waits,
        })
    }

    /// The counters.
    pub fn snapshot(&self) -> MailboxSnapshot {
        MailboxSnapshot {
            capacity: self.capacity,
            depth: self.depth.load(Ordering::Relaxed),
            handled: self.handled.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
            unread: self.unread.load(Ordering::Relaxed),
            last_wait_us: self.last_wait_us.load(Ordering::Relaxed),
            max_wait_us: self.max_wait_us.load(Ordering::Relaxed),
        }
    }

    /// A place in the queue, or `None` (and a count) when it is full.
    pub(super) fn reserve(self: &Arc<Self>) -> Option<Slot> {
        let taken = self.depth.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |depth| {
            (depth < self.capacity).then_some(depth.saturating_add(1))
        });
        if taken.is_err() {
            self.refused.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        Some(Slot { mailbox: Arc::clone(self), opened: false })
    }

    /// A place in the queue even when it is full: for control messages, whose number is bounded
    /// by their senders and which must reach a flooded actor.
    pub(super) fn reserve_beyond_capacity(self: &Arc<Self>) -> Slot {
        self.depth.fetch_add(1, Ordering::Relaxed);
        Slot { mailbox: Arc::clone(self), opened: false }
    }
}

/// The histogram in which the waits of actors of that name are shown.
pub fn waits_of(name: &'static str) -> Histogram {
    metrics::histogram!("primelingo_actor_mailbox_wait_seconds", "actor" => name)
}

/// One message's place in the queue, given back on drop.
#[derive(Debug)]
pub(super) struct Slot {
    mailbox: Arc<Mailbox>,
    opened: bool,
}

impl Slot {
    /// The actor has taken the message up after `wait`. Gives how many wait behind it.
    pub(super) fn opened(mut self, wait: Duration) -> usize {
        let wait_us = u64::try_from(wait.as_micros()).unwrap_or(u64::MAX);
        self.opened = true;
        self.mailbox.handled.fetch_add(1, Ordering::Relaxed);
        self.mailbox.last_wait_us.store(wait_us, Ordering::Relaxed);
        self.mailbox.max_wait_us.fetch_max(wait_us, Ordering::Relaxed);
        self.mailbox.waits.record(wait);
        self.mailbox.depth.load(Ordering::Relaxed).saturating_sub(1)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.mailbox.depth.fetch_sub(1, Ordering::Relaxed);
        if !self.opened {
            self.mailbox.unread.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_capacity_is_exact_and_a_slot_comes_back() {
        let mailbox = Mailbox::new(2);
        let first = mailbox.reserve().expect("room");
        let _second = mailbox.reserve().expect("room");
        assert!(mailbox.reserve().is_none());
        assert_eq!(mailbox.snapshot().refused, 1);

        first.opened(Duration::from_micros(7));
        let third = mailbox.reserve().expect("room again");
        drop(third);

        let seen = mailbox.snapshot();
        assert_eq!((seen.depth, seen.handled, seen.unread), (1, 1, 1));
        assert_eq!((seen.last_wait_us, seen.max_wait_us), (7, 7));
    }

    #[test]
    fn control_messages_are_beyond_the_capacity() {
        let mailbox = Mailbox::new(0);
        assert!(mailbox.reserve().is_none());
        let _slot = mailbox.reserve_beyond_capacity();
        assert_eq!(mailbox.snapshot().depth, 1);
    }
}
