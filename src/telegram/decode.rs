//! From an update's text to an [`Event`].
//!
//! Two steps at two times: [`chat_key`] is a first look when an update arrives, only to file it
//! under its chat; [`decode`] reads it when its turn comes. Both read only the fields we need and
//! ignore all others, so that a new field, entity type or strange value of Telegram's loses nothing
//! we use (teloxide's complete types do lose: see the tests).
//!
//! Invariants: nothing here panics, whatever the text; [`chat_key`] and [`decode`] name the same
//! chat; no error holds a piece of the text.

mod look;
mod marks;
mod message;
mod wire;

use serde::Deserialize;
use serde_json::value::RawValue;
use thiserror::Error;

pub use look::{BROKEN, COUNTED_KINDS, Envelope, KINDS, UNKNOWN, chat_key, counted_kind};

use crate::domain::event::{Event, EventKind, Person};
use crate::domain::ids::{ChatId, MessageId, UserId};

/// Stands for "no chat at all" (a poll's result): no chat of Telegram's has this id.
pub const NO_CHAT: ChatId = ChatId(0);

/// The kinds of updates to ask Telegram for: all that [`decode`] makes something of.
pub const ALLOWED_UPDATES: [&str; 4] =
    ["message", "callback_query", "inline_query", "my_chat_member"];

/// Why an update cannot be read. It can be stored and read by a later version.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// The text is no update: no JSON object, or nothing in it but the id.
    #[error("not an update")]
    NotAnUpdate,
    /// A field we need is missing, or of another sort.
    #[error("a {kind} that cannot be read: {category} at column {column}")]
    Malformed {
        /// Telegram's name of the kind.
        kind: &'static str,
        /// What the JSON reader says, without its words.
        category: &'static str,
        /// Where in the kind's own value, in bytes.
        column: usize,
    },
}

/// Reads one update.
///
/// # Errors
/// When it is none, or when it lacks what its kind must have. A kind that we do not know, or do not
/// answer to, is no error but [`EventKind::Ignored`].
pub fn decode(raw: &str) -> Result<Event, DecodeError> {
    let update = look::open(raw).ok_or(DecodeError::NotAnUpdate)?;
    let (kind, value) = update.content.ok_or(DecodeError::NotAnUpdate)?;
    match &*kind {
        "message" => message::event(read("message", value)?),
        "callback_query" => Ok(press(read("callback_query", value)?)),
        "inline_query" => Ok(inline(read("inline_query", value)?)),
        "my_chat_member" => Ok(membership(read("my_chat_member", value)?)),
        other => Ok(Event {
            chat: look::chat_of(value).unwrap_or(NO_CHAT),
            thread: None,
            from: None,
            kind: EventKind::Ignored { what: other.to_owned() },
        }),
    }
}

/// Reads the value of a kind.
fn read<'a, T: Deserialize<'a>>(kind: &'static str, value: &'a RawValue) -> Result<T, DecodeError> {
    serde_json::from_str(value.get()).map_err(|error| {
        use serde_json::error::Category;
        let category = match error.classify() {
            Category::Data => "a missing or unexpected value",
            Category::Syntax | Category::Eof => "broken json",
            Category::Io => "input",
        };
        DecodeError::Malformed { kind, category, column: error.column() }
    })
}

fn person(user: wire::User<'_>) -> Person {
    Person {
        id: UserId(user.id),
        first_name: user.first_name.into(),
        username: user.username.map(String::from),
        language_code: user.language_code.map(String::from),
        is_bot: user.is_bot,
    }
}

fn press(query: wire::CallbackQuery<'_>) -> Event {
    let message = query.message.as_ref();
    // Without a message (a button of an inline result) it happens in no chat we are in.
    let chat = message.map_or(ChatId(query.from.id), |message| ChatId(message.chat.id));
    let thread = message
        .and_then(|message| message::thread(message.message_thread_id.0, message.is_topic_message));
    let touchable = message.filter(|message| message.date.0 != Some(0));
    Event {
        chat,
        thread,
        kind: EventKind::Press {
            query_id: query.id.into(),
            message: touchable.map(|message| MessageId(message.message_id)),
            data: query.data.map(String::from).unwrap_or_default(),
        },
        from: Some(person(query.from)),
    }
}

fn inline(query: wire::InlineQuery<'_>) -> Event {
    Event {
        chat: ChatId(query.from.id),
        thread: None,
        kind: EventKind::Inline {
            query_id: query.id.into(),
            query: query.query.into(),
            offset: query.offset.into(),
        },
        from: Some(person(query.from)),
    }
}

fn membership(change: wire::MembershipChange<'_>) -> Event {
    let member = &change.new_chat_member;
    let reachable = match &*member.status.0 {
        "left" | "kicked" => false,
        "restricted" => member.is_member.unwrap_or(false),
        _ => true,
    };
    Event {
        chat: ChatId(change.chat.id),
        thread: None,
        from: change.from.map(person),
        kind: EventKind::Membership { reachable },
    }
}

#[cfg(test)]
mod tests;
