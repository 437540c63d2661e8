//! Many files at once: one list, one description, one word about all of them.

use std::ops::RangeInclusive;

use serde_json::{Value, json};

use super::steps::{answer_all, send_and_wait};
use crate::support::bot::{ANN, Backend, Bot, BotOptions, EDNA, data};

flows! {
    both {
        an_album_is_published_together,
        a_run_with_a_double_and_a_refusal,
        a_restart_in_the_middle_loses_nothing,
    }
    sqlite {
        an_album_in_mid_dialog_takes_its_answers,
        the_same_content_twice_in_one_album,
        a_role_lost_in_the_middle,
        names_are_changed_and_files_removed,
        drafts_are_listed_and_continued,
        a_full_list_says_so,
        other_peoples_files_are_never_in_it,
        the_menu_reminds_of_the_list,
    }
}

/// Small files with a content of their own.
fn units(bot: &Bot, numbers: RangeInclusive<u32>) -> Vec<Value> {
    let write = |number| {
        let name = format!("Unit {number}.txt");
        let path = bot.folder().join(&name);
        std::fs::write(&path, format!("Lesson {number}: irregular verbs, part {number}.")).unwrap();
        json!({"type": "document", "path": path, "name": name})
    };
    numbers.map(write).collect()
}

async fn album(bot: &mut Bot, files: Vec<Value>) {
    bot.act("message", json!({"user": EDNA, "album": files})).await;
}

async fn run(bot: &mut Bot, files: Vec<Value>) {
    for file in files {
        bot.act("message", json!({"user": EDNA, "file": file})).await;
    }
}

async fn count(bot: &Bot, condition: &str) -> i64 {
    bot.number(&format!("SELECT count(*) FROM materials WHERE {condition}")).await
}

async fn an_album_is_published_together(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let files = units(&bot, 1..=12);
    album(&mut bot, files[..10].to_vec()).await;
    run(&mut bot, files[10..].to_vec()).await;
    bot.settle_all().await;
    sees!(bot.screen(EDNA, 3).await, @r"
    (edited)
    📚 12 files to be described together
    ✔️ checked: 12

    1. ✔️ Unit 1
    2. ✔️ Unit 2
    3. ✔️ Unit 3
    4. ✔️ Unit 4
    5. ✔️ Unit 5
    6. ✔️ Unit 6
    7. ✔️ Unit 7
    8. ✔️ Unit 8
    9. ✔️ Unit 9
    10. ✔️ Unit 10
    Page 1 of 2

    Section: –
    Level: Any level
    Language: –
    [🗂 Section] [🎚 Level] [🌐 Language]
    [✏️ Rename] [🗑 Remove]
    [▶️]
    [🚀 Publish all]
    [📝 Save all as drafts] [✖️ Cancel all]
    ");

    let asked = bot.press(EDNA, "Publish all").await.screen();
    assert!(asked.contains("Where does it belong?"), "{asked}");
    bot.say(EDNA, "Grammar").await;
    bot.press(EDNA, "🎚 Level").await;
    bot.press(EDNA, "^B1$").await;
    bot.press(EDNA, "🌐 Language").await;
    bot.press(EDNA, "English").await;
    sees!(bot.press(EDNA, "▶️").await.screen(), @r"
    (edited)
    📚 12 files to be described together
    ✔️ checked: 12

    11. ✔️ Unit 11
    12. ✔️ Unit 12
    Page 2 of 2

    Section: Grammar
    Level: B1
    Language: English
    [🗂 Section] [🎚 Level] [🌐 Language]
    [✏️ Rename] [🗑 Remove]
    [◀️]
    [🚀 Publish all]
    [📝 Save all as drafts] [✖️ Cancel all]
    ");
    bot.press(EDNA, "Publish all").await;
    bot.settle_all().await;
    let card = bot.screen(EDNA, 3).await;
    assert!(card.starts_with("(edited)\n✅ 12 files were published\n✅ published: 12\n"), "{card}");

    assert_eq!(count(&bot, "state = 'published' AND level = 'B1' AND language = 'en'").await, 12);
    assert_eq!(bot.number("SELECT count(*) FROM sessions WHERE tag <> 'idle'").await, 0);
    let found = bot.say(ANN, "unit 7").await;
    assert!(found.text().contains("Unit 7"), "{}", found.screen());
    assert!(bot.say(ANN, "irregular").await.text().starts_with("12 results"));
    bot.finish().await;
}

async fn a_run_with_a_double_and_a_refusal(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    send_and_wait(&mut bot, "crazyones.pdf").await;
    answer_all(&mut bot, "The original").await;
    let before = bot.shown_by_bot(EDNA).await.len();

    let mut files = units(&bot, 1..=28);
    let others = [("encrypted-file.pdf", "Unit 29.pdf"), ("crazyones.pdf", "Unit 30.pdf")];
    files.extend(
        others.map(|(name, unit)| json!({"type": "document", "path": data(name), "name": unit})),
    );
    run(&mut bot, files).await;
    bot.settle_all().await;
    let shown = bot.shown_by_bot(EDNA).await.len() - before;
    assert_eq!(shown, 3, "the first file's card and question, and the list");

    bot.press(EDNA, "🗂 Section").await;
    bot.press(EDNA, "A shelf").await;
    bot.press(EDNA, "Put it here").await;
    bot.press(EDNA, "▶️").await;
    let card = bot.press(EDNA, "▶️").await.screen();
    let counts = "✔️ checked: 28 · ♻️ in the library already: 1 · ❌ not taken: 1\n";
    assert!(card.contains(counts), "{card}");
    bot.press(EDNA, "Publish all").await;
    bot.settle_all().await;
    bot.press(EDNA, "▶️").await;
    sees!(bot.press(EDNA, "▶️").await.screen(), @r"
    (edited)
    ✅ 28 files were published
    ✅ published: 28 · ♻️ in the library already: 1 · ❌ not taken: 1

    21. ✅ Unit 21
    22. ✅ Unit 22
    23. ✅ Unit 23
    24. ✅ Unit 24
    25. ✅ Unit 25
    26. ✅ Unit 26
    27. ✅ Unit 27
    28. ✅ Unit 28
    29. ❌ Unit 29
       🔒 The file needs a password. Remove the password and send it again.
    30. ♻️ Unit 30
       In the library already: The original
    Page 3 of 3
    [◀️]
    ");

    assert_eq!(count(&bot, "state = 'published'").await, 29);
    assert_eq!(count(&bot, "state = 'discarded'").await, 2);
    assert_eq!(bot.shown_by_bot(EDNA).await.len() - before, 3, "no message but the list");
    bot.finish().await;
}

async fn a_restart_in_the_middle_loses_nothing(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    bot.ctl("faults", json!({"files": {"throttle_bps": 20}})).await;
    let files = units(&bot, 1..=6);
    album(&mut bot, files[..4].to_vec()).await;
    bot.kill().await;
    bot.restart().await;
    run(&mut bot, files[4..].to_vec()).await;
    bot.press(EDNA, "🗂 Section").await;
    bot.kill().await;
    bot.restart().await;
    bot.say(EDNA, "Grammar").await;
    bot.press(EDNA, "Publish all").await;
    bot.kill().await;
    bot.ctl("faults", json!({"clear": true, "files": {}})).await;
    bot.restart().await;
    bot.settle_all().await;

    assert_eq!(count(&bot, "state = 'published' AND category_id IS NOT NULL").await, 6);
    let card = bot.wait(EDNA, "6 files were published").await;
    assert!(card["edit_date"].is_number(), "the list was edited: {card}");
    bot.finish().await;
}

async fn an_album_in_mid_dialog_takes_its_answers(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    send_and_wait(&mut bot, "metadata.pdf").await;
    bot.say(EDNA, "My own title").await;
    bot.say(EDNA, "Grammar").await;
    let files = units(&bot, 1..=2);
    album(&mut bot, files).await;
    bot.settle_all().await;
    sees!(bot.screen(EDNA, 1).await, @r"
    (edited)
    📚 3 files to be described together
    ✔️ checked: 3

    1. ✔️ My own title
    2. ✔️ Unit 1
    3. ✔️ Unit 2

    Section: Grammar
    Level: Any level
    Language: –
    [🗂 Section] [🎚 Level] [🌐 Language]
    [✏️ Rename] [🗑 Remove]
    [🚀 Publish all]
    [📝 Save all as drafts] [✖️ Cancel all]
    ");

    let old = bot.press(EDNA, "^C1$").await;
    assert!(old.text().contains("in the list"), "{}", old.screen());
    bot.press(EDNA, "Publish all").await;
    bot.settle_all().await;
    assert_eq!(count(&bot, "state = 'published' AND category_id IS NOT NULL").await, 3);
    assert_eq!(count(&bot, "state = 'published' AND title = 'My own title'").await, 1);
    bot.finish().await;
}

async fn the_same_content_twice_in_one_album(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let files = ["a.pdf", "b.pdf", "c.pdf"];
    let same = |name| json!({"type": "document", "path": data("metadata.pdf"), "name": name});
    album(&mut bot, files.map(same).to_vec()).await;
    bot.settle_all().await;
    bot.press(EDNA, "Publish all").await;
    bot.say(EDNA, "Grammar").await;
    bot.press(EDNA, "Publish all").await;
    bot.settle_all().await;
    sees!(bot.screen(EDNA, 1).await, @r"
    (edited)
    ✅ 1 file was published
    ✅ published: 1 · ♻️ in the library already: 2

    1. ✅ The Title
    2. ♻️ The Title
       In the library already: The Title
    3. ♻️ The Title
       In the library already: The Title
    ");
    assert_eq!(count(&bot, "state = 'published' AND title = 'The Title'").await, 1);
    assert_eq!(count(&bot, "state = 'discarded' AND duplicate_of IS NOT NULL").await, 2);
    bot.finish().await;
}

async fn a_role_lost_in_the_middle(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let files = units(&bot, 1..=3);
    album(&mut bot, files).await;
    bot.settle_all().await;
    bot.execute(&format!("UPDATE users SET role = 'learner' WHERE id = {EDNA}")).await;

    assert!(bot.press(EDNA, "Publish all").await.text().contains("Only editors"));
    assert!(bot.say(EDNA, "words").await.text().contains("Only editors"));
    let cancelled = bot.say(EDNA, "/cancel").await;
    assert!(cancelled.text().contains("3 files were thrown away"), "{}", cancelled.screen());
    bot.settle_all().await;
    assert_eq!(count(&bot, "state = 'discarded'").await, 3);
    assert_eq!(bot.number("SELECT count(*) FROM parts").await, 0);
    assert!(bot.say(EDNA, "/cancel").await.text().contains("nothing to cancel"));
    bot.finish().await;
}

async fn names_are_changed_and_files_removed(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let files = units(&bot, 1..=3);
    album(&mut bot, files).await;
    bot.settle_all().await;

    sees!(bot.press(EDNA, "Rename").await.screen(), @r"
    (edited)
    📚 3 files to be described together
    ✔️ checked: 3

    1. ✔️ Unit 1
    2. ✔️ Unit 2
    3. ✔️ Unit 3

    Section: –
    Level: Any level
    Language: –

    ✏️ Which file gets another title?
    [1] [2] [3]
    [⬅️ Back]
    ");
    bot.press(EDNA, "^2$").await;
    bot.say(EDNA, "Appendix").await;
    bot.press(EDNA, "Remove").await;
    bot.press(EDNA, "^3$").await;
    assert!(bot.say(EDNA, "no question is open").await.text().contains("use the buttons"));
    bot.press(EDNA, "Publish all").await;
    bot.say(EDNA, "Grammar").await;
    bot.press(EDNA, "Publish all").await;
    bot.settle_all().await;
    sees!(bot.screen(EDNA, 1).await, @r"
    (edited)
    ✅ 2 files were published
    ✅ published: 2

    1. ✅ Appendix
    2. ✅ Unit 1
    ");
    assert_eq!(count(&bot, "state = 'published' AND title IN ('Appendix', 'Unit 1')").await, 2);
    assert_eq!(count(&bot, "state = 'discarded'").await, 1);
    bot.finish().await;
}

async fn drafts_are_listed_and_continued(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    assert!(bot.say(EDNA, "/drafts").await.text().contains("no drafts"));
    assert!(bot.say(ANN, "/drafts").await.text().contains("Only editors"));
    let files = units(&bot, 1..=2);
    album(&mut bot, files).await;
    bot.settle_all().await;
    bot.press(EDNA, "🗂 Section").await;
    bot.say(EDNA, "Grammar").await;
    bot.press(EDNA, "Save all as drafts").await;
    bot.settle_all().await;
    sees!(bot.screen(EDNA, 1).await, @r"
    (edited)
    📝 2 files were saved as drafts. /drafts shows them.
    📝 drafts: 2

    1. 📝 Unit 1
    2. 📝 Unit 2
    ");

    sees!(bot.say(EDNA, "/drafts").await.screen(), @r"
    📝 Your drafts

    1. 📕 Unit 2
       34 B

    2. 📕 Unit 1
       34 B
    [1] [2]
    [⬅️ Back]
    ");
    sees!(bot.press(EDNA, "^2$").await.screen(), @r"
    (edited)
    👀 Please check

    File: Unit 1.txt (34 B)
    Title: Unit 1
    Section: Grammar
    Level: Any level
    Language: –
    Tags: –

    ✔️ The file has been checked.
    [🚀 Publish]
    [✏️ Title] [🗂 Section]
    [🎚 Level] [🌐 Language] [🏷 Tags]
    [📝 Save draft] [✖️ Cancel]
    ");
    assert!(bot.say(EDNA, "/cancel").await.text().contains("Saved as a draft"));
    bot.say(EDNA, "/drafts").await;
    bot.press(EDNA, "^1$").await;
    assert!(bot.press(EDNA, "🚀 Publish").await.text().contains("Published: Unit 2"));
    assert_eq!(count(&bot, "state = 'draft'").await, 1);
    bot.finish().await;
}

async fn a_full_list_says_so(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend).set("chat.bulk_files", "3")).await;
    let files = units(&bot, 1..=5);
    album(&mut bot, files).await;
    bot.settle_all().await;
    let card = bot.screen(EDNA, 9).await;
    assert!(card.contains("2 more files were not taken"), "{card}");
    assert_eq!(count(&bot, "state = 'open'").await, 3);
    bot.press(EDNA, "Cancel all").await;
    sees!(bot.press(EDNA, "Yes, throw them away").await.screen(), @r"
    (edited)
    🗑 Cancelled. 3 files were thrown away.
    🗑 thrown away: 3
    ");
    bot.finish().await;
}

async fn other_peoples_files_are_never_in_it(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let files = units(&bot, 1..=2);
    album(&mut bot, files).await;
    bot.settle_all().await;
    // As a row that was tampered with would look.
    bot.execute("UPDATE materials SET uploader_id = 1 WHERE title = 'Unit 2'").await;
    bot.press(EDNA, "🗂 Section").await;
    bot.say(EDNA, "Grammar").await;
    let card = bot.press(EDNA, "Publish all").await;
    assert!(!card.text().contains("Unit 2"), "{}", card.screen());
    bot.settle_all().await;
    assert_eq!(count(&bot, "state = 'published'").await, 1);
    assert_eq!(count(&bot, "state = 'open' AND uploader_id = 1").await, 1);
    bot.execute("UPDATE materials SET state = 'discarded' WHERE uploader_id = 1").await;
    bot.finish().await;
}

async fn the_menu_reminds_of_the_list(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let files = units(&bot, 1..=2);
    album(&mut bot, files).await;
    bot.settle_all().await;
    assert!(bot.say(EDNA, "/start").await.text().contains("2 files are waiting"));
    let moved = bot.press(EDNA, "Continue").await;
    let card = moved.screen();
    assert!(card.contains("files to be described together"), "{card}");
    let again = bot.say(EDNA, "/upload").await.screen();
    assert!(again.contains("files to be described together"), "{again}");
    bot.settle_all().await;
    assert!(bot.say(EDNA, "/cancel").await.text().contains("2 files were thrown away"));
    bot.finish().await;
}
