//! What is old is forgotten, and nothing else.

use chrono::TimeDelta;
use primelingo::domain::clock::Timestamp;
use primelingo::domain::effect::Change;
use primelingo::domain::ids::{ChatId, JobId, MaterialId, OutboxId, QueryId, UpdateSeq};
use primelingo::domain::incident::Cause;
use primelingo::domain::inspection::Kind;
use primelingo::domain::material::{MaterialState, Processing};
use primelingo::store::records::{
    JobEnd, NewUpdate, OutboxEnd, OutboxOutcome, Prune, PruneBatch, SessionWrite, StepCommit,
    UpdateFault,
};

use super::fixture::{Store, at};
use super::words::{
    BOT, CHAT, described, fresh, inspection, job, owner, plain, ready, reply, session, step, update,
};

contract! {
    texts_of_updates_go_before_the_updates,
    what_is_open_or_put_aside_stays,
    it_is_done_in_slices,
    done_and_dead_jobs_are_kept_for_their_own_times,
    messages_go_but_not_the_card_of_a_file_under_way,
    told_incidents_go,
    dialogs_go_long_after_they_expired,
    words_of_searches_go_unless_they_were_searched_for_again,
    instances_go_when_they_have_ended,
    contents_go_with_their_last_material,
}

async fn prune(store: &Store, what: Prune, before: Timestamp) -> usize {
    store.db.prune(PruneBatch { what, before, limit: 100 }).await.unwrap()
}

/// An update that was done at that time.
async fn done_at(store: &Store, now: Timestamp) -> UpdateSeq {
    let chat = ChatId(fresh());
    let seq = store.waiting_update(chat).await;
    store.db.update_done(seq, now).await.unwrap();
    seq
}

async fn raw(store: &Store, seq: UpdateSeq) -> Option<String> {
    store.db.update_show(seq).await.unwrap().map(|update| update.raw)
}

async fn texts_of_updates_go_before_the_updates(store: &Store) {
    let old = done_at(store, at(0)).await;
    let young = done_at(store, at(100)).await;
    assert_eq!(prune(store, Prune::Updates, at(50)).await, 0, "it still has its text");
    assert_eq!(prune(store, Prune::UpdateTexts, at(50)).await, 1);
    assert_eq!(raw(store, old).await.as_deref(), Some(""));
    assert_ne!(raw(store, young).await.as_deref(), Some(""));
    assert_eq!(prune(store, Prune::UpdateTexts, at(50)).await, 0, "once");
    assert_eq!(prune(store, Prune::Updates, at(50)).await, 1);
    assert_eq!(raw(store, old).await, None);
    assert!(raw(store, young).await.is_some());
}

async fn what_is_open_or_put_aside_stays(store: &Store) {
    let open = store.waiting_update(ChatId(1)).await;
    let unread = store.waiting_update(ChatId(2)).await;
    store.db.update_put_aside(unread, "unknown".to_owned(), at(0)).await.unwrap();
    let dead = store.waiting_update(ChatId(3)).await;
    let fault = UpdateFault {
        seq: dead,
        cause: Cause::Error,
        error: "e".to_owned(),
        max_faults: 0,
        farewell: Vec::new(),
    };
    store.db.update_fault(fault, at(0)).await.unwrap();
    // Of a kind that nobody works on: nobody will try it again.
    let ignored = NewUpdate { ignored: true, ..update(fresh(), ChatId(4)) };
    store.db.updates_insert(BOT, vec![ignored], at(0)).await.unwrap();
    let rows = store.rows("updates").await;

    let late = at(0) + TimeDelta::days(3_000);
    for what in [Prune::UpdateTexts, Prune::Updates] {
        assert_eq!(prune(store, what, late).await, 0);
    }
    assert_eq!(prune(store, Prune::IgnoredUpdates, late).await, 1);
    assert_eq!(store.rows("updates").await, rows - 1);
    for seq in [open, unread, dead] {
        assert_ne!(raw(store, seq).await.as_deref(), Some(""));
    }
}

async fn it_is_done_in_slices(store: &Store) {
    for _ in 0..7 {
        done_at(store, at(0)).await;
    }
    let batch = PruneBatch { what: Prune::UpdateTexts, before: at(50), limit: 3 };
    let mut counts = Vec::new();
    for _ in 0..4 {
        counts.push(store.db.prune(batch).await.unwrap());
    }
    assert_eq!(counts, [3, 3, 1, 0]);
}

async fn done_and_dead_jobs_are_kept_for_their_own_times(store: &Store) {
    let queue = || "main".to_owned();
    for id in 1..=5 {
        store.db.job_enqueue(job(id, id), queue(), at(0)).await.unwrap();
    }
    let claim = || store.db.job_claim(queue(), owner("a", 1), at(0), at(30), true);
    let dead = JobEnd::Dead { error: "e".to_owned(), cause: Cause::Error };
    for end in [JobEnd::Done, dead] {
        let claimed = claim().await.unwrap().unwrap();
        store.db.job_end(claimed.id, claimed.token, end, at(0)).await.unwrap();
    }
    let running = claim().await.unwrap().unwrap();
    assert!(store.db.job_cancel(JobId(5), None, at(0)).await.unwrap());

    assert_eq!(prune(store, Prune::DoneJobs, at(0)).await, 0, "not older than that");
    assert_eq!(prune(store, Prune::DoneJobs, at(1)).await, 2, "done and cancelled");
    assert_eq!(store.rows("jobs").await, 3);
    assert_eq!(prune(store, Prune::DeadJobs, at(1)).await, 1);
    assert!(store.db.job_show(running.id).await.unwrap().is_some());
    assert_eq!(store.rows("jobs WHERE state = 'ready'").await, 1);
}

async fn messages_go_but_not_the_card_of_a_file_under_way(store: &Store) {
    store.open_material(1).await;
    let card = store.db.material_get(MaterialId(1)).await.unwrap().unwrap().card.unwrap().outbox;
    let sent = OutboxId(fresh());
    let waiting = OutboxId(fresh());
    for id in [card, sent, waiting] {
        store.db.outbox_insert(vec![reply(id.0, CHAT)], at(0)).await.unwrap();
    }
    for id in [card, sent] {
        let end = OutboxEnd::Sent(None);
        store.db.outbox_settle(vec![OutboxOutcome { id, end }], at(0)).await.unwrap();
    }
    assert_eq!(prune(store, Prune::Outbox, at(0)).await, 0);
    assert_eq!(prune(store, Prune::Outbox, at(1)).await, 1, "the one that was sent");
    assert_eq!(store.rows("outbox").await, 2);

    let found = ready("h", inspection(Kind::Book, &[]), None);
    store.finish(1, MaterialState::Open, found).await.unwrap();
    assert_eq!(prune(store, Prune::Outbox, at(1)).await, 1, "the card is not needed any more");
    assert_eq!(store.rows("outbox WHERE state = 'queued'").await, 1);
}

async fn told_incidents_go(store: &Store) {
    for chat in [1, 2] {
        let seq = store.waiting_update(ChatId(chat)).await;
        let fault = UpdateFault {
            seq,
            cause: Cause::Panic,
            error: "e".to_owned(),
            max_faults: 0,
            farewell: Vec::new(),
        };
        store.db.update_fault(fault, at(0)).await.unwrap();
    }
    let untold = store.db.incidents_untold(9).await.unwrap();
    store.db.incidents_tell(untold[0].id, 1, Vec::new(), at(5)).await.unwrap();
    assert_eq!(prune(store, Prune::Incidents, at(5)).await, 0);
    assert_eq!(prune(store, Prune::Incidents, at(6)).await, 1);
    assert_eq!(store.db.incidents_untold(9).await.unwrap().len(), 1);
}

async fn dialogs_go_long_after_they_expired(store: &Store) {
    for (chat, expires) in [(1, 0), (2, 100)] {
        let seq = store.waiting_update(ChatId(chat)).await;
        let write = SessionWrite { expires_at: at(expires), ..session(ChatId(chat), 0) };
        let commit = StepCommit { session: Some(write), ..step(seq) };
        store.db.step_commit(commit).await.unwrap();
    }
    assert_eq!(prune(store, Prune::Sessions, at(50)).await, 1);
    assert_eq!(store.rows("sessions WHERE chat_id = 2").await, 1);
    // Whoever comes back begins anew.
    let seq = store.waiting_update(ChatId(1)).await;
    let commit = StepCommit { session: Some(session(ChatId(1), 0)), ..step(seq) };
    store.db.step_commit(commit).await.unwrap();
}

async fn words_of_searches_go_unless_they_were_searched_for_again(store: &Store) {
    let day = TimeDelta::days(1);
    let remember = async |id: i64, now| {
        let seq = store.waiting_update(ChatId(fresh())).await;
        let change = Change::RememberQuery { id: QueryId(id), text: format!("words {id}") };
        let commit = StepCommit { now, changes: vec![plain(change)], ..step(seq) };
        store.db.step_commit(commit).await.unwrap();
    };
    remember(1, at(0)).await;
    remember(2, at(0)).await;
    remember(2, at(0) + day * 5).await;
    assert_eq!(prune(store, Prune::Queries, at(0) + day * 2).await, 1);
    assert_eq!(store.db.query_text(QueryId(1)).await.unwrap(), None);
    assert_eq!(store.db.query_text(QueryId(2)).await.unwrap().as_deref(), Some("words 2"));
}

async fn instances_go_when_they_have_ended(store: &Store) {
    for name in ["ended", "died"] {
        store.db.meta_count_up(format!("epoch:{name}")).await.unwrap();
        assert!(!store.db.run_begin(name.to_owned()).await.unwrap());
    }
    store.db.run_end("ended".to_owned()).await.unwrap();
    let now = store.db.database_now().await.unwrap();
    let hour = TimeDelta::hours(1);
    assert_eq!(store.db.prune_instances(now - hour).await.unwrap(), 0);
    assert_eq!(store.db.prune_instances(now + hour).await.unwrap(), 1);
    assert_eq!(store.rows("meta WHERE key LIKE '%ended%'").await, 0);
    assert!(store.db.run_begin("died".to_owned()).await.unwrap(), "it still knows");

    let ttl = std::time::Duration::from_secs(1);
    for name in ["worker:a", "leader"] {
        store.db.lease_take(name.to_owned(), owner("a", 1), ttl).await.unwrap();
    }
    assert_eq!(prune(store, Prune::Leases, now).await, 0);
    assert_eq!(prune(store, Prune::Leases, now + hour).await, 1);
    assert_eq!(store.rows("leases WHERE name = 'leader'").await, 1);
}

async fn contents_go_with_their_last_material(store: &Store) {
    store.publish(1, &described("Kept"), Kind::Book, &[]).await;
    store.open_material(2).await;
    let found = ready("gone", inspection(Kind::Book, &[]), None);
    store.finish(2, MaterialState::Open, found).await.unwrap();
    let hashes = || vec!["gone".to_owned(), "hash-1".to_owned(), "never".to_owned()];
    let mut named = store.db.blobs_named(hashes()).await.unwrap();
    named.sort();
    named.dedup();
    assert_eq!(named, ["gone", "hash-1"]);
    let late = at(0) + TimeDelta::days(3_000);
    let pruned = async |before| {
        let first = store.db.contents_prune(String::new(), before, 1).await.unwrap();
        let last = first.last.clone().unwrap();
        let second = store.db.contents_prune(last, before, 1).await.unwrap();
        let end = store.db.contents_prune(second.last.clone().unwrap(), before, 1).await.unwrap();
        assert_eq!(end.last, None);
        first.removed + second.removed
    };
    assert_eq!(pruned(late).await, 0, "both have a material");

    store.settle(2, &described("x"), MaterialState::Discarded, Processing::Ready).await.unwrap();
    assert_eq!(pruned(at(-100_000_000)).await, 0, "too young");
    assert_eq!(pruned(late).await, 1);
    let named = store.db.blobs_named(hashes()).await.unwrap();
    assert!(named.iter().all(|hash| hash == "hash-1") && !named.is_empty(), "{named:?}");

    store.place.execute("UPDATE contents SET preview_hash = 'never'").await;
    let named = store.db.blobs_named(hashes()).await.unwrap();
    assert!(named.contains(&"never".to_owned()), "a preview names its file");
}
