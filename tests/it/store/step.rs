//! A step is written as a whole or not at all.

use primelingo::domain::effect::Change;
use primelingo::domain::ids::{CategoryId, MaterialId, OutboxId, QueryId};
use primelingo::domain::lang::Lang;
use primelingo::domain::material::{Card, MaterialState, Processing};
use primelingo::domain::role::Role;
use primelingo::store::records::{IndexedChange, Relied, StepCommit};

use super::fixture::{Store, at, conflict};
use super::words::{
    CHAT, EDITOR, described, file, fresh, job, key, plain, reply, seen, session, step,
};

contract! {
    a_full_step_writes_everything_together,
    a_session_that_exists_already_leaves_nothing_of_the_step,
    a_session_that_moved_on_leaves_nothing_of_the_step,
    a_lost_role_leaves_nothing_of_the_step,
    a_change_that_conflicts_leaves_nothing_of_the_step,
    of_two_steps_on_one_version_one_wins,
    a_copy_that_is_true_is_as_good_as_a_read,
    an_old_copy_leaves_nothing_of_the_step,
    a_copy_of_nobody_is_old_once_there_is_somebody,
    a_step_that_was_done_is_not_blamed_on_its_copy,
}

/// A step that writes to every table.
fn full(step: StepCommit, version: i64) -> StepCommit {
    let id = MaterialId(fresh());
    let opened = Change::OpenMaterial {
        id,
        file: file("a.pdf"),
        title: "a".to_owned(),
        uploader: EDITOR,
        card: Card { chat: CHAT, outbox: OutboxId(id.0) },
    };
    let category =
        Change::CreateCategory { id: CategoryId(id.0), parent: None, title: format!("C{id}") };
    let query = Change::RememberQuery { id: QueryId(id.0), text: "words".to_owned() };
    StepCommit {
        session: Some(session(CHAT, version)),
        seen: Some(seen(EDITOR, "Ann", Lang::En)),
        changes: [opened, category, query].map(plain).into(),
        outbox: vec![reply(id.0, CHAT), reply(fresh(), CHAT)],
        jobs: vec![job(fresh(), id.0)],
        ..step
    }
}

const TABLES: [&str; 7] =
    ["sessions", "users", "materials", "categories", "queries", "outbox", "jobs"];

async fn counts(store: &Store) -> Vec<i64> {
    let mut counts = Vec::new();
    for table in TABLES {
        counts.push(store.rows(table).await);
    }
    counts
}

/// The step is refused, nothing of it is there, and its update still waits.
async fn refused(store: &Store, step: StepCommit) -> &'static str {
    let seq = step.seq;
    let before = counts(store).await;
    let session = store.db.chat_load(key(CHAT)).await.unwrap().session;

    let what = conflict(store.db.step_commit(step).await);

    assert_eq!(counts(store).await, before, "rows of {TABLES:?}");
    assert_eq!(store.db.chat_load(key(CHAT)).await.unwrap().session, session);
    let open = store.db.updates_of_chat(CHAT, 99).await.unwrap();
    assert!(open.iter().any(|update| update.seq == seq), "the update is not done");
    what
}

async fn a_full_step_writes_everything_together(store: &Store) {
    let seq = store.waiting_update(CHAT).await;
    store.db.step_commit(full(step(seq), 0)).await.unwrap();

    assert_eq!(counts(store).await, [1, 1, 1, 1, 1, 2, 1], "rows of {TABLES:?}");
    assert!(store.db.updates_of_chat(CHAT, 9).await.unwrap().is_empty());
    let done = store.place.number("SELECT count(*) FROM updates WHERE state = 'done'").await;
    assert_eq!(done, 1);
    assert_eq!(store.db.job_next_due("main".to_owned()).await.unwrap(), Some(at(0)));
}

async fn a_session_that_exists_already_leaves_nothing_of_the_step(store: &Store) {
    let first = store.waiting_update(CHAT).await;
    store.db.step_commit(full(step(first), 0)).await.unwrap();

    let second = store.waiting_update(CHAT).await;
    assert_eq!(refused(store, full(step(second), 0)).await, "dialog");
}

async fn a_session_that_moved_on_leaves_nothing_of_the_step(store: &Store) {
    for version in 0..2 {
        let seq = store.waiting_update(CHAT).await;
        store.db.step_commit(full(step(seq), version)).await.unwrap();
    }
    let stale = store.waiting_update(CHAT).await;
    assert_eq!(refused(store, full(step(stale), 1)).await, "dialog");
    assert_eq!(refused(store, full(step(stale), 9)).await, "dialog", "nor one of the future");

    store.db.step_commit(full(step(stale), 2)).await.unwrap();
}

async fn a_lost_role_leaves_nothing_of_the_step(store: &Store) {
    let seq = store.waiting_update(CHAT).await;
    let step = StepCommit { requires: Some((EDITOR, Role::Editor)), ..full(step(seq), 0) };
    assert_eq!(refused(store, step).await, "role");
}

/// The last change of the step fails, after all others were written.
async fn a_change_that_conflicts_leaves_nothing_of_the_step(store: &Store) {
    store.open_material(1).await;
    let seq = store.waiting_update(CHAT).await;
    let mut step = full(step(seq), 0);
    step.changes.push(IndexedChange {
        change: Change::Settle {
            id: MaterialId(1),
            description: described("T"),
            to: MaterialState::Draft,
            seen: Processing::Ready,
        },
        terms: None,
    });
    assert_eq!(refused(store, step).await, "material");
}

async fn of_two_steps_on_one_version_one_wins(store: &Store) {
    let mut tasks = Vec::new();
    for _ in 0..4 {
        let seq = store.waiting_update(CHAT).await;
        let db = store.db.clone();
        let commit = full(step(seq), 0);
        tasks.push(tokio::spawn(async move { db.step_commit(commit).await }));
    }
    let mut won = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(()) => won += 1,
            refused => assert_eq!(conflict(refused), "dialog"),
        }
    }
    assert_eq!(won, 1);
    assert_eq!(counts(store).await, [1, 1, 1, 1, 1, 2, 1], "rows of {TABLES:?}");
    assert_eq!(store.db.updates_open_count().await.unwrap(), 3);
}

/// What is true of the chat.
async fn truth(store: &Store) -> Relied {
    Relied::on(key(CHAT), &store.db.chat_load(key(CHAT)).await.unwrap())
}

async fn relying(store: &Store, relied: Relied) -> StepCommit {
    let seq = store.waiting_update(CHAT).await;
    StepCommit { relied: Some(relied), ..step(seq) }
}

async fn a_copy_that_is_true_is_as_good_as_a_read(store: &Store) {
    for version in 0..3 {
        let relied = truth(store).await;
        assert_eq!(relied.version, version);
        let step = relying(store, relied).await;
        store.db.step_commit(full(step, version)).await.unwrap();
    }
    assert_eq!(truth(store).await.person, Some((Role::Learner, Lang::En, true)));
}

async fn an_old_copy_leaves_nothing_of_the_step(store: &Store) {
    let seq = store.waiting_update(CHAT).await;
    store.db.step_commit(full(step(seq), 0)).await.unwrap();
    let now = truth(store).await;
    let person = now.person.unwrap();
    let old = [
        Relied { version: 0, ..now.clone() },
        Relied { version: 2, ..now.clone() },
        Relied { person: None, ..now.clone() },
        Relied { person: Some((Role::Editor, person.1, person.2)), ..now.clone() },
        Relied { person: Some((person.0, Lang::Uz, person.2)), ..now.clone() },
        Relied { person: Some((person.0, person.1, false)), ..now.clone() },
    ];
    for relied in old {
        let what = format!("{relied:?}");
        let step = relying(store, relied).await;
        // Also a step that would write no dialog: what it shows would be wrong.
        assert_eq!(refused(store, step.clone()).await, "copy", "{what}");
        assert_eq!(refused(store, full(step, 1)).await, "copy", "{what}");
    }
    let step = relying(store, now).await;
    store.db.step_commit(step).await.unwrap();
}

async fn a_copy_of_nobody_is_old_once_there_is_somebody(store: &Store) {
    let stranger = truth(store).await;
    assert_eq!((stranger.version, stranger.person), (0, None));
    store.db.user_set_role(EDITOR, Role::Learner, at(0)).await.unwrap();
    let step = relying(store, stranger).await;
    assert_eq!(refused(store, step).await, "copy");
}

async fn a_step_that_was_done_is_not_blamed_on_its_copy(store: &Store) {
    let step = relying(store, truth(store).await).await;
    let again = full(step.clone(), 0);
    store.db.step_commit(full(step, 0)).await.unwrap();
    assert_eq!(conflict(store.db.step_commit(again).await), "update");
}
