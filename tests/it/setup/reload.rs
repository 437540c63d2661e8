//! SIGHUP: what may change does, without a restart and without a loss.

use rustix::process::Signal;
use serde_json::json;

use super::Ground;
use crate::support::bot::{ANN, Process, bounded};

const BEFORE: &str = "BOT_TOKEN=TOKEN\nBOT_OWNERS=5\nPRIMELINGO__LOG__LEVEL=info\n";

async fn ground(dotenv: &str) -> Ground {
    let ground = Ground::new().await;
    ground.write(".env", &dotenv.replace("TOKEN\n", &format!("{}\n", ground.simulator.token())));
    ground
}

fn change(ground: &Ground, from: &str, to: &str) {
    let text = ground.read(".env");
    assert!(text.contains(from), "{text}");
    ground.write(".env", &text.replace(from, to));
}

/// Waits until the log has a line so many times.
async fn logged(process: &Process, line: &str, times: usize) {
    let what = format!("{times} times {line}");
    bounded(&what, async || (process.log().matches(line).count() >= times).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn owners_and_pace_change_in_a_running_bot() {
    let ground = ground(BEFORE).await;
    let process = ground.start().await;
    ground.say(ANN, "/broadcast", "(?i)admins").await;
    change(&ground, "BOT_OWNERS=5", "BOT_OWNERS=5,1001\nMAX_RETRIES=7\nBROADCAST_BATCH_SIZE=7");
    process.signal(Signal::HUP);
    logged(&process, "settings reloaded", 1).await;
    for line in [
        "setting changed: access.owners: [5] -> [5, 1001]",
        "setting changed: retry.max_retries: 3 -> 7",
        "setting changed: broadcast.batch_size: 30 -> 7",
    ] {
        logged(&process, line, 1).await;
    }
    logged(&process, "the leader's actors are made anew", 1).await;
    ground.say(ANN, "/broadcast", "(?i)what shall be sent").await;
    process.signal(Signal::HUP);
    logged(&process, "settings reloaded", 2).await;
    assert_eq!(process.log().matches("made anew").count(), 2, "nothing has changed");
    process.terminate();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_while_actors_are_made_anew() {
    const MESSAGES: u64 = 60;
    const ROUNDS: u64 = 6;
    let ground = ground(BEFORE).await;
    ground.ctl("limits", json!({"enabled": false})).await;
    change(&ground, "BOT_OWNERS=5", "BOT_OWNERS=1");
    let process = ground.start().await;
    for round in 0..ROUNDS {
        for number in 0..MESSAGES / ROUNDS {
            let user = 50_000 + round * 1_000 + number;
            ground.ctl("message", json!({"user": user, "text": "/help"})).await;
        }
        change(&ground, &format!("BOT_OWNERS={}", round + 1), &format!("BOT_OWNERS={}", round + 2));
        process.signal(Signal::HUP);
        logged(&process, "settings reloaded", usize::try_from(round).unwrap() + 1).await;
    }
    bounded("an answer to each message", async || {
        let calls = json!({"method": "sendMessage", "status": 200, "limit": 100_000});
        let calls = ground.ctl("calls", calls).await;
        (calls["calls"].as_array().unwrap().len() >= 60).then_some(())
    })
    .await;
    let stats = ground.ctl("stats", json!({})).await;
    assert_eq!(stats["updates"]["conflicts"], json!(0), "two pollers: {stats}");
    let calls = json!({"method": "sendMessage", "status": 200, "limit": 100_000});
    let calls = ground.ctl("calls", calls).await;
    assert_eq!(calls["calls"].as_array().unwrap().len(), 60, "none was answered twice");
    assert!(!process.log().contains("ERROR"), "{}", process.log_tail());
    process.terminate();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reload_during_a_stop_starts_nothing() {
    let ground = ground(BEFORE).await;
    let mut process = ground.start().await;
    change(&ground, "BOT_OWNERS=5", "BOT_OWNERS=6");
    process.signal(Signal::HUP);
    process.signal(Signal::TERM);
    let code = bounded("the end of the bot", async || process.ended()).await;
    assert_eq!(code, 0, "an orderly end, not:\n{}", process.log_tail());
    assert!(process.log().contains("primelingo has stopped"), "{}", process.log_tail());
    assert!(!process.log().contains("ERROR"), "{}", process.log_tail());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_read_at_the_start_waits_and_what_is_wrong_changes_nothing() {
    let ground = ground(BEFORE).await;
    let process = ground.start().await;
    change(&ground, "BOT_OWNERS=5", "BOT_OWNERS=5\nDATABASE_URL=sqlite:other.db");
    process.signal(Signal::HUP);
    logged(&process, "setting waits for a restart: database.url", 1).await;
    assert!(!ground.path("other.db").exists());

    change(&ground, "DATABASE_URL=sqlite:other.db", "BOT_OWNERS=@canary");
    process.signal(Signal::HUP);
    logged(&process, "settings not reloaded, those from before hold", 1).await;
    assert!(!process.log().contains("canary"));
    ground.say(5, "/broadcast", "(?i)what shall be sent").await;

    change(&ground, "BOT_OWNERS=@canary", "");
    change(&ground, "LOG__LEVEL=info", "LOG__LEVEL=info,primelingo=debug");
    process.signal(Signal::HUP);
    logged(&process, "log level changed", 1).await;
    assert!(!process.log().contains("made anew"), "the log needs no new actors");
    process.terminate();
}
