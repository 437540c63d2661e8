//! The library's vocabulary: materials, their life, their facets.

use serde::{Deserialize, Serialize};

use super::clock::Timestamp;
use super::event::FileRef;
use super::ids::{BatchId, CategoryId, ChatId, MaterialId, OutboxId, UserId};
use super::inspection::{Kind, Rejection};

/// Longest title, in characters; longer ones are cut. Leaves room for five hits in one message.
pub const TITLE_MAX_CHARS: usize = 150;
/// Longest name of a category, in characters.
pub const CATEGORY_MAX_CHARS: usize = 60;
/// Most tags of one material, and the longest of them in characters.
pub const TAGS_MAX: usize = 10;
/// Longest tag, in characters.
pub const TAG_MAX_CHARS: usize = 30;

/// Where a material is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum MaterialState {
    /// In an editor's dialog.
    Open,
    /// Put aside by its editor.
    Draft,
    /// Publish was pressed; processing is not over yet.
    Waiting,
    /// Learners find it.
    Published,
    /// Taken out by an editor; can come back.
    Archived,
    /// Cancelled, refused, or a duplicate.
    Discarded,
}

impl MaterialState {
    /// The stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Draft => "draft",
            Self::Waiting => "waiting",
            Self::Published => "published",
            Self::Archived => "archived",
            Self::Discarded => "discarded",
        }
    }

    /// The state of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Open, Self::Draft, Self::Waiting, Self::Published, Self::Archived, Self::Discarded]
            .into_iter()
            .find(|state| state.name() == name)
    }
}

/// How far the background work on the file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Processing {
    /// Queued or running.
    Pending,
    /// Stored, measured and indexed.
    Ready,
    /// Not taken, and why.
    Rejected(Rejection),
}

/// CEFR levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Level {
    /// Beginner.
    A1,
    /// Elementary.
    A2,
    /// Intermediate.
    B1,
    /// Upper intermediate.
    B2,
    /// Advanced.
    C1,
    /// Proficient.
    C2,
}

impl Level {
    /// All of them, easiest first.
    pub const ALL: [Self; 6] = [Self::A1, Self::A2, Self::B1, Self::B2, Self::C1, Self::C2];

    /// The name, as stored and as shown in every language.
    pub const fn name(self) -> &'static str {
        match self {
            Self::A1 => "A1",
            Self::A2 => "A2",
            Self::B1 => "B1",
            Self::B2 => "B2",
            Self::C1 => "C1",
            Self::C2 => "C2",
        }
    }

    /// The level of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == name)
    }
}

/// The language a material teaches or is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StudyLanguage {
    /// English.
    En,
    /// Russian.
    Ru,
    /// Uzbek.
    Uz,
    /// German.
    De,
    /// French.
    Fr,
    /// Spanish.
    Es,
    /// Arabic.
    Ar,
    /// Turkish.
    Tr,
    /// Korean.
    Ko,
    /// Chinese.
    Zh,
    /// Any other, or several.
    Other,
}

impl StudyLanguage {
    /// All of them, in the order of the buttons.
    pub const ALL: [Self; 11] = [
        Self::En,
        Self::Ru,
        Self::Uz,
        Self::De,
        Self::Fr,
        Self::Es,
        Self::Ar,
        Self::Tr,
        Self::Ko,
        Self::Zh,
        Self::Other,
    ];

    /// ISO 639-1 code, or `other`, as stored.
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ru => "ru",
            Self::Uz => "uz",
            Self::De => "de",
            Self::Fr => "fr",
            Self::Es => "es",
            Self::Ar => "ar",
            Self::Tr => "tr",
            Self::Ko => "ko",
            Self::Zh => "zh",
            Self::Other => "other",
        }
    }

    /// The language of that code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code() == code)
    }
}

/// A material as the dialogs and lists need it.
#[derive(Debug, Clone, PartialEq)]
pub struct Material {
    /// Its id.
    pub id: MaterialId,
    /// Where it is in its life.
    pub state: MaterialState,
    /// How far its processing is.
    pub processing: Processing,
    /// Title: hostile text.
    pub title: String,
    /// Tags, separated by `, `: hostile text.
    pub tags: String,
    /// Where it stands.
    pub category: Option<CategoryId>,
    /// CEFR level.
    pub level: Option<Level>,
    /// Language taught.
    pub language: Option<StudyLanguage>,
    /// What it is good for.
    pub kind: Kind,
    /// Title found in the file itself.
    pub suggested_title: Option<String>,
    /// Pages, when it has any.
    pub pages: Option<u32>,
    /// Duration in seconds, when it has one.
    pub duration_s: Option<u32>,
    /// The file, as Telegram keeps it.
    pub file: FileRef,
    /// BLAKE3 of the content, hexadecimal, once processed.
    pub hash: Option<String>,
    /// The published material with the same content, if this is its double.
    pub duplicate_of: Option<MaterialId>,
    /// Who sent it.
    pub uploader: UserId,
    /// The message that shows its progress.
    pub card: Option<Card>,
    /// The files that it was sent with.
    pub batch: Option<BatchId>,
    /// When it came.
    pub created_at: Timestamp,
}

/// The picture of a content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewRef {
    /// Of which content: BLAKE3, hexadecimal.
    pub content: String,
    /// The picture's own BLAKE3, hexadecimal.
    pub hash: String,
    /// Telegram's handle; empty while it was never sent.
    pub file_id: String,
}

/// The progress card of an upload: a message that is edited in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// The editor's chat.
    pub chat: ChatId,
    /// The outbox row that sent it, which in time knows its message id.
    pub outbox: OutboxId,
}

/// A node of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category {
    /// Its id.
    pub id: CategoryId,
    /// The node above; none at the top.
    pub parent: Option<CategoryId>,
    /// Its name: hostile text.
    pub title: String,
    /// Published materials directly in it.
    pub materials: i64,
}

/// What an editor says about a material.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Description {
    /// Title, at most [`TITLE_MAX_CHARS`].
    pub title: Option<String>,
    /// Where it shall stand.
    pub category: Option<CategoryId>,
    /// Its name, for the review card.
    pub category_title: Option<String>,
    /// CEFR level; none = any.
    pub level: Option<Level>,
    /// Language taught.
    pub language: Option<StudyLanguage>,
    /// At most [`TAGS_MAX`].
    pub tags: Vec<String>,
}

/// How much time a material takes: by its duration, else by its pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Length {
    /// Up to five minutes or twenty pages.
    Short,
    /// Up to twenty minutes or a hundred pages.
    Medium,
    /// Longer.
    Long,
}

impl Length {
    /// All of them, shortest first.
    pub const ALL: [Self; 3] = [Self::Short, Self::Medium, Self::Long];
    /// Seconds and pages that a short one may have. The databases' `facets` hold the same numbers.
    pub const SHORT: (u32, u32) = (300, 20);
    /// Seconds and pages that a medium one may have.
    pub const MEDIUM: (u32, u32) = (1_200, 100);

    /// The number under which the databases index it.
    pub const fn number(self) -> u8 {
        match self {
            Self::Short => 1,
            Self::Medium => 2,
            Self::Long => 3,
        }
    }

    /// Of a material with these measures; none when it has neither.
    pub fn of(pages: Option<u32>, duration_s: Option<u32>) -> Option<Self> {
        let (measure, short, medium) = match (duration_s, pages) {
            (Some(seconds), _) => (seconds, Self::SHORT.0, Self::MEDIUM.0),
            (None, Some(pages)) => (pages, Self::SHORT.1, Self::MEDIUM.1),
            (None, None) => return None,
        };
        Some(match measure {
            _ if measure <= short => Self::Short,
            _ if measure <= medium => Self::Medium,
            _ => Self::Long,
        })
    }
}

/// Narrows lists and searches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Filters {
    /// Only this level.
    pub level: Option<Level>,
    /// Only this kind.
    pub kind: Option<Kind>,
    /// Only this language.
    pub language: Option<StudyLanguage>,
    /// Only directly in this category.
    pub category: Option<CategoryId>,
    /// Only this length.
    pub length: Option<Length>,
}

impl Filters {
    /// Whether nothing is filtered out.
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// Whether a material with these traits is let through.
    pub fn let_through(self, traits: Traits) -> bool {
        fn fits<T: PartialEq + Copy>(wanted: Option<T>, has: Option<T>) -> bool {
            wanted.is_none() || wanted == has
        }
        fits(self.level, traits.level)
            && fits(self.kind, Some(traits.kind))
            && fits(self.language, traits.language)
            && fits(self.category, traits.category)
            && fits(self.length, traits.length)
    }
}

/// What a search can be narrowed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traits {
    /// CEFR level.
    pub level: Option<Level>,
    /// What it is good for.
    pub kind: Kind,
    /// Language taught.
    pub language: Option<StudyLanguage>,
    /// Where it stands.
    pub category: Option<CategoryId>,
    /// How much time it takes.
    pub length: Option<Length>,
}

/// The key under which names are compared: case and surrounding space do not count.
pub fn name_key(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// A line of hostile text made fit for a title, name or tag: control characters gone, white space
/// folded, at most `max_chars` characters. `None` when nothing is left.
pub fn clean_line(text: &str, max_chars: usize) -> Option<String> {
    let visible: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .filter(|c| !is_bidi(*c))
        .collect();
    let folded = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    let cut: String = folded.chars().take(max_chars).collect();
    let line = cut.trim_end();
    (!line.is_empty()).then(|| line.to_owned())
}

/// Characters that reorder what comes after them: a title could dress up as another.
fn is_bidi(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}' | '\u{061C}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clean_line_folds_and_cuts() {
        assert_eq!(clean_line("  a\n\tb\u{202E}c  d ", 6).as_deref(), Some("a bc d"));
        assert_eq!(clean_line("ёлка и шар", 5).as_deref(), Some("ёлка"));
        assert_eq!(clean_line(" \u{0} \n", 10), None);
    }

    #[test]
    fn names_meet_whatever_their_case() {
        assert_eq!(name_key("  Deutsch  B1"), name_key("deutsch b1"));
    }
}
