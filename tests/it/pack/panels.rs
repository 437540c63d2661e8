//! Gate 5: no panel is dead. A Prometheus with our configuration, a bot as `primelingo demo` runs it,
//! some traffic, and each query of each panel has data.
//!
//! What needs Redis, a webhook or PostgreSQL is looked for at a second bot that has these. Such panels
//! are listed, and the list is held against the first bot: none of them may have data there.

use std::net::SocketAddr;

use primelingo::domain::broadcast::{Audience, Content, DoubtPolicy, NewBroadcast};
use primelingo::domain::ids::{BroadcastId, ChatId, MessageId, UserId};
use primelingo::domain::lang::Lang;
use serde_json::{Value, json};

use super::boards::{Asked, BOARDS, panels};
use super::servers::Server;
use super::text_of;
use crate::flows::steps::{answer_all, send_and_wait};
use crate::support::bot::{
    ADAM, ANN, Backend, Bot, BotOptions, EDNA, PATIENCE, Process, bounded, free_address, now,
};
use crate::support::redis::Redis;

/// Panels without data where there is no Redis and no webhook, with what they need.
const NEEDS_MORE: &[(&str, &str)] = &[
    ("ingestion: Waiting at Telegram", "webhook"),
    ("ingestion: Refused webhook calls", "webhook"),
    ("runtime: Redis", "Redis"),
];

/// Panels without data where updates are posted.
const NEEDS_POLLING: &[&str] =
    &["Last poll", "Polls rebuilt", "Refused by another poller", "Failed polls"];

/// Rates over all that has happened.
const WINDOW: &str = "10m";

/// The first recipient of the broadcast.
const FIRST: i64 = 100_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_panel_is_dead() {
    let (listen, more_listen) = (free_address(), free_address());
    let prometheus = Server::prometheus(&config(&[listen, more_listen], "500ms"), &json!({})).await;
    let redis = Redis::start();
    let mut demo = Bot::start(served_at(BotOptions::on(Backend::Sqlite), listen)).await;
    let more = BotOptions::on(Backend::Postgres).webhook().set("redis.url", &redis.url());
    let mut more = Bot::start(served_at(more, more_listen)).await;
    for target in [listen, more_listen] {
        prometheus.sees(target).await;
    }
    traffic(&mut demo).await;
    more.say(ANN, "/start").await;

    let needs_more = |place: &str| NEEDS_MORE.iter().any(|(listed, _)| *listed == place);
    let all = || BOARDS.iter().flat_map(|name| panels(name));
    let (later, sooner): (Vec<_>, Vec<_>) = all().partition(|(place, _)| needs_more(place));
    assert_eq!(later.len(), NEEDS_MORE.len(), "the list names panels that are gone");
    all_alive(&prometheus, sooner, listen).await;
    for (place, asked) in &later {
        assert!(!is_alive(&prometheus, asked, listen).await, "{place} needs no more than the demo");
    }
    all_alive(&prometheus, later, more_listen).await;
    // With another database and another way of updates the others live as well.
    let polling = |place: &str| NEEDS_POLLING.iter().any(|listed| place.contains(listed));
    let others = all().filter(|(place, _)| place.starts_with("overview") && !polling(place));
    all_alive(&prometheus, others.collect(), more_listen).await;
    assert!(!prometheus.log().contains("level=error"), "{}", prometheus.log());
    demo.finish().await;
    more.finish().await;
}

fn served_at(options: BotOptions, listen: SocketAddr) -> BotOptions {
    options
        .strict_limits()
        .set("web.listen", &listen.to_string())
        // Below the bot's own folder.
        .set("backup.dir", "backups")
}

/// Our configuration, with these targets, at this pace, without rules.
pub fn config(targets: &[SocketAddr], pace: &str) -> Value {
    let mut config: Value =
        serde_saphyr::from_str(&text_of("config/prometheus/prometheus.yml")).unwrap();
    config["global"] = json!({
        "scrape_interval": pace, "scrape_timeout": pace, "evaluation_interval": pace,
    });
    config["rule_files"] = json!([]);
    config["alerting"] = json!({});
    let scrape = &mut config["scrape_configs"][0];
    assert_eq!(scrape["job_name"], "primelingo");
    let targets: Vec<String> = targets.iter().map(ToString::to_string).collect();
    scrape["static_configs"] = json!([{"targets": targets}]);
    config
}

/// What people do in the first minutes.
async fn traffic(bot: &mut Bot) {
    bot.say(ADAM, "/start").await;
    bot.say(ANN, "/start").await;
    send_and_wait(bot, "crazyones.pdf").await;
    answer_all(bot, "Think Different").await;
    assert!(bot.say(ANN, "different").await.text().starts_with("One result"));
    let file = bot.press(ANN, "^1$").await;
    assert_eq!(file.only()["media"]["name"], "crazyones.pdf", "{}", file.screen());
    bot.ctl("inline", json!({"user": ANN, "query": "different", "wait": true})).await;
    bot.say(EDNA, "/drafts").await;
    broadcast(bot).await;
    bot.settle_all().await;
    Process::run(bot.folder(), bot.settings(), &["backup", "create"]);
}

/// A broadcast to three people, of whom one has blocked the bot.
async fn broadcast(bot: &mut Bot) {
    bot.db.people_import(FIRST, 3, now()).await.unwrap();
    bot.ctl("users", json!({"count": 3, "first": FIRST})).await;
    bot.ctl("user_state", json!({"first": FIRST, "count": 1, "state": "blocked"})).await;
    let sent = bot.ctl("message", json!({"user": ADAM, "text": "News.", "wait": true})).await;
    let letter = MessageId(sent["message_ids"][0].as_i64().unwrap());
    let plan = NewBroadcast {
        id: BroadcastId(1),
        by: UserId(ADAM),
        card: None,
        content: Content::Copy { from: ChatId(ADAM), messages: vec![letter], buttons: Vec::new() },
        audience: Audience::Language { lang: Lang::Uz },
        doubt: DoubtPolicy::Skip,
        quiet: None,
        paid: false,
        start_at: now(),
        slot: None,
    };
    assert!(bot.db.broadcast_create(plan, now()).await.unwrap());
    let done = "SELECT count(*) FROM broadcasts WHERE state = 'done'";
    bot.until("the end of the broadcast", async |bot| bot.number(done).await == 1).await;
}

/// Waits until each of these panels has data of that process.
async fn all_alive(prometheus: &Server, mut dead: Vec<(String, Vec<Asked>)>, listen: SocketAddr) {
    let begun = tokio::time::Instant::now();
    loop {
        let mut still = Vec::new();
        for (place, asked) in dead {
            if !is_alive(prometheus, &asked, listen).await {
                still.push((place, asked));
            }
        }
        if still.is_empty() {
            return;
        }
        let names: Vec<String> = still
            .iter()
            .map(|(place, asked)| format!("{place}: {}", asked[0].filled(WINDOW, ".*")))
            .collect();
        assert!(begun.elapsed() < PATIENCE, "dead panels at {listen}:\n{}", names.join("\n"));
        dead = still;
        another_scrape(prometheus).await;
    }
}

/// Waits until Prometheus has looked once more.
async fn another_scrape(prometheus: &Server) {
    let scrapes = "sum(count_over_time(up{job=\"primelingo\"}[10m]))";
    let before = prometheus.values(scrapes).await;
    bounded("another scrape", async || (prometheus.values(scrapes).await != before).then_some(()))
        .await;
}

/// Whether any query of a panel has a number; of nothing a quantile has none.
async fn is_alive(prometheus: &Server, asked: &[Asked], listen: SocketAddr) -> bool {
    for asked in asked {
        let values = prometheus.values(&asked.filled(WINDOW, &listen.to_string())).await;
        if values.iter().any(|value| !value.is_nan()) {
            return true;
        }
    }
    false
}
