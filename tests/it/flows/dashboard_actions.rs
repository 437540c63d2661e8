//! What people do on the dashboard: each action, its note in the audit log, its way back, and who
//! may not.

use primelingo::domain::effect::{JobKind, NewJob, Priority};
use primelingo::domain::ids::{JobId, MaterialId, UserId};
use primelingo::domain::role::Role;
use serde_json::{Value, json};

use super::dashboard::slow_broadcast;
use crate::support::bot::{ADAM, Backend, Bot, BotOptions, EDNA, Process, Visitor, now};

flows! {
    both {
        a_group_of_dead_jobs_gets_another_try_and_is_taken_back,
        a_paused_queue_gives_nothing_out,
    }
    sqlite {
        jobs_are_retried_dropped_and_cancelled_one_by_one,
        a_broadcast_is_paused_resumed_and_cancelled,
        an_owner_restarts_an_actor,
        each_rank_may_do_its_own,
        what_was_done_outlives_a_kill,
    }
}

/// An owner.
const OLGA: i64 = 4_007;
/// A queue that nobody works off.
const QUEUE: &str = "elsewhere";

async fn start(backend: Backend) -> Bot {
    Bot::start(BotOptions::on(backend).dashboard().set("jobs.beat_s", "1")).await
}

async fn open_job(bot: &Bot, number: i64) {
    let job = NewJob {
        id: JobId(number),
        kind: JobKind::ProcessUpload { material: MaterialId(number) },
        fairness_key: EDNA,
        priority: Priority::Single,
        not_before: None,
    };
    bot.db.job_enqueue(job, QUEUE.to_owned(), now()).await.unwrap();
}

async fn dead_job(bot: &Bot, number: i64, error: &str) {
    open_job(bot, number).await;
    let sql = format!(
        "UPDATE jobs SET state = 'dead', done_at = run_at, error = '{error}' WHERE id = {number}"
    );
    bot.execute(&sql).await;
}

async fn states(bot: &Bot) -> Vec<String> {
    bot.texts(&format!("SELECT state FROM jobs WHERE queue = '{QUEUE}' ORDER BY id")).await
}

/// Somebody who sees who did what.
async fn an_owner(bot: &mut Bot) -> Visitor {
    bot.db.user_set_role(UserId(OLGA), Role::Owner, now()).await.unwrap();
    bot.visitor(OLGA).await
}

/// Waits until an owner's page shows that this was done last, to that, and by which way.
async fn is_noted(owner: &Visitor, action: &str, target: &str, via: &str) {
    let line = json!({"action": action, "target": target, "via": via});
    let fits = |state: &Value| {
        ["action", "target", "via"].iter().all(|field| state["audit"][0][field] == line[field])
    };
    owner.sees(&line.to_string(), fits).await;
}

/// Nothing of these tests is left for the bot's end.
async fn clear(bot: &Bot) {
    bot.execute(&format!("DELETE FROM jobs WHERE queue = '{QUEUE}'")).await;
}

async fn a_group_of_dead_jobs_gets_another_try_and_is_taken_back(backend: Backend) {
    let mut bot = start(backend).await;
    for number in [1, 2, 3] {
        dead_job(&bot, number, "download: timeout after 17 s").await;
    }
    dead_job(&bot, 4, "<script>alert(1)</script>").await;
    let owner = an_owner(&mut bot).await;
    let visitor = bot.visitor(ADAM).await;
    let state = visitor.sees("two groups", |state| state["failed"][1].is_object()).await;
    let failed = &state["failed"][0];
    assert_eq!(
        (&failed["count"], &failed["task"]),
        (&json!(3), &json!("process_upload")),
        "{failed}"
    );
    assert_eq!(state["failed"][1]["error"], "<script>alert(1)</script>");
    let group = failed["group"].as_str().unwrap();

    let undo = visitor.done("group_retry", group).await.expect("a way back");
    assert_eq!(states(&bot).await, ["ready", "ready", "ready", "dead"]);
    is_noted(&owner, "group_retry", group, "web").await;
    let due = format!(
        "SELECT count(*) FROM jobs WHERE queue = '{QUEUE}' AND run_at > created_at AND state = 'ready'"
    );
    assert_eq!(bot.number(&due).await, 3, "none is begun before it cannot be taken back");
    let editor = bot.visitor(EDNA).await;
    assert_eq!(editor.act("undo", &undo).await.0, 403);
    visitor.done("undo", &undo).await;
    assert_eq!(states(&bot).await, ["dead", "dead", "dead", "dead"]);
    is_noted(&owner, "undo", "", "web").await;
    assert_eq!(visitor.act("undo", &undo).await.0, 409, "once only");

    let undo = visitor.done("group_drop", group).await.expect("a way back");
    assert_eq!(states(&bot).await, ["cancelled", "cancelled", "cancelled", "dead"]);
    is_noted(&owner, "group_drop", group, "web").await;
    assert_eq!(visitor.act("group_drop", group).await.0, 404, "the group is gone");
    visitor.done("undo", &undo).await;
    assert_eq!(states(&bot).await, ["dead", "dead", "dead", "dead"]);

    // Another job does the same already: it is left as it is, and the others follow.
    open_job(&bot, 5).await;
    bot.execute(
        "UPDATE jobs SET unique_key = (SELECT unique_key FROM jobs WHERE id = 1) WHERE id = 5",
    )
    .await;
    visitor.done("group_retry", group).await.expect("a way back");
    assert_eq!(states(&bot).await, ["dead", "ready", "ready", "dead", "ready"]);
    clear(&bot).await;
    bot.finish().await;
}

async fn jobs_are_retried_dropped_and_cancelled_one_by_one(backend: Backend) {
    let mut bot = start(backend).await;
    for number in [1, 2] {
        dead_job(&bot, number, "no end").await;
    }
    open_job(&bot, 3).await;
    let owner = an_owner(&mut bot).await;
    let visitor = bot.visitor(ADAM).await;
    assert_eq!(visitor.done("job_retry", "1").await, None);
    is_noted(&owner, "job_retry", "1", "web").await;
    let undo = visitor.done("job_drop", "2").await.expect("a way back");
    is_noted(&owner, "job_drop", "2", "web").await;
    assert_eq!(states(&bot).await, ["ready", "cancelled", "ready"]);
    visitor.done("undo", &undo).await;
    assert_eq!(states(&bot).await, ["ready", "dead", "ready"]);
    // Cancelling is final, and so takes effect when it cannot be taken back any more.
    let undo = visitor.done("job_cancel", "1").await.expect("a way back");
    visitor.done("undo", &undo).await;
    visitor.done("job_cancel", "3").await.expect("a way back");
    assert_eq!(states(&bot).await, ["ready", "dead", "ready"]);
    is_noted(&owner, "job_cancel", "3", "web").await;
    assert_eq!(states(&bot).await, ["ready", "dead", "cancelled"]);
    for (action, target, status) in [
        ("job_retry", "1", 409),
        ("job_drop", "3", 409),
        ("job_cancel", "3", 409),
        ("job_retry", "99", 404),
        ("job_cancel", "99", 404),
        ("job_retry", "x", 404),
        ("group_retry", "nothere", 404),
        ("undo", "nothere", 409),
    ] {
        assert_eq!(visitor.act(action, target).await.0, status, "{action} {target}");
    }
    let notes = bot.number("SELECT count(*) FROM audit WHERE action = 'control_job'").await;
    assert_eq!(notes, 4, "what was not done is not noted");
    clear(&bot).await;
    bot.finish().await;
}

async fn a_paused_queue_gives_nothing_out(backend: Backend) {
    let mut bot = start(backend).await;
    let owner = an_owner(&mut bot).await;
    let visitor = bot.visitor(ADAM).await;
    visitor.done("queue_pause", "default").await;
    assert_eq!(visitor.act("queue_pause", "default").await.0, 409, "it is so already");
    assert_eq!(visitor.act("queue_pause", "nothere").await.0, 404);
    is_noted(&owner, "queue_pause", "default", "web").await;
    let job = NewJob {
        id: JobId(1),
        kind: JobKind::RollUpStatistics,
        fairness_key: ADAM,
        priority: Priority::Single,
        not_before: None,
    };
    bot.db.job_enqueue(job, "default".to_owned(), now()).await.unwrap();
    let held = visitor.sees("a held job", |state| state["queues"][0]["ready"] == 1).await;
    assert_eq!(
        (&held["queues"][0]["paused"], &held["queues"][0]["may"]),
        (&json!(true), &json!(["resume"]))
    );
    // The dispatcher has looked since: it shows what it knows at each look.
    bot.until("the dispatcher's word of it", async |_| {
        let figures = visitor.request(reqwest::Method::GET, "/metrics").send().await.unwrap();
        figures.text().await.unwrap().contains("primelingo_queue_paused{queue=\"default\"} 1")
    })
    .await;
    assert_eq!(bot.texts("SELECT state FROM jobs WHERE id = 1").await, ["ready"]);
    let listed = Process::run(bot.folder(), bot.settings(), &["jobs", "list"]);
    assert!(listed.starts_with("queue default is held"), "{listed}");
    let resumed = Process::run(bot.folder(), bot.settings(), &["jobs", "resume", "default"]);
    assert_eq!(resumed.trim(), "queue default goes on");
    bot.settle_all().await;
    assert_eq!(bot.texts("SELECT state FROM jobs WHERE id = 1").await, ["done"]);
    is_noted(&owner, "queue_resume", "default", "cli").await;
    Process::run(bot.folder(), bot.settings(), &["jobs", "pause", "default"]);
    visitor.done("queue_resume", "default").await;
    is_noted(&owner, "queue_resume", "default", "web").await;
    bot.finish().await;
}

async fn a_broadcast_is_paused_resumed_and_cancelled(backend: Backend) {
    let mut bot = start(backend).await;
    let owner = an_owner(&mut bot).await;
    let visitor = bot.visitor(ADAM).await;
    slow_broadcast(&bot, "News").await;
    let is = |wanted: &'static str| move |state: &Value| state["broadcasts"][0]["state"] == wanted;
    visitor.sees("a running broadcast", is("running")).await;
    assert_eq!(visitor.act("broadcast_resume", "7").await.0, 409);
    assert_eq!(visitor.act("broadcast_pause", "8").await.0, 404);
    for (action, state) in [("broadcast_pause", "paused"), ("broadcast_resume", "running")] {
        assert_eq!(visitor.done(action, "7").await, None);
        visitor.sees(state, is(state)).await;
        is_noted(&owner, action, "7", "web").await;
    }
    // Nothing more leaves, and it goes on when that is taken back.
    let undo = visitor.done("broadcast_cancel", "7").await.expect("a way back");
    assert_eq!(bot.texts("SELECT state FROM broadcasts").await, ["paused"]);
    visitor.done("undo", &undo).await;
    assert_eq!(bot.texts("SELECT state FROM broadcasts").await, ["running"]);
    visitor.done("broadcast_cancel", "7").await.expect("a way back");
    visitor.sees("cancelled", is("cancelled")).await;
    is_noted(&owner, "broadcast_cancel", "7", "web").await;
    assert_eq!(visitor.act("broadcast_cancel", "7").await.0, 409);
    bot.ctl("faults", json!({"clear": true})).await;
    bot.finish().await;
}

async fn an_owner_restarts_an_actor(backend: Backend) {
    let owner = ADAM.to_string();
    let options = BotOptions::on(backend).dashboard().set("access.owners", &owner);
    let mut bot = Bot::start(options).await;
    let owner = an_owner(&mut bot).await;
    let visitor = bot.visitor(ADAM).await;
    assert_eq!(visitor.get("/api/v1/me").await.1["role"], "owner");
    let restarts = |state: &Value| {
        let actors = state["actors"].as_array().unwrap().iter();
        actors
            .filter(|it| it["name"] == "alerter")
            .filter_map(|it| it["restarts"].as_u64())
            .sum::<u64>()
    };
    let before = restarts(&visitor.sees("actors", |state| state["actors"][0].is_object()).await);
    assert_eq!(visitor.act("actor_restart", "nobody").await.0, 404);
    bot.expect_error("child.name=\"alerter\" child.generation=2");
    visitor.done("actor_restart", "alerter").await;
    visitor.sees("another generation", |state| restarts(state) > before).await;
    is_noted(&owner, "actor_restart", "alerter", "web").await;
    bot.until("a mark in the history", async |_| {
        let marks = visitor.get("/api/v1/history").await.1["marks"].clone();
        marks
            .as_array()
            .unwrap()
            .iter()
            .any(|it| it["kind"] == "restart" && it["text"] == "alerter")
    })
    .await;
    assert_eq!(visitor.act("log_level", "everything").await.0, 404);
    visitor.done("log_level", "warn").await;
    visitor.sees("another log level", |state| state["log_level"] == "warn").await;
    is_noted(&owner, "log_level", "warn", "web").await;
    bot.finish().await;
}

/// What each rank may not do is refused, whatever stands there.
async fn each_rank_may_do_its_own(backend: Backend) {
    const FOR_OPERATORS: [(&str, &str); 12] = [
        ("broadcast_pause", "7"),
        ("broadcast_resume", "7"),
        ("broadcast_cancel", "7"),
        ("job_retry", "7"),
        ("job_drop", "7"),
        ("job_cancel", "7"),
        ("group_retry", "ab12"),
        ("group_drop", "ab12"),
        ("queue_pause", "nothere"),
        ("queue_resume", "nothere"),
        ("alert_ack", "7"),
        ("undo", "0f0f"),
    ];
    const FOR_OWNERS: [(&str, &str); 2] =
        [("actor_restart", "nobody"), ("log_level", "everything")];
    let mut bot = start(backend).await;
    let refusal = (403, json!({"error": "role"}));
    let (editor, admin) = (bot.visitor(EDNA).await, bot.visitor(ADAM).await);
    for (action, target) in FOR_OPERATORS.into_iter().chain(FOR_OWNERS) {
        assert_eq!(editor.act(action, target).await, refusal, "{action}");
    }
    for (action, target) in FOR_OWNERS {
        assert_eq!(admin.act(action, target).await, refusal, "{action}");
    }
    for (action, target) in FOR_OPERATORS {
        let (status, answer) = admin.act(action, target).await;
        assert!(matches!(status, 404 | 409), "{action}: {status} {answer}");
    }
    bot.db.user_set_role(UserId(ADAM), Role::Owner, now()).await.unwrap();
    bot.until("an owner", async |_| admin.get("/api/v1/me").await.1["role"] == "owner").await;
    for (action, target) in FOR_OWNERS {
        let (status, answer) = admin.act(action, target).await;
        assert!(matches!(status, 404 | 409), "{action}: {status} {answer}");
    }
    bot.finish().await;
}

async fn what_was_done_outlives_a_kill(backend: Backend) {
    let mut bot = start(backend).await;
    for number in [1, 2] {
        dead_job(&bot, number, "no end").await;
    }
    let visitor = bot.visitor(ADAM).await;
    let state = visitor.sees("a group", |state| state["failed"][0].is_object()).await;
    let group = state["failed"][0]["group"].as_str().unwrap().to_owned();
    let undo = visitor.done("group_retry", &group).await.expect("a way back");
    visitor.done("queue_pause", "default").await;
    bot.kill().await;
    bot.restart().await;
    assert_eq!(states(&bot).await, ["ready", "ready"]);
    assert_eq!(visitor.act("undo", &undo).await.0, 409, "the way back is lost, and nothing else");
    let paused = visitor.sees("a paused queue", |state| state["queues"][0]["paused"] == true).await;
    assert_eq!(paused["queues"][0]["queue"], "default");
    visitor.done("queue_resume", "default").await;
    clear(&bot).await;
    bot.finish().await;
}
