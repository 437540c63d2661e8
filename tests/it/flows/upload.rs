//! The upload dialog of an editor, from the file to the learner.

use serde_json::json;

use super::steps::{answer_all, answer_to_review, send_and_wait};
use crate::support::bot::{ANN, Backend, Bot, BotOptions, EDNA, data};

flows! {
    both {
        a_book_goes_in_and_is_found,
        published_before_it_is_processed,
        the_same_content_is_taken_once,
        files_in_mid_dialog_wait_their_turn,
    }
    sqlite {
        a_draft_is_kept_and_not_found,
        a_cancelled_upload_leaves_nothing,
        each_field_can_be_changed_from_the_review,
        the_title_in_the_file_is_offered,
        start_and_text_at_every_step,
        cancel_at_every_step,
        buttons_of_an_old_dialog_change_nothing,
        a_demoted_editor_stops_in_mid_dialog,
        only_editors_upload,
        a_recording_goes_in,
        an_upload_keeps_telegrams_limits,
    }
}

async fn a_book_goes_in_and_is_found(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;

    sees!(bot.say(EDNA, "/upload").await.screen(), @"📤 Send me a file: a book, a recording, a video or a worksheet. I check and index it while you tell me what it is.");
    bot.send_file(EDNA, "crazyones.pdf").await;
    bot.settle_all().await;
    sees!(bot.screen(EDNA, 2).await, @r"
    (edited)
    📥 crazyones.pdf
    ✔️ Checked and indexed
    📕 1 page · 12 KB
    Can be searched inside: 1 page
    ---
    ✏️ What is it called? Type the title, or accept the suggestion.
    [✅ crazyones]
    [✖️ Cancel]
    ");
    sees!(bot.say(EDNA, "Think  Different: Crazy Ones").await.screen(), @r"
    🗂 Where does it belong? Choose a section, or type the name of a new one.
    [✖️ Cancel]
    ");
    sees!(bot.say(EDNA, "Speeches").await.screen(), @r"
    🎚 For which level?
    [A1] [A2] [B1]
    [B2] [C1] [C2]
    [Any level]
    [✖️ Cancel]
    ");
    sees!(bot.press(EDNA, "^B2$").await.screen(), @r"
    (edited)
    🌐 Which language does it teach?
    [English] [Russian] [Uzbek]
    [German] [French] [Spanish]
    [Arabic] [Turkish] [Korean]
    [Chinese] [Other]
    [✖️ Cancel]
    ");
    sees!(bot.press(EDNA, "English").await.screen(), @r"
    (edited)
    🏷 Tags, separated by commas? For example: grammar, tests
    [⏭ Without tags]
    [✖️ Cancel]
    ");
    sees!(bot.say(EDNA, "speech, advertising").await.screen(), @r"
    👀 Please check

    File: crazyones.pdf (12 KB)
    Title: Think Different: Crazy Ones
    Section: Speeches
    Level: B2
    Language: English
    Tags: speech, advertising

    ✔️ The file has been checked.
    [🚀 Publish]
    [✏️ Title] [🗂 Section]
    [🎚 Level] [🌐 Language] [🏷 Tags]
    [📝 Save draft] [✖️ Cancel]
    ");
    sees!(bot.press(EDNA, "Publish").await.screen(), @r"
    (edited)
    ✅ Published: Think Different: Crazy Ones
    [📖 Open]
    ");

    a_learner_finds_the_book(&mut bot).await;
    bot.finish().await;
}

async fn a_learner_finds_the_book(bot: &mut Bot) {
    sees!(bot.say(ANN, "diferent").await.screen(), @r"
    Nothing was found for “diferent”. Showing results for different
    One result for different

    1. 📕 Think Different: Crazy Ones
       B2 · 1 page · 12 KB
    [1]
    [Level ▾] [Kind ▾] [Language ▾]
    [Section ▾] [Length ▾]
    [🏠 Menu]
    ");
    let inside = bot.say(ANN, "misfits rebels").await;
    sees!(inside.screen(), @r"
    One result for misfits rebels

    1. 📕 Think Different: Crazy Ones
       B2 · 1 page · 12 KB
       p. 1: The Crazy Ones October 14, 1998 Heres to the crazy ones. The misfits. The rebels. The troublemakers. The round pegs in the square holes. The ones who see…
    [1]
    [Level ▾] [Kind ▾] [Language ▾]
    [Section ▾] [Length ▾]
    [🏠 Menu]
    ");
    let file = bot.press(ANN, "^1$").await;
    assert_eq!(file.only()["media"]["name"], "crazyones.pdf", "{}", file.screen());
    assert!(bot.say(ANN, "advertising").await.text().starts_with("One result"), "by a tag");
}

async fn published_before_it_is_processed(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    bot.ctl("faults", json!({"files": {"throttle_bps": 4_000}})).await;
    bot.send_file(EDNA, "crazyones.pdf").await;
    answer_to_review(&mut bot, "Early bird").await;

    sees!(bot.press(EDNA, "Publish").await.screen(), @r"
    (edited)
    ⏳ “Early bird” will be published as soon as it has been checked. Its card tells when.
    ");
    assert!(bot.say(ANN, "early bird").await.text().contains("Nothing was found"));
    bot.ctl("faults", json!({"clear": true, "files": {}})).await;

    bot.material_is("state = 'published'").await;
    bot.settle_all().await;
    let card = bot.wait(EDNA, "✅ Published").await;
    assert!(card["edit_date"].is_number(), "the card was edited: {card}");
    assert!(bot.say(ANN, "early bird").await.text().starts_with("One result"));
    bot.finish().await;
}

async fn the_same_content_is_taken_once(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    send_and_wait(&mut bot, "crazyones.pdf").await;
    answer_all(&mut bot, "The original").await;

    let renamed = bot.folder().join("renamed.pdf");
    std::fs::copy(data("crazyones.pdf"), &renamed).unwrap();
    bot.send_file_at(EDNA, &renamed, "renamed.pdf").await;
    bot.settle_all().await;
    sees!(bot.screen(EDNA, 2).await, @r"
    (edited)
    📥 renamed.pdf
    ♻️ This content is in the library already: The original
    [📖 Open]
    ---
    ✏️ What is it called? Type the title, or accept the suggestion.
    [✅ renamed]
    [✖️ Cancel]
    ");
    sees!(bot.say(EDNA, "A copy").await.screen(), @r"
    ♻️ This content is in the library already: The original
    [📖 Open]
    ");
    let file = bot.press(EDNA, "Open").await;
    assert_eq!(file.only()["media"]["name"], "crazyones.pdf");

    assert_eq!(bot.number("SELECT count(*) FROM materials WHERE state = 'published'").await, 1);
    assert_eq!(bot.number("SELECT count(*) FROM sessions WHERE tag = 'upload'").await, 0);
    bot.finish().await;
}

async fn files_in_mid_dialog_wait_their_turn(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    send_and_wait(&mut bot, "crazyones.pdf").await;
    bot.say(EDNA, "First").await;

    bot.send_file(EDNA, "multicolumn.pdf").await;
    bot.settle_all().await;
    sees!(bot.screen(EDNA, 2).await, @r"
    (edited)
    📥 multicolumn.pdf
    ✔️ Checked and indexed
    📕 3 pages · 77 KB
    Can be searched inside: 3 pages
    ---
    📥 Got multicolumn.pdf as well. It is next.
    ");
    bot.say(EDNA, "Section").await;
    bot.press(EDNA, "Any level").await;
    bot.press(EDNA, "English").await;
    bot.press(EDNA, "Without tags").await;
    sees!(bot.press(EDNA, "Publish").await.screen(), @r"
    (edited)
    ✅ Published: First
    [📖 Open]
    ---
    ✏️ What is it called? Type the title, or accept the suggestion.
    [✅ multicolumn]
    [✖️ Cancel]
    ");
    bot.press(EDNA, "multicolumn").await;
    sees!(bot.press(EDNA, "Section").await.screen(), @r"
    (edited)
    🗂 Inside “Section”. Choose a section, put it here, or type the name of a new section.
    [✅ Put it here] [⬆️ Up]
    [✖️ Cancel]
    ");
    bot.press(EDNA, "Put it here").await;
    bot.press(EDNA, "Any level").await;
    bot.press(EDNA, "English").await;
    bot.press(EDNA, "Without tags").await;
    sees!(bot.press(EDNA, "Publish").await.screen(), @r"
    (edited)
    ✅ Published: multicolumn
    [📖 Open]
    ");
    assert_eq!(bot.number("SELECT count(*) FROM materials WHERE state = 'published'").await, 2);
    bot.finish().await;
}

async fn a_draft_is_kept_and_not_found(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    send_and_wait(&mut bot, "crazyones.pdf").await;
    answer_to_review(&mut bot, "Half done").await;

    sees!(bot.press(EDNA, "Save draft").await.screen(), @r"
    (edited)
    📝 Saved as a draft: Half done
    ");
    bot.material_is("state = 'draft'").await;
    assert!(bot.say(ANN, "half done").await.text().contains("Nothing was found"));
    assert!(bot.say(EDNA, "half done").await.text().contains("Nothing was found"), "a query again");
    bot.finish().await;
}

async fn a_cancelled_upload_leaves_nothing(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    send_and_wait(&mut bot, "crazyones.pdf").await;

    sees!(bot.press(EDNA, "Cancel").await.screen(), @r"
    (edited)
    🗑 Cancelled. The file was not kept.
    ");
    bot.material_is("state = 'discarded'").await;
    assert!(bot.say(ANN, "misfits").await.text().contains("Nothing was found"));
    bot.finish().await;
}

async fn each_field_can_be_changed_from_the_review(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    send_and_wait(&mut bot, "crazyones.pdf").await;
    answer_to_review(&mut bot, "Old title").await;

    bot.press(EDNA, "✏️ Title").await;
    assert!(bot.say(EDNA, "New title").await.text().contains("New title"));
    bot.press(EDNA, "🗂 Section").await;
    assert!(bot.say(EDNA, "Another shelf").await.text().contains("Another shelf"));
    bot.press(EDNA, "🎚 Level").await;
    assert!(bot.press(EDNA, "^C1$").await.text().contains("C1"));
    bot.press(EDNA, "🌐 Language").await;
    assert!(bot.press(EDNA, "Uzbek").await.text().contains("Uzbek"));
    bot.press(EDNA, "🏷 Tags").await;
    sees!(bot.say(EDNA, "#fresh; green").await.screen(), @r"
    👀 Please check

    File: crazyones.pdf (12 KB)
    Title: New title
    Section: Another shelf
    Level: C1
    Language: Uzbek
    Tags: fresh, green

    ✔️ The file has been checked.
    [🚀 Publish]
    [✏️ Title] [🗂 Section]
    [🎚 Level] [🌐 Language] [🏷 Tags]
    [📝 Save draft] [✖️ Cancel]
    ");
    bot.press(EDNA, "Publish").await;
    assert!(bot.say(ANN, "new title").await.text().contains("C1"));
    assert!(bot.say(ANN, "old").await.text().contains("Nothing was found"));
    bot.finish().await;
}

async fn the_title_in_the_file_is_offered(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    send_and_wait(&mut bot, "metadata.pdf").await;
    sees!(bot.screen(EDNA, 2).await, @r"
    (edited)
    📥 metadata.pdf
    ✔️ Checked and indexed
    📕 1 page · 13 KB
    Can be searched inside: 1 page
    Title in the file: The Title
    [Use the title “The Title”]
    ---
    ✏️ What is it called? Type the title, or accept the suggestion.
    [✅ metadata]
    [✖️ Cancel]
    ");

    // The question was asked before the file was read; /upload asks it again.
    sees!(bot.say(EDNA, "/upload").await.screen(), @r"
    ✏️ What is it called? Type the title, or accept the suggestion.
    [✅ The Title]
    [✖️ Cancel]
    ");
    bot.say(EDNA, "My own").await;
    bot.say(EDNA, "Shelf").await;
    bot.press(EDNA, "Any level").await;
    bot.press(EDNA, "English").await;
    sees!(bot.press(EDNA, "Without tags").await.screen(), @r"
    (edited)
    👀 Please check

    File: metadata.pdf (13 KB)
    Title: My own
    Section: Shelf
    Level: Any level
    Language: English
    Tags: –

    ✔️ The file has been checked.
    [🚀 Publish]
    [Use the title “The Title”]
    [✏️ Title] [🗂 Section]
    [🎚 Level] [🌐 Language] [🏷 Tags]
    [📝 Save draft] [✖️ Cancel]
    ");
    let found = bot.press(EDNA, "Use the title").await;
    assert!(!found.text().contains("My own"), "{}", found.screen());
    bot.press(EDNA, "Publish").await;
    bot.finish().await;
}

/// What gets the dialog from one question to the next: pressed (`[…]`) or typed.
const ANSWERS: [&str; 5] = ["A title", "A shelf", "[Any level]", "[English]", "[Without tags]"];

async fn answer(bot: &mut Bot, answer: &str) {
    match answer.strip_prefix('[').and_then(|label| label.strip_suffix(']')) {
        Some(label) => bot.press(EDNA, label).await,
        None => bot.say(EDNA, answer).await,
    };
}

async fn start_and_text_at_every_step(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    send_and_wait(&mut bot, "crazyones.pdf").await;
    for (step, next) in ANSWERS.into_iter().map(Some).chain([None]).enumerate() {
        let menu = bot.say(EDNA, "/start").await;
        assert!(menu.screen().contains("▶️ Continue"), "step {step}: {}", menu.screen());
        let question = bot.press(EDNA, "Continue").await;
        assert!(question.screen().contains("Cancel]"), "step {step}: {}", question.screen());
        if matches!(step, 2 | 3 | 5) {
            let hint = bot.say(EDNA, "some words").await;
            assert!(hint.text().contains("Please use the buttons"), "step {step}");
        }
        assert!(bot.say(EDNA, "/help").await.text().contains("What I can do"), "step {step}");
        assert!(bot.say(EDNA, "/nonsense").await.text().contains("don't know"), "step {step}");
        if let Some(next) = next {
            answer(&mut bot, next).await;
        }
    }
    assert!(bot.press(EDNA, "Publish").await.text().contains("Published"));
    assert!(bot.say(ANN, "title").await.text().starts_with("One result"));
    bot.finish().await;
}

async fn cancel_at_every_step(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    for steps in 0..=ANSWERS.len() {
        send_and_wait(&mut bot, "crazyones.pdf").await;
        for next in &ANSWERS[..steps] {
            answer(&mut bot, next).await;
        }
        let cancelled = bot.say(EDNA, "/cancel").await;
        assert!(cancelled.text().contains("Cancelled"), "{steps}: {}", cancelled.screen());
        assert!(bot.say(EDNA, "/cancel").await.text().contains("nothing to cancel"), "{steps}");
    }
    assert_eq!(bot.number("SELECT count(*) FROM materials WHERE state <> 'discarded'").await, 0);
    bot.finish().await;
}

async fn buttons_of_an_old_dialog_change_nothing(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    send_and_wait(&mut bot, "crazyones.pdf").await;
    answer_to_review(&mut bot, "First").await;
    let review = bot.say(EDNA, "/upload").await;
    let (old, message) = (review.button_data("Publish"), review.only()["message_id"].clone());
    bot.say(EDNA, "/cancel").await;

    let click = json!({"chat": EDNA, "data": old, "message_id": message});
    let idle = bot.click(click.clone()).await;
    sees!(idle.screen(), @"That upload is over. Send me the file again to start anew.");
    send_and_wait(&mut bot, "multicolumn.pdf").await;
    let other = bot.click(click).await;
    assert!(other.text().contains("That upload is over"), "{}", other.screen());
    assert_eq!(bot.number("SELECT count(*) FROM materials WHERE state = 'published'").await, 0);
    answer_all(&mut bot, "Second").await;
    assert_eq!(bot.number("SELECT count(*) FROM materials WHERE state = 'published'").await, 1);
    bot.finish().await;
}

async fn a_demoted_editor_stops_in_mid_dialog(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    send_and_wait(&mut bot, "crazyones.pdf").await;
    answer_to_review(&mut bot, "Not yours").await;
    bot.execute(&format!("UPDATE users SET role = 'learner' WHERE id = {EDNA}")).await;

    sees!(bot.press(EDNA, "Publish").await.screen(), @"Only editors can add files. To find something, just type its name.");
    assert!(bot.say(EDNA, "words").await.text().contains("Only editors"));
    assert!(bot.say(EDNA, "/cancel").await.text().contains("Cancelled"), "a way out");
    assert!(bot.say(EDNA, "words").await.text().contains("Nothing was found"), "a learner again");
    assert_eq!(bot.number("SELECT count(*) FROM materials WHERE state = 'published'").await, 0);
    bot.finish().await;
}

async fn only_editors_upload(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;

    sees!(bot.send_file(ANN, "crazyones.pdf").await.screen(), @"Only editors can add files. To find something, just type its name.");
    assert!(bot.say(ANN, "/upload").await.text().contains("Only editors"));
    assert_eq!(bot.number("SELECT count(*) FROM materials").await, 0);
    bot.finish().await;
}

async fn a_recording_goes_in(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    send_and_wait(&mut bot, "tone.mp3").await;
    sees!(bot.screen(EDNA, 2).await, @r"
    (edited)
    📥 tone.mp3
    ✔️ Checked and indexed
    🎧 0:02 · 5 KB · MP3 · 16 kbit/s
    Title in the file: Lesson one: приветствие
    [Use the title “Lesson one: приветствие”]
    ---
    ✏️ What is it called? Type the title, or accept the suggestion.
    [✅ tone]
    [✖️ Cancel]
    ");
    answer_all(&mut bot, "A tone").await;

    sees!(bot.say(ANN, "tone").await.screen(), @r"
    One result for tone

    1. 🎧 A tone
       0:02 · 5 KB
    [1]
    [Level ▾] [Kind ▾] [Language ▾]
    [Section ▾] [Length ▾]
    [🏠 Menu]
    ");
    let file = bot.press(ANN, "^1$").await;
    assert_eq!(file.only()["media"]["name"], "tone.mp3");
    bot.finish().await;
}

/// With the limits of the simulator and the bot's own: it takes longer, and nothing is refused.
async fn an_upload_keeps_telegrams_limits(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend).strict_limits()).await;
    send_and_wait(&mut bot, "crazyones.pdf").await;
    answer_all(&mut bot, "Slow and steady").await;

    assert!(bot.say(ANN, "slow and steady").await.text().starts_with("One result"));
    assert_eq!(bot.ctl("breaches", json!({})).await["count"], 0);
    bot.finish().await;
}
