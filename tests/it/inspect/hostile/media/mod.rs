//! Hostile pictures, songs, films and archives: each has one expected outcome, takes no more
//! memory than a sound file would, and neither inspection nor preview brings the next one down.

mod archives;
mod make;
mod pictures;
mod recordings;

use primelingo::domain::inspection::{Kind, PREVIEW_MAX_SIDE, Rejection};
use primelingo::inspect::InspectLimits;
use tempfile::TempDir;

use crate::inspect::{inspector, named};

/// More than any of these files takes, and a quarter of what a child may take.
const MAX_PEAK_KIB: u64 = 128 * 1024;

/// How an inspection must end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Taken as what it is, whether or not it can be shown.
    Taken(Kind),
    Refused(Rejection),
}

use Outcome::{Refused, Taken};

/// A file: what is wrong with it, the name it is sent under, its content, and what must come of it.
type Case = (&'static str, &'static str, Vec<u8>, Outcome);

async fn check(cases: Vec<Case>) {
    let mut failures = Vec::new();
    for (what, name, bytes, expected) in cases {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, &bytes).unwrap();
        let inspector = inspector(InspectLimits::default());
        let examined = inspector.examine(&path, &named(name)).await;
        let outcome = match &examined.outcome {
            Ok(found) => Taken(found.kind),
            Err(error) => Refused(error.rejection().unwrap_or_else(|| panic!("{what}: {error}"))),
        };
        if outcome != expected {
            failures.push(format!("{what}: {outcome:?} instead of {expected:?}"));
        }
        // A child that died could not tell, and was stopped by its limits.
        if let Some(peak) = examined.cost.peak_kib
            && peak > MAX_PEAK_KIB
        {
            failures.push(format!("{what}: {peak} KiB"));
        }
        if let Ok(found) = &examined.outcome
            && let Some(preview) = inspector.preview(&path, found).await
        {
            assert!(preview.width.max(preview.height) <= PREVIEW_MAX_SIDE, "{what}: {preview:?}");
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// What comes of each file, in words.
pub(super) fn outcomes() -> impl Iterator<Item = (&'static str, &'static str, String)> {
    let cases = [pictures::cases(), recordings::cases(), archives::cases()].into_iter().flatten();
    cases.map(|(what, file, _, outcome)| {
        let outcome = match outcome {
            Taken(kind) => format!("taken as {}", kind.name()),
            Refused(rejection) => format!("refused: {}", rejection.name()),
        };
        (what, file, outcome)
    })
}

#[tokio::test]
async fn pictures_do_no_harm() {
    check(pictures::cases()).await;
}

#[tokio::test]
async fn recordings_do_no_harm() {
    check(recordings::cases()).await;
}

#[tokio::test]
async fn archives_do_no_harm() {
    check(archives::cases()).await;
}
