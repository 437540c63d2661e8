//! Whose message is next, and when. Pure: time is a parameter, nothing is sent here.
//!
//! Each chat has two lines, replies (with edits) and bulk, both sorted by id, and at most one message
//! in flight. A chat that could send stands in the ready line of its lane; one that must wait
//! stands in the heap of timers. Each change of a chat's place gives it a new stamp; what stands
//! somewhere with an old stamp is passed over. So every operation costs O(log n) at most.
//!
//! Parcels stand in the bulk line of their chat, behind the rows of the outbox. One that is not
//! wanted any more is dropped, which its ticket reports.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::meters;
use super::parcel::{Parcel, Ticket};
use crate::domain::ids::{ChatId, MessageId, OutboxId};
use crate::domain::limits::{ChatScope, Limits, LimitsConfig, Moment};
use crate::domain::outgoing::Outgoing;
use crate::store::records::{NewOutbox, OutboxClass};

/// Two chats refused within this time: it is the bot that is too fast.
const FLOOD_EVIDENCE: Duration = Duration::from_secs(2);

/// Who waits for a message: somebody or nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    Reply,
    Bulk,
}

impl Lane {
    /// A stable name for metrics.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::Bulk => "bulk",
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
    /// Whether an earlier process had begun to send it.
    pub(super) in_doubt: bool,
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
            in_doubt,
        }
    }

    const fn of_parcel(number: u64, chat: ChatId, content: Arc<Outgoing>) -> Self {
        Self {
            key: Key::Parcel(number),
            chat,
            thread: None,
            class: OutboxClass::Bulk,
            content: Content::Known(content),
            edit_message: None,
            edit_of: None,
            in_doubt: false,
        }
    }

    pub(super) const fn lane(&self) -> Lane {
        match self.class {
            OutboxClass::Reply | OutboxClass::Edit => Lane::Reply,
            OutboxClass::Bulk => Lane::Bulk,
        }
    }

    /// What it weighs in the limits.
    pub(super) fn weight(&self) -> usize {
        match &self.content {
            Content::Known(outgoing) => outgoing.weight(),
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
    not_before: Moment,
}

impl Entry {
    fn is_wanted(&self) -> bool {
        self.ticket.as_ref().is_none_or(Ticket::is_wanted)
    }
}

#[derive(Debug, Default)]
struct Chat {
    replies: VecDeque<Entry>,
    bulk: VecDeque<Entry>,
    in_flight: Option<Entry>,
    frozen_until: Moment,
    stamp: u64,
}

impl Chat {
    fn line(&mut self, lane: Lane) -> &mut VecDeque<Entry> {
        match lane {
            Lane::Reply => &mut self.replies,
            Lane::Bulk => &mut self.bulk,
        }
    }

    fn head(&self) -> Option<&Entry> {
        self.replies.front().or_else(|| self.bulk.front())
    }

    fn insert(&mut self, entry: Entry) {
        let key = entry.row.key;
        let line = self.line(entry.row.lane());
        if line.back().is_none_or(|last| last.row.key < key) {
            line.push_back(entry);
        } else {
            let place = line.partition_point(|other| other.row.key < key);
            line.insert(place, entry);
        }
    }
}

/// A chat's place in a ready line.
#[derive(Debug, Clone, Copy)]
struct Ready {
    chat: ChatId,
    stamp: u64,
    since: Moment,
}

/// All messages in memory.
#[derive(Debug)]
pub(super) struct Queue {
    limits: Option<Limits>,
    chats: HashMap<ChatId, Chat>,
    /// Every row in memory: waiting, in flight, or with an outcome that is not yet committed.
    known: HashSet<OutboxId>,
    /// Parcels that wait or are in flight.
    parcels: usize,
    last_parcel: u64,
    replies_waiting: usize,
    replies_ready: VecDeque<Ready>,
    bulk_ready: VecDeque<Ready>,
    timers: BinaryHeap<Reverse<(Moment, u64, ChatId)>>,
    last_stamp: u64,
    bulk_frozen_until: Moment,
    halted_until: Moment,
    last_flood: Option<(Moment, ChatId)>,
}

impl Queue {
    pub(super) fn new(limits: Option<LimitsConfig>) -> Self {
        Self {
            limits: limits.as_ref().map(Limits::new),
            chats: HashMap::new(),
            known: HashSet::new(),
            parcels: 0,
            last_parcel: 0,
            replies_waiting: 0,
            replies_ready: VecDeque::new(),
            bulk_ready: VecDeque::new(),
            timers: BinaryHeap::new(),
            last_stamp: 0,
            bulk_frozen_until: Moment::ZERO,
            halted_until: Moment::ZERO,
            last_flood: None,
        }
    }

    /// Rows of the outbox in memory.
    pub(super) fn len(&self) -> usize {
        self.known.len()
    }

    /// Parcels in memory.
    pub(super) const fn parcels(&self) -> usize {
        self.parcels
    }

    pub(super) fn contains(&self, id: OutboxId) -> bool {
        self.known.contains(&id)
    }

    /// Replies and edits that are not in flight.
    pub(super) const fn replies_waiting(&self) -> usize {
        self.replies_waiting
    }

    /// Chats that Telegram told us to leave alone.
    pub(super) fn frozen_chats(&self, now: Moment) -> usize {
        self.chats.values().filter(|chat| chat.frozen_until > now).count()
    }

    /// How many messages the bot's limit has room for.
    pub(super) fn room(&self, now: Moment) -> Option<u32> {
        self.limits.as_ref().map(|limits| limits.bot.room(now))
    }

    /// Adds a row, unless it is in memory.
    pub(super) fn insert(&mut self, row: Row, attempts: u32, not_before: Moment, now: Moment) {
        let Key::Row(id) = row.key else { return };
        if !self.known.insert(id) {
            return;
        }
        self.add(
            Entry { row: Arc::new(row), ticket: None, attempts, rested: false, not_before },
            now,
        );
    }

    /// Adds a parcel behind all that its chat has.
    pub(super) fn insert_parcel(&mut self, parcel: Parcel, now: Moment) {
        self.last_parcel = self.last_parcel.wrapping_add(1);
        self.parcels = self.parcels.saturating_add(1);
        let Parcel { chat, content, ticket, is_paid: _ } = parcel;
        let row = Arc::new(Row::of_parcel(self.last_parcel, chat, content));
        let not_before = Moment::ZERO;
        self.add(Entry { row, ticket: Some(ticket), attempts: 0, rested: false, not_before }, now);
    }

    fn add(&mut self, entry: Entry, now: Moment) {
        let id = entry.row.chat;
        let before = self.head(id);
        self.line_up(entry);
        if self.head(id) != before {
            self.place(id, now);
        }
    }

    fn head(&self, id: ChatId) -> Option<Key> {
        self.chats.get(&id).and_then(Chat::head).map(|entry| entry.row.key)
    }

    fn line_up(&mut self, entry: Entry) {
        if entry.row.lane() == Lane::Reply {
            self.replies_waiting = self.replies_waiting.saturating_add(1);
        }
        self.chats.entry(entry.row.chat).or_default().insert(entry);
    }

    /// Gives a chat its place: ready, waiting for a moment, or forgotten.
    fn place(&mut self, id: ChatId, now: Moment) {
        let Some(chat) = self.chats.get_mut(&id) else { return };
        if chat.in_flight.is_some() {
            return;
        }
        self.last_stamp = self.last_stamp.wrapping_add(1);
        chat.stamp = self.last_stamp;
        let stamp = chat.stamp;

        let Some(head) = chat.head() else {
            if chat.frozen_until > now {
                self.timers.push(Reverse((chat.frozen_until, stamp, id)));
            } else {
                self.chats.remove(&id);
            }
            return;
        };
        let told = head.not_before.max(chat.frozen_until).max(now);
        let (budget, scope) = match &self.limits {
            Some(limits) => limits.chats.ready_at(id, head.row.weight()),
            None => (Moment::ZERO, ChatScope::Chat),
        };
        if budget > told {
            meters::limiter_wait(scope.name(), budget.saturating_sub(told));
        }
        let at = told.max(budget);
        if at > now {
            self.timers.push(Reverse((at, stamp, id)));
            return;
        }
        let ready = Ready { chat: id, stamp, since: now };
        match head.row.lane() {
            Lane::Reply => self.replies_ready.push_back(ready),
            Lane::Bulk => self.bulk_ready.push_back(ready),
        }
    }

    /// Moves the chats whose moment has come.
    pub(super) fn advance(&mut self, now: Moment) {
        while let Some(Reverse((at, stamp, id))) = self.timers.peek().copied() {
            if at > now {
                return;
            }
            self.timers.pop();
            if self.is_current(id, stamp) {
                self.place(id, now);
            }
        }
    }

    fn is_current(&self, id: ChatId, stamp: u64) -> bool {
        self.chats.get(&id).is_some_and(|chat| chat.stamp == stamp && chat.in_flight.is_none())
    }

    /// The first of a lane's ready line, when what stands before it is stale.
    fn first_ready(&mut self, lane: Lane) -> Option<Ready> {
        loop {
            let first = self.ready_line(lane).front().copied()?;
            if self.is_current(first.chat, first.stamp) {
                return Some(first);
            }
            self.ready_line(lane).pop_front();
        }
    }

    fn ready_line(&mut self, lane: Lane) -> &mut VecDeque<Ready> {
        match lane {
            Lane::Reply => &mut self.replies_ready,
            Lane::Bulk => &mut self.bulk_ready,
        }
    }

    /// Takes the next message of a lane that may go now; it is in flight until it is
    /// [`finished`](Self::finish) or [`put back`](Self::put_back).
    pub(super) fn take(&mut self, lane: Lane, now: Moment) -> Option<Entry> {
        if now < self.halted_until {
            return None;
        }
        let first = self.first_wanted(lane, now)?;
        if lane == Lane::Bulk && self.bulk_turn(first.chat) > now {
            return None;
        }
        self.ready_line(lane).pop_front();
        let chat = self.chats.get_mut(&first.chat)?;
        let mut entry = chat.line(lane).pop_front()?;
        if let Some(limits) = &mut self.limits {
            let weight = entry.row.weight();
            entry.rested = limits.chats.is_rested(first.chat, now);
            limits.chats.charge(first.chat, weight, now);
            match lane {
                Lane::Reply => limits.bot.charge_reply(weight, now),
                Lane::Bulk => limits.bot.charge_bulk(weight, now),
            }
        }
        match lane {
            Lane::Reply => self.replies_waiting = self.replies_waiting.saturating_sub(1),
            Lane::Bulk => meters::limiter_wait("global", now.saturating_sub(first.since)),
        }
        let taken = Entry { row: Arc::clone(&entry.row), ticket: entry.ticket.take(), ..entry };
        chat.in_flight = Some(entry);
        Some(taken)
    }

    /// The first of a lane's ready line that is wanted; the unwanted before it are dropped.
    fn first_wanted(&mut self, lane: Lane, now: Moment) -> Option<Ready> {
        loop {
            let first = self.first_ready(lane)?;
            let chat = self.chats.get_mut(&first.chat)?;
            if chat.head().is_some_and(Entry::is_wanted) {
                return Some(first);
            }
            self.ready_line(lane).pop_front();
            self.drop_parcels(first.chat, Ticket::is_wanted, now);
        }
    }

    /// Drops the parcels that wait, but for those that are wanted.
    pub(super) fn drop_unwanted(&mut self, now: Moment) {
        self.drop_all(Ticket::is_wanted, now);
    }

    /// Drops the parcels that wait.
    pub(super) fn give_back_parcels(&mut self, now: Moment) {
        self.drop_all(|_| false, now);
    }

    fn drop_all(&mut self, stays: impl Fn(&Ticket) -> bool, now: Moment) {
        if self.parcels == 0 {
            return;
        }
        let goes = |entry: &Entry| entry.ticket.as_ref().is_some_and(|ticket| !stays(ticket));
        let touched = self.chats.iter().filter(|(_, chat)| chat.bulk.iter().any(goes));
        let touched: Vec<ChatId> = touched.map(|(id, _)| *id).collect();
        for id in touched {
            self.drop_parcels(id, &stays, now);
        }
    }

    fn drop_parcels(&mut self, id: ChatId, stays: impl Fn(&Ticket) -> bool, now: Moment) {
        let Some(chat) = self.chats.get_mut(&id) else { return };
        let before = chat.bulk.len();
        chat.bulk.retain(|entry| entry.ticket.as_ref().is_none_or(&stays));
        self.parcels = self.parcels.saturating_sub(before.saturating_sub(chat.bulk.len()));
        self.place(id, now);
    }

    /// From when on the bulk message at the head of a chat may go.
    fn bulk_turn(&self, id: ChatId) -> Moment {
        let head = self.chats.get(&id).and_then(Chat::head);
        let weight = head.map_or(0, |entry| entry.row.weight());
        let by_limit = match &self.limits {
            Some(limits) => limits.bot.bulk_ready_at(weight),
            None => Moment::ZERO,
        };
        by_limit.max(self.bulk_frozen_until)
    }

    /// When to look again after all that may go was taken, if nothing else happens before.
    /// `with_bulk`: whether bulk has a window to go through.
    pub(super) fn next_look(&mut self, with_bulk: bool, now: Moment) -> Option<Moment> {
        let timer = self.timers.peek().map(|Reverse((at, ..))| *at);
        let bulk = if with_bulk { self.first_ready(Lane::Bulk) } else { None };
        let bulk = bulk.map(|first| self.bulk_turn(first.chat));
        // What is ready but has no window waits for an outcome, not for a moment: hence the filter.
        let moments = [timer, bulk, Some(self.halted_until)];
        moments.into_iter().flatten().filter(|at| *at > now).min()
    }

    /// The message of a chat that is in flight.
    pub(super) fn in_flight(&self, id: ChatId) -> Option<&Entry> {
        self.chats.get(&id)?.in_flight.as_ref()
    }

    /// The message in flight has its outcome, which is committed.
    pub(super) fn finish(&mut self, id: ChatId, now: Moment) {
        let Some(chat) = self.chats.get_mut(&id) else { return };
        match chat.in_flight.take().map(|entry| entry.row.key) {
            Some(Key::Row(id)) => drop(self.known.remove(&id)),
            Some(Key::Parcel(_)) => self.parcels = self.parcels.saturating_sub(1),
            None => {}
        }
        self.place(id, now);
    }

    /// The message in flight is to be sent again, not before a moment.
    pub(super) fn put_back(&mut self, id: ChatId, not_before: Moment, counts: bool, now: Moment) {
        let Some(chat) = self.chats.get_mut(&id) else { return };
        let Some(mut entry) = chat.in_flight.take() else { return };
        entry.attempts = entry.attempts.saturating_add(u32::from(counts));
        entry.not_before = not_before;
        self.line_up(entry);
        self.place(id, now);
    }

    /// The message in flight has not left: it costs its chat nothing. The bot's budget stays
    /// charged, which keeps bulk from asking again and again for what there is not.
    pub(super) fn take_back(&mut self, id: ChatId, not_before: Moment, now: Moment) {
        if let (Some(limits), Some(entry)) =
            (&mut self.limits, self.chats.get(&id).and_then(|chat| chat.in_flight.as_ref()))
        {
            limits.chats.give_back(id, entry.row.weight());
        }
        self.put_back(id, not_before, false, now);
    }

    /// The parcel in flight gets its ticket back, to be [put back](Self::put_back) with it.
    pub(super) fn return_ticket(&mut self, id: ChatId, ticket: Ticket) {
        let in_flight = self.chats.get_mut(&id).and_then(|chat| chat.in_flight.as_mut());
        if let Some(entry) = in_flight.filter(|entry| matches!(entry.row.key, Key::Parcel(_))) {
            entry.ticket = Some(ticket);
        }
    }

    /// Telegram told a chat to wait. Bulk as a whole waits only on evidence that it is not the chat
    /// alone: the chat had rested, or another one was refused just before.
    pub(super) fn freeze(&mut self, id: ChatId, until: Moment, now: Moment) {
        let Some(chat) = self.chats.get_mut(&id) else { return };
        chat.frozen_until = chat.frozen_until.max(until);
        let had_rested = chat.in_flight.as_ref().is_some_and(|entry| entry.rested);
        let is_second_chat = self
            .last_flood
            .is_some_and(|(at, other)| other != id && now.saturating_sub(at) <= FLOOD_EVIDENCE);
        self.last_flood = Some((now, id));
        if had_rested || is_second_chat {
            self.bulk_frozen_until = self.bulk_frozen_until.max(until);
        }
    }

    /// Nothing is taken until then.
    pub(super) fn halt(&mut self, until: Moment) {
        self.halted_until = self.halted_until.max(until);
    }
}

#[cfg(test)]
#[path = "queue_tests.rs"]
mod tests;
