//! What can go wrong with a call, and what that means for whoever made it.
//!
//! Invariants: no error text, source or debug output holds the token, a URL or a user's words.
//! Therefore reqwest's errors are stripped of their URL before they get in here, JSON errors are
//! reduced to their category and place (their texts quote the data), and what Telegram puts between
//! quotation marks in a description is left out.

use std::time::Duration;

use thiserror::Error;

use super::{classify, meters};
use crate::domain::ids::ChatId;

/// Why a call to the Bot API failed.
#[derive(Debug, Error)]
pub enum TelegramError {
    /// Telegram refused, in its own words (without what it quoted).
    #[error("{method}: refused with {code}: {description}")]
    Api {
        /// The method called.
        method: &'static str,
        /// `error_code`, which equals the HTTP status.
        code: u16,
        /// `description`; a fixed text where the answer was no Bot API answer.
        description: String,
        /// `parameters.retry_after`.
        retry_after: Option<Duration>,
        /// `parameters.migrate_to_chat_id`.
        migrate_to: Option<ChatId>,
    },
    /// An answer that is not the Bot API's: a proxy, a load balancer, a wrong address.
    #[error("{method}: an answer with status {status} that is not the bot api's")]
    Foreign {
        /// The method called.
        method: &'static str,
        /// The HTTP status.
        status: u16,
    },
    /// No connection was made: nothing was sent.
    #[error("{method}: no connection")]
    Connect {
        /// The method called.
        method: &'static str,
        /// Without URL.
        source: reqwest::Error,
    },
    /// The connection broke after the request may have left.
    #[error("{method}: the answer was lost")]
    Lost {
        /// The method called.
        method: &'static str,
        /// Without URL.
        source: reqwest::Error,
    },
    /// No answer in time.
    #[error("{method}: no answer within {after:?}")]
    Timeout {
        /// The method called.
        method: &'static str,
        /// How long we waited.
        after: Duration,
    },
    /// Telegram said yes, but what it said besides is unreadable.
    #[error("{method}: unreadable answer: {what}")]
    Answer {
        /// The method called.
        method: &'static str,
        /// Category and place.
        what: String,
    },
    /// What was to be sent cannot be put into a request: never sent.
    #[error("{method}: impossible request: {what}")]
    Request {
        /// The method that would have been called.
        method: &'static str,
        /// What is wrong with it.
        what: &'static str,
    },
    /// A file path from Telegram that could lead elsewhere: never followed.
    #[error("refused a file path: {what}")]
    UnsafePath {
        /// What is wrong with it.
        what: &'static str,
    },
    /// A local file could not be read.
    #[error("{method}: cannot read the local file")]
    LocalFile {
        /// The method called.
        method: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// A local file is larger than the server takes: never sent.
    #[error("{method}: a file of {size} bytes is too large to send, {limit} at most")]
    TooLarge {
        /// The method that would have been called.
        method: &'static str,
        /// Bytes of the file.
        size: u64,
        /// Bytes that may be sent.
        limit: u64,
    },
    /// The HTTP client could not be built: TLS or its certificates.
    #[error("cannot build the http client")]
    Build {
        /// Why.
        source: reqwest::Error,
    },
}

/// What to do about a failed call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Not executed: this chat (or method) has to wait so long. Counts as no attempt.
    RetryAfter(Duration),
    /// Not executed: try again with backoff.
    RetryLater,
    /// May have been executed. Repeat what is idempotent; for the rest follow a policy.
    InDoubt,
    /// Not executed, and nothing like it will be in this chat.
    ChatGone(ChatGone),
    /// Not executed: the chat has a new id.
    ChatMigrated(ChatId),
    /// Not executed: Telegram refuses this content, and would in every chat.
    BadContent,
    /// An edit that changes nothing: done.
    NotModified,
    /// The message to edit or delete is no more (or is of another sort): send anew, or be content.
    MessageGone,
    /// The file handle (or a download path made of it) is no longer good.
    FileIdDead,
    /// The press or inline query can no longer be answered: be content.
    QueryTooOld,
    /// Somebody else polls, or a webhook is set.
    Conflict,
    /// The token is not (or no longer) good: fatal.
    Unauthorized,
}

/// Why a chat takes nothing from us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChatGone {
    /// The person blocked the bot.
    Blocked,
    /// The person's account is no more.
    Deactivated,
    /// There is no such chat, or not for this bot.
    NotFound,
    /// The person has never started the bot.
    CannotInitiate,
    /// The bot is not, or no longer, in that group or channel.
    Kicked,
    /// The chat is there but forbids this sort of message.
    NoRights,
    /// The forum topic is closed or gone; the chat itself is not.
    TopicGone,
    /// Another refusal with status 403.
    Forbidden,
}

impl ChatGone {
    /// Whether the chat as a whole is out of reach, so that it should be marked; otherwise only
    /// this message is refused.
    pub const fn is_unreachable(self) -> bool {
        !matches!(self, Self::NoRights | Self::TopicGone)
    }

    /// A stable name for reports and metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::Deactivated => "deactivated",
            Self::NotFound => "not_found",
            Self::CannotInitiate => "cannot_initiate",
            Self::Kicked => "kicked",
            Self::NoRights => "no_rights",
            Self::TopicGone => "topic_gone",
            Self::Forbidden => "forbidden",
        }
    }
}

impl Decision {
    /// A stable name for the outbox's `error_class` and for metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RetryAfter(_) => "retry_after",
            Self::RetryLater => "retry_later",
            Self::InDoubt => "in_doubt",
            Self::ChatGone(why) => why.name(),
            Self::ChatMigrated(_) => "chat_migrated",
            Self::BadContent => "bad_content",
            Self::NotModified => "not_modified",
            Self::MessageGone => "message_gone",
            Self::FileIdDead => "file_id_dead",
            Self::QueryTooOld => "query_too_old",
            Self::Conflict => "conflict",
            Self::Unauthorized => "unauthorized",
        }
    }
}

impl TelegramError {
    /// What to do about it.
    pub fn decision(&self) -> Decision {
        match self {
            Self::Api { method, code, description, retry_after, migrate_to } => {
                classify::refusal(method, *code, description, *retry_after, *migrate_to)
            }
            Self::Foreign { status, .. } => classify::foreign(*status),
            Self::Connect { .. } => Decision::RetryLater,
            Self::Lost { .. } | Self::Timeout { .. } | Self::Answer { .. } => Decision::InDoubt,
            Self::Request { .. }
            | Self::UnsafePath { .. }
            | Self::LocalFile { .. }
            | Self::TooLarge { .. } => Decision::BadContent,
            // Comes before the first call only; as fatal as a bad token.
            Self::Build { .. } => Decision::Unauthorized,
        }
    }

    /// Whether nothing was sent, as it could not be said.
    pub(super) const fn was_not_sent(&self) -> bool {
        matches!(
            self,
            Self::Request { .. }
                | Self::UnsafePath { .. }
                | Self::LocalFile { .. }
                | Self::TooLarge { .. }
                | Self::Build { .. }
        )
    }

    /// No answer in time; counted.
    pub(super) fn timed_out(method: &'static str, after: Duration) -> Self {
        meters::timed_out(method);
        Self::Timeout { method, after }
    }

    /// From an error of the HTTP client.
    pub(super) fn from_http(method: &'static str, error: reqwest::Error) -> Self {
        let source = error.without_url();
        if source.is_connect() {
            if source.is_timeout() {
                meters::connect_timed_out();
            }
            Self::Connect { method, source }
        } else if source.is_builder() {
            Self::Request { method, what: "the http client cannot build it" }
        } else {
            Self::Lost { method, source }
        }
    }

    /// From an error of the JSON reader, of which only category and place are kept: its text may
    /// quote the data.
    pub(super) fn unreadable(method: &'static str, error: &serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        let what = format!("{:?} at line {line} column {column}", error.classify());
        Self::Answer { method, what }
    }
}
