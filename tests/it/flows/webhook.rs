//! Updates that Telegram posts: parallel, repeated, overtaking each other, and never lost.

use serde_json::json;

use super::steps::{answer_all, send_and_wait};
use crate::support::bot::{ANN, Backend, Bot, BotOptions};

flows! {
    both {
        an_upload_and_a_search_by_webhook,
    }
    sqlite {
    }
}

async fn an_upload_and_a_search_by_webhook(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend).webhook()).await;
    send_and_wait(&mut bot, "crazyones.pdf").await;
    answer_all(&mut bot, "Posted").await;
    let found = bot.say(ANN, "misfits").await;
    assert!(found.text().starts_with("One result"), "{}", found.screen());
    assert_eq!(bot.calls_answered("getUpdates").await, 0);

    let webhook = bot.ctl("webhook", json!({})).await;
    assert!(webhook["last_error_message"].is_null(), "{webhook}");
    assert_eq!(webhook["max_connections"], 40);
    assert!(!bot.log().contains(crate::support::bot::SECRET));
    bot.finish().await;
}
