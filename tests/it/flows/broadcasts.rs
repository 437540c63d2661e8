//! Broadcasts, from the confirmed row to an outcome for each recipient.

use std::collections::BTreeMap;

use primelingo::domain::broadcast::{
    Audience, Broadcast, BroadcastState, Content, Control, DoubtPolicy, LinkButton, NewBroadcast,
};
use primelingo::domain::ids::{AudienceListId, BroadcastId, ChatId, MessageId, UserId};
use primelingo::domain::lang::Lang;
use serde_json::{Value, json};

use crate::support::bot::{ADAM, Backend, Bot, BotOptions, now};

flows! {
    both {
        everybody_gets_it_once,
        a_kill_loses_nobody,
        it_is_paused_and_goes_on_and_is_cancelled,
        lost_answers_follow_the_policy,
        a_group_that_moved_is_followed,
        it_is_taken_back,
    }
    sqlite {
        a_letter_that_is_gone_stops_it,
        a_chat_that_is_to_wait_delays_nobody_else,
        the_failed_are_tried_again,
        two_at_once_share_the_limit,
        everybody_is_called_by_name,
        a_plan_waits_for_its_time_and_is_missed_after_an_hour,
    }
}

/// The first recipient.
const FIRST: i64 = 100_000;

/// A bot, and so many people who speak Uzbek.
async fn school(options: BotOptions, people: i64) -> Bot {
    let bot = Bot::start(options).await;
    bot.db.people_import(FIRST, people, now()).await.unwrap();
    bot.ctl("users", json!({"count": people, "first": FIRST})).await;
    bot
}

/// The admin writes something to the bot; gives its number.
async fn letter(bot: &mut Bot, text: &str) -> MessageId {
    let sent = bot.ctl("message", json!({"user": ADAM, "text": text, "wait": true})).await;
    MessageId(sent["message_ids"][0].as_i64().unwrap())
}

fn copy(letter: MessageId) -> Content {
    Content::Copy { from: ChatId(ADAM), messages: vec![letter], buttons: Vec::new() }
}

/// A broadcast to everybody who speaks Uzbek.
fn plan(number: i64, content: Content) -> NewBroadcast {
    NewBroadcast {
        id: BroadcastId(number),
        by: UserId(ADAM),
        card: None,
        content,
        audience: Audience::Language { lang: Lang::Uz },
        doubt: DoubtPolicy::Skip,
        quiet: None,
        paid: false,
        start_at: now(),
        slot: None,
    }
}

async fn confirm(bot: &Bot, plan: NewBroadcast) -> BroadcastId {
    let id = plan.id;
    assert!(bot.db.broadcast_create(plan, now()).await.unwrap());
    id
}

async fn look(bot: &Bot, id: BroadcastId) -> Broadcast {
    let broadcast = bot.db.broadcast_get(id).await.unwrap().expect("a broadcast");
    let progress = broadcast.progress;
    let sum = progress.delivered
        + progress.blocked
        + progress.failed
        + progress.in_doubt
        + progress.pending();
    assert_eq!(sum, progress.filled, "{progress:?}");
    broadcast
}

/// Waits until the broadcast is in that state, and what it has to say was said.
async fn until(bot: &mut Bot, id: BroadcastId, state: BroadcastState) -> Broadcast {
    bot.until(state.name(), async |bot| look(bot, id).await.state == state).await;
    look(bot, id).await
}

/// The rows of a broadcast by state.
async fn rows(bot: &Bot, id: BroadcastId) -> BTreeMap<String, u64> {
    let mut rows = BTreeMap::new();
    for cause in bot.db.broadcast_causes(id).await.unwrap() {
        *rows.entry(cause.state).or_default() += cause.count;
    }
    rows
}

/// How many chats got a copy of the letter, and how many of them more than one.
async fn copies(bot: &Bot, letter: MessageId) -> (u64, u64) {
    let found = bot.ctl("deliveries", json!({"copy_of": letter.0})).await;
    (found["chats"].as_u64().unwrap(), found["duplicate_chats"].as_u64().unwrap())
}

fn counted(pairs: &[(&str, u64)]) -> BTreeMap<String, u64> {
    pairs.iter().map(|(state, count)| ((*state).to_owned(), *count)).collect()
}

async fn everybody_gets_it_once(backend: Backend) {
    let mut bot = school(BotOptions::on(backend), 300).await;
    let ctl = |first: i64, count: i64, state: &str| json!({"first": first, "count": count, "state": state});
    bot.ctl("user_state", ctl(FIRST, 10, "blocked")).await;
    bot.ctl("user_state", ctl(FIRST + 10, 5, "deactivated")).await;
    bot.ctl("user_state", ctl(FIRST + 15, 5, "never_started")).await;
    let letter = letter(&mut bot, "Dars dushanba kuni.").await;
    let id = confirm(&bot, plan(1, copy(letter))).await;
    let done = until(&mut bot, id, BroadcastState::Done).await;
    let progress = done.progress;
    assert_eq!((progress.filled, progress.delivered, progress.blocked), (300, 280, 20));
    assert_eq!(rows(&bot, id).await, counted(&[("blocked", 20), ("delivered", 280)]));
    assert_eq!(copies(&bot, letter).await, (280, 0));

    // Whoever is out of reach is not among the next recipients, until they come back.
    bot.ctl("unblock", json!({"user": FIRST})).await;
    bot.settle().await;
    let again = confirm(&bot, plan(2, copy(letter))).await;
    let done = until(&mut bot, again, BroadcastState::Done).await;
    assert_eq!((done.progress.filled, done.progress.delivered), (281, 281));
    bot.finish().await;
}

async fn a_kill_loses_nobody(backend: Backend) {
    let mut bot = school(BotOptions::on(backend).strict_limits(), 150).await;
    let letter = letter(&mut bot, "Dars dushanba kuni.").await;
    let id = confirm(&bot, plan(1, copy(letter))).await;
    for least in [20, 60, 100] {
        bot.until("some deliveries", async |bot| look(bot, id).await.progress.delivered >= least)
            .await;
        bot.kill().await;
        let left = bot.db.recipients_in_doubt(id).await.unwrap();
        assert!(left <= 8, "{left} in doubt");
        bot.restart().await;
    }
    let done = until(&mut bot, id, BroadcastState::Done).await;
    let (chats, twice) = copies(&bot, letter).await;
    assert_eq!(twice, 0);
    let progress = done.progress;
    assert_eq!(progress.delivered + progress.in_doubt, 150);
    assert!(chats >= progress.delivered && chats <= 150, "{chats} {progress:?}");
    bot.finish().await;
}

async fn it_is_paused_and_goes_on_and_is_cancelled(backend: Backend) {
    let mut bot = school(BotOptions::on(backend).strict_limits(), 200).await;
    let letter = letter(&mut bot, "Dars dushanba kuni.").await;
    let id = confirm(&bot, plan(1, copy(letter))).await;
    bot.until("a delivery", async |bot| look(bot, id).await.progress.delivered > 0).await;
    assert!(bot.db.broadcast_control(id, Control::Pause, now()).await.unwrap());
    // At rest, nobody is in doubt: a death now would change nothing.
    bot.until("rest", async |bot| bot.db.recipients_in_doubt(id).await.unwrap() == 0).await;
    let (held, _) = copies(&bot, letter).await;
    bot.kill().await;
    bot.restart().await;
    assert_eq!(copies(&bot, letter).await.0, held);
    assert_eq!(look(&bot, id).await.state, BroadcastState::Paused);
    assert!(bot.db.broadcast_control(id, Control::Resume, now()).await.unwrap());
    bot.until("more deliveries", async |bot| copies(bot, letter).await.0 > held + 10).await;
    assert!(bot.db.broadcast_control(id, Control::Cancel, now()).await.unwrap());
    bot.until("rest", async |bot| bot.db.recipients_in_doubt(id).await.unwrap() == 0).await;
    let cancelled = look(&bot, id).await;
    let (chats, twice) = copies(&bot, letter).await;
    assert_eq!((chats, twice), (cancelled.progress.delivered, 0));
    assert!(cancelled.progress.pending() > 0);
    assert!(!bot.db.broadcast_control(id, Control::Resume, now()).await.unwrap());
    bot.finish().await;
}

async fn a_letter_that_is_gone_stops_it(backend: Backend) {
    let mut bot = school(BotOptions::on(backend), 50).await;
    bot.say(ADAM, "/start").await;
    let id = confirm(&bot, plan(1, copy(MessageId(987_654)))).await;
    let stopped = until(&mut bot, id, BroadcastState::Stopped).await;
    let reason = stopped.stop_reason.unwrap();
    assert!(reason.contains("message to copy not found"), "{reason}");
    let progress = stopped.progress;
    assert_eq!(progress.delivered, 0);
    assert!((3..=16).contains(&progress.failed), "{progress:?}");
    bot.until("word to the admin", async |bot| {
        let shown = bot.shown_by_bot(ADAM).await;
        shown.iter().any(|message| message["text"].to_string().contains("not found"))
    })
    .await;
    bot.finish().await;
}

async fn a_chat_that_is_to_wait_delays_nobody_else(backend: Backend) {
    let mut bot = school(BotOptions::on(backend), 60).await;
    let flood = json!({"kind": {"retry_after": 2}, "chat": FIRST + 30, "count": 1});
    bot.ctl("faults", json!({"rules": [flood]})).await;
    let letter = letter(&mut bot, "Dars dushanba kuni.").await;
    let id = confirm(&bot, plan(1, copy(letter))).await;
    bot.until("all others", async |bot| look(bot, id).await.progress.delivered == 59).await;
    let done = until(&mut bot, id, BroadcastState::Done).await;
    assert_eq!(done.progress.delivered, 60);
    assert_eq!(copies(&bot, letter).await, (60, 0));
    bot.finish().await;
}

async fn lost_answers_follow_the_policy(backend: Backend) {
    let mut bot = school(BotOptions::on(backend), 60).await;
    let letter = letter(&mut bot, "Dars dushanba kuni.").await;
    let lost =
        json!({"kind": "drop_after", "methods": ["copyMessage"], "chat": FIRST + 7, "count": 1});
    bot.ctl("faults", json!({"rules": [lost]})).await;
    let skipping = confirm(&bot, plan(1, copy(letter))).await;
    let done = until(&mut bot, skipping, BroadcastState::Done).await;
    assert_eq!((done.progress.delivered, done.progress.in_doubt), (59, 1));
    assert_eq!(copies(&bot, letter).await, (60, 0));

    bot.ctl("faults", json!({"rules": [lost]})).await;
    let resending = NewBroadcast { doubt: DoubtPolicy::Resend, ..plan(2, copy(letter)) };
    let resending = confirm(&bot, resending).await;
    let done = until(&mut bot, resending, BroadcastState::Done).await;
    assert_eq!((done.progress.delivered, done.progress.in_doubt), (60, 0));
    bot.finish().await;
}

async fn a_group_that_moved_is_followed(backend: Backend) {
    let mut bot = school(BotOptions::on(backend), 1).await;
    let (old, new) = (-55, -1_000_000_000_055_i64);
    bot.ctl(
        "chats",
        json!({"chats": [{"id": old, "migrated_to": new}, {"id": new, "title": "G"}]}),
    )
    .await;
    let list = AudienceListId(5);
    bot.db.audience_list_add(list, vec![ChatId(old), ChatId(FIRST)]).await.unwrap();
    let letter = letter(&mut bot, "Dars dushanba kuni.").await;
    let to_list = NewBroadcast { audience: Audience::List { list }, ..plan(1, copy(letter)) };
    let id = confirm(&bot, to_list).await;
    let done = until(&mut bot, id, BroadcastState::Done).await;
    assert_eq!(done.progress.delivered, 2, "{:?}", rows(&bot, id).await);
    let group = bot.ctl("chat", json!({"id": new})).await;
    assert_eq!(group["messages"].as_array().unwrap().len(), 1);
    bot.finish().await;
}

async fn it_is_taken_back(backend: Backend) {
    let mut bot = school(BotOptions::on(backend), 40).await;
    bot.ctl("user_state", json!({"first": FIRST, "count": 4, "state": "blocked"})).await;
    let letter = letter(&mut bot, "Dars dushanba kuni.").await;
    let id = confirm(&bot, plan(1, copy(letter))).await;
    until(&mut bot, id, BroadcastState::Done).await;
    let undo = NewBroadcast {
        audience: Audience::DeliveredOf { broadcast: id },
        ..plan(2, Content::Undo { of: id })
    };
    let undo = confirm(&bot, undo).await;
    let done = until(&mut bot, undo, BroadcastState::Done).await;
    assert_eq!((done.progress.filled, done.progress.delivered), (36, 36));
    for person in FIRST..FIRST + 40 {
        let chat = bot.ctl("chat", json!({"id": person})).await;
        let shown = chat["messages"].as_array().map_or(0, Vec::len);
        assert_eq!(shown, 0, "{person} still sees it");
    }
    bot.finish().await;
}

async fn the_failed_are_tried_again(backend: Backend) {
    let mut bot = school(BotOptions::on(backend), 30).await;
    let letter = letter(&mut bot, "Dars dushanba kuni.").await;
    let outage = json!({"kind": {"status": 400}, "methods": ["copyMessage"], "chat": FIRST + 3});
    bot.ctl("faults", json!({"rules": [outage]})).await;
    let id = confirm(&bot, plan(1, copy(letter))).await;
    let done = until(&mut bot, id, BroadcastState::Done).await;
    assert_eq!((done.progress.delivered, done.progress.failed), (29, 1));
    bot.ctl("faults", json!({"clear": true})).await;
    let again =
        NewBroadcast { audience: Audience::FailedOf { broadcast: id }, ..plan(2, copy(letter)) };
    let again = confirm(&bot, again).await;
    let done = until(&mut bot, again, BroadcastState::Done).await;
    assert_eq!((done.progress.filled, done.progress.delivered), (1, 1));
    assert_eq!(copies(&bot, letter).await, (30, 0));
    bot.finish().await;
}

async fn two_at_once_share_the_limit(backend: Backend) {
    let mut bot = school(BotOptions::on(backend).strict_limits(), 120).await;
    let first = letter(&mut bot, "Birinchi.").await;
    let second = letter(&mut bot, "Ikkinchi.").await;
    let one = confirm(&bot, plan(1, copy(first))).await;
    let other = confirm(&bot, plan(2, copy(second))).await;
    bot.until("one of them is half done", async |bot| {
        copies(bot, first).await.0.max(copies(bot, second).await.0) >= 60
    })
    .await;
    let (a, b) = (copies(&bot, first).await.0, copies(&bot, second).await.0);
    assert!(a.min(b) * 2 >= a.max(b), "{a} and {b}");
    until(&mut bot, one, BroadcastState::Done).await;
    until(&mut bot, other, BroadcastState::Done).await;
    let stats = bot.ctl("stats", json!({})).await;
    assert_eq!(stats["too_many_requests"], 0, "{stats}");
    bot.finish().await;
}

async fn everybody_is_called_by_name(backend: Backend) {
    let mut bot = school(BotOptions::on(backend), 3).await;
    bot.ctl("message", json!({"user": 7, "text": "/start", "wait": true})).await;
    let rename = format!("UPDATE users SET first_name = '<b>{{name}}&' WHERE id = {FIRST}");
    bot.execute(&rename).await;
    let buttons = vec![LinkButton { text: "Open".to_owned(), url: "https://e.org/".to_owned() }];
    let template = "<b>Salom</b>, {name}!".to_owned();
    let id = confirm(&bot, plan(1, Content::Text { template, buttons })).await;
    until(&mut bot, id, BroadcastState::Done).await;
    let text = async |person: i64| {
        let chat: Value = bot.ctl("chat", json!({"id": person})).await;
        chat["messages"][0]["text"].as_str().unwrap().to_owned()
    };
    assert_eq!(text(FIRST).await, "Salom, <b>{name}&!");
    assert_eq!(text(FIRST + 1).await, "Salom, Person!");
    bot.finish().await;
}

async fn a_plan_waits_for_its_time_and_is_missed_after_an_hour(backend: Backend) {
    let mut bot = school(BotOptions::on(backend), 3).await;
    let letter = letter(&mut bot, "Dars dushanba kuni.").await;
    let at = |number, hours: i64| NewBroadcast {
        start_at: now() + chrono::Duration::hours(hours),
        ..plan(number, copy(letter))
    };
    let later = confirm(&bot, at(1, 1)).await;
    let missed = confirm(&bot, at(2, -2)).await;
    let late =
        NewBroadcast { start_at: now() - chrono::Duration::minutes(50), ..plan(3, copy(letter)) };
    let late = confirm(&bot, late).await;
    until(&mut bot, missed, BroadcastState::Missed).await;
    until(&mut bot, late, BroadcastState::Done).await;
    assert_eq!(look(&bot, later).await.state, BroadcastState::Scheduled);
    assert_eq!(copies(&bot, letter).await, (3, 0));
    bot.finish().await;
}
