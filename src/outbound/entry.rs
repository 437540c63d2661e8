//! A message in the gate's memory: a row of the outbox or a parcel. Pure.

use std::sync::Arc;

use super::parcel::Ticket;
use crate::domain::ids::{ChatId, MessageId, OutboxId};
use crate::domain::limits::Moment;
use crate::domain::outgoing::Outgoing;
use crate::domain::trace::Trace;
use crate::store::records::{NewOutbox, OutboxClass};

/// Who waits for a message: somebody, nobody, or nobody and it is paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    Reply,
    Bulk,
    Paid,
}

impl Lane {
    /// A stable name for metrics.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::Bulk => "bulk",
            Self::Paid => "paid",
        }
    }
}

/// What a message is known by, and its place in the order of its chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    /// A row of the outbox.
    Row(OutboxId),
    /// A parcel, by a number of this queue's own.
    Parcel(u64),
}

/// What a message says.
#[derive(Debug, PartialEq)]
pub(super) enum Content {
    /// Shared, as a broadcast says the same to many.
    Known(Arc<Outgoing>),
    /// It may still be replaced: to be read right before it is sent.
    Latest,
    /// No version of ours has written it.
    Unreadable,
}

/// A row of the outbox, decoded once, or what a parcel has in its place.
#[derive(Debug, PartialEq)]
pub(super) struct Row {
    pub(super) key: Key,
    pub(super) chat: ChatId,
    pub(super) thread: Option<i64>,
    pub(super) class: OutboxClass,
    pub(super) content: Content,
    pub(super) edit_message: Option<MessageId>,
    pub(super) edit_of: Option<OutboxId>,
    /// What it follows from.
    pub(super) trace: Option<Trace>,
    /// Whether an earlier process had begun to send it.
    pub(super) in_doubt: bool,
    /// A parcel that goes by the lane of its own.
    pub(super) is_paid: bool,
}

impl Row {
    pub(super) fn new(row: &NewOutbox, in_doubt: bool) -> Self {
        let content =
            if row.edit_of.is_some() { Content::Latest } else { Content::read(&row.payload) };
        Self {
            key: Key::Row(row.id),
            chat: row.chat,
            thread: (row.thread != 0).then_some(row.thread),
            class: row.class,
            content,
            edit_message: row.edit_message,
            edit_of: row.edit_of,
            trace: row.trace,
            in_doubt,
            is_paid: false,
        }
    }

    pub(super) fn of_parcel(
        number: u64,
        chat: ChatId,
        content: Arc<Outgoing>,
        is_paid: bool,
    ) -> Self {
        // Removals are free.
        let is_paid = is_paid && !matches!(*content, Outgoing::Delete { .. });
        Self {
            key: Key::Parcel(number),
            chat,
            thread: None,
            class: OutboxClass::Bulk,
            content: Content::Known(content),
            edit_message: None,
            edit_of: None,
            trace: None,
            in_doubt: false,
            is_paid,
        }
    }

    /// The span of its way to Telegram, in the trace of what it follows from.
    pub(super) fn span(&self) -> tracing::Span {
        let Key::Row(id) = self.key else { return tracing::Span::none() };
        let span = tracing::info_span!("send", trace = tracing::field::Empty, outbox.id = id.0);
        if let Some(trace) = self.trace {
            span.record("trace", tracing::field::display(trace));
        }
        span
    }

    pub(super) const fn lane(&self) -> Lane {
        match self.class {
            OutboxClass::Reply | OutboxClass::Edit => Lane::Reply,
            OutboxClass::Bulk if self.is_paid => Lane::Paid,
            OutboxClass::Bulk => Lane::Bulk,
        }
    }

    /// What it weighs in the limits.
    pub(super) fn weight(&self) -> usize {
        match &self.content {
            Content::Known(outgoing) if self.lane() == Lane::Reply => outgoing.weight(),
            // A broadcast that is taken back: a removal is free, but not by the thousand.
            Content::Known(outgoing) => outgoing.weight().max(1),
            Content::Latest => 1,
            Content::Unreadable => 0,
        }
    }
}

impl Content {
    pub(super) fn read(payload: &str) -> Self {
        serde_json::from_str(payload)
            .map_or(Self::Unreadable, |outgoing| Self::Known(Arc::new(outgoing)))
    }
}

/// A message with what is known of its tries.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) row: Arc<Row>,
    /// A parcel's, while it waits or when it has just been taken.
    pub(super) ticket: Option<Ticket>,
    /// Tries that failed or were lost.
    pub(super) attempts: u32,
    /// Whether its chat had got nothing lately when it was taken.
    pub(super) rested: bool,
    /// When it was taken last.
    pub(super) taken_at: Moment,
    pub(super) not_before: Moment,
}

impl Entry {
    pub(super) fn new(row: Row, ticket: Option<Ticket>) -> Self {
        Self {
            row: Arc::new(row),
            ticket,
            attempts: 0,
            rested: false,
            taken_at: Moment::ZERO,
            not_before: Moment::ZERO,
        }
    }

    pub(super) fn is_wanted(&self) -> bool {
        self.ticket.as_ref().is_none_or(Ticket::is_wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(class: OutboxClass, outgoing: Outgoing) -> Row {
        let content = Content::Known(Arc::new(outgoing));
        Row { class, content, ..Row::of_parcel(1, ChatId(5), Arc::new(removal()), false) }
    }

    fn removal() -> Outgoing {
        Outgoing::Delete { messages: vec![MessageId(1)] }
    }

    fn album() -> Outgoing {
        let messages = [1, 2, 3].map(MessageId).to_vec();
        Outgoing::Copy { from: ChatId(5), messages, keyboard: None, silent: false }
    }

    #[test]
    fn a_removal_is_free_for_one_chat_and_not_by_the_thousand() {
        assert_eq!(row(OutboxClass::Reply, removal()).weight(), 0);
        assert_eq!(row(OutboxClass::Edit, removal()).weight(), 0);
        assert_eq!(row(OutboxClass::Bulk, removal()).weight(), 1);
        for class in [OutboxClass::Reply, OutboxClass::Bulk] {
            assert_eq!(row(class, album()).weight(), 3);
        }
        let of = |content| Row { content, ..row(OutboxClass::Bulk, album()) };
        assert_eq!(of(Content::Latest).weight(), 1);
        assert_eq!(of(Content::Unreadable).weight(), 0);
    }

    #[test]
    fn lanes_have_the_names_of_the_metrics() {
        assert_eq!(
            [Lane::Reply, Lane::Bulk, Lane::Paid].map(Lane::name),
            ["reply", "bulk", "paid"]
        );
        let paid = |outgoing| Row::of_parcel(1, ChatId(5), Arc::new(outgoing), true).lane();
        assert_eq!((paid(album()), paid(removal())), (Lane::Paid, Lane::Bulk), "removals are free");
    }

    #[test]
    fn what_is_not_ours_to_read_is_unreadable() {
        for payload in ["", "{}", "{\"type\":\"future\"}", "\u{0}"] {
            assert_eq!(Content::read(payload), Content::Unreadable, "{payload}");
        }
        assert_ne!(Content::read("{\"type\":\"delete\",\"messages\":[]}"), Content::Unreadable);
    }
}
