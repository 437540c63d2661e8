//! The end of an upload's processing.

use primelingo::domain::ids::{MaterialId, OutboxId};
use primelingo::domain::inspection::{Inspection, Kind, Rejection};
use primelingo::domain::material::{MaterialState, Processing};
use primelingo::store::records::{UploadOutcome, UploadResult};

use super::fixture::{Store, at, conflict};
use super::words::{CHAT, described, inspection, ready, reply, terms};

contract! {
    a_processed_file_waits_for_its_editor,
    a_file_whose_editor_was_faster_is_published_at_once,
    a_duplicate_points_to_the_first,
    a_rejected_file_says_why,
    a_stale_token_writes_nothing,
    a_state_that_moved_on_writes_nothing,
    content_that_was_published_meanwhile_writes_nothing,
    a_second_run_replaces_the_texts,
    hostile_texts_are_stored,
}

async fn a_processed_file_waits_for_its_editor(store: &Store) {
    store.open_material(1).await;
    let job = store.claimed(1).await;
    let result = UploadResult {
        job,
        material: MaterialId(1),
        seen: MaterialState::Open,
        outcome: ready("h", inspection(Kind::Audio, &["one", "two"]), None),
        outbox: vec![reply(70, CHAT)],
        now: at(9),
    };
    store.db.upload_finish(result.clone()).await.unwrap();

    let material = store.db.material_get(MaterialId(1)).await.unwrap().unwrap();
    assert_eq!((material.state, material.processing), (MaterialState::Open, Processing::Ready));
    assert_eq!((material.hash.as_deref(), material.file.size), (Some("h"), Some(4_321)));
    assert_eq!(material.kind, Kind::Audio);
    assert_eq!(store.db.outbox_open(OutboxId(0), 9).await.unwrap().len(), 1);
    assert_eq!(store.rows("parts").await, 2);
    assert_eq!(store.rows("jobs WHERE state = 'done'").await, 1);
    assert_eq!(store.db.material_by_hash("h".to_owned()).await.unwrap(), None, "not published");

    // A worker whose answer was lost says it again.
    assert_eq!(conflict(store.db.upload_finish(result).await), "job lease");
}

async fn a_file_whose_editor_was_faster_is_published_at_once(store: &Store) {
    store.open_material(1).await;
    let waiting = MaterialState::Waiting;
    store.settle(1, &described("Fast"), waiting, Processing::Pending).await.unwrap();

    let outcome = ready("h", inspection(Kind::Book, &[]), Some(terms("Fast", "")));
    store.finish(1, waiting, outcome).await.unwrap();

    let published = store.db.material_by_hash("h".to_owned()).await.unwrap().unwrap();
    assert_eq!((published.id.0, published.title.as_str()), (1, "Fast"));
}

async fn a_duplicate_points_to_the_first(store: &Store) {
    store.publish(1, &described("First"), Kind::Book, &[]).await;
    store.open_material(2).await;

    let outcome = UploadOutcome::Duplicate { hash: "hash-1".to_owned(), of: MaterialId(1) };
    store.finish(2, MaterialState::Open, outcome).await.unwrap();

    let double = store.db.material_get(MaterialId(2)).await.unwrap().unwrap();
    assert_eq!(
        (double.state, double.duplicate_of),
        (MaterialState::Discarded, Some(MaterialId(1)))
    );
    let found = store.db.material_by_hash("hash-1".to_owned()).await.unwrap().unwrap();
    assert_eq!(found.id.0, 1);
}

async fn a_rejected_file_says_why(store: &Store) {
    store.open_material(1).await;
    let outcome = UploadOutcome::Rejected(Rejection::Encrypted);
    store.finish(1, MaterialState::Open, outcome).await.unwrap();

    let refused = store.db.material_get(MaterialId(1)).await.unwrap().unwrap();
    assert_eq!(refused.state, MaterialState::Discarded);
    assert_eq!(refused.processing, Processing::Rejected(Rejection::Encrypted));
}

/// Nothing of the result is there, and the job is still to be done.
async fn writes_nothing(store: &Store, result: UploadResult) -> &'static str {
    let before = store.db.material_get(result.material).await.unwrap();
    let what = conflict(store.db.upload_finish(result.clone()).await);

    assert_eq!(store.db.material_get(result.material).await.unwrap(), before);
    assert_eq!(store.rows("outbox").await, 0);
    assert_eq!(store.rows("parts").await, 0);
    assert_eq!(
        store.rows(&format!("jobs WHERE id = {} AND state = 'running'", result.job.0)).await,
        1
    );
    what
}

async fn a_stale_token_writes_nothing(store: &Store) {
    store.open_material(1).await;
    let (job, token) = store.claimed(1).await;
    let result = UploadResult {
        job: (job, token - 1),
        material: MaterialId(1),
        seen: MaterialState::Open,
        outcome: ready("h", inspection(Kind::Book, &["text"]), None),
        outbox: vec![reply(70, CHAT)],
        now: at(0),
    };
    assert_eq!(writes_nothing(store, result).await, "job lease");
}

async fn a_state_that_moved_on_writes_nothing(store: &Store) {
    store.open_material(1).await;
    let job = store.claimed(1).await;
    let waiting = MaterialState::Waiting;
    store.settle(1, &described("T"), waiting, Processing::Pending).await.unwrap();

    let outcomes = [
        ready("h", inspection(Kind::Book, &["text"]), None),
        UploadOutcome::Duplicate { hash: "h".to_owned(), of: MaterialId(9) },
        UploadOutcome::Rejected(Rejection::Broken),
    ];
    for outcome in outcomes {
        let result = UploadResult {
            job,
            material: MaterialId(1),
            seen: MaterialState::Open,
            outcome,
            outbox: vec![reply(70, CHAT)],
            now: at(0),
        };
        assert_eq!(writes_nothing(store, result).await, "material");
    }
}

async fn content_that_was_published_meanwhile_writes_nothing(store: &Store) {
    store.publish(1, &described("First"), Kind::Book, &[]).await;
    store.open_material(2).await;
    let job = store.claimed(2).await;
    let waiting = MaterialState::Waiting;
    store.settle(2, &described("Second"), waiting, Processing::Pending).await.unwrap();

    let result = UploadResult {
        job,
        material: MaterialId(2),
        seen: waiting,
        outcome: ready("hash-1", inspection(Kind::Book, &["t"]), Some(terms("Second", ""))),
        outbox: vec![reply(70, CHAT)],
        now: at(0),
    };
    assert_eq!(writes_nothing(store, result).await, "material");
}

async fn a_second_run_replaces_the_texts(store: &Store) {
    store.open_material(1).await;
    for texts in [["old", "old too"], ["new", "new too"]] {
        let outcome = ready("h", inspection(Kind::Book, &texts), None);
        store.finish(1, MaterialState::Open, outcome).await.unwrap();
    }
    assert_eq!(store.rows("parts").await, 2);
    assert_eq!(store.rows("parts WHERE text LIKE 'new%'").await, 2);
}

async fn hostile_texts_are_stored(store: &Store) {
    store.open_material(1).await;
    let found = Inspection {
        title: Some("a\0b".to_owned()),
        author: Some("'; DROP TABLE parts; --\0".to_owned()),
        media_type: "\0".to_owned(),
        ..inspection(Kind::Book, &["page\0\u{1}\u{fffe}", ""])
    };
    store.finish(1, MaterialState::Open, ready("h", found, None)).await.unwrap();

    let material = store.db.material_get(MaterialId(1)).await.unwrap().unwrap();
    assert_eq!(material.suggested_title.as_deref(), Some("a\u{fffd}b"));
    assert_eq!(store.rows("parts").await, 2);
}
