//! A person sees what is kept of them, takes a copy of it, and erases it: then a search for their
//! bytes finds nothing in the database's files or dump, the data folder, the logs and Redis.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};

use primelingo::domain::broadcast::{
    Audience, BroadcastState, Content, DoubtPolicy, NewBroadcast, RecipientEnd,
};
use primelingo::domain::ids::{AudienceListId, BroadcastId, ChatId, MessageId, UserId};
use primelingo::store::records::{
    AudienceSlice, BroadcastSettlement, FillCursor, RecipientOutcome,
};
use serde_json::{Value, json};

use crate::support::bot::{ADAM, ANN, BORIS, Backend, Bot, BotOptions, Seed, now};
use crate::support::redis::Redis;

flows! {
    both {
        a_person_sees_takes_and_erases_what_is_kept,
    }
    sqlite {
        an_answer_to_erase_counts_for_a_minute,
        an_admin_is_told_what_stays,
    }
}

async fn an_answer_to_erase_counts_for_a_minute(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    bot.say(ANN, "/start").await;
    bot.say(BORIS, "/start").await;
    sees!(bot.say(ANN, "/deletemydata").await.screen(), @r"
    🗑 Delete everything about you?

    Your profile, settings, lists, requests, searches and everything that was written here are erased from the bot's database. This cannot be taken back. What is in this chat is yours: delete it in Telegram.

    The answer counts for 60 seconds.
    [🗑 Yes, delete everything]
    [⬅️ No, keep it]
    ");
    let data = bot.say(ANN, "/deletemydata").await.button_data("Yes, delete");
    sees!(bot.press(ANN, "No, keep it").await.screen(), @r"
    (edited)
    Nothing was deleted.
    ");
    // Somebody else has found the button.
    sees!(bot.press_data(BORIS, BORIS, 5, &data).await.toast, @"This is not your button.");
    assert_eq!(bot.number("SELECT count(*) FROM jobs WHERE kind = 'erase_person'").await, 0);
    assert!(bot.say_in(-100_500, ANN, "/deletemydata").await.is_empty(), "not in a group");
    bot.finish().await;
}

async fn an_admin_is_told_what_stays(backend: Backend) {
    let options = BotOptions::on(backend).set("access.owners", &ANN.to_string());
    let mut bot = Bot::start(options).await;
    let owner = bot.say(ANN, "/deletemydata").await;
    assert!(owner.text().contains("You are an owner by configuration"), "{}", owner.screen());
    let admin = bot.say(ADAM, "/deletemydata").await;
    assert!(admin.text().contains("Вы последний администратор"), "{}", admin.screen());
    let plan = broadcast_to(ADAM, vec![]);
    assert!(bot.db.broadcast_create(plan, now()).await.unwrap());
    sees!(bot.say(ADAM, "/deletemydata").await.screen(), @"📣 Ваша рассылка запланирована или идёт. Отмените её или дождитесь конца и попросите снова: /broadcasts");
    bot.execute("UPDATE broadcasts SET state = 'cancelled'").await;
    bot.finish().await;
}

fn broadcast_to(by: i64, messages: Vec<MessageId>) -> NewBroadcast {
    NewBroadcast {
        id: BroadcastId(77),
        by: UserId(by),
        card: None,
        content: Content::Copy { from: ChatId(by), messages, buttons: vec![] },
        audience: Audience::List { list: AudienceListId(1) },
        doubt: DoubtPolicy::Skip,
        quiet: None,
        paid: false,
        start_at: now() + chrono::TimeDelta::hours(1),
        slot: None,
    }
}

/// Somebody whose number and name stand nowhere else.
const CANARY: i64 = 77_001_234;
const FIRST_NAME: &str = "Canarina Канарейка";

/// What must be nowhere in the end: number, name, words, in text and as SQLite writes a number.
fn traces() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("number", CANARY.to_string().into_bytes()),
        ("number in bytes", 77_001_234_u32.to_be_bytes().to_vec()),
        ("first name", b"Canarina".to_vec()),
        ("first name in Cyrillic", "Канарейка".as_bytes().to_vec()),
        ("name", b"canary_bird".to_vec()),
        ("words", b"ornithology".to_vec()),
        ("words in Cyrillic", "орнитология".as_bytes().to_vec()),
    ]
}

/// The traces that are in some bytes.
fn found_in(bytes: &[u8]) -> Vec<&'static str> {
    let is_in = |trace: &[u8]| bytes.windows(trace.len()).any(|window| window == trace);
    traces().into_iter().filter(|(_, trace)| is_in(trace)).map(|(what, _)| what).collect()
}

/// All files below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let below = |path: PathBuf| if path.is_dir() { files(&path) } else { vec![path] };
    entries.flat_map(|entry| below(entry.unwrap().path())).collect()
}

/// What Telegram has got of a file.
pub fn received(bot: &Bot, media: &Value) -> Vec<u8> {
    let url = bot.simulator.url();
    let address = url.strip_prefix("http://").unwrap();
    let path = format!("/file/bot{}/{}", bot.simulator.token(), media["path"].as_str().unwrap());
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let head = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
    answer.split_off(head + 4)
}

/// Does everything that a learner can do.
async fn lives_here(bot: &mut Bot) {
    let person = json!({"id": CANARY, "first_name": FIRST_NAME, "username": "canary_bird"});
    bot.ctl("users", json!({"users": [person]})).await;
    let shelf = bot.category(None, "A shelf").await;
    bot.publish(Seed::book("Birds of Asia").inside(shelf)).await;
    bot.say(CANARY, "/start").await;
    bot.say(CANARY, "birds").await;
    bot.press(CANARY, "^1$").await;
    bot.say(CANARY, &format!("/start c_{shelf}")).await;
    bot.press(CANARY, "Follow").await;
    bot.asks_for(CANARY, "ornithology орнитология").await;
    bot.say_in(-100_500, CANARY, "/search ornithology").await;
    bot.execute(&format!(
        "UPDATE users SET is_muted = TRUE, quiet_from = 60, quiet_to = 120,
             time_zone = 'Asia/Tashkent' WHERE id = {CANARY}"
    ))
    .await;
    // A letter of the school.
    let db = bot.db.clone();
    let plan = NewBroadcast { start_at: now(), ..broadcast_to(ADAM, vec![MessageId(1)]) };
    let id = plan.id;
    assert!(db.broadcast_create(plan, now()).await.unwrap());
    assert!(db.broadcast_begin(id, now()).await.unwrap());
    let chats = [CANARY, 12].map(|chat| (ChatId(chat), Vec::new())).to_vec();
    let slice = AudienceSlice { chats, from: FillCursor::default(), next: None };
    assert!(db.recipients_fill(id, slice).await.unwrap());
    let end = |seq| {
        let end = RecipientEnd::Delivered(vec![MessageId(70)]);
        RecipientOutcome { seq, chat: ChatId(0), end }
    };
    let outcomes = vec![end(1), end(2)];
    let settlement = BroadcastSettlement { id, outcomes, relaunched: Vec::new(), watermark: 2 };
    db.broadcast_settle(settlement, now()).await.unwrap();
    assert!(db.broadcast_end(id, BroadcastState::Done, None, now()).await.unwrap());
    db.audience_list_add(AudienceListId(1), vec![ChatId(CANARY)]).await.unwrap();
}

/// Asks for a copy, looks at it, and asks again.
async fn takes_a_copy(bot: &mut Bot) {
    sees!(bot.say(CANARY, "/mydata").await.messages[0]["text"].as_str().unwrap().to_owned(), @"📄 I am putting your data together. It comes as a file.");
    bot.settle_all().await;
    sees!(bot.screen(CANARY, 1).await, @r"
    <document my-data.json>
    📄 What is kept about you
    ");
    let last = bot.shown_by_bot(CANARY).await.pop().unwrap();
    let copy: Value = serde_json::from_slice(&received(bot, &last["media"])).unwrap();
    let tables: Vec<&str> =
        copy["data"].as_array().unwrap().iter().map(|it| it["table"].as_str().unwrap()).collect();
    sees!(tables.join(" "), @"users data_exports updates outbox queries deliveries follows request_askers broadcast_recipients audience_lists jobs");
    assert_eq!(copy["data"][0]["rows"][0]["first_name"], FIRST_NAME);
    assert_eq!(copy["data"][0]["rows"][0]["time_zone"], "Asia/Tashkent");
    assert!(copy.to_string().contains("ornithology орнитология"));
    assert!(files(&bot.folder().join("files/blobs")).is_empty(), "the file has left, and is gone");
    let again = bot.say(CANARY, "/mydata").await;
    assert!(again.text().contains("You had a copy within the last hour"), "{}", again.screen());
}

/// Nothing of the person is in the database, the files, the logs and Redis.
fn has_left_nothing(bot: &Bot, redis: &Redis) {
    assert_eq!(found_in(&bot.database_bytes()), Vec::<&str>::new(), "in the database");
    for file in files(bot.folder()) {
        let bytes = std::fs::read(&file).unwrap();
        let name = file.display().to_string();
        assert_eq!(found_in(&bytes), Vec::<&str>::new(), "in {name}");
        assert_eq!(found_in(name.as_bytes()), Vec::<&str>::new(), "in a name");
    }
    for key in redis.keys() {
        let value: redis::Value = redis.ask(&["DUMP", &key]).unwrap();
        let text = format!("{key} {value:?}");
        assert_eq!(found_in(text.as_bytes()), Vec::<&str>::new(), "in Redis: {text}");
        if let redis::Value::BulkString(bytes) = value {
            assert_eq!(found_in(&bytes), Vec::<&str>::new(), "in Redis: {key}");
        }
    }
}

async fn a_person_sees_takes_and_erases_what_is_kept(backend: Backend) {
    let redis = Redis::start();
    let options = BotOptions::on(backend).set("redis.url", &redis.url());
    let mut bot = Bot::start(options).await;
    bot.say(ADAM, "/start").await;
    lives_here(&mut bot).await;
    sees!(bot.say(CANARY, "/privacy").await.screen(), @r"
    🔐 What is kept about you

    • Your Telegram number, name, language, role and settings: to talk with you. Until you delete it.
    • The dialog you are in: to go on where you stopped. For 60 days at most.
    • What you send to the bot: to lose nothing of it. Its text goes first; what could not be answered stays longest. For 1 to 90 days.
    • What the bot sends to you: to send it once. For 7 days at most.
    • The words of your searches: so that their buttons work. For 90 days at most.
    • What you took and marked: for your lists, and to tell you of new editions. Until you delete it.
    • The sections you follow: to tell you of what is new. Until you delete it.
    • What you asked for: to tell you when it comes. Until you delete it.
    • Which letters of the school you got: to send each once. For 180 days at most.
    • What you did as an editor or admin: so that it is known whose work it is. Until you delete it.
    • Background work for you: to do it once. For 7 to 30 days.

    /mydata sends you a copy of all of it, /deletemydata erases it. Backups of the school's database are overwritten in turn.
    [📄 Send me a copy]
    [🗑 Delete everything]
    [🏠 Menu]
    ");

    takes_a_copy(&mut bot).await;
    assert!(found_in(&bot.database_bytes()).len() >= 6, "the search finds what is there");

    bot.say(CANARY, "/deletemydata").await;
    bot.press(CANARY, "Yes, delete everything").await;
    bot.wait(CANARY, "Everything about you is erased").await;
    bot.settle_all().await;

    has_left_nothing(&bot, &redis);
    let delivered = "SELECT delivered FROM broadcast_progress";
    assert_eq!(bot.number(delivered).await, 2, "what was sent was sent");
    assert_eq!(bot.number("SELECT count(*) FROM requests").await, 0);

    sees!(bot.say(CANARY, "/start").await.text().lines().next().unwrap().to_owned(), @"👋 Hello, Canarina Канарейка!");
    let fresh = format!("SELECT count(*) FROM users WHERE id = {CANARY} AND NOT is_muted");
    assert_eq!(bot.number(&fresh).await, 1);
    bot.finish().await;
}
