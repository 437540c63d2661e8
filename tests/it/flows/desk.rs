//! The editors' desk: materials are edited, archived and restored, sections are put in order, and
//! owners see who did what.

use primelingo::domain::ids::{MaterialId, UserId};
use primelingo::domain::role::Role;

use super::steps::{answer_all, answer_to_review, send_and_wait};
use crate::support::bot::{ADAM, ANN, Backend, Bot, BotOptions, EDNA, Seed, now};

flows! {
    both {
        a_material_is_edited_in_place,
        what_is_archived_comes_back,
        sections_are_put_in_order,
        a_merged_section_is_found_by_its_old_links,
        owners_see_who_did_what,
    }
    sqlite {
        two_editors_at_one_material,
        two_editors_at_one_section,
        a_text_that_is_none_changes_nothing,
        a_demoted_editor_is_let_go,
        the_same_content_is_not_restored_twice,
        a_section_is_deleted_while_it_is_used,
        learners_see_nothing_of_it,
        an_open_upload_is_not_lost,
        a_draft_is_changed_and_published,
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

async fn sections(bot: &mut Bot, labels: &[&str]) -> String {
    let mut screen = bot.say(EDNA, "/categories").await.screen();
    for label in labels {
        screen = bot.press(EDNA, label).await.screen();
    }
    screen
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
    sees!(without_number(&card), @"");

    bot.press(EDNA, "✏️ Title").await;
    sees!(bot.screen(EDNA, 1).await, @"");
    let saved = bot.say(EDNA, "  Irregular\u{202e} podcasts  ").await.screen();
    sees!(without_number(&saved), @"");
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
    let words = screen.split_inclusive(char::is_whitespace);
    let hidden = words.map(|word| {
        let is_number = word.len() > 6 && word.trim_end().chars().all(|c| c.is_ascii_digit());
        if is_number { "N " } else { word }
    });
    hidden.collect()
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
    sees!(gone.screen(), @"");
    assert!(hits(&mut bot, "tenses").await.contains("Nothing"));
    assert!(hits(&mut bot, "verbs").await.contains("Nothing"));
    let linked = bot.say(ANN, &format!("/start f_{id}")).await.screen();
    assert!(linked.contains("no longer in the library"), "{linked}");
    let node = bot.say(ANN, &format!("/start c_{section}")).await.screen();
    assert!(!node.contains("All here"), "{node}");

    sees!(bot.say(EDNA, "/archived").await.screen(), @"");
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

async fn sections_are_put_in_order(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    bot.say(EDNA, "/browse").await;
    sees!(bot.press(EDNA, "Edit sections").await.screen(), @"");
    bot.press(EDNA, "New section").await;
    sees!(bot.say(EDNA, "English").await.screen(), @"");
    bot.press(EDNA, "^English$").await;
    bot.press(EDNA, "New section").await;
    let refused = bot.say(EDNA, "\u{200f}\u{202e} ").await.screen();
    assert!(refused.contains("nothing to read"), "{refused}");
    let long = "Грамматика ".repeat(372);
    let made = bot.say(EDNA, long.trim()).await.screen();
    assert!(made.contains("✅ “Грамматика"), "{made}");
    sections(&mut bot, &["^English$", "New section"]).await;
    let refused = bot.say(EDNA, long.to_uppercase().trim()).await.screen();
    assert!(refused.contains("section of that name"), "{refused}");
    bot.say(EDNA, "Songs").await;
    bot.press(EDNA, "^Songs$").await;
    bot.press(EDNA, "✏️ Rename").await;
    sees!(bot.say(EDNA, "Music").await.screen(), @"");
    sees!(bot.press(EDNA, "📦 Move").await.screen(), @"");
    bot.press(EDNA, "⬆️ Up").await;
    sees!(bot.press(EDNA, "Put it here").await.screen(), @"");
    sees!(bot.press(EDNA, "🗑 Delete").await.screen(), @"");
    sees!(bot.press(EDNA, "🗑 Delete").await.screen(), @"");
    assert_eq!(bot.number("SELECT count(*) FROM categories").await, 2);
    bot.finish().await;
}

async fn a_merged_section_is_found_by_its_old_links(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let english = bot.category(None, "English").await;
    bot.category(Some(english), "Songs").await;
    let double = bot.category(None, "Англ").await;
    let songs = bot.category(Some(double), "SONGS").await;
    bot.category(Some(double), "Tests").await;
    bot.publish(Seed::book("In the double").inside(double)).await;
    bot.publish(Seed::book("A song").inside(songs)).await;
    bot.say(ANN, &format!("/start c_{double}")).await;
    bot.press(ANN, "🔔 Follow").await;

    sections(&mut bot, &["^Англ$", "🔗 Merge", "^English$"]).await;
    sees!(bot.press(EDNA, "Merge into this").await.screen(), @"");
    sees!(bot.press(EDNA, "🔗 Merge").await.screen(), @"");
    bot.settle_all().await;

    let linked = bot.say(ANN, &format!("/start c_{double}")).await.screen();
    assert!(linked.starts_with("English") && linked.contains("✅ Following"), "{linked}");
    assert!(linked.contains("[Songs] [Tests]"), "{linked}");
    let shelf = bot.press(ANN, "All here").await.screen();
    assert!(shelf.contains("In the double"), "{shelf}");
    let linked = bot.say(ANN, &format!("/start c_{songs}")).await.screen();
    assert!(linked.starts_with("Songs"), "{linked}");
    bot.finish().await;
}

async fn owners_see_who_did_what(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let refused = bot.say(ADAM, "/audit").await.screen();
    assert!(refused.contains("только владельцам"), "{refused}");
    bot.db.user_set_role(UserId(ADAM), Role::Owner, now()).await.unwrap();
    let id = bot.publish(Seed::book("English tenses")).await;
    bot.execute("DELETE FROM audit WHERE action = 'set_role'").await;
    opens(&mut bot, EDNA, id).await;
    bot.press(EDNA, "🎚 Level").await;
    bot.press(EDNA, "^B2$").await;
    bot.press(EDNA, "🗄 Archive").await;
    let log = bot.say(ADAM, "/audit").await.screen();
    sees!(without_times(&log), @"");
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

async fn two_editors_at_one_section(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let english = bot.category(None, "English").await;
    bot.category(None, "Deutsch").await;
    sections(&mut bot, &["^English$", "✏️ Rename"]).await;
    bot.execute(&format!(
        "UPDATE categories SET title = 'Anglais', title_key = 'anglais' WHERE id = {english}"
    ))
    .await;
    sees!(bot.say(EDNA, "Englisch").await.screen(), @"");
    let renamed = bot.say(EDNA, "Englisch").await.screen();
    assert!(renamed.contains("Renamed"), "{renamed}");

    // Confirmed after somebody has removed the other one.
    sections(&mut bot, &["^Englisch$", "🔗 Merge", "^Deutsch$", "Merge into this"]).await;
    bot.execute("DELETE FROM categories WHERE title = 'Deutsch'").await;
    let gone = bot.press(EDNA, "🔗 Merge").await.screen();
    assert!(gone.contains("not there any more"), "{gone}");
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
    sees!(bot.say(EDNA, "/edit").await.screen(), @"");
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

async fn a_section_is_deleted_while_it_is_used(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    send_and_wait(&mut bot, "crazyones.pdf").await;
    answer_to_review(&mut bot, "Think").await;
    bot.say(ANN, "/browse").await;
    let shelf = bot.number("SELECT id FROM categories").await;
    bot.execute(&format!("DELETE FROM categories WHERE id = {shelf}")).await;

    let stale = bot.press(ANN, "A shelf").await.screen();
    assert!(stale.contains("fresh menu"), "{stale}");
    let asked = bot.press(EDNA, "Publish").await.screen();
    assert!(asked.contains("Where does it belong"), "{asked}");
    bot.say(EDNA, "Another shelf").await;
    let published = bot.press(EDNA, "Publish").await.screen();
    assert!(published.contains("Published"), "{published}");
    let id = MaterialId(bot.number("SELECT id FROM materials WHERE state = 'published'").await);
    let other = bot.category(None, "Elsewhere").await;
    opens(&mut bot, EDNA, id).await;
    bot.press(EDNA, "🗂 Section").await;
    bot.press(EDNA, "Elsewhere").await;
    bot.execute(&format!("DELETE FROM categories WHERE id = {other}")).await;
    let gone = bot.press(EDNA, "Put it here").await.screen();
    assert!(gone.contains("not there any more") && gone.contains("Another shelf"), "{gone}");
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

async fn a_draft_is_changed_and_published(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    for (file, title) in [("crazyones.pdf", "First"), ("multicolumn.pdf", "Second")] {
        send_and_wait(&mut bot, file).await;
        bot.say(EDNA, title).await;
        bot.say(EDNA, &format!("Shelf of {title}")).await;
        bot.press(EDNA, "Any level").await;
        bot.press(EDNA, "English").await;
        bot.press(EDNA, "Without tags").await;
        bot.press(EDNA, "Save draft").await;
    }
    let gone = bot.number("SELECT id FROM categories WHERE title = 'Shelf of Second'").await;
    sections(&mut bot, &["Shelf of Second", "🗑 Delete"]).await;
    let asked = bot.screen(EDNA, 1).await;
    assert!(asked.contains("1 draft will be asked"), "{asked}");
    bot.press(EDNA, "🗑 Delete").await;
    assert_eq!(bot.number(&format!("SELECT count(*) FROM categories WHERE id = {gone}")).await, 0);

    bot.say(EDNA, "/drafts").await;
    bot.press(EDNA, "^1$").await;
    bot.press(EDNA, "✏️ Title").await;
    bot.say(EDNA, "Second, better").await;
    let asked = bot.press(EDNA, "Publish").await.screen();
    assert!(asked.contains("Where does it belong"), "{asked}");
    bot.press(EDNA, "Shelf of First").await;
    bot.press(EDNA, "Put it here").await;
    let published = bot.press(EDNA, "Publish").await.screen();
    assert!(published.contains("Published: Second, better"), "{published}");
    bot.say(EDNA, "/drafts").await;
    bot.press(EDNA, "^1$").await;
    bot.press(EDNA, "✖️ Cancel").await;
    let none = bot.say(EDNA, "/drafts").await.screen();
    assert!(none.contains("no drafts"), "{none}");
    bot.finish().await;
}
