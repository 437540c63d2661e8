//! Which rows come into memory, and by which way. Pure.
//!
//! Rows come from doorbells, as long as these can be trusted to be complete. When rows did not fit,
//! or a doorbell was lost, the gate is *behind*: rows are read from the database in the order of
//! their ids until a page is not full; only then do doorbells count again. What rings meanwhile is
//! held (one page of it, no more), as the last page may have been read before it was committed. So
//! a row never overtakes an earlier one of its chat that is still in the database.
//!
//! A sweep is a reading from the beginning while the gate is not behind: it finds rows whose
//! doorbell never rang, and rows that were committed late under an early id.
//!
//! Nothing is sent twice, although the ways overlap:
//! - a row that is in memory (waiting, in flight, outcome not yet committed) is passed over;
//! - a row whose outcome was committed after a reading began may still be in what was read: such
//!   rows are remembered until the reading ends;
//! - a row that was read, sent and settled before its doorbell was heard: the ids of rows that were
//!   read are remembered, [`READ_REMEMBERED`] of them.

use std::collections::{BTreeMap, HashSet};

use super::recent::Recent;
use crate::domain::ids::OutboxId;
use crate::store::records::{NewOutbox, OutboxItem};

/// Most rows of one reading.
const PAGE: usize = 500;

/// How many rows may be read between a row's own reading and its doorbell. At 5,000 rows a second
/// these are thirteen seconds, far more than a doorbell lies in a mailbox.
const READ_REMEMBERED: usize = 65_536;

/// Before every row.
const BEGINNING: OutboxId = OutboxId(0);

/// A reading under way.
#[derive(Debug, Clone, Copy)]
struct Reading {
    after: OutboxId,
    limit: usize,
}

/// The state of the ways into memory.
#[derive(Debug)]
pub(super) struct Intake {
    /// Most rows in memory.
    capacity: usize,
    page: usize,
    behind: bool,
    /// A reading is due, of what comes after this row.
    due: Option<OutboxId>,
    reading: Option<Reading>,
    /// The last reading failed: the next one waits to be allowed.
    rests: bool,
    /// Settled since the reading began.
    settled: HashSet<OutboxId>,
    /// Rang while the gate was behind.
    held: BTreeMap<OutboxId, NewOutbox>,
    /// Came by reading; their doorbells may come yet.
    read: Recent<()>,
    newest: OutboxId,
}

impl Intake {
    /// Begins behind: what an earlier process left is read first.
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            page: PAGE.min(capacity / 2).max(1),
            behind: true,
            due: Some(BEGINNING),
            reading: None,
            rests: false,
            settled: HashSet::new(),
            held: BTreeMap::new(),
            read: Recent::new(READ_REMEMBERED),
            newest: BEGINNING,
        }
    }

    pub(super) const fn is_behind(&self) -> bool {
        self.behind
    }

    /// The rows of a doorbell that may be queued now: all or none.
    pub(super) fn hear(&mut self, rows: Vec<NewOutbox>, in_memory: usize) -> Vec<NewOutbox> {
        if !self.behind && rows.len() <= self.room(in_memory) {
            return self.not_read_before(rows);
        }
        let Some(first) = rows.iter().map(|row| row.id).min() else { return rows };
        if !self.behind {
            self.behind = true;
            self.read_after(just_before(first));
        }
        if self.held.len().saturating_add(rows.len()) > self.page {
            // Too many to hold: the database has them.
            let earliest = self.held.keys().next().copied().unwrap_or(first).min(first);
            self.held.clear();
            self.read_after(just_before(earliest));
        } else {
            self.held.extend(rows.into_iter().map(|row| (row.id, row)));
        }
        Vec::new()
    }

    fn not_read_before(&mut self, mut rows: Vec<NewOutbox>) -> Vec<NewOutbox> {
        rows.retain(|row| self.read.take(row.id).is_none());
        for row in &rows {
            self.newest = self.newest.max(row.id);
        }
        rows
    }

    /// A doorbell without rows.
    pub(super) fn hear_ring(&mut self, in_memory: usize) {
        // With few rows in memory a look from the beginning costs nothing and misses nothing.
        let from_beginning = in_memory <= self.page;
        self.read_after(if from_beginning { BEGINNING } else { self.newest });
    }

    /// Doorbells were lost on their way: nobody knows which.
    pub(super) fn miss(&mut self) {
        self.behind = true;
        self.read_after(BEGINNING);
    }

    /// Looks at all open rows.
    pub(super) fn sweep(&mut self) {
        self.read_after(BEGINNING);
    }

    /// Whether a reading is due or under way.
    pub(super) const fn is_reading(&self) -> bool {
        self.due.is_some() || self.reading.is_some()
    }

    fn read_after(&mut self, after: OutboxId) {
        self.due = Some(self.due.map_or(after, |due| due.min(after)));
    }

    /// How many more rows fit into memory, a reading under way counted as if it were full.
    fn room(&self, in_memory: usize) -> usize {
        let reserved = self.reading.map_or(0, |reading| reading.limit);
        self.capacity.saturating_sub(in_memory).saturating_sub(reserved)
    }

    /// The next reading: after which row, and how many at most. None while one is under way or the
    /// memory has no room for a page.
    pub(super) fn begin_reading(&mut self, in_memory: usize) -> Option<(OutboxId, usize)> {
        if !self.may_begin(in_memory) {
            return None;
        }
        let after = self.due.take()?;
        self.reading = Some(Reading { after, limit: self.page });
        self.settled.clear();
        Some((after, self.page))
    }

    fn may_begin(&self, in_memory: usize) -> bool {
        let is_free = self.reading.is_none() && !self.rests;
        is_free && self.room(in_memory) >= self.page
    }

    /// Whether rows will come by reading without anything else happening before.
    pub(super) fn goes_on(&self, in_memory: usize) -> bool {
        self.reading.is_some() || (self.due.is_some() && self.may_begin(in_memory))
    }

    /// A row's outcome is committed.
    pub(super) fn note_settled(&mut self, id: OutboxId) {
        if self.reading.is_some() {
            self.settled.insert(id);
        }
    }

    /// The database gave no answer: the same reading is due again, but not at once.
    pub(super) fn reading_failed(&mut self) {
        if let Some(reading) = self.reading.take() {
            self.read_after(reading.after);
            self.rests = true;
        }
    }

    /// Allows readings again.
    pub(super) const fn end_rest(&mut self) {
        self.rests = false;
    }

    /// Takes up what was read: gives the rows to be queued, those first that must be first.
    pub(super) fn reading_done(
        &mut self,
        items: Vec<OutboxItem>,
        is_in_memory: impl Fn(OutboxId) -> bool,
    ) -> Vec<OutboxItem> {
        let Some(reading) = self.reading.take() else { return Vec::new() };
        if let Some(last) = items.last().filter(|_| items.len() >= reading.limit) {
            self.read_after(last.message.id);
        }
        let mut fresh = Vec::with_capacity(items.len());
        for item in items {
            let id = item.message.id;
            self.newest = self.newest.max(id);
            self.held.remove(&id);
            if self.settled.contains(&id) || is_in_memory(id) {
                continue;
            }
            self.read.insert(id, ());
            fresh.push(item);
        }
        fresh
    }

    /// Once everything was read: the rows that rang meanwhile and were not among it. From now on
    /// doorbells count again.
    pub(super) fn catch_up(&mut self) -> Vec<NewOutbox> {
        if !self.behind || self.is_reading() {
            return Vec::new();
        }
        self.behind = false;
        let held = std::mem::take(&mut self.held);
        self.not_read_before(held.into_values().collect())
    }
}

const fn just_before(id: OutboxId) -> OutboxId {
    OutboxId(id.0.saturating_sub(1))
}

#[cfg(test)]
#[path = "intake_tests.rs"]
mod tests;
