//! The editors' desk: materials are edited, archived and restored, and owners see who did what.

use primelingo::domain::ids::{MaterialId, UserId};
use primelingo::domain::role::Role;

use super::steps::{answer_all, send_and_wait};
use crate::support::bot::{ADAM, ANN, Backend, Bot, BotOptions, EDNA, Seed, now};

flows! {
    both {
        a_material_is_edited_in_place,
        what_is_archived_comes_back,
        owners_see_who_did_what,
    }
    sqlite {
        two_editors_at_one_material,
        a_text_that_is_none_changes_nothing,
        a_demoted_editor_is_let_go,
        the_same_content_is_not_restored_twice,
        learners_see_nothing_of_it,
        an_open_upload_is_not_lost,
    }
}

/// An editor opens the card of a material.
async fn opens(bot: &mut Bot, editor: i64, id: MaterialId) -> String {
    bot.say(editor, &format!("/edit {id}")).await.screen()
}

async fn hits(bot: &mut Bot, words: &str) -> String {
    let text = bot.say(ANN, words).await.text().to_owned();
    text.lines().next().unwrap_or_default().to_owned()
}

async fn a_material_is_edited_in_place(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let grammar = bot.category(None, "Grammar").await;
    let exams = bot.category(None, "Exams").await;
    bot.category(Some(exams), "IELTS").await;
    bot.publish(Seed::book("English tenses").inside(grammar).page("verbs")).await;

    bot.say(EDNA, "tenses").await;
    bot.press(EDNA, "^1$").await;
    let card = bot.press(EDNA, "✏️ Edit").await.screen();
    sees!(without_number(&card), @r"
    📕 English tenses
    № N · published

    Section: Grammar
    Level: Any level
    Language: English
    Tags: –
    File: English tenses.pdf · Books · 1 page · 1.9 MB

    Edition 1 · taken by 1 person
    [✏️ Title] [🗂 Section]
    [🎚 Level] [🌐 Language] [🏷 Tags]
    [🔁 Replace the file] [🗄 Archive]
    ");

    bot.press(EDNA, "✏️ Title").await;
    sees!(bot.screen(EDNA, 1).await, @r"
    (edited)
    ✏️ What is it called? Type the title, or accept the suggestion.
    [✅ English tenses]
    [⬅️ Back]
    ");
    let saved = bot.say(EDNA, "  Irregular\u{202e} podcasts  ").await.screen();
    sees!(without_number(&saved), @r"
    ✅ Saved.

    📕 Irregular podcasts
    № N · published

    Section: Grammar
    Level: Any level
    Language: English
    Tags: –
    File: English tenses.pdf · Books · 1 page · 1.9 MB

    Edition 1 · taken by 1 person
    [✏️ Title] [🗂 Section]
    [🎚 Level] [🌐 Language] [🏷 Tags]
    [🔁 Replace the file] [🗄 Archive]
    [↩️ Undo the last change]
    ");
    assert!(hits(&mut bot, "podcasts").await.starts_with("One result"));
    assert!(hits(&mut bot, "tenses").await.contains("Nothing"), "the old words are gone");

    bot.press(EDNA, "🎚 Level").await;
    let card = bot.press(EDNA, "^B2$").await.screen();
    assert!(card.contains("Level: B2") && card.starts_with("(edited)"), "{card}");
    bot.press(EDNA, "🗂 Section").await;
    bot.press(EDNA, "Exams").await;
    bot.press(EDNA, "IELTS").await;
    let card = bot.press(EDNA, "Put it here").await.screen();
    assert!(card.contains("Section: Exams › IELTS"), "{card}");
    bot.press(EDNA, "🌐 Language").await;
    let card = bot.press(EDNA, "German").await.screen();
    assert!(card.contains("Language: German"), "{card}");
    bot.press(EDNA, "🏷 Tags").await;
    let card = bot.say(EDNA, "Zaubern, zaubern; A1").await.screen();
    assert!(card.contains("Tags: Zaubern, A1"), "{card}");
    assert!(hits(&mut bot, "zaubern").await.starts_with("One result"));

    let undone = bot.press(EDNA, "Undo the last").await.screen();
    assert!(undone.contains("taken back") && undone.contains("Tags: –"), "{undone}");
    assert!(!undone.contains("Undo the last"), "only the newest: {undone}");
    assert!(hits(&mut bot, "zaubern").await.contains("Nothing"));
    assert_eq!(bot.number("SELECT count(*) FROM audit WHERE action IN ('edit', 'undo')").await, 6);
    bot.finish().await;
}

/// A screen without the number of its material, which is another in each run.
fn without_number(screen: &str) -> String {
    let line = |line: &str| match line.split_once(" · ") {
        Some((number, state)) if number.starts_with("№ ") => format!("№ N · {state}"),
        _ => line.to_owned(),
    };
    screen.lines().map(line).collect::<Vec<_>>().join("\n")
}

async fn what_is_archived_comes_back(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let section = bot.category(None, "Grammar").await;
    let id = bot.publish(Seed::book("English tenses").inside(section).page("verbs")).await;
    bot.say(ANN, "tenses").await;

    opens(&mut bot, EDNA, id).await;
    let out = bot.press(EDNA, "🗄 Archive").await.screen();
    assert!(out.contains("Archived. Learners") && out.contains("Restore"), "{out}");
    // Between the list and the tap.
    let gone = bot.press(ANN, "^1$").await;
    sees!(gone.screen(), @r"
    This material is no longer in the library.
    [🏠 Menu]
    ");
    assert!(hits(&mut bot, "tenses").await.contains("Nothing"));
    assert!(hits(&mut bot, "verbs").await.contains("Nothing"));
    let linked = bot.say(ANN, &format!("/start f_{id}")).await.screen();
    assert!(linked.contains("no longer in the library"), "{linked}");
    let node = bot.say(ANN, &format!("/start c_{section}")).await.screen();
    assert!(!node.contains("All here"), "{node}");

    sees!(bot.say(EDNA, "/archived").await.screen(), @r"
    🗄 Archived

    1. 📕 English tenses
       1 page · 1.9 MB
    [1]
    [🏠 Menu]
    ");
    bot.press(EDNA, "^1$").await;
    let back = bot.press(EDNA, "♻️ Restore").await.screen();
    assert!(back.contains("Restored. Learners"), "{back}");
    assert!(hits(&mut bot, "tenses").await.starts_with("One result"));
    assert!(hits(&mut bot, "verbs").await.starts_with("One result"));
    let again = bot.press(EDNA, "Undo the last").await.screen();
    assert!(again.contains("Restore") && again.contains("taken back"), "{again}");
    assert!(hits(&mut bot, "tenses").await.contains("Nothing"));
    bot.finish().await;
}

async fn owners_see_who_did_what(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let refused = bot.say(ADAM, "/audit").await.screen();
    assert!(refused.contains("только владельцам"), "{refused}");
    bot.db.user_set_role(UserId(ADAM), Role::Owner, now()).await.unwrap();
    let id = bot.publish(Seed::book("English tenses")).await;
    opens(&mut bot, EDNA, id).await;
    bot.press(EDNA, "🎚 Level").await;
    bot.press(EDNA, "^B2$").await;
    bot.press(EDNA, "🗄 Archive").await;
    bot.say(ADAM, "/audit").await;
    let log = bot.press(ADAM, "Материалы").await.screen();
    sees!(without_times(&log), @r"
    (edited)
    📜 Кто что сделал

    🗄 В архив: English tenses
    Edna (2001) · then

    ✏️ Изменено: English tenses
    Уровень: – → B2
    Edna (2001) · then

    📥 Опубликовано: English tenses
    Edna (2001) · then
    [Всё] [✓ Материалы] [Разделы]
    [Люди] [Рассылки] [Жалобы] [Тревоги]
    [Задания] [Программа]
    [🏠 Меню]
    ");
    let log = bot.press(ADAM, "Разделы").await.screen();
    assert!(log.contains("Пока ничего"), "{log}");
    let table = bot.command(&["audit", "list", "--actor", "2001", "--limit", "1"]);
    assert!(table.contains("user 2001  archive  material"), "{table}");
    let json = bot.command(&["audit", "list", "--action", "edit", "--output", "json"]);
    assert!(json.contains(r#""after":"B2""#), "{json}");
    bot.finish().await;
}

/// A screen without its moments, which are others in each run.
fn without_times(screen: &str) -> String {
    let line = |line: &str| match line.split_once(" · ") {
        Some((who, when)) if when.ends_with("UTC") => format!("{who} · then"),
        _ => line.to_owned(),
    };
    screen.lines().map(line).collect::<Vec<_>>().join("\n")
}

async fn two_editors_at_one_material(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let id = bot.publish(Seed::book("English tenses")).await;
    opens(&mut bot, EDNA, id).await;
    bot.press(EDNA, "✏️ Title").await;
    opens(&mut bot, ADAM, id).await;
    bot.press(ADAM, "🎚").await;
    bot.press(ADAM, "^C1$").await;

    let overtaken = bot.say(EDNA, "Mine").await.screen();
    assert!(overtaken.contains("meanwhile") && overtaken.contains("Level: C1"), "{overtaken}");
    assert!(overtaken.contains("English tenses"), "{overtaken}");
    bot.press(EDNA, "✏️ Title").await;
    let saved = bot.say(EDNA, "Mine").await.screen();
    assert!(saved.contains("Saved") && saved.contains("Mine"), "{saved}");
    bot.press(ADAM, "В архив").await;
    assert_eq!(bot.number("SELECT count(*) FROM materials WHERE state = 'archived'").await, 0);
    bot.finish().await;
}

async fn a_text_that_is_none_changes_nothing(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let id = bot.publish(Seed::book("English tenses")).await;
    opens(&mut bot, EDNA, id).await;
    bot.press(EDNA, "✏️ Title").await;
    let asked = bot.say(EDNA, "\u{200f}\u{202e}\u{2066}").await.screen();
    assert!(asked.contains("couldn't use that text"), "{asked}");
    let long = bot.say(EDNA, &"я".repeat(4_096)).await.screen();
    assert!(long.contains(&"я".repeat(150)) && !long.contains(&"я".repeat(151)), "{long}");
    bot.press(EDNA, "🏷 Tags").await;
    let left = bot.press(EDNA, "⬅️ Back").await.screen();
    assert!(left.contains("Tags: –"), "{left}");
    assert!(bot.say(EDNA, "tenses").await.text().contains("Nothing"), "words are a query again");
    opens(&mut bot, EDNA, id).await;
    bot.press(EDNA, "✏️ Title").await;
    assert!(bot.say(EDNA, "/cancel").await.text().contains("Cancelled"));
    sees!(bot.say(EDNA, "/edit").await.screen(), @"✏️ Find the material, open it and press “Edit” below the file. Or send /edit with words to search for, or with the number of the material.");
    let gone = bot.say(EDNA, "/edit 4").await.screen();
    assert!(gone.contains("no longer in the library"), "{gone}");
    bot.finish().await;
}

async fn a_demoted_editor_is_let_go(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let id = bot.publish(Seed::book("English tenses")).await;
    opens(&mut bot, EDNA, id).await;
    bot.press(EDNA, "✏️ Title").await;
    bot.execute(&format!("UPDATE users SET role = 'learner' WHERE id = {EDNA}")).await;
    let refused = bot.say(EDNA, "Mine").await.screen();
    assert!(refused.contains("Only editors"), "{refused}");
    assert!(bot.say(EDNA, "tenses").await.text().starts_with("One result"), "a learner again");
    let refused = bot.say(EDNA, &format!("/start e_{id}")).await.screen();
    assert!(refused.contains("Only editors"), "{refused}");
    assert_eq!(bot.number("SELECT count(*) FROM audit WHERE action = 'edit'").await, 0);
    bot.finish().await;
}

async fn the_same_content_is_not_restored_twice(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    send_and_wait(&mut bot, "crazyones.pdf").await;
    answer_all(&mut bot, "Think").await;
    let id = MaterialId(bot.number("SELECT id FROM materials WHERE state = 'published'").await);
    opens(&mut bot, EDNA, id).await;
    bot.press(EDNA, "🗄 Archive").await;
    send_and_wait(&mut bot, "crazyones.pdf").await;
    bot.say(EDNA, "Think again").await;
    bot.press(EDNA, "A shelf").await;
    bot.press(EDNA, "Put it here").await;
    bot.press(EDNA, "Any level").await;
    bot.press(EDNA, "English").await;
    bot.press(EDNA, "Without tags").await;
    bot.press(EDNA, "Publish").await;

    opens(&mut bot, EDNA, id).await;
    let refused = bot.press(EDNA, "♻️ Restore").await.screen();
    assert!(refused.contains("published meanwhile as “Think again”"), "{refused}");
    assert_eq!(bot.number("SELECT count(*) FROM materials WHERE state = 'published'").await, 1);
    bot.finish().await;
}

async fn learners_see_nothing_of_it(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let id = bot.publish(Seed::book("English tenses")).await;
    bot.say(ANN, "tenses").await;
    let file = bot.press(ANN, "^1$").await.screen();
    assert!(!file.contains("Edit"), "{file}");
    assert!(!bot.say(ANN, "/browse").await.screen().contains("Edit"));
    for command in ["/edit", "/categories", "/archived", &format!("/edit {id}")] {
        let refused = bot.say(ANN, command).await.screen();
        assert!(refused.contains("Only editors"), "{command}: {refused}");
    }
    assert!(bot.say(ANN, "/audit").await.screen().contains("Only owners"));
    bot.finish().await;
}

async fn an_open_upload_is_not_lost(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let id = bot.publish(Seed::book("English tenses")).await;
    send_and_wait(&mut bot, "crazyones.pdf").await;
    opens(&mut bot, EDNA, id).await;
    let busy = bot.press(EDNA, "✏️ Title").await.screen();
    assert!(busy.contains("/cancel what is open"), "{busy}");
    opens(&mut bot, EDNA, id).await;
    bot.press(EDNA, "🎚 Level").await;
    let card = bot.press(EDNA, "^B2$").await.screen();
    assert!(card.contains("Level: B2"), "{card}");
    answer_all(&mut bot, "Think").await;
    // And a file ends a question of the desk.
    opens(&mut bot, EDNA, id).await;
    bot.press(EDNA, "✏️ Title").await;
    send_and_wait(&mut bot, "multicolumn.pdf").await;
    bot.say(EDNA, "/cancel").await;
    assert_eq!(bot.number("SELECT count(*) FROM sessions WHERE tag = 'desk'").await, 0);
    bot.finish().await;
}
