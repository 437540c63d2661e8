//! Faults, deaths, and what was put aside.

use primelingo::domain::ids::{ChatId, JobId, UserId};
use primelingo::domain::incident::{Cause, Subject};
use primelingo::domain::role::Role;
use primelingo::store::records::{ClaimedJob, JobDeaths, JobEnd, UpdateFault};

use super::fixture::{Store, at, conflict};
use super::words::{CHAT, job, owner};

contract! {
    a_life_without_an_end_was_a_death,
    what_ran_at_a_death_runs_alone_until_it_has_survived,
    a_suspect_on_probation_is_cleared_by_another_death,
    a_death_that_is_explained_clears_the_jobs,
    the_heads_of_chats_are_those_that_may_have_been_in_flight,
    an_incident_is_told_once,
    only_people_who_can_be_written_to_are_in_charge,
    what_was_put_aside_can_be_replayed,
}

const QUEUE: &str = "main";

/// A start of the instance after a death.
const fn death(probation: i64) -> (bool, i64) {
    (true, probation)
}

async fn rescue(store: &Store, epoch: i64, (died, probation): (bool, i64)) -> usize {
    let deaths = JobDeaths { died, probation_until: at(probation) };
    store.db.jobs_rescue(owner("a", epoch), deaths, at(0)).await.unwrap()
}

async fn claim(store: &Store, epoch: i64, now: i64, idle: bool) -> Option<ClaimedJob> {
    let claim =
        store.db.job_claim(QUEUE.to_owned(), owner("a", epoch), at(now), at(now + 1_000), idle);
    claim.await.unwrap()
}

async fn a_life_without_an_end_was_a_death(store: &Store) {
    let begin = || store.db.run_begin("a".to_owned());
    assert!(!begin().await.unwrap(), "the first life of all");
    assert!(begin().await.unwrap());
    store.db.run_end("a".to_owned()).await.unwrap();
    assert!(!begin().await.unwrap());
    assert!(!store.db.run_begin("b".to_owned()).await.unwrap(), "each instance has its own");
}

async fn what_ran_at_a_death_runs_alone_until_it_has_survived(store: &Store) {
    for id in [1, 2] {
        store.db.job_enqueue(job(id, id), QUEUE.to_owned(), at(0)).await.unwrap();
    }
    claim(store, 1, 0, true).await.unwrap();
    assert_eq!(rescue(store, 2, death(0)).await, 1);

    assert_eq!(claim(store, 2, 0, false).await, None, "nothing is given out beside others");
    let suspect = claim(store, 2, 0, true).await.unwrap();
    assert_eq!((suspect.id, suspect.suspicion), (JobId(1), 1));
    let retry = JobEnd::Retry { at: at(5), error: "e".to_owned(), counts: true };
    store.db.job_end(suspect.id, suspect.token, retry, at(1)).await.unwrap();

    claim(store, 2, 1, false).await.unwrap();
    let cleared = claim(store, 2, 5, false).await.unwrap();
    assert_eq!((cleared.id, cleared.suspicion, cleared.faults), (JobId(1), 0, 1));
}

async fn a_suspect_on_probation_is_cleared_by_another_death(store: &Store) {
    store.db.job_enqueue(job(1, 1), QUEUE.to_owned(), at(0)).await.unwrap();
    claim(store, 1, 0, true).await.unwrap();
    rescue(store, 2, death(0)).await;
    claim(store, 2, 0, true).await.unwrap();
    rescue(store, 3, death(100)).await;
    assert_eq!(
        claim(store, 3, 99, true).await,
        None,
        "the process proves that it lives without it"
    );

    // It died of something else.
    rescue(store, 4, death(100)).await;
    assert_eq!(claim(store, 4, 0, true).await.unwrap().suspicion, 1);
    rescue(store, 5, death(100)).await;
    assert_eq!(claim(store, 5, 100, true).await.unwrap().suspicion, 2);
    rescue(store, 6, death(0)).await;
    assert_eq!(claim(store, 6, 100, true).await.unwrap().suspicion, 3, "twice alone");
    // An orderly stop that could not give it back is no death.
    assert_eq!(rescue(store, 7, (false, 0)).await, 1);
    assert_eq!(claim(store, 7, 100, true).await.unwrap().suspicion, 3);
}

async fn a_death_that_is_explained_clears_the_jobs(store: &Store) {
    store.db.job_enqueue(job(1, 1), QUEUE.to_owned(), at(0)).await.unwrap();
    claim(store, 1, 0, true).await.unwrap();
    rescue(store, 2, death(0)).await;
    let seq = store.waiting_update(CHAT).await;
    let fault = UpdateFault {
        seq,
        cause: Cause::Death,
        error: "e".to_owned(),
        max_faults: 0,
        farewell: Vec::new(),
    };
    assert!(store.db.update_fault(fault, at(1)).await.unwrap());
    assert_eq!(claim(store, 2, 1, false).await.unwrap().suspicion, 0);
}

async fn the_heads_of_chats_are_those_that_may_have_been_in_flight(store: &Store) {
    let first = store.waiting_update(ChatId(1)).await;
    let other = store.waiting_update(ChatId(2)).await;
    store.waiting_update(ChatId(1)).await;
    let third = store.waiting_update(ChatId(3)).await;
    store.db.updates_claim(vec![third], 1).await.unwrap();

    let heads = store.db.updates_heads(9).await.unwrap();
    let heads: Vec<_> = heads.iter().map(|head| (head.seq, head.claims)).collect();
    assert_eq!(heads, [(third, 1), (first, 0), (other, 0)], "what was claimed is first");
    assert_eq!(store.db.updates_heads(1).await.unwrap().len(), 1);
}

async fn an_incident_is_told_once(store: &Store) {
    let seq = store.waiting_update(CHAT).await;
    let fault = UpdateFault {
        seq,
        cause: Cause::Panic,
        error: "e".to_owned(),
        max_faults: 1,
        farewell: Vec::new(),
    };
    store.db.update_fault(fault, at(1)).await.unwrap();
    let untold = store.db.incidents_untold(9).await.unwrap();
    let [incident] = untold.as_slice() else { panic!("{untold:?}") };
    assert_eq!((incident.subject, incident.cause), (Subject::Update(seq), Cause::Panic));

    store.db.incidents_tell(incident.id, 1, Vec::new(), at(2)).await.unwrap();
    let again = store.db.incidents_tell(incident.id, 1, Vec::new(), at(2)).await;
    assert_eq!(conflict(again), "incident");
    assert_eq!(store.db.incidents_untold(9).await.unwrap(), []);
}

async fn only_people_who_can_be_written_to_are_in_charge(store: &Store) {
    for (id, role) in [(1, Role::Admin), (2, Role::Editor), (3, Role::Owner), (4, Role::Admin)] {
        store.db.user_set_role(UserId(id), role, at(0)).await.unwrap();
    }
    store.place.execute("UPDATE users SET last_seen_at = created_at WHERE id <> 4").await;
    store.db.user_set_reachable(UserId(3), false).await.unwrap();
    let people = store.db.people_in_charge(vec![UserId(2), UserId(9)]).await.unwrap();
    let ids: Vec<i64> = people.iter().map(|person| person.id.0).collect();
    assert_eq!(ids, [1, 2], "an admin, and an owner by configuration");
}

async fn what_was_put_aside_can_be_replayed(store: &Store) {
    let seq = store.waiting_update(CHAT).await;
    assert!(!store.db.update_replay(seq).await.unwrap(), "it is open");
    store.db.update_put_aside(seq, "unknown kind".to_owned(), at(1)).await.unwrap();
    assert_eq!(store.db.updates_aside(9).await.unwrap().len(), 1);

    assert!(store.db.update_replay(seq).await.unwrap());

    let open = store.db.updates_of_chat(CHAT, 9).await.unwrap();
    assert_eq!((open.len(), open[0].faults), (1, 0));
    assert!(store.db.updates_aside(9).await.unwrap().is_empty());
}
