//! The same content under any name: shown at once, and nothing stored twice.

use serde_json::{Value, json};

use super::steps::{answer_all, answer_to_review, send_and_wait};
use crate::support::bot::{ADAM, Backend, Bot, BotOptions, EDNA, data};

flows! {
    both {
        published_content_is_known_under_any_name_and_class,
        of_two_who_upload_at_once_the_second_is_told,
        a_draft_of_ones_own_is_named,
        content_that_was_taken_out_or_thrown_away_is_no_duplicate,
    }
    sqlite {
        of_two_who_publish_unprocessed_files_one_is_told,
    }
}

/// Somebody sends the content of a test file as another kind of message, name and caption.
async fn send_as(bot: &mut Bot, user: i64, class: &str, file: &str, name: &str) {
    let file = json!({"type": class, "path": data(file), "name": name});
    let message = json!({"user": user, "file": file, "caption": "Quite another book"});
    bot.act("message", message).await;
    bot.settle_all().await;
}

async fn card(bot: &Bot, user: i64, name: &str) -> String {
    let shown = bot.shown_by_bot(user).await;
    let text = |message: &Value| message["text"].as_str().unwrap_or_default().to_owned();
    let mut cards = shown.iter().map(text).filter(|text| text.contains(&format!("📥 {name}\n")));
    cards.next_back().unwrap_or_default()
}

async fn count(bot: &Bot, condition: &str) -> i64 {
    bot.number(&format!("SELECT count(*) FROM materials WHERE {condition}")).await
}

/// Files in the blob store.
fn stored(bot: &Bot) -> usize {
    fn files(folder: &std::path::Path) -> usize {
        let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
        entries
            .map(|entry| entry.unwrap())
            .map(|entry| if entry.path().is_dir() { files(&entry.path()) } else { 1 })
            .sum()
    }
    files(&bot.folder().join("files/blobs"))
}

async fn published_content_is_known_under_any_name_and_class(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    send_and_wait(&mut bot, "tone.mp3").await;
    answer_all(&mut bot, "The tone").await;
    for (class, name) in [("audio", "song.mp3"), ("voice", "voice"), ("document", "noise.bin")] {
        send_as(&mut bot, ADAM, class, "tone.mp3", name).await;
        bot.wait(ADAM, "♻️ Это содержимое уже есть в библиотеке: The tone|The tone").await;
        bot.say(ADAM, "/cancel").await;
    }
    assert_eq!(count(&bot, "state = 'published'").await, 1);
    assert_eq!(count(&bot, "duplicate_of IS NOT NULL AND state = 'discarded'").await, 3);
    assert_eq!(stored(&bot), 1);
    assert_eq!(bot.number("SELECT count(*) FROM contents").await, 1);
    bot.finish().await;
}

async fn of_two_who_upload_at_once_the_second_is_told(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    send_and_wait(&mut bot, "crazyones.pdf").await;
    send_as(&mut bot, ADAM, "document", "crazyones.pdf", "same.pdf").await;
    let seen = card(&bot, ADAM, "same.pdf").await;
    assert!(seen.contains("загружает другой редактор"), "{seen}");
    answer_all(&mut bot, "First").await;

    let told = bot.say(ADAM, "Second").await;
    assert!(told.text().contains("First") && told.text().contains("♻️"), "{}", told.screen());
    assert_eq!((count(&bot, "state = 'published'").await, stored(&bot)), (1, 1));
    bot.finish().await;
}

/// Both pressed "Publish" before either file was processed.
async fn of_two_who_publish_unprocessed_files_one_is_told(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    bot.say(ADAM, "/start").await;
    bot.execute(&format!("UPDATE users SET lang = 'en' WHERE id = {ADAM}")).await;
    bot.ctl("faults", json!({"files": {"throttle_bps": 2_000}})).await;
    bot.send_file(EDNA, "crazyones.pdf").await;
    bot.send_file_at(ADAM, &data("crazyones.pdf"), "same.pdf").await;
    answer_to_review(&mut bot, "First").await;
    bot.say(ADAM, "Second").await;
    bot.say(ADAM, "Other shelf").await;
    for label in ["Any level", "English", "Without tags", "Publish"] {
        bot.press(ADAM, label).await;
    }
    bot.press(EDNA, "Publish").await;
    assert_eq!(count(&bot, "state = 'waiting'").await, 2);
    bot.ctl("faults", json!({"clear": true, "files": {}})).await;
    bot.settle_all().await;

    assert_eq!(count(&bot, "state = 'published'").await, 1);
    assert_eq!(count(&bot, "state = 'discarded' AND duplicate_of IS NOT NULL").await, 1);
    let cards =
        [card(&bot, EDNA, "crazyones.pdf").await, card(&bot, ADAM, "same.pdf").await].join("\n");
    assert!(cards.contains("♻️ This content") && cards.contains("✅ Published"), "{cards}");
    bot.finish().await;
}

async fn a_draft_of_ones_own_is_named(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    send_and_wait(&mut bot, "crazyones.pdf").await;
    answer_to_review(&mut bot, "Half done").await;
    bot.press(EDNA, "Save draft").await;
    send_as(&mut bot, EDNA, "document", "crazyones.pdf", "same.pdf").await;
    sees!(card(&bot, EDNA, "same.pdf").await, @r"
    📥 same.pdf
    ✔️ Checked and indexed
    📕 1 page · 12 KB
    Can be searched inside: 1 page
    ♻️ You have this content in a draft already: Half done
    ");
    assert_eq!(stored(&bot), 1);
    bot.say(EDNA, "/cancel").await;
    bot.material_is("state = 'draft'").await;
    bot.finish().await;
}

async fn content_that_was_taken_out_or_thrown_away_is_no_duplicate(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    send_and_wait(&mut bot, "crazyones.pdf").await;
    bot.say(EDNA, "/cancel").await;
    send_as(&mut bot, EDNA, "document", "crazyones.pdf", "again.pdf").await;
    let seen = card(&bot, EDNA, "again.pdf").await;
    assert!(seen.contains("Checked") && !seen.contains("♻️"), "thrown away is gone: {seen}");
    answer_all(&mut bot, "Classic").await;

    bot.execute("UPDATE materials SET state = 'archived' WHERE state = 'published'").await;
    send_as(&mut bot, EDNA, "document", "crazyones.pdf", "third.pdf").await;
    let seen = card(&bot, EDNA, "third.pdf").await;
    assert!(seen.contains("was in the library before: Classic"), "{seen}");
    assert_eq!(stored(&bot), 1);
    bot.say(EDNA, "/cancel").await;
    bot.finish().await;
}
