//! Greeting, menu, settings, help, deep links, lists, groups: what needs few words.

use primelingo::domain::material::Level;
use serde_json::json;

use crate::support::bot::{ANN, BORIS, Backend, Bot, BotOptions, EDNA, Seed};

flows! {
    both {
        start_greets_in_the_users_language,
        a_chosen_language_is_kept,
    }
    sqlite {
        buttons_of_the_menu_edit_it,
        help_tells_each_what_they_may,
        links_open_materials_and_sections,
        the_catalogue_leads_to_a_file,
        what_came_last_is_listed_first,
        what_the_bot_does_not_know_it_says,
        a_group_hears_the_bot_only_when_it_asks,
        limits_of_telegram_are_kept,
    }
}

/// A group with [`ANN`] and [`BORIS`] in it.
const GROUP: i64 = -1_001_000_000_007;

/// Somebody whose Telegram speaks a language that the bot does not.
const JEAN: i64 = 1003;
/// Somebody whose Telegram speaks Uzbek.
const OYBEK: i64 = 1004;

async fn start_greets_in_the_users_language(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let users = json!([
        {"id": JEAN, "first_name": "<b>Jean & Co", "language": "fr"},
        {"id": OYBEK, "first_name": "Oybek", "language": "uz"},
    ]);
    bot.ctl("users", json!({"users": users})).await;

    sees!(bot.say(ANN, "/start").await.screen(), @r"
    👋 Hello, Ann!

    This is the school's study library. Type what you are looking for: a title, a topic, or words from inside a book.
    [🔍 Search] [📚 Browse]
    [🆕 New] [⭐ Favourites]
    [⚙️ Settings] [❓ Help]
    ");
    sees!(bot.say(BORIS, "/start").await.screen(), @r"
    👋 Здравствуйте, Boris!

    Это учебная библиотека школы. Напишите, что ищете: название, тему или слова из самой книги.
    [🔍 Поиск] [📚 Каталог]
    [🆕 Новинки] [⭐ Избранное]
    [⚙️ Настройки] [❓ Помощь]
    ");
    sees!(bot.say(OYBEK, "/start").await.screen(), @r"
    👋 Assalomu alaykum, Oybek!

    Bu maktabning oʻquv kutubxonasi. Nima izlayotganingizni yozing: nomi, mavzusi yoki kitob ichidagi soʻzlar.
    [🔍 Qidiruv] [📚 Katalog]
    [🆕 Yangilar] [⭐ Saralanganlar]
    [⚙️ Sozlamalar] [❓ Yordam]
    ");
    sees!(bot.say(JEAN, "/start").await.screen(), @r"
    👋 Hello, <b>Jean & Co!

    This is the school's study library. Type what you are looking for: a title, a topic, or words from inside a book.
    [🔍 Search] [📚 Browse]
    [🆕 New] [⭐ Favourites]
    [⚙️ Settings] [❓ Help]
    ");

    bot.finish().await;
}

async fn a_chosen_language_is_kept(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    bot.say(ANN, "/settings").await;

    sees!(bot.press(ANN, "Русский").await.screen(), @r"
    (edited)
    ⚙️ Настройки

    Язык этого чата: Русский
    Изучаю: любой
    Мой уровень: любой
    Уведомления: включены
    Тихие часы: нет
    Часовой пояс: не выбран
    [English] [✓ Русский] [Oʻzbekcha]
    [🎓 Изучаю] [📶 Мой уровень]
    [🔕 Без уведомлений]
    [🌙 Тихие часы] [🕒 Часовой пояс]
    [🏠 Меню]
    ");

    bot.stop().await;
    bot.restart().await;
    sees!(bot.say(ANN, "/settings").await.screen(), @r"
    ⚙️ Настройки

    Язык этого чата: Русский
    Изучаю: любой
    Мой уровень: любой
    Уведомления: включены
    Тихие часы: нет
    Часовой пояс: не выбран
    [English] [✓ Русский] [Oʻzbekcha]
    [🎓 Изучаю] [📶 Мой уровень]
    [🔕 Без уведомлений]
    [🌙 Тихие часы] [🕒 Часовой пояс]
    [🏠 Меню]
    ");
    // A button made before the restart still works.
    sees!(bot.press(ANN, "English").await.screen(), @r"
    (edited)
    ⚙️ Settings

    Language of this conversation: English
    I study: any
    My level: any
    Notifications: on
    Quiet hours: none
    Time zone: not chosen
    [✓ English] [Русский] [Oʻzbekcha]
    [🎓 I study] [📶 My level]
    [🔕 No notifications]
    [🌙 Quiet hours] [🕒 Time zone]
    [🏠 Menu]
    ");
    bot.finish().await;
}

async fn buttons_of_the_menu_edit_it(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let menu = bot.say(ANN, "/start").await.only()["message_id"].clone();

    let first = [("Help", "What I can do"), ("Menu", "What shall we do"), ("Search", "Type a")];
    for (label, shown) in first {
        let reply = bot.press(ANN, label).await;
        assert!(reply.text().contains(shown), "{label}: {}", reply.screen());
        assert_eq!(reply.only()["message_id"], menu, "{label} edits the menu");
    }
    for label in ["Menu", "Browse", "Back", "New", "Back", "Settings", "Menu"] {
        assert_eq!(bot.press(ANN, label).await.only()["message_id"], menu, "{label}");
    }
    assert_eq!(bot.shown_by_bot(ANN).await.len(), 1, "one message all the time");
    bot.finish().await;
}

async fn help_tells_each_what_they_may(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;

    sees!(bot.say(ANN, "/help").await.screen(), @r"
    What I can do

    Type any words to search. I look at titles, tags, and the pages of the books, and I forgive typos.

    /search words – search
    /browse – the catalogue
    /new – what came last
    /favorites – what you keep
    /history – what you were given
    /settings – language, level, notifications
    /requests – what you have asked for
    /privacy – what is kept about you, /mydata – a copy of it, /deletemydata – delete it
    /cancel – stop what we are doing
    /help – this page

    In any chat, type @sim42_bot and a few words to send a material from there.
    [🏠 Menu]
    ");
    let for_editors = bot.say(EDNA, "/help").await;
    assert!(for_editors.text().contains("For editors: just send me a file"));
    bot.finish().await;
}

async fn links_open_materials_and_sections(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let grammar = bot.category(None, "Grammar").await;
    let book = bot.publish(Seed::book("Present Tenses").inside(grammar).level(Level::B1)).await;

    sees!(bot.say(ANN, &format!("/start f_{book}")).await.screen(), @r"
    <document Present Tenses.pdf>
    📕 Present Tenses
    B1 · 1.9 MB
    [☆ Keep] [🧩 More like this]
    [↗️ Share] [⚠️ Report]
    ");
    sees!(bot.say(ANN, &format!("/start c_{grammar}")).await.screen(), @r"
    Grammar
    Choose a section:
    [📖 All here (1)]
    [🔔 Follow]
    [⬅️ Back]
    ");
    sees!(bot.say(ANN, "/start f_99").await.screen(), @r"
    This material is no longer in the library.
    [🏠 Menu]
    ");
    sees!(bot.say(ANN, "/start c_99").await.screen(), @r"
    That button was out of date. Here is a fresh menu.
    What shall we do?
    [🔍 Search] [📚 Browse]
    [🆕 New] [⭐ Favourites]
    [⚙️ Settings] [❓ Help]
    ");
    sees!(bot.say(ANN, "/start f_99999999999999999999").await.screen(), @r"
    👋 Hello, Ann!

    This is the school's study library. Type what you are looking for: a title, a topic, or words from inside a book.
    [🔍 Search] [📚 Browse]
    [🆕 New] [⭐ Favourites]
    [⚙️ Settings] [❓ Help]
    ");

    bot.execute(&format!("UPDATE materials SET state = 'archived' WHERE id = {book}")).await;
    let gone = bot.say(ANN, &format!("/start f_{book}")).await;
    assert_eq!(gone.text(), "This material is no longer in the library.");
    bot.finish().await;
}

async fn the_catalogue_leads_to_a_file(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let grammar = bot.category(None, "Grammar").await;
    let verbs = bot.category(Some(grammar), "Verbs").await;
    bot.publish(Seed::book("Modal Verbs").inside(verbs).level(Level::B2)).await;
    bot.publish(Seed::book("Be, do, have").inside(verbs).level(Level::A1)).await;

    sees!(bot.say(ANN, "/browse").await.screen(), @r"
    📚 Catalogue
    Choose a section:
    [Grammar]
    [⬅️ Back]
    ");
    sees!(bot.press(ANN, "Grammar").await.screen(), @r"
    (edited)
    Grammar
    Choose a section:
    [Verbs]
    [🔔 Follow]
    [⬅️ Back]
    ");
    sees!(bot.press(ANN, "Verbs").await.screen(), @r"
    (edited)
    Verbs
    Choose a section:
    [📖 All here (2)]
    [A1] [B2]
    [🔔 Follow]
    [⬅️ Back]
    ");
    sees!(bot.press(ANN, "B2").await.screen(), @r"
    (edited)
    Verbs · B2
    1 material

    1. 📕 Modal Verbs
       B2 · 1.9 MB
    [1]
    [⬅️ Back]
    ");
    sees!(bot.press(ANN, "^1$").await.screen(), @r"
    <document Modal Verbs.pdf>
    📕 Modal Verbs
    B2 · 1.9 MB
    [☆ Keep] [🧩 More like this]
    [↗️ Share] [⚠️ Report]
    ");
    bot.finish().await;
}

async fn what_came_last_is_listed_first(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    assert_eq!(bot.say(ANN, "/new").await.text(), "The library is still empty.");
    for number in 1..=7 {
        bot.publish(Seed::book(&format!("Book {number}"))).await;
    }

    sees!(bot.say(ANN, "/new").await.screen(), @r"
    🆕 What came last

    1. 📕 Book 7
       1.9 MB

    2. 📕 Book 6
       1.9 MB

    3. 📕 Book 5
       1.9 MB

    4. 📕 Book 4
       1.9 MB

    5. 📕 Book 3
       1.9 MB
    [1] [2] [3] [4] [5]
    [▶️]
    [⬅️ Back]
    ");
    sees!(bot.press(ANN, "▶").await.screen(), @r"
    (edited)
    🆕 What came last

    6. 📕 Book 2
       1.9 MB

    7. 📕 Book 1
       1.9 MB
    [6] [7]
    [◀️]
    [⬅️ Back]
    ");
    let file = bot.press(ANN, "^7$").await;
    assert_eq!(file.only()["media"]["name"], "Book 1.pdf");
    bot.finish().await;
}

async fn what_the_bot_does_not_know_it_says(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;

    sees!(bot.say(ANN, "/nonsense").await.screen(), @r"
    I don't know that command. /help shows what I can do.
    [🏠 Menu]
    ");
    sees!(bot.say(BORIS, "/cancel").await.screen(), @"Отменять нечего.");
    let contact = json!({"contact": {"phone_number": "1", "first_name": "A"}});
    let contact = json!({"user": ANN, "extra": contact});
    sees!(bot.act("message", contact).await.screen(), @r"
    I can't do anything with that kind of message. Send me words to search for.
    [🏠 Menu]
    ");
    bot.finish().await;
}

async fn a_group_hears_the_bot_only_when_it_asks(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let members = json!({"1001": "member", "1002": "member"});
    let group = json!({"id": GROUP, "title": "Class 7", "members": members});
    bot.ctl("chats", json!({"chats": [group]})).await;

    assert!(bot.say_in(GROUP, ANN, "hello everybody").await.is_empty());
    assert!(bot.say_in(GROUP, ANN, "/help").await.is_empty());
    assert!(bot.say_in(GROUP, ANN, "/help@another_bot").await.is_empty());
    let file = json!({"chat": GROUP, "user": EDNA, "file": {"type": "document", "size": 10}});
    assert!(bot.act("message", file).await.is_empty());

    let menu = bot.say_in(GROUP, ANN, "/menu@sim42_bot").await;
    assert!(menu.text().contains("What shall we do?"), "{}", menu.screen());
    let foreign = bot.click(json!({"chat": GROUP, "user": BORIS, "label": "Help"})).await;
    assert_eq!(foreign.screen(), "(toast) Это не ваша кнопка.");
    let own = bot.click(json!({"chat": GROUP, "user": ANN, "label": "Help"})).await;
    assert!(own.text().contains("What I can do"), "{}", own.screen());
    bot.finish().await;
}

async fn limits_of_telegram_are_kept(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend).strict_limits()).await;
    for _ in 0..6 {
        bot.ctl("message", json!({"user": ANN, "text": "/help"})).await;
    }
    bot.settle().await;

    assert_eq!(bot.shown_by_bot(ANN).await.len(), 6, "each is answered");
    assert_eq!(bot.ctl("breaches", json!({})).await["count"], 0);
    bot.finish().await;
}
