//! The database server goes and comes back.

use super::{all_answered_once, answered, flood, mentions, on_an_own_server, until_ready, write};
use crate::support::bot::{ANN, BORIS};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_crashes_of_the_server_under_load_lose_and_double_nothing() {
    let (mut bot, server) = on_an_own_server(&[]).await;
    flood(&bot, 660, 30, Some(60)).await;
    for crash in 1..=10 {
        bot.until("some more answers", async |bot| answered(bot).await >= crash * 20).await;
        server.crash();
        server.return_from_crash();
    }
    all_answered_once(&bot).await;
    bot.settle().await;
    assert_eq!(bot.number("SELECT count(*) FROM updates WHERE state = 'done'").await, 660);
    assert_eq!(bot.number("SELECT count(*) FROM outbox WHERE class = 'reply'").await, 660);
    assert_eq!(
        bot.number("SELECT count(*) FROM updates WHERE faults > 0").await,
        0,
        "nobody's fault"
    );
    until_ready(&mut bot, true).await;
    bot.excuse_error("database is away");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_outage_is_shown_and_survived() {
    let (mut bot, server) = on_an_own_server(&[]).await;
    until_ready(&mut bot, true).await;
    bot.say(ANN, "/start").await;

    server.crash();
    let body = until_ready(&mut bot, false).await;
    assert!(body.contains("database: fail"), "{body}");
    // Far more than are taken at once: what cannot be stored stays with Telegram.
    flood(&bot, 1_000, 200, None).await;
    write(&bot, BORIS, "/help").await;
    bot.until("polling to rest", async |bot| {
        mentions(bot, "polling rests: updates cannot be stored") == 1
    })
    .await;
    bot.until("everything to wait at Telegram", async |bot| {
        bot.ctl("queue", serde_json::json!({})).await["pending"] == 1_001
    })
    .await;
    assert_eq!(mentions(&bot, "database is away"), 1, "said once");

    server.return_from_crash();
    let body = until_ready(&mut bot, true).await;
    assert!(body.contains("database: pass") && body.contains("poll: pass"), "{body}");
    all_answered_once(&bot).await;
    assert_eq!(mentions(&bot, "database is back"), 1);
    assert_eq!(mentions(&bot, "polling goes on"), 1);
    bot.expect_error("database is away");
    bot.finish().await;
}

/// A bot that is quiet is ready at once, and not only when Telegram ends its first long poll.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quiet_start_is_ready_before_the_first_long_poll_is_over() {
    let options = crate::support::bot::BotOptions::on(crate::support::bot::Backend::Sqlite);
    let options = options.set("web.listen", "127.0.0.1:0").set("telegram.poll_timeout_s", "50");
    let mut bot = crate::support::bot::Bot::start(options).await;
    // Less than the poll: waiting for its end would be in vain.
    until_ready(&mut bot, true).await;
    let held = bot.ctl("queue", serde_json::json!({})).await["polling"].clone();
    assert_eq!(held, true, "the long poll is held open");
    bot.finish().await;
}
