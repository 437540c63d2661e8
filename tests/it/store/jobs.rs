//! The job queue: leases and fencing tokens.

use std::collections::HashSet;

use primelingo::domain::clock::Timestamp;
use primelingo::domain::effect::NewJob;
use primelingo::domain::ids::JobId;
use primelingo::domain::incident::Cause;
use primelingo::store::records::{ClaimedJob, JobDeaths, JobEnd};

use super::fixture::{Store, at, conflict};
use super::words::{job, owner};

contract! {
    a_job_is_claimed_under_a_token,
    the_weightiest_then_the_least_served_then_the_oldest_is_next,
    a_successor_fences_off_the_first_owner,
    a_retry_waits_for_its_time,
    an_open_job_with_the_same_key_is_the_same_job,
    what_is_dead_stays_dead_with_its_error,
    a_restarted_instance_takes_its_own_back_at_once,
    others_wait_for_the_lease,
    a_beat_keeps_the_lease,
    two_workers_never_get_the_same_job,
    the_next_due_time_is_that_of_a_ready_job,
}

const QUEUE: &str = "main";

/// Nobody has died.
pub const QUIET: JobDeaths = JobDeaths { died: false, probation_until: Timestamp::UNIX_EPOCH };

async fn enqueue(store: &Store, job: NewJob, run_at: Timestamp) {
    store.db.job_enqueue(job, QUEUE.to_owned(), run_at).await.unwrap();
}

async fn claim(store: &Store, instance: &str, epoch: i64, now: Timestamp) -> Option<ClaimedJob> {
    let lease_until = now + chrono::TimeDelta::seconds(30);
    store
        .db
        .job_claim(QUEUE.to_owned(), owner(instance, epoch), now, lease_until, true)
        .await
        .unwrap()
}

async fn a_job_is_claimed_under_a_token(store: &Store) {
    assert_eq!(claim(store, "a", 1, at(0)).await, None);
    enqueue(store, job(1, 11), at(0)).await;
    let elsewhere =
        store.db.job_claim("other".to_owned(), owner("a", 1), at(0), at(30), true).await;
    assert_eq!(elsewhere.unwrap(), None);

    let claimed = claim(store, "a", 1, at(0)).await.unwrap();

    assert_eq!((claimed.id, claimed.attempt), (JobId(1), 1));
    assert_eq!(claimed.payload, r#"{"kind":"process_upload","material":11}"#);
    assert_eq!(claim(store, "a", 1, at(0)).await, None, "it is taken");
    store.db.job_end(claimed.id, claimed.token, JobEnd::Done, at(1)).await.unwrap();
    assert_eq!(claim(store, "a", 1, at(99)).await, None, "it is done");
    let again = store.db.job_end(claimed.id, claimed.token, JobEnd::Done, at(1)).await;
    assert_eq!(conflict(again), "job lease");
}

async fn the_weightiest_then_the_least_served_then_the_oldest_is_next(store: &Store) {
    let (busy, quiet) = (100, 200);
    for (id, fairness_key, due) in
        [(1, busy, 0), (2, busy, 1), (3, busy, 2), (4, quiet, 8), (5, quiet, 7), (6, busy, 9)]
    {
        enqueue(store, NewJob { fairness_key, ..job(id, id) }, at(due)).await;
    }
    store.place.execute("UPDATE jobs SET priority = 5 WHERE id = 6").await;

    let mut order = Vec::new();
    while let Some(claimed) = claim(store, "a", 1, at(10)).await {
        order.push(claimed.id.0);
    }

    // 6 weighs most; then whoever has fewest running, and among those the oldest.
    assert_eq!(order, [6, 5, 1, 4, 2, 3]);
}

async fn a_successor_fences_off_the_first_owner(store: &Store) {
    enqueue(store, job(1, 1), at(0)).await;
    let frozen = claim(store, "a", 1, at(0)).await.unwrap();
    assert_eq!(store.db.jobs_rescue(owner("b", 1), QUIET, at(31)).await.unwrap(), 1);

    // Nobody has it yet, and yet it is no longer the first owner's.
    let ends = [JobEnd::Done, JobEnd::Dead { error: "e".to_owned(), cause: Cause::Error }];
    for end in ends.clone() {
        let late = store.db.job_end(frozen.id, frozen.token, end, at(31)).await;
        assert_eq!(conflict(late), "job lease");
    }
    let successor = claim(store, "b", 1, at(31)).await.unwrap();
    assert_eq!((successor.id, successor.attempt), (frozen.id, 2));
    assert!(successor.token > frozen.token);

    let retry = JobEnd::Retry { at: at(32), error: "e".to_owned(), counts: true };
    for end in ends.into_iter().chain([retry]) {
        let late = store.db.job_end(frozen.id, frozen.token, end, at(32)).await;
        assert_eq!(conflict(late), "job lease");
    }
    assert!(!store.db.job_beat(frozen.id, frozen.token, at(999)).await.unwrap());
    store.db.job_end(successor.id, successor.token, JobEnd::Done, at(33)).await.unwrap();
}

async fn a_retry_waits_for_its_time(store: &Store) {
    enqueue(store, job(1, 1), at(0)).await;
    let first = claim(store, "a", 1, at(0)).await.unwrap();
    let retry = JobEnd::Retry { at: at(60), error: "away \0".to_owned(), counts: false };
    store.db.job_end(first.id, first.token, retry, at(1)).await.unwrap();

    assert_eq!(claim(store, "a", 1, at(59)).await, None);
    let second = claim(store, "a", 1, at(60)).await.unwrap();
    assert_eq!((second.id, second.attempt), (first.id, 2));
    assert_ne!(second.token, first.token);
}

async fn an_open_job_with_the_same_key_is_the_same_job(store: &Store) {
    enqueue(store, job(1, 11), at(0)).await;
    enqueue(store, job(2, 11), at(0)).await;
    let claimed = claim(store, "a", 1, at(0)).await.unwrap();
    enqueue(store, job(3, 11), at(0)).await;
    assert_eq!(store.rows("jobs").await, 1, "also while it is running");

    store.db.job_end(claimed.id, claimed.token, JobEnd::Done, at(1)).await.unwrap();
    enqueue(store, job(4, 11), at(1)).await;

    assert_eq!(claim(store, "a", 1, at(1)).await.unwrap().id, JobId(4));
    // Another material is another job.
    enqueue(store, job(5, 12), at(1)).await;
    assert_eq!(claim(store, "a", 1, at(1)).await.unwrap().id, JobId(5));
}

async fn what_is_dead_stays_dead_with_its_error(store: &Store) {
    enqueue(store, job(1, 11), at(0)).await;
    let claimed = claim(store, "a", 1, at(0)).await.unwrap();
    let dead = JobEnd::Dead { error: "hopeless".to_owned(), cause: Cause::Error };
    store.db.job_end(claimed.id, claimed.token, dead, at(1)).await.unwrap();

    assert_eq!(store.db.jobs_rescue(owner("a", 2), QUIET, at(999)).await.unwrap(), 0);
    assert_eq!(claim(store, "a", 2, at(999)).await, None);
    assert_eq!(store.rows("jobs WHERE state = 'dead' AND error = 'hopeless'").await, 1);
}

async fn a_restarted_instance_takes_its_own_back_at_once(store: &Store) {
    for id in 1..=3 {
        enqueue(store, job(id, id), at(0)).await;
    }
    claim(store, "a", 1, at(0)).await.unwrap();
    claim(store, "b", 1, at(0)).await.unwrap();
    assert_eq!(
        store.db.jobs_rescue(owner("a", 1), QUIET, at(1)).await.unwrap(),
        0,
        "it holds that itself"
    );

    assert_eq!(store.db.jobs_rescue(owner("a", 2), QUIET, at(1)).await.unwrap(), 1);

    let ids = [claim(store, "a", 2, at(1)).await, claim(store, "a", 2, at(1)).await];
    assert_eq!(ids.map(|claimed| claimed.unwrap().id.0), [1, 3], "b still has 2");
}

async fn others_wait_for_the_lease(store: &Store) {
    enqueue(store, job(1, 1), at(0)).await;
    claim(store, "a", 1, at(0)).await.unwrap();
    assert_eq!(store.db.jobs_rescue(owner("b", 9), QUIET, at(30)).await.unwrap(), 0);
    assert_eq!(store.db.jobs_rescue(owner("b", 9), QUIET, at(31)).await.unwrap(), 1);
}

async fn a_beat_keeps_the_lease(store: &Store) {
    enqueue(store, job(1, 1), at(0)).await;
    let claimed = claim(store, "a", 1, at(0)).await.unwrap();
    assert!(store.db.job_beat(claimed.id, claimed.token, at(60)).await.unwrap());
    assert_eq!(store.db.jobs_rescue(owner("b", 1), QUIET, at(59)).await.unwrap(), 0);

    store.db.job_end(claimed.id, claimed.token, JobEnd::Done, at(59)).await.unwrap();
    assert!(!store.db.job_beat(claimed.id, claimed.token, at(90)).await.unwrap());
}

async fn two_workers_never_get_the_same_job(store: &Store) {
    for id in 1..=40 {
        enqueue(store, job(id, id), at(0)).await;
    }
    let workers = (0..8).map(|number| {
        let db = store.db.clone();
        tokio::spawn(async move {
            let mut got = Vec::new();
            let owner = owner(&format!("worker-{number}"), 1);
            let mine = || db.job_claim(QUEUE.to_owned(), owner.clone(), at(0), at(30), true);
            while let Some(claimed) = mine().await.unwrap() {
                db.job_end(claimed.id, claimed.token, JobEnd::Done, at(0)).await.unwrap();
                got.push(claimed.id);
            }
            got
        })
    });
    let mut all = Vec::new();
    for worker in workers.collect::<Vec<_>>() {
        all.extend(worker.await.unwrap());
    }
    assert_eq!(all.len(), 40);
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), 40);
    assert_eq!(store.rows("jobs WHERE state = 'done' AND attempts = 1").await, 40);
}

async fn the_next_due_time_is_that_of_a_ready_job(store: &Store) {
    assert_eq!(store.db.job_next_due(QUEUE.to_owned()).await.unwrap(), None);
    enqueue(store, job(1, 1), at(50)).await;
    enqueue(store, job(2, 2), at(20)).await;
    assert_eq!(store.db.job_next_due(QUEUE.to_owned()).await.unwrap(), Some(at(20)));
    claim(store, "a", 1, at(20)).await.unwrap();
    assert_eq!(store.db.job_next_due(QUEUE.to_owned()).await.unwrap(), Some(at(50)));
    assert_eq!(store.db.job_next_due("other".to_owned()).await.unwrap(), None);
}
