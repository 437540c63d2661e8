//! Floods: what one person sends too much of is left out, they are told once, and nobody else
//! notices anything of it.

use std::ops::Range;

use serde_json::{Value, json};

use super::steps::{answer_all, flooded, send_and_wait, steady_flood};
use crate::support::bot::{ANN, BORIS, Backend, Bot, BotOptions, EDNA};

flows! {
    both {
        a_flood_of_messages_is_told_once,
        a_flood_of_presses_is_told_once,
        a_kill_in_a_flood_loses_nothing_of_others,
    }
    sqlite {
        files_of_a_learner_and_of_an_editor,
        a_flood_in_a_group_silences_nobody_else,
        a_flood_of_inline_queries_is_thinned,
        fast_hands_lose_nothing,
        who_is_shut_out_hears_nothing_of_a_flood,
        what_gathers_while_the_bot_is_away_is_no_flood,
    }
}

const GROUP: i64 = -100_500;

/// The word to whoever floods.
const TOLD: &str = "That was a lot at once";

/// What was left out of what a chat sent.
const LEFT_OUT: &str = "SELECT count(*) FROM updates WHERE last_error = 'throttled'";

async fn start(backend: Backend) -> Bot {
    Bot::start(BotOptions::on(backend).set("limits.enabled", "true")).await
}

/// Somebody writes again and again; nobody waits.
async fn write_many(bot: &Bot, chat: i64, user: i64, numbers: Range<u32>) {
    for number in numbers {
        let text = if chat < 0 { "/browse@sim42_bot".to_owned() } else { format!("zz{number}") };
        bot.ctl("message", json!({"chat": chat, "user": user, "text": text})).await;
    }
}

/// How many messages of the bot a chat has that contain a text.
async fn shown(bot: &Bot, chat: i64, text: &str) -> usize {
    let all = bot.shown_by_bot(chat).await;
    all.iter().filter(|message| message["text"].as_str().unwrap_or("").contains(text)).count()
}

/// Lines of the log about somebody who floods.
fn noted(bot: &Bot) -> Vec<String> {
    let log = bot.log();
    log.lines().filter(|line| line.contains("somebody sends too much")).map(str::to_owned).collect()
}

/// So many of the updates of a chat were left out, in order, and nothing of them is kept.
async fn left_out(bot: &Bot, chat: i64) -> i64 {
    let of_chat = format!("{LEFT_OUT} AND chat_key = {chat}");
    let left_out = bot.number(&of_chat).await;
    let tidy =
        bot.number(&format!("{of_chat} AND state = 'done' AND raw = '' AND faults = 0")).await;
    assert_eq!(tidy, left_out, "closed, and their texts gone at once");
    left_out
}

async fn a_flood_of_messages_is_told_once(backend: Backend) {
    let mut bot = start(backend).await;
    bot.say(ANN, "/start").await;
    bot.say(BORIS, "/start").await;
    write_many(&bot, ANN, ANN, 0..200).await;
    bot.ctl("message", json!({"user": BORIS, "text": "zz of Boris"})).await;
    write_many(&bot, ANN, ANN, 200..400).await;
    bot.wait(BORIS, "zz of Boris").await;
    // The ways out work in the middle of it.
    bot.ctl("message", json!({"user": ANN, "text": "/help"})).await;
    bot.ctl("message", json!({"user": ANN, "text": "/deletemydata"})).await;
    bot.wait(ANN, "What I can do").await;
    bot.wait(ANN, "Delete everything about you").await;
    bot.settle().await;

    let left_out = left_out(&bot, ANN).await;
    let answered = shown(&bot, ANN, "Nothing was found for").await;
    assert_eq!(i64::try_from(answered).unwrap() + left_out, 400, "each is answered or left out");
    assert!(answered >= 20, "the burst is answered: {answered}");
    assert!(left_out >= 100, "a flood: {left_out}");
    assert_eq!(shown(&bot, ANN, TOLD).await, 1, "told once");
    assert_eq!(shown(&bot, BORIS, TOLD).await, 0);
    assert_eq!(bot.number(LEFT_OUT).await, left_out, "nothing of anybody else");
    // In the order in which they were sent: what is answered first is what came first.
    assert_eq!(shown(&bot, ANN, "“zz0”").await, 1);
    let noted = noted(&bot);
    assert_eq!(noted.len(), 1, "{noted:?}");
    assert!(!noted[0].contains(&ANN.to_string()), "{noted:?}");
    bot.finish().await;
}

async fn who_is_shut_out_hears_nothing_of_a_flood(backend: Backend) {
    let mut bot = start(backend).await;
    bot.say(ANN, "/start").await;
    bot.command(&["users", "ban", &ANN.to_string()]);
    bot.say(ANN, "let me in").await;
    let before = bot.shown_by_bot(ANN).await.len();
    write_many(&bot, ANN, ANN, 0..200).await;
    bot.settle().await;
    assert!(left_out(&bot, ANN).await >= 100, "a flood");
    assert_eq!(bot.shown_by_bot(ANN).await.len(), before);
    bot.finish().await;
}

async fn a_flood_of_presses_is_told_once(backend: Backend) {
    let mut bot = start(backend).await;
    bot.say(ANN, "/start").await;
    bot.say(BORIS, "/start").await;
    for _ in 0..250 {
        bot.ctl("click", json!({"chat": ANN, "label": "Help|Menu|Settings"})).await;
    }
    bot.press(BORIS, "Помощь").await;
    bot.settle().await;
    assert_eq!(shown(&bot, ANN, TOLD).await, 1, "told once");
    let left_out = left_out(&bot, ANN).await;
    assert!((100..=220).contains(&left_out), "{left_out}");
    // One of them is Boris's.
    let ended = bot.calls_answered("answerCallbackQuery").await;
    assert!((31..150).contains(&ended), "few spinners are ended by us: {ended}");
    bot.finish().await;
}

async fn a_kill_in_a_flood_loses_nothing_of_others(backend: Backend) {
    let mut bot = start(backend).await;
    steady_flood(&bot, 120, 30, 200).await;
    write_many(&bot, ANN, ANN, 0..150).await;
    bot.until("a part of the flood to be left out", async |bot| bot.number(LEFT_OUT).await > 0)
        .await;
    bot.kill().await;
    write_many(&bot, ANN, ANN, 150..300).await;
    bot.restart().await;
    let report = flooded(&bot).await;
    assert_eq!(report["unanswered"], json!(0), "{report}");
    assert_eq!(report["order_violations"], json!(0), "{report}");
    bot.settle().await;
    assert_eq!(bot.number("SELECT count(*) FROM updates WHERE state <> 'done'").await, 0);
    assert_eq!(bot.number(LEFT_OUT).await, left_out(&bot, ANN).await, "nothing of anybody else");
    let told = shown(&bot, ANN, TOLD).await;
    // A new life knows nothing of the one before it; a kill may double what was in flight.
    assert!((1..=3).contains(&told), "{told}");
    bot.finish().await;
}

fn small_file(bot: &Bot, number: u32) -> Value {
    let path = bot.folder().join(format!("Unit {number}.txt"));
    std::fs::write(&path, format!("Lesson {number}: irregular verbs, part {number}.")).unwrap();
    json!({"type": "document", "path": path, "name": format!("Unit {number}.txt")})
}

async fn files_of_a_learner_and_of_an_editor(backend: Backend) {
    let mut bot = start(backend).await;
    bot.say(ANN, "/start").await;
    bot.say(EDNA, "/start").await;
    for number in 0..60 {
        let file = small_file(&bot, number % 30);
        bot.ctl("message", json!({"user": ANN, "file": file})).await;
    }
    bot.settle().await;
    assert_eq!(shown(&bot, ANN, TOLD).await, 1, "told once");
    let refused = shown(&bot, ANN, "editors").await;
    assert!((5..20).contains(&refused), "refused a few times, then no more: {refused}");
    assert_eq!(i64::try_from(60 - refused).unwrap(), left_out(&bot, ANN).await);
    assert_eq!(bot.number("SELECT count(*) FROM materials").await, 0);

    // Many more than a learner may send, and all of them are taken.
    for tens in 0..3 {
        let files: Vec<Value> = (0..10).map(|one| small_file(&bot, tens * 10 + one)).collect();
        bot.ctl("message", json!({"user": EDNA, "album": files})).await;
    }
    bot.settle_all().await;
    assert_eq!(bot.number("SELECT count(*) FROM materials").await, 30);
    assert_eq!(left_out(&bot, EDNA).await, 0);
    assert_eq!(shown(&bot, EDNA, "30 files").await, 1, "{}", bot.screen(EDNA, 3).await);
    bot.finish().await;
}

async fn a_flood_in_a_group_silences_nobody_else(backend: Backend) {
    let mut bot = start(backend).await;
    let members = json!({"1001": "member", "1002": "member", "2001": "member"});
    let group = json!({"id": GROUP, "title": "Class 7", "members": members});
    bot.ctl("chats", json!({"chats": [group]})).await;
    bot.say_in(GROUP, BORIS, "/help@sim42_bot").await;
    let before = bot.shown_by_bot(GROUP).await.len();
    write_many(&bot, GROUP, ANN, 0..100).await;
    // What people say to each other is no flood that anybody is told of.
    for number in 0..100 {
        let text = format!("chatter {number}");
        bot.ctl("message", json!({"chat": GROUP, "user": EDNA, "text": text})).await;
    }
    bot.settle().await;
    assert_eq!(shown(&bot, GROUP, TOLD).await, 1, "told once");
    let answered = bot.shown_by_bot(GROUP).await.len() - before - 1;
    assert!((20..60).contains(&answered), "{answered}");
    let reply = bot.say_in(GROUP, BORIS, "/menu@sim42_bot").await;
    assert!(!reply.is_empty(), "the others are answered");
    assert!(!bot.say(EDNA, "/menu").await.is_empty());
    bot.finish().await;
}

async fn a_flood_of_inline_queries_is_thinned(backend: Backend) {
    let mut bot = start(backend).await;
    bot.say(ANN, "/start").await;
    for number in 0..150 {
        bot.ctl("inline", json!({"user": ANN, "query": format!("zz{number}")})).await;
    }
    // What they write is another budget.
    assert!(!bot.say(ANN, "zz of Ann").await.is_empty());
    bot.settle().await;
    let answered = bot.calls_answered("answerInlineQuery").await;
    assert!((30..120).contains(&answered), "{answered}");
    assert_eq!(i64::try_from(150 - answered).unwrap(), left_out(&bot, ANN).await);
    assert_eq!(shown(&bot, ANN, TOLD).await, 0, "the bot may not be allowed to write to them");
    bot.finish().await;
}

async fn fast_hands_lose_nothing(backend: Backend) {
    let mut bot = start(backend).await;
    send_and_wait(&mut bot, "crazyones.pdf").await;
    answer_all(&mut bot, "An essay").await;
    assert_eq!(bot.number(LEFT_OUT).await, 0);
    bot.finish().await;
}

async fn what_gathers_while_the_bot_is_away_is_no_flood(backend: Backend) {
    let mut bot = start(backend).await;
    bot.say(ANN, "/start").await;
    bot.stop().await;
    // One in ten seconds for ten minutes.
    let now = primelingo::domain::clock::Timestamp::timestamp(&crate::support::bot::now());
    for number in 0..60 {
        let message = json!({
            "message_id": 9_000 + number, "date": now - 600 + number * 10, "text": format!("zz{number}"),
            "chat": {"id": ANN, "type": "private", "first_name": "Ann"},
            "from": {"id": ANN, "is_bot": false, "first_name": "Ann", "language_code": "en"},
        });
        bot.ctl("update", json!({"message": message})).await;
    }
    bot.restart().await;
    bot.settle().await;
    assert_eq!(bot.number(LEFT_OUT).await, 0);
    assert_eq!(shown(&bot, ANN, "Nothing was found for").await, 60);
    bot.finish().await;
}
