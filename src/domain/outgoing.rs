//! What leaves: messages and answers as the dialogs want them, free of wire types.
//!
//! An [`Outgoing`] is stored as JSON in the outbox, so its serialised form must stay readable by
//! later versions: add variants and optional fields, never rename. The target (chat, topic, message
//! to edit) is not part of it; whoever sends gives it beside it. Texts are [`Markup`], which only
//! [`super::html::Html`] makes: nothing unescaped can get in here.

use serde::{Deserialize, Serialize};

use super::event::FileClass;
use super::html::{Markup, label};
use super::ids::{ChatId, MaterialId, MessageId};

/// Telegram's limit for a button's callback data, in bytes.
pub const CALLBACK_DATA_LIMIT_BYTES: usize = 64;

/// Telegram's limit for a toast or an alert, in characters.
pub const TOAST_LIMIT: usize = 200;

/// Telegram's limit for the results of one answer to an inline query.
pub const INLINE_RESULTS_LIMIT: usize = 50;

/// One call that shows, changes or removes messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Outgoing {
    /// A new message. Links in it get no preview.
    Text {
        /// At most [`super::html::TEXT_LIMIT`] units.
        html: Markup,
        /// Buttons below it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        keyboard: Option<Keyboard>,
        /// The message it answers; it is sent without, should that one be gone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reply_to: Option<MessageId>,
        /// Without a sound.
        #[serde(default)]
        silent: bool,
    },
    /// A new text for a message of ours. Without a keyboard its buttons vanish.
    EditText {
        /// At most [`super::html::TEXT_LIMIT`] units.
        html: Markup,
        /// Buttons below it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        keyboard: Option<Keyboard>,
    },
    /// A new caption for a file of ours. Without a keyboard its buttons vanish.
    EditCaption {
        /// At most [`super::html::CAPTION_LIMIT`] units.
        caption: Markup,
        /// Buttons below it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        keyboard: Option<Keyboard>,
    },
    /// New buttons for a message of ours; none takes them away.
    EditKeyboard {
        /// Buttons below it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        keyboard: Option<Keyboard>,
    },
    /// A file that lies at Telegram, or with us.
    File {
        /// Its class, which decides the method.
        class: FileClass,
        /// Telegram's handle, valid for this bot; empty while Telegram never had the file.
        file_id: String,
        /// Ours, from which it is sent when Telegram does not know the handle.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        copy: Option<StoredCopy>,
        /// Said in its place when neither can be had.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        apology: Option<Markup>,
        /// At most [`super::html::CAPTION_LIMIT`] units; round videos show none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        caption: Option<Markup>,
        /// Buttons below it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        keyboard: Option<Keyboard>,
        /// Without a sound.
        #[serde(default)]
        silent: bool,
    },
    /// A copy of messages from another chat, formatting and files included: the body of a
    /// broadcast. Several ids keep an album together.
    Copy {
        /// Where they are.
        from: ChatId,
        /// 1 to 100 ids in rising order.
        messages: Vec<MessageId>,
        /// Buttons below it; only for a single message.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        keyboard: Option<Keyboard>,
        /// Without a sound.
        #[serde(default)]
        silent: bool,
    },
    /// Removes messages of ours; Telegram allows it for 48 hours.
    Delete {
        /// 1 to 100 ids.
        messages: Vec<MessageId>,
    },
}

impl Outgoing {
    /// Whether doing it twice is the same as doing it once, so that it may be repeated when its
    /// fate is unknown.
    pub const fn is_idempotent(&self) -> bool {
        match self {
            Self::EditText { .. }
            | Self::EditCaption { .. }
            | Self::EditKeyboard { .. }
            | Self::Delete { .. } => true,
            Self::Text { .. } | Self::File { .. } | Self::Copy { .. } => false,
        }
    }

    /// How many messages it is in Telegram's rate limits: an album counts as its parts, an edit
    /// as one, a removal as none.
    pub fn weight(&self) -> usize {
        match self {
            Self::Copy { messages, .. } => messages.len().max(1),
            Self::Delete { .. } => 0,
            _ => 1,
        }
    }
}

/// A file of our own store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredCopy {
    /// BLAKE3 of its content, hexadecimal.
    pub hash: String,
    /// The name its receiver sees: hostile text, at most [`COPY_NAME_MAX_CHARS`] characters.
    pub name: String,
    /// Whose handle it renews.
    pub owner: CopyOwner,
}

/// Longest name of a file that we send, in characters.
pub const COPY_NAME_MAX_CHARS: usize = 120;

/// What keeps Telegram's handle of a stored file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CopyOwner {
    /// A material, as long as it has that content.
    Material(MaterialId),
    /// The preview of this content (BLAKE3, hexadecimal).
    Preview(String),
    /// Nothing: it is sent once, and swept away some time later.
    Nobody,
}

/// Rows of buttons below a message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Keyboard {
    /// From top to bottom, each from left to right.
    pub rows: Vec<Vec<Button>>,
}

impl Keyboard {
    /// No buttons yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a row below; an empty one is left out, as Telegram refuses it.
    #[must_use]
    pub fn row(mut self, buttons: impl IntoIterator<Item = Button>) -> Self {
        let row: Vec<Button> = buttons.into_iter().collect();
        if !row.is_empty() {
            self.rows.push(row);
        }
        self
    }
}

/// One button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// What it says: plain text, never markup.
    pub text: String,
    /// What it does.
    pub action: ButtonAction,
}

impl Button {
    /// A button that comes back to us with `data`, at most [`CALLBACK_DATA_LIMIT_BYTES`].
    pub fn callback(text: impl Into<String>, data: impl Into<String>) -> Self {
        Self { text: label(&text.into()), action: ButtonAction::Callback(data.into()) }
    }

    /// A button that opens `url`.
    pub fn url(text: impl Into<String>, url: impl Into<String>) -> Self {
        Self { text: label(&text.into()), action: ButtonAction::Url(url.into()) }
    }

    /// A button that lets the user pick a chat and starts an inline query there.
    pub fn switch_inline(text: impl Into<String>, query: impl Into<String>) -> Self {
        Self { text: label(&text.into()), action: ButtonAction::SwitchInline(query.into()) }
    }
}

/// What a button does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ButtonAction {
    /// Comes back as a press with this data.
    Callback(String),
    /// Opens a page.
    Url(String),
    /// Starts an inline query with these words in a chat of the user's choice.
    SwitchInline(String),
}

/// An answer to a query that waits: free of rate limits, worthless when late, never stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Answer {
    /// Ends a button's spinner; each press takes exactly one.
    Callback {
        /// The press.
        query_id: String,
        /// Plain text, cut to [`TOAST_LIMIT`] when sent; none ends the spinner silently.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        toast: Option<String>,
        /// A box with an OK button in place of a passing toast.
        #[serde(default)]
        alert: bool,
    },
    /// Results for `@bot words`.
    Inline {
        /// The query.
        query_id: String,
        /// At most [`INLINE_RESULTS_LIMIT`]; what is beyond is cut when sent.
        results: Vec<InlineResult>,
        /// What Telegram gives back to ask for more; empty or none: that was all. 64 bytes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next_offset: Option<String>,
        /// How long Telegram may answer others from its memory, in seconds.
        cache_s: u32,
        /// Whether what Telegram remembers is for this user only.
        personal: bool,
    },
}

/// One line of an inline answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum InlineResult {
    /// A file that lies at Telegram. Round videos cannot be offered and are left out when sent.
    File {
        /// 1 to 64 bytes, unique in the answer.
        id: String,
        /// Its class.
        class: FileClass,
        /// Telegram's handle, valid for this bot.
        file_id: String,
        /// First line; audio shows its own tags instead.
        title: String,
        /// Second line.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        description: Option<String>,
        /// Sent with it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        caption: Option<Markup>,
    },
    /// A text that is sent when chosen.
    Article {
        /// 1 to 64 bytes, unique in the answer.
        id: String,
        /// First line.
        title: String,
        /// Second line.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        description: Option<String>,
        /// The message.
        html: Markup,
        /// Buttons below it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        keyboard: Option<Keyboard>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::html::Html;

    #[test]
    fn the_stored_form_is_fixed() {
        let text = Outgoing::Text {
            html: Html::new().bold("a<b").for_text(),
            keyboard: Some(
                Keyboard::new()
                    .row([Button::callback("1", "x"), Button::url("2", "https://e.org")])
                    .row([])
                    .row([Button::switch_inline("3", "words")]),
            ),
            reply_to: Some(MessageId(5)),
            silent: false,
        };
        let stored = r#"{"type":"text","html":"<b>a&lt;b</b>","keyboard":[[{"text":"1","action":{"callback":"x"}},{"text":"2","action":{"url":"https://e.org"}}],[{"text":"3","action":{"switch_inline":"words"}}]],"reply_to":5,"silent":false}"#;
        assert_eq!(serde_json::to_string(&text).expect("serialisable"), stored);
        assert_eq!(serde_json::from_str::<Outgoing>(stored).expect("readable"), text);
    }

    #[test]
    fn rows_without_optional_fields_are_readable() {
        let stored = r#"{"type":"file","class":"audio","file_id":"F"}"#;
        let file = serde_json::from_str::<Outgoing>(stored).expect("readable");
        assert_eq!((file.is_idempotent(), file.weight()), (false, 1));
        let stored = r#"{"type":"copy","from":-5,"messages":[1,2,3]}"#;
        let album = serde_json::from_str::<Outgoing>(stored).expect("readable");
        assert_eq!((album.is_idempotent(), album.weight()), (false, 3));
        let stored = r#"{"type":"delete","messages":[1]}"#;
        let delete = serde_json::from_str::<Outgoing>(stored).expect("readable");
        assert_eq!((delete.is_idempotent(), delete.weight()), (true, 0));
    }
}
