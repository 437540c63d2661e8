//! What happened in a chat, as the dialogs see it: decoded once, free of wire types.

use serde::{Deserialize, Serialize};

use super::ids::{ChatId, MessageId, UserId};

/// One decoded update.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Where it happened. For inline queries, which have no chat, the sender's private chat.
    pub chat: ChatId,
    /// Forum topic, if any.
    pub thread: Option<i64>,
    /// Who did it; absent for channel posts and anonymous senders.
    pub from: Option<Person>,
    /// What was done.
    pub kind: EventKind,
}

/// Accounts that stand for somebody else: Telegram itself, which also passes on what channels post
/// to their groups, anonymous admins, and channels.
pub const STAND_INS: [UserId; 3] = [UserId(777_000), UserId(1_087_968_824), UserId(136_817_688)];

impl Event {
    /// Who is answered; nobody for events that are only kept, and nobody's account is ever asked
    /// for its role.
    pub fn speaker(&self) -> Option<&Person> {
        if matches!(self.kind, EventKind::Ignored { .. }) {
            return None;
        }
        self.from.as_ref().filter(|person| !person.is_bot && !STAND_INS.contains(&person.id))
    }
}

/// A sender as Telegram describes them. The name is hostile text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The numeric id: the only thing a role is bound to.
    pub id: UserId,
    /// First name, at most 64 characters at Telegram.
    pub first_name: String,
    /// `@name` without the sign.
    pub username: Option<String>,
    /// IETF tag of the client's language.
    pub language_code: Option<String>,
    /// Whether the sender is a bot.
    pub is_bot: bool,
}

/// The kinds of events that dialogs answer to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum EventKind {
    /// A text message; commands included.
    Text {
        /// The message.
        message: MessageId,
        /// Its text, at most 4,096 UTF-16 units at Telegram.
        text: String,
        /// The marks on it: only of a text with a place for a name, nobody else needs them.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        entities: Vec<Entity>,
        /// Where it came from, if not typed by the sender: privileged commands are refused then.
        indirect: Option<Indirect>,
    },
    /// A message with a file.
    File {
        /// The message.
        message: MessageId,
        /// The file.
        file: FileRef,
        /// Caption, at most 1,024 UTF-16 units.
        caption: Option<String>,
        /// The marks on the caption, as on a text.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        entities: Vec<Entity>,
        /// Set when it is part of an album.
        media_group: Option<String>,
    },
    /// A message with something we do not handle (sticker, location, contact, ...).
    OtherMessage {
        /// The message.
        message: MessageId,
        /// Whether Telegram copies such a message to another chat.
        #[serde(default)]
        can_be_copied: bool,
    },
    /// An inline button was pressed.
    Press {
        /// Telegram's id of the query; answerable for a short time only.
        query_id: String,
        /// The message that carries the button; absent when it is too old or an inline one.
        message: Option<MessageId>,
        /// The button's data: untrusted.
        data: String,
    },
    /// Somebody types `@bot words` in some chat.
    Inline {
        /// Telegram's id of the query; answerable for about 30 s.
        query_id: String,
        /// The words.
        query: String,
        /// What we gave as `next_offset`, or empty: untrusted.
        offset: String,
    },
    /// The user blocked (`false`) or unblocked (`true`) the bot, or a group added or removed it.
    Membership {
        /// Whether the bot may write there now.
        reachable: bool,
    },
    /// Known to Telegram, of no interest to us (reactions, polls, edits, channel posts, ...).
    Ignored {
        /// Telegram's name of the update's kind, such as `message_reaction`.
        what: String,
    },
}

/// A mark on a piece of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entity {
    /// Where it begins, in UTF-16 units.
    pub offset: usize,
    /// How long it is, in UTF-16 units.
    pub length: usize,
    /// What it is.
    pub kind: EntityKind,
}

/// The kinds of marks that are kept; all others are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum EntityKind {
    /// Bold.
    Bold,
    /// Italic.
    Italic,
    /// Underlined.
    Underline,
    /// Struck through.
    Strikethrough,
    /// Hidden until it is tapped.
    Spoiler,
    /// In a fixed-width font.
    Code,
    /// A block in a fixed-width font.
    Pre {
        /// The programming language.
        language: Option<String>,
    },
    /// A block quotation.
    Quote {
        /// Folded until it is tapped.
        expandable: bool,
    },
    /// Opens this address.
    Link(String),
    /// Opens the profile of a person without a name of their own.
    Person(UserId),
    /// A custom emoji.
    CustomEmoji(String),
}

/// Why a text does not count as the sender's own hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Indirect {
    /// Forwarded from elsewhere.
    Forwarded,
    /// Sent through an inline bot.
    ViaBot,
    /// Sent on behalf of a chat or channel (anonymous admin).
    OnBehalfOfChat,
}

/// A file that lies at Telegram. Everything but the ids is the sender's claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRef {
    /// Reusable handle, valid for this bot only.
    pub file_id: String,
    /// Same for all bots; only good for comparing.
    pub unique_id: String,
    /// How Telegram classed it, which is also how it must be sent again.
    pub class: FileClass,
    /// Claimed name: metadata only, never a path.
    pub name: Option<String>,
    /// Claimed MIME type.
    pub mime: Option<String>,
    /// Size in bytes, when Telegram tells.
    pub size: Option<u64>,
    /// Duration in seconds of audio and video.
    pub duration_s: Option<u32>,
    /// Title tag of audio, as Telegram read it.
    pub title: Option<String>,
    /// Performer tag of audio.
    pub performer: Option<String>,
}

/// Telegram's classes of files: each has its own send method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileClass {
    /// Any file.
    Document,
    /// Music with tags.
    Audio,
    /// Video.
    Video,
    /// Compressed picture.
    Photo,
    /// Voice message.
    Voice,
    /// GIF or silent video.
    Animation,
    /// Round video.
    VideoNote,
}

impl FileClass {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Document,
        Self::Audio,
        Self::Video,
        Self::Photo,
        Self::Voice,
        Self::Animation,
        Self::VideoNote,
    ];

    /// The field of a message that carries it, also its stored name.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Audio => "audio",
            Self::Video => "video",
            Self::Photo => "photo",
            Self::Voice => "voice",
            Self::Animation => "animation",
            Self::VideoNote => "video_note",
        }
    }

    /// The class of that field.
    pub fn from_field(field: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.field() == field)
    }
}
