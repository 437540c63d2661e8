//! Somebody who has left something in every place there is: an admin who has searched, asked,
//! uploaded, published, sent a letter, been given a role, seen alerts, broken the bot, and spoken in
//! a group. What is there of them is found first, place by place, and is nowhere once it is erased.
//!
//! The log is the one place where nothing is found at any time, although it is at its loudest.

use primelingo::domain::broadcast::{
    Audience, BroadcastState, Content, DoubtPolicy, NewBroadcast, RecipientEnd,
};
use primelingo::domain::effect::{JobKind, NewJob, Priority};
use primelingo::domain::ids::{AudienceListId, BroadcastId, ChatId, JobId, MessageId, UserId};
use primelingo::domain::role::Role;
use primelingo::fail_points::{Action, Point, Rule};
use primelingo::store::records::{
    AudienceSlice, BroadcastSettlement, FillCursor, RecipientOutcome,
};
use serde_json::json;

use super::own_data::files;
use crate::support::bot::{ADAM, Backend, Bot, BotOptions, EDNA, Seed, now};
use crate::support::redis::Redis;

flows! {
    both {
        an_admin_who_was_everywhere_is_nowhere,
    }
    sqlite {}
}

/// Numbers and words that stand nowhere else.
const OWL: i64 = 88_004_321;
const GROUP: i64 = -100_500;
const POISON: &str = "zephyrpoison";

/// What is looked for. Each stands in the database at first, but for what says otherwise.
const NEEDLES: [(&str, &[u8]); 13] = [
    ("number", b"88004321"),
    // As SQLite writes it: four bytes, the highest first.
    (BINARY, &88_004_321_u32.to_be_bytes()),
    ("first name", b"Zephyrina"),
    ("first name in Cyrillic", "Зефирина".as_bytes()),
    ("username", b"zephyr_owl"),
    ("search", b"zephyrsearch"),
    ("search in Cyrillic", "зефиропоиск".as_bytes()),
    ("request", b"zephyrwish"),
    ("file name", b"zephyrmanuscript"),
    ("content of a file", CONTENT),
    ("text that broke the bot", POISON.as_bytes()),
    ("text in a group", b"zephyrgroup"),
    ("text of an error", b"zephyrerror"),
];

const BINARY: &str = "number in bytes";
const CONTENT: &[u8] = b"zephyrcontent";

/// A place that was searched.
struct Place {
    name: &'static str,
    size: usize,
    found: Vec<&'static str>,
    /// What stands around each of them.
    around: Vec<String>,
}

impl Place {
    fn search(name: &'static str, bytes: &[u8]) -> Self {
        let place_of = |needle: &[u8]| bytes.windows(needle.len()).position(|it| it == needle);
        let (mut found, mut around) = (Vec::new(), Vec::new());
        for (what, needle) in NEEDLES {
            let Some(at) = place_of(needle) else { continue };
            found.push(what);
            let there = &bytes[at.saturating_sub(150)..(at + 150).min(bytes.len())];
            around.push(format!("{what}: {}", String::from_utf8_lossy(there)));
        }
        Self { name, size: bytes.len(), found, around }
    }
}

/// All places; the names of files and keys count, too.
fn places(bot: &Bot, redis: &Redis) -> [Place; 4] {
    let mut stored = Vec::new();
    for file in files(&bot.folder().join("files")) {
        stored.extend(file.display().to_string().into_bytes());
        stored.extend(std::fs::read(&file).unwrap());
    }
    let mut kept = Vec::new();
    for key in redis.keys() {
        kept.extend(key.as_bytes());
        if let redis::Value::BulkString(bytes) = redis.ask(&["DUMP", &key]).unwrap() {
            kept.extend(bytes);
        }
        // What is dumped may be packed.
        if let Ok(redis::Value::BulkString(bytes)) = redis.ask(&["GET", &key]) {
            kept.extend(bytes);
        }
    }
    [
        Place::search("database", &bot.database_bytes()),
        Place::search("files", &stored),
        Place::search("redis", &kept),
        Place::search("log", bot.log().as_bytes()),
    ]
}

#[expect(clippy::print_stderr, reason = "what was searched, for whoever runs it with --nocapture")]
fn report(when: &str, backend: Backend, places: &[Place]) {
    for place in places {
        let Place { name, size, found, .. } = place;
        let count = found.len();
        eprintln!("{backend:?}, {when}: {name}: {size} bytes searched, {count} needles found");
    }
}

async fn an_admin_who_was_everywhere_is_nowhere(backend: Backend) {
    let redis = Redis::start();
    let options = BotOptions::on(backend)
        .set("redis.url", &redis.url())
        .set("log.level", "trace")
        .rule(Rule::always_on(Point::ChatStep.name(), POISON, Action::Panic));
    let mut bot = Bot::start(options).await;
    for error in ["panic place", "update faulted", "update put aside"] {
        bot.expect_error(error);
    }
    bot.say(ADAM, "/start").await;
    speaks(&mut bot).await;
    works(&mut bot).await;
    administers(&bot).await;
    breaks(&mut bot).await;
    bot.settle_all().await;
    is_looked_at(&mut bot).await;
    waits_for_a_list(&bot).await;
    bot.say(OWL, "/menu").await;
    if backend == Backend::Postgres {
        // The copy of a dialog is written behind the answer. A file is read as fast as Redis: beside
        // SQLite there are none.
        let has_copy = || redis.keys().iter().any(|key| key.contains("88004321"));
        bot.until("the copy of their dialog", async |_| has_copy()).await;
    }

    let before = places(&bot, &redis);
    report("before", backend, &before);
    let [database, stored, kept, log] = &before;
    let missing: Vec<&str> = NEEDLES
        .iter()
        .map(|(what, _)| *what)
        // A dump is text.
        .filter(|what| *what != BINARY || backend == Backend::Sqlite)
        .filter(|what| !database.found.contains(what))
        .collect();
    assert_eq!(missing, Vec::<&str>::new(), "the search finds what is in the database");
    assert!(stored.found.contains(&"content of a file"), "in the files: {:?}", stored.found);
    let is_copied = kept.found.contains(&"number");
    assert_eq!(is_copied, backend == Backend::Postgres, "in Redis: {:?}", kept.found);
    assert_eq!(log.found, Vec::<&str>::new(), "in the log");
    let trace = format!("SELECT 'u' || min(seq) FROM updates WHERE chat_key = {OWL}");
    let trace = bot.texts(&trace).await.remove(0);
    assert!(bot.log().contains(&format!("trace={trace}")), "their lines are in the log");
    let audit = audit(&bot).await;
    assert!(audit.len() >= 4, "{audit:?}");

    bot.say(OWL, "/deletemydata").await;
    bot.press(OWL, "Yes, delete everything").await;
    bot.wait(OWL, "Everything about you is erased").await;
    bot.settle_all().await;

    let after = places(&bot, &redis);
    report("after", backend, &after);
    for place in &after {
        assert_eq!(place.found, Vec::<&str>::new(), "in the {}: {:#?}", place.name, place.around);
    }
    let known: Vec<String> = audit_of(&bot, &audit).await;
    assert_eq!(known, audit, "the audit is as it was, to the byte");
    let list = bot.command(&["audit", "list", "--action", "publish"]);
    assert!(list.contains("somebody who was erased"), "{list}");
    assert_eq!(bot.number("SELECT count(*) FROM materials WHERE state = 'published'").await, 2);
    assert_eq!(bot.number("SELECT delivered FROM broadcast_progress").await, 2);
    bot.finish().await;
}

/// The audit's rows as text.
async fn audit(bot: &Bot) -> Vec<String> {
    bot.texts(
        "SELECT id || '|' || at || '|' || actor || '|' || action || '|' || subject || '|'
             || subject_id || '|' || details FROM audit ORDER BY id",
    )
    .await
}

/// The same rows as there were before; later ones do not count.
async fn audit_of(bot: &Bot, before: &[String]) -> Vec<String> {
    audit(bot).await.into_iter().take(before.len()).collect()
}

/// Searches, asks, takes, keeps, follows, and speaks in a group.
async fn speaks(bot: &mut Bot) {
    let person = json!({
        "id": OWL, "first_name": "Zephyrina Зефирина", "username": "zephyr_owl",
    });
    bot.ctl("users", json!({"users": [person]})).await;
    let group = json!({"id": GROUP, "title": "Class 7", "members": {"88004321": "member"}});
    bot.ctl("chats", json!({"chats": [group]})).await;
    let shelf = bot.category(None, "A shelf").await;
    let material = bot.publish(Seed::book("Birds of Asia").inside(shelf)).await;
    bot.say(OWL, "/start").await;
    bot.say(OWL, "birds").await;
    bot.press(OWL, "^1$").await;
    bot.say(OWL, &format!("/start c_{shelf}")).await;
    bot.press(OWL, "Follow").await;
    bot.say(OWL, "zephyrsearch зефиропоиск").await;
    bot.asks_for(OWL, "zephyrwish").await;
    bot.say_in(GROUP, OWL, "/search zephyrgroup").await;
    // Where the bot answers, it says the words again, and greets by name.
    bot.say_in(GROUP, OWL, "/search@sim42_bot zephyrgroup").await;
    bot.say_in(GROUP, OWL, "/start@sim42_bot").await;
    bot.say(OWL, "/mydata").await;
    bot.settle_all().await;
    let at = moment(bot);
    bot.execute(&format!(
        "INSERT INTO favourites (user_id, material_id, added_at) VALUES ({OWL}, {material}, {at});
         INSERT INTO breakages (user_id, material_id, reason, reported_at)
             VALUES ({OWL}, {material}, 'other', {at});
         INSERT INTO dashboard_keys (hash, user_id, expires_at) VALUES ('k', {OWL}, {at})"
    ))
    .await;
}

/// Gets a role; uploads and publishes, and leaves a draft behind.
async fn works(bot: &mut Bot) {
    bot.db.user_set_role(UserId(OWL), Role::Admin, now()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (name, content, title) in [
        ("plain.txt", "Grammar for everybody.\n".to_owned(), Some("Neutral grammar")),
        (
            "zephyrmanuscript.txt",
            format!("{} and more.\n", std::str::from_utf8(CONTENT).unwrap()),
            None,
        ),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, content.repeat(20)).unwrap();
        bot.send_file_at(OWL, &path, name).await;
        bot.settle_all().await;
        let Some(title) = title else { continue };
        bot.say(OWL, title).await;
        bot.say(OWL, "A shelf").await;
        bot.press(OWL, "Any level").await;
        bot.press(OWL, "English").await;
        bot.press(OWL, "Without tags").await;
        let published = bot.press(OWL, "Publish").await;
        assert!(published.screen().contains("Published"), "{}", published.screen());
        bot.settle_all().await;
    }
}

/// Sends a letter, gets it, and looks after an alert.
async fn administers(bot: &Bot) {
    let (id, db) = (BroadcastId(77), bot.db.clone());
    let plan = NewBroadcast {
        id,
        by: UserId(OWL),
        card: None,
        content: Content::Copy {
            from: ChatId(OWL),
            messages: vec![MessageId(1)],
            buttons: Vec::new(),
        },
        audience: Audience::List { list: AudienceListId(1) },
        doubt: DoubtPolicy::Skip,
        quiet: None,
        paid: false,
        start_at: now(),
        slot: None,
    };
    assert!(db.broadcast_create(plan, now()).await.unwrap());
    assert!(db.broadcast_begin(id, now()).await.unwrap());
    let chats = [OWL, 12].map(|chat| (ChatId(chat), Vec::new())).to_vec();
    let slice = AudienceSlice { chats, from: FillCursor::default(), next: None };
    assert!(db.recipients_fill(id, slice).await.unwrap());
    let outcomes = [1, 2].map(|seq| RecipientOutcome {
        seq,
        chat: ChatId(0),
        end: RecipientEnd::Delivered(vec![MessageId(70)]),
    });
    let outcomes = outcomes.to_vec();
    let settlement = BroadcastSettlement { id, outcomes, relaunched: Vec::new(), watermark: 2 };
    db.broadcast_settle(settlement, now()).await.unwrap();
    assert!(db.broadcast_end(id, BroadcastState::Done, None, now()).await.unwrap());
    db.audience_list_add(AudienceListId(1), vec![ChatId(OWL)]).await.unwrap();
    let at = moment(bot);
    bot.execute(&format!(
        "INSERT INTO alerts (id, key, name, severity, source, details, openings, opened_at,
                             resolved_at, acked_by, acked_at, version, shown)
             VALUES (5001, 'k', 'owl', 'info', 'own', '{{}}', 1, {at}, {at}, {OWL}, {at}, 1, 1);
         INSERT INTO alert_messages (card_id, user_id, outbox_id) VALUES (5001, {OWL}, 1);
         INSERT INTO silences (name, ends_at, created_by, created_at)
             VALUES ('owl', {at}, {OWL}, {at})"
    ))
    .await;
}

/// The team looks them up, and at what they asked for; a press brings along what stood there.
async fn is_looked_at(bot: &mut Bot) {
    bot.say(ADAM, "/users zephyr_owl").await;
    let card = bot.say(ADAM, &format!("/users {OWL}")).await;
    assert!(card.screen().contains("Zephyrina"), "{}", card.screen());
    bot.press(ADAM, "Найти другого").await;
    bot.say(EDNA, "/start").await;
    let wanted = bot.say(EDNA, "/requests").await;
    assert!(wanted.screen().contains("zephyrwish"), "{}", wanted.screen());
    bot.press(EDNA, "zephyrwish|^1$").await;
    bot.settle_all().await;
}

/// A job of theirs that will begin some day.
async fn waits_for_a_list(bot: &Bot) {
    let kind = JobKind::ExportBroadcast {
        broadcast: BroadcastId(77),
        by: UserId(OWL),
        chat: ChatId(OWL),
        thread: 0,
    };
    let job = NewJob {
        id: JobId(4_711),
        kind,
        fairness_key: OWL,
        priority: Priority::Single,
        not_before: Some(now() + chrono::TimeDelta::hours(9)),
    };
    bot.db.job_enqueue(job, "elsewhere".to_owned(), now()).await.unwrap();
}

/// Writes what breaks the bot, three times over; and there is an update that could not be read.
async fn breaks(bot: &mut Bot) {
    bot.ctl("message", json!({"user": OWL, "text": format!("{POISON} and more")})).await;
    bot.wait(OWL, "Number for support").await;
    bot.settle().await;
    let at = moment(bot);
    let raw = format!("{{\"message\":{{\"from\":{{\"id\":{OWL},\"first_name\":\"Zephyrina\"}}}}}}");
    bot.execute(&format!(
        "INSERT INTO updates (bot_id, update_id, chat_key, kind, raw, received_at, state, last_error)
             VALUES (1, 999999, {OWL}, 'message', '{raw}', {at}, 'ignored', 'zephyrerror')"
    ))
    .await;
}

/// This moment, as SQL.
fn moment(bot: &Bot) -> String {
    if bot.db.backend_name() == "sqlite" {
        now().timestamp_micros().to_string()
    } else {
        "now()".to_owned()
    }
}
