//! The whole analyser over a small library: titles and queries as people write them, from
//! `corpus.txt`, through analysis, matching by the rules of the databases, and ranking.

use std::cmp::Reverse;

use super::{
    Candidate, Query, Score, Signals, Taste, Weights, analyse_document, analyse_title, closest,
    parse_query, score, swap_layout, vocabulary_terms,
};

const CORPUS: &str = include_str!("corpus.txt");

struct Document {
    title: &'static str,
    title_terms: String,
    tag_terms: String,
    text_terms: String,
}

struct Expectation {
    query: &'static str,
    /// `None` when nothing may be found.
    first: Option<&'static str>,
}

fn documents() -> Vec<Document> {
    let lines = CORPUS.lines().filter_map(|line| line.strip_prefix("T "));
    lines.map(document).collect()
}

fn document(line: &'static str) -> Document {
    let mut columns = line.split(" | ");
    let title = columns.next().unwrap_or_default();
    Document {
        title,
        title_terms: analyse_title(title),
        tag_terms: analyse_title(columns.next().unwrap_or_default()),
        text_terms: analyse_document(columns.next().unwrap_or_default()),
    }
}

fn expectations() -> Vec<Expectation> {
    let mut expectations = Vec::new();
    for line in CORPUS.lines() {
        if let Some(rest) = line.strip_prefix("Q ") {
            let (query, title) = rest.split_once(" => ").expect("a query and a title");
            expectations.push(Expectation { query, first: Some(title) });
        } else if let Some(query) = line.strip_prefix("N ") {
            expectations.push(Expectation { query, first: None });
        }
    }
    expectations
}

/// What a database does with our expressions: every term in the title and tags together, or every
/// term in the text.
fn search<'d>(documents: &'d [Document], query: &Query) -> Vec<&'d Document> {
    let mut found: Vec<(Reverse<Score>, usize)> = Vec::new();
    for (id, document) in documents.iter().enumerate() {
        let text_hit = has_all(query, &[&document.text_terms]);
        if text_hit || has_all(query, &[&document.title_terms, &document.tag_terms]) {
            let (title_terms, tag_terms) = (&document.title_terms, &document.tag_terms);
            let signals = Signals::default();
            let candidate = Candidate { title_terms, tag_terms, text_hit, signals };
            let score = score(query, &candidate, Weights::default(), Taste::default());
            found.push((Reverse(score), id));
        }
    }
    found.sort_unstable();
    found.into_iter().map(|(_, id)| &documents[id]).collect()
}

fn has_all(query: &Query, columns: &[&str]) -> bool {
    let is_found = |term: &super::Term| {
        columns.iter().any(|column| column.split(' ').any(|token| term.matches(token).is_some()))
    };
    !query.is_empty() && query.terms().iter().all(is_found)
}

#[test]
fn every_query_finds_its_title_first() {
    let documents = documents();
    let expectations = expectations();
    assert!(documents.len() >= 40 && expectations.len() >= 40);
    let mut failures = Vec::new();
    for Expectation { query, first } in expectations {
        let found = search(&documents, &parse_query(query));
        let titles: Vec<&str> = found.iter().map(|document| document.title).collect();
        if titles.first().copied() != first {
            failures.push(format!("{query:?} should find {first:?}, found {titles:?}"));
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn every_title_finds_itself_first() {
    let documents = documents();
    for document in &documents {
        let found = search(&documents, &parse_query(document.title));
        let first = found.first().map(|document| document.title);
        assert_eq!(first, Some(document.title));
    }
}

#[test]
fn misspelt_queries_are_repaired_from_the_titles() {
    let documents = documents();
    let vocabulary: Vec<(String, u32)> = documents
        .iter()
        .flat_map(|document| vocabulary_terms(document.title))
        .map(|word| (word, 1))
        .collect();
    let repair = |text: &str| {
        let query = parse_query(text);
        let mut replacements = Vec::new();
        for (index, term) in query.terms().iter().enumerate() {
            let suggestion = closest(term.word(), vocabulary.iter().cloned());
            replacements.extend(suggestion.map(|word| (index, word)));
        }
        query.replace_terms(&replacements).map(|query| query.display())
    };
    let repairs = [
        ("sherlok holms", "sherlock holmes"),
        ("esential gramar", "essential grammar"),
        ("pronounciation", "pronunciation"),
        ("vocabluary in use", "vocabulary in use"),
        ("христоматия", "хрестоматия"),
        ("неправельные глаголы", "неправильные глаголы"),
        ("samouchitl", "samouchitel"),
        ("so'zlashv", "sozlashuv"),
    ];
    for (typed, meant) in repairs {
        assert!(search(&documents, &parse_query(typed)).is_empty(), "{typed} needs no repair");
        assert_eq!(repair(typed).as_deref(), Some(meant));
        assert!(!search(&documents, &parse_query(meant)).is_empty(), "{meant} finds nothing");
    }
}

#[test]
fn queries_on_the_wrong_keyboard_find_their_title() {
    let documents = documents();
    let pairs = [
        ("cfvjexbntkm", "Самоучитель английского языка"),
        ("руфвцфн фгвшщ", "Headway Intermediate Class Audio CD 1"),
    ];
    for (typed, title) in pairs {
        assert!(search(&documents, &parse_query(typed)).is_empty());
        let swapped = swap_layout(typed).expect("a plausible text");
        let found = search(&documents, &parse_query(&swapped));
        assert_eq!(found.first().map(|document| document.title), Some(title));
    }
}
