//! Files that should not be sent, and transfers that break.

use std::path::PathBuf;

use serde_json::json;

use super::steps::{answer_all, answer_to_review, send_and_wait};
use crate::support::bot::{ADAM, ANN, Backend, Bot, BotOptions, EDNA, data};

flows! {
    both {
        an_encrypted_file_is_refused,
        a_cut_download_is_tried_again,
    }
    sqlite {
        a_broken_file_is_refused,
        a_mislabelled_file_is_refused,
        a_file_too_large_is_refused_at_once,
        a_local_server_gives_large_files,
        a_file_that_lies_about_its_size_is_refused,
        an_empty_file_is_refused_at_once,
        refusals_speak_the_editors_language,
        a_refused_file_in_the_queue_is_passed_over,
        a_download_that_fails_for_good_is_told,
    }
}

/// What a refused file must have left behind: nothing. And the next one goes in.
async fn nothing_is_left_and_the_next_goes_in(bot: &mut Bot) {
    assert_eq!(bot.number("SELECT count(*) FROM parts").await, 0, "parts");
    assert_eq!(bot.number("SELECT count(*) FROM materials WHERE state <> 'discarded'").await, 0);
    assert_eq!(bot.number("SELECT count(*) FROM sessions WHERE tag = 'upload'").await, 0);
    send_and_wait(bot, "crazyones.pdf").await;
    answer_all(bot, "The next one").await;
    assert!(bot.say(ANN, "next one").await.text().starts_with("One result"));
}

fn made(bot: &Bot, name: &str, content: &[u8]) -> PathBuf {
    let path = bot.folder().join(name);
    std::fs::write(&path, content).unwrap();
    path
}

async fn an_encrypted_file_is_refused(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    send_and_wait(&mut bot, "libreoffice-writer-password.pdf").await;

    sees!(bot.screen(EDNA, 2).await, @r"
    (edited)
    📥 libreoffice-writer-password.pdf
    🔒 The file needs a password. Remove the password and send it again.
    ---
    ✏️ What is it called? Type the title, or accept the suggestion.
    [✅ libreoffice-writer-password]
    [✖️ Cancel]
    ");
    sees!(bot.say(EDNA, "Any title").await.screen(), @"🔒 The file needs a password. Remove the password and send it again.");
    nothing_is_left_and_the_next_goes_in(&mut bot).await;
    bot.finish().await;
}

async fn a_broken_file_is_refused(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let whole = std::fs::read(data("multicolumn.pdf")).unwrap();
    let half = made(&bot, "half.pdf", &whole[..whole.len() / 3]);
    bot.send_file_at(EDNA, &half, "half.pdf").await;
    bot.settle_all().await;

    sees!(bot.screen(EDNA, 2).await, @r"
    (edited)
    📥 half.pdf
    ⚠️ The file is damaged and can't be read to its end. Please check it and send it again.
    ---
    ✏️ What is it called? Type the title, or accept the suggestion.
    [✅ half]
    [✖️ Cancel]
    ");
    bot.say(EDNA, "Any title").await;
    nothing_is_left_and_the_next_goes_in(&mut bot).await;
    bot.finish().await;
}

async fn a_mislabelled_file_is_refused(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    bot.send_file_at(EDNA, &data("test.png"), "grammar.pdf").await;
    bot.settle_all().await;

    sees!(bot.screen(EDNA, 2).await, @r"
    (edited)
    📥 grammar.pdf
    ⚠️ The content of the file is not what its name says. Please check it and send it again.
    ---
    ✏️ What is it called? Type the title, or accept the suggestion.
    [✅ grammar]
    [✖️ Cancel]
    ");
    bot.press(EDNA, "grammar").await;
    nothing_is_left_and_the_next_goes_in(&mut bot).await;
    bot.finish().await;
}

async fn a_file_too_large_is_refused_at_once(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let file = json!({"type": "document", "size": 21 * 1024 * 1024, "name": "film.mkv"});

    sees!(bot.act("message", json!({"user": EDNA, "file": file})).await.screen(), @"⚠️ This file is too large: at most 20 MB can be uploaded.");
    assert_eq!(bot.number("SELECT count(*) FROM materials").await, 0);
    nothing_is_left_and_the_next_goes_in(&mut bot).await;
    bot.finish().await;
}

/// The limits of a local Bot API server come with its directory.
async fn a_local_server_gives_large_files(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend).set("telegram.local_dir", "/")).await;
    bot.ctl("config", json!({"local": true})).await;
    let file = json!({"type": "document", "size": 2001_u64 << 20, "name": "film.bin"});
    sees!(bot.act("message", json!({"user": EDNA, "file": file})).await.screen(), @"⚠️ This file is too large: at most 2000 MB can be uploaded.");

    // A hole of more than the public server gives.
    let file = json!({"type": "document", "size": 30_u64 << 20, "name": "film.bin"});
    bot.act("message", json!({"user": EDNA, "file": file})).await;
    bot.settle_all().await;
    bot.wait(EDNA, "Checked and indexed").await;
    answer_all(&mut bot, "A film").await;
    assert_eq!(bot.number("SELECT size FROM materials WHERE state = 'published'").await, 30 << 20);
    assert_eq!(bot.ctl("stats", json!({})).await["bytes_served"], 0, "copied, not fetched");
    bot.finish().await;
}

/// The message says 10 bytes, the download brings more than the limit.
async fn a_file_that_lies_about_its_size_is_refused(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend).set("files.max_size_mb", "1")).await;
    bot.say(EDNA, "/start").await;
    let file = json!({"type": "document", "size": 3 * 1024 * 1024, "name": "liar.pdf"});
    let file_id = bot.ctl("file", file).await["file_id"].clone();
    let message = json!({
        "message_id": 900, "date": 1_790_000_000,
        "chat": {"id": EDNA, "type": "private", "first_name": "Edna"},
        "from": {"id": EDNA, "is_bot": false, "first_name": "Edna", "language_code": "en"},
        "document": {
            "file_id": file_id, "file_unique_id": "u", "file_size": 10, "file_name": "liar.pdf",
        },
    });
    bot.ctl("update", json!({"message": message})).await;
    bot.settle_all().await;

    sees!(bot.screen(EDNA, 2).await, @r"
    (edited)
    📥 liar.pdf
    ⚠️ The file is too large.
    ---
    ✏️ What is it called? Type the title, or accept the suggestion.
    [✅ liar]
    [✖️ Cancel]
    ");
    bot.say(EDNA, "Any title").await;
    nothing_is_left_and_the_next_goes_in(&mut bot).await;
    bot.finish().await;
}

async fn an_empty_file_is_refused_at_once(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let empty = made(&bot, "empty.pdf", b"");

    sees!(bot.send_file_at(EDNA, &empty, "empty.pdf").await.screen(), @"⚠️ The file is empty.");
    nothing_is_left_and_the_next_goes_in(&mut bot).await;
    bot.finish().await;
}

async fn refusals_speak_the_editors_language(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let file = json!({"type": "document", "path": data("encrypted-file.pdf"), "name": "a.pdf"});
    bot.act("message", json!({"user": ADAM, "file": file})).await;
    bot.settle_all().await;

    sees!(bot.screen(ADAM, 2).await, @r"
    (edited)
    📥 a.pdf
    🔒 Файл защищён паролем. Снимите пароль и пришлите файл ещё раз.
    ---
    ✏️ Как называется материал? Введите название или примите предложенное.
    [✅ a]
    [✖️ Отмена]
    ");
    bot.say(ADAM, "/cancel").await;
    bot.finish().await;
}

async fn a_refused_file_in_the_queue_is_passed_over(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    send_and_wait(&mut bot, "crazyones.pdf").await;
    answer_to_review(&mut bot, "First").await;
    send_and_wait(&mut bot, "encrypted-file.pdf").await;
    send_and_wait(&mut bot, "toy.pdf").await;

    bot.press(EDNA, "Publish").await;
    sees!(bot.screen(EDNA, 1).await, @r"
    ✏️ What is it called? Type the title, or accept the suggestion.
    One more file is waiting.
    [✅ encrypted-file]
    [✖️ Cancel]
    ");
    bot.say(EDNA, "Second").await;
    sees!(bot.screen(EDNA, 2).await, @r"
    🔒 The file needs a password. Remove the password and send it again.
    ---
    ✏️ What is it called? Type the title, or accept the suggestion.
    [✅ toy]
    [✖️ Cancel]
    ");
    answer_all(&mut bot, "Third").await;
    assert_eq!(bot.number("SELECT count(*) FROM materials WHERE state = 'published'").await, 2);
    bot.finish().await;
}

async fn a_cut_download_is_tried_again(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    bot.ctl("faults", json!({"files": {"drop_share": 1.0, "drop_at": 0}})).await;
    bot.send_file(EDNA, "crazyones.pdf").await;
    bot.until("a second try", async |bot| {
        bot.number("SELECT count(*) FROM jobs WHERE attempts >= 2").await > 0
    })
    .await;

    bot.ctl("faults", json!({"clear": true, "files": {}})).await;
    bot.settle_all().await;
    answer_all(&mut bot, "Cut and mended").await;
    assert!(bot.say(ANN, "misfits").await.text().starts_with("One result"));
    bot.finish().await;
}

async fn a_download_that_fails_for_good_is_told(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    bot.ctl("faults", json!({"files": {"drop_share": 1.0, "drop_at": 0}})).await;
    bot.send_file(EDNA, "crazyones.pdf").await;
    bot.settle_all().await;

    sees!(bot.screen(EDNA, 2).await, @r"
    (edited)
    📥 crazyones.pdf
    ⚠️ I couldn't process this file and put it aside. The school has been told. Please send the file again.
    ---
    ✏️ What is it called? Type the title, or accept the suggestion.
    [✅ crazyones]
    [✖️ Cancel]
    ");
    sees!(bot.say(EDNA, "Later than thought").await.screen(), @"⚠️ I couldn't process this file and put it aside. The school has been told. Please send the file again.");
    // Whoever sends it again has it tried again.
    bot.ctl("faults", json!({"clear": true, "files": {}})).await;
    nothing_is_left_and_the_next_goes_in(&mut bot).await;
    bot.expect_error("job failed");
    bot.expect_leftover("dead jobs");
    bot.finish().await;
}
