//! How work that was spawned tells the gate of its end, whichever way it comes.

use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;

use super::parcel::Ticket;
use super::sending::Trouble;
use crate::domain::ids::{ChatId, MessageId};
use crate::store::records::OutboxItem;
use crate::telegram::Sent;

/// Something that was begun has ended. Each begun thing brings exactly one, so that the number of
/// news that wait is bounded by the windows.
#[derive(Debug)]
pub(super) enum News {
    /// The message in flight of this chat.
    Carried { chat: ChatId, result: Result<Option<MessageId>, Trouble> },
    /// The parcel in flight of this chat. Without a ticket, its end is reported already.
    Delivered {
        chat: ChatId,
        result: Result<Sent, Trouble>,
        ticket: Option<Ticket>,
        /// Of the request, if there was one.
        took: Option<Duration>,
    },
    /// The batch of outcomes: whether it is committed.
    Settled(bool),
    /// The reading: the rows, or none if it failed.
    Read(Option<Vec<OutboxItem>>),
}

/// Brings one piece of news, even when the task that holds it panics or is dropped.
pub(super) struct Messenger {
    door: UnboundedSender<News>,
    otherwise: Option<News>,
}

impl Messenger {
    /// `otherwise` is what is brought if nothing else is [delivered](Self::deliver).
    pub(super) const fn new(door: UnboundedSender<News>, otherwise: News) -> Self {
        Self { door, otherwise: Some(otherwise) }
    }

    pub(super) fn deliver(mut self, news: News) {
        self.otherwise = Some(news);
    }
}

impl Drop for Messenger {
    fn drop(&mut self) {
        if let Some(news) = self.otherwise.take() {
            // The gate may have died; what it had in flight is in the database.
            let _ = self.door.send(news);
        }
    }
}
