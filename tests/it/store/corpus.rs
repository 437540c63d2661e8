//! Queries as people type them, through the whole search, on either database: what must come first,
//! and the first three hits of each, which are the same on both.

use std::fmt::Write as _;
use std::sync::Arc;

use primelingo::domain::clock::SystemClock;
use primelingo::domain::facts::SearchFacts;
use primelingo::domain::inspection::Kind;
use primelingo::domain::material::{Description, Filters};
use primelingo::domain::search::{Taste, Weights};
use primelingo::library::search::{ListPlace, SearchConfig, Searcher};

use super::fixture::Store;
use super::words::described;

contract! {
    the_expected_title_comes_first,
}

/// The same file that the analyser alone is tested with.
const CORPUS: &str = include_str!("../../../src/domain/search/corpus.txt");

/// Lines of a sort, without its mark.
fn lines(mark: &'static str) -> impl Iterator<Item = &'static str> {
    CORPUS.lines().filter_map(move |line| line.strip_prefix(mark)?.strip_prefix(' '))
}

async fn publish(store: &Store) {
    let mut id = 1_000;
    for line in lines("T") {
        // Of two that answer alike the newer comes first: here the one that stands first.
        id -= 1;
        let mut columns = line.split(" | ");
        let title = columns.next().unwrap_or_default();
        let tags = columns.next().unwrap_or_default().split(' ').map(str::to_owned).collect();
        let description = Description { tags, ..described(title) };
        let texts: Vec<&str> = columns.collect();
        store.publish(id, &description, Kind::Book, &texts).await;
    }
}

async fn titles(searcher: &Searcher, query: &str) -> Vec<String> {
    let (filters, place) = (Filters::default(), ListPlace::default());
    match searcher.search(query, filters, place, Taste::default()).await.unwrap() {
        SearchFacts::Page(page) => page.hits.into_iter().map(|hit| hit.entry.title).collect(),
        _ => Vec::new(),
    }
}

async fn the_expected_title_comes_first(store: &Store) {
    publish(store).await;
    let config = SearchConfig {
        page_size: 3,
        candidate_limit: 1_000,
        snippet_chars: 160,
        weights: Weights::default(),
    };
    let searcher = Searcher::new(store.db.clone(), config, Arc::new(SystemClock));
    let mut listing = String::new();
    let mut failures = Vec::new();
    for line in lines("Q").chain(lines("S")) {
        let (query, wanted) = line.split_once(" => ").expect("a query and a title");
        let found = titles(&searcher, query).await;
        if found.first().map(String::as_str) != Some(wanted) {
            failures.push(format!("{query:?} should find {wanted:?}, found {found:?}"));
        }
        writeln!(listing, "{query}\n    {}", found.join("\n    ")).unwrap();
    }
    for query in lines("N").chain(lines("Z")) {
        let found = titles(&searcher, query).await;
        // A word that is not there may be a mistyped one of another.
        if lines("Z").any(|other| other == query) && !found.is_empty() {
            failures.push(format!("{query:?} should find nothing, found {found:?}"));
        }
        writeln!(listing, "{query}\n    {}", found.join("\n    ")).unwrap();
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
    insta::assert_snapshot!("corpus", listing);
}
