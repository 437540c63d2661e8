//! The first look at an update: its id, its kind, its chat. No text or file is read.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::domain::ids::ChatId;

/// What the ledger files an update under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Envelope {
    /// Telegram's number; `None` if there is none or it has over 63 bits.
    pub update_id: Option<i64>,
    /// Telegram's name of the kind, [`UNKNOWN`] for one not in [`KINDS`], [`BROKEN`] for no update.
    pub kind: &'static str,
    /// The chat whose order it belongs to; for what happens outside of chats the acting user's.
    pub chat: Option<ChatId>,
    /// When it happened, in seconds since the Unix epoch, where Telegram says so: not for presses
    /// and queries, and not for edits, which have the date of what they edit.
    pub happened_at: Option<i64>,
}

/// The kind of what is no update.
pub const BROKEN: &str = "broken";

/// The kind of what Telegram had not yet when this was written.
pub const UNKNOWN: &str = "unknown";

/// All kinds of Bot API 10.3.
pub const KINDS: [&str; 27] = [
    "message",
    "edited_message",
    "callback_query",
    "inline_query",
    "my_chat_member",
    "channel_post",
    "edited_channel_post",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "guest_message",
    "message_reaction",
    "message_reaction_count",
    "chosen_inline_result",
    "shipping_query",
    "pre_checkout_query",
    "purchased_paid_media",
    "poll",
    "poll_answer",
    "chat_member",
    "chat_join_request",
    "chat_boost",
    "removed_chat_boost",
    "managed_bot",
    "subscription",
    "stopped_message_generation",
];

/// Looks at an update without reading it. Never fails: what cannot be seen is `None`.
pub fn chat_key(raw: &str) -> Envelope {
    let Some(update) = open(raw) else {
        return Envelope { update_id: None, kind: BROKEN, chat: None, happened_at: None };
    };
    let Some((name, value)) = update.content else {
        return Envelope { update_id: update.id, kind: BROKEN, chat: None, happened_at: None };
    };
    let kind = KINDS.into_iter().find(|kind| *kind == name).unwrap_or(UNKNOWN);
    let places = places(value);
    let date = places.as_ref().and_then(|places| places.date);
    let date = date.filter(|_| matches!(kind, "message" | "my_chat_member"));
    Envelope {
        update_id: update.id,
        kind,
        chat: places.and_then(Places::chat),
        happened_at: date.and_then(|date| date.get().parse().ok()),
    }
}

/// The kinds that figures tell apart; the others are `other`.
pub const COUNTED_KINDS: [&str; 6] =
    ["message", "edited_message", "callback_query", "inline_query", "my_chat_member", "other"];

/// The name under which figures know a kind.
pub fn counted_kind(kind: &str) -> &'static str {
    COUNTED_KINDS.into_iter().find(|counted| *counted == kind).unwrap_or("other")
}

/// An update taken apart at its top level.
pub(super) struct Update<'a> {
    pub(super) id: Option<i64>,
    /// The one field besides the id: its name and value.
    pub(super) content: Option<(Cow<'a, str>, &'a RawValue)>,
}

/// Takes an update apart; `None` if it is no JSON object.
pub(super) fn open(raw: &str) -> Option<Update<'_>> {
    serde_json::from_str(raw).ok()
}

impl<'de: 'a, 'a> Deserialize<'de> for Update<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(UpdateVisitor)
    }
}

struct UpdateVisitor;

impl<'de> Visitor<'de> for UpdateVisitor {
    type Value = Update<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an update")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut update = Update { id: None, content: None };
        while let Some(Key(name)) = map.next_key()? {
            let value: &'de RawValue = map.next_value()?;
            let is_known = KINDS.contains(&&*name);
            match &mut update.content {
                _ if name == "update_id" => update.id = value.get().parse().ok(),
                // Telegram fills one field. Should another appear beside it, the known one counts.
                Some(_) if !is_known => {}
                content => *content = Some((name, value)),
            }
        }
        Ok(update)
    }
}

/// A field's name, borrowed when it can be.
#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

/// Where a kind's value may say which chat it belongs to. Each is looked at on its own, so that a
/// strange one does not hide the others.
#[derive(Deserialize)]
struct Places<'a> {
    #[serde(borrow)]
    chat: Option<&'a RawValue>,
    #[serde(borrow)]
    message: Option<&'a RawValue>,
    #[serde(borrow)]
    from: Option<&'a RawValue>,
    #[serde(borrow)]
    user: Option<&'a RawValue>,
    #[serde(borrow)]
    voter_chat: Option<&'a RawValue>,
    #[serde(borrow)]
    date: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Id {
    id: i64,
}

#[derive(Deserialize)]
struct InChat {
    chat: Id,
}

/// The chat a kind's value belongs to.
pub(super) fn chat_of(value: &RawValue) -> Option<ChatId> {
    places(value).and_then(Places::chat)
}

fn places(value: &RawValue) -> Option<Places<'_>> {
    serde_json::from_str(value.get()).ok()
}

impl Places<'_> {
    fn chat(self) -> Option<ChatId> {
        let in_message = || {
            let message: InChat = serde_json::from_str(self.message?.get()).ok()?;
            Some(ChatId(message.chat.id))
        };
        id_of(self.chat)
            .or_else(in_message)
            .or_else(|| id_of(self.from))
            .or_else(|| id_of(self.voter_chat))
            .or_else(|| id_of(self.user))
    }
}

fn id_of(value: Option<&RawValue>) -> Option<ChatId> {
    let holder: Id = serde_json::from_str(value?.get()).ok()?;
    Some(ChatId(holder.id))
}
