//! What an inspection finds out about a file: the answer of the sandboxed child.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a file is good for; a facet of search.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Something to read: PDF, office, e-book, text.
    Book,
    /// Something to hear.
    Audio,
    /// Something to watch.
    Video,
    /// A picture.
    Image,
    /// A packed set of files.
    Archive,
    /// Anything else.
    #[default]
    Document,
}

impl Kind {
    /// All of them, in the order of the filter buttons.
    pub const ALL: [Self; 6] =
        [Self::Book, Self::Audio, Self::Video, Self::Image, Self::Archive, Self::Document];

    /// The stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Book => "book",
            Self::Audio => "audio",
            Self::Video => "video",
            Self::Image => "image",
            Self::Archive => "archive",
            Self::Document => "document",
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// What was found in a sound file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspection {
    /// The type told by the content, such as `application/pdf`.
    pub media_type: String,
    /// What it is good for.
    pub kind: Kind,
    /// Title from the document's own metadata or tags: hostile text.
    pub title: Option<String>,
    /// Author or performer from metadata or tags: hostile text.
    pub author: Option<String>,
    /// Number of pages.
    pub pages: Option<u32>,
    /// Duration in seconds.
    pub duration_s: Option<u32>,
    /// What else was measured.
    pub measures: Measures,
    /// ISO 639-1 code of the text's language, when it is clear.
    pub language: Option<String>,
    /// What the parts are parts of.
    pub part_kind: PartKind,
    /// The text, part by part, up to the inspector's limit.
    pub parts: Vec<TextPart>,
    /// Whether there was more text than the limit allows.
    pub truncated: bool,
}

/// Figures that only some sorts of files have.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measures {
    /// Width of picture or film as it is shown, in pixels.
    pub width: Option<u32>,
    /// Height of picture or film as it is shown, in pixels.
    pub height: Option<u32>,
    /// How sound or film is encoded, such as `MP3` or `H.264`: one of our own words.
    pub codec: Option<String>,
    /// Bit rate of the sound, or of a film as a whole, in kbit/s.
    pub bit_rate_kbps: Option<u32>,
    /// Files in an archive.
    pub entries: Option<u32>,
}

/// What the parts of a text are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartKind {
    /// The text has no parts: one, numbered 1.
    #[default]
    Whole,
    /// Pages, numbered from 1.
    Page,
    /// Chapters, numbered from 1, labelled with their title.
    Chapter,
    /// Slides, numbered from 1.
    Slide,
    /// Sheets of a workbook, numbered from 1, labelled with their name.
    Sheet,
    /// Moments of a recording, numbered by their start in seconds.
    Time,
    /// The list of an archive's files.
    Entries,
}

impl PartKind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Whole,
        Self::Page,
        Self::Chapter,
        Self::Slide,
        Self::Sheet,
        Self::Time,
        Self::Entries,
    ];

    /// The stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Page => "page",
            Self::Chapter => "chapter",
            Self::Slide => "slide",
            Self::Sheet => "sheet",
            Self::Time => "time",
            Self::Entries => "entries",
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// The text of one part.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextPart {
    /// Its number, unique in the file: see [`PartKind`].
    pub number: u32,
    /// What it is called, at most [`LABEL_MAX_CHARS`] characters: hostile text.
    pub label: Option<String>,
    /// Its text: hostile.
    pub text: String,
}

/// Longest label of a part, in characters.
pub const LABEL_MAX_CHARS: usize = 60;

/// A small picture of a file: its first page, its cover, itself.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// Encoded as JPEG, at most [`PREVIEW_MAX_BYTES`].
    #[serde(with = "base64")]
    pub jpeg: Vec<u8>,
    /// Width in pixels, at most [`PREVIEW_MAX_SIDE`].
    pub width: u32,
    /// Height in pixels, at most [`PREVIEW_MAX_SIDE`].
    pub height: u32,
}

/// Largest preview, in bytes.
pub const PREVIEW_MAX_BYTES: usize = 256 * 1024;

/// Longer side of a preview, in pixels.
pub const PREVIEW_MAX_SIDE: u32 = 800;

impl fmt::Debug for Preview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { jpeg, width, height } = self;
        write!(f, "Preview({width}x{height}, {} bytes)", jpeg.len())
    }
}

/// Bytes as text in JSON, where an array of numbers would be four times as long.
mod base64 {
    use data_encoding::BASE64;
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&BASE64.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(from)?;
        BASE64.decode(text.as_bytes()).map_err(D::Error::custom)
    }
}

/// Why a file is not taken into the library. Each has its own message to the editor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rejection {
    /// No bytes at all.
    Empty,
    /// Larger than the limit.
    TooLarge,
    /// Needs a password to be read.
    Encrypted,
    /// Cannot be read to its end.
    Broken,
    /// The content is not what the name or the declared type says.
    Mislabelled,
    /// Inspection took more memory, time or output than allowed: a bomb, or as good as one.
    Hostile,
    /// Telegram no longer has the file, or refuses to give it.
    Unavailable,
    /// There is no room for it on our disk. Sent again later, it may be taken.
    NoSpace,
    /// Not the file's fault as far as is known: its processing was given up after failures.
    Failed,
}

impl Rejection {
    /// The stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLarge => "too_large",
            Self::Encrypted => "encrypted",
            Self::Broken => "broken",
            Self::Mislabelled => "mislabelled",
            Self::Hostile => "hostile",
            Self::Unavailable => "unavailable",
            Self::NoSpace => "no_space",
            Self::Failed => "failed",
        }
    }

    /// The rejection of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [
            Self::Empty,
            Self::TooLarge,
            Self::Encrypted,
            Self::Broken,
            Self::Mislabelled,
            Self::Hostile,
            Self::Unavailable,
            Self::NoSpace,
            Self::Failed,
        ]
        .into_iter()
        .find(|rejection| rejection.name() == name)
    }
}
