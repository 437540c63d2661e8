//! One broadcast while it is being sent: who is next, who is on the way, what is to be written.
//! Pure: time is a parameter, nothing is read, written or sent here.
//!
//! Invariants:
//! - A recipient is launched only after a commit that has raised the watermark to its number (or,
//!   for a deferred one, has marked its row), so that whatever may have left is durable.
//! - Launched recipients without a durable outcome are never more than the window: that many are in
//!   doubt after a death, at most.
//! - An outcome stays here until it is committed.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use crate::domain::broadcast::{DoubtPolicy, Progress, RecipientEnd};
use crate::domain::clock::Timestamp;
use crate::domain::ids::ChatId;
use crate::domain::limits::Moment;
use crate::domain::outgoing::Outgoing;
use crate::outbound::messages::ParcelEnd;
use crate::store::records::{Recipient, RecipientOutcome};

/// Outcomes wait so long for others before they are written, unless they are half of the window.
const LINGER: Duration = Duration::from_millis(100);

/// Most recipients of one page.
const PAGE: usize = 512;

/// Content that Telegram refuses so often in a row is refused by it everywhere.
const REFUSALS_MAX: u32 = 3;

/// A message of unknown fate is sent again after so long.
const RESEND_AFTER: Duration = Duration::from_secs(1);

/// A recipient with its letter.
#[derive(Debug, Clone, PartialEq)]
pub struct Addressed {
    /// Its number.
    pub seq: i64,
    /// The chat.
    pub chat: ChatId,
    /// What it gets.
    pub letter: Arc<Outgoing>,
}

/// What is written in one commit, and who is launched after it.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    pub outcomes: Vec<RecipientOutcome>,
    pub relaunched: Vec<i64>,
    pub watermark: i64,
    pub launch: Vec<Addressed>,
}

/// What a parcel's end means for the broadcast as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    GoOn,
    /// No recipient will take this content, in Telegram's words.
    Stop(String),
}

/// An outcome that is not durable yet.
#[derive(Debug)]
struct Ended {
    outcome: RecipientOutcome,
    /// To be launched again, and when.
    again: Option<(Moment, Addressed)>,
}

/// What is known of recipients that are not in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beyond {
    /// There may be some.
    Perhaps,
    /// There are none that have been filled in.
    Nobody,
}

/// A broadcast that is being sent.
#[derive(Debug)]
pub struct Campaign {
    window: usize,
    progress: Progress,
    /// In the order of their numbers, beyond the watermark.
    ready: VecDeque<Addressed>,
    read_to: i64,
    beyond: Beyond,
    deferred: BinaryHeap<Reverse<(Moment, i64)>>,
    deferred_letters: BTreeMap<i64, Addressed>,
    has_more_deferred: bool,
    in_flight: HashMap<i64, Addressed>,
    ended: Vec<Ended>,
    is_committing: bool,
    committed_at: Moment,
    refusals: u32,
    is_held: bool,
}

impl Campaign {
    /// Goes on where `progress` stands: nobody is on the way, and nothing in doubt is left.
    pub fn new(progress: Progress, window: usize) -> Self {
        Self {
            window: window.max(1),
            progress,
            ready: VecDeque::new(),
            read_to: progress.watermark,
            beyond: Beyond::Perhaps,
            deferred: BinaryHeap::new(),
            deferred_letters: BTreeMap::new(),
            has_more_deferred: true,
            in_flight: HashMap::new(),
            ended: Vec::new(),
            is_committing: false,
            committed_at: Moment::ZERO,
            refusals: 0,
            is_held: false,
        }
    }

    /// As of the last commit.
    pub const fn progress(&self) -> Progress {
        self.progress
    }

    /// How many may be launched without a durable outcome.
    pub fn set_window(&mut self, window: usize) {
        self.window = window.max(1);
    }

    /// Nobody is launched while it is held.
    pub const fn hold(&mut self, is_held: bool) {
        self.is_held = is_held;
    }

    /// Nothing is on the way or unwritten.
    pub fn is_at_rest(&self) -> bool {
        self.in_flight.is_empty() && self.ended.is_empty() && !self.is_committing
    }

    /// Everybody has an outcome.
    pub fn is_over(&self) -> bool {
        self.is_at_rest() && self.progress.is_over()
    }

    // Recipients come into memory

    /// Which page of waiting recipients is wanted: after which number, and how many.
    pub fn wants_page(&self) -> Option<(i64, i64)> {
        let is_low = self.ready.len() < self.window.saturating_mul(2);
        let wants = is_low && self.beyond == Beyond::Perhaps && !self.is_held;
        wants.then(|| (self.read_to, i64::try_from(PAGE).unwrap_or(i64::MAX)))
    }

    /// A page came, up to this number. `filled`: how many had been filled in before it was read.
    pub fn take_page(&mut self, recipients: Vec<Addressed>, read_to: i64, filled: u64) {
        if read_to <= self.read_to && filled == self.progress.filled {
            self.beyond = Beyond::Nobody;
        }
        self.read_to = self.read_to.max(read_to);
        self.ready.extend(recipients);
    }

    /// Recipients were filled in.
    pub fn note_filled(&mut self, filled: u64, is_filled: bool) {
        self.progress.filled = filled;
        self.progress.is_filled = is_filled;
        self.beyond = Beyond::Perhaps;
    }

    /// Whether the deferred recipients in the database are to be read.
    pub fn wants_deferred(&self) -> bool {
        self.has_more_deferred && self.deferred.is_empty() && self.is_at_rest() && !self.is_held
    }

    /// Deferred recipients came, with what is left of their wait; `all`: there are no others.
    pub fn take_deferred(
        &mut self,
        recipients: Vec<(Addressed, Duration)>,
        all: bool,
        now: Moment,
    ) {
        self.has_more_deferred = !all;
        for (addressed, wait) in recipients {
            self.defer(addressed, now.saturating_add(wait));
        }
    }

    fn defer(&mut self, addressed: Addressed, until: Moment) {
        self.deferred.push(Reverse((until, addressed.seq)));
        self.deferred_letters.insert(addressed.seq, addressed);
    }

    /// A recipient for whom there is nothing to send.
    pub fn skip(&mut self, recipient: &Recipient, reason: &'static str) {
        let (seq, chat) = (recipient.seq, recipient.chat);
        let outcome = RecipientOutcome { seq, chat, end: RecipientEnd::Failed(reason) };
        self.ended.push(Ended { outcome, again: None });
    }

    // Outcomes are written, and the next are launched

    /// What is to be written now, if anything is.
    pub fn begin_batch(&mut self, now: Moment) -> Option<Batch> {
        if self.is_committing {
            return None;
        }
        // The gate must not run dry while the commit is under way.
        let is_due = self.ended.len().saturating_mul(2) >= self.window
            || self.in_flight.is_empty()
            || now.saturating_sub(self.committed_at) >= LINGER;
        if !is_due {
            return None;
        }
        let launch = self.pick(now);
        if launch.is_empty() && self.ended.is_empty() {
            return None;
        }
        self.is_committing = true;
        let watermark = self.progress.watermark;
        let relaunched = launch.iter().map(|next| next.seq).filter(|seq| *seq <= watermark);
        Some(Batch {
            relaunched: relaunched.collect(),
            watermark: launch.iter().map(|next| next.seq).fold(watermark, i64::max),
            outcomes: self.ended.iter().map(|ended| ended.outcome.clone()).collect(),
            launch,
        })
    }

    /// The next recipients: deferred ones whose time has come, then new ones.
    fn pick(&mut self, now: Moment) -> Vec<Addressed> {
        let mut picked = Vec::new();
        if self.is_held {
            return picked;
        }
        let free = self.window.saturating_sub(self.in_flight.len());
        while picked.len() < free {
            let Some(next) = self.pop_due(now).or_else(|| self.ready.pop_front()) else { break };
            picked.push(next);
        }
        picked
    }

    fn pop_due(&mut self, now: Moment) -> Option<Addressed> {
        let Reverse((at, seq)) = self.deferred.peek().copied()?;
        if at > now {
            return None;
        }
        self.deferred.pop();
        self.deferred_letters.remove(&seq)
    }

    /// The batch is durable: gives who is launched now.
    pub fn committed(&mut self, batch: Batch, progress: Progress, now: Moment) -> Vec<Addressed> {
        self.is_committing = false;
        self.committed_at = now;
        // The filling may be further than this commit has seen.
        let filled = self.progress.filled.max(progress.filled);
        let is_filled = self.progress.is_filled || progress.is_filled;
        self.progress = Progress { filled, is_filled, ..progress };
        let written = batch.outcomes.len().min(self.ended.len());
        let again: Vec<_> = self.ended.drain(..written).filter_map(|ended| ended.again).collect();
        for (until, addressed) in again {
            self.defer(addressed, until);
        }
        // The row says under which id it goes on, or that this id is served already.
        let is_moved = |outcome: &RecipientOutcome| matches!(outcome.end, RecipientEnd::Moved(_));
        self.has_more_deferred |= batch.outcomes.iter().any(is_moved);
        for next in &batch.launch {
            self.in_flight.insert(next.seq, next.clone());
        }
        batch.launch
    }

    /// A parcel has ended. `wall_clock` is what deferred rows are marked with.
    pub fn ended(
        &mut self,
        seq: i64,
        end: ParcelEnd,
        policy: DoubtPolicy,
        now: Moment,
        wall_clock: Timestamp,
    ) -> Verdict {
        let Some(addressed) = self.in_flight.remove(&seq) else { return Verdict::GoOn };
        let chat = addressed.chat;
        let mut verdict = Verdict::GoOn;
        let mut again = None;
        let mut wait = |after: Duration| {
            again = Some((now.saturating_add(after), addressed.clone()));
            RecipientEnd::Deferred(later(wall_clock, after))
        };
        let end = match end {
            ParcelEnd::Delivered(messages) => {
                self.refusals = 0;
                RecipientEnd::Delivered(messages)
            }
            ParcelEnd::Unreachable(why) => RecipientEnd::Blocked(why),
            ParcelEnd::Moved(to) => RecipientEnd::Moved(to),
            ParcelEnd::Failed(why) => RecipientEnd::Failed(why),
            ParcelEnd::Deferred(after) => wait(after),
            ParcelEnd::NotSent => wait(Duration::ZERO),
            ParcelEnd::InDoubt => match policy {
                DoubtPolicy::Skip => RecipientEnd::InDoubt,
                DoubtPolicy::Resend => wait(RESEND_AFTER),
            },
            ParcelEnd::ContentRefused(words) => {
                self.refusals = self.refusals.saturating_add(1);
                if self.refusals >= REFUSALS_MAX {
                    verdict = Verdict::Stop(words);
                }
                RecipientEnd::Failed("bad_content")
            }
        };
        self.ended.push(Ended { outcome: RecipientOutcome { seq, chat, end }, again });
        verdict
    }

    // Time

    /// When something is due although nothing happens before.
    pub fn next_look(&self, now: Moment) -> Option<Moment> {
        if self.is_committing {
            return None;
        }
        let linger = (!self.ended.is_empty()).then(|| self.committed_at.saturating_add(LINGER));
        let has_room = self.in_flight.len() < self.window && !self.is_held;
        let deferred = self.deferred.peek().filter(|_| has_room).map(|Reverse((at, _))| *at);
        let ready =
            (has_room && !self.ready.is_empty()).then(|| self.committed_at.saturating_add(LINGER));
        [linger, deferred, ready].into_iter().flatten().map(|at| at.max(now)).min()
    }

    /// Nothing is left in memory or on the way, although not everybody has an outcome: a commit
    /// whose answer was lost may have marked recipients that were never launched.
    pub fn is_stuck(&self) -> bool {
        self.is_at_rest()
            && self.ready.is_empty()
            && self.deferred.is_empty()
            && self.beyond == Beyond::Nobody
            && !self.has_more_deferred
            && self.progress.is_filled
            && self.progress.pending() > 0
    }
}

/// `now + after`; what is beyond all calendars is a day.
fn later(now: Timestamp, after: Duration) -> Timestamp {
    let after = chrono::Duration::from_std(after).unwrap_or(chrono::Duration::days(1));
    now.checked_add_signed(after).unwrap_or(now)
}

#[cfg(test)]
#[path = "campaign_tests.rs"]
mod tests;
