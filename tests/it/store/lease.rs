//! Leases by the database's clock, and the fence around what a leader writes.

use std::time::Duration;

use primelingo::domain::ids::{ChatId, MessageId, OutboxId};
use primelingo::store::records::{
    LeaseAnswer, LeaseToken, OutboxEnd, OutboxOutcome, Relied, StepCommit,
};
use primelingo::store::{Db, StoreResult};

use super::fixture::{Store, at, conflict};
use super::jobs::QUIET;
use super::ledger::fault_of;
use super::words::{CHAT, fresh, job, key, owner, reply, session, step};
use crate::support::bot::{bounded, now};

contract! {
    one_holds_a_lease_and_others_are_told_who,
    a_lease_that_ran_out_is_taken_under_another_token,
    the_same_owner_takes_its_own_back_at_once_and_an_earlier_start_does_not,
    a_lease_is_prolonged_until_another_has_it,
    what_is_released_is_free_and_its_token_worthless,
    of_many_who_ask_one_is_given_it,
    workers_are_counted_while_they_live,
    the_clock_is_the_databases,
    a_leader_of_the_past_writes_nothing,
    the_leader_writes_what_it_likes,
    the_worker_of_a_lost_job_shows_no_progress,
}

const NAME: &str = "leader";
const LONG: Duration = Duration::from_mins(10);
const SHORT: Duration = Duration::from_millis(1);
const OTHER: ChatId = ChatId(4_711);

async fn take(store: &Store, instance: &str, epoch: i64, ttl: Duration) -> LeaseAnswer {
    store.db.lease_take(NAME.to_owned(), owner(instance, epoch), ttl).await.unwrap()
}

async fn taken(store: &Store, instance: &str, epoch: i64, ttl: Duration) -> LeaseToken {
    match take(store, instance, epoch, ttl).await {
        LeaseAnswer::Taken { token, .. } => token,
        held @ LeaseAnswer::Held { .. } => panic!("not free: {held:?}"),
    }
}

/// Waits until a lease that was taken for a moment has run out, and takes it.
async fn taken_over(store: &Store, instance: &str) -> LeaseToken {
    bounded("the lease to run out", async || match take(store, instance, 1, LONG).await {
        LeaseAnswer::Taken { token, follows_death } => {
            assert!(follows_death, "nobody has given it back");
            Some(token)
        }
        LeaseAnswer::Held { .. } => None,
    })
    .await
}

async fn renewed(store: &Store, token: LeaseToken) -> bool {
    store.db.lease_renew(NAME.to_owned(), token, LONG).await.unwrap()
}

async fn one_holds_a_lease_and_others_are_told_who(store: &Store) {
    taken(store, "a", 1, LONG).await;
    let answer = take(store, "b", 9, LONG).await;
    let LeaseAnswer::Held { by, left } = answer else { panic!("{answer:?}") };
    assert_eq!(by, "a");
    assert!(left <= LONG && left > LONG / 2, "{left:?}");
    let other = store.db.lease_take("other".to_owned(), owner("b", 1), LONG).await.unwrap();
    let first = LeaseAnswer::Taken { token: LeaseToken(1), follows_death: false };
    assert_eq!(other, first, "another lease is another matter");
}

async fn a_lease_that_ran_out_is_taken_under_another_token(store: &Store) {
    let first = taken(store, "a", 1, SHORT).await;
    let second = taken_over(store, "b").await;
    assert!(second.0 > first.0);
    assert!(!renewed(store, first).await);
    assert!(renewed(store, second).await);
}

async fn the_same_owner_takes_its_own_back_at_once_and_an_earlier_start_does_not(store: &Store) {
    let first = taken(store, "a", 7, LONG).await;
    let second = taken(store, "a", 8, LONG).await;
    assert!(second.0 > first.0);
    assert!(!renewed(store, first).await);
    let answer = take(store, "a", 7, LONG).await;
    assert!(matches!(answer, LeaseAnswer::Held { .. }), "{answer:?}");
    // The answer to its first try was lost: the same process asks again.
    assert!(taken(store, "a", 8, LONG).await.0 > second.0);
}

async fn a_lease_is_prolonged_until_another_has_it(store: &Store) {
    let token = taken(store, "a", 1, SHORT).await;
    // It may have run out by now; nobody was there to take it.
    assert!(renewed(store, token).await);
    let answer = take(store, "b", 1, LONG).await;
    assert!(matches!(answer, LeaseAnswer::Held { .. }), "{answer:?}");
}

async fn what_is_released_is_free_and_its_token_worthless(store: &Store) {
    let first = taken(store, "a", 1, LONG).await;
    store.db.lease_release(NAME.to_owned(), first).await.unwrap();
    assert!(!renewed(store, first).await);
    let seq = store.waiting_update(CHAT).await;
    let late = store.db.under(first).update_done(seq, at(0)).await;
    assert_eq!(conflict(late), "lease");

    let answer = take(store, "b", 1, LONG).await;
    let LeaseAnswer::Taken { token: second, follows_death: false } = answer else {
        panic!("{answer:?}")
    };
    store.db.lease_release(NAME.to_owned(), first).await.unwrap();
    assert!(renewed(store, second).await, "only one's own is given back");
}

async fn of_many_who_ask_one_is_given_it(store: &Store) {
    let asking = (0..8).map(|number| {
        let (db, owner) = (store.db.clone(), owner(&format!("p{number}"), 1));
        tokio::spawn(async move { db.lease_take(NAME.to_owned(), owner, LONG).await.unwrap() })
    });
    let mut given = 0;
    for answer in asking.collect::<Vec<_>>() {
        given += usize::from(matches!(answer.await.unwrap(), LeaseAnswer::Taken { .. }));
    }
    assert_eq!(given, 1);
}

async fn workers_are_counted_while_they_live(store: &Store) {
    let alive = async || store.db.workers_alive().await.unwrap();
    taken(store, "a", 1, LONG).await;
    assert_eq!(alive().await, 0, "the leader is none");
    let show = |name: &str| store.db.lease_take(name.to_owned(), owner("w", 1), LONG);
    let first = show("worker:w1").await.unwrap();
    show("worker:w2").await.unwrap();
    assert_eq!(alive().await, 2);
    let LeaseAnswer::Taken { token, .. } = first else { panic!("{first:?}") };
    store.db.lease_release("worker:w1".to_owned(), token).await.unwrap();
    assert_eq!(alive().await, 1);
}

async fn the_clock_is_the_databases(store: &Store) {
    let first = store.db.database_now().await.unwrap();
    let later = bounded("the clock to go on", async || {
        Some(store.db.database_now().await.unwrap()).filter(|now| *now > first)
    });
    let passed = later.await - first;
    assert!(passed < chrono::TimeDelta::minutes(1), "{passed}");
    assert!((now() - first).abs() < chrono::TimeDelta::minutes(1), "of this host");
}

/// Every call that only the leader may make, on an update and a message that wait for it.
async fn writes(db: &Db, store: &Store) -> Vec<(&'static str, StoreResult<()>)> {
    let seq = store.waiting_update(CHAT).await;
    let message = OutboxId(fresh());
    store.db.outbox_insert(vec![reply(message.0, CHAT)], at(0)).await.unwrap();
    let settle = |end| db.outbox_settle(vec![OutboxOutcome { id: message, end }], at(1));
    let full = StepCommit {
        session: Some(session(CHAT, 0)),
        outbox: vec![reply(fresh(), CHAT)],
        jobs: vec![job(fresh(), fresh())],
        ..step(store.waiting_update(CHAT).await)
    };
    let aside = store.waiting_update(CHAT).await;
    let deferred = OutboxEnd::Deferred { until: at(9), counts: true };
    vec![
        ("fault", db.update_fault(fault_of(seq, "e", 2), at(1)).await.map(drop)),
        ("death", db.update_fault(fault_of(seq, "e", 1), at(1)).await.map(drop)),
        ("claim", db.updates_claim(vec![aside], 1).await),
        ("aside", db.update_put_aside(aside, "r".to_owned(), at(1)).await),
        ("leave out", {
            let seq = store.waiting_update(CHAT).await;
            db.updates_leave_out(vec![seq], Vec::new(), at(1)).await
        }),
        ("done", db.update_done(store.waiting_update(CHAT).await, at(1)).await),
        ("step", db.step_commit(full).await),
        ("step that relies on a copy", {
            let relied = Relied::on(key(OTHER), &store.db.chat_load(key(OTHER)).await.unwrap());
            let seq = store.waiting_update(OTHER).await;
            db.step_commit(StepCommit { relied: Some(relied), ..step(seq) }).await
        }),
        ("begin", db.outbox_begin(vec![message]).await),
        ("defer", settle(deferred).await),
        ("fail", settle(OutboxEnd::Failed("gone")).await),
        ("send", settle(OutboxEnd::Sent(Some(MessageId(3)))).await),
    ]
}

const TOUCHED: &str = "updates WHERE state <> 'new' OR faults > 0 OR last_error IS NOT NULL";

async fn a_leader_of_the_past_writes_nothing(store: &Store) {
    let past = taken(store, "a", 1, SHORT).await;
    taken_over(store, "b").await;
    for (what, result) in writes(&store.db.under(past), store).await {
        let error = result.expect_err(what);
        assert!(error.is_lease_lost(), "{what}: {error}");
    }
    assert_eq!(store.rows(TOUCHED).await, 0);
    assert_eq!(store.rows("outbox").await, 1, "the one that waits");
    let untouched = "outbox WHERE state = 'queued' AND attempts = 0 AND done_at IS NULL";
    assert_eq!(store.rows(untouched).await, 1);
    assert_eq!(store.rows("sessions").await + store.rows("jobs").await, 0);
}

async fn the_leader_writes_what_it_likes(store: &Store) {
    let token = taken(store, "a", 1, LONG).await;
    for (what, result) in writes(&store.db.under(token), store).await {
        result.unwrap_or_else(|error| panic!("{what}: {error}"));
    }
    assert_eq!(store.rows(TOUCHED).await, 6);
    let over = "outbox WHERE state = 'failed' AND attempts = 1 AND message_id IS NULL";
    assert_eq!(store.rows(over).await, 1, "the first outcome stays");
}

async fn the_worker_of_a_lost_job_shows_no_progress(store: &Store) {
    store.db.job_enqueue(job(1, 1), "main".to_owned(), at(0)).await.unwrap();
    let claim = |instance: &str| {
        store.db.job_claim("main".to_owned(), owner(instance, 1), at(0), at(30), true)
    };
    let frozen = claim("a").await.unwrap().unwrap();
    let show = |token| {
        store.db.job_replace_edit(frozen.id, token, reply(fresh(), CHAT), "half".to_owned(), at(0))
    };
    show(frozen.token).await.unwrap();
    store.db.jobs_rescue(owner("b", 1), QUIET, at(31)).await.unwrap();
    assert_eq!(conflict(show(frozen.token).await), "job lease");
    let successor = claim("b").await.unwrap().unwrap();
    assert_eq!(conflict(show(frozen.token).await), "job lease");
    show(successor.token).await.unwrap();
    assert_eq!(store.rows("outbox").await, 2);
}
