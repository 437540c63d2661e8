//! A new edition of a material: replaced by its editor, offered to those who took the old one.

use serde_json::json;

use super::steps::{answer_all, send_and_wait};
use crate::support::bot::{ADAM, ANN, BORIS, Backend, Bot, BotOptions, EDNA, data, show};

flows! {
    both {
        a_new_edition_is_offered_to_those_who_took_the_old,
        two_editors_replace_at_once,
        restarts_in_the_middle_change_nothing,
    }
    sqlite {
        a_quiet_replacement_tells_nobody,
        what_is_no_new_edition_changes_nothing,
        a_role_lost_in_the_middle_ends_it,
        a_replacement_is_given_up_in_every_way,
        learners_never_see_the_button,
        whoever_cannot_be_reached_is_passed_over,
    }
}

/// The editor publishes a material of one file.
async fn published(bot: &mut Bot, file: &str, title: &str) {
    send_and_wait(bot, file).await;
    answer_all(bot, title).await;
}

/// Somebody finds the material and takes it; gives the screen.
async fn takes(bot: &mut Bot, user: i64, words: &str) -> String {
    bot.say(user, words).await;
    bot.press(user, "^1$").await.screen()
}

/// An editor sends a new file for the material; it is processed.
async fn offers_file(bot: &mut Bot, editor: i64, words: &str, file: &str) {
    takes(bot, editor, words).await;
    bot.press(editor, "Replace the file|Заменить файл").await;
    bot.send_file(editor, file).await;
    bot.settle_all().await;
}

async fn finds(bot: &mut Bot, words: &str) -> bool {
    bot.say(ANN, words).await.text().starts_with("One result")
}

/// Presses a button that replaces; gives the card alone, as the announcement may be over already.
async fn confirms(bot: &mut Bot, user: i64, label: &str) -> String {
    show(&bot.press(user, label).await.messages[0])
}

/// How many messages of the bot somebody has that contain a text.
async fn count(bot: &Bot, user: i64, text: &str) -> usize {
    let shown = bot.shown_by_bot(user).await;
    shown.iter().filter(|message| message["text"].as_str().unwrap_or("").contains(text)).count()
}

async fn a_new_edition_is_offered_to_those_who_took_the_old(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    published(&mut bot, "crazyones.pdf", "Think").await;
    takes(&mut bot, ANN, "misfits").await;
    takes(&mut bot, BORIS, "think").await;

    sees!(takes(&mut bot, EDNA, "think").await, @r"
    <document crazyones.pdf>
    📕 Think
    1 page · 12 KB
    [☆ Keep] [🧩 More like this]
    [↗️ Share] [⚠️ Report]
    [✏️ Edit] [🔁 Replace the file]
    ");
    sees!(bot.press(EDNA, "Replace the file").await.screen(), @r"
    🔁 Send me the new file of “Think”. Its title, section, tags and links stay as they are. Nothing changes before you have seen both files side by side.
    [✖️ Cancel]
    ");
    bot.send_file(EDNA, "multicolumn.pdf").await;
    bot.settle_all().await;
    sees!(bot.screen(EDNA, 1).await, @r"
    (edited)
    📥 multicolumn.pdf

    Replace the file of “Think”?

    Now: crazyones.pdf
    📕 Books · 1 page · 12 KB
    New: multicolumn.pdf
    📕 Books · 3 pages · 77 KB

    2 people have taken it, and will be told of the new edition unless you replace it quietly.
    [✅ Replace]
    [🤫 Replace quietly]
    [✖️ Cancel]
    ");
    assert!(finds(&mut bot, "misfits").await, "nothing has changed yet");
    let id = bot.number("SELECT id FROM materials WHERE state = 'published'").await;

    sees!(confirms(&mut bot, EDNA, "✅ Replace").await, @r"
    (edited)
    ✅ Replaced: Think
    2 people who took the old file will be told.
    [↩️ Undo]
    ");
    bot.settle_all().await;
    sees!(bot.screen(EDNA, 1).await, @"📣 “Think”: 2 people are being told of the new edition.");
    sees!(bot.screen(ANN, 1).await, @r"
    🆕 A new edition of “Think” is there.
    [📖 Get it]
    ");
    sees!(bot.screen(BORIS, 1).await, @r"
    🆕 Вышло новое издание: «Think».
    [📖 Получить]
    ");
    let file = bot.press(ANN, "Get it").await;
    assert_eq!(file.only()["media"]["name"], "multicolumn.pdf");
    assert_eq!(bot.number("SELECT id FROM materials WHERE state = 'published'").await, id);
    let linked = bot.say(ANN, &format!("/start f_{id}")).await;
    assert_eq!(linked.only()["media"]["name"], "multicolumn.pdf", "links stay");
    assert!(!finds(&mut bot, "misfits").await, "the old text is gone");
    assert!(finds(&mut bot, "think").await, "the title stays");

    undone(&mut bot).await;
    bot.finish().await;
}

/// Ann took the new edition, Boris the old one.
async fn undone(bot: &mut Bot) {
    sees!(confirms(bot, EDNA, "Undo").await, @r"
    (edited)
    ✅ Replaced: Think
    One person who took the old file will be told.
    [↩️ Undo]
    ");
    bot.settle_all().await;
    assert!(finds(bot, "misfits").await, "the old text is back");
    assert_eq!(count(bot, ANN, "A new edition").await, 2, "she took what was undone");
    assert_eq!(count(bot, BORIS, "новое издание").await, 1, "he has what is there again");
    let file = bot.press(BORIS, "Получить").await;
    assert_eq!(file.only()["media"]["name"], "crazyones.pdf");
    assert_eq!(bot.number("SELECT count(*) FROM editions").await, 2);
}

async fn two_editors_replace_at_once(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    published(&mut bot, "crazyones.pdf", "Think").await;
    offers_file(&mut bot, EDNA, "think", "multicolumn.pdf").await;
    offers_file(&mut bot, ADAM, "think", "toy.pdf").await;
    bot.press(EDNA, "✅ Replace").await;
    bot.settle_all().await;

    sees!(bot.press(ADAM, "Заменить$").await.screen(), @r"
    (edited)
    ⚠️ Файл «Think» тем временем заменил кто-то другой. Ваш файл ничего не изменил.
    ---
    Заменить файл «Think»?

    Сейчас: multicolumn.pdf
    📕 Книги · 3 страницы · 77 КБ
    Новый: toy.pdf
    📕 Книги · 1 страница · 2 КБ

    Его взял 1 человек; он узнает о новом издании, если не заменить без уведомлений.
    [✅ Заменить]
    [🤫 Заменить без уведомлений]
    [✖️ Отмена]
    ");
    assert_eq!(bot.number("SELECT count(*) FROM editions").await, 1);
    let done = confirms(&mut bot, ADAM, "Заменить$").await;
    assert!(done.contains("✅ Файл заменён"), "{done}");
    bot.settle_all().await;
    assert_eq!(bot.number("SELECT count(*) FROM editions").await, 2);
    // What Edna could undo is not there any more.
    let undo = bot.press(EDNA, "Undo").await;
    assert!(undo.text().contains("by somebody else"), "{}", undo.screen());
    let file = "SELECT count(*) FROM materials WHERE state = 'published' AND file_name = 'toy.pdf'";
    assert_eq!(bot.number(file).await, 1);
    bot.finish().await;
}

async fn restarts_in_the_middle_change_nothing(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    published(&mut bot, "crazyones.pdf", "Think").await;
    takes(&mut bot, ANN, "think").await;
    takes(&mut bot, EDNA, "think").await;
    bot.press(EDNA, "Replace the file").await;
    bot.stop().await;
    bot.restart().await;
    bot.ctl("faults", json!({"files": {"throttle_bps": 20_000}})).await;
    bot.send_file(EDNA, "multicolumn.pdf").await;
    bot.until("the download", async |bot| bot.has_temporary_files()).await;
    bot.stop().await;
    bot.ctl("faults", json!({"clear": true, "files": {}})).await;
    bot.restart().await;
    bot.settle_all().await;
    bot.wait(EDNA, "Replace the file of “Think”").await;
    bot.stop().await;
    bot.restart().await;

    bot.press(EDNA, "✅ Replace").await;
    bot.settle_all().await;
    assert_eq!(count(&bot, ANN, "A new edition").await, 1);
    assert_eq!(bot.number("SELECT count(*) FROM editions").await, 1);
    assert_eq!(bot.number("SELECT count(*) FROM sessions WHERE tag = 'replace'").await, 0);
    bot.finish().await;
}

async fn a_quiet_replacement_tells_nobody(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    published(&mut bot, "crazyones.pdf", "Think").await;
    takes(&mut bot, ANN, "think").await;
    offers_file(&mut bot, EDNA, "think", "multicolumn.pdf").await;

    sees!(bot.press(EDNA, "quietly").await.screen(), @r"
    (edited)
    ✅ Replaced: Think
    [↩️ Undo]
    ");
    bot.settle_all().await;
    assert_eq!(count(&bot, ANN, "A new edition").await, 0);
    assert_eq!(bot.number("SELECT count(*) FROM editions").await, 1);
    assert_eq!(bot.number("SELECT count(*) FROM jobs WHERE kind = 'announce_edition'").await, 0);
    bot.finish().await;
}

async fn what_is_no_new_edition_changes_nothing(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    published(&mut bot, "multicolumn.pdf", "Columns").await;
    send_and_wait(&mut bot, "crazyones.pdf").await;
    bot.say(EDNA, "Think").await;
    bot.press(EDNA, "A shelf").await;
    bot.press(EDNA, "Put it here").await;
    bot.press(EDNA, "Any level").await;
    bot.press(EDNA, "English").await;
    bot.press(EDNA, "Without tags").await;
    bot.press(EDNA, "Publish").await;

    let renamed = bot.folder().join("renamed.pdf");
    std::fs::copy(data("crazyones.pdf"), &renamed).unwrap();
    takes(&mut bot, EDNA, "think").await;
    bot.press(EDNA, "Replace the file").await;
    bot.send_file_at(EDNA, &renamed, "renamed.pdf").await;
    bot.settle_all().await;
    sees!(bot.screen(EDNA, 1).await, @r"
    (edited)
    📥 renamed.pdf
    🟰 This is the same file that “Think” has now. Nothing was changed.
    ");
    bot.send_file(EDNA, "multicolumn.pdf").await;
    bot.settle_all().await;
    sees!(bot.screen(EDNA, 1).await, @r"
    (edited)
    📥 multicolumn.pdf
    ♻️ This content is in the library already: Columns
    [📖 Open]
    ");
    bot.send_file(EDNA, "encrypted-file.pdf").await;
    bot.settle_all().await;
    sees!(bot.screen(EDNA, 1).await, @r"
    (edited)
    📥 encrypted-file.pdf
    🔒 The file needs a password. Remove the password and send it again.
    ");

    assert_eq!(bot.number("SELECT count(*) FROM editions").await, 0);
    assert_eq!(bot.number("SELECT count(*) FROM materials WHERE state = 'published'").await, 2);
    assert!(finds(&mut bot, "misfits").await);
    // The dialog still waits for a file that is one.
    bot.send_file(EDNA, "toy.pdf").await;
    bot.settle_all().await;
    bot.press(EDNA, "✅ Replace").await;
    assert_eq!(bot.number("SELECT count(*) FROM editions").await, 1);
    bot.finish().await;
}

async fn a_role_lost_in_the_middle_ends_it(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    published(&mut bot, "crazyones.pdf", "Think").await;
    offers_file(&mut bot, EDNA, "think", "multicolumn.pdf").await;
    bot.execute(&format!("UPDATE users SET role = 'learner' WHERE id = {EDNA}")).await;

    let refused = bot.press(EDNA, "✅ Replace").await;
    assert!(refused.text().contains("Only editors"), "{}", refused.screen());
    let refused = bot.send_file(EDNA, "toy.pdf").await;
    assert!(refused.text().contains("Only editors"), "{}", refused.screen());
    assert_eq!(bot.number("SELECT count(*) FROM editions").await, 0);
    assert!(bot.say(EDNA, "/cancel").await.text().contains("keeps its file"), "a way out");
    assert_eq!(bot.number("SELECT count(*) FROM materials WHERE state = 'open'").await, 0);
    let taken = takes(&mut bot, EDNA, "think").await;
    assert!(!taken.contains("Replace"), "{taken}");
    bot.finish().await;
}

async fn a_replacement_is_given_up_in_every_way(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    published(&mut bot, "crazyones.pdf", "Think").await;

    takes(&mut bot, EDNA, "think").await;
    bot.press(EDNA, "Replace the file").await;
    assert!(bot.say(EDNA, "/upload").await.text().contains("/cancel first"));
    assert!(bot.say(EDNA, "misfits").await.text().starts_with("One result"), "words are a query");
    sees!(bot.press(EDNA, "^✖️ Cancel").await.screen(), @r"
    (edited)
    Cancelled. The material keeps its file.
    ");
    offers_file(&mut bot, EDNA, "think", "multicolumn.pdf").await;
    bot.say(EDNA, "/cancel").await;
    // Its card is still there.
    sees!(bot.press(EDNA, "✅ Replace").await.screen(), @r"
    (edited)
    That replacement is over. Open the material to begin anew.
    ");
    offers_file(&mut bot, EDNA, "think", "toy.pdf").await;
    bot.press(EDNA, "^✖️ Cancel").await;

    send_and_wait(&mut bot, "multicolumn.pdf").await;
    let taken = bot.press(EDNA, "Replace the file").await;
    assert!(taken.text().contains("An upload is open"), "{}", taken.screen());
    bot.say(EDNA, "/cancel").await;
    assert_eq!(bot.number("SELECT count(*) FROM editions").await, 0);
    assert_eq!(bot.number("SELECT count(*) FROM materials WHERE state = 'open'").await, 0);
    assert!(finds(&mut bot, "misfits").await);
    bot.finish().await;
}

async fn learners_never_see_the_button(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    published(&mut bot, "crazyones.pdf", "Think").await;
    let taken = takes(&mut bot, ANN, "think").await;
    assert!(!taken.contains("Replace"), "{taken}");
    let taken = takes(&mut bot, ADAM, "think").await;
    assert!(taken.contains("Заменить файл"), "{taken}");
    bot.finish().await;
}

async fn whoever_cannot_be_reached_is_passed_over(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    published(&mut bot, "crazyones.pdf", "Think").await;
    takes(&mut bot, ANN, "think").await;
    takes(&mut bot, BORIS, "think").await;
    bot.execute(&format!("UPDATE users SET reachable = FALSE WHERE id = {BORIS}")).await;
    offers_file(&mut bot, EDNA, "think", "multicolumn.pdf").await;
    bot.press(EDNA, "✅ Replace").await;
    bot.settle_all().await;

    bot.wait(EDNA, "one person is being told").await;
    assert_eq!(count(&bot, ANN, "A new edition").await, 1);
    assert_eq!(bot.number("SELECT count(*) FROM outbox WHERE class = 'bulk'").await, 1);
    bot.finish().await;
}

#[cfg(feature = "failpoints")]
mod deaths {
    use primelingo::fail_points::{Action, Point, Rule};

    use super::*;

    flows! {
        both {
            the_process_dies_over_the_announcement,
        }
        sqlite {
            an_announcement_goes_on_where_it_was,
        }
    }

    /// A replacement that Ann and Boris are to be told of, in a bot with these rules.
    async fn prepared(backend: Backend, rules: Vec<Rule>) -> Bot {
        let options = BotOptions::on(backend)
            .set("jobs.probation_s", "1")
            .set("jobs.poll_interval_ms", "100")
            .set("outbound.sweep_interval_ms", "200")
            .set("retry.backoff_base", "1.0");
        let mut bot = Bot::start(options).await;
        published(&mut bot, "crazyones.pdf", "Think").await;
        takes(&mut bot, ANN, "think").await;
        takes(&mut bot, BORIS, "think").await;
        offers_file(&mut bot, EDNA, "think", "multicolumn.pdf").await;
        bot.stop().await;
        bot.plan(rules);
        bot.restart().await;
        bot
    }

    async fn the_process_dies_over_the_announcement(backend: Backend) {
        let before = Rule::once(Point::FinishBefore.name(), Action::Kill);
        let mut bot = prepared(backend, vec![before]).await;
        bot.forgive_presses();
        bot.ctl("click", json!({"chat": EDNA, "label": "✅ Replace"})).await;
        bot.death().await;
        assert_eq!(bot.number("SELECT count(*) FROM outbox WHERE class = 'bulk'").await, 0);
        bot.plan(vec![Rule::once(Point::FinishAfter.name(), Action::Kill)]);
        bot.relaunch();
        bot.death().await;
        assert_eq!(bot.number("SELECT count(*) FROM outbox WHERE class = 'bulk'").await, 2);
        bot.plan(Vec::new());
        bot.relaunch();
        bot.settle_all().await;

        bot.wait(EDNA, "2 people are being told").await;
        assert_eq!(bot.number("SELECT count(*) FROM outbox WHERE class = 'bulk'").await, 2);
        assert_eq!(count(&bot, ANN, "A new edition").await, 1);
        assert_eq!(count(&bot, BORIS, "новое издание").await, 1);
        bot.finish().await;
    }

    /// More people than one transaction holds; the second fails once.
    async fn an_announcement_goes_on_where_it_was(backend: Backend) {
        let second = Rule::once(Point::FinishBefore.name(), Action::Error).from_reach(2);
        let mut bot = prepared(backend, vec![second]).await;
        let material = bot.number("SELECT id FROM materials WHERE state = 'published'").await;
        for user in 5_001..=5_058 {
            bot.ctl("message", json!({"user": user, "text": "/start"})).await;
        }
        bot.settle().await;
        bot.execute(&format!(
            "INSERT INTO deliveries (user_id, material_id, edition, times, first_at, last_at)
             SELECT id, {material}, 1, 1, 0, 0 FROM users WHERE id BETWEEN 5001 AND 5058"
        ))
        .await;

        bot.press(EDNA, "✅ Replace").await;
        bot.settle_all().await;
        assert_eq!(bot.acted(Point::FinishBefore), 1);
        bot.wait(EDNA, "60 people are being told").await;
        assert_eq!(bot.number("SELECT count(*) FROM outbox WHERE class = 'bulk'").await, 60);
        for user in [ANN, 5_001, 5_048, 5_058] {
            let told = count(&bot, user, "“Think” is there").await;
            assert_eq!(told, 1, "{}", bot.screen(user, 3).await);
        }
        bot.finish().await;
    }
}
