//! Searches over a large library, as a learner's text makes them, without bot and network.

use std::sync::Arc;

use clap::Args;
use tokio::time::Instant;

use super::bot::Stage;
use super::error::DrillError;
use super::spread::{Spread, micros};
use super::table::{mib, print};
use super::titles::{self, Words};
use super::usage;
use crate::domain::button::Facet;
use crate::domain::clock::SystemClock;
use crate::domain::ids::UserId;
use crate::domain::material::{Filters, Level};
use crate::domain::search::{Taste, Weights};
use crate::domain::shelf::{Edge, List, Placed};
use crate::library::search::{ListPlace, SearchConfig, Searcher};
use crate::store::Db;
use crate::store::records::PageRequest;

/// Size of the library, and of the sample.
#[derive(Debug, Args)]
pub struct SearchArguments {
    /// Materials with titles and tags only.
    #[arg(long, default_value_t = 100_000)]
    pub titles: usize,
    /// Materials with texts.
    #[arg(long, default_value_t = 0)]
    pub texts: usize,
    /// Parts of each of these.
    #[arg(long, default_value_t = 10)]
    pub parts: usize,
    /// Searches of each sort.
    #[arg(long, default_value_t = 2_000)]
    pub searches: usize,
}

/// As in `config/default.toml`.
fn config() -> SearchConfig {
    SearchConfig {
        page_size: 5,
        candidate_limit: 1_000,
        snippet_chars: 160,
        weights: Weights::default(),
    }
}

/// What was measured.
pub struct Searched {
    backend: &'static str,
    /// Parts indexed a second, where there were any.
    indexed: Option<u64>,
    /// Each sort of search, and how long it took.
    pub samples: Vec<(&'static str, Spread)>,
    /// Memory of this process before and after, bytes.
    memory: (u64, u64),
}

impl Searched {
    /// How long one sort took.
    pub fn sample(&self, name: &str) -> Spread {
        let found = self.samples.iter().find(|(of, _)| *of == name);
        found.map(|(_, spread)| *spread).unwrap_or_default()
    }
}

/// Runs the drill. A database that holds a library is taken as it is.
pub async fn run(arguments: &SearchArguments, database: Option<&str>) -> Result<(), DrillError> {
    let SearchArguments { titles, texts, parts, .. } = *arguments;
    let found = measure(arguments, database).await?;
    let indexed = found.indexed.map(|rate| ("parts indexed a second", rate.to_string()));
    let samples = found.samples.iter().map(|(name, spread)| (*name, spread.summary()));
    let memory = [("memory before", mib(found.memory.0)), ("memory after", mib(found.memory.1))];
    let rows: Vec<(&str, String)> = indexed.into_iter().chain(samples).chain(memory).collect();
    let title = format!(
        "search over {titles} titles and {texts} materials of {parts} parts on {}, p50 / p99 / max",
        found.backend
    );
    print(&title, &rows);
    Ok(())
}

/// Searches of each sort, one after the other.
pub async fn measure(
    arguments: &SearchArguments,
    database: Option<&str>,
) -> Result<Searched, DrillError> {
    let stage = Stage::set(database, serde_json::json!({})).await?;
    let db = stage.database().await?;
    let SearchArguments { titles, texts, parts, searches } = *arguments;
    let indexed = if is_empty(&db).await? {
        titles::fill_with(&db, titles::Plan { titles, texts, parts }).await?.parts_a_second
    } else {
        None
    };
    let before = memory();
    let mut random = fastrand::Rng::with_seed(7);
    let words = Words::new(&mut random);
    let bench = Bench { searcher: Searcher::new(db.clone(), config(), Arc::new(SystemClock)) };
    // The vocabulary is read before the first search, as a bot that runs has it.
    bench.search("warm up", Filters::default()).await?;
    let mut random = fastrand::Rng::with_seed(11);
    let mut samples = Vec::new();
    for (name, queries) in queries(&words, &mut random, searches) {
        samples.push((name, bench.sample(&queries, Filters::default()).await?));
    }
    let two = two_words(&words, &mut random, searches);
    let narrow = Filters { level: Some(Level::B1), ..Filters::default() };
    samples.push(("two words, one level", bench.sample(&two, narrow).await?));
    samples.push(("choices of a facet", bench.facets(&two).await?));
    samples.push(("page of the newest", bench.browse(searches).await?));
    let memory = (before, memory());
    Ok(Searched { backend: db.backend_name(), indexed, samples, memory })
}

/// Of this process, without what belongs to files.
fn memory() -> u64 {
    usage::of_process(std::process::id()).anonymous
}

async fn is_empty(db: &Db) -> Result<bool, DrillError> {
    Ok(newest(db, 1).await?.is_empty())
}

/// The first page of what came last.
async fn newest(db: &Db, limit: i64) -> Result<Vec<Placed>, DrillError> {
    let (list, user, edge) = (List::New, UserId(0), Edge::TOP);
    Ok(db.shelf_page(PageRequest { list, user, edge, is_down: true, limit }).await?)
}

/// Sorts of queries, with the words of the library.
fn queries(
    words: &Words,
    random: &mut fastrand::Rng,
    count: usize,
) -> [(&'static str, Vec<String>); 7] {
    let mut make = |query: &mut dyn FnMut(&mut fastrand::Rng) -> String| -> Vec<String> {
        (0..count).map(|_| query(random)).collect()
    };
    let all = words.len();
    [
        ("one word, any", make(&mut |random| words.among(random, all).to_owned())),
        ("one common word", make(&mut |random| words.among(random, 100).to_owned())),
        (
            "two words",
            make(&mut |random| format!("{} {}", words.usual(random), words.usual(random))),
        ),
        (
            "two common words",
            make(&mut |random| format!("{} {}", words.among(random, 30), words.among(random, 30))),
        ),
        (
            "two words, one begun",
            make(&mut |random| {
                let begun: String = words.usual(random).chars().take(4).collect();
                format!("{} {begun}", words.usual(random))
            }),
        ),
        (
            "two words, one misspelt",
            make(&mut |random| {
                format!("{} {}", words.usual(random), misspell(words.usual(random)))
            }),
        ),
        ("three words", make(&mut |random| words.phrase(random, 3))),
    ]
}

fn two_words(words: &Words, random: &mut fastrand::Rng, count: usize) -> Vec<String> {
    (0..count).map(|_| format!("{} {}", words.usual(random), words.usual(random))).collect()
}

/// Two letters change places.
fn misspell(word: &str) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    if letters.len() > 2 {
        letters.swap(1, 2);
    }
    letters.into_iter().collect()
}

struct Bench {
    searcher: Searcher,
}

impl Bench {
    async fn search(&self, query: &str, filters: Filters) -> Result<(), DrillError> {
        let (place, taste) = (ListPlace::default(), Taste::default());
        self.searcher.search(query, filters, place, taste).await?;
        Ok(())
    }

    async fn sample(&self, queries: &[String], filters: Filters) -> Result<Spread, DrillError> {
        let mut times = Times::new(queries.len());
        for query in queries {
            let begun = Instant::now();
            self.search(query, filters).await?;
            times.note(begun);
        }
        Ok(times.spread())
    }

    async fn facets(&self, queries: &[String]) -> Result<Spread, DrillError> {
        let mut times = Times::new(queries.len());
        for query in queries.iter().take(queries.len() / 10) {
            let begun = Instant::now();
            let (filters, taste) = (Filters::default(), Taste::default());
            self.searcher.facet(query.clone(), filters, Facet::Level, taste).await?;
            times.note(begun);
        }
        Ok(times.spread())
    }

    async fn browse(&self, count: usize) -> Result<Spread, DrillError> {
        let mut times = Times::new(count);
        for _ in 0..count {
            let begun = Instant::now();
            newest(&self.searcher.db, 5).await?;
            times.note(begun);
        }
        Ok(times.spread())
    }
}

/// How long each of many took.
struct Times(Vec<u64>);

impl Times {
    fn new(count: usize) -> Self {
        Self(Vec::with_capacity(count))
    }

    fn note(&mut self, begun: Instant) {
        self.0.push(micros(begun.elapsed()));
    }

    fn spread(self) -> Spread {
        Spread::of(self.0)
    }
}
