//! A bot under hostile updates and requests: its figures grow in value, never in number.

use std::collections::BTreeSet;

use primelingo::meters::{CATALOGUE, Presence};
use serde_json::json;

use crate::support::bot::{ANN, Backend, Bot, BotOptions, JSON, free_address, update};

/// Updates of each sort.
const EACH: i64 = 60;

/// The most series of one process.
const SERIES_MAX: usize = 3_000;

/// Names of commands, kinds and fields that nobody has invented yet.
const STRANGE: [&str; 8] = [
    "drop_table",
    "a\"} 1\nprimelingo_made_up{x=\"",
    "\u{202e}gnirts",
    "новая",
    "null",
    "-1",
    "../../etc/passwd",
    "{{7*7}}",
];

async fn scrape(address: std::net::SocketAddr) -> String {
    let answer = reqwest::get(format!("http://{address}/metrics")).await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.text().await.unwrap()
}

/// All series, without their values.
fn series(metrics: &str) -> BTreeSet<String> {
    let lines = metrics.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.rsplit_once(' ').unwrap().0.to_owned()).collect()
}

/// Whether a series is one that only comes with what it tells of.
fn comes_later(series: &str) -> bool {
    let name = series.split('{').next().unwrap();
    CATALOGUE
        .iter()
        .any(|family| family.name == name && matches!(family.presence, Presence::Once(_)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strangers_make_no_series() {
    let admin = free_address();
    let options = BotOptions::on(Backend::Sqlite).webhook().set("web.listen", &admin.to_string());
    let mut bot = Bot::start(options).await;
    bot.forgive_presses();
    bot.say(ANN, "/start").await;
    bot.until("the collectors", async |_| {
        let metrics = scrape(admin).await;
        let names = ["primelingo_actor_up", "process_threads", "primelingo_db_size_bytes "];
        names.iter().all(|name| metrics.lines().any(|line| line.starts_with(name)))
    })
    .await;
    let before = series(&scrape(admin).await);

    let mut id = 1_000;
    for round in 0..EACH {
        let word = STRANGE[usize::try_from(round).unwrap() % STRANGE.len()];
        let strange = json!({"update_id": id + 1, format!("kind_{round}"): {"x": word}});
        let odd = json!({"update_id": id + 2, "message": {"message_id": word, "chat": word}});
        let press = json!({"update_id": id + 3, "callback_query": {
            "id": format!("{round}"), "from": {"id": ANN, "is_bot": false, "first_name": word},
            "message": {"message_id": 1, "date": 1, "chat": {"id": ANN, "type": "private"}},
            "chat_instance": "1", "data": format!("{word}{round}"),
        }});
        let bodies = [
            update(id, ANN, &format!("/{word}{round}")).to_string(),
            strange.to_string(),
            odd.to_string(),
            press.to_string(),
            update(id + 4, ANN, &format!("{word} {round}")).to_string(),
        ];
        for body in bodies {
            assert_eq!(bot.post(&body).await.status, 200, "{body}");
        }
        id += 5;
        let mut stranger = bot.caller().await;
        let method = format!("M{round}");
        stranger.say_head(&method, &[JSON, ("content-length", "0")]).await;
        stranger.hear().await;
        let path = format!("http://{admin}/{round}/metrics");
        assert_eq!(reqwest::get(path).await.unwrap().status(), 404);
    }
    bot.settle_all().await;
    let metrics = scrape(admin).await;
    let after = series(&metrics);
    let new: Vec<&String> = after.difference(&before).filter(|it| !comes_later(it)).collect();
    assert!(new.is_empty(), "{} new series: {new:#?}", new.len());
    assert!(after.len() <= SERIES_MAX, "{} series", after.len());
    let unknown = metrics
        .lines()
        .find_map(|line| line.strip_prefix("primelingo_commands_total{command=\"unknown\"} "));
    let unknown: i64 = unknown.unwrap().parse().unwrap();
    assert!(unknown > 0, "strange commands are counted as unknown");
    bot.excuse_error("put aside");
    bot.finish().await;
}
