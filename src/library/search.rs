//! Search: candidates from the database, order and repair from the domain.

use std::collections::HashMap;
use std::sync::Arc;

use super::vocabulary::{Vocabulary, Words};
use crate::cache::{Found, FoundHit, FoundPart, SearchCache, SearchKey};
use crate::domain::facts::SearchFacts;
use crate::domain::ids::{MaterialId, QueryId, UserId};
use crate::domain::material::{Filters, Material};
use crate::domain::search::{Candidate, Query, Score, parse_query, score, snippet, swap_layout};
use crate::domain::search_page::{Entry, Hit, Inside, SearchPage, Total};
use crate::domain::shelf::{Edge, List};
use crate::store::records::{Candidates, PageRequest, PartCandidate, PartText, SearchRequest};
use crate::store::{Db, StoreResult};

/// Limits of a search.
#[derive(Debug, Clone, Copy)]
pub struct SearchConfig {
    /// Hits a page.
    pub page_size: usize,
    /// Most candidates of each sort that are ranked.
    pub candidate_limit: usize,
    /// Characters of a snippet.
    pub snippet_chars: usize,
}

/// Searches the library. Cheap to clone; clones share what they remember.
#[derive(Clone)]
pub struct Searcher {
    /// The database.
    pub db: Db,
    /// Limits.
    pub config: SearchConfig,
    vocabulary: Vocabulary,
    results: SearchCache,
}

impl Searcher {
    /// A searcher that keeps no results.
    pub fn new(db: Db, config: SearchConfig) -> Self {
        Self { db, config, vocabulary: Vocabulary::default(), results: SearchCache::none() }
    }

    /// The same, with results kept.
    #[must_use]
    pub fn keeping(self, results: SearchCache) -> Self {
        Self { results, ..self }
    }

    /// A page of hits for words as typed. When nothing is found with them, they are repaired:
    /// keyboard layout first, then spelling.
    pub async fn search(
        &self,
        text: &str,
        filters: Filters,
        page: usize,
    ) -> StoreResult<SearchFacts> {
        let query = parse_query(text);
        if query.is_empty() {
            return Ok(SearchFacts::Empty);
        }
        let asked = Asked { id: query_id(text), text, filters, page };
        let found = self.find(&query, filters, true).await?;
        if !found.hits.is_empty() {
            let page = self.show(asked, None, &query, &found).await?;
            return Ok(SearchFacts::Page(Box::new(page)));
        }
        if let Some((repaired, found)) = self.repair(text, &query, filters).await? {
            let page = self.show(asked, Some(repaired.display()), &repaired, &found).await?;
            return Ok(SearchFacts::Page(Box::new(page)));
        }
        Ok(SearchFacts::Nothing { query: asked.id, text: text.to_owned() })
    }

    /// Materials for inline mode: by title and tags only, as an answer has to come at once. An
    /// empty query gives what came last.
    pub async fn inline(
        &self,
        text: &str,
        offset: usize,
        limit: usize,
    ) -> StoreResult<(Vec<Material>, bool)> {
        let query = parse_query(text);
        let ids: Vec<MaterialId> = if query.is_empty() {
            newest_ids(&self.db, offset, limit + 1).await?
        } else {
            let found = self.find(&query, Filters::default(), false).await?;
            found.hits.iter().skip(offset).take(limit + 1).map(|hit| hit.id).collect()
        };
        let has_more = ids.len() > limit;
        let wanted: Vec<MaterialId> = ids.into_iter().take(limit).collect();
        let mut materials = self.db.materials_by_ids(wanted.clone()).await?;
        let place = |id: MaterialId| wanted.iter().position(|other| *other == id);
        materials.sort_by_key(|material| place(material.id));
        Ok((materials, has_more))
    }

    async fn find(&self, query: &Query, filters: Filters, inside: bool) -> StoreResult<Arc<Found>> {
        let request = SearchRequest {
            fts5: query.to_fts5(),
            tsquery: query.to_tsquery(),
            filters,
            limit: signed(self.config.candidate_limit),
            inside,
        };
        // The expression holds all words with their forms, in their order: what ranks, too.
        let question = format!("{filters:?} {inside} {} {}", request.limit, request.fts5);
        if self.results.is_used() {
            let key = SearchKey::new(self.db.library_version().await?, &question);
            if let Some(found) = self.results.get(key).await {
                return Ok(found);
            }
        }
        let candidates = self.db.search_candidates(request).await?;
        let found = Arc::new(rank(query, &candidates, self.config.candidate_limit));
        // Not the key from above: two reads may see two versions of the library.
        let key = SearchKey::new(candidates.library, &question);
        self.results.put(key, Arc::clone(&found)).await;
        Ok(found)
    }

    async fn show(
        &self,
        asked: Asked<'_>,
        corrected: Option<String>,
        query: &Query,
        found: &Found,
    ) -> StoreResult<SearchPage> {
        let page_size = self.config.page_size;
        let last = found.hits.len().saturating_sub(1) / page_size;
        // A page beyond the end is what a button of yesterday may name: the last one is meant.
        let page = asked.page.min(last);
        let wanted: Vec<FoundHit> =
            found.hits.iter().skip(page * page_size).take(page_size).copied().collect();
        let ids = wanted.iter().map(|hit| hit.id).collect();
        let entries = self.db.entries_by_ids(ids).await?.into_iter();
        let mut entries: HashMap<MaterialId, Entry> =
            entries.map(|entry| (entry.id, entry)).collect();
        let parts: Vec<i64> =
            wanted.iter().filter_map(|hit| hit.part).map(|part| part.part).collect();
        let texts: HashMap<i64, PartText> = if parts.is_empty() {
            HashMap::new()
        } else {
            self.db.part_texts(parts).await?.into_iter().collect()
        };
        let hits = wanted.into_iter().filter_map(|hit| {
            let entry = entries.remove(&hit.id)?;
            let inside =
                hit.part.and_then(|part| inside(query, part, &texts, self.config.snippet_chars));
            Some(Hit { entry, inside })
        });
        Ok(SearchPage {
            query: asked.id,
            text: asked.text.to_owned(),
            corrected,
            filters: asked.filters,
            page,
            page_size,
            total: found.total,
            hits: hits.collect(),
        })
    }

    /// Other words that were probably meant, if anything is found with them.
    async fn repair(
        &self,
        text: &str,
        query: &Query,
        filters: Filters,
    ) -> StoreResult<Option<(Query, Arc<Found>)>> {
        if let Some(swapped) = swap_layout(text) {
            let swapped = parse_query(&swapped);
            if !swapped.is_empty() {
                let found = self.find(&swapped, filters, true).await?;
                if !found.hits.is_empty() {
                    return Ok(Some((swapped, found)));
                }
            }
        }
        let words = self.vocabulary.words(&self.db).await?;
        let Some(respelt) = respell(&words, query) else { return Ok(None) };
        let found = self.find(&respelt, filters, true).await?;
        Ok((!found.hits.is_empty()).then_some((respelt, found)))
    }
}

/// A query as it was asked.
#[derive(Clone, Copy)]
struct Asked<'a> {
    id: QueryId,
    text: &'a str,
    filters: Filters,
    page: usize,
}

/// The query with each unknown word replaced by the closest known one; none if nothing changes.
fn respell(words: &Words, query: &Query) -> Option<Query> {
    let mut replacements: Vec<(usize, String)> = Vec::new();
    for (index, term) in query.terms().iter().enumerate() {
        if words.has(term.word()) {
            continue;
        }
        replacements.extend(words.closest(term.word()).map(|better| (index, better)));
    }
    query.replace_terms(&replacements)
}

/// Inline mode shows no more than so many of the newest.
const NEWEST_MAX: usize = 1_000;

async fn newest_ids(db: &Db, offset: usize, limit: usize) -> StoreResult<Vec<MaterialId>> {
    // Telegram gives the number of those that were shown back, not the last of them.
    let request = PageRequest {
        list: List::New,
        user: UserId(0),
        edge: Edge::TOP,
        is_down: true,
        limit: signed(offset.min(NEWEST_MAX).saturating_add(limit)),
    };
    let placed = db.shelf_page(request).await?;
    Ok(placed.into_iter().skip(offset).map(|placed| placed.entry.id).collect())
}

/// The name under which a query's words are remembered: the same words, the same name.
pub fn query_id(text: &str) -> QueryId {
    let hash = blake3::hash(text.as_bytes());
    let (head, _) = hash.as_bytes().split_first_chunk::<8>().unwrap_or((&[0; 8], &[]));
    // Positive, as a button's ids are; and never 0, which stands for none there.
    QueryId((i64::from_le_bytes(*head) & (i64::MAX >> 1)).max(1))
}

/// A material in its place among the hits.
struct Ranked {
    score: Score,
    hit: FoundHit,
}

/// Orders by score, then newest first, the same over both databases.
fn rank(query: &Query, candidates: &Candidates, limit: usize) -> Found {
    let mut first_parts: HashMap<MaterialId, PartCandidate> = HashMap::new();
    for part in &candidates.parts {
        let first = first_parts.entry(part.material).or_insert(*part);
        if part.number < first.number {
            *first = *part;
        }
    }
    let mut ranked: Vec<Ranked> = candidates
        .titles
        .iter()
        .map(|title| {
            let text_hit = first_parts.remove(&title.id).is_some();
            let candidate = Candidate {
                title_terms: &title.title_terms,
                tag_terms: &title.tag_terms,
                text_hit,
            };
            let hit = FoundHit { id: title.id, part: None };
            Ranked { score: score(query, &candidate), hit }
        })
        .collect();
    let inside_only = Candidate { title_terms: "", tag_terms: "", text_hit: true };
    let inside_score = score(query, &inside_only);
    ranked.extend(first_parts.into_values().map(|first| {
        let part = FoundPart { part: first.part, number: first.number };
        let hit = FoundHit { id: first.material, part: Some(part) };
        Ranked { score: inside_score, hit }
    }));
    ranked.sort_unstable_by(|a, b| b.score.cmp(&a.score).then(b.hit.id.cmp(&a.hit.id)));
    let cut_off = candidates.titles.len() >= limit || candidates.parts.len() >= limit;
    let count = ranked.len();
    let total = if cut_off { Total::AtLeast(count) } else { Total::Exactly(count) };
    Found { hits: ranked.into_iter().map(|ranked| ranked.hit).collect(), total }
}

fn inside(
    query: &Query,
    part: FoundPart,
    texts: &HashMap<i64, PartText>,
    snippet_chars: usize,
) -> Option<Inside> {
    let PartText { kind, label, text } = texts.get(&part.part)?;
    let pieces = snippet(text, query, snippet_chars)
        .map(|snippet| snippet.pieces.into_iter().map(|piece| (piece.text, piece.is_match)));
    Some(Inside {
        part: *kind,
        number: u32::try_from(part.number).unwrap_or(1),
        label: label.clone(),
        snippet: pieces.map(Iterator::collect).unwrap_or_default(),
    })
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
