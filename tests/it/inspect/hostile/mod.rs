//! Hostile files. Each has an expected outcome; whatever it is, the child keeps its limits and
//! this process goes on.

mod build;
mod containers;
mod documents;
mod media;
mod pdf;
mod texts;

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use primelingo::domain::inspection::Rejection;
use primelingo::inspect::{Hints, InspectLimits};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::{inspect, inspect_bytes, named};

pub(super) use build::*;

/// What must come of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is not taken.
    Rejected(Rejection),
    /// It is taken as this media type.
    Taken(&'static str),
}

/// A hostile file.
pub(super) struct Case {
    /// What is wrong with it.
    pub(super) name: &'static str,
    /// What its sender says.
    pub(super) hints: Hints,
    pub(super) bytes: Vec<u8>,
    pub(super) expected: Outcome,
}

impl Case {
    /// A file under that name.
    pub(super) fn new(
        name: &'static str,
        file: &str,
        bytes: impl Into<Vec<u8>>,
        expected: Outcome,
    ) -> Self {
        Self { name, hints: named(file), bytes: bytes.into(), expected }
    }
}

/// Files that unpack to at least so many bytes are bombs.
const BOMB: usize = 12 * 1024 * 1024;

fn limits() -> InspectLimits {
    InspectLimits {
        // Build and machine may be slow: what a file is found to be does not depend on it. That
        // time has an end is another test's.
        wall: Duration::from_mins(10),
        cpu_s: 300,
        max_unpacked_bytes: BOMB,
        memory_bytes: 256 * 1024 * 1024,
        max_text_bytes: 256 * 1024,
        max_pages: 100,
        ..InspectLimits::default()
    }
}

/// Inspects every case and names those that came out differently.
async fn differences(cases: Vec<Case>) -> Vec<String> {
    let at_a_time = Arc::new(Semaphore::new(2));
    let mut running = JoinSet::new();
    for case in cases {
        let at_a_time = at_a_time.clone();
        running.spawn(async move {
            let _turn = at_a_time.acquire_owned().await.unwrap();
            let outcome = inspect_bytes(&case.bytes, &case.hints, limits()).await;
            let found = match &outcome {
                Ok(found) => format!("Taken({:?})", found.media_type),
                Err(error) => match error.rejection() {
                    Some(rejection) => format!("Rejected({rejection:?})"),
                    None => format!("{error}"),
                },
            };
            if let Ok(found) = &outcome {
                let text: usize = found.parts.iter().map(|part| part.text.len()).sum();
                assert!(text <= limits().max_text_bytes, "{}", case.name);
                assert!(found.parts.len() <= 100, "{}", case.name);
            }
            let expected = format!("{:?}", case.expected);
            (found != expected).then(|| format!("{}: {found}, not {expected}", case.name))
        });
    }
    let outcomes = running.join_all().await;
    // The parent goes on.
    assert!(inspect("toy.pdf").await.is_ok());
    outcomes.into_iter().flatten().collect()
}

#[tokio::test]
async fn hostile_documents_have_their_expected_outcome() {
    let differences = differences(documents::cases(BOMB)).await;
    assert!(differences.is_empty(), "{differences:#?}");
}

#[tokio::test]
async fn hostile_pdfs_have_their_expected_outcome() {
    let differences = differences(pdf::cases(BOMB)).await;
    assert!(differences.is_empty(), "{differences:#?}");
}

/// What comes of each file, as a table for people. That it does is what the other tests see to.
#[test]
fn the_book_names_every_hostile_file() {
    let mut lines: Vec<String> = Vec::new();
    for case in [documents::cases(BOMB), pdf::cases(BOMB)].into_iter().flatten() {
        let outcome = match case.expected {
            Outcome::Rejected(rejection) => format!("refused: {}", rejection.name()),
            Outcome::Taken(media_type) => format!("taken as {media_type}"),
        };
        let file = case.hints.name.unwrap_or_default();
        lines.push(line(case.name, &file, &outcome));
    }
    for (what, file, outcome) in media::outcomes() {
        lines.push(line(what, file, &outcome));
    }
    let table = lines.concat();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let book = std::fs::read_to_string(root.join("docs/hostile-files.md")).unwrap_or_default();
    let made = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile-files.txt");
    std::fs::write(&made, &table).unwrap();
    let made = made.display();
    assert!(book.ends_with(&table), "docs/hostile-files.md says something else than {made}");
}

fn line(what: &str, file: &str, outcome: &str) -> String {
    let file: String = file.chars().take(40).flat_map(char::escape_default).collect();
    format!("| {} | `{file}` | {outcome} |\n", what.replace('|', "\\|"))
}

#[test]
fn every_case_has_its_own_name() {
    let cases: Vec<Case> =
        [documents::cases(1000), pdf::cases(1000)].into_iter().flatten().collect();
    let names: HashSet<&str> = cases.iter().map(|case| case.name).collect();
    assert_eq!(names.len(), cases.len());
    assert!(cases.len() >= 100, "{}", cases.len());
}
