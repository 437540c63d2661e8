//! Search: candidates from the database, order and repair from the domain.
//!
//! A result is a list of at most [`SearchConfig::candidate_limit`] materials in their order, kept
//! under the library's version that it was made for. Pages name that version, so that they do not
//! shift while somebody turns them; where the list is not kept any more, it is made anew from the
//! query's words.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use metrics::Histogram;
use tokio::time::Instant;

use super::vocabulary::{Vocabulary, Words};
use crate::cache::{Found, FoundHit, FoundPart, SearchCache, SearchKey};
use crate::domain::clock::Clock;
use crate::domain::facts::SearchFacts;
use crate::domain::ids::{MaterialId, QueryId, UserId};
use crate::domain::material::{Filters, Material};
use crate::domain::search::{Query, Taste, Weights, parse_query, snippet, swap_layout};
use crate::domain::search_page::{Entry, Hit, Inside, SearchPage};
use crate::domain::shelf::{Edge, List};
use crate::store::records::{PageRequest, PartText, SearchRequest};
use crate::store::{Db, StoreResult};

mod facets;
mod phrases;
mod ranking;

/// Limits of a search.
#[derive(Debug, Clone, Copy)]
pub struct SearchConfig {
    /// Hits a page.
    pub page_size: usize,
    /// Most candidates of each sort that are ranked.
    pub candidate_limit: usize,
    /// Characters of a snippet.
    pub snippet_chars: usize,
    /// What the gentle signals are worth.
    pub weights: Weights,
}

/// From how many uses on the last word of a query is taken for whole: those whose words go on from
/// there would come after so many that nobody gets to see them.
const COMMON_USES: u32 = 50;

/// From how many uses of all words that go on from the last one of a query only the most used of them
/// are looked for: the databases would go through the places of all of them.
const CROWDED_USES: u64 = 1_000;
/// So many.
const GOING_ON_MAX: usize = 12;

/// Searches the library. Cheap to clone; clones share what they remember.
#[derive(Clone)]
pub struct Searcher {
    /// The database.
    pub db: Db,
    /// Limits.
    pub config: SearchConfig,
    clock: Arc<dyn Clock>,
    vocabulary: Vocabulary,
    results: SearchCache,
}

/// Where a page is.
#[derive(Debug, Clone, Copy, Default)]
pub struct ListPlace {
    /// The library's version that its list was made for; 0 for a new list.
    pub list: i64,
    /// The page, from 0.
    pub page: usize,
}

/// A result with the library's version that it is for.
struct Listed {
    list: i64,
    found: Arc<Found>,
}

/// What is looked for, and for whom.
#[derive(Clone, Copy)]
struct Wanted {
    filters: Filters,
    /// Whether inside documents is looked, too.
    inside: bool,
    /// The list to go on with; 0 for a new one.
    list: i64,
    taste: Taste,
}

/// A query with what was found: with its own words, or with those that were meant.
struct Answer {
    query: Query,
    corrected: Option<String>,
    listed: Listed,
}

impl Searcher {
    /// A searcher that keeps no results.
    pub fn new(db: Db, config: SearchConfig, clock: Arc<dyn Clock>) -> Self {
        let (vocabulary, results) = (Vocabulary::default(), SearchCache::none());
        Self { db, config, clock, vocabulary, results }
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
        place: ListPlace,
        taste: Taste,
    ) -> StoreResult<SearchFacts> {
        let query = parse_query(text);
        if query.is_empty() {
            return Ok(SearchFacts::Empty);
        }
        let id = query_id(text);
        let asked = Asked { id, text, filters, page: place.page };
        let mut wanted = Wanted { filters, inside: true, list: place.list, taste };
        loop {
            let Some(answer) = self.answer(text, query.clone(), wanted).await? else {
                return Ok(SearchFacts::Nothing { query: id, text: text.to_owned() });
            };
            let page = self.show(asked, answer).await?;
            if !page.hits.is_empty() || wanted.list == 0 {
                return Ok(SearchFacts::Page(Box::new(page)));
            }
            // All of that page of an older list has been taken out of the library.
            wanted.list = 0;
        }
    }

    /// Materials for inline mode: by title and tags only, as an answer has to come at once. An
    /// empty query gives what came last.
    pub async fn inline(
        &self,
        text: &str,
        offset: usize,
        limit: usize,
        taste: Taste,
    ) -> StoreResult<(Vec<Material>, bool)> {
        let query = parse_query(text);
        let ids: Vec<MaterialId> = if query.is_empty() {
            newest_ids(&self.db, offset, limit + 1).await?
        } else {
            let wanted = Wanted { filters: Filters::default(), inside: false, list: 0, taste };
            let found = self.find(&query, wanted).await?.found;
            found.hits.iter().skip(offset).take(limit + 1).map(|hit| hit.id).collect()
        };
        let has_more = ids.len() > limit;
        let wanted: Vec<MaterialId> = ids.into_iter().take(limit).collect();
        let mut materials = self.db.materials_by_ids(wanted.clone()).await?;
        let place = |id: MaterialId| wanted.iter().position(|other| *other == id);
        materials.sort_by_key(|material| place(material.id));
        Ok((materials, has_more))
    }

    /// What is found with the words, or else with those that were meant; none if nothing is.
    async fn answer(
        &self,
        text: &str,
        query: Query,
        wanted: Wanted,
    ) -> StoreResult<Option<Answer>> {
        let listed = self.find(&query, wanted).await?;
        if !listed.found.hits.is_empty() {
            return Ok(Some(Answer { query, corrected: None, listed }));
        }
        if let Some(swapped) = swap_layout(text) {
            let swapped = parse_query(&swapped);
            if let Some(answer) = self.try_with(swapped, wanted).await? {
                return Ok(Some(answer));
            }
        }
        let words = self.vocabulary.words(&self.db).await?;
        match respell(&words, &query) {
            Some(respelt) => self.try_with(respelt, wanted).await,
            None => Ok(None),
        }
    }

    /// What is found with other words than were typed.
    async fn try_with(&self, query: Query, wanted: Wanted) -> StoreResult<Option<Answer>> {
        if query.is_empty() {
            return Ok(None);
        }
        let listed = self.find(&query, wanted).await?;
        let corrected = Some(query.display());
        let is_found = !listed.found.hits.is_empty();
        Ok(is_found.then_some(Answer { query, corrected, listed }))
    }

    async fn find(&self, query: &Query, wanted: Wanted) -> StoreResult<Listed> {
        let begun = Instant::now();
        let (listed, is_kept) = self.find_or_recall(query, wanted).await?;
        self.took(is_kept).record(begun.elapsed());
        Ok(listed)
    }

    /// Where a search is measured that was answered so.
    fn took(&self, is_kept: bool) -> &'static Histogram {
        static CACHE: LazyLock<Histogram> = LazyLock::new(|| took_by("cache"));
        static LITE: LazyLock<Histogram> = LazyLock::new(|| took_by("sqlite_fts"));
        static PG: LazyLock<Histogram> = LazyLock::new(|| took_by("postgres"));
        match self.db.backend_name() {
            _ if is_kept => &CACHE,
            "postgres" => &PG,
            _ => &LITE,
        }
    }

    /// What is found, and whether it was known already.
    async fn find_or_recall(&self, query: &Query, wanted: Wanted) -> StoreResult<(Listed, bool)> {
        let Wanted { filters, inside, list, taste } = wanted;
        let finished = self.finish(query).await?;
        let sought = finished.as_ref().unwrap_or(query);
        let limit = self.config.candidate_limit;
        let question = format!("{filters:?} {taste:?} {inside} {limit} {}", query.key());
        if self.results.is_used() {
            if list != 0
                && let Some(found) = self.results.get(SearchKey::new(list, &question)).await
            {
                return Ok((Listed { list, found }, true));
            }
            let list = self.db.library_version().await?;
            if let Some(found) = self.results.get(SearchKey::new(list, &question)).await {
                return Ok((Listed { list, found }, true));
            }
        }
        let request = SearchRequest {
            fts5: sought.to_fts5(),
            tsquery: sought.to_tsquery(),
            filters,
            limit: signed(limit),
            inside,
            has_exclusions: query.has_exclusions(),
        };
        let mut candidates = self.db.search_candidates(request).await?;
        phrases::sift(&self.db, query, &mut candidates).await?;
        let ranking = ranking::Ranking { query, weights: self.config.weights, taste, limit };
        let found = Arc::new(ranking.rank(&candidates, self.clock.now()));
        // Not the version from above: two reads may see two versions of the library.
        let list = candidates.library;
        self.results.put(SearchKey::new(list, &question), Arc::clone(&found)).await;
        Ok((Listed { list, found }, false))
    }

    /// The query as the databases get it, where its last word would cost them too much: taken for
    /// whole when it is a common word of the library, or for the most used that go on from it.
    async fn finish(&self, query: &Query) -> StoreResult<Option<Query>> {
        let Some(begun) = query.begun() else { return Ok(None) };
        let words = self.vocabulary.known(&self.db).await?;
        if words.uses(begun) >= COMMON_USES {
            return Ok(Some(query.finished_as::<&str>(&[])));
        }
        let (most, uses) = words.going_on(begun, GOING_ON_MAX);
        Ok((uses >= CROWDED_USES).then(|| query.finished_as(&most)))
    }

    async fn show(&self, asked: Asked<'_>, answer: Answer) -> StoreResult<SearchPage> {
        let Answer { query, corrected, listed: Listed { list, found } } = answer;
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
                hit.part.and_then(|part| inside(&query, part, &texts, self.config.snippet_chars));
            Some(Hit { entry, inside })
        });
        Ok(SearchPage {
            query: asked.id,
            text: asked.text.to_owned(),
            corrected,
            filters: asked.filters,
            list,
            page,
            page_size,
            total: found.total,
            hits: hits.collect(),
        })
    }
}

fn took_by(backend: &'static str) -> Histogram {
    metrics::histogram!("primelingo_search_duration_seconds", "backend" => backend)
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
