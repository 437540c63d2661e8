//! Outages of what the bot stands on: the database, the disk, the network. Nothing is lost, nothing
//! is done twice, nobody has to restart anything.

use serde_json::{Value, json};

use crate::support::bot::{Bot, BotOptions, PATIENCE};
use crate::support::place::Place;
use crate::support::postgres::Postgres;
use crate::support::proxy::Proxy;

mod alerts;
mod connections;
mod dashboard;
mod disk;
mod hangs;
mod health;
mod restarts;
mod retries;

/// A bot whose database is behind a proxy. The test's own eyes look past it.
async fn behind_a_proxy(set: &[(&str, &str)]) -> (Bot, Proxy) {
    let place = Place::postgres();
    let (proxy, url) = Proxy::before_url(&place.url()).await;
    let options = BotOptions::at(place).set("database.url", &url);
    (Bot::start(with_probes(options, set)).await, proxy)
}

/// A bot on a server of its own, which the test may stop.
async fn on_an_own_server(set: &[(&str, &str)]) -> (Bot, &'static Postgres) {
    // Blocks for the second that a new server takes.
    let server = Postgres::own();
    let options = BotOptions::at(Place::postgres_of(server));
    (Bot::start(with_probes(options, set)).await, server)
}

fn with_probes(options: BotOptions, set: &[(&str, &str)]) -> BotOptions {
    let options = options.set("web.listen", "127.0.0.1:0");
    set.iter().fold(options, |options, (key, value)| options.set(key, value))
}

/// Many chats write, steadily; `reply` tells the simulator which answer belongs to which update.
async fn flood(bot: &Bot, updates: u32, users: u32, rate: Option<u32>) {
    let mix = json!([{"text": "/search zz{n}", "reply": "“zz{n}”"}]);
    let mut flood = json!({"updates": updates, "users": users, "mix": mix, "idle_s": 40});
    if let Some(rate) = rate {
        flood["rate"] = json!(rate);
    }
    bot.ctl("flood", flood).await;
}

/// Waits until all is answered: each update once, and in its chat's order.
async fn all_answered_once(bot: &Bot) {
    let waiting = bot.ctl("flood/wait", json!({}));
    let report = tokio::time::timeout(2 * PATIENCE, waiting).await.expect("the flood's end");
    for name in ["unanswered", "answered_twice", "order_violations"] {
        assert_eq!(report[name], 0, "{name}: {report:#}");
    }
}

async fn answered(bot: &Bot) -> u64 {
    bot.ctl("flood", json!({})).await["answered"].as_u64().unwrap_or(0)
}

/// Waits until readiness is as wanted, and gives what it says.
async fn until_ready(bot: &mut Bot, is_ready: bool) -> String {
    let mut body = String::new();
    bot.until("readiness to change", async |bot| {
        let (status, text) = get(bot, "readyz").await;
        body = text;
        (status == 200) == is_ready
    })
    .await;
    body
}

/// The value of a metric, all labels with this text summed up.
async fn metric(bot: &Bot, name: &str, label: &str) -> f64 {
    let (_, body) = get(bot, "metrics").await;
    let lines = body.lines().filter(|line| line.starts_with(name) && line.contains(label));
    lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
}

async fn get(bot: &Bot, path: &str) -> (u16, String) {
    let answer = reqwest::get(format!("http://{}/{path}", listener(bot))).await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// Where the bot's probes are, as its log tells.
fn listener(bot: &Bot) -> String {
    let log = bot.log();
    let line = log.lines().rfind(|line| line.contains("probes listen"));
    let field = line.and_then(|line| line.split("address=").nth(1)).expect("an address in the log");
    field.split_whitespace().next().unwrap().to_owned()
}

/// How often a text stands in the log.
fn mentions(bot: &Bot, text: &str) -> usize {
    bot.log().matches(text).count()
}

/// Somebody writes, and nobody waits for an answer.
async fn write(bot: &Bot, user: i64, text: &str) -> Value {
    bot.ctl("message", json!({"user": user, "text": text})).await
}
