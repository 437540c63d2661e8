//! How updates come in: strange ones, through outages, from people who have left.

use primelingo::domain::ids::ChatId;
use primelingo::store::records::NewUpdate;
use primelingo::telegram::decode::ALLOWED_UPDATES;
use serde_json::{Value, json};

use crate::support::bot::{ANN, BORIS, Backend, Bot, BotOptions, now};

flows! {
    both {
        every_known_update_is_stored_and_none_stops_the_flow,
        an_outage_of_polling_loses_nothing,
    }
    sqlite {
        another_poller_is_survived,
        who_blocks_the_bot_is_unreachable_until_they_return,
        an_edited_message_is_no_new_one,
    }
}

/// The bot of the simulator.
const BOT_ID: i64 = 42;

async fn every_known_update_is_stored_and_none_stops_the_flow(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    bot.say(ANN, "/start").await;
    let before = bot.number("SELECT count(*) FROM updates").await;
    let lines = include_str!("../data/telegram/updates.jsonl").lines();
    let mut updates: Vec<Value> =
        lines.map(|line| serde_json::from_str::<Value>(line).unwrap()["update"].take()).collect();
    // They come from several sources, and some of their queries have the same id.
    for (number, update) in updates.iter_mut().enumerate() {
        if let Some(query) = update.get_mut("callback_query") {
            query["id"] = json!(format!("query-{number}"));
        }
    }
    let mut stored = 0;
    for update in &updates {
        // Telegram sends the kinds that the bot has asked for; so does the simulator.
        stored += i64::from(ALLOWED_UPDATES.iter().any(|kind| update.get(kind).is_some()));
        bot.ctl("update", update.clone()).await;
    }
    bot.settle().await;
    assert_eq!(bot.number("SELECT count(*) FROM updates").await, before + stored);

    // The other kinds may come when an earlier version had asked for them: all lines once more,
    // as if they had been fetched, and were found at a start.
    bot.stop().await;
    let rows = updates.iter().zip(900_000_000..).map(|(update, update_id)| NewUpdate {
        update_id,
        chat: ChatId(ANN),
        kind: "any".to_owned(),
        raw: update.to_string(),
        ignored: false,
    });
    bot.db.updates_insert(BOT_ID, rows.collect(), now()).await.unwrap();
    bot.restart().await;
    bot.settle_all().await;

    assert!(bot.say(ANN, "/help").await.text().contains("What I can do"));
    // Most of them speak of chats that are not in this world.
    bot.expect_leftover("failed messages");
    bot.finish().await;
}

async fn an_outage_of_polling_loses_nothing(backend: Backend) {
    let options = BotOptions::on(backend)
        .set("telegram.poll_timeout_s", "1")
        .set("telegram.poll_margin_s", "1")
        .set("ingest.stall_s", "5");
    let mut bot = Bot::start(options).await;
    for (number, kind) in ["status", "drop", "hang"].into_iter().enumerate() {
        // Longer than a poll may take: Telegram holds some for 3 s, and the margin is one.
        let for_s = if kind == "hang" { 8 } else { 3 };
        let outage = json!({"get_updates_outage": {"for_s": for_s, "kind": kind}});
        bot.ctl("faults", outage).await;
        let text = format!("/start f_{}", number + 1);
        let reply = bot.say(ANN, &text).await;
        assert!(reply.only()["text"].as_str().unwrap().contains("no longer"), "{kind}");
    }
    assert!(bot.log().contains("poll failed"), "the outages were felt");
    bot.expect_error("poll hangs");
    bot.finish().await;
}

async fn another_poller_is_survived(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let url = format!("{}/bot{}/getUpdates", bot.simulator.url(), bot.simulator.token());
    // A second program with the same token: the older poll gets 409.
    reqwest::get(format!("{url}?timeout=0")).await.unwrap();
    assert!(bot.say(ANN, "/help").await.text().contains("What I can do"));
    let conflicts = bot.ctl("calls", json!({"method": "getUpdates", "status": 409})).await;
    assert!(!conflicts["calls"].as_array().unwrap().is_empty(), "there was a conflict");
    bot.finish().await;
}

async fn who_blocks_the_bot_is_unreachable_until_they_return(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    bot.say(ANN, "/start").await;
    bot.say(BORIS, "/start").await;
    let unreachable = "SELECT count(*) FROM users WHERE NOT reachable";

    bot.ctl("block", json!({"user": ANN})).await;
    bot.settle().await;
    assert_eq!(bot.number(unreachable).await, 1);
    bot.ctl("unblock", json!({"user": ANN})).await;
    bot.settle().await;
    assert_eq!(bot.number(unreachable).await, 0);

    // Blocked while the bot was not told: the refused message tells.
    bot.ctl("user_state", json!({"user": BORIS, "state": "blocked"})).await;
    bot.say(BORIS, "/help").await;
    assert_eq!(bot.number(unreachable).await, 1);
    bot.ctl("user_state", json!({"user": BORIS, "state": "active"})).await;
    assert!(!bot.say(BORIS, "/help").await.is_empty());
    assert_eq!(bot.number(unreachable).await, 0, "a message revives");
    bot.expect_leftover("failed messages");
    bot.finish().await;
}

async fn an_edited_message_is_no_new_one(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let said = bot.ctl("message", json!({"user": ANN, "text": "/help"})).await;
    bot.settle().await;
    let edit = json!({"chat": ANN, "message_id": said["message_ids"][0], "text": "/start"});
    assert!(bot.act("edit", edit).await.is_empty());
    bot.finish().await;
}
