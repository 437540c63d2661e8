//! Following sections, and the files about audiences: a list that is read, a table that is sent.

use std::fmt::Write as _;

use primelingo::domain::broadcast::{
    Audience, BroadcastState, Content, DoubtPolicy, NewBroadcast, RecipientEnd,
};
use primelingo::domain::effect::{JobKind, NewJob, Priority};
use primelingo::domain::ids::{
    AudienceListId, BroadcastId, ChatId, JobId, MessageId, OutboxId, UserId,
};
use primelingo::domain::role::Role;
use primelingo::domain::statistics::{ReportSort, Span};
use primelingo::store::records::{
    AudienceSlice, BroadcastSettlement, FillCursor, NewOutbox, OutboxClass, RecipientOutcome,
};
use serde_json::json;

use super::own_data::{files, received};
use crate::support::bot::{ADAM, ANN, Backend, Bot, BotOptions, now};

flows! {
    both {
        a_section_is_followed_with_one_press,
        a_list_is_read_from_a_file,
        a_table_of_the_recipients_is_sent,
    }
    sqlite {
        a_file_that_is_no_list_is_refused,
        a_list_that_cannot_be_fetched_is_told,
        whoever_lost_the_role_gets_nothing,
    }
}

/// An owner by configuration.
const OLGA: i64 = 4_007;

/// The queue of background work.
const QUEUE: &str = "default";

async fn a_section_is_followed_with_one_press(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let grammar = bot.category(None, "Grammar").await;
    bot.say(ANN, &format!("/start c_{grammar}")).await;
    sees!(bot.press(ANN, "Follow").await.screen(), @r"
    (edited)
    Grammar
    Nothing here yet.
    🔔 You are told at once of what comes into this section.
    [✅ Following]
    [⬅️ Back]
    ");
    assert!(bot.db.follow_get(UserId(ANN), grammar).await.unwrap());
    sees!(bot.press(ANN, "Following").await.screen(), @r"
    (edited)
    Grammar
    Nothing here yet.
    [🔔 Follow]
    [⬅️ Back]
    ");
    assert!(!bot.db.follow_get(UserId(ANN), grammar).await.unwrap());
    bot.finish().await;
}

impl Bot {
    /// The message of a dialog that waits for a list, and the job that reads this file.
    async fn list_is_sent(&mut self, number: i64, file: serde_json::Value) {
        let card = OutboxId(number);
        let message = NewOutbox {
            id: card,
            chat: ChatId(ADAM),
            thread: 0,
            class: OutboxClass::Reply,
            payload: json!({"type": "text", "html": "Reading the list"}).to_string(),
            edit_message: None,
            edit_of: None,
            trace: None,
        };
        self.db.outbox_insert(vec![message], now()).await.unwrap();
        let made = self.ctl("file", file.clone()).await;
        let kind = JobKind::ReadAudience {
            list: AudienceListId(number),
            broadcast: BroadcastId(5),
            file_id: made["file_id"].as_str().unwrap().to_owned(),
            size: file["size"].as_u64(),
            by: UserId(ADAM),
            chat: ChatId(ADAM),
            thread: 0,
            card,
        };
        self.enqueue(number, kind).await;
        self.settle_all().await;
    }

    async fn enqueue(&self, id: i64, kind: JobKind) {
        let job = NewJob {
            id: JobId(id),
            kind,
            fairness_key: ADAM,
            priority: Priority::Single,
            not_before: None,
        };
        self.db.job_enqueue(job, QUEUE.to_owned(), now()).await.unwrap();
    }
}

async fn a_list_is_read_from_a_file(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    bot.say(ADAM, "/start").await;
    let path = bot.folder().join("list.csv");
    let mut text = "\u{feff}chat_id;name\r\n".to_owned();
    for id in 1..=2500 {
        write!(text, "{id};Somebody\r\n").unwrap();
    }
    text += "7;Again\r\nAnna;?\r\n-100500;A group\r\n";
    std::fs::write(&path, text).unwrap();

    bot.list_is_sent(1, json!({"type": "document", "path": path, "name": "list.csv"})).await;
    sees!(bot.screen(ADAM, 1).await, @r"
    (edited)
    📋 Из файла прочитан 2501 чат.
    1 строка повторяет чат и пропущена.
    ⚠️ 1 строка не похожа на номер чата и пропущена, первая такая: 2503.
    [✅ Отправить этому списку]
    ");
    assert_eq!(bot.db.audience_list_count(AudienceListId(1)).await.unwrap(), 2501);
    assert_eq!(bot.number("SELECT min(chat_id) FROM audience_lists").await, -100_500);
    bot.finish().await;
}

async fn a_file_that_is_no_list_is_refused(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    bot.say(ADAM, "/start").await;
    let file = |name: &str, content: &[u8]| {
        let path = bot.folder().join(name);
        std::fs::write(&path, content).unwrap();
        json!({"type": "document", "path": path, "name": name})
    };
    let files = [
        (file("a.csv", b"1\n2\n3\n\x00\x01\x02"), "⛔ Это не текстовый файл."),
        (file("b.csv", b"Anna\nBob\n"), "⛔ В файле нет номеров чатов."),
        (json!({"type": "document", "size": 21 << 20, "name": "c.csv"}), "⛔ Файл слишком большой"),
    ];
    for (number, (file, refusal)) in (1..).zip(files) {
        bot.list_is_sent(number, file).await;
        let screen = bot.screen(ADAM, 1).await;
        assert!(screen.contains(refusal), "{refusal}\n{screen}");
    }
    assert_eq!(bot.number("SELECT count(*) FROM audience_lists").await, 0);
    bot.finish().await;
}

async fn a_list_that_cannot_be_fetched_is_told(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    bot.say(ADAM, "/start").await;
    let kind = JobKind::ReadAudience {
        list: AudienceListId(1),
        broadcast: BroadcastId(5),
        file_id: "nobody-knows-it".to_owned(),
        size: None,
        by: UserId(ADAM),
        chat: ChatId(ADAM),
        thread: 0,
        card: OutboxId(1),
    };
    let message = NewOutbox {
        id: OutboxId(1),
        chat: ChatId(ADAM),
        thread: 0,
        class: OutboxClass::Reply,
        payload: json!({"type": "text", "html": "Reading the list"}).to_string(),
        edit_message: None,
        edit_of: None,
        trace: None,
    };
    bot.db.outbox_insert(vec![message], now()).await.unwrap();
    bot.enqueue(1, kind).await;
    bot.wait(ADAM, "Не удалось получить файл из Telegram").await;
    bot.settle_all().await;
    bot.finish().await;
}

/// A broadcast to three chats that is over.
async fn sent(bot: &Bot) -> BroadcastId {
    let id = BroadcastId(77);
    let plan = NewBroadcast {
        id,
        by: UserId(ADAM),
        card: None,
        content: Content::Copy {
            from: ChatId(ADAM),
            messages: vec![MessageId(1)],
            buttons: vec![],
        },
        audience: Audience::List { list: AudienceListId(1) },
        doubt: DoubtPolicy::Skip,
        quiet: None,
        paid: false,
        start_at: now(),
        slot: None,
    };
    let db = bot.db.clone();
    assert!(db.broadcast_create(plan, now()).await.unwrap());
    assert!(db.broadcast_begin(id, now()).await.unwrap());
    let chats = [11, 12, -13].map(|chat| (ChatId(chat), Vec::new())).to_vec();
    let slice = AudienceSlice { chats, from: FillCursor::default(), next: None };
    assert!(db.recipients_fill(id, slice).await.unwrap());
    let ends = [
        (1, RecipientEnd::Delivered(vec![MessageId(70)])),
        (2, RecipientEnd::Blocked("blocked")),
        (3, RecipientEnd::Failed("refused")),
    ];
    let outcome = |(seq, end)| RecipientOutcome { seq, chat: ChatId(0), end };
    let outcomes = ends.into_iter().map(outcome).collect();
    let settlement = BroadcastSettlement { id, outcomes, relaunched: Vec::new(), watermark: 3 };
    db.broadcast_settle(settlement, now()).await.unwrap();
    assert!(db.broadcast_end(id, BroadcastState::Done, None, now()).await.unwrap());
    id
}

async fn a_table_of_the_recipients_is_sent(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    bot.say(ADAM, "/start").await;
    let id = sent(&bot).await;
    let (by, chat) = (UserId(ADAM), ChatId(ADAM));
    bot.enqueue(1, JobKind::ExportBroadcast { broadcast: id, by, chat, thread: 0 }).await;
    bot.settle_all().await;
    sees!(bot.screen(ADAM, 1).await, @r"
    <document broadcast-77.csv>
    📄 Итоги рассылки: 3 получателя
    ");
    let last = bot.shown_by_bot(ADAM).await.pop().unwrap();
    let table = String::from_utf8(received(&bot, &last["media"])).unwrap();
    let rows = [
        "chat_id,state,reason,message_id",
        "11,delivered,,70",
        "12,blocked,blocked,",
        "-13,failed,refused,",
    ];
    assert_eq!(table.lines().collect::<Vec<_>>(), rows);
    // It names people: whoever of them is erased later must not stand in a file that was left.
    assert!(files(&bot.folder().join("files/blobs")).is_empty(), "the file has left, and is gone");
    assert_eq!(bot.number("SELECT count(*) FROM outbox WHERE payload LIKE '%.csv%'").await, 0);
    bot.finish().await;
}

/// Jobs that admins ask for, of which one was demoted since, and one is an owner by configuration.
async fn whoever_lost_the_role_gets_nothing(backend: Backend) {
    let options = BotOptions::on(backend).set("access.owners", &OLGA.to_string());
    let mut bot = Bot::start(options).await;
    for user in [ANN, OLGA, ADAM] {
        bot.say(user, "/start").await;
    }
    let broadcast = sent(&bot).await;
    bot.db.user_set_role(UserId(ADAM), Role::Editor, now()).await.unwrap();
    let sent = "SELECT count(*) FROM outbox WHERE chat_id";
    let mut id = 0;
    for (user, expected) in [(ANN, 0), (ADAM, 0), (OLGA, 2)] {
        let before = bot.shown_by_bot(user).await.len();
        let (by, chat) = (UserId(user), ChatId(user));
        let (sort, span) = (ReportSort::Table, Span::Week);
        for kind in [
            JobKind::ExportBroadcast { broadcast, by, chat, thread: 0 },
            JobKind::SendStatistics { sort, span, by, chat, thread: 0 },
        ] {
            id += 1;
            bot.enqueue(id, kind).await;
        }
        bot.settle_all().await;
        assert_eq!(bot.shown_by_bot(user).await.len() - before, expected, "{user}");
    }
    // The card of a list says no more than it did; nothing of the file is kept.
    let before = bot.number(&format!("{sent} = {ADAM}")).await;
    bot.list_is_sent(9, json!({"type": "document", "size": 21 << 20, "name": "c.csv"})).await;
    assert_eq!(bot.number(&format!("{sent} = {ADAM}")).await, before + 1, "the card alone");
    assert_eq!(bot.number("SELECT count(*) FROM jobs WHERE state NOT IN ('done')").await, 0);
    bot.finish().await;
}
