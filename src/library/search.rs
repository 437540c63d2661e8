//! Search: candidates from the database, order and repair from the domain.

use std::collections::HashMap;

use crate::domain::facts::SearchFacts;
use crate::domain::ids::{MaterialId, QueryId};
use crate::domain::material::{Filters, Material};
use crate::domain::search::{
    Candidate, Query, Score, closest, parse_query, score, snippet, swap_layout, trigrams,
};
use crate::domain::search_page::{Entry, Hit, Inside, SearchPage, Total};
use crate::store::records::{Candidates, ListRequest, PartCandidate, SearchRequest};
use crate::store::{Db, StoreResult};

/// Known words that a misspelt one is compared with.
const NEAR_LIMIT: i64 = 50;

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

/// A material in its place among the hits.
struct Ranked {
    id: MaterialId,
    score: Score,
    /// The first page with the words, when they are not in title and tags.
    part: Option<PartCandidate>,
}

struct Found {
    ranked: Vec<Ranked>,
    total: Total,
}

/// A page of hits for words as typed. When nothing is found with them, they are repaired (keyboard
/// layout first, then spelling), as long as no filter may be the reason.
pub async fn search(
    db: &Db,
    config: SearchConfig,
    text: &str,
    filters: Filters,
    page: usize,
) -> StoreResult<SearchFacts> {
    let query = parse_query(text);
    if query.is_empty() {
        return Ok(SearchFacts::Empty);
    }
    let id = query_id(text);
    let found = find(db, config, &query, filters, true).await?;
    if !found.ranked.is_empty() {
        let page = show(db, config, id, text, None, &query, filters, page, found).await?;
        return Ok(SearchFacts::Page(Box::new(page)));
    }
    if let Some((repaired, found)) = repair(db, config, text, &query, filters).await? {
        let corrected = Some(repaired.display());
        let page = show(db, config, id, text, corrected, &repaired, filters, page, found).await?;
        return Ok(SearchFacts::Page(Box::new(page)));
    }
    Ok(SearchFacts::Nothing { query: id, text: text.to_owned() })
}

/// Materials for inline mode: by title and tags only, as an answer has to come at once. An empty
/// query gives what came last.
pub async fn inline(
    db: &Db,
    config: SearchConfig,
    text: &str,
    offset: usize,
    limit: usize,
) -> StoreResult<(Vec<Material>, bool)> {
    let query = parse_query(text);
    let ids: Vec<MaterialId> = if query.is_empty() {
        newest_ids(db, offset, limit + 1).await?
    } else {
        let found = find(db, config, &query, Filters::default(), false).await?;
        found.ranked.iter().skip(offset).take(limit + 1).map(|ranked| ranked.id).collect()
    };
    let has_more = ids.len() > limit;
    let wanted: Vec<MaterialId> = ids.into_iter().take(limit).collect();
    let mut materials = db.materials_by_ids(wanted.clone()).await?;
    let place = |id: MaterialId| wanted.iter().position(|other| *other == id);
    materials.sort_by_key(|material| place(material.id));
    Ok((materials, has_more))
}

async fn newest_ids(db: &Db, offset: usize, limit: usize) -> StoreResult<Vec<MaterialId>> {
    let request =
        ListRequest { category: None, level: None, offset: signed(offset), limit: signed(limit) };
    Ok(db.materials_list(request).await?.into_iter().map(|entry| entry.id).collect())
}

/// The name under which a query's words are remembered: the same words, the same name.
pub fn query_id(text: &str) -> QueryId {
    let hash = blake3::hash(text.as_bytes());
    let (head, _) = hash.as_bytes().split_first_chunk::<8>().unwrap_or((&[0; 8], &[]));
    // Positive, as a button's ids are; and never 0, which stands for none there.
    QueryId((i64::from_le_bytes(*head) & (i64::MAX >> 1)).max(1))
}

async fn find(
    db: &Db,
    config: SearchConfig,
    query: &Query,
    filters: Filters,
    inside: bool,
) -> StoreResult<Found> {
    let request = SearchRequest {
        fts5: query.to_fts5(),
        tsquery: query.to_tsquery(),
        filters,
        limit: signed(config.candidate_limit),
        inside,
    };
    let candidates = db.search_candidates(request).await?;
    Ok(rank(query, &candidates, config.candidate_limit))
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
            Ranked { id: title.id, score: score(query, &candidate), part: None }
        })
        .collect();
    let inside_only = Candidate { title_terms: "", tag_terms: "", text_hit: true };
    let inside_score = score(query, &inside_only);
    ranked.extend(first_parts.into_values().map(|part| Ranked {
        id: part.material,
        score: inside_score,
        part: Some(part),
    }));
    ranked.sort_unstable_by(|a, b| b.score.cmp(&a.score).then(b.id.cmp(&a.id)));
    let cut_off = candidates.titles.len() >= limit || candidates.parts.len() >= limit;
    let count = ranked.len();
    let total = if cut_off { Total::AtLeast(count) } else { Total::Exactly(count) };
    Found { ranked, total }
}

#[expect(clippy::too_many_arguments, reason = "the parts of one page, each used once")]
async fn show(
    db: &Db,
    config: SearchConfig,
    id: QueryId,
    text: &str,
    corrected: Option<String>,
    query: &Query,
    filters: Filters,
    page: usize,
    found: Found,
) -> StoreResult<SearchPage> {
    let last = found.ranked.len().saturating_sub(1) / config.page_size;
    let page = page.min(last);
    let wanted: Vec<&Ranked> =
        found.ranked.iter().skip(page * config.page_size).take(config.page_size).collect();
    let ids = wanted.iter().map(|ranked| ranked.id).collect();
    let mut entries: HashMap<MaterialId, Entry> =
        db.entries_by_ids(ids).await?.into_iter().map(|entry| (entry.id, entry)).collect();
    let parts: Vec<i64> =
        wanted.iter().filter_map(|ranked| ranked.part).map(|part| part.part).collect();
    let texts: HashMap<i64, String> = if parts.is_empty() {
        HashMap::new()
    } else {
        db.part_texts(parts).await?.into_iter().collect()
    };
    let hits = wanted
        .into_iter()
        .filter_map(|ranked| {
            let entry = entries.remove(&ranked.id)?;
            let inside = ranked.part.and_then(|part| inside(config, query, part, &texts));
            Some(Hit { entry, inside })
        })
        .collect();
    Ok(SearchPage {
        query: id,
        text: text.to_owned(),
        corrected,
        filters,
        page,
        page_size: config.page_size,
        total: found.total,
        hits,
    })
}

fn inside(
    config: SearchConfig,
    query: &Query,
    part: PartCandidate,
    texts: &HashMap<i64, String>,
) -> Option<Inside> {
    let text = texts.get(&part.part)?;
    let pieces = snippet(text, query, config.snippet_chars)
        .map(|snippet| snippet.pieces.into_iter().map(|piece| (piece.text, piece.is_match)));
    Some(Inside {
        page: u32::try_from(part.number).unwrap_or(1),
        snippet: pieces.map(Iterator::collect).unwrap_or_default(),
    })
}

/// Other words that were probably meant, if anything is found with them.
async fn repair(
    db: &Db,
    config: SearchConfig,
    text: &str,
    query: &Query,
    filters: Filters,
) -> StoreResult<Option<(Query, Found)>> {
    if let Some(swapped) = swap_layout(text) {
        let swapped = parse_query(&swapped);
        if !swapped.is_empty() {
            let found = find(db, config, &swapped, filters, true).await?;
            if !found.ranked.is_empty() {
                return Ok(Some((swapped, found)));
            }
        }
    }
    let Some(respelt) = respell(db, query).await? else { return Ok(None) };
    let found = find(db, config, &respelt, filters, true).await?;
    Ok((!found.ranked.is_empty()).then_some((respelt, found)))
}

/// The query with each unknown word replaced by the closest known one.
async fn respell(db: &Db, query: &Query) -> StoreResult<Option<Query>> {
    let words: Vec<String> = query.terms().iter().map(|term| term.word().to_owned()).collect();
    let known = db.vocabulary_known(words.clone()).await?;
    let mut replacements: Vec<(usize, String)> = Vec::new();
    for (index, word) in words.iter().enumerate().filter(|(_, word)| !known.contains(word)) {
        let near = db.vocabulary_near(trigrams(word), NEAR_LIMIT).await?;
        let near =
            near.into_iter().map(|(term, uses)| (term, u32::try_from(uses).unwrap_or(u32::MAX)));
        replacements.extend(closest(word, near).map(|better| (index, better)));
    }
    Ok(query.replace_terms(&replacements))
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
