//! Looking at a material before fetching it.

use crate::support::bot::{ANN, BORIS, Backend, Bot, BotOptions};

use super::steps::{answer_all, send_and_wait};

flows! {
    both {
        a_picture_is_looked_at_before_it_is_fetched,
    }
    sqlite {
        what_has_no_preview_has_no_button,
        a_lost_preview_is_excused,
    }
}

async fn a_picture_is_looked_at_before_it_is_fetched(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    send_and_wait(&mut bot, "image.jpg").await;
    answer_all(&mut bot, "The board").await;
    sees!(bot.say(ANN, "board").await.screen(), @r"
    One result for board

    1. 🖼 The board
       47 KB
    [1]
    [👁 1]
    [Level ▾] [Kind ▾] [Language ▾]
    [Section ▾] [Length ▾]
    [🏠 Menu]
    ");
    sees!(bot.press(ANN, "👁 1").await.screen(), @r"
    <photo preview.jpg>
    🖼 The board
    47 KB
    [📥 Get the file]
    ");
    assert!(bot.press(ANN, "Get the file").await.screen().contains("<document image.jpg>"));

    // The picture was uploaded once; the next one gets it by its handle.
    let sent = bot.calls_answered("sendPhoto").await;
    bot.say(BORIS, "board").await;
    bot.press(BORIS, "👁 1").await;
    assert_eq!(bot.calls_answered("sendPhoto").await, sent + 1);
    let known = "SELECT count(*) FROM contents WHERE preview_file_id IS NOT NULL";
    assert_eq!(bot.number(known).await, 1);
    bot.finish().await;
}

async fn what_has_no_preview_has_no_button(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    send_and_wait(&mut bot, "speech.wav").await;
    answer_all(&mut bot, "A reading").await;
    assert!(!bot.say(ANN, "reading").await.screen().contains('👁'));
    bot.finish().await;
}

async fn a_lost_preview_is_excused(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    send_and_wait(&mut bot, "image.jpg").await;
    answer_all(&mut bot, "The board").await;
    std::fs::remove_dir_all(bot.folder().join("files").join("blobs")).unwrap();
    bot.expect_error("a file has neither handle nor copy");
    bot.say(ANN, "board").await;
    let sorry = bot.press(ANN, "👁 1").await;
    assert!(sorry.screen().contains("cannot be had just now"), "{}", sorry.screen());
    bot.finish().await;
}
