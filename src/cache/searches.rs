//! Results of searches: which materials answer a query, in their order. What is shown of them is
//! read from the database each time.
//!
//! A result belongs to one version of the library, which is part of its key and which the database
//! counts up in the transaction that changes the library; it is kept under the version that its
//! own reading saw. So a result is dropped exactly when the library changes, by never being asked
//! for again, and an editor sees their own change at once.
//! As no result ever changes under its key, the map in memory stands in front of Redis, and either
//! may be lost.

use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache as Map;
use serde::{Deserialize, Serialize};

use super::connection::Request;
use super::link::Link;
use crate::domain::ids::MaterialId;
use crate::domain::material::Traits;
use crate::domain::search_page::Total;

/// How long a result is kept.
const KEPT: Duration = Duration::from_mins(10);

/// Larger results are kept in memory only.
const REDIS_VALUE_BYTES: usize = 256 * 1024;

/// What an entry weighs beside its hits.
const ENTRY_BYTES: usize = 128;

/// Changes with the order of hits or the form of a result: keeps releases apart.
const FORM: u32 = 2;

/// A query at one version of the library. The words themselves are not in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SearchKey {
    library: i64,
    question: [u8; 32],
}

impl SearchKey {
    /// `question` says everything that the result depends on beside the library: normalised words,
    /// filters, limits.
    pub fn new(library: i64, question: &str) -> Self {
        Self { library, question: blake3::hash(question.as_bytes()).into() }
    }
}

/// The result of a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The materials, best first.
    pub hits: Vec<FoundHit>,
    /// How many there are.
    pub total: Total,
}

/// A material that answers a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundHit {
    /// Which.
    pub id: MaterialId,
    /// The first place with the words inside it, when they are not in title and tags.
    pub part: Option<FoundPart>,
    /// What a search can be narrowed by.
    pub traits: Traits,
}

/// A place inside a material.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundPart {
    /// The part's own id.
    pub part: i64,
    /// Its page, from 1.
    pub number: i32,
}

/// Results of searches. Cheap to clone.
#[derive(Clone)]
pub struct SearchCache {
    /// None: nothing is kept, in Redis neither.
    memory: Option<Map<SearchKey, Arc<Found>>>,
    link: Option<Link>,
}

impl SearchCache {
    pub(super) fn new(max_bytes: u64, link: Option<Link>) -> Self {
        let bytes = |_: &SearchKey, found: &Arc<Found>| {
            let hits = found.hits.len().saturating_mul(size_of::<FoundHit>());
            u32::try_from(hits.saturating_add(ENTRY_BYTES)).unwrap_or(u32::MAX)
        };
        let memory = (max_bytes > 0).then(|| {
            Map::builder().max_capacity(max_bytes).weigher(bytes).time_to_live(KEPT).build()
        });
        Self { memory, link }
    }

    /// Keeps nothing: every search asks the database.
    pub const fn none() -> Self {
        Self { memory: None, link: None }
    }

    /// Whether anything is ever kept.
    pub const fn is_used(&self) -> bool {
        self.memory.is_some()
    }

    /// The result for a key, if it is known.
    pub async fn get(&self, key: SearchKey) -> Option<Arc<Found>> {
        let memory = self.memory.as_ref()?;
        if let Some(found) = memory.get(&key) {
            count("hit");
            return Some(found);
        }
        let Some(link) = &self.link else {
            count("miss");
            return None;
        };
        let mut command = redis::cmd("GET");
        command.arg(name(link, key));
        // Bytes: what somebody else has put there may be no text.
        let answer: Option<Option<Vec<u8>>> = link.ask(Request::Command(&command)).await;
        count(match &answer {
            None => "error",
            Some(None) => "miss",
            Some(Some(_)) => "hit",
        });
        let found = Arc::new(decode(&answer??)?);
        memory.insert(key, Arc::clone(&found));
        Some(found)
    }

    /// Keeps a result. The library's version in the key must not be newer than the result.
    pub async fn put(&self, key: SearchKey, found: Arc<Found>) {
        let Some(memory) = &self.memory else { return };
        memory.insert(key, Arc::clone(&found));
        let entries = u32::try_from(memory.entry_count()).unwrap_or(u32::MAX);
        metrics::gauge!("primelingo_cache_entries", "cache" => "search").set(f64::from(entries));
        let Some(link) = self.link.as_ref().filter(|link| link.is_up()) else { return };
        let Some(text) = encode(&found).filter(|text| text.len() <= REDIS_VALUE_BYTES) else {
            return;
        };
        let mut command = redis::cmd("SET");
        command.arg(name(link, key)).arg(text).arg("EX").arg(KEPT.as_secs());
        // Not kept: the next one asks the database.
        let _: Option<()> = link.ask(Request::Command(&command)).await;
    }
}

fn count(outcome: &'static str) {
    metrics::counter!("primelingo_cache_requests_total", "cache" => "search", "outcome" => outcome)
        .increment(1);
}

fn name(link: &Link, key: SearchKey) -> String {
    let question = blake3::Hash::from_bytes(key.question).to_hex();
    link.key(&format!("search:{FORM}:{}:{question}", key.library))
}

/// A result as Redis has it.
#[derive(Serialize, Deserialize)]
struct Written {
    hits: Vec<FoundHit>,
    total: usize,
    is_exact: bool,
}

fn encode(found: &Found) -> Option<String> {
    let (total, is_exact) = match found.total {
        Total::Exactly(total) => (total, true),
        Total::AtLeast(total) => (total, false),
    };
    serde_json::to_string(&Written { hits: found.hits.clone(), total, is_exact }).ok()
}

fn decode(bytes: &[u8]) -> Option<Found> {
    let Written { hits, total, is_exact } = serde_json::from_slice(bytes).ok()?;
    let total = if is_exact { Total::Exactly(total) } else { Total::AtLeast(total) };
    Some(Found { hits, total })
}
