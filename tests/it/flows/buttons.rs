//! Presses that should not work, and presses nobody made.

use chrono::{DateTime, TimeDelta};
use primelingo::domain::button::{Action, Holder, Signer};
use primelingo::domain::clock::Timestamp;
use primelingo::domain::ids::{ChatId, UserId};
use serde_json::json;

use crate::support::bot::{ANN, BORIS, Backend, Bot, BotOptions, now};

flows! {
    both { what_is_not_ours_opens_a_fresh_menu, }
    sqlite { each_press_is_answered_once_however_often, }
}

/// The bot of the simulator.
const BOT_ID: i64 = 42;

/// A button as the bot of this test signs it, for somebody in a chat.
pub async fn signed(bot: &Bot, action: Action, chat: i64, user: i64) -> String {
    let holder = Holder { chat: ChatId(chat), user: UserId(user) };
    let stored = bot.db.meta_get_or_set("button_key".to_owned(), String::new()).await.unwrap();
    let key = data_encoding::HEXLOWER.decode(stored.as_bytes()).unwrap().try_into().unwrap();
    Signer::new(key, BOT_ID, 90).sign(action, holder, now())
}

async fn what_is_not_ours_opens_a_fresh_menu(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let menu = bot.say(ANN, "/start").await.only()["message_id"].as_i64().unwrap();
    let holder = Holder { chat: ChatId(ANN), user: UserId(ANN) };
    let stored = bot.db.meta_get_or_set("button_key".to_owned(), String::new()).await.unwrap();
    let key = data_encoding::HEXLOWER.decode(stored.as_bytes()).unwrap().try_into().unwrap();
    let sign = |key, at: Timestamp| Signer::new(key, BOT_ID, 90).sign(Action::Help, holder, at);

    let good = sign(key, now());
    let reply = bot.press_data(ANN, ANN, menu, &good).await;
    assert!(reply.text().contains("What I can do"), "the test signs as the bot does");

    sees!(bot.press_data(ANN, ANN, menu, &sign([7; 32], now())).await.screen(), @r"
    (toast) This is not your button.
    ---
    That button was out of date. Here is a fresh menu.
    What shall we do?
    [🔍 Search] [📚 Browse]
    [🆕 New] [⭐ Favourites]
    [⚙️ Settings] [❓ Help]
    ");
    sees!(bot.press_data(ANN, ANN, menu, &sign(key, now() - TimeDelta::days(200))).await.screen(), @r"
    (toast) This button is out of date.
    ---
    That button was out of date. Here is a fresh menu.
    What shall we do?
    [🔍 Search] [📚 Browse]
    [🆕 New] [⭐ Favourites]
    [⚙️ Settings] [❓ Help]
    ");
    // Another version: the first byte, under a signature that is right.
    let old_version = old_version(key, holder);
    sees!(bot.press_data(ANN, ANN, menu, &old_version).await.screen(), @r"
    (toast) This button is out of date.
    ---
    That button was out of date. Here is a fresh menu.
    What shall we do?
    [🔍 Search] [📚 Browse]
    [🆕 New] [⭐ Favourites]
    [⚙️ Settings] [❓ Help]
    ");
    for forged in ["x", "", "AAAA", "☃", &"A".repeat(64), &"A".repeat(500)] {
        let reply = bot.press_data(ANN, ANN, menu, forged).await;
        assert_eq!(reply.toast, "This is not your button.", "{forged}");
        assert!(reply.text().contains("Here is a fresh menu"), "{forged}");
    }
    let message = bot.say(BORIS, "/start").await.only()["message_id"].as_i64().unwrap();
    let foreign = bot.press_data(BORIS, BORIS, message, &good).await;
    assert_eq!(foreign.toast, "This is not your button.");
    bot.finish().await;
}

/// Data as an earlier release may have made it: well signed, with a layout that is unknown now.
fn old_version(key: [u8; 32], holder: Holder) -> String {
    const MAC_BYTES: usize = 10;
    let expires = (now() - DateTime::UNIX_EPOCH).num_hours() + 24;
    let mut bytes = vec![0, 1];
    bytes.extend_from_slice(&u32::try_from(expires).unwrap().to_le_bytes());
    let mut hasher = blake3::Hasher::new_keyed(&key);
    hasher.update(&BOT_ID.to_le_bytes());
    hasher.update(&holder.chat.0.to_le_bytes());
    hasher.update(&holder.user.0.to_le_bytes());
    hasher.update(&bytes);
    let mut mac = [0; MAC_BYTES];
    hasher.finalize_xof().fill(&mut mac);
    bytes.extend_from_slice(&mac);
    data_encoding::BASE64URL_NOPAD.encode(&bytes)
}

async fn each_press_is_answered_once_however_often(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let menu = bot.say(ANN, "/start").await;
    let message = menu.only()["message_id"].as_i64().unwrap();
    for _ in 0..6 {
        bot.click(json!({"chat": ANN, "label": "Help|Menu"})).await;
    }
    // A double tap: both mean the same, and the second changes nothing.
    let help = menu.button_data("Help");
    for _ in 0..2 {
        bot.press_data(ANN, ANN, message, &help).await;
    }
    assert!(bot.screen(ANN, 1).await.contains("What I can do"));
    assert_eq!(bot.shown_by_bot(ANN).await.len(), 1, "one message, edited each time");
    // Bot::finish counts the answers.
    bot.finish().await;
}
