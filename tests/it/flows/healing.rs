//! Files that Telegram does not know any more, or never knew: sent from our own copy.

use serde_json::json;

use crate::support::bot::{ANN, BORIS, Backend, Bot, BotOptions};

use super::steps::{answer_all, send_and_wait};

flows! {
    both {
        a_dead_handle_is_renewed_from_the_copy,
    }
    sqlite {
        a_file_that_telegram_never_had_is_uploaded_once,
        many_who_want_a_dead_file_at_once_cost_one_upload,
        a_file_without_handle_and_copy_is_excused,
    }
}

/// A published book. Telegram has forgotten its file.
async fn with_dead_handle(backend: Backend) -> Bot {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    send_and_wait(&mut bot, "crazyones.pdf").await;
    answer_all(&mut bot, "Crazy ones").await;
    bot.ctl("file/forget", json!({})).await;
    bot
}

/// Requests that brought a file's bytes, or its handle.
async fn documents_sent(bot: &Bot) -> usize {
    bot.calls_answered("sendDocument").await
}

async fn a_dead_handle_is_renewed_from_the_copy(backend: Backend) {
    let mut bot = with_dead_handle(backend).await;
    bot.say(ANN, "crazy").await;
    sees!(bot.press(ANN, "^1$").await.screen(), @r"
    <document crazyones.pdf>
    📕 Crazy ones
    1 page · 12 KB
    [☆ Keep] [🧩 More like this]
    [↗️ Share] [⚠️ Report]
    ");

    // The next one gets it by the new handle.
    let before = documents_sent(&bot).await;
    bot.say(BORIS, "crazy").await;
    assert!(bot.press(BORIS, "^1$").await.screen().contains("<document crazyones.pdf>"));
    assert_eq!(documents_sent(&bot).await, before + 1);
    bot.finish().await;
}

async fn a_file_that_telegram_never_had_is_uploaded_once(backend: Backend) {
    let mut bot = with_dead_handle(backend).await;
    bot.execute("UPDATE materials SET file_id = ''").await;
    for person in [ANN, BORIS] {
        bot.say(person, "crazy").await;
        assert!(bot.press(person, "^1$").await.screen().contains("<document crazyones.pdf>"));
    }
    // No request for a handle that never was.
    assert_eq!(documents_sent(&bot).await, 2);
    bot.finish().await;
}

async fn many_who_want_a_dead_file_at_once_cost_one_upload(backend: Backend) {
    let mut bot = with_dead_handle(backend).await;
    let id = bot.number("SELECT id FROM materials").await;
    let mix = json!([{"text": format!("/start f_{id}"), "reply": "Crazy ones"}]);
    let flood = json!({"updates": 40, "users": 40, "mix": mix, "idle_s": 30});
    bot.ctl("flood", flood).await;
    let report = super::steps::flooded(&bot).await;
    assert_eq!(report["answered"], 40, "{report}");
    bot.settle().await;

    let uploads = bot.log().matches("a file has a new handle").count();
    assert_eq!(uploads, 1);
    bot.finish().await;
}

async fn a_file_without_handle_and_copy_is_excused(backend: Backend) {
    let mut bot = with_dead_handle(backend).await;
    let blobs = bot.folder().join("files").join("blobs");
    assert!(blobs.is_dir(), "{}", blobs.display());
    std::fs::remove_dir_all(blobs).unwrap();
    bot.expect_error("a file has neither handle nor copy");
    bot.say(ANN, "crazy").await;
    sees!(bot.press(ANN, "^1$").await.screen(), @r"
    📕 Crazy ones
    😔 I cannot send this file just now. Please try again later, or ask your teacher for it.
    ");
    bot.finish().await;
}
