//! What the bot stands on goes away, and comes back: the admins are told, once.

use super::on_an_own_server;
use crate::support::bot::{ADAM, Backend, Bot, BotOptions, show};
use crate::support::redis::Redis;

/// A hundredth of all waiting times.
const IMPATIENT: (&str, &str) = ("alerts.patience", "0.01");

/// Messages in the admin's chat that say this.
async fn told(bot: &Bot, text: &str) -> Vec<String> {
    let shown = bot.shown_by_bot(ADAM).await;
    shown.iter().map(show).filter(|screen| screen.contains(text)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_of_the_database_is_told_when_it_is_back() {
    let (mut bot, server) = on_an_own_server(&[IMPATIENT]).await;
    bot.say(ADAM, "/start").await;
    server.crash();
    bot.until("the opening, in memory", async |bot| bot.log().contains("alert opened")).await;
    server.return_from_crash();
    bot.wait(ADAM, "✅ База данных не отвечает").await;
    assert_eq!(told(&bot, "База данных").await.len(), 1);
    let lasted = "SELECT count(*) FROM alerts WHERE key = 'database_down' \
         AND resolved_at > opened_at AND card_id = id";
    assert_eq!(bot.number(lasted).await, 1);
    bot.expect_error("database is");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_goes_and_comes_and_it_is_one_message() {
    let mut redis = Redis::start();
    let options = BotOptions::on(Backend::Sqlite)
        .set("redis.url", &redis.url())
        .set(IMPATIENT.0, IMPATIENT.1);
    let mut bot = Bot::start(options).await;
    bot.say(ADAM, "/start").await;
    redis.stop();
    bot.wait(ADAM, "🟠 Redis не отвечает").await;
    redis.start_again();
    bot.wait(ADAM, "✅ Redis не отвечает").await;
    assert_eq!(told(&bot, "Redis").await.len(), 1);
    bot.finish().await;
}
