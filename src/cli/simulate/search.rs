//! Searches over a large library, as a learner's text makes them, without bot and network.

use clap::Args;
use tokio::time::Instant;

use super::bot::Stage;
use super::error::DrillError;
use super::table::{percentile, print};
use super::titles;
use crate::domain::material::Filters;
use crate::library::search::{SearchConfig, Searcher};

/// Size of the library, and of the sample.
#[derive(Debug, Args)]
pub struct SearchArguments {
    /// Titles in the library.
    #[arg(long, default_value_t = 100_000)]
    titles: usize,
    /// Searches of each sort.
    #[arg(long, default_value_t = 2_000)]
    searches: usize,
}

/// As in `config/default.toml`.
const CONFIG: SearchConfig =
    SearchConfig { page_size: 5, candidate_limit: 1_000, snippet_chars: 160 };

/// Runs the drill.
pub async fn run(arguments: &SearchArguments, database: Option<&str>) -> Result<(), DrillError> {
    let stage = Stage::set(database, serde_json::json!({})).await?;
    let db = stage.database().await?;
    let words = titles::fill(&db, arguments.titles).await?;
    let searcher = Searcher::new(db.clone(), CONFIG);
    let mut random = fastrand::Rng::with_seed(11);
    let mut word = |among: usize| {
        let index = random.usize(..among.min(words.len()).max(1));
        words.get(index).cloned().unwrap_or_default()
    };
    let count = arguments.searches;
    let rare: Vec<String> = (0..count).map(|_| word(6_000)).collect();
    let common: Vec<String> = (0..count).map(|_| word(100)).collect();
    let two: Vec<String> = (0..count).map(|_| format!("{} {}", word(100), word(6_000))).collect();
    let misspelt: Vec<String> = (0..count).map(|_| misspell(&word(6_000))).collect();
    let rows = [
        ("one rare word", sample(&searcher, &rare).await?),
        ("one common word", sample(&searcher, &common).await?),
        ("two words", sample(&searcher, &two).await?),
        ("one misspelt word", sample(&searcher, &misspelt).await?),
    ];
    print(
        &format!(
            "search over {} titles on {}, p50 / p99 / max",
            arguments.titles,
            db.backend_name()
        ),
        &rows,
    );
    Ok(())
}

/// Two letters change places.
fn misspell(word: &str) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    if letters.len() > 2 {
        letters.swap(1, 2);
    }
    letters.into_iter().collect()
}

async fn sample(searcher: &Searcher, queries: &[String]) -> Result<String, DrillError> {
    let mut times_us: Vec<u64> = Vec::with_capacity(queries.len());
    for query in queries {
        let begun = Instant::now();
        searcher.search(query, Filters::default(), 0).await?;
        times_us.push(u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX));
    }
    times_us.sort_unstable();
    let ms = |us: u64| format!("{}.{:02}", us / 1000, us % 1000 / 10);
    let at = |share| ms(percentile(&times_us, share));
    Ok(format!("{} / {} / {} ms", at(50), at(99), at(100)))
}
