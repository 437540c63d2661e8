//! Parcels: messages of a broadcast on their way through the gate.
//!
//! A parcel is no row of the outbox: its recipient's row is the broadcast's own, written by whoever
//! launches it. Invariants: each parcel reports exactly one end, also when the gate dies; a parcel
//! that nobody waits for any more (its launcher died, its broadcast was held) never leaves.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use crate::domain::ids::{BroadcastId, ChatId, MessageId};
use crate::domain::outgoing::Outgoing;

/// Which recipient of which broadcast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ParcelKey {
    /// The broadcast.
    pub broadcast: BroadcastId,
    /// The recipient's number.
    pub seq: i64,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParcelEnd {
    /// These messages are there; several for an album, none for a removal.
    Delivered(Vec<MessageId>),
    /// The chat takes nothing from us, and why: a stable name.
    Unreachable(&'static str),
    /// The chat has this id now.
    Moved(ChatId),
    /// Telegram refuses this content, and would in every chat: its words, fit to be shown.
    ContentRefused(String),
    /// Refused for this chat alone, or given up, and why: a stable name.
    Failed(&'static str),
    /// Not sent: the chat is to be left alone for so long.
    Deferred(Duration),
    /// May or may not have been sent.
    InDoubt,
    /// Never begun.
    NotSent,
}

/// What a parcel reports through.
pub type ParcelDoor = UnboundedSender<(ParcelKey, ParcelEnd)>;

/// Reports the end of a parcel, whichever way it comes.
#[derive(Debug)]
pub struct Ticket {
    key: ParcelKey,
    door: ParcelDoor,
    held: CancellationToken,
    has_begun: bool,
    end: Option<ParcelEnd>,
}

impl Ticket {
    /// `held` is cancelled when the parcel is not to leave any more.
    pub const fn new(key: ParcelKey, door: ParcelDoor, held: CancellationToken) -> Self {
        Self { key, door, held, has_begun: false, end: None }
    }

    /// Which parcel it is.
    pub const fn key(&self) -> ParcelKey {
        self.key
    }

    /// Whether the parcel may still leave.
    pub fn is_wanted(&self) -> bool {
        !self.held.is_cancelled() && !self.door.is_closed()
    }

    /// The request leaves now: from here on a silent end is in doubt.
    pub const fn begin(&mut self) {
        self.has_begun = true;
    }

    /// The request has not left, and will be tried again.
    pub const fn take_back(&mut self) {
        self.has_begun = false;
    }

    /// Reports the end.
    pub fn end(mut self, end: ParcelEnd) {
        self.end = Some(end);
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let silent = if self.has_begun { ParcelEnd::InDoubt } else { ParcelEnd::NotSent };
        let end = self.end.take().unwrap_or(silent);
        // The launcher may have died: its successor finds the row without an outcome.
        let _ = self.door.send((self.key, end));
    }
}

/// A message to one recipient.
#[derive(Debug)]
pub struct Parcel {
    /// To whom.
    pub chat: ChatId,
    /// What.
    pub content: Arc<Outgoing>,
    /// Whether it may be paid for, and goes by the lane of its own.
    pub is_paid: bool,
    /// Through which its end is reported.
    pub ticket: Ticket,
}
