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

use super::entry::{Entry, Key, Lane, Row};
use super::meters;
use super::parcel::{Parcel, Ticket};
use crate::domain::ids::{ChatId, OutboxId};
use crate::domain::limits::{ChatScope, Limits, Moment};

/// Two chats refused within this time: it is the bot that is too fast.
const FLOOD_EVIDENCE: Duration = Duration::from_secs(2);

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
            Lane::Bulk | Lane::Paid => &mut self.bulk,
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
    paid_ready: VecDeque<Ready>,
    timers: BinaryHeap<Reverse<(Moment, u64, ChatId)>>,
    last_stamp: u64,
    /// Of the bot as a whole, and of the paid lane.
    flood: Flood,
    paid_flood: Flood,
    halted_until: Moment,
}

/// What Telegram has refused lately for being too fast.
#[derive(Debug, Default)]
struct Flood {
    /// Nothing is taken from the lane until then.
    frozen_until: Moment,
    last: Option<(Moment, ChatId)>,
}

impl Flood {
    /// A chat was told to wait. Gives whether it is the lane that is too fast, and not the chat
    /// alone: the chat had rested, or another one was refused just before.
    fn note(&mut self, chat: ChatId, had_rested: bool, until: Moment, now: Moment) -> bool {
        let is_second_chat = self
            .last
            .is_some_and(|(at, other)| other != chat && now.saturating_sub(at) <= FLOOD_EVIDENCE);
        self.last = Some((now, chat));
        let is_evidence = had_rested || is_second_chat;
        if is_evidence {
            self.frozen_until = self.frozen_until.max(until);
        }
        is_evidence
    }
}

impl Queue {
    pub(super) fn new(limits: Option<Limits>) -> Self {
        Self {
            limits,
            chats: HashMap::new(),
            known: HashSet::new(),
            parcels: 0,
            last_parcel: 0,
            replies_waiting: 0,
            replies_ready: VecDeque::new(),
            bulk_ready: VecDeque::new(),
            paid_ready: VecDeque::new(),
            timers: BinaryHeap::new(),
            last_stamp: 0,
            flood: Flood::default(),
            paid_flood: Flood::default(),
            halted_until: Moment::ZERO,
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
        self.add(Entry { attempts, not_before, ..Entry::new(row, None) }, now);
    }

    /// Adds a parcel behind all that its chat has.
    pub(super) fn insert_parcel(&mut self, parcel: Parcel, now: Moment) {
        self.last_parcel = self.last_parcel.wrapping_add(1);
        self.parcels = self.parcels.saturating_add(1);
        let Parcel { chat, content, ticket, is_paid } = parcel;
        let row = Row::of_parcel(self.last_parcel, chat, content, is_paid);
        self.add(Entry::new(row, Some(ticket)), now);
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
            Lane::Paid => self.paid_ready.push_back(ready),
        }
    }

    /// Moves the chats whose moment has come, and takes over what the paces have come to.
    pub(super) fn advance(&mut self, now: Moment) {
        if let Some(limits) = &mut self.limits {
            limits.bot.all.adapt(now);
            limits.paid.adapt(now);
        }
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
            Lane::Paid => &mut self.paid_ready,
        }
    }

    /// Takes the next message of a lane that may go now; it is in flight until it is
    /// [`finished`](Self::finish) or [`put back`](Self::put_back).
    pub(super) fn take(&mut self, lane: Lane, now: Moment) -> Option<Entry> {
        if now < self.halted_until {
            return None;
        }
        let first = self.first_wanted(lane, now)?;
        if self.turn(lane, first.chat) > now {
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
                Lane::Paid => limits.paid.charge(weight, now),
            }
        }
        match lane {
            Lane::Reply => self.replies_waiting = self.replies_waiting.saturating_sub(1),
            Lane::Bulk => meters::limiter_wait("global", now.saturating_sub(first.since)),
            Lane::Paid => meters::limiter_wait("paid", now.saturating_sub(first.since)),
        }
        entry.taken_at = now;
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

    /// From when on the message at the head of a chat, which is of this lane, may go. Replies do
    /// not wait for anything here.
    fn turn(&self, lane: Lane, id: ChatId) -> Moment {
        let head = self.chats.get(&id).and_then(Chat::head);
        let weight = head.map_or(0, |entry| entry.row.weight());
        let (by_limit, frozen_until) = match (lane, &self.limits) {
            (Lane::Reply, _) => return Moment::ZERO,
            (Lane::Bulk, Some(limits)) => {
                (limits.bot.bulk_ready_at(weight), self.flood.frozen_until)
            }
            (Lane::Bulk, None) => (Moment::ZERO, self.flood.frozen_until),
            (Lane::Paid, Some(limits)) => {
                (limits.paid.ready_at(weight, 0), self.paid_flood.frozen_until)
            }
            (Lane::Paid, None) => (Moment::ZERO, self.paid_flood.frozen_until),
        };
        by_limit.max(frozen_until)
    }

    /// When to look again after all that may go was taken, if nothing else happens before.
    /// `lanes`: those of bulk that have a window to go through.
    pub(super) fn next_look(
        &mut self,
        lanes: impl IntoIterator<Item = Lane>,
        now: Moment,
    ) -> Option<Moment> {
        let later = |at: &Moment| *at > now;
        let timer = self.timers.peek().map(|Reverse((at, ..))| *at);
        // What is ready but has no window waits for an outcome, not for a moment.
        let mut next = [timer, Some(self.halted_until)].into_iter().flatten().filter(later).min();
        for lane in lanes {
            let turn = self.first_ready(lane).map(|first| self.turn(lane, first.chat));
            next = [next, turn.filter(later)].into_iter().flatten().min();
        }
        next
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

    /// Telegram told a chat to wait. The lane as a whole waits, and slows down, only on evidence that
    /// it is not the chat alone.
    pub(super) fn freeze(&mut self, id: ChatId, until: Moment, now: Moment) {
        let Some(chat) = self.chats.get_mut(&id) else { return };
        chat.frozen_until = chat.frozen_until.max(until);
        let Some(entry) = &chat.in_flight else { return };
        let is_paid = entry.row.lane() == Lane::Paid;
        let flood = if is_paid { &mut self.paid_flood } else { &mut self.flood };
        let is_evidence = flood.note(id, entry.rested, until, now);
        let Some(limits) = &mut self.limits else { return };
        let limit = if is_paid { &mut limits.paid } else { &mut limits.bot.all };
        limit.note_refused(entry.row.weight(), entry.taken_at);
        if is_evidence {
            limit.refused(entry.taken_at, until, now);
        }
    }

    /// Telegram has answered, which took so long.
    pub(super) fn answered(&mut self, lane: Lane, took: Duration, now: Moment) {
        match (lane, &mut self.limits) {
            (Lane::Paid, Some(limits)) => limits.paid.answered(took, now),
            (Lane::Reply | Lane::Bulk, Some(limits)) => limits.bot.all.answered(took, now),
            (_, None) => {}
        }
    }

    /// Messages per second that a lane sends at most, at the moment; none without limits.
    pub(super) fn per_s(&self, lane: Lane) -> Option<f64> {
        let limits = self.limits.as_ref()?;
        Some(if lane == Lane::Paid { limits.paid.per_s() } else { limits.bot.all.per_s() })
    }

    /// Nothing is taken until then.
    pub(super) fn halt(&mut self, until: Moment) {
        self.halted_until = self.halted_until.max(until);
    }
}

#[cfg(test)]
#[path = "queue_tests.rs"]
mod tests;
