//! How much of what one person sends is worked on: what is over the budget is left out.
//!
//! Design. Each person has a bucket for each [`Class`] of what people send, of the same arithmetic
//! as the limits of what the bot sends ([`limits`](super::limits)). Whoever claims a person's
//! updates asks [`Throttle::judge`] about each: it is taken, or left out without being looked at any
//! further. The first that is left out begins an episode, and its author is told; an episode ends
//! once nothing more was left out for a quiet time.
//!
//! - The time of an update is when it was sent, where Telegram says so, not when its turn comes: what
//!   gathered while the bot was away, or waits in a long queue, is judged as it would have been then.
//! - The budget is the person's, not the chat's: in a group, one who floods silences nobody else.
//! - [`Class::Essential`] has a budget of its own, so that the way out of everything and the deletion
//!   of one's data work in the middle of a flood.
//! - An update is charged once, however often its turn begins anew ([`Throttle::is_judged`]).
//!
//! Invariants: in any span of time no more of a class is taken from a person than its burst and what
//! its rate gives in that time; a person is told at most once in an episode, a group at most once in a
//! quiet time; a clock that is set back locks nobody out; people whose buckets are full again are
//! forgotten, so that the memory is bounded by those who were active a moment ago.
//!
//! Known and accepted: a restart fills all buckets, and may tell somebody a second time; presses and
//! inline queries have no date, so that those which gathered while the bot was away count as sent when
//! they came; an update that becomes visible after a later one of its chat is taken unasked.

use std::collections::HashMap;
use std::time::Duration;

use super::event::{Event, EventKind};
use super::ids::{ChatId, UpdateSeq, UserId};
use super::intent::command_of;
use super::limits::{Bucket, Moment, Rate};

/// Below so many remembered people nobody is forgotten.
const REMEMBERED_MIN: usize = 4_096;

/// By how much a time may lie before an earlier one and still be of the same clock: dates of
/// messages are whole seconds, and updates of several chats come in no order.
const SAME_CLOCK: Duration = Duration::from_mins(1);

/// Commands that work in every state: the ways in and out, and the deletion of one's data.
const ESSENTIAL: [&str; 4] = ["cancel", "deletemydata", "help", "start"];

/// What people send, as far as it has a budget of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// A command that always works.
    Essential,
    /// Any other command.
    Command,
    /// A text: a search, or what a dialog has asked for.
    Search,
    /// A file.
    Upload,
    /// A file of somebody who may send many; beside the budget of everybody.
    StaffUpload,
    /// A pressed button.
    Press,
    /// `@bot words` in some chat.
    Inline,
    /// Everything else: stickers, and what people say to each other in groups.
    Other,
}

impl Class {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Essential,
        Self::Command,
        Self::Search,
        Self::Upload,
        Self::StaffUpload,
        Self::Press,
        Self::Inline,
        Self::Other,
    ];

    /// A stable name for metrics and the log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Essential => "essential",
            Self::Command => "command",
            Self::Search => "search",
            Self::Upload => "upload",
            Self::StaffUpload => "staff_upload",
            Self::Press => "press",
            Self::Inline => "inline",
            Self::Other => "other",
        }
    }
}

/// Whose budget an event is charged to, and which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// By whom.
    pub person: UserId,
    /// What.
    pub class: Class,
    /// Whether its author expects an answer in this chat, and so is told when there is none.
    pub is_answered: bool,
}

impl Sent {
    /// What an event is; nothing where it has no author or must never be left out.
    pub fn of(event: &Event, bot_username: &str) -> Option<Self> {
        let author = event.from.as_ref()?;
        let is_private = event.chat.is_private();
        let (class, is_answered) = match &event.kind {
            // Whether the bot may write here: rare, and it has to be known.
            EventKind::Membership { .. } => return None,
            EventKind::Text { .. } => match command_of(event, bot_username) {
                Some(name) if ESSENTIAL.contains(&name) => (Class::Essential, true),
                Some("search") => (Class::Search, true),
                Some(_) => (Class::Command, true),
                None if is_private => (Class::Search, true),
                None => (Class::Other, false),
            },
            EventKind::File { .. } if is_private => (Class::Upload, true),
            EventKind::Press { .. } => (Class::Press, true),
            // The chat is the sender's own, where the bot may never have been let in.
            EventKind::Inline { .. } => (Class::Inline, false),
            EventKind::OtherMessage { .. } => (Class::Other, is_private),
            EventKind::File { .. } | EventKind::Ignored { .. } => (Class::Other, false),
        };
        Some(Self { person: author.id, class, is_answered: is_answered && !author.is_bot })
    }
}

/// The budgets of each person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThrottleConfig {
    /// Of commands that always work.
    pub essential: Rate,
    /// Of other commands.
    pub commands: Rate,
    /// Of texts.
    pub searches: Rate,
    /// Of files.
    pub uploads: Rate,
    /// Of files of those who may send many.
    pub staff_uploads: Rate,
    /// Of pressed buttons.
    pub presses: Rate,
    /// Of inline queries.
    pub inline: Rate,
    /// Of everything else.
    pub others: Rate,
    /// So long after the last that was left out an episode is over.
    pub quiet: Duration,
}

impl ThrottleConfig {
    /// The budget of a class.
    pub const fn rate(&self, class: Class) -> Rate {
        match class {
            Class::Essential => self.essential,
            Class::Command => self.commands,
            Class::Search => self.searches,
            Class::Upload => self.uploads,
            Class::StaffUpload => self.staff_uploads,
            Class::Press => self.presses,
            Class::Inline => self.inline,
            Class::Other => self.others,
        }
    }
}

/// What becomes of an update.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is worked on.
    Take,
    /// It is left out, and its author is told.
    TellOnce,
    /// It is left out.
    Drop,
}

/// The buckets of all people.
#[derive(Debug)]
pub struct Throttle {
    config: ThrottleConfig,
    people: HashMap<UserId, Person>,
    /// When each group was last told.
    groups: HashMap<ChatId, Moment>,
    /// Up to where the open updates of a chat were judged.
    judged: HashMap<ChatId, UpdateSeq>,
    /// The latest time of anything.
    latest: Moment,
    /// At this size those who are as good as new are looked for; doubling it keeps that at O(1).
    forget_at: usize,
}

#[derive(Debug, Default)]
struct Person {
    essential: Slot,
    commands: Slot,
    searches: Slot,
    uploads: Slot,
    staff_uploads: Slot,
    presses: Slot,
    inline: Slot,
    others: Slot,
    episode: Option<Episode>,
}

/// A bucket, and when it was last asked.
#[derive(Debug, Default)]
struct Slot {
    bucket: Bucket,
    asked_at: Moment,
}

#[derive(Debug, Clone, Copy)]
struct Episode {
    /// When something was last left out.
    last: Moment,
    was_told: bool,
}

impl Slot {
    /// Takes one out, if there is one.
    fn take(&mut self, rate: &Rate, now: Moment) -> bool {
        if is_set_back(self.asked_at, now) {
            *self = Self::default();
        }
        let now = now.max(self.asked_at);
        self.asked_at = now;
        let fits = self.bucket.ready_at(rate, 1) <= now;
        if fits {
            self.bucket.charge(rate, 1, now);
        }
        fits
    }
}

/// Whether the clock went back between two times, or was never right at the first.
fn is_set_back(before: Moment, now: Moment) -> bool {
    now.saturating_add(SAME_CLOCK) < before
}

impl Episode {
    fn is_over(self, now: Moment, quiet: Duration) -> bool {
        is_set_back(self.last, now) || now.saturating_sub(self.last) >= quiet
    }
}

impl Person {
    const fn slot(&mut self, class: Class) -> &mut Slot {
        match class {
            Class::Essential => &mut self.essential,
            Class::Command => &mut self.commands,
            Class::Search => &mut self.searches,
            Class::Upload => &mut self.uploads,
            Class::StaffUpload => &mut self.staff_uploads,
            Class::Press => &mut self.presses,
            Class::Inline => &mut self.inline,
            Class::Other => &mut self.others,
        }
    }

    /// Whether nothing is left to be known of this person.
    fn is_forgettable(&mut self, now: Moment, quiet: Duration) -> bool {
        let are_full = Class::ALL.into_iter().all(|class| self.slot(class).bucket.is_full(now));
        are_full && self.episode.is_none_or(|episode| episode.is_over(now, quiet))
    }
}

impl Throttle {
    /// All buckets full.
    pub fn new(config: ThrottleConfig) -> Self {
        Self {
            config,
            people: HashMap::new(),
            groups: HashMap::new(),
            judged: HashMap::new(),
            latest: Moment::ZERO,
            forget_at: REMEMBERED_MIN,
        }
    }

    /// Whether something of this class is within a person's budget. Takes it out if it is.
    pub fn take(&mut self, person: UserId, class: Class, now: Moment) -> bool {
        self.pass(now);
        let rate = self.config.rate(class);
        self.people.entry(person).or_default().slot(class).take(&rate, now)
    }

    /// What becomes of something that a person sent in a chat.
    pub fn judge(&mut self, sent: Sent, chat: ChatId, now: Moment) -> Verdict {
        if self.take(sent.person, sent.class, now) {
            Verdict::Take
        } else {
            self.refuse(sent, chat, now)
        }
    }

    /// Something that a person sent was beyond the budget.
    pub fn refuse(&mut self, sent: Sent, chat: ChatId, now: Moment) -> Verdict {
        self.pass(now);
        let quiet = self.config.quiet;
        let person = self.people.entry(sent.person).or_default();
        let open = person.episode.filter(|episode| !episode.is_over(now, quiet));
        let was_told = open.is_some_and(|episode| episode.was_told);
        let last = open.map_or(now, |episode| episode.last.max(now));
        let tells = sent.is_answered && !was_told;
        person.episode = Some(Episode { last, was_told: was_told || tells });
        if tells && (chat.is_private() || self.may_tell_group(chat, now)) {
            Verdict::TellOnce
        } else {
            Verdict::Drop
        }
    }

    /// Many may flood one group: what it is told is meant for all of them.
    fn may_tell_group(&mut self, chat: ChatId, now: Moment) -> bool {
        let quiet = self.config.quiet;
        self.groups.retain(|_, told| !Episode { last: *told, was_told: true }.is_over(now, quiet));
        if self.groups.contains_key(&chat) {
            return false;
        }
        self.groups.insert(chat, now);
        true
    }

    /// Nobody was told after all.
    pub fn untell(&mut self, person: UserId, chat: ChatId) {
        self.groups.remove(&chat);
        if let Some(episode) = self.people.get_mut(&person).and_then(|of| of.episode.as_mut()) {
            episode.was_told = false;
        }
    }

    /// Whether an open update was judged already: what was left out is not open any more, so it was
    /// taken.
    pub fn is_judged(&self, chat: ChatId, update: UpdateSeq) -> bool {
        self.judged.get(&chat).is_some_and(|through| update <= *through)
    }

    /// An update of a chat has been judged, after those before it.
    pub fn note_judged(&mut self, chat: ChatId, update: UpdateSeq) {
        // Turns that were broken off and never begun again; to forget them costs a second charge.
        if self.judged.len() >= REMEMBERED_MIN && !self.judged.contains_key(&chat) {
            self.judged.clear();
        }
        self.judged.insert(chat, update);
    }

    /// Nothing of a chat is open any more.
    pub fn forget_chat(&mut self, chat: ChatId) {
        self.judged.remove(&chat);
    }

    /// How many people are remembered.
    pub fn remembered(&self) -> usize {
        self.people.len()
    }

    /// Time has come so far. Forgets those of whom nothing is left to be known.
    fn pass(&mut self, now: Moment) {
        self.latest = if is_set_back(self.latest, now) { now } else { self.latest.max(now) };
        if self.people.len() >= self.forget_at {
            let (latest, quiet) = (self.latest, self.config.quiet);
            self.people.retain(|_, person| !person.is_forgettable(latest, quiet));
            self.forget_at = self.people.len().saturating_mul(2).max(REMEMBERED_MIN);
        }
    }
}

#[cfg(test)]
#[path = "throttle_tests.rs"]
mod tests;
