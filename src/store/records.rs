//! What goes into and comes out of the store where the domain has no word for it. Plain data;
//! rows themselves never leave this folder.

use std::time::Duration;

mod adopt;
mod alerts;
mod aside;
mod batch;
mod broadcast;
mod content;
mod dashboard;
#[cfg(feature = "demo")]
pub mod drill;
mod edition;
mod errors;
mod facts;
mod figures;
mod lease;
mod notices;
mod queue;
mod search;
mod shelf;
mod statistics;

pub use adopt::{AdoptedFile, AdoptedPerson};
pub use alerts::{AlertMessage, AlertSignals, AlertTurn, AlertsLook, AlertsShown, NewAlert};
pub use aside::{AsideJob, AsideUpdate, HeadUpdate, JobDeaths, UpdateFault};
pub use batch::{BatchFate, BatchLook, BatchVerdict};
pub use broadcast::{
    AudienceSlice, BroadcastSettlement, ExportedRecipient, FillCursor, Recipient, RecipientOutcome,
};
pub use content::PartText;
pub use dashboard::{Doer, Operated, Operation};
pub use edition::{Announced, Offer, TakersRequest};
pub use errors::ErrorGroup;
pub use facts::{Facts, SchemaFacts, ServerFacts, WorkFacts};
pub use figures::{FilesCount, LedgerFigures, OutboxDead, PoolFigures};
pub(super) use lease::Fence;
pub use lease::{LeaseAnswer, LeaseToken};
pub use notices::{Belongings, ErasedSlice, ForgottenRecipient, Listeners, ListenersRequest, News};
pub use queue::{
    ContentsPruned, DeadJob, JobCount, JobStanding, Line, OpenJob, OpenUpload, Prune, PruneBatch,
};
pub use search::{CandidateMaterial, Candidates, PartCandidate, SearchRequest};
pub use shelf::{AlikeRequest, BreakageStanding, NewBreakage, PageRequest};
pub use statistics::{DayCount, GivenMaterial, StatsPrune, TopLists};
#[cfg(feature = "demo")]
pub use statistics::{SimulatedPeople, SimulatedUse};

use crate::domain::clock::Timestamp;
use crate::domain::effect::{Change, NewJob};
use crate::domain::event::FileRef;
use crate::domain::ids::{ChatId, JobId, MaterialId, MessageId, OutboxId, UpdateSeq, UserId};
use crate::domain::incident::Cause;
use crate::domain::inspection::{Inspection, Rejection};
use crate::domain::lang::Lang;
use crate::domain::material::{Description, MaterialState};
use crate::domain::people::PeopleChange;
use crate::domain::role::Role;
use crate::domain::session::SessionKey;
use crate::domain::shelf::ShelfChange;
use crate::domain::trace::Trace;

pub use crate::domain::session::{ChatState, StoredSession};

/// An update as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUpdate {
    /// Telegram's number, or our own negative one where it could not be read.
    pub update_id: i64,
    /// The chat whose order it belongs to; 0 for none.
    pub chat: ChatId,
    /// Telegram's name of its kind.
    pub kind: String,
    /// Its JSON.
    pub raw: String,
    /// Whether it is only kept, not worked on.
    pub ignored: bool,
}

/// An update that waits to be worked on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenUpdate {
    /// Its place in the ledger.
    pub seq: UpdateSeq,
    /// Telegram's name of its kind.
    pub kind: String,
    /// Its JSON.
    pub raw: String,
    /// Evidence against it so far.
    pub faults: i32,
    /// When it came.
    pub received_at: Timestamp,
}

/// Everything one step writes: committed together, or not at all.
#[derive(Debug, Clone)]
pub struct StepCommit {
    /// The update that is done with it.
    pub seq: UpdateSeq,
    /// The time of the step.
    pub now: Timestamp,
    /// The dialog from now on.
    pub session: Option<SessionWrite>,
    /// The person, if their row is missing or old.
    pub seen: Option<Seen>,
    /// The role the step relied on: checked again.
    pub requires: Option<(UserId, Role)>,
    /// What the step was decided on, copy or not: compared with the truth.
    pub relied: Option<Relied>,
    /// Who changes the library or their own settings.
    pub user: Option<UserId>,
    /// Library and settings, with the analysed terms where an index is to be written.
    pub changes: Vec<IndexedChange>,
    /// What leaves.
    pub outbox: Vec<NewOutbox>,
    /// What is to be done in the background.
    pub jobs: Vec<NewJob>,
    /// The queue for the jobs.
    pub queue: String,
}

impl StepCommit {
    /// Whether it changes what people find or browse.
    pub fn changes_library(&self) -> bool {
        self.changes.iter().any(|indexed| match indexed.change {
            Change::SetLang(_)
            | Change::Shelf(_)
            | Change::SetReachable(_)
            | Change::RememberQuery { .. }
            | Change::Batch(_)
            | Change::Broadcast(_)
            | Change::Withdraw(_)
            | Change::Follow { .. }
            | Change::Digest(_)
            | Change::Request(_)
            | Change::Privacy(_)
            | Change::Alert(_)
            | Change::Dashboard(_)
            | Change::ClaimOwnership { .. }
            | Change::People(_)
            | Change::Jobs(_)
            | Change::NoteDelivery { .. }
            | Change::NoteSearch { .. } => false,
            Change::CreateCategory { .. }
            | Change::OpenMaterial { .. }
            | Change::Settle { .. }
            | Change::MarkReplacement { .. }
            | Change::Desk(_)
            | Change::Replace { .. } => true,
        })
    }

    /// Whether it changes the person's own row.
    pub fn is_personal(&self) -> bool {
        self.changes.iter().any(|indexed| match indexed.change {
            Change::SetLang(_) | Change::SetReachable(_) | Change::ClaimOwnership { .. } => true,
            Change::Shelf(ref change) => matches!(change, ShelfChange::Prefer(_)),
            Change::People(change) => change == PeopleChange::NoteTold,
            _ => false,
        })
    }
}

/// What was read of a chat, or a copy said, as far as a step depends on it. The commit refuses the step unless
/// the database says the same, so that a copy may be as old as it likes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relied {
    /// Whose dialog.
    pub key: SessionKey,
    /// The dialog's version; 0 for none.
    pub version: i64,
    /// Role, language and whether the bot may write to them; none for a stranger.
    pub person: Option<(Role, Lang, bool)>,
    /// The number of the list of who is shut out.
    pub bans: i64,
}

impl Relied {
    /// What a step depends on when it is decided on `state`.
    pub fn on(key: SessionKey, state: &ChatState) -> Self {
        Self {
            key,
            version: state.session.as_ref().map_or(0, |session| session.version),
            person: state.user.as_ref().map(|user| (user.role, user.lang, user.reachable)),
            bans: state.bans,
        }
    }
}

/// A change together with what the analyser made of its text.
#[derive(Debug, Clone, PartialEq)]
pub struct IndexedChange {
    /// The change.
    pub change: Change,
    /// The terms, for changes that publish.
    pub terms: Option<Terms>,
}

/// What the analyser made of a title and tags.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Terms {
    /// Index tokens of the title, separated by spaces.
    pub title: String,
    /// Index tokens of the tags, separated by spaces.
    pub tags: String,
    /// Whole words, for repairing queries.
    pub vocabulary: Vec<String>,
}

/// A dialog to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionWrite {
    /// Whose.
    pub key: SessionKey,
    /// Name of the dialog.
    pub tag: &'static str,
    /// Its JSON.
    pub body: String,
    /// Version of its form.
    pub schema: i32,
    /// The version that was read; 0 for none.
    pub expected_version: i64,
    /// When it is forgotten.
    pub expires_at: Timestamp,
}

impl SessionWrite {
    /// The dialog as it is stored once this is committed.
    pub fn stored(&self) -> StoredSession {
        StoredSession {
            body: self.body.clone(),
            schema: self.schema,
            version: self.expected_version.saturating_add(1),
        }
    }
}

/// A person as just seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Their id.
    pub id: UserId,
    /// First name.
    pub first_name: String,
    /// `@name` without the sign.
    pub username: Option<String>,
    /// Language for a new row.
    pub lang: Lang,
}

/// How a message is treated by the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutboxClass {
    /// Somebody waits for it.
    Reply,
    /// Changes a message in place; harmless to repeat.
    Edit,
    /// Nobody waits for it.
    Bulk,
}

impl OutboxClass {
    /// The stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::Edit => "edit",
            Self::Bulk => "bulk",
        }
    }

    /// The class of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Reply, Self::Edit, Self::Bulk].into_iter().find(|class| class.name() == name)
    }
}

/// A message that is to leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOutbox {
    /// Its id: also its place in the chat's order.
    pub id: OutboxId,
    /// Where to.
    pub chat: ChatId,
    /// Forum topic; 0 for none.
    pub thread: i64,
    /// How it is treated.
    pub class: OutboxClass,
    /// What it says: JSON of `domain::outgoing`.
    pub payload: String,
    /// The message that it changes.
    pub edit_message: Option<MessageId>,
    /// The outbox row whose message it changes.
    pub edit_of: Option<OutboxId>,
    /// What it follows from.
    pub trace: Option<Trace>,
}

/// A message that waits to leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxItem {
    /// The message.
    pub message: NewOutbox,
    /// Not to be sent before.
    pub not_before: Timestamp,
    /// Sends begun so far that failed for good or may have been lost.
    pub attempts: i32,
    /// Whether a send had begun when the process ended.
    pub in_doubt: bool,
}

/// How a send ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxOutcome {
    /// Which message.
    pub id: OutboxId,
    /// What became of it.
    pub end: OutboxEnd,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutboxEnd {
    /// Telegram has it.
    Sent(Option<MessageId>),
    /// It will never be sent, and why.
    Failed(&'static str),
    /// To be tried again.
    Deferred {
        /// Not before.
        until: Timestamp,
        /// Whether this counts as an attempt.
        counts: bool,
    },
}

/// A job that a worker has claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedJob {
    /// Its id.
    pub id: JobId,
    /// Its JSON.
    pub payload: String,
    /// The fencing token of this attempt.
    pub token: i64,
    /// This attempt, from 1.
    pub attempt: i32,
    /// Failures of its own so far.
    pub faults: i32,
    /// Deaths of the process at which it was running, since it last survived an attempt: all but
    /// the first happened while no other job ran.
    pub suspicion: i32,
    /// How long it was due before it was claimed.
    pub waited: Duration,
    /// What it follows from: itself, if nothing else.
    pub trace: Trace,
}

/// Who claims jobs and leases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobOwner {
    /// Name of the instance: the same after a restart.
    pub instance: String,
    /// Number of this start: differs after a restart.
    pub epoch: i64,
}

/// How an attempt at a job ended without a result of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobEnd {
    /// Try again.
    Retry {
        /// Not before.
        at: Timestamp,
        /// What went wrong, for the operator.
        error: String,
        /// Whether it was the job's own fault.
        counts: bool,
    },
    /// Given up: kept for inspection.
    Dead {
        /// What went wrong, for the operator.
        error: String,
        /// The same, for the people in charge.
        cause: Cause,
    },
    /// Nothing more to do.
    Done,
}

/// The result of processing an upload.
#[derive(Debug, Clone, PartialEq)]
pub struct UploadResult {
    /// The job and its token.
    pub job: (JobId, i64),
    /// The material.
    pub material: MaterialId,
    /// The state that the outcome was decided on; if it has changed, decide again.
    pub seen: MaterialState,
    /// What was found out.
    pub outcome: UploadOutcome,
    /// What the editor is told.
    pub outbox: Vec<NewOutbox>,
    /// The time.
    pub now: Timestamp,
}

/// What processing found out.
#[derive(Debug, Clone, PartialEq)]
pub enum UploadOutcome {
    /// Stored, measured and indexed.
    Ready {
        /// BLAKE3 of the content, hexadecimal.
        hash: String,
        /// Bytes.
        size: u64,
        /// What the inspector said.
        inspection: Box<Inspection>,
        /// BLAKE3 of its preview, a JPEG among the blobs.
        preview: Option<String>,
        /// Index tokens of each part, in the order of the inspection's parts.
        part_terms: Vec<String>,
        /// Terms of title and tags, if the material is to be published at once.
        publish: Option<Terms>,
    },
    /// The same content is in the library.
    Duplicate {
        /// BLAKE3 of the content, hexadecimal.
        hash: String,
        /// The material that has it.
        of: MaterialId,
    },
    /// Not taken.
    Rejected(Rejection),
    /// Not the file's fault, but given up after failures: the job is dead, too.
    Failed {
        /// What went wrong, for the operator.
        error: String,
        /// The same, for the people in charge.
        cause: Cause,
    },
}

/// A material that comes complete: imported, not uploaded.
#[derive(Debug, Clone, PartialEq)]
pub struct NewMaterial {
    /// Its id.
    pub id: MaterialId,
    /// The file as Telegram keeps it.
    pub file: FileRef,
    /// Title, category, level, language, tags.
    pub description: Description,
    /// Who answers for it.
    pub uploader: UserId,
    /// BLAKE3 of the content, hexadecimal; none when the content was never seen.
    pub hash: Option<String>,
    /// What is known of the content.
    pub inspection: Inspection,
    /// BLAKE3 of its preview, a JPEG among the blobs.
    pub preview: Option<String>,
    /// Index tokens of each part, in the order of the inspection's parts.
    pub part_terms: Vec<String>,
    /// Terms of title and tags.
    pub terms: Terms,
}
