//! What an inspection finds out about a file: the answer of the sandboxed child.

use serde::{Deserialize, Serialize};

/// What a file is good for; a facet of search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// ISO 639-1 code of the text's language, when it is clear.
    pub language: Option<String>,
    /// The text, part by part (a PDF's pages), up to the inspector's limit.
    pub parts: Vec<TextPart>,
    /// Whether there was more text than the limit allows.
    pub truncated: bool,
}

/// The text of one page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextPart {
    /// Page number, from 1.
    pub number: u32,
    /// Its text: hostile.
    pub text: String,
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
