//! The queue under many hands: shares, priorities, times, cancellations and schedules.

use std::time::Duration;

use chrono::TimeDelta;
use primelingo::domain::clock::Timestamp;
use primelingo::domain::effect::{Change, JobKind, NewJob, Priority};
use primelingo::domain::failures::by_error;
use primelingo::domain::ids::{JobId, MaterialId, OutboxId};
use primelingo::domain::incident::Cause;
use primelingo::domain::job::NOBODY;
use primelingo::domain::material::{MaterialState, Processing};
use primelingo::store::records::{
    ClaimedJob, JobCount, JobDeaths, JobEnd, JobStanding, Line, NewOutbox, OutboxClass, StepCommit,
};

use super::fixture::{Store, at, conflict};
use super::jobs::QUIET;
use super::words::{CHAT, EDITOR, described, fresh, job, owner, plain, reply, step};

contract! {
    one_file_waits_for_two_others_at_most,
    whoever_has_much_shares_with_whoever_comes_later,
    what_somebody_looks_at_goes_first_and_housekeeping_last,
    a_suspect_goes_before_all_others,
    a_scheduled_job_waits_for_its_time,
    a_cancelled_job_is_nobodys_and_its_file_is_thrown_away,
    a_job_that_is_done_is_not_cancelled,
    a_cancelled_job_that_waits_is_not_claimed,
    a_file_that_is_thrown_away_leaves_the_queue,
    a_withdrawn_file_ends_what_is_open_and_leaves_what_is_done,
    progress_is_written_by_the_holder_alone,
    schedules_survive_and_come_once,
    a_run_that_takes_long_is_not_made_twice,
    jobs_are_counted_by_how_they_stand,
    what_failed_of_the_same_is_tried_again_as_one,
    an_editor_sees_where_their_files_are,
}

const QUEUE: &str = "main";
const BUSY: i64 = 100;
const QUIET_ONE: i64 = 200;

async fn enqueue(store: &Store, job: NewJob, now: Timestamp) {
    store.db.job_enqueue(job, QUEUE.to_owned(), now).await.unwrap();
}

async fn claim(store: &Store, now: Timestamp) -> Option<ClaimedJob> {
    let lease_until = now + TimeDelta::seconds(30);
    store.db.job_claim(QUEUE.to_owned(), owner("a", 1), now, lease_until, true).await.unwrap()
}

async fn done(store: &Store, claimed: &ClaimedJob, now: Timestamp) {
    store.db.job_end(claimed.id, claimed.token, JobEnd::Done, now).await.unwrap();
}

/// One worker, one job a second: after how many others a person's single file is worked on.
async fn others_before(store: &Store, single: JobId, from: i64) -> usize {
    let mut served = 0;
    for second in from.. {
        let claimed = claim(store, at(second)).await.expect("the file waits");
        done(store, &claimed, at(second)).await;
        if claimed.id == single {
            break;
        }
        served += 1;
    }
    served
}

async fn one_file_waits_for_two_others_at_most(store: &Store) {
    for id in 1..=500 {
        enqueue(store, NewJob { fairness_key: BUSY, ..job(id, id) }, at(0)).await;
    }
    for second in 0..20 {
        let claimed = claim(store, at(second)).await.unwrap();
        done(store, &claimed, at(second)).await;
    }
    // A worker is in the middle of one when the single file comes.
    let under_way = claim(store, at(20)).await.unwrap();
    enqueue(store, NewJob { fairness_key: QUIET_ONE, ..job(900, 900) }, at(20)).await;
    done(store, &under_way, at(21)).await;
    assert!(others_before(store, JobId(900), 21).await < 2);
    // Also when others come to be tried again all at once, and when the editor was served before.
    store.place.execute("UPDATE jobs SET attempts = 1 WHERE state = 'ready'").await;
    enqueue(store, NewJob { fairness_key: QUIET_ONE, ..job(901, 901) }, at(22)).await;
    assert!(others_before(store, JobId(901), 22).await <= 2);
}

async fn whoever_has_much_shares_with_whoever_comes_later(store: &Store) {
    for (id, key) in [(1, BUSY), (2, BUSY), (3, BUSY), (4, QUIET_ONE), (5, QUIET_ONE)] {
        enqueue(store, NewJob { fairness_key: key, ..job(id, id) }, at(0)).await;
    }
    let mut order = Vec::new();
    for second in 1..=5 {
        let claimed = claim(store, at(second)).await.unwrap();
        order.push(claimed.id.0);
        done(store, &claimed, at(second)).await;
    }
    assert_eq!(order, [1, 4, 2, 5, 3]);
}

async fn what_somebody_looks_at_goes_first_and_housekeeping_last(store: &Store) {
    let tidy = NewJob {
        id: JobId(1),
        kind: JobKind::PruneJobs,
        fairness_key: NOBODY,
        priority: Priority::Housekeeping,
        not_before: None,
    };
    enqueue(store, tidy, at(0)).await;
    enqueue(store, NewJob { fairness_key: BUSY, ..job(2, 2) }, at(1)).await;
    enqueue(store, NewJob { priority: Priority::Single, ..job(3, 3) }, at(2)).await;
    let mut order = Vec::new();
    for second in 3..=5 {
        order.push(claim(store, at(second)).await.unwrap().id.0);
    }
    assert_eq!(order, [3, 2, 1]);
}

/// It runs alone, so that its guilt is known before anything else is begun.
async fn a_suspect_goes_before_all_others(store: &Store) {
    enqueue(store, NewJob { priority: Priority::Housekeeping, ..job(1, 1) }, at(0)).await;
    assert_eq!(claim(store, at(0)).await.unwrap().id, JobId(1));
    let deaths = JobDeaths { died: true, probation_until: at(1) };
    assert_eq!(store.db.jobs_rescue(owner("a", 2), deaths, at(1)).await.unwrap(), 1);
    let another = NewJob { priority: Priority::Single, fairness_key: BUSY, ..job(2, 2) };
    enqueue(store, another, at(1)).await;
    assert_eq!(claim(store, at(99)).await.unwrap().id, JobId(1));
}

async fn a_scheduled_job_waits_for_its_time(store: &Store) {
    enqueue(store, NewJob { not_before: Some(at(60)), ..job(1, 1) }, at(0)).await;
    assert_eq!(claim(store, at(59)).await, None);
    assert_eq!(store.db.job_next_due(QUEUE.to_owned()).await.unwrap(), Some(at(60)));
    let claimed = claim(store, at(61)).await.unwrap();
    assert_eq!(claimed.waited, Duration::from_secs(1), "since it was due");
}

async fn a_cancelled_job_is_nobodys_and_its_file_is_thrown_away(store: &Store) {
    store.open_material(1).await;
    enqueue(store, job(1, 1), at(0)).await;
    let running = claim(store, at(0)).await.unwrap();
    let stands = || store.db.job_stands(running.id, running.token);
    assert_eq!(stands().await.unwrap(), JobStanding::Ours);
    let edit =
        |id| NewOutbox { class: OutboxClass::Edit, edit_of: Some(OutboxId(1)), ..reply(id, CHAT) };
    let half = "half".to_owned();
    let shown = store.db.job_replace_edit(running.id, running.token, edit(70), half, at(1)).await;
    shown.unwrap();

    assert!(store.db.job_cancel(running.id, Some(edit(71)), at(2)).await.unwrap());

    assert_eq!(stands().await.unwrap(), JobStanding::Cancelled);
    let late = store.db.job_end(running.id, running.token, JobEnd::Done, at(3)).await;
    assert_eq!(conflict(late), "job lease");
    assert!(!store.db.job_beat(running.id, running.token, at(99)).await.unwrap());
    let open = store.db.outbox_open(OutboxId(0), 9).await.unwrap();
    assert_eq!(open.iter().map(|item| item.message.id.0).collect::<Vec<_>>(), [71]);
    let material = store.db.material_get(MaterialId(1)).await.unwrap().unwrap();
    assert_eq!(material.state, MaterialState::Discarded);
    assert_eq!(store.db.jobs_rescue(owner("a", 2), QUIET, at(99)).await.unwrap(), 0);
    assert!(!store.db.job_cancel(running.id, None, at(4)).await.unwrap(), "only once");
    assert_eq!(store.db.job_stands(running.id, 99).await.unwrap(), JobStanding::Lost);
}

async fn a_job_that_is_done_is_not_cancelled(store: &Store) {
    enqueue(store, job(1, 1), at(0)).await;
    let claimed = claim(store, at(0)).await.unwrap();
    done(store, &claimed, at(1)).await;
    assert!(!store.db.job_cancel(JobId(1), None, at(2)).await.unwrap());
    assert_eq!(store.rows("jobs WHERE id = 1 AND state = 'done'").await, 1);
}

async fn a_cancelled_job_that_waits_is_not_claimed(store: &Store) {
    enqueue(store, job(1, 1), at(0)).await;
    assert!(store.db.job_cancel(JobId(1), None, at(0)).await.unwrap());
    assert_eq!(claim(store, at(1)).await, None);
    // The same may be wanted again later.
    enqueue(store, job(2, 1), at(1)).await;
    assert_eq!(claim(store, at(1)).await.unwrap().id, JobId(2));
}

async fn a_file_that_is_thrown_away_leaves_the_queue(store: &Store) {
    for id in [1, 2] {
        store.open_material(id).await;
        enqueue(store, job(id, id), at(0)).await;
    }
    let running = claim(store, at(0)).await.unwrap();
    for id in [1, 2] {
        let to = MaterialState::Discarded;
        store.settle(id, &described("x"), to, Processing::Pending).await.unwrap();
    }
    // The one under way is left to its worker, who looks at the material.
    assert_eq!(running.id, JobId(1));
    assert_eq!(store.rows("jobs WHERE state = 'running' AND id = 1").await, 1);
    assert_eq!(store.rows("jobs WHERE state = 'cancelled' AND id = 2").await, 1);
}

async fn a_withdrawn_file_ends_what_is_open_and_leaves_what_is_done(store: &Store) {
    store.open_material(1).await;
    enqueue(store, job(1, 1), at(0)).await;
    let first = claim(store, at(0)).await.unwrap();
    done(store, &first, at(1)).await;
    enqueue(store, job(2, 1), at(2)).await;
    let running = claim(store, at(2)).await.unwrap();
    let changes = vec![plain(Change::Withdraw(MaterialId(1)))];
    let seq = store.waiting_update(CHAT).await;
    let commit = StepCommit { user: Some(EDITOR), changes, now: at(3), ..step(seq) };
    store.db.step_commit(commit).await.unwrap();
    let standing = store.db.job_stands(running.id, running.token).await.unwrap();
    assert_eq!(standing, JobStanding::Cancelled, "also under its worker");
    assert_eq!(store.rows("jobs WHERE id = 1 AND state = 'done'").await, 1);
}

async fn progress_is_written_by_the_holder_alone(store: &Store) {
    enqueue(store, job(1, 1), at(0)).await;
    let running = claim(store, at(0)).await.unwrap();
    store.db.job_report(running.id, running.token, "texts: 5".to_owned()).await.unwrap();
    let stale = store.db.job_report(running.id, running.token - 1, "no".to_owned()).await;
    assert_eq!(conflict(stale), "job lease");
    let shown = store.db.job_show(running.id).await.unwrap().unwrap();
    assert_eq!(shown.progress.as_deref(), Some("texts: 5"));
    assert_eq!(shown.owner.as_deref(), Some("a"));
}

const HOUR: Duration = Duration::from_hours(1);

fn offered() -> Vec<NewJob> {
    let job = |kind| NewJob {
        id: JobId(fresh()),
        kind,
        fairness_key: NOBODY,
        priority: Priority::Housekeeping,
        not_before: None,
    };
    JobKind::RECURRING.map(job).to_vec()
}

async fn tick(store: &Store, now: Timestamp) -> usize {
    store.db.schedules_tick(offered(), QUEUE.to_owned(), HOUR, now).await.unwrap()
}

async fn schedules_survive_and_come_once(store: &Store) {
    assert!(store.db.schedules_due(at(0)).await.unwrap(), "none is on the list");
    assert_eq!(tick(store, at(0)).await, 0, "the first time is an hour away");
    assert!(!store.db.schedules_due(at(3599)).await.unwrap());
    assert!(store.db.schedules_due(at(3600)).await.unwrap());

    // Several processes see it at once.
    let ticks = (0..6).map(|_| {
        let db = store.db.clone();
        tokio::spawn(async move {
            db.schedules_tick(offered(), QUEUE.to_owned(), HOUR, at(9_000)).await.unwrap()
        })
    });
    let mut due = 0;
    for tick in ticks.collect::<Vec<_>>() {
        due += tick.await.unwrap();
    }
    assert_eq!(due, JobKind::RECURRING.len());
    let all = i64::try_from(JobKind::RECURRING.len()).unwrap();
    assert_eq!(store.rows("jobs").await, all);
    // What was missed is not made up for.
    assert!(!store.db.schedules_due(at(9_000 + 3_599)).await.unwrap());
    assert!(store.db.schedules_due(at(9_000 + 3_600)).await.unwrap());
}

async fn a_run_that_takes_long_is_not_made_twice(store: &Store) {
    tick(store, at(0)).await;
    tick(store, at(3600)).await;
    let first = claim(store, at(3600)).await.unwrap();
    tick(store, at(7200)).await;
    let all = i64::try_from(JobKind::RECURRING.len()).unwrap();
    assert_eq!(store.rows("jobs").await, all, "all are still open");
    done(store, &first, at(7201)).await;
    tick(store, at(10_800)).await;
    assert_eq!(store.rows("jobs").await, all + 1);
}

async fn jobs_are_counted_by_how_they_stand(store: &Store) {
    for id in 1..=3 {
        enqueue(store, job(id, id), at(id)).await;
    }
    enqueue(store, NewJob { not_before: Some(at(500)), ..job(4, 4) }, at(0)).await;
    let first = claim(store, at(10)).await.unwrap();
    let dead = JobEnd::Dead { error: "hopeless".to_owned(), cause: Cause::Error };
    store.db.job_end(first.id, first.token, dead, at(10)).await.unwrap();
    let second = claim(store, at(10)).await.unwrap();
    let again = JobEnd::Retry { at: at(400), error: "away".to_owned(), counts: true };
    store.db.job_end(second.id, second.token, again, at(10)).await.unwrap();

    let of = |standing: &str, due| JobCount {
        queue: QUEUE.to_owned(),
        kind: "process_upload".to_owned(),
        standing: standing.to_owned(),
        count: 1,
        due: at(due),
    };
    let expected = [of("dead", 1), of("ready", 3), of("retry", 400), of("scheduled", 500)];
    assert_eq!(store.db.jobs_count(at(10)).await.unwrap(), expected);
    let mut depth = store.db.jobs_depth(at(10)).await.unwrap();
    depth.sort_by(|a, b| a.standing.cmp(&b.standing));
    assert_eq!(depth, expected.map(|count| JobCount { kind: String::new(), ..count }));
}

async fn what_failed_of_the_same_is_tried_again_as_one(store: &Store) {
    let errors = ["stopped after 5 bytes", "stopped after 17 bytes", "hopeless"];
    for (id, error) in (1..).zip(errors) {
        enqueue(store, job(id, id), at(0)).await;
        let claimed = claim(store, at(id)).await.unwrap();
        let dead = JobEnd::Dead { error: error.to_owned(), cause: Cause::Error };
        store.db.job_end(claimed.id, claimed.token, dead, at(id)).await.unwrap();
    }
    let groups = by_error(store.db.jobs_dead(99).await.unwrap());
    let ids: Vec<Vec<i64>> =
        groups.iter().map(|group| group.ids().map(|id| id.0).collect()).collect();
    assert_eq!(ids, [vec![2, 1], vec![3]], "the newest first");
    for id in groups[0].ids() {
        assert!(store.db.job_retry(id, at(9)).await.unwrap());
    }
    assert_eq!(store.rows("jobs WHERE state = 'ready' AND faults = 0").await, 2);
    assert_eq!(by_error(store.db.jobs_dead(99).await.unwrap()).len(), 1);
}

async fn an_editor_sees_where_their_files_are(store: &Store) {
    for id in 1..=3 {
        store.open_material(id).await;
        enqueue(store, job(id, id), at(id)).await;
    }
    enqueue(store, NewJob { fairness_key: BUSY, ..job(9, 9) }, at(9)).await;
    let running = claim(store, at(10)).await.unwrap();
    store.db.job_report(running.id, running.token, "downloading 40".to_owned()).await.unwrap();
    store.settle(3, &described("x"), MaterialState::Discarded, Processing::Pending).await.unwrap();

    let uploads = store.db.uploads_open(EDITOR, 9).await.unwrap();

    let ids: Vec<i64> = uploads.iter().map(|upload| upload.material.0).collect();
    assert_eq!(ids, [1, 2], "what was thrown away is not under way");
    let jobs: Vec<_> = uploads.into_iter().map(|upload| upload.job.unwrap()).collect();
    assert!(jobs[0].is_running && !jobs[1].is_running);
    assert_eq!(jobs[0].progress.as_deref(), Some("downloading 40"));
    let mut line = store.db.jobs_line(QUEUE.to_owned(), at(10)).await.unwrap();
    line.sort_by_key(|line| line.fairness_key);
    let one = |fairness_key| Line { fairness_key, priority: 0, count: 1 };
    assert_eq!(line, [one(BUSY), one(EDITOR.0)]);
}
