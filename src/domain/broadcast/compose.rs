//! What the dialog about a broadcast reads, writes and shows.

use super::{
    Broadcast, BroadcastState, Cause, Control, NewBroadcast, Progress, QuietHours, Standing,
};
use crate::domain::calendar::{TimeError, Zone};
use crate::domain::clock::Timestamp;
use crate::domain::html::TemplateProblem;
use crate::domain::ids::{BroadcastId, MaterialId, SeriesId};
use crate::domain::material::Category;
use crate::domain::series::{NewSeries, Series};
use crate::domain::session::Compose;

/// Seconds within which a question must be answered by the one who was asked.
pub const CONFIRM_WITHIN_S: i64 = 60;

/// Broadcasts on one page of the list.
pub const PAGE: usize = 8;

/// A row about a broadcast to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BroadcastChange {
    /// A broadcast is confirmed.
    Create(Box<NewBroadcast>),
    /// A series of broadcasts is confirmed.
    Repeat(Box<NewSeries>),
    /// A series makes no more broadcasts.
    EndSeries(SeriesId),
    /// The admin's time zone is this one.
    SetZone(Zone),
    /// It is held, goes on, or is ended.
    Control {
        /// Which.
        id: BroadcastId,
        /// What is wanted.
        control: Control,
    },
}

/// What an answer in the dialog needs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ComposeFacts {
    /// The admin's time zone, if they have chosen one.
    pub zone: Option<Zone>,
    /// How many the audience has that the answer is about.
    pub count: Option<u64>,
    /// The open node of the catalogue; none at the top.
    pub inside: Option<Category>,
    /// The nodes in it.
    pub categories: Vec<Category>,
    /// The node that the answer names.
    pub chosen: Option<Category>,
    /// Those of the materials in the answer that learners find.
    pub published: Vec<MaterialId>,
}

/// What a button of a broadcast that is confirmed needs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ControlFacts {
    /// The broadcast, if it exists.
    pub broadcast: Option<Broadcast>,
    /// How its recipients stand, once it is over.
    pub causes: Vec<Cause>,
    /// How many a broadcast that follows from it would go to.
    pub count: u64,
    /// Whether the broadcast that the button would make is there already.
    pub is_made: bool,
    /// The admin's time zone, if they have chosen one.
    pub zone: Option<Zone>,
}

/// A page of the list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BroadcastList {
    /// Those that are not over, in the order of their time: on the first page.
    pub open: Vec<Broadcast>,
    /// What makes broadcasts again and again: on the first page.
    pub series: Vec<Series>,
    /// Those that are over, newest first.
    pub past: Vec<Broadcast>,
    /// Where the next page begins, if there is one.
    pub next: Option<BroadcastId>,
    /// Whether it is the first page.
    pub is_first: bool,
    /// The admin's time zone, if they have chosen one.
    pub zone: Option<Zone>,
}

/// What is shown about broadcasts.
#[derive(Debug, Clone, PartialEq)]
pub enum BroadcastView {
    /// The card of one in the making.
    Compose(Box<ComposeCard>),
    /// The card of one that is confirmed: how far it is, or the report.
    Progress(Box<Standing>),
    /// A series that is confirmed.
    Series(Box<NewSeries>),
    /// A question about one that is confirmed.
    Ask(Box<Question>),
    /// The list.
    List(Box<BroadcastList>),
    /// It could not begin in time, and begins now.
    Late {
        /// When it was to begin.
        planned: Timestamp,
        /// The admin's time zone.
        zone: Zone,
    },
    /// Its time had passed by too much: it is not sent.
    Missed {
        /// When it was to begin.
        planned: Timestamp,
        /// The admin's time zone.
        zone: Zone,
    },
    /// We have ended it.
    Stopped {
        /// Telegram's words, or a name of ours.
        reason: String,
    },
}

/// A question about a broadcast that is confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Which.
    pub broadcast: BroadcastId,
    /// What is asked.
    pub about: Asked,
    /// How many it concerns.
    pub count: u64,
    /// When it is asked, in seconds since the Unix epoch.
    pub asked_s: i64,
}

/// What is asked about a broadcast that is confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// End it?
    Cancel,
    /// Send it again to whom it has not reached?
    Retry {
        /// The id of the broadcast that does it.
        fresh: BroadcastId,
    },
    /// Remove what it has sent?
    Undo {
        /// The id of the broadcast that does it.
        fresh: BroadcastId,
    },
}

/// A broadcast in the making.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComposeCard {
    /// All that is said.
    pub compose: Compose,
    /// The admin's time zone.
    pub zone: Zone,
    /// The hours in which nothing is sent, if there are any.
    pub quiet: Option<QuietHours>,
    /// The open node of the catalogue; none at the top.
    pub inside: Option<Category>,
    /// The nodes in it.
    pub categories: Vec<Category>,
    /// Why an answer was not taken, or what else is to be known.
    pub hint: Option<Hint>,
}

/// Why an answer was not taken, or what else is to be known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hint {
    /// It does not fit the question.
    NotUnderstood,
    /// Telegram copies no such messages.
    CannotBeCopied,
    /// With the longest name it is longer than a message may be.
    TooLong {
        /// UTF-16 units with the longest name in all places.
        longest: usize,
        /// UTF-16 units that are allowed.
        limit: usize,
    },
    /// An album has no place for a name.
    AlbumHasNoName,
    /// Another part of the album has come.
    AlbumGrew {
        /// Parts so far.
        parts: usize,
    },
    /// A line is no button.
    BadLine {
        /// Which, from 1.
        line: usize,
        /// Why.
        why: LinkProblem,
    },
    /// More than [`super::LINKS_MAX`] buttons.
    TooManyButtons,
    /// Nobody is there.
    NobodyThere,
    /// The question was answered too late, or the clock was set back.
    TooLate,
    /// No time to begin at.
    BadTime(TimeError),
    /// This is the admin's time zone now.
    ZoneSet,
    /// The text is broken.
    Broken(TemplateProblem),
    /// It was sent to the admin.
    SentToYou,
}

/// Why a line is no button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkProblem {
    /// No title, or no address.
    NoPair,
    /// No address that a button can open.
    BadLink,
    /// Learners find no such material.
    NoMaterial,
}

/// Short answers about broadcasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BroadcastNotice {
    /// Only admins may do this.
    AdminsOnly,
    /// The dialog is over.
    Over,
    /// The dialog was left.
    Cancelled,
    /// The dialog waits to be continued.
    Unfinished(BroadcastId),
    /// The file of an audience is being read.
    ReadingList,
    /// The table of all recipients is being made.
    MakingTable,
    /// There is no such broadcast.
    Gone,
    /// It has been done already.
    Done,
    /// The series makes no more broadcasts.
    SeriesEnded,
    /// The question was answered too late, or the clock was set back.
    TooLate,
    /// Nobody is left whom it would concern.
    NobodyLeft,
    /// Telegram would not remove the messages any more.
    TooOldToUndo,
    /// Whoever wrote it is erased: there is nothing left to copy.
    LetterGone,
}

impl Standing {
    /// A broadcast that has just been confirmed.
    pub fn fresh(plan: NewBroadcast, now: Timestamp, zone: Zone) -> Self {
        Self::still(
            zone,
            Broadcast {
                plan,
                state: BroadcastState::Scheduled,
                stop_reason: None,
                created_at: now,
                started_at: None,
                done_at: None,
                progress: Progress::default(),
            },
            Vec::new(),
        )
    }

    /// A broadcast as it is stored: whoever does not send it knows no rate.
    pub const fn still(zone: Zone, broadcast: Broadcast, causes: Vec<Cause>) -> Self {
        Self { broadcast, zone, rate_per_s: None, left_s: None, quiet_until: None, causes }
    }
}
