//! People ask for what they do not find, and hear of what is new.

use chrono::Timelike as _;
use primelingo::domain::effect::{JobKind, NewJob, Priority};
use primelingo::domain::ids::{JobId, MaterialId};
use serde_json::json;

use super::steps::{answer_all, send_and_wait};
use crate::support::bot::{ADAM, ANN, BORIS, Backend, Bot, BotOptions, EDNA, Seed, now};

flows! {
    both {
        what_is_not_found_is_asked_for_and_answered,
        a_new_material_is_told_of_once,
    }
    sqlite {
        quiet_hours_hold_a_message_back,
        what_is_archived_is_not_told_of,
        nobody_asks_without_end,
    }
}

/// The queue of background work.
const QUEUE: &str = "default";

/// Somebody who follows a section and asks for nothing.
const CARL: i64 = 1003;

impl Bot {
    /// Somebody looks for something in vain and asks for it.
    pub async fn asks_for(&mut self, user: i64, words: &str) -> String {
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
    is_answered(&mut bot).await;
    is_declined(&mut bot).await;
    is_withdrawn(&mut bot).await;
    assert_eq!(bot.number("SELECT count(*) FROM requests WHERE state = 'open'").await, 0);
    bot.finish().await;
}

/// An editor names the book that answers the first request.
async fn is_answered(bot: &mut Bot) {
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
}

/// And wants nothing of the next one.
async fn is_declined(bot: &mut Bot) {
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
}

/// Somebody changes their mind.
async fn is_withdrawn(bot: &mut Bot) {
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

#[cfg(feature = "failpoints")]
mod deaths {
    use primelingo::fail_points::{Action, Point, Rule};

    use super::*;

    flows! {
        both {
            a_death_over_an_announcement_skips_and_doubles_nobody,
        }
        sqlite {}
    }

    async fn a_death_over_an_announcement_skips_and_doubles_nobody(backend: Backend) {
        let mut bot = Bot::start(BotOptions::on(backend)).await;
        let shelf = bot.category(None, "A shelf").await;
        for user in [ANN, CARL] {
            bot.say(user, &format!("/start c_{shelf}")).await;
            bot.press(user, "Follow").await;
        }
        bot.asks_for(ANN, "sleep well").await;
        let material = bot.publish(Seed::book("Sleep well").inside(shelf)).await;
        bot.stop().await;
        bot.tell_of(material).await;
        let told = "SELECT count(*) FROM outbox WHERE class = 'bulk'";
        bot.plan(vec![Rule::once(Point::FinishBefore.name(), Action::Kill)]);
        bot.relaunch();
        bot.death().await;
        assert_eq!(bot.number(told).await, 0);
        bot.plan(vec![Rule::once(Point::FinishAfter.name(), Action::Kill)]);
        bot.relaunch();
        bot.death().await;
        assert_eq!(bot.number(told).await, 2);
        bot.plan(Vec::new());
        bot.relaunch();
        bot.settle_all().await;

        assert_eq!(bot.number(told).await, 2);
        assert_eq!(bot.count_of(ANN, "You asked for it").await, 1);
        assert_eq!(bot.count_of(CARL, "New in a section").await, 1);
        bot.finish().await;
    }
}
