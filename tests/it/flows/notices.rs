//! People ask for what they do not find, hear of what is new, and see, take and erase what is kept of
//! them.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};

use chrono::Timelike as _;
use primelingo::domain::broadcast::{
    Audience, BroadcastState, Content, DoubtPolicy, NewBroadcast, RecipientEnd,
};
use primelingo::domain::effect::{JobKind, NewJob, Priority};
use primelingo::domain::ids::{
    AudienceListId, BroadcastId, ChatId, JobId, MaterialId, MessageId, UserId,
};
use primelingo::store::records::{
    AudienceSlice, BroadcastSettlement, FillCursor, RecipientOutcome,
};
use serde_json::{Value, json};

use super::steps::{answer_all, send_and_wait};
use crate::support::bot::{ADAM, ANN, BORIS, Backend, Bot, BotOptions, EDNA, Seed, now};
use crate::support::redis::Redis;

flows! {
    both {
        what_is_not_found_is_asked_for_and_answered,
        a_new_material_is_told_of_once,
        a_person_sees_takes_and_erases_what_is_kept,
    }
    sqlite {
        quiet_hours_hold_a_message_back,
        what_is_archived_is_not_told_of,
        an_answer_to_erase_counts_for_a_minute,
        nobody_asks_without_end,
        an_admin_is_told_what_stays,
    }
}

/// The queue of background work.
const QUEUE: &str = "default";

/// Somebody who follows a section and asks for nothing.
const CARL: i64 = 1003;

impl Bot {
    /// Somebody looks for something in vain and asks for it.
    async fn asks_for(&mut self, user: i64, words: &str) -> String {
        self.say(user, words).await;
        self.press(user, "Ask for it|Попросить").await.screen()
    }

    /// The job that tells of a material.
    async fn tell_of(&self, material: MaterialId) {
        let job = NewJob {
            id: JobId(-material.0),
            kind: JobKind::TellOfMaterial { material },
            fairness_key: 0,
            priority: Priority::Housekeeping,
            not_before: None,
        };
        self.db.job_enqueue(job, QUEUE.to_owned(), now()).await.unwrap();
    }

    /// How many messages of the bot somebody has that contain a text.
    async fn count_of(&self, user: i64, text: &str) -> usize {
        let shown = self.shown_by_bot(user).await;
        shown.iter().filter(|it| it["text"].as_str().unwrap_or("").contains(text)).count()
    }
}

async fn what_is_not_found_is_asked_for_and_answered(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    sees!(bot.say(ANN, "phrasal verbs").await.screen(), @r"
    🤷 Nothing was found for “phrasal verbs”.
    Try fewer or other words, or look through the catalogue.
    [🙋 Ask for it]
    [📚 Browse] [🏠 Menu]
    ");
    sees!(bot.press(ANN, "Ask for it").await.screen(), @r"
    🙋 Noted: “phrasal verbs”. I will write to you as soon as there is an answer.
    [🙋 My requests]
    ");
    sees!(bot.press(ANN, "Ask for it").await.screen(), @r"
    You have asked for “phrasal verbs” already. I will write to you as soon as there is an answer.
    [🙋 My requests]
    ");
    bot.asks_for(BORIS, "Verbs, phrasal!").await;
    bot.asks_for(BORIS, "шахматы").await;
    assert!(bot.say_in(-100_500, ANN, "/requests").await.is_empty(), "not where others read");

    sees!(bot.say(EDNA, "/requests").await.screen(), @r"
    🙋 What people ask for

    1. phrasal verbs
       2 people ask for it

    2. шахматы
       1 person asks for it
    [1] [2]
    [🏠 Menu]
    ");
    bot.publish(Seed::book("Phrasal Verbs in Use")).await;
    // What another process has published may be seen a moment later.
    bot.until("the book to be found", async |bot| {
        bot.say(ADAM, "phrasal verbs").await.screen().contains("[1]")
    })
    .await;
    sees!(bot.press(EDNA, "^1$").await.screen(), @r"
    (edited)
    🙋 phrasal verbs
    2 people ask for it

    Does one of these answer it?
    [✅ 📕 Phrasal Verbs in Use]
    [🚫 Decline] [⬅️ Back]
    ");
    let stale = bot.press(EDNA, "Phrasal Verbs in Use").await;
    sees!(stale.screen(), @r"
    (edited)
    ✅ “phrasal verbs” is answered. 2 people are told.
    [⬅️ Back]
    ");
    bot.settle_all().await;
    sees!(bot.screen(ANN, 1).await, @r"
    🙋 You asked for it, and here it is

    📕 Phrasal Verbs in Use
    [📥 Get the file]
    [⚙️ Settings]
    ");
    assert_eq!(bot.count_of(BORIS, "Вы просили, и вот оно").await, 1);
    assert!(bot.press(ANN, "Get the file").await.screen().contains("<document"));

    bot.press(EDNA, "Back").await;
    sees!(bot.press(EDNA, "^1$").await.screen(), @r"
    (edited)
    🙋 шахматы
    1 person asks for it

    Nothing in the library fits these words yet. Whoever asks is told when something is published.
    [🚫 Decline] [⬅️ Back]
    ");
    sees!(bot.press(EDNA, "Decline").await.screen(), @r"
    (edited)
    🚫 “шахматы” is declined. The person who asked is told.
    [⬅️ Back]
    ");
    bot.settle_all().await;
    sees!(bot.screen(BORIS, 1).await, @"🙋 Вы просили «шахматы». К сожалению, в библиотеке этого не будет.");

    bot.asks_for(ANN, "idioms").await;
    sees!(bot.say(ANN, "/requests").await.screen(), @r"
    🙋 What you have asked for

    1. idioms
       1 person asks for it

    2. phrasal verbs
       ✅ it is in the library
    [✖️ 1] [📥 2]
    [🏠 Menu]
    ");
    sees!(bot.press(ANN, "✖️ 1").await.screen(), @r"
    (edited)
    🙋 What you have asked for

    1. phrasal verbs
       ✅ it is in the library
    [📥 1]
    [🏠 Menu]
    ");
    assert_eq!(bot.number("SELECT count(*) FROM requests WHERE state = 'open'").await, 0);
    bot.finish().await;
}

async fn a_new_material_is_told_of_once(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let shelf = bot.category(None, "A shelf").await;
    for user in [ANN, BORIS, CARL, EDNA] {
        bot.say(user, &format!("/start c_{shelf}")).await;
        bot.press(user, "Follow|Подписаться").await;
    }
    bot.execute(&format!("UPDATE users SET is_muted = TRUE WHERE id = {BORIS}")).await;
    bot.asks_for(ANN, "think different").await;

    send_and_wait(&mut bot, "crazyones.pdf").await;
    answer_all(&mut bot, "Think Different").await;
    bot.settle_all().await;
    sees!(bot.screen(ANN, 1).await, @r"
    🙋 You asked for it, and here it is

    📕 Think Different
    A shelf
    [📥 Get the file]
    [🔕 Unfollow] [⚙️ Settings]
    ");
    sees!(bot.screen(CARL, 1).await, @r"
    🔔 New in a section you follow

    📕 Think Different
    A shelf
    [📥 Get the file]
    [🔕 Unfollow] [⚙️ Settings]
    ");
    let told = "SELECT count(*) FROM outbox WHERE class = 'bulk'";
    assert_eq!(bot.number(told).await, 2, "not who is muted, nor who uploaded it");
    assert_eq!(bot.number("SELECT count(*) FROM requests WHERE state = 'answered'").await, 1);
    // The same job once more tells nobody.
    let material = bot.number("SELECT id FROM materials WHERE state = 'published'").await;
    bot.execute("DELETE FROM jobs WHERE kind = 'tell_of_material'").await;
    bot.tell_of(MaterialId(material)).await;
    bot.settle_all().await;
    assert_eq!(bot.number(told).await, 2);
    sees!(bot.press(CARL, "Unfollow").await.screen(), @r"
    (edited)
    A shelf
    Choose a section:
    [📖 All here (1)]
    [🔔 Follow]
    [⬅️ Back]
    ");
    bot.finish().await;
}

async fn quiet_hours_hold_a_message_back(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let shelf = bot.category(None, "A shelf").await;
    bot.say(ANN, &format!("/start c_{shelf}")).await;
    bot.press(ANN, "Follow").await;
    let minute = i64::from(now().hour() * 60 + now().minute());
    let (from, to) = ((minute + 1435) % 1440, (minute + 60) % 1440);
    bot.execute(&format!(
        "UPDATE users SET quiet_from = {from}, quiet_to = {to}, time_zone = 'UTC' WHERE id = {ANN}"
    ))
    .await;
    let material = bot.publish(Seed::book("Sleep well").inside(shelf)).await;
    bot.tell_of(material).await;
    bot.until("a message that sleeps", async |bot| {
        let asleep = "SELECT count(*) FROM outbox
                      WHERE state = 'queued' AND not_before > created_at + 50 * 60 * 1000000";
        bot.number(asleep).await == 1
    })
    .await;
    // Meanwhile she is answered as ever.
    bot.ctl("message", json!({"user": ANN, "text": "/start"})).await;
    bot.wait(ANN, "Hello").await;
    assert_eq!(bot.count_of(ANN, "New in a section").await, 0);
    bot.execute("UPDATE outbox SET not_before = created_at").await;
    bot.wait(ANN, "New in a section you follow").await;
    bot.finish().await;
}

async fn what_is_archived_is_not_told_of(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let shelf = bot.category(None, "A shelf").await;
    bot.say(ANN, &format!("/start c_{shelf}")).await;
    bot.press(ANN, "Follow").await;
    let material = bot.publish(Seed::book("Gone").inside(shelf)).await;
    bot.execute("UPDATE materials SET state = 'archived'").await;
    bot.tell_of(material).await;
    bot.settle_all().await;
    assert_eq!(bot.number("SELECT count(*) FROM outbox WHERE class = 'bulk'").await, 0);
    bot.finish().await;
}

async fn nobody_asks_without_end(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    for number in 0..20 {
        bot.asks_for(ANN, &format!("nothing{number} like{number}")).await;
    }
    sees!(bot.asks_for(ANN, "one more").await, @r"
    You have 20 open requests. Take one back before you ask for more.
    [🙋 My requests]
    ");
    assert_eq!(bot.number("SELECT count(*) FROM requests").await, 20);
    bot.finish().await;
}

async fn an_answer_to_erase_counts_for_a_minute(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    bot.say(ANN, "/start").await;
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
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let below = |path: PathBuf| if path.is_dir() { files(&path) } else { vec![path] };
    entries.flat_map(|entry| below(entry.unwrap().path())).collect()
}

/// What Telegram has got of a file.
fn received(bot: &Bot, media: &Value) -> Value {
    let url = bot.simulator.url();
    let address = url.strip_prefix("http://").unwrap();
    let path = format!("/file/bot{}/{}", bot.simulator.token(), media["path"].as_str().unwrap());
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (from, to) = (answer.find("\r\n\r\n").unwrap(), answer.rfind('}').unwrap());
    serde_json::from_str(&answer[from..=to]).unwrap_or_else(|error| panic!("{error}: {answer}"))
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

async fn a_person_sees_takes_and_erases_what_is_kept(backend: Backend) {
    let redis = Redis::start();
    let options = BotOptions::on(backend).set("redis.url", &redis.url());
    let mut bot = Bot::start(options).await;
    bot.say(ADAM, "/start").await;
    lives_here(&mut bot).await;
    sees!(bot.say(CANARY, "/privacy").await.screen(), @r"
    🔐 What is kept about you

    • Your Telegram number, name, language, role and settings: to talk with you. Until you delete it.
    • The dialog you are in: to go on where you stopped. For some days.
    • What you send to the bot: to lose nothing of it. Its text is forgotten after a day. For some days.
    • What the bot sends to you: to send it once. For some days.
    • The words of your searches: so that their buttons work. For some days.
    • What you took and marked: for your lists, and to tell you of new editions. Until you delete it.
    • The sections you follow: to tell you of what is new. Until you delete it.
    • What you asked for: to tell you when it comes. Until you delete it.
    • Which letters of the school you got: to send each once. Until you delete it.
    • What you did as an editor or admin: so that it is known whose work it is. Until you delete it.
    • Background work for you: to do it once. For some days.

    /mydata sends you a copy of all of it, /deletemydata erases it. Backups of the school's database are overwritten in turn.
    [📄 Send me a copy]
    [🗑 Delete everything]
    [🏠 Menu]
    ");

    sees!(bot.say(CANARY, "/mydata").await.messages[0]["text"].as_str().unwrap().to_owned(), @"📄 I am putting your data together. It comes as a file.");
    bot.settle_all().await;
    sees!(bot.screen(CANARY, 1).await, @r"
    <document my-data.json>
    📄 What is kept about you
    ");
    let last = bot.shown_by_bot(CANARY).await.pop().unwrap();
    let copy = received(&bot, &last["media"]);
    let tables: Vec<&str> =
        copy["data"].as_array().unwrap().iter().map(|it| it["table"].as_str().unwrap()).collect();
    sees!(tables.join(" "), @"users data_exports updates outbox queries deliveries follows request_askers broadcast_recipients audience_lists jobs");
    assert_eq!(copy["data"][0]["rows"][0]["first_name"], FIRST_NAME);
    assert_eq!(copy["data"][0]["rows"][0]["time_zone"], "Asia/Tashkent");
    assert!(copy.to_string().contains("ornithology орнитология"));
    assert!(files(&bot.folder().join("files/blobs")).is_empty(), "the file has left, and is gone");
    let again = bot.say(CANARY, "/mydata").await;
    assert!(again.text().contains("You had a copy within the last hour"), "{}", again.screen());
    assert!(found_in(&bot.database_bytes()).len() >= 6, "the search finds what is there");

    bot.say(CANARY, "/deletemydata").await;
    bot.press(CANARY, "Yes, delete everything").await;
    bot.wait(CANARY, "Everything about you is erased").await;
    bot.settle_all().await;

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
    let delivered = "SELECT delivered FROM broadcast_progress";
    assert_eq!(bot.number(delivered).await, 2, "what was sent was sent");
    assert_eq!(bot.number("SELECT count(*) FROM requests").await, 0);

    sees!(bot.say(CANARY, "/start").await.text().lines().next().unwrap().to_owned(), @"👋 Hello, Canarina Канарейка!");
    let fresh = format!("SELECT count(*) FROM users WHERE id = {CANARY} AND NOT is_muted");
    assert_eq!(bot.number(&fresh).await, 1);
    bot.finish().await;
}
