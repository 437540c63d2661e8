//! Searching: words, typos, pages of results, filters, and what nobody should send.

use primelingo::domain::inspection::Kind;
use primelingo::domain::material::Level;
use serde_json::json;

use crate::support::bot::{ANN, BORIS, Backend, Bot, BotOptions, Seed};

flows! {
    both {
        words_of_a_title_find_it,
        words_inside_a_book_find_the_page,
        results_are_paged_in_place,
        pages_stay_while_the_library_changes,
        filters_narrow_and_are_cleared,
        quotations_and_exclusions_are_understood,
        whatever_is_typed_gets_an_answer,
    }
    sqlite {
        nothing_found_helps_further,
        a_list_may_be_older_than_the_library,
        inline_mode_is_paged_and_sends_the_file,
    }
}

async fn words_of_a_title_find_it(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    bot.publish(Seed::book("English Grammar: Present Tenses").level(Level::A2)).await;
    bot.publish(Seed::book("Русские пословицы")).await;

    sees!(bot.say(ANN, "present grammar").await.screen(), @r"
    One result for present grammar

    1. 📕 English Grammar: Present Tenses
       A2 · 1.9 MB
    [1]
    [Level ▾] [Kind ▾] [Language ▾]
    [Section ▾] [Length ▾]
    [🏠 Menu]
    ");
    sees!(bot.say(ANN, "/search grammer").await.screen(), @r"
    Nothing was found for “grammer”. Showing results for grammar
    One result for grammar

    1. 📕 English Grammar: Present Tenses
       A2 · 1.9 MB
    [1]
    [Level ▾] [Kind ▾] [Language ▾]
    [Section ▾] [Length ▾]
    [🏠 Menu]
    ");
    // "grammar" typed on a Russian keyboard.
    sees!(bot.say(ANN, "пкфььфк").await.screen(), @r"
    Nothing was found for “пкфььфк”. Showing results for grammar
    One result for grammar

    1. 📕 English Grammar: Present Tenses
       A2 · 1.9 MB
    [1]
    [Level ▾] [Kind ▾] [Language ▾]
    [Section ▾] [Length ▾]
    [🏠 Menu]
    ");
    sees!(bot.say(BORIS, "пословица").await.screen(), @r"
    1 результат по запросу пословица

    1. 📕 Русские пословицы
       1.9 МБ
    [1]
    [Уровень ▾] [Тип ▾] [Язык ▾]
    [Раздел ▾] [Объём ▾]
    [🏠 Меню]
    ");
    sees!(bot.press(BORIS, "^1$").await.screen(), @r"
    <document Русские пословицы.pdf>
    📕 Русские пословицы
    1.9 МБ
    [☆ В избранное] [🧩 Похожее]
    [↗️ Поделиться] [⚠️ Пожаловаться]
    ");
    bot.finish().await;
}

async fn words_inside_a_book_find_the_page(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let book = Seed::book("Everyday Dialogues")
        .page("How much are the tomatoes? They are two euros.")
        .page("At the market she bargains over a <b>pumpkin</b> & smiles.");
    bot.publish(book).await;

    sees!(bot.say(ANN, "pumpkin market").await.screen(), @r"
    One result for pumpkin market

    1. 📕 Everyday Dialogues
       2 pages · 1.9 MB
       p. 2: At the market she bargains over a <b>pumpkin</b> & smiles.
    [1]
    [Level ▾] [Kind ▾] [Language ▾]
    [Section ▾] [Length ▾]
    [🏠 Menu]
    ");
    bot.finish().await;
}

async fn results_are_paged_in_place(backend: Backend) {
    // The test itself is another process that changes the library.
    let options = BotOptions::on(backend).set("database.sqlite_snapshot_ms", "0");
    let mut bot = Bot::start(options).await;
    for number in 10..=21 {
        bot.publish(Seed::book(&format!("Reader {number}"))).await;
    }

    let first = bot.say(ANN, "reader").await;
    sees!(first.screen(), @r"
    12 results for reader
    Page 1 of 3

    1. 📕 Reader 21
       1.9 MB

    2. 📕 Reader 20
       1.9 MB

    3. 📕 Reader 19
       1.9 MB

    4. 📕 Reader 18
       1.9 MB

    5. 📕 Reader 17
       1.9 MB
    [1] [2] [3] [4] [5]
    [▶️]
    [Level ▾] [Kind ▾] [Language ▾]
    [Section ▾] [Length ▾]
    [🏠 Menu]
    ");
    let second = bot.press(ANN, "▶").await;
    sees!(second.screen(), @r"
    (edited)
    12 results for reader
    Page 2 of 3

    6. 📕 Reader 16
       1.9 MB

    7. 📕 Reader 15
       1.9 MB

    8. 📕 Reader 14
       1.9 MB

    9. 📕 Reader 13
       1.9 MB

    10. 📕 Reader 12
       1.9 MB
    [6] [7] [8] [9] [10]
    [◀️] [▶️]
    [Level ▾] [Kind ▾] [Language ▾]
    [Section ▾] [Length ▾]
    [🏠 Menu]
    ");
    assert_eq!(second.only()["message_id"], first.only()["message_id"]);
    let third = bot.press(ANN, "▶").await;
    assert!(third.text().contains("Page 3 of 3"), "{}", third.screen());
    assert!(!third.screen().contains('▶'), "{}", third.screen());
    let back = bot.press(ANN, "◀").await;
    assert_eq!(back.text(), second.text(), "the same page again");
    bot.finish().await;
}

async fn pages_stay_while_the_library_changes(backend: Backend) {
    // The test itself is another process that changes the library.
    let options = BotOptions::on(backend).set("database.sqlite_snapshot_ms", "0");
    let mut bot = Bot::start(options).await;
    for number in 10..=21 {
        bot.publish(Seed::book(&format!("Reader {number}"))).await;
    }
    bot.say(ANN, "reader").await;
    bot.press(ANN, "▶").await;

    // Pages do not shift while somebody turns them, whatever comes meanwhile.
    bot.publish(Seed::book("Reader 99")).await;
    let third = bot.press(ANN, "▶").await;
    sees!(third.screen(), @r"
    (edited)
    12 results for reader
    Page 3 of 3

    11. 📕 Reader 11
       1.9 MB

    12. 📕 Reader 10
       1.9 MB
    [11] [12]
    [◀️]
    [Level ▾] [Kind ▾] [Language ▾]
    [Section ▾] [Length ▾]
    [🏠 Menu]
    ");
    bot.press(ANN, "◀").await;
    let first = bot.say(ANN, "reader").await;
    assert!(first.text().starts_with("13 results"), "a new search");
    bot.press(ANN, "▶").await;

    // What stood on the third page goes while the second is open.
    bot.execute("UPDATE materials SET state = 'archived' WHERE title > 'Reader 12'").await;
    // Whatever takes something off the shelf says so, or results that are kept would stay.
    bot.execute("UPDATE meta SET value = '1000' WHERE key = 'library_version'").await;
    let beyond = bot.press(ANN, "▶").await;
    sees!(beyond.screen(), @r"
    (edited)
    13 results for reader
    Page 3 of 3

    11. 📕 Reader 12
       1.9 MB

    12. 📕 Reader 11
       1.9 MB

    13. 📕 Reader 10
       1.9 MB
    [11] [12] [13]
    [◀️]
    [Level ▾] [Kind ▾] [Language ▾]
    [Section ▾] [Length ▾]
    [🏠 Menu]
    ");
    assert_eq!(beyond.only()["message_id"], first.only()["message_id"]);
    bot.finish().await;
}

async fn filters_narrow_and_are_cleared(backend: Backend) {
    // The test itself is another process that changes the library.
    let options = BotOptions::on(backend).set("database.sqlite_snapshot_ms", "0");
    let mut bot = Bot::start(options).await;
    bot.publish(Seed::book("Listening one").level(Level::B1).kind(Kind::Audio)).await;
    bot.publish(Seed::book("Listening two").level(Level::B2).kind(Kind::Audio)).await;
    bot.publish(Seed::book("Listening three").level(Level::B2)).await;

    assert!(bot.say(ANN, "listening").await.text().starts_with("3 results"));
    sees!(bot.press(ANN, "Level").await.screen(), @r"
    (edited)
    🔍 listening
    Which level?
    [B1 · 1] [B2 · 2]
    [Any · 3] [⬅️ Back]
    ");
    sees!(bot.press(ANN, "B2").await.screen(), @r"
    (edited)
    2 results for listening

    1. 📕 Listening three
       B2 · 1.9 MB

    2. 🎧 Listening two
       B2 · 1.9 MB
    [1] [2]
    [✓ B2] [Kind ▾] [Language ▾]
    [Section ▾] [Length ▾]
    [🏠 Menu]
    ");
    bot.press(ANN, "Kind").await;
    let both = bot.press(ANN, "Audio").await;
    assert!(both.text().contains("One result") && both.text().contains("Listening two"));
    sees!(bot.press(ANN, "✓ B2").await.screen(), @r"
    (edited)
    🔍 listening
    Which level?
    [B1 · 1] [✓ B2 · 1]
    [Any · 2] [⬅️ Back]
    ");
    // What is left of a choice may go before it is taken.
    bot.execute("UPDATE materials SET state = 'archived' WHERE title = 'Listening one'").await;
    bot.execute("UPDATE meta SET value = '1000' WHERE key = 'library_version'").await;
    let none = bot.press(ANN, "B1 · 1").await;
    sees!(none.screen(), @r"
    (edited)
    🤷 Nothing was found for “listening”.
    Filters are on. Without them there may be more.
    [✖️ Without filters]
    [🙋 Ask for it]
    [📚 Browse] [🏠 Menu]
    ");
    let all = bot.press(ANN, "Without filters").await;
    assert!(all.text().starts_with("2 results"), "{}", all.screen());
    sees!(bot.press(ANN, "Length").await.screen(), @r"
    (edited)
    🔍 listening
    How long?
    [Any · 2] [⬅️ Back]
    ");
    bot.finish().await;
}

async fn quotations_and_exclusions_are_understood(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    bot.publish(Seed::book("Short stories").page("A dragon lived in a cave.")).await;
    bot.publish(Seed::book("Stories, short and long").page("In a cave there lived a dragon."))
        .await;

    sees!(bot.say(ANN, "\"short stories\"").await.screen(), @r#"
    One result for "short stories"

    1. 📕 Short stories
       1 page · 1.9 MB
    [1]
    [Level ▾] [Kind ▾] [Language ▾]
    [Section ▾] [Length ▾]
    [🏠 Menu]
    "#);
    sees!(bot.say(ANN, "“lived in a cave”").await.screen(), @r"
    One result for “lived in a cave”

    1. 📕 Short stories
       1 page · 1.9 MB
       p. 1: A dragon lived in a cave.
    [1]
    [Level ▾] [Kind ▾] [Language ▾]
    [Section ▾] [Length ▾]
    [🏠 Menu]
    ");
    sees!(bot.say(ANN, "dragon -long").await.screen(), @r"
    One result for dragon -long

    1. 📕 Short stories
       1 page · 1.9 MB
       p. 1: A dragon lived in a cave.
    [1]
    [Level ▾] [Kind ▾] [Language ▾]
    [Section ▾] [Length ▾]
    [🏠 Menu]
    ");
    bot.finish().await;
}

async fn whatever_is_typed_gets_an_answer(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    bot.publish(Seed::book("Quoted words")).await;
    let longest: String = "слово ".repeat(683).chars().take(4_096).collect();
    let hostile = [
        "'; DROP TABLE materials; --",
        "\" OR \"1\"=\"1",
        "NEAR(quoted words, 5) AND title:*",
        "quoted* ^words -title {a b}: (",
        "a & b | !c <-> d:*",
        "%_\\",
        "\u{0}\u{202e}words",
        &longest,
        &"a".repeat(4_096),
        &"🙂".repeat(2_048),
    ];

    for text in hostile {
        let reply = bot.say(ANN, text).await;
        assert!(!reply.only()["text"].as_str().unwrap().is_empty(), "{text}");
    }
    for empty in ["🙂🙂", "!!!", "\u{200b}", "—"] {
        let reply = bot.say(ANN, empty).await;
        assert!(reply.text().contains("nothing to search for"), "{empty}: {}", reply.screen());
    }
    assert!(bot.say(ANN, "words").await.text().starts_with("One result"), "the library stands");
    bot.finish().await;
}

async fn nothing_found_helps_further(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;

    sees!(bot.say(ANN, "<i>zyzzyva</i>").await.screen(), @r"
    🤷 Nothing was found for “<i>zyzzyva</i>”.
    Try fewer or other words, or look through the catalogue.
    [🙋 Ask for it]
    [📚 Browse] [🏠 Menu]
    ");
    sees!(bot.press(ANN, "Browse").await.screen(), @r"
    (edited)
    📚 Catalogue
    The catalogue is still empty.
    [⬅️ Back]
    ");
    sees!(bot.say(ANN, "/search").await.screen(), @r"
    🔍 What are you looking for? Type a title, a topic, a level such as B1, or words from inside a book.
    [🏠 Menu]
    ");
    bot.finish().await;
}

async fn a_list_may_be_older_than_the_library(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let book = bot.publish(Seed::book("Short-lived")).await;
    bot.say(ANN, "short lived").await;
    bot.execute(&format!("UPDATE materials SET state = 'archived' WHERE id = {book}")).await;

    sees!(bot.press(ANN, "^1$").await.screen(), @r"
    This material is no longer in the library.
    [🏠 Menu]
    ");
    bot.finish().await;
}

async fn inline_mode_is_paged_and_sends_the_file(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    for number in 10..=34 {
        bot.publish(Seed::book(&format!("Reader {number}"))).await;
    }
    bot.say(ANN, "/start").await;

    let ask = async |bot: &Bot, query: &str, offset: &str| {
        let ask = json!({"user": ANN, "query": query, "offset": offset, "wait": true});
        bot.ctl("inline", ask).await
    };
    let first = ask(&bot, "reader", "").await;
    let results = first["answer"]["results"].as_array().unwrap();
    assert_eq!(results.len(), 20);
    assert_eq!(results[0]["title"], "📕 Reader 34", "{}", results[0]);
    let next = first["answer"]["next_offset"].as_str().unwrap();
    let second = ask(&bot, "reader", next).await;
    assert_eq!(second["answer"]["results"].as_array().unwrap().len(), 5);
    assert_eq!(second["answer"]["next_offset"].as_str().unwrap_or_default(), "");
    let beyond = ask(&bot, "reader", "-7;DROP").await;
    assert!(beyond["answer"].is_object());
    let nothing = ask(&bot, "zyzzyva", "").await;
    assert_eq!(nothing["answer"]["results"], json!([]));

    let choice = json!({
        "user": ANN,
        "inline_query_id": first["inline_query_id"],
        "result_id": results[0]["id"],
    });
    bot.ctl("choose", choice).await;
    let chat = bot.ctl("chat", json!({"id": ANN, "last": 1})).await;
    assert_eq!(chat["messages"][0]["media"]["name"], "Reader 34.pdf", "{chat}");
    bot.finish().await;
}
