//! Batches of files, and the job that tends one.

use primelingo::domain::batch::{BatchChange, BatchEntry, FileStatus, sort};
use primelingo::domain::effect::{Change, JobKind, NewJob};
use primelingo::domain::ids::{BatchId, JobId, MaterialId, OutboxId, UserId};
use primelingo::domain::inspection::{Kind, Rejection};
use primelingo::domain::job::Priority;
use primelingo::domain::material::{Description, Level, MaterialState};
use primelingo::domain::shelf::List;
use primelingo::store::records::{
    BatchFate, BatchLook, BatchVerdict, ClaimedJob, NewOutbox, OutboxClass, StepCommit,
    UploadOutcome,
};

use super::fixture::{Store, at, conflict};
use super::shelf::listed;
use super::words::{
    CHAT, EDITOR, described, inspection, key, owner, plain, ready, reply, session, step, terms,
};

contract! {
    a_mark_brings_a_running_job_back,
    a_card_is_not_made_from_a_dialog_that_moved_on,
    one_word_is_for_all_that_is_open,
    the_documents_own_title_yields_to_the_editors,
    what_waits_is_published_once,
    a_removed_file_is_forgotten,
}

const BATCH: BatchId = BatchId(90);
const QUEUE: &str = "main";

fn tend() -> NewJob {
    let kind = JobKind::TendBatch {
        batch: BATCH,
        user: EDITOR,
        chat: CHAT,
        thread: 0,
        card: OutboxId(91),
    };
    NewJob {
        id: JobId(BATCH.0),
        kind,
        fairness_key: EDITOR.0,
        priority: Priority::Single,
        not_before: None,
    }
}

async fn enqueue(store: &Store, seconds: i64) {
    store.db.job_enqueue(tend(), QUEUE.to_owned(), at(seconds)).await.unwrap();
}

async fn claim(store: &Store, seconds: i64) -> Option<ClaimedJob> {
    let until = at(seconds + 30);
    store
        .db
        .job_claim(QUEUE.to_owned(), owner("worker", 1), at(seconds), until, true)
        .await
        .unwrap()
}

fn look(job: &ClaimedJob, seconds: i64) -> BatchLook {
    let edit = NewOutbox {
        class: OutboxClass::Edit,
        edit_of: Some(OutboxId(91)),
        ..reply(seconds + 1_000, CHAT)
    };
    BatchLook { job: (job.id, job.token), edit, session: None, more: false, now: at(seconds) }
}

async fn apply(store: &Store, change: BatchChange) {
    store.change(vec![plain(Change::Batch(change))]).await.unwrap();
}

async fn join(store: &Store, id: i64, title: Option<&str>) {
    store.open_material(id).await;
    let (id, title) = (MaterialId(id), title.map(str::to_owned));
    apply(store, BatchChange::Join { id, batch: BATCH, title, refused: None }).await;
}

async fn entries(store: &Store) -> Vec<BatchEntry> {
    let mut entries = store.db.batch_entries(BATCH, EDITOR).await.unwrap();
    sort(&mut entries);
    entries
}

async fn statuses(store: &Store) -> Vec<(i64, FileStatus)> {
    let mut statuses: Vec<_> =
        entries(store).await.iter().map(|entry| (entry.id.0, entry.status())).collect();
    statuses.sort_by_key(|(id, _)| *id);
    statuses
}

async fn a_mark_brings_a_running_job_back(store: &Store) {
    join(store, 1, None).await;
    enqueue(store, 0).await;
    enqueue(store, 0).await;
    assert_eq!(store.rows("jobs").await, 1, "one for each batch");
    assert_eq!(claim(store, 0).await, None, "not at once");
    let first = claim(store, 1).await.unwrap();

    let outcome = ready("h", inspection(Kind::Book, &[]), None);
    store.finish(1, MaterialState::Open, outcome).await.unwrap();
    store.db.batch_show(look(&first, 5)).await.unwrap();
    let second = claim(store, 6).await.expect("a file was finished while it ran");
    assert_eq!((second.id, second.attempt, second.faults), (first.id, 1, 0));
    store.db.batch_show(look(&second, 7)).await.unwrap();
    assert_eq!(claim(store, 99).await, None, "nothing has happened since");
    assert_eq!(store.rows("outbox WHERE state = 'queued'").await, 1, "the newest look replaces");

    enqueue(store, 100).await;
    let third = claim(store, 101).await.unwrap();
    store.db.batch_show(BatchLook { more: true, ..look(&third, 102) }).await.unwrap();
    assert!(claim(store, 103).await.is_some(), "there was more to do");
    assert_eq!(conflict(store.db.batch_show(look(&third, 104)).await), "job lease");
}

async fn a_card_is_not_made_from_a_dialog_that_moved_on(store: &Store) {
    let seq = store.waiting_update(CHAT).await;
    let write = StepCommit { session: Some(session(CHAT, 0)), ..step(seq) };
    store.db.step_commit(write).await.unwrap();
    enqueue(store, 0).await;
    let job = claim(store, 1).await.unwrap();

    let old = BatchLook { session: Some((key(CHAT), 7)), ..look(&job, 2) };
    assert_eq!(conflict(store.db.batch_show(old).await), "dialog");
    assert_eq!(store.rows("outbox").await, 0);
    assert_eq!(store.rows("jobs WHERE state = 'running'").await, 1);
    let new = BatchLook { session: Some((key(CHAT), 1)), ..look(&job, 2) };
    store.db.batch_show(new).await.unwrap();
    assert_eq!(store.rows("outbox").await, 1);
}

async fn one_word_is_for_all_that_is_open(store: &Store) {
    for id in 1..=4 {
        join(store, id, None).await;
    }
    store
        .finish(2, MaterialState::Open, ready("h", inspection(Kind::Book, &["x"]), None))
        .await
        .unwrap();
    let refused = UploadOutcome::Rejected(Rejection::Broken);
    store.finish(3, MaterialState::Open, refused).await.unwrap();
    store.place.execute("UPDATE materials SET uploader_id = 1 WHERE id = 4").await;

    let description = Description { level: Some(Level::B1), ..Description::default() };
    let to = MaterialState::Waiting;
    apply(store, BatchChange::Settle { batch: BATCH, description, to }).await;
    let expected = [
        (1, FileStatus::Waiting),
        (2, FileStatus::Waiting),
        (3, FileStatus::Refused(Rejection::Broken)),
    ];
    assert_eq!(statuses(store).await, expected);
    assert_eq!(store.rows("materials WHERE level = 'B1'").await, 2);
    let foreign = store.db.material_get(MaterialId(4)).await.unwrap().unwrap();
    assert_eq!(foreign.state, MaterialState::Open, "somebody else's");
    assert_eq!(store.db.batch_entries(BATCH, UserId(1)).await.unwrap().len(), 1);

    let due = store.db.batch_due(BATCH, 9).await.unwrap();
    assert_eq!(due.iter().map(|material| material.id.0).collect::<Vec<_>>(), [2]);
    // What is settled stays so.
    let description = Description::default();
    let to = MaterialState::Discarded;
    apply(store, BatchChange::Settle { batch: BATCH, description, to }).await;
    assert_eq!(statuses(store).await, expected);
    assert_eq!(store.rows("parts").await, 1);
}

async fn the_documents_own_title_yields_to_the_editors(store: &Store) {
    join(store, 1, None).await;
    join(store, 2, Some("Given before")).await;
    join(store, 3, None).await;
    let title = "Given after".to_owned();
    apply(store, BatchChange::Rename { id: MaterialId(3), batch: BATCH, title }).await;
    for id in 1..=3 {
        let outcome = ready(&format!("h{id}"), inspection(Kind::Book, &[]), None);
        store.finish(id, MaterialState::Open, outcome).await.unwrap();
    }
    // One that was processed before it joined.
    store.open_material(4).await;
    let outcome = ready("h4", inspection(Kind::Book, &[]), None);
    store.finish(4, MaterialState::Open, outcome).await.unwrap();
    let (id, batch) = (MaterialId(4), BATCH);
    apply(store, BatchChange::Join { id, batch, title: None, refused: None }).await;

    let titles: Vec<_> = entries(store).await.into_iter().map(|e| (e.id.0, e.title)).collect();
    let expected =
        [(1, "Found inside"), (4, "Found inside"), (3, "Given after"), (2, "Given before")];
    assert_eq!(titles, expected.map(|(id, title)| (id, title.to_owned())));
}

async fn what_waits_is_published_once(store: &Store) {
    for id in 1..=2 {
        join(store, id, Some("Unit")).await;
        // The same content twice.
        let outcome = ready("h", inspection(Kind::Book, &["x"]), None);
        store.finish(id, MaterialState::Open, outcome).await.unwrap();
    }
    let (description, to) = (described("Unit"), MaterialState::Waiting);
    apply(store, BatchChange::Settle { batch: BATCH, description, to }).await;
    enqueue(store, 0).await;
    let job = claim(store, 1).await.unwrap();
    let verdict = |id, fate| BatchVerdict {
        job: (job.id, job.token),
        material: MaterialId(id),
        fate,
        now: at(2),
    };
    let publish = || BatchFate::Publish(terms("Unit", ""));
    let stale = BatchVerdict { job: (job.id, job.token - 1), ..verdict(1, publish()) };
    assert_eq!(conflict(store.db.batch_settle_one(stale).await), "job lease");
    store.db.batch_settle_one(verdict(1, publish())).await.unwrap();
    assert_eq!(conflict(store.db.batch_settle_one(verdict(1, publish())).await), "material");
    assert_eq!(conflict(store.db.batch_settle_one(verdict(2, publish())).await), "material");
    let double = BatchFate::Duplicate(MaterialId(1));
    store.db.batch_settle_one(verdict(2, double)).await.unwrap();

    assert_eq!(statuses(store).await, [(1, FileStatus::Published), (2, FileStatus::Duplicate)]);
    let titled = entries(store).await.into_iter().find(|entry| entry.id.0 == 2).unwrap();
    assert_eq!(titled.duplicate_of.as_deref(), Some("Unit"));
    assert_eq!(store.rows("parts").await, 1, "those of the double are gone");
    assert!(store.db.batch_due(BATCH, 9).await.unwrap().is_empty());
}

async fn a_removed_file_is_forgotten(store: &Store) {
    for id in 1..=2 {
        join(store, id, None).await;
    }
    store
        .finish(1, MaterialState::Open, ready("h", inspection(Kind::Book, &["x"]), None))
        .await
        .unwrap();
    apply(store, BatchChange::Remove { id: MaterialId(1), batch: BATCH }).await;
    apply(store, BatchChange::Remove { id: MaterialId(2), batch: BatchId(12) }).await;
    assert_eq!(statuses(store).await, [(2, FileStatus::Pending)]);
    assert_eq!(store.rows("parts").await, 0);

    let (description, to) = (Description::default(), MaterialState::Draft);
    apply(store, BatchChange::Settle { batch: BATCH, description, to }).await;
    assert_eq!(listed(store, List::Drafts, EDITOR).await, [2]);
    assert_eq!(listed(store, List::Drafts, UserId(1)).await, [0; 0]);
}
