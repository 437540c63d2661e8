//! Updates that Telegram posts: parallel, repeated, overtaking each other, and never lost.

use serde_json::{Value, json};

use super::steps::{answer_all, send_and_wait};
use super::steps::{answered, flood, flooded, steady_flood};
use crate::support::bot::{ANN, Backend, Bot, BotOptions, SECRET};

flows! {
    both {
        an_upload_and_a_search_by_webhook,
        kills_under_a_flood_of_posts,
        from_polling_to_a_webhook_and_back_under_load,
        what_the_database_refuses_comes_again,
    }
    sqlite {
        a_stop_under_a_flood_of_posts,
        a_webhook_that_somebody_removes_is_set_again,
        telegram_is_away_when_the_webhook_is_to_be_set,
        connections_are_kept,
    }
}

/// A bot that Telegram posts to, in a world where Telegram repeats sooner than it does.
async fn start(options: BotOptions) -> Bot {
    let bot = Bot::start(options.webhook()).await;
    impatient(&bot).await;
    bot
}

async fn impatient(bot: &Bot) {
    bot.ctl("config", json!({"webhook_retry_s": 0.02, "webhook_retry_max_s": 0.5})).await;
}

/// Everything was answered, in order, and nothing was worked on twice.
async fn check(bot: &Bot, report: &Value, updates: i64) {
    assert_eq!(report["unanswered"], 0, "{report:#}");
    assert_eq!(report["order_violations"], 0, "{report:#}");
    let done = "SELECT count(*) FROM updates WHERE state = 'done'";
    assert_eq!(bot.number(done).await, updates);
    let replies = "SELECT count(*) FROM outbox WHERE class = 'reply'";
    assert_eq!(bot.number(replies).await, updates);
}

async fn an_upload_and_a_search_by_webhook(backend: Backend) {
    let mut bot = start(BotOptions::on(backend)).await;
    send_and_wait(&mut bot, "crazyones.pdf").await;
    answer_all(&mut bot, "Posted").await;
    let found = bot.say(ANN, "misfits").await;
    assert!(found.text().starts_with("One result"), "{}", found.screen());
    assert_eq!(bot.calls_answered("getUpdates").await, 0);

    let webhook = bot.ctl("webhook", json!({})).await;
    assert!(webhook["last_error_message"].is_null(), "{webhook}");
    assert_eq!(webhook["max_connections"], 40);
    assert!(!bot.log().contains(SECRET));
    bot.finish().await;
}

async fn kills_under_a_flood_of_posts(backend: Backend) {
    const KILLS: u64 = 4;
    let mut bot = start(BotOptions::on(backend)).await;
    flood(&bot, 500, 50).await;
    for kill in 1..=KILLS {
        bot.until("some more answers", async |bot| answered(bot).await >= kill * 60).await;
        bot.kill().await;
        bot.restart().await;
    }
    let report = flooded(&bot).await;
    check(&bot, &report, 500).await;
    // What was in flight at a kill is in doubt, and sent again: at most the gate's window each.
    assert!(report["answered_twice"].as_u64().unwrap() <= KILLS * 64, "{report:#}");
    bot.finish().await;
}

async fn a_stop_under_a_flood_of_posts(backend: Backend) {
    let mut bot = start(BotOptions::on(backend)).await;
    flood(&bot, 300, 30).await;
    for stop in 1..=3 {
        bot.until("some answers", async |bot| answered(bot).await >= stop * 40).await;
        bot.stop().await;
        bot.restart().await;
    }
    let report = flooded(&bot).await;
    check(&bot, &report, 300).await;
    assert_eq!(report["answered_twice"], 0, "{report:#}");
    bot.finish().await;
}

async fn from_polling_to_a_webhook_and_back_under_load(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    impatient(&bot).await;
    // Steadily: polls must not have taken everything in before anything is posted.
    steady_flood(&bot, 900, 60, 150).await;
    bot.until("answers to polls", async |bot| answered(bot).await >= 100).await;
    // Killed, so that some updates are stored and not acknowledged: they come by both ways.
    bot.kill().await;
    bot.use_webhook();
    bot.restart().await;
    bot.until("answers to posts", async |bot| {
        let posts = bot.ctl("stats", json!({})).await["webhook"]["posts"].clone();
        posts.as_u64().unwrap() >= 100 && answered(bot).await >= 300
    })
    .await;
    bot.kill().await;
    bot.use_polling();
    bot.restart().await;
    assert_eq!(bot.ctl("queue", json!({})).await["webhook"], Value::Null);

    let report = flooded(&bot).await;
    check(&bot, &report, 900).await;
    assert!(bot.log().contains("a webhook was set, it is removed"));
    assert!(report["answered_twice"].as_u64().unwrap() <= 2 * 64, "{report:#}");
    bot.finish().await;
}

async fn what_the_database_refuses_comes_again(backend: Backend) {
    let mut bot = start(BotOptions::on(backend)).await;
    bot.say(ANN, "/start").await;
    bot.refuse_updates().await;
    flood(&bot, 60, 20).await;
    bot.until("Telegram to be told", async |bot| {
        let told = bot.ctl("webhook", json!({})).await["last_error_message"].clone();
        told == json!("Wrong response from the webhook: 503 Service Unavailable")
    })
    .await;
    assert_eq!(bot.telegram_holds().await, 60, "nothing was acknowledged");
    bot.take_updates().await;

    let report = flooded(&bot).await;
    check(&bot, &report, 61).await;
    bot.expect_error("nothing is acknowledged");
    bot.finish().await;
}

async fn a_webhook_that_somebody_removes_is_set_again(backend: Backend) {
    let mut bot = start(BotOptions::on(backend).set("telegram.webhook_check_s", "1")).await;
    let url = format!("{}/bot{}/deleteWebhook", bot.simulator.url(), bot.simulator.token());
    reqwest::get(url).await.unwrap();
    assert!(bot.say(ANN, "/help").await.text().contains("What I can do"));
    assert!(bot.log().contains("somebody else has changed the webhook"));
    bot.finish().await;
}

async fn telegram_is_away_when_the_webhook_is_to_be_set(backend: Backend) {
    // Without the retries of the call itself: what the keeper does is to be seen.
    let mut bot = start(BotOptions::on(backend).set("retry.max_retries", "0")).await;
    bot.stop().await;
    let rule = json!({"kind": {"status": 502}, "methods": ["setWebhook"], "count": 3});
    bot.ctl("faults", json!({"rules": [rule]})).await;
    bot.restart().await;
    assert!(bot.log().contains("webhook not confirmed"));
    assert!(bot.say(ANN, "/help").await.text().contains("What I can do"));
    bot.finish().await;
}

async fn connections_are_kept(backend: Backend) {
    let bot = start(BotOptions::on(backend)).await;
    flood(&bot, 400, 40).await;
    let report = flooded(&bot).await;
    check(&bot, &report, 400).await;
    let webhook = bot.ctl("stats", json!({})).await["webhook"].clone();
    assert_eq!(webhook["posts"], 400, "{webhook}");
    assert_eq!(webhook["failures"], 0, "{webhook}");
    assert!(webhook["connections"].as_u64().unwrap() <= 40, "{webhook}");
    bot.finish().await;
}
