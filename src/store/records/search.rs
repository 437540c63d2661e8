//! What a search asks of the database, and what it gets.

use crate::domain::clock::Timestamp;
use crate::domain::ids::MaterialId;
use crate::domain::material::{Filters, Traits};

/// What to look for: one query in both databases' languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchRequest {
    /// FTS5 expression.
    pub fts5: String,
    /// The same as a `tsquery`.
    pub tsquery: String,
    /// What narrows it.
    pub filters: Filters,
    /// Most candidates of each sort.
    pub limit: i64,
    /// Whether the text inside documents is searched too, where titles alone do not give enough.
    pub inside: bool,
    /// Whether some words must not be there: not in the titles of what is found inside, either.
    pub has_exclusions: bool,
}

impl SearchRequest {
    /// The words under which both text indexes hold the values of the filters; the statements that
    /// index a row of `materials` make the same.
    pub(in crate::store) fn facet_words(&self) -> impl Iterator<Item = String> {
        let Filters { level, kind, language, category, length } = self.filters;
        let level = level.map(|level| format!("l{}", level.name().to_lowercase()));
        let kind = kind.map(|kind| format!("k{}", kind.name()));
        let language = language.map(|language| format!("g{}", language.code()));
        let category = category.map(|category| format!("c{category}"));
        let length = length.map(|length| format!("n{}", length.number()));
        [level, kind, language, category, length].into_iter().flatten()
    }
}

/// What may fit a query, unranked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Candidates {
    /// The library's version that they are from, or an earlier one.
    pub library: i64,
    /// By title and tags.
    pub titles: Vec<CandidateMaterial>,
    /// By the text inside: all parts that were found, of materials by title, too.
    pub parts: Vec<PartCandidate>,
    /// The materials of those parts that are not among `titles`.
    pub hosts: Vec<CandidateMaterial>,
    /// There may be more.
    pub is_cut: bool,
}

/// A material, as far as its rank depends on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CandidateMaterial {
    /// Which.
    pub id: MaterialId,
    /// Index tokens of its title; empty for a host, unless the request has exclusions.
    pub title_terms: String,
    /// Index tokens of its tags; see there.
    pub tag_terms: String,
    /// What a search can be narrowed by.
    pub traits: Traits,
    /// People who have taken it.
    pub takers: u32,
    /// When it was published.
    pub published_at: Timestamp,
}

/// A part whose text holds all words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartCandidate {
    /// The material.
    pub material: MaterialId,
    /// The part's own id.
    pub part: i64,
    /// Its page, from 1.
    pub number: i32,
}
