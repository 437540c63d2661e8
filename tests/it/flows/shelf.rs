//! The learner's shelf: favourites, history, lists that page while the library changes, what is
//! alike, the settings, broken files.

use primelingo::domain::ids::UserId;
use primelingo::domain::material::{Level, StudyLanguage};
use serde_json::json;

use crate::support::bot::{ADAM, ANN, BORIS, Backend, Bot, BotOptions, EDNA, Seed};

flows! {
    both {
        a_favourite_is_kept_with_one_press,
        pages_hold_while_the_library_changes,
        what_was_given_is_in_the_history,
        more_like_this_is_a_list_of_its_own,
        the_settings_are_one_message,
        a_broken_file_is_told_once_and_settled,
    }
    sqlite {
        what_is_gone_between_list_and_tap_is_said,
        a_group_sees_nobodys_own,
        reports_are_for_editors_and_few_a_day,
        drafts_page_by_key,
    }
}

/// A group with [`ANN`] and [`BORIS`] in it.
const GROUP: i64 = -1_001_000_000_008;

async fn a_favourite_is_kept_with_one_press(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let book = bot.publish(Seed::book("Present Tenses").level(Level::B1)).await;
    sees!(bot.say(ANN, "/favorites").await.screen(), @r"
    You keep nothing yet. Press ☆ below a file, and you find it here.
    [🕘 History] [🏠 Menu]
    ");
    let file = bot.say(ANN, &format!("/start f_{book}")).await.only()["message_id"].clone();
    bot.press(ANN, "☆ Keep").await;
    sees!(bot.screen(ANN, 1).await, @r"
    (edited)
    <document Present Tenses.pdf>
    📕 Present Tenses
    B1 · 1.9 MB
    [★ Kept] [🧩 More like this]
    [↗️ Share] [⚠️ Report]
    ");
    assert_eq!(bot.shown_by_bot(ANN).await.last().unwrap()["message_id"], file, "in place");
    sees!(bot.say(ANN, "/favourites").await.screen(), @r"
    ⭐ What you keep
    1 material

    1. 📕 Present Tenses
       B1 · 1.9 MB
    [1]
    [🕘 History] [🏠 Menu]
    ");
    // Given again, it is known to be kept.
    sees!(bot.press(ANN, "^1$").await.screen(), @r"
    <document Present Tenses.pdf>
    📕 Present Tenses
    B1 · 1.9 MB
    [★ Kept] [🧩 More like this]
    [↗️ Share] [⚠️ Report]
    ");
    bot.press(ANN, "★ Kept").await;
    assert!(bot.screen(ANN, 1).await.contains("[☆ Keep]"));
    assert!(!bot.db.favourite_get(UserId(ANN), book).await.unwrap());
    assert!(bot.say(BORIS, "/favorites").await.text().contains("пока пусто"));
    bot.finish().await;
}

/// The titles of the list that was shown last.
fn titles(text: &str) -> Vec<&str> {
    let lines = text.lines().filter(|line| line.contains(". 📕 "));
    lines.map(|line| line.split_once(". 📕 ").unwrap().1).collect()
}

async fn pages_hold_while_the_library_changes(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let shelf = bot.category(None, "Readers").await;
    let mut books = Vec::new();
    for number in 1..=12 {
        books.push(bot.publish(Seed::book(&format!("B{number}")).inside(shelf)).await);
    }
    let archive = async |bot: &Bot, number: usize| {
        let id = books[number - 1];
        bot.execute(&format!("UPDATE materials SET state = 'archived' WHERE id = {id}")).await;
    };
    bot.say(ANN, &format!("/start c_{shelf}")).await;
    let first = bot.press(ANN, "All here").await;
    assert!(first.text().contains("12 materials"), "{}", first.screen());
    assert_eq!(titles(first.text()), ["B12", "B11", "B10", "B9", "B8"]);

    // What comes at the top moves nothing, and what goes leaves no gap.
    bot.publish(Seed::book("B13").inside(shelf)).await;
    archive(&bot, 8).await;
    archive(&bot, 7).await;
    let second = bot.press(ANN, "▶").await;
    assert_eq!(titles(second.text()), ["B6", "B5", "B4", "B3", "B2"]);
    assert!(second.text().contains("6. 📕 B6"), "{}", second.screen());
    let third = bot.press(ANN, "▶").await;
    assert_eq!(titles(third.text()), ["B1"]);
    assert!(!third.screen().contains("▶"), "{}", third.screen());
    let back = bot.press(ANN, "◀").await;
    assert_eq!(titles(back.text()), ["B6", "B5", "B4", "B3", "B2"]);
    // The only one behind it goes: the last page is shown instead.
    archive(&bot, 1).await;
    let last = bot.press(ANN, "▶").await;
    assert_eq!(titles(last.text()), ["B6", "B5", "B4", "B3", "B2"]);
    assert!(!last.screen().contains("▶"), "{}", last.screen());
    let top = bot.press(ANN, "◀").await;
    assert_eq!(titles(top.text()), ["B13", "B12", "B11", "B10", "B9"]);
    // All is gone.
    bot.execute("UPDATE materials SET state = 'archived'").await;
    let nothing = bot.press(ANN, "▶").await;
    assert!(nothing.text().contains("Nothing here yet."), "{}", nothing.screen());
    bot.finish().await;
}

async fn what_was_given_is_in_the_history(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let one = bot.publish(Seed::book("One")).await;
    let two = bot.publish(Seed::book("Two")).await;
    for book in [one, two, one] {
        bot.say(ANN, &format!("/start f_{book}")).await;
    }
    sees!(bot.say(ANN, "/history").await.screen(), @r"
    🕘 What you were given
    2 materials

    1. 📕 One
       1.9 MB

    2. 📕 Two
       1.9 MB
    [1] [2]
    [⭐ Favourites] [🏠 Menu]
    ");
    sees!(bot.say(BORIS, "/history").await.screen(), @r"
    Вы пока ничего не получали.
    [⭐ Избранное] [🏠 Меню]
    ");
    assert_eq!(bot.db.takers(one).await.unwrap(), 1);
    bot.finish().await;
}

async fn more_like_this_is_a_list_of_its_own(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let tagged = |title: &str, tag: &str| Seed {
        tags: vec![tag.to_owned()],
        ..Seed::book(title).level(Level::B1)
    };
    let book = bot.publish(tagged("Essay writing", "ielts")).await;
    for number in 1..=5 {
        bot.publish(tagged(&format!("Mock test {number}"), "ielts")).await;
    }
    bot.publish(tagged("Essay topics", "ielts").level(Level::B2)).await;
    let german = Seed { language: StudyLanguage::De, ..Seed::book("Essay auf Deutsch") };
    bot.publish(german).await;
    bot.publish(Seed::book("Cooking")).await;

    let file = bot.say(ANN, &format!("/start f_{book}")).await.only()["message_id"].clone();
    let list = bot.press(ANN, "More like this").await;
    assert_ne!(list.only()["message_id"], file, "the file stays");
    sees!(list.screen(), @r"
    🧩 Like “Essay writing”

    1. 📕 Essay topics
       B2 · 1.9 MB

    2. 📕 Mock test 5
       B1 · 1.9 MB

    3. 📕 Mock test 4
       B1 · 1.9 MB

    4. 📕 Mock test 3
       B1 · 1.9 MB

    5. 📕 Mock test 2
       B1 · 1.9 MB
    [1] [2] [3] [4] [5]
    [▶️]
    [🏠 Menu]
    ");
    sees!(bot.press(ANN, "▶").await.screen(), @r"
    (edited)
    🧩 Like “Essay writing”

    6. 📕 Mock test 1
       B1 · 1.9 MB

    7. 📕 Essay auf Deutsch
       1.9 MB
    [6] [7]
    [◀️]
    [🏠 Menu]
    ");
    let given = bot.press(ANN, "^7$").await;
    assert_eq!(given.only()["media"]["name"], "Essay auf Deutsch.pdf");
    let lonely = bot.publish(Seed::book("Zyzzyva")).await;
    bot.say(ANN, &format!("/start f_{lonely}")).await;
    assert_eq!(bot.press(ANN, "More like this").await.text(), "I know of nothing like it yet.");
    bot.finish().await;
}

async fn the_settings_are_one_message(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let card = bot.say(ANN, "/settings").await.only()["message_id"].clone();
    bot.press(ANN, "I study").await;
    bot.press(ANN, "German").await;
    bot.press(ANN, "My level").await;
    bot.press(ANN, "B1").await;
    bot.press(ANN, "No notifications").await;
    bot.press(ANN, "Quiet hours").await;
    // Hours mean nothing without a clock: it is asked for at once.
    sees!(bot.press(ANN, "22:00–7:00").await.screen(), @r"
    (edited)
    ⚙️ Settings

    Where are you? Another place can be written: /settings Europe/Paris
    [Tashkent] [Samarkand] [Almaty]
    [Bishkek] [Dushanbe] [Ashgabat]
    [Moscow] [Yekaterinburg] [Istanbul]
    [Berlin] [London] [Seoul]
    [⬅️ Back]
    ");
    let shown = bot.press(ANN, "Tashkent").await;
    assert_eq!(shown.only()["message_id"], card, "one message all the time");
    let (text, clock) = shown.text().split_once(" (it is ").unwrap();
    assert!(clock.ends_with(" there)"), "{clock}");
    sees!(text, @r"
    ⚙️ Settings

    Language of this conversation: English
    I study: German
    My level: B1
    Notifications: off. I write only when you write to me, or when the school sends a letter.
    Quiet hours: 22:00–7:00
    Time zone: Asia/Tashkent
    ");
    let person = bot.db.user_get(UserId(ANN)).await.unwrap().unwrap().preferences;
    assert_eq!(person.language, Some(StudyLanguage::De));
    assert_eq!((person.level, person.is_muted), (Some(Level::B1), true));
    assert_eq!(person.quiet, Some((1320, 420)));

    bot.press(ANN, "Русский").await;
    bot.press(ANN, "Уведомления").await;
    let text = bot.press(ANN, "English").await.text().to_owned();
    assert!(text.contains("I study: German") && text.contains("Notifications: on"), "{text}");
    assert!(bot.say(ANN, "/settings Paris").await.text().contains("Europe/Paris"));
    assert!(bot.say(ANN, "/settings Atlantis").await.text().contains("don't know that time zone"));
    bot.finish().await;
}

async fn a_broken_file_is_told_once_and_settled(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let book = bot.publish(Seed::book("Grammar")).await;
    bot.say(EDNA, "/start").await;
    for person in [ANN, BORIS] {
        bot.say(person, &format!("/start f_{book}")).await;
    }
    bot.press(ANN, "Report").await;
    sees!(bot.screen(ANN, 1).await, @r"
    (edited)
    <document Grammar.pdf>
    📕 Grammar
    1.9 MB
    [Does not open] [Wrong file]
    [Bad quality] [Something else]
    [⬅️ Back]
    ");
    bot.press(ANN, "Back").await;
    assert!(bot.screen(ANN, 1).await.contains("[☆ Keep]"));
    bot.press(ANN, "Report").await;
    let thanks = bot.press(ANN, "Wrong file").await;
    assert!(thanks.screen().contains("Thank you. An editor will look at it."));
    let told = bot.wait(EDNA, "this file is broken").await;
    sees!(crate::support::bot::show(&told), @r"
    ⚠️ A learner says that this file is broken:
    Grammar
    Wrong file
    [📖 Open] [✅ Settled]
    ");
    // Another one says so, too: nobody is told again.
    let before = bot.shown_by_bot(EDNA).await.len();
    bot.press(BORIS, "Пожаловаться").await;
    bot.press(BORIS, "Не открывается").await;
    assert_eq!(bot.shown_by_bot(EDNA).await.len(), before);
    assert!(bot.shown_by_bot(ADAM).await.is_empty());

    sees!(bot.say(EDNA, "/reports").await.screen(), @r"
    ⚠️ Files that learners say are broken
    1 material

    1. 📕 Grammar
       1.9 MB
       2 people say so
    [1]
    [⬅️ Back]
    ");
    sees!(bot.press(EDNA, "^1$").await.screen(), @r"
    (edited)
    Grammar
    2 people say so

    Does not open · 1
    Wrong file · 1
    [📖 Open] [✅ Settled]
    [⚠️ All reports]
    ");
    // Who is muted is told of nothing.
    bot.say(BORIS, "/settings").await;
    bot.press(BORIS, "Без уведомлений").await;
    sees!(bot.press(EDNA, "Settled").await.screen(), @r"
    (edited)
    ✅ Settled: Grammar. I told one person.
    [⚠️ All reports]
    ");
    bot.wait(ANN, "has been looked after").await;
    bot.settle().await;
    let to_boris = bot.screen(BORIS, 99).await;
    assert!(!to_boris.contains("разобрались"), "{to_boris}");
    let again = bot.press(EDNA, "All reports").await;
    assert!(again.text().contains("No file is said to be broken"), "{}", again.screen());
    bot.finish().await;
}

async fn what_is_gone_between_list_and_tap_is_said(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let shelf = bot.category(None, "Readers").await;
    for number in 1..=6 {
        bot.publish(Seed::book(&format!("B{number}")).inside(shelf)).await;
    }
    bot.say(ANN, &format!("/start c_{shelf}")).await;
    let list = bot.press(ANN, "All here").await.only()["message_id"].clone();
    bot.execute("UPDATE materials SET state = 'archived' WHERE title = 'B6'").await;
    let gone = bot.press(ANN, "^1$").await;
    assert_eq!(gone.text(), "This material is no longer in the library.");
    assert_ne!(gone.only()["message_id"], list, "the list stays");
    // The section is deleted while it is browsed.
    bot.execute("UPDATE materials SET category_id = NULL").await;
    bot.execute("DELETE FROM categories").await;
    let menu = bot.press(ANN, "▶").await;
    assert!(menu.text().contains("out of date"), "{}", menu.screen());

    // A file whose material is gone: nothing of it can be kept, reported or compared.
    let id = bot.publish(Seed::book("Last")).await;
    bot.say(ANN, &format!("/start f_{id}")).await;
    bot.execute("UPDATE materials SET state = 'archived'").await;
    assert_eq!(bot.press(ANN, "☆ Keep").await.text(), "This material is no longer in the library.");
    let alike = bot.press(ANN, "More like this").await;
    assert_eq!(alike.text(), "This material is no longer in the library.");
    bot.finish().await;
}

async fn a_group_sees_nobodys_own(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let members = json!({"1001": "member", "1002": "member"});
    let group = json!({"id": GROUP, "title": "Class 8", "members": members});
    bot.ctl("chats", json!({"chats": [group]})).await;
    for number in 1..=6 {
        bot.publish(Seed::book(&format!("B{number}"))).await;
    }
    for command in ["/favorites@sim42_bot", "/history@sim42_bot", "/settings@sim42_bot"] {
        let reply = bot.say_in(GROUP, ANN, command).await;
        assert!(reply.text().contains("between the two of us"), "{}", reply.screen());
    }
    let list = bot.say_in(GROUP, ANN, "/new@sim42_bot").await;
    assert_eq!(titles(list.text()).len(), 5);
    let foreign = bot.click(json!({"chat": GROUP, "user": BORIS, "label": "▶"})).await;
    assert_eq!(foreign.screen(), "(toast) Это не ваша кнопка.");
    let own = bot.click(json!({"chat": GROUP, "user": ANN, "label": "▶"})).await;
    assert_eq!(titles(own.text()), ["B1"]);
    let file = bot.click(json!({"chat": GROUP, "user": ANN, "label": "^6$"})).await;
    sees!(file.screen(), @r"
    <document B1.pdf>
    📕 B1
    1.9 MB
    [↗️ Share]
    ");
    let menu = bot.say_in(GROUP, ANN, "/menu@sim42_bot").await.screen();
    assert!(!menu.contains("Favourites") && !menu.contains("Settings"), "{menu}");
    assert!(bot.say_in(GROUP, EDNA, "/reports@sim42_bot").await.is_empty());
    bot.finish().await;
}

async fn reports_are_for_editors_and_few_a_day(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    assert!(bot.say(ANN, "/reports").await.text().contains("Only editors"));
    let mut last = None;
    for number in 1..=21 {
        last = Some(bot.publish(Seed::book(&format!("B{number}"))).await);
    }
    bot.execute(
        "INSERT INTO breakages (material_id, user_id, reason, reported_at)
         SELECT id, 1001, 'other', published_at FROM materials WHERE title <> 'B21'",
    )
    .await;
    bot.say(ANN, &format!("/start f_{}", last.unwrap())).await;
    bot.press(ANN, "Report").await;
    let refused = bot.press(ANN, "Something else").await;
    assert!(refused.text().contains("a lot for one day"), "{}", refused.screen());
    assert_eq!(bot.number("SELECT count(*) FROM broken_materials").await, 0);
    // Whoever is told when nobody brought the file: the people in charge.
    bot.say(ADAM, "/start").await;
    bot.execute("DELETE FROM breakages").await;
    bot.press(ANN, "Report").await;
    bot.press(ANN, "Something else").await;
    bot.wait(ADAM, "с этим файлом что-то не так").await;
    bot.finish().await;
}

async fn drafts_page_by_key(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    assert!(bot.say(ANN, "/drafts").await.text().contains("Only editors"));
    for number in 1..=7 {
        bot.publish(Seed::book(&format!("B{number}"))).await;
    }
    bot.execute("UPDATE materials SET state = 'draft'").await;
    let first = bot.say(EDNA, "/drafts").await;
    assert_eq!(titles(first.text()), ["B7", "B6", "B5", "B4", "B3"]);
    bot.execute("DELETE FROM materials WHERE title = 'B3'").await;
    assert_eq!(titles(bot.press(EDNA, "▶").await.text()), ["B2", "B1"]);
    assert_eq!(titles(bot.press(EDNA, "◀").await.text()), ["B7", "B6", "B5", "B4", "B2"]);
    bot.finish().await;
}
