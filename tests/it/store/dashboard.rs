//! The dashboard's calls: what is done stands in the audit log by the same transaction, and what is
//! refused leaves nothing.

use primelingo::domain::audit::{AuditAction, AuditNote, AuditRequest};
use primelingo::domain::dashboard::NewKey;
use primelingo::domain::effect::Change;
use primelingo::domain::ids::{JobId, UserId};
use primelingo::domain::role::Role;
use primelingo::store::records::{Doer, Operated, Operation, StepCommit};

use super::fixture::{Store, at, conflict};
use super::words::{CHAT, job, owner, plain, step, update};

contract! {
    a_key_is_good_once_and_for_its_time,
    what_is_done_is_noted_and_what_is_refused_is_not,
    a_paused_queue_gives_nothing_out,
    a_retry_is_taken_back_unless_it_was_begun,
}

const ADMIN: UserId = UserId(7);
const QUEUE: &str = "main";

/// Somebody asks for a link.
async fn ask(store: &Store, user: UserId, hash: &str, expires: i64) {
    let number = super::words::fresh();
    store.db.updates_insert(super::words::BOT, vec![update(number, CHAT)], at(0)).await.unwrap();
    let open = store.db.updates_of_chat(CHAT, 1).await.unwrap().remove(0);
    let new = NewKey { hash: hash.to_owned(), expires_at: at(expires) };
    let change = plain(Change::Dashboard(new));
    let commit =
        StepCommit { user: Some(user), changes: vec![change], now: at(0), ..step(open.seq) };
    store.db.step_commit(commit).await.unwrap();
}

async fn used(store: &Store, hash: &str, now: i64) -> Option<UserId> {
    store.db.dashboard_key_use(hash.to_owned(), at(now)).await.unwrap()
}

async fn a_key_is_good_once_and_for_its_time(store: &Store) {
    ask(store, ADMIN, "a", 600).await;
    assert_eq!(used(store, "b", 1).await, None);
    assert_eq!(used(store, "a", 1).await, Some(ADMIN));
    assert_eq!(used(store, "a", 1).await, None, "once");
    ask(store, ADMIN, "c", 600).await;
    assert_eq!(used(store, "c", 600).await, None, "too late");
    ask(store, ADMIN, "d", 600).await;
    ask(store, UserId(8), "e", 600).await;
    ask(store, ADMIN, "f", 600).await;
    assert_eq!(used(store, "d", 1).await, None, "a newer one ends it");
    assert_eq!(used(store, "e", 1).await, Some(UserId(8)));
    assert_eq!(used(store, "f", 1).await, Some(ADMIN));
    let entries = store.db.audit_list(newest(9)).await.unwrap();
    assert!(entries.iter().all(|entry| entry.note.details.after.as_deref() == Some("sign_in")));
    assert_eq!(entries.len(), 3);
}

const fn newest(limit: i64) -> AuditRequest {
    AuditRequest { subject: None, action: None, actor: None, before: None, limit }
}

fn note(name: &str) -> AuditNote {
    AuditNote::by_web(ADMIN, AuditAction::ControlJob, 0, None, name)
}

const DOER: Doer = Doer { user: ADMIN, needs: Some(Role::Admin) };

async fn operate(store: &Store, operation: Operation, now: i64) -> Operated {
    store.db.dashboard_operate(DOER, operation, note("x"), at(now)).await.unwrap()
}

async fn notes(store: &Store) -> usize {
    let request = AuditRequest { action: Some(AuditAction::ControlJob), ..newest(99) };
    store.db.audit_list(request).await.unwrap().len()
}

/// A job that was given up.
async fn dead(store: &Store, id: i64) {
    store.db.job_enqueue(job(id, id), QUEUE.to_owned(), at(0)).await.unwrap();
    store
        .place
        .execute(&format!(
            "UPDATE jobs SET state = 'dead', error = 'e', done_at = run_at WHERE id = {id}"
        ))
        .await;
}

async fn what_is_done_is_noted_and_what_is_refused_is_not(store: &Store) {
    dead(store, 1).await;
    let dropping = || Operation::DropJobs(vec![JobId(1)]);
    let refused = store.db.dashboard_operate(DOER, dropping(), note("x"), at(0)).await;
    assert_eq!(conflict(refused), "role");
    assert_eq!(notes(store).await, 0);
    store.db.user_set_role(ADMIN, Role::Editor, at(0)).await.unwrap();
    let refused = store.db.dashboard_operate(DOER, dropping(), note("x"), at(0)).await;
    assert_eq!(conflict(refused), "role");
    // Owners by configuration are what they are whatever the database says.
    let configured = Doer { needs: None, ..DOER };
    let done = store.db.dashboard_operate(configured, dropping(), note("x"), at(0)).await.unwrap();
    assert_eq!((done, notes(store).await), (Operated::Done(vec![JobId(1)]), 1));
    store.db.user_set_role(ADMIN, Role::Admin, at(0)).await.unwrap();
    assert_eq!(operate(store, dropping(), 0).await, Operated::Unfit);
    assert_eq!(operate(store, Operation::DropJobs(vec![JobId(9)]), 0).await, Operated::Missing);
    assert_eq!(notes(store).await, 1, "nothing was done");
    let back = Operation::TakeDropBack(vec![JobId(1)]);
    assert_eq!(operate(store, back, 0).await, Operated::Done(vec![JobId(1)]));
    assert_eq!(notes(store).await, 2);
}

async fn claims(store: &Store, now: i64) -> Option<JobId> {
    let claim = store.db.job_claim(QUEUE.to_owned(), owner("a", 1), at(now), at(now + 30), true);
    claim.await.unwrap().map(|claimed| claimed.id)
}

async fn a_paused_queue_gives_nothing_out(store: &Store) {
    store.db.job_enqueue(job(1, 1), QUEUE.to_owned(), at(0)).await.unwrap();
    let pause = |paused| store.db.queue_pause(QUEUE.to_owned(), paused, at(0));
    assert!(pause(true).await.unwrap());
    assert!(!pause(true).await.unwrap(), "it is so already");
    assert_eq!(store.db.queues_paused().await.unwrap(), [QUEUE]);
    assert_eq!(claims(store, 1).await, None);
    assert_eq!(store.db.job_next_due(QUEUE.to_owned()).await.unwrap(), None, "nobody need look");
    assert!(pause(false).await.unwrap());
    assert_eq!(store.db.job_next_due(QUEUE.to_owned()).await.unwrap(), Some(at(0)));
    assert_eq!(claims(store, 1).await, Some(JobId(1)));
    let at_work = store.db.jobs_at_work(9).await.unwrap();
    assert_eq!((at_work.len(), at_work[0].state.as_str()), (1, "running"));
}

async fn a_retry_is_taken_back_unless_it_was_begun(store: &Store) {
    store.db.user_set_role(ADMIN, Role::Admin, at(0)).await.unwrap();
    let ids = vec![JobId(1), JobId(2)];
    for id in [1, 2] {
        dead(store, id).await;
    }
    let retry = Operation::RetryJobs(ids.clone(), at(10));
    assert_eq!(operate(store, retry, 0).await, Operated::Done(ids.clone()));
    assert_eq!(claims(store, 9).await, None, "due when it cannot be taken back any more");
    assert_eq!(claims(store, 10).await, Some(JobId(1)));
    let back = Operation::TakeRetryBack(ids);
    assert_eq!(operate(store, back, 10).await, Operated::Done(vec![JobId(2)]));
    let states = store.place.texts("SELECT state FROM jobs ORDER BY id").await;
    assert_eq!(states, ["running", "dead"]);
}
