//! Searches over a large library, as a learner's text makes them, without bot and network.

use std::sync::Arc;

use clap::Args;
use tokio::time::Instant;

use super::bot::Stage;
use super::error::DrillError;
use super::table::{mib, percentile, print};
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
    titles: usize,
    /// Materials with texts.
    #[arg(long, default_value_t = 0)]
    texts: usize,
    /// Parts of each of these.
    #[arg(long, default_value_t = 10)]
    parts: usize,
    /// Searches of each sort.
    #[arg(long, default_value_t = 2_000)]
    searches: usize,
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

/// Runs the drill. A database that holds a library is taken as it is.
pub async fn run(arguments: &SearchArguments, database: Option<&str>) -> Result<(), DrillError> {
    let stage = Stage::set(database, serde_json::json!({})).await?;
    let db = stage.database().await?;
    let SearchArguments { titles, texts, parts, searches } = *arguments;
    let mut rows: Vec<(&str, String)> = Vec::new();
    if is_empty(&db).await? {
        let plan = titles::Plan { titles, texts, parts };
        if let Some(rate) = titles::fill_with(&db, plan).await?.parts_a_second {
            rows.push(("parts indexed a second", rate.to_string()));
        }
    }
    let before = memory();
    let mut random = fastrand::Rng::with_seed(7);
    let words = Words::new(&mut random);
    let bench = Bench { searcher: Searcher::new(db.clone(), config(), Arc::new(SystemClock)) };
    // The vocabulary is read before the first search, as a bot that runs has it.
    bench.search("warm up", Filters::default()).await?;
    let mut random = fastrand::Rng::with_seed(11);
    for (name, queries) in queries(&words, &mut random, searches) {
        rows.push((name, bench.sample(&queries, Filters::default()).await?));
    }
    let two = two_words(&words, &mut random, searches);
    let narrow = Filters { level: Some(Level::B1), ..Filters::default() };
    rows.push(("two words, one level", bench.sample(&two, narrow).await?));
    rows.push(("choices of a facet", bench.facets(&two).await?));
    rows.push(("page of the newest", bench.browse(searches).await?));
    let after = memory();
    rows.push(("memory before", mib(before)));
    rows.push(("memory after", mib(after)));
    let title = format!(
        "search over {titles} titles and {texts} materials of {parts} parts on {}, p50 / p99 / max",
        db.backend_name()
    );
    print(&title, &rows);
    Ok(())
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

    async fn sample(&self, queries: &[String], filters: Filters) -> Result<String, DrillError> {
        let mut times = Times::new(queries.len());
        for query in queries {
            let begun = Instant::now();
            self.search(query, filters).await?;
            times.note(begun);
        }
        Ok(times.summary())
    }

    async fn facets(&self, queries: &[String]) -> Result<String, DrillError> {
        let mut times = Times::new(queries.len());
        for query in queries.iter().take(queries.len() / 10) {
            let begun = Instant::now();
            let (filters, taste) = (Filters::default(), Taste::default());
            self.searcher.facet(query.clone(), filters, Facet::Level, taste).await?;
            times.note(begun);
        }
        Ok(times.summary())
    }

    async fn browse(&self, count: usize) -> Result<String, DrillError> {
        let mut times = Times::new(count);
        for _ in 0..count {
            let begun = Instant::now();
            newest(&self.searcher.db, 5).await?;
            times.note(begun);
        }
        Ok(times.summary())
    }
}

/// How long each of many took.
struct Times(Vec<u64>);

impl Times {
    fn new(count: usize) -> Self {
        Self(Vec::with_capacity(count))
    }

    fn note(&mut self, begun: Instant) {
        self.0.push(u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX));
    }

    fn summary(mut self) -> String {
        self.0.sort_unstable();
        let ms = |us: u64| format!("{}.{:02}", us / 1000, us % 1000 / 10);
        let at = |share| ms(percentile(&self.0, share));
        format!("{} / {} / {} ms", at(50), at(99), at(100))
    }
}
