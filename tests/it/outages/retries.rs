//! `[retry]`: what it does to calls that are safe to repeat.

use serde_json::json;

use super::with_probes;
use crate::support::bot::{Backend, Bot, BotOptions, EDNA};

/// Fetches a file whose `getFile` fails twice; gives the calls and the job's attempts.
async fn fetched_after_two_failures(max_retries: &str) -> (usize, i64) {
    let options = BotOptions::on(Backend::Sqlite)
        .set("retry.max_retries", max_retries)
        .set("retry.backoff_base", "1");
    let mut bot = Bot::start(with_probes(options, &[])).await;
    let failing = json!({"kind": {"status": 502}, "methods": ["getFile"], "count": 2});
    bot.ctl("faults", json!({"rules": [failing]})).await;
    bot.send_file(EDNA, "crazyones.pdf").await;
    bot.settle_all().await;
    bot.wait(EDNA, "Checked and indexed").await;
    bot.press(EDNA, "Cancel").await;
    let calls = bot.ctl("calls", json!({"method": "getFile", "limit": 100})).await;
    let attempts = bot.number("SELECT attempts FROM jobs").await;
    bot.finish().await;
    (calls["calls"].as_array().unwrap().len(), attempts)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_are_tried_again_max_retries_times() {
    assert_eq!(fetched_after_two_failures("2").await, (3, 1), "the attempt tries again");
    assert_eq!(fetched_after_two_failures("0").await, (3, 3), "each attempt tries once");
}
