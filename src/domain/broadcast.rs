//! Broadcasts: what is sent to many, to whom, and how far it is.
//!
//! A broadcast is a row with its progress, and one row for each recipient. Invariant, at every
//! instant: `delivered + blocked + failed + in_doubt + pending = filled`, where `pending` is what
//! has no outcome yet. [`Content`], [`Audience`] and [`QuietHours`] are stored as JSON: add variants
//! and optional fields, never rename.

use serde::{Deserialize, Serialize};

use super::calendar::Zone;
use super::clock::Timestamp;
use super::event::FileClass;
use super::ids::{AudienceListId, BroadcastId, CategoryId, ChatId, MessageId, SeriesId, UserId};
use super::lang::Lang;
use super::material::Card;
use super::role::Role;

mod compose;
mod content;

pub use compose::{
    Asked, BroadcastChange, BroadcastList, BroadcastNotice, BroadcastView, CONFIRM_WITHIN_S,
    ComposeCard, ComposeFacts, ControlFacts, Hint, LinkProblem, PAGE, Question,
};
pub use content::{LINKS_MAX, Rendition};

/// Where the messages of somebody lie who is erased: in no chat.
const NO_CHAT: ChatId = ChatId(0);

/// What each recipient gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Content {
    /// A copy of messages that lie in a chat with the bot; several are an album.
    Copy {
        /// Where they are.
        from: ChatId,
        /// 1 to 100 ids in rising order.
        messages: Vec<MessageId>,
        /// Below a single message.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        buttons: Vec<LinkButton>,
    },
    /// A text of ours with the recipient's first name in it.
    Text {
        /// Checked HTML, in which `{name}` stands for the first name: a
        /// [`super::html::Template`].
        template: String,
        /// Below it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        buttons: Vec<LinkButton>,
    },
    /// A file by Telegram's handle, with the recipient's first name in its caption.
    File {
        /// Its class, which decides the method.
        class: FileClass,
        /// Telegram's handle, valid for this bot.
        file_id: String,
        /// As in a text.
        template: String,
        /// Below it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        buttons: Vec<LinkButton>,
    },
    /// What came into the sections that the recipient follows, in their language.
    Digest {
        /// Published at or after this moment,
        since: Timestamp,
        /// and before this one.
        until: Timestamp,
    },
    /// Removes what another broadcast delivered.
    Undo {
        /// Which.
        of: BroadcastId,
    },
}

/// A button that opens a page, or a material by a deep link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkButton {
    /// What it says.
    pub text: String,
    /// `https`, `http` or `tg`.
    pub url: String,
}

/// Who gets it. People who cannot be written to are never among them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Audience {
    /// Everybody.
    All,
    /// Whose interface has this language.
    Language {
        /// Which.
        lang: Lang,
    },
    /// Who wrote within so many days.
    Active {
        /// How many.
        days: u32,
    },
    /// Who follows a section.
    Followers {
        /// Which.
        category: CategoryId,
    },
    /// Who has exactly this role in the database.
    Role {
        /// Which.
        role: Role,
    },
    /// Chats from a file.
    List {
        /// Which.
        list: AudienceListId,
    },
    /// Who follows a section into which something came.
    DigestReaders {
        /// Published at or after this moment,
        since: Timestamp,
        /// and before this one.
        until: Timestamp,
    },
    /// Whom another broadcast failed to reach, without those who cannot be reached at all.
    FailedOf {
        /// Which.
        broadcast: BroadcastId,
    },
    /// Whom another broadcast has reached; each row keeps the messages that are to be removed.
    DeliveredOf {
        /// Which.
        broadcast: BroadcastId,
    },
}

/// What is done about a message that may or may not have been sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DoubtPolicy {
    /// Left alone, and reported: nobody gets it twice.
    #[default]
    Skip,
    /// Sent again: nobody misses it.
    Resend,
}

impl DoubtPolicy {
    /// The name, as stored and as given on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Resend => "resend",
        }
    }

    /// The policy of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Skip, Self::Resend].into_iter().find(|policy| policy.name() == name)
    }
}

/// The time of day in which nothing is sent. `from` after `to` spans midnight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietHours {
    /// Minutes after midnight, local time, 0 to 1,439.
    pub from_min: u16,
    /// Minutes after midnight, local time: sending goes on.
    pub to_min: u16,
    /// IANA name of the time zone.
    pub zone: String,
}

/// What holds for all broadcasts of an installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BroadcastRules {
    /// The hours in which nothing is sent unless an admin says otherwise, in minutes after
    /// midnight.
    pub quiet: Option<(u16, u16)>,
    /// The zone of admins who have chosen none.
    pub zone: Zone,
}

/// Where a broadcast stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BroadcastState {
    /// Waits for its time.
    Scheduled,
    /// Is being sent.
    Running,
    /// Was held by an admin.
    Paused,
    /// Everybody has an outcome.
    Done,
    /// Was ended by an admin.
    Cancelled,
    /// Was ended by us: see `stop_reason`.
    Stopped,
    /// Its time had passed by more than an hour while no process ran.
    Missed,
}

impl BroadcastState {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Scheduled,
        Self::Running,
        Self::Paused,
        Self::Done,
        Self::Cancelled,
        Self::Stopped,
        Self::Missed,
    ];

    /// The name, as stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
            Self::Stopped => "stopped",
            Self::Missed => "missed",
        }
    }

    /// The state of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether nothing will be sent any more.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Cancelled | Self::Stopped | Self::Missed)
    }
}

/// What an admin (or the command line) wants of a broadcast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Control {
    /// Running becomes paused.
    Pause,
    /// Paused becomes running.
    Resume,
    /// Scheduled, running or paused becomes cancelled.
    Cancel,
}

impl Control {
    /// The states it applies to.
    pub const fn applies_to(self) -> &'static [BroadcastState] {
        match self {
            Self::Pause => &[BroadcastState::Running],
            Self::Resume => &[BroadcastState::Paused],
            Self::Cancel => {
                &[BroadcastState::Scheduled, BroadcastState::Running, BroadcastState::Paused]
            }
        }
    }

    /// The state it leads to.
    pub const fn leads_to(self) -> BroadcastState {
        match self {
            Self::Pause => BroadcastState::Paused,
            Self::Resume => BroadcastState::Running,
            Self::Cancel => BroadcastState::Cancelled,
        }
    }
}

/// A broadcast that is confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBroadcast {
    /// Its id.
    pub id: BroadcastId,
    /// Who confirmed it.
    pub by: UserId,
    /// The message that shows its progress; none for one from the command line.
    pub card: Option<Card>,
    /// What is sent.
    pub content: Content,
    /// To whom.
    pub audience: Audience,
    /// What is done about the doubtful.
    pub doubt: DoubtPolicy,
    /// When nothing is sent.
    pub quiet: Option<QuietHours>,
    /// Whether messages beyond the free limit are paid for (`allow_paid_broadcast`).
    pub paid: bool,
    /// Not before then.
    pub start_at: Timestamp,
    /// The slot of a series that it fills: no slot is filled twice.
    pub slot: Option<Slot>,
}

/// One time of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// The series.
    pub series: SeriesId,
    /// The time that was planned.
    pub at: Timestamp,
}

/// A broadcast as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broadcast {
    /// What was confirmed.
    pub plan: NewBroadcast,
    /// Where it stands.
    pub state: BroadcastState,
    /// Why it was stopped: Telegram's words or a name of ours.
    pub stop_reason: Option<String>,
    /// When it was confirmed.
    pub created_at: Timestamp,
    /// When sending began: who came later is not among the recipients.
    pub started_at: Option<Timestamp>,
    /// When it was over.
    pub done_at: Option<Timestamp>,
    /// How far it is.
    pub progress: Progress,
}

/// How far a broadcast is: written in the commit that writes the outcomes it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Recipients so far; their number in all once `is_filled`.
    pub filled: u64,
    /// Whether the recipients are complete.
    pub is_filled: bool,
    /// No request beyond this recipient's number has ever left.
    pub watermark: i64,
    /// Telegram has taken it.
    pub delivered: u64,
    /// Out of reach: blocked, deactivated, not found, never started.
    pub blocked: u64,
    /// Refused for another reason.
    pub failed: u64,
    /// May or may not have been sent, and is left alone.
    pub in_doubt: u64,
}

impl Progress {
    /// Recipients with an outcome.
    pub const fn settled(&self) -> u64 {
        self.delivered
            .saturating_add(self.blocked)
            .saturating_add(self.failed)
            .saturating_add(self.in_doubt)
    }

    /// Recipients without one.
    pub const fn pending(&self) -> u64 {
        self.filled.saturating_sub(self.settled())
    }

    /// Whether nothing is left to do.
    pub const fn is_over(&self) -> bool {
        self.is_filled && self.pending() == 0
    }
}

/// How it ended for one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecipientEnd {
    /// These messages are there; several for an album, none for a removal.
    Delivered(Vec<MessageId>),
    /// Out of reach, and why: a stable name.
    Blocked(&'static str),
    /// Refused, and why: a stable name.
    Failed(&'static str),
    /// May or may not have been sent.
    InDoubt,
    /// Not sent, and to be tried again at that moment.
    Deferred(Timestamp),
    /// Not sent: the chat has this id now.
    Moved(ChatId),
}

/// One line of the report: how many recipients stand like this, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The recipients' state: `pending`, `delivered`, `blocked`, `failed`, `in_doubt`, `deferred`.
    pub state: String,
    /// A stable name; empty where the state says all.
    pub reason: String,
    /// How many.
    pub count: u64,
}

/// What a progress card or a report shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// The broadcast.
    pub broadcast: Broadcast,
    /// The zone of the times that are shown: the reader's.
    pub zone: Zone,
    /// Messages per second of late, while it is being sent.
    pub rate_per_s: Option<f64>,
    /// Seconds until the end at that rate.
    pub left_s: Option<u64>,
    /// Held until then by its quiet hours.
    pub quiet_until: Option<Timestamp>,
    /// Why recipients have no message: once it is over.
    pub causes: Vec<Cause>,
}

/// How long a broadcast can be taken back: Telegram's limit for `deleteMessage`, 48 hours.
pub const UNDO_WITHIN: chrono::Duration = chrono::Duration::hours(48);

/// How late a planned broadcast may begin; later it is missed.
pub const LATE_WITHIN: chrono::Duration = chrono::Duration::hours(1);
