//! Uploads from the job's row to the shelf: a real database, a real inspector, a simulated Telegram
//! with its faults, and dispatchers that stop, die and come back.

mod adopting;
mod housekeeping;
mod rig;
mod transfers;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use primelingo::domain::clock::{Clock as _, SystemClock};
use primelingo::domain::inspection::{Kind, Rejection};
use primelingo::domain::material::{Filters, MaterialState, Processing};
use primelingo::domain::search::parse_query;
use primelingo::library::blobs::BlobHash;
use primelingo::runtime::{ExitReason, Port, Ring};
use primelingo::store::records::{Candidates, JobOwner, SearchRequest};
use serde_json::json;

use rig::{QUEUE, Rig, file_ref, lease_end, until};

/// A fault by which a download begins and then brings nothing.
fn standstill() -> serde_json::Value {
    json!({ "stall_share": 1.0, "stall_at": 0, "stall_s": 3600.0 })
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/data").join(name)
}

async fn search(rig: &Rig, words: &str) -> Candidates {
    let query = parse_query(words);
    let request = SearchRequest {
        fts5: query.to_fts5(),
        tsquery: query.to_tsquery(),
        filters: Filters::default(),
        limit: 10,
        inside: true,
        has_exclusions: false,
    };
    rig.db.search_candidates(request).await.unwrap()
}

fn assert_none(rig: &Rig, folder: &str) {
    let files = rig.files_in(folder);
    assert!(files.is_empty(), "{files:?}");
}

/// The blob of this file, and nothing else, is in the store.
fn assert_stored(rig: &Rig, source: &Path) {
    let content = std::fs::read(source).unwrap();
    let place = rig.blobs().path(&BlobHash::from(blake3::hash(&content)));
    assert_eq!(std::fs::read(&place).unwrap(), content);
    assert_eq!(rig.files_in("blobs"), [place]);
    assert_none(rig, "tmp");
}

#[actix_rt::test]
async fn a_book_is_measured_and_stored_and_its_card_says_so() {
    let rig = Rig::new().await;
    let book = data("metadata.pdf");
    let upload = rig.upload(rig.file_at(&book, "book.pdf").await, "book").await;
    let _house = rig.start(1);

    let material = rig.processed(upload).await;
    assert_eq!(material.state, MaterialState::Open);
    assert_eq!(material.processing, Processing::Ready);
    assert_eq!((material.kind, material.pages), (Kind::Book, Some(1)));
    assert_eq!(material.suggested_title.as_deref(), Some("The Title"));
    assert_stored(&rig, &book);
    let card = rig.card(upload).await;
    assert_eq!(card.len(), 1, "{card:?}");
    assert!(card[0].contains("Checked and indexed"), "{card:?}");
    assert!(card[0].contains("The Title"), "{card:?}");
}

#[actix_rt::test]
async fn a_picture_gets_a_preview_which_is_a_blob_of_its_own() {
    let rig = Rig::new().await;
    let picture = data("test.png");
    let upload = rig.upload(rig.file_at(&picture, "p.png").await, "p").await;
    let _house = rig.start(1);
    assert_eq!(rig.processed(upload).await.kind, Kind::Image);

    let place = |content: &[u8]| rig.blobs().path(&BlobHash::from(blake3::hash(content)));
    let original = place(&std::fs::read(&picture).unwrap());
    let blobs = rig.files_in("blobs");
    let previews: Vec<&PathBuf> = blobs.iter().filter(|blob| **blob != original).collect();
    assert_eq!((blobs.len(), previews.len()), (2, 1), "{blobs:?}");
    let preview = std::fs::read(previews[0]).unwrap();
    assert!(preview.starts_with(&[0xff, 0xd8]));
    assert_eq!(*previews[0], place(&preview));
    let hash = blake3::hash(&preview).to_hex();
    let sql =
        format!("SELECT count(*) FROM contents WHERE preview_hash = '{hash}' AND width = 802");
    assert_eq!(rig.number(&sql), 1);
    assert_none(&rig, "tmp");
}

#[actix_rt::test]
async fn a_picture_that_cannot_be_drawn_is_taken_without_a_preview() {
    let rig = Rig::new().await;
    let whole = std::fs::read(data("test.png")).unwrap();
    let half = rig.put_file("sources/half.png", &whole[..whole.len() / 2]);
    let upload = rig.upload(rig.file_at(&half, "p.png").await, "p").await;
    let _house = rig.start(1);
    assert_eq!(rig.processed(upload).await.processing, Processing::Ready);
    assert_stored(&rig, &half);
    assert_eq!(rig.number("SELECT count(*) FROM contents WHERE preview_hash IS NULL"), 1);
}

#[actix_rt::test]
async fn an_upload_that_waits_is_published_and_found_by_title_and_text() {
    let rig = Rig::new().await;
    let upload = rig.upload(rig.file_at(&data("crazyones.pdf"), "c.pdf").await, "c").await;
    rig.settle(upload, "Manifesto", MaterialState::Waiting).await;
    let _house = rig.start(1);

    let material = rig.processed(upload).await;
    assert_eq!(material.state, MaterialState::Published);
    assert!(rig.card(upload).await[0].contains("Published"));
    for words in ["manifesto", "tagged"] {
        let found = search(&rig, words).await;
        assert_eq!(found.titles[0].id, upload.material, "{words}");
    }
    let found = search(&rig, "see things differently").await;
    assert_eq!((found.parts[0].material, found.parts[0].number), (upload.material, 1));
}

/// The editor decides while the file is on its way: the job obeys.
#[actix_rt::test]
async fn publish_pressed_meanwhile_is_obeyed() {
    let mut rig = Rig::new().await;
    rig.config.card_every = Duration::ZERO;
    // A silence that is shorter than the limit.
    rig.faults(json!({ "stall_share": 1.0, "stall_at": 0, "stall_s": 2.0 })).await;
    let upload = rig.upload(rig.file_at(&data("toy.pdf"), "t.pdf").await, "t").await;
    let _house = rig.start(1);
    rig.card_says(upload, "Downloading").await;
    rig.settle(upload, "Toy", MaterialState::Waiting).await;

    assert_eq!(rig.processed(upload).await.state, MaterialState::Published);
    assert!(rig.card(upload).await.last().unwrap().contains("Published"));
    assert_eq!(search(&rig, "toy").await.titles[0].id, upload.material);
}

#[actix_rt::test]
async fn a_cancel_ends_the_transfer_under_way() {
    let mut rig = Rig::new().await;
    rig.config.card_every = Duration::ZERO;
    rig.faults(standstill()).await;
    let upload = rig.upload(rig.file_at(&data("toy.pdf"), "t.pdf").await, "t").await;
    let _house = rig.start(1);
    rig.card_says(upload, "Downloading").await;
    rig.settle(upload, "t", MaterialState::Discarded).await;

    let material = rig.processed(upload).await;
    assert_eq!(material.state, MaterialState::Discarded);
    assert_eq!(material.processing, Processing::Pending);
    assert_eq!(rig.attempts(upload), 1);
    let what = "the transfer to be abandoned";
    until(what, || async { rig.files_in("tmp").is_empty().then_some(()) }).await;
    assert_none(&rig, "blobs");
}

#[actix_rt::test]
async fn a_cancelled_upload_is_not_even_fetched() {
    let rig = Rig::new().await;
    let upload = rig.upload(rig.file_at(&data("toy.pdf"), "t.pdf").await, "t").await;
    rig.settle(upload, "t", MaterialState::Discarded).await;
    let _house = rig.start(1);
    rig.job_is(upload, "cancelled").await;
    let calls = rig.telegram.ctl("calls", json!({ "method": "getFile" })).await.unwrap();
    assert_eq!(calls["calls"], json!([]), "{calls}");
    assert_none(&rig, "blobs");
    assert_eq!(rig.card(upload).await, [""; 0]);
}

#[actix_rt::test]
async fn the_same_content_under_another_name_is_stored_once() {
    let rig = Rig::new().await;
    let book = data("toy.pdf");
    let first = rig.upload(rig.file_at(&book, "first.pdf").await, "First").await;
    rig.settle(first, "First", MaterialState::Waiting).await;
    let _house = rig.start(1);
    rig.processed(first).await;

    let second = rig.upload(rig.file_at(&book, "second.pdf").await, "Second").await;
    let material = rig.processed(second).await;
    assert_eq!(material.state, MaterialState::Discarded);
    assert_eq!(material.duplicate_of, Some(first.material));
    assert_stored(&rig, &book);
    let card = rig.card(second).await;
    assert!(card[0].contains("in the library already: First"), "{card:?}");
}

#[actix_rt::test]
async fn every_bad_file_is_refused_with_its_reason_and_nothing_is_kept() {
    let rig = Rig::new().await;
    let whole = std::fs::read(data("pdflatex-4-pages.pdf")).unwrap();
    let header = rig.put_file("sources/header.pdf", &whole[..40]);
    let empty = rig.put_file("sources/empty.pdf", b"");
    let over = 20 * 1024 * 1024 + 1;
    let mut declared = rig.noise(over).await;
    declared.size = Some(over);
    let cases = [
        (rig.file_at(&data("encrypted-file.pdf"), "e.pdf").await, Rejection::Encrypted, "password"),
        (rig.file_at(&header, "h.pdf").await, Rejection::Broken, "damaged"),
        (rig.file_at(&data("toy.pdf"), "song.mp3").await, Rejection::Mislabelled, "not what"),
        (rig.file_at(&empty, "e.pdf").await, Rejection::Empty, "empty"),
        (declared, Rejection::TooLarge, "too large"),
        // Nobody declared it: Telegram itself says no.
        (rig.noise(over).await, Rejection::TooLarge, "too large"),
        (file_ref("no such file", "x.pdf"), Rejection::Unavailable, "no longer"),
    ];
    let _house = rig.start(1);
    for (file, expected, says) in cases {
        let upload = rig.upload(file, "x").await;
        let material = rig.processed(upload).await;
        assert_eq!(material.processing, Processing::Rejected(expected));
        assert_eq!(material.state, MaterialState::Discarded, "{expected:?}");
        let card = rig.card(upload).await;
        assert!(card.last().unwrap().contains(says), "{card:?}");
        assert_eq!(rig.attempts(upload), 1, "{expected:?}");
    }
    assert_none(&rig, "blobs");
    assert_none(&rig, "tmp");
}

/// Without an announced size the limit is held while the bytes come.
#[actix_rt::test]
async fn a_file_over_our_own_limit_is_refused() {
    let mut rig = Rig::new().await;
    rig.config.download.max_bytes = 100_000;
    let upload = rig.upload(rig.noise(100_001).await, "x").await;
    let fits = rig.upload(rig.noise(100_000).await, "y").await;
    let _house = rig.start(1);
    let material = rig.processed(upload).await;
    assert_eq!(material.processing, Processing::Rejected(Rejection::TooLarge));
    assert_eq!(rig.processed(fits).await.processing, Processing::Ready);
}

#[actix_rt::test]
async fn a_download_that_breaks_off_or_stands_still_is_tried_again() {
    let faults = [
        json!({ "drop_share": 1.0, "drop_at": 0 }),
        standstill(),
        json!({ "not_found_share": 1.0 }),
    ];
    for fault in faults {
        let mut rig = Rig::new().await;
        rig.config.download.stall = Duration::from_millis(200);
        rig.faults(fault.clone()).await;
        let book = data("pdflatex-4-pages.pdf");
        let upload = rig.upload(rig.file_at(&book, "b.pdf").await, "b").await;
        let _house = rig.start(1);
        rig.card_says(upload, "Trying again").await;
        assert_eq!(rig.material(upload).await.processing, Processing::Pending, "{fault}");
        assert_none(&rig, "blobs");

        rig.clear_faults().await;
        let material = rig.processed(upload).await;
        assert_eq!((material.processing, material.pages), (Processing::Ready, Some(4)), "{fault}");
        assert!(rig.attempts(upload) >= 2, "{fault}");
        assert_stored(&rig, &book);
        assert!(rig.card(upload).await.last().unwrap().contains("Checked and indexed"));
    }
}

#[actix_rt::test]
async fn a_killed_job_is_finished_once_by_the_next_start() {
    let mut rig = Rig::new().await;
    rig.config.card_every = Duration::ZERO;
    rig.faults(standstill()).await;
    let book = data("toy.pdf");
    let upload = rig.upload(rig.file_at(&book, "t.pdf").await, "t").await;
    let first = rig.start(1);
    rig.card_says(upload, "Downloading").await;
    first.kill().await;
    // What a kill -9 leaves; another program's file stays.
    rig.put_file("tmp/school.1-1.part", b"half");
    let foreign = rig.put_file("tmp/notes.txt", b"mine");

    rig.clear_faults().await;
    let _second = rig.start(2);
    let material = rig.processed(upload).await;
    assert_eq!(material.processing, Processing::Ready);
    assert_eq!(rig.attempts(upload), 2);
    assert_eq!(rig.files_in("blobs").len(), 1);
    assert_eq!(rig.files_in("tmp"), [foreign]);
}

/// The gate panics at the first ring of every attempt, which is inside of it, and not at the
/// second, which tells of its end.
#[actix_rt::test]
async fn an_attempt_that_always_panics_is_given_up_and_the_editor_told() {
    let mut rig = Rig::new().await;
    rig.config.card_every = Duration::ZERO;
    rig.config.retry.max_attempts = 3;
    let rings = AtomicU32::new(0);
    let is_sound = Arc::new(AtomicBool::new(false));
    let sound = Arc::clone(&is_sound);
    rig.gate = Port::from_fn(move |_ring| {
        let is_inside = rings.fetch_add(1, Ordering::Relaxed).is_multiple_of(2);
        assert!(sound.load(Ordering::Relaxed) || !is_inside, "the gate is closed");
    });
    rig.faults(standstill()).await;
    let upload = rig.upload(rig.file_at(&data("toy.pdf"), "t.pdf").await, "t").await;
    let house = rig.start(1);
    rig.job_is(upload, "dead").await;
    assert_eq!(rig.attempts(upload), 3);
    assert!(rig.card(upload).await.last().unwrap().contains("couldn't process"));
    let blamed = "SELECT count(*) FROM jobs WHERE error LIKE '%panicked: the gate is closed%'";
    assert_eq!(rig.number(blamed), 1);
    until("nothing half-fetched to be left", || async {
        rig.files_in("tmp").is_empty().then_some(())
    })
    .await;

    // The house stands: the next job is done.
    rig.clear_faults().await;
    is_sound.store(true, Ordering::Relaxed);
    let next = rig.upload(rig.noise(1000).await, "n").await;
    house.doorbell.ring(Ring).unwrap();
    assert_eq!(rig.processed(next).await.processing, Processing::Ready);
}

#[actix_rt::test]
async fn an_orderly_stop_gives_an_unfinished_job_back() {
    let mut rig = Rig::new().await;
    rig.config.card_every = Duration::ZERO;
    rig.faults(standstill()).await;
    let upload = rig.upload(rig.file_at(&data("toy.pdf"), "t.pdf").await, "t").await;
    let house = rig.start(1);
    rig.card_says(upload, "Downloading").await;
    house.supervisor.stop();
    assert_eq!(house.supervisor.wait().await, ExitReason::Requested);

    rig.job_is(upload, "ready").await;
    let owner = JobOwner { instance: "other".to_owned(), epoch: 1 };
    let now = SystemClock.now();
    let claimed = rig.db.job_claim(QUEUE.to_owned(), owner, now, lease_end(), true).await.unwrap();
    assert_eq!(claimed.map(|job| job.id), Some(upload.job));
    assert!(rig.card(upload).await.last().unwrap().contains("Downloading"));
}

/// A worker that was thought dead finds out by its next beat, and lets go.
#[actix_rt::test]
async fn a_job_that_was_taken_over_is_left_alone() {
    let mut rig = Rig::new().await;
    rig.config.card_every = Duration::ZERO;
    rig.faults(standstill()).await;
    let upload = rig.upload(rig.file_at(&data("toy.pdf"), "t.pdf").await, "t").await;
    let _house = rig.start(1);
    rig.card_says(upload, "Downloading").await;
    until("bytes to be awaited", || async { (rig.files_in("tmp").len() == 1).then_some(()) }).await;

    rig.execute("UPDATE jobs SET token = token + 1, owner = 'other'");
    until("the attempt to be abandoned", || async { rig.files_in("tmp").is_empty().then_some(()) })
        .await;
    rig.job_is(upload, "running").await;
    assert!(rig.card(upload).await.last().unwrap().contains("Downloading"));
}

/// A file of a Bot API server on this machine is copied, not moved.
#[actix_rt::test]
async fn a_local_servers_file_stays_where_it_is() {
    let rig = Rig::local().await;
    let book = rig.put_file("sources/toy.pdf", &std::fs::read(data("toy.pdf")).unwrap());
    let upload = rig.upload(rig.file_at(&book, "t.pdf").await, "t").await;
    let _house = rig.start(1);
    assert_eq!(rig.processed(upload).await.processing, Processing::Ready);
    assert!(book.exists());
    assert_stored(&rig, &book);
}
