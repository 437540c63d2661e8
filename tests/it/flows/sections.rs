//! The sections of the catalogue: made, renamed, moved, merged and removed, also while they are used.

use primelingo::domain::ids::MaterialId;

use super::steps::{answer_to_review, send_and_wait};
use crate::support::bot::{ANN, Backend, Bot, BotOptions, EDNA, Seed};

flows! {
    both {
        sections_are_put_in_order,
        a_merged_section_is_found_by_its_old_links,
    }
    sqlite {
        two_editors_at_one_section,
        a_section_is_deleted_while_it_is_used,
        a_draft_is_changed_and_published,
    }
}

/// An editor opens the card of a material.
async fn opens(bot: &mut Bot, editor: i64, id: MaterialId) -> String {
    bot.say(editor, &format!("/edit {id}")).await.screen()
}

async fn sections(bot: &mut Bot, labels: &[&str]) -> String {
    let mut screen = bot.say(EDNA, "/categories").await.screen();
    for label in labels {
        screen = bot.press(EDNA, label).await.screen();
    }
    screen
}

async fn music_is_moved_and_deleted(bot: &mut Bot) {
    sees!(bot.press(EDNA, "📦 Move").await.screen(), @r"
    (edited)
    Where does “Music” go?

    🗂 English
    [Грамматика Грамматика Грамматика Грамма…]
    [⬆️ Up]
    [✖️ Cancel]
    ");
    bot.press(EDNA, "⬆️ Up").await;
    sees!(bot.press(EDNA, "Put it here").await.screen(), @r"
    (edited)
    ✅ Moved.

    🗂 Music
    Published here: 0 · with all below: 0

    There are no sections below it.
    [➕ New section here]
    [✏️ Rename] [📦 Move]
    [🔗 Merge] [🗑 Delete]
    [⬆️ Up]
    ");
    sees!(bot.press(EDNA, "🗑 Delete").await.screen(), @r"
    (edited)
    Delete the empty section “Music”? Its links and followers are lost.
    [🗑 Delete]
    [✖️ Cancel]
    ");
    sees!(bot.press(EDNA, "🗑 Delete").await.screen(), @r"
    (edited)
    ✅ “Music” was deleted.

    🗂 All sections

    Choose a section, or add one here.
    [English]
    [➕ New section here]
    [⬅️ Back]
    ");
}

async fn sections_are_put_in_order(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    bot.say(EDNA, "/browse").await;
    sees!(bot.press(EDNA, "Edit sections").await.screen(), @r"
    (edited)
    🗂 All sections

    There are no sections below it.
    [➕ New section here]
    [⬅️ Back]
    ");
    bot.press(EDNA, "New section").await;
    sees!(bot.say(EDNA, "English").await.screen(), @r"
    ✅ “English” was created.

    🗂 All sections

    Choose a section, or add one here.
    [English]
    [➕ New section here]
    [⬅️ Back]
    ");
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
    sees!(bot.say(EDNA, "Music").await.screen(), @r"
    ✅ Renamed.

    🗂 English › Music
    Published here: 0 · with all below: 0

    There are no sections below it.
    [➕ New section here]
    [✏️ Rename] [📦 Move]
    [🔗 Merge] [🗑 Delete]
    [⬆️ Up]
    ");
    music_is_moved_and_deleted(&mut bot).await;
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
    sees!(bot.press(EDNA, "Merge into this").await.screen(), @r"
    (edited)
    Merge “Англ” into “English”?

    2 materials move.
    1 section below it moves.
    1 section of the same name becomes one with its namesake.

    Followers, links and old buttons of “Англ” lead to “English”. This cannot be undone.
    [🔗 Merge]
    [✖️ Cancel]
    ");
    sees!(bot.press(EDNA, "🔗 Merge").await.screen(), @r"
    (edited)
    ✅ “Англ” was merged. Its links and buttons lead to the other section; if it was large, its materials follow within moments.

    🗂 All sections

    Choose a section, or add one here.
    [English]
    [➕ New section here]
    [⬅️ Back]
    ");
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

async fn two_editors_at_one_section(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let english = bot.category(None, "English").await;
    bot.category(None, "Deutsch").await;
    sections(&mut bot, &["^English$", "✏️ Rename"]).await;
    bot.execute(&format!(
        "UPDATE categories SET title = 'Anglais', title_key = 'anglais' WHERE id = {english}"
    ))
    .await;
    sees!(bot.say(EDNA, "Englisch").await.screen(), @r"
    ⚠️ Somebody has renamed this section meanwhile.

    “Anglais”: what shall it be called?
    [✖️ Cancel]
    ");
    let renamed = bot.say(EDNA, "Englisch").await.screen();
    assert!(renamed.contains("Renamed"), "{renamed}");

    // Confirmed after somebody has removed the other one.
    sections(&mut bot, &["^Englisch$", "🔗 Merge", "^Deutsch$", "Merge into this"]).await;
    bot.execute("DELETE FROM categories WHERE title = 'Deutsch'").await;
    let gone = bot.press(EDNA, "🔗 Merge").await.screen();
    assert!(gone.contains("not there any more"), "{gone}");
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
