//! What a search or a list gives to the page that shows it.

use super::ids::{MaterialId, QueryId};
use super::inspection::{Kind, PartKind};
use super::material::{Filters, Level, StudyLanguage};

/// One line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The material.
    pub id: MaterialId,
    /// Title: hostile text.
    pub title: String,
    /// What it is good for.
    pub kind: Kind,
    /// CEFR level.
    pub level: Option<Level>,
    /// Language taught.
    pub language: Option<StudyLanguage>,
    /// Pages, when it has any.
    pub pages: Option<u32>,
    /// Duration in seconds, when it has one.
    pub duration_s: Option<u32>,
    /// Size in bytes.
    pub size: Option<u64>,
    /// Whether there is a picture of it.
    pub has_preview: bool,
}

/// One hit of a search.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The material.
    pub entry: Entry,
    /// Where inside it, when the words were not in title or tags.
    pub inside: Option<Inside>,
}

/// A place inside a document.
#[derive(Debug, Clone, PartialEq)]
pub struct Inside {
    /// What it is a place of.
    pub part: PartKind,
    /// Its number: see [`PartKind`].
    pub number: u32,
    /// What it is called: hostile text.
    pub label: Option<String>,
    /// Text around the words: pieces, with whether each is one of the words. Hostile text.
    pub snippet: Vec<(String, bool)>,
}

/// How many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Total {
    /// So many.
    Exactly(usize),
    /// At least so many; nobody counted further.
    AtLeast(usize),
}

impl Total {
    /// The number itself.
    pub const fn count(self) -> usize {
        match self {
            Self::Exactly(n) | Self::AtLeast(n) => n,
        }
    }
}

/// A page of hits.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchPage {
    /// The name under which buttons know the query.
    pub query: QueryId,
    /// The words as typed: hostile text.
    pub text: String,
    /// What the words were changed to, as nothing was found with them as they are.
    pub corrected: Option<String>,
    /// What narrows the search.
    pub filters: Filters,
    /// The list that the page is of: the library's version that it was made for.
    pub list: i64,
    /// This page, from 0.
    pub page: usize,
    /// Hits a page.
    pub page_size: usize,
    /// How many hits there are.
    pub total: Total,
    /// The hits of this page.
    pub hits: Vec<Hit>,
}
