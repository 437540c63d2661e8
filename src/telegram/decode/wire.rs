//! The fields we read, and the tolerant ways of reading them.
//!
//! Required is only what an event cannot be without. Optional fields of another sort than expected
//! count as absent, where an absence is harmless.

#![expect(clippy::struct_field_names, reason = "the fields have Telegram's names")]

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::telegram::meters;

/// A string of JSON's, which may hold what Rust's strings and databases cannot: halves of surrogate
/// pairs become U+FFFD, NUL characters vanish. Borrowed where it has no escapes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text<'a>(pub(super) Cow<'a, str>);

impl From<Text<'_>> for String {
    fn from(text: Text<'_>) -> Self {
        text.0.into_owned()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // As bytes, because serde_json refuses a string with a lone surrogate but gives its bytes.
        deserializer.deserialize_bytes(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_bytes<E: de::Error>(self, bytes: &'de [u8]) -> Result<Self::Value, E> {
        Ok(Text(without_nul(String::from_utf8_lossy(bytes))))
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
        let owned = String::from_utf8_lossy(bytes).into_owned();
        Ok(Text(without_nul(Cow::Owned(owned))))
    }
}

fn without_nul(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "")) } else { text }
}

/// A number that is present, absent, or not what it should be: the last two are `None`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Soft<T>(pub(super) Option<T>);

impl<'de, T: TryFrom<i128>> Deserialize<'de> for Soft<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = deserializer.deserialize_any(NumberVisitor)?;
        Ok(Self(number.and_then(|number| T::try_from(number).ok())))
    }
}

/// Takes any value, and gives it back if it is an integer.
struct NumberVisitor;

impl<'de> Visitor<'de> for NumberVisitor {
    type Value = Option<i128>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Some(i128::from(number)))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(i128::from(number)))
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(strange())
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(strange())
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<Self::Value, E> {
        Ok(strange())
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(strange())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(strange())
    }
}

/// A value where a number should be: read as none, and counted.
fn strange() -> Option<i128> {
    meters::bad_field();
    None
}

/// Whether a field is there, whatever it holds.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Present(pub(super) bool);

impl<'de> Deserialize<'de> for Present {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Option::<IgnoredAny>::deserialize(deserializer)?.is_some()))
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Chat {
    pub(super) id: i64,
}

#[derive(Debug, Deserialize)]
pub(super) struct User<'a> {
    pub(super) id: i64,
    #[serde(default)]
    pub(super) is_bot: bool,
    #[serde(borrow, default = "no_text")]
    pub(super) first_name: Text<'a>,
    #[serde(borrow)]
    pub(super) username: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) language_code: Option<Text<'a>>,
}

const fn no_text<'a>() -> Text<'a> {
    Text(Cow::Borrowed(""))
}

/// A message. The contents that need no reading stay raw or are only noticed.
#[derive(Debug, Deserialize)]
pub(super) struct Message<'a> {
    pub(super) message_id: i64,
    pub(super) chat: Chat,
    #[serde(borrow)]
    pub(super) from: Option<User<'a>>,
    #[serde(default)]
    pub(super) sender_chat: Present,
    #[serde(default)]
    pub(super) message_thread_id: Soft<i64>,
    #[serde(default)]
    pub(super) is_topic_message: bool,

    // Signs that the words are not the sender's own. The last three are older names of the first.
    #[serde(default)]
    pub(super) forward_origin: Present,
    #[serde(default)]
    pub(super) forward_date: Present,
    #[serde(default)]
    pub(super) forward_from: Present,
    #[serde(default)]
    pub(super) forward_sender_name: Present,
    #[serde(default)]
    pub(super) via_bot: Present,

    #[serde(borrow)]
    pub(super) text: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) caption: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) entities: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) caption_entities: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) media_group_id: Option<Text<'a>>,

    #[serde(borrow)]
    pub(super) document: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) audio: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) video: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) photo: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) voice: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) animation: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) video_note: Option<&'a RawValue>,

    // What people send that we do not handle; everything else that has no text is a service message.
    #[serde(default)]
    pub(super) sticker: Present,
    #[serde(default)]
    pub(super) location: Present,
    #[serde(default)]
    pub(super) venue: Present,
    #[serde(default)]
    pub(super) contact: Present,
    #[serde(default)]
    pub(super) dice: Present,
    #[serde(default)]
    pub(super) poll: Present,
    #[serde(default)]
    pub(super) story: Present,
    #[serde(default)]
    pub(super) game: Present,
    #[serde(default)]
    pub(super) checklist: Present,
    #[serde(default)]
    pub(super) live_photo: Present,
    #[serde(default)]
    pub(super) paid_media: Present,
    #[serde(default)]
    pub(super) rich_message: Present,
    #[serde(default)]
    pub(super) invoice: Present,
}

/// A file of any class.
#[derive(Debug, Deserialize)]
pub(super) struct File<'a> {
    #[serde(borrow)]
    pub(super) file_id: Text<'a>,
    #[serde(borrow)]
    pub(super) file_unique_id: Text<'a>,
    #[serde(borrow)]
    pub(super) file_name: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) mime_type: Option<Text<'a>>,
    #[serde(default)]
    pub(super) file_size: Soft<u64>,
    #[serde(default)]
    pub(super) duration: Soft<u32>,
    #[serde(borrow)]
    pub(super) title: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) performer: Option<Text<'a>>,
    #[serde(default)]
    pub(super) width: Soft<u32>,
    #[serde(default)]
    pub(super) height: Soft<u32>,
}

#[derive(Debug, Deserialize)]
pub(super) struct CallbackQuery<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) from: User<'a>,
    pub(super) message: Option<PressedMessage>,
    #[serde(borrow)]
    pub(super) data: Option<Text<'a>>,
}

/// The message of a pressed button; one too old to be touched has the date 0.
#[derive(Debug, Deserialize)]
pub(super) struct PressedMessage {
    pub(super) message_id: i64,
    pub(super) chat: Chat,
    #[serde(default)]
    pub(super) date: Soft<i64>,
    #[serde(default)]
    pub(super) message_thread_id: Soft<i64>,
    #[serde(default)]
    pub(super) is_topic_message: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct InlineQuery<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) from: User<'a>,
    #[serde(borrow)]
    pub(super) query: Text<'a>,
    #[serde(borrow, default = "no_text")]
    pub(super) offset: Text<'a>,
}

#[derive(Debug, Deserialize)]
pub(super) struct MembershipChange<'a> {
    pub(super) chat: Chat,
    #[serde(borrow)]
    pub(super) from: Option<User<'a>>,
    #[serde(borrow)]
    pub(super) new_chat_member: Member<'a>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Member<'a> {
    #[serde(borrow)]
    pub(super) status: Text<'a>,
    /// Only with the status `restricted`.
    pub(super) is_member: Option<bool>,
}

/// A mark on a text. One that we cannot read is no reason to lose the message.
#[derive(Debug, Deserialize)]
pub(super) struct MessageEntity<'a> {
    #[serde(rename = "type", borrow)]
    pub(super) kind: Text<'a>,
    pub(super) offset: usize,
    pub(super) length: usize,
    #[serde(borrow)]
    pub(super) url: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) user: Option<User<'a>>,
    #[serde(borrow)]
    pub(super) language: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) custom_emoji_id: Option<Text<'a>>,
}
