//! What goes into and comes out of the tables of broadcasts.

use crate::domain::broadcast::RecipientEnd;
use crate::domain::clock::Timestamp;
use crate::domain::ids::{BroadcastId, ChatId, MessageId};
use crate::domain::lang::Lang;

/// A recipient that has no outcome yet, with what its message may need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Its number in the broadcast, from 1, rising in the order of sending.
    pub seq: i64,
    /// The chat.
    pub chat: ChatId,
    /// First name, of persons known to us: hostile text.
    pub first_name: Option<String>,
    /// Language of the interface; the default for those unknown to us.
    pub lang: Lang,
    /// What an undo removes; empty otherwise.
    pub messages: Vec<MessageId>,
    /// For deferred ones: not before then.
    pub not_before: Option<Timestamp>,
}

/// How it ended for a recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipientOutcome {
    /// Its number.
    pub seq: i64,
    /// Its chat, for the mark of who is out of reach.
    pub chat: ChatId,
    /// How.
    pub end: RecipientEnd,
}

/// What is written together, or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BroadcastSettlement {
    /// Which broadcast.
    pub id: BroadcastId,
    /// Outcomes; one of a recipient that has a final one already changes nothing, so that a batch
    /// whose commit was lost can be written again.
    pub outcomes: Vec<RecipientOutcome>,
    /// Deferred recipients whose requests may leave after this commit.
    pub relaunched: Vec<i64>,
    /// Requests to recipients up to this number may leave after this commit; never lowered.
    pub watermark: i64,
}

/// Where the filling of an audience is. Opaque to callers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FillCursor {
    /// 0: by the order of the audience; 1: who moved while that went on.
    pub phase: i32,
    /// Microseconds since the Unix epoch, for audiences in the order of their last activity.
    pub time: i64,
    /// The last id or number looked at.
    pub id: i64,
}

/// A piece of an audience, read outside of any transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AudienceSlice {
    /// The chats, in the order of sending; for an undo with the messages to remove.
    pub chats: Vec<(ChatId, Vec<MessageId>)>,
    /// Where this slice began.
    pub from: FillCursor,
    /// Where the next one begins; none: that was all.
    pub next: Option<FillCursor>,
}

/// A recipient as the export shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedRecipient {
    /// Its number.
    pub seq: i64,
    /// The chat.
    pub chat: ChatId,
    /// `pending`, `delivered`, `blocked`, `failed`, `in_doubt`, `deferred`.
    pub state: String,
    /// A stable name; empty where the state says all.
    pub reason: String,
    /// The (first) message.
    pub message: Option<MessageId>,
}
