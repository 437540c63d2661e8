//! Orderly stops, and `kill -9` in the middle of things.

use serde_json::json;

use super::steps::{answered, flood, flooded, send_and_wait};
use crate::support::bot::{ANN, Backend, Bot, BotOptions, EDNA};

flows! {
    both {
        a_kill_at_each_step_of_an_upload,
        a_kill_in_the_middle_of_processing,
        kills_while_a_backlog_is_worked_off,
    }
    sqlite {
        a_stop_while_idle,
        a_stop_with_work_waiting,
        a_kill_right_after_an_answer,
    }
}

async fn a_stop_while_idle(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    bot.say(ANN, "/start").await;
    bot.stop().await;
    // What comes while the bot is away is answered after its return.
    bot.ctl("message", json!({"user": ANN, "text": "/help"})).await;
    bot.restart().await;
    bot.settle().await;
    assert!(bot.screen(ANN, 1).await.contains("What I can do"));
    assert!(!bot.log().contains("work was still running"), "nothing was cut off");
    bot.finish().await;
}

async fn a_stop_with_work_waiting(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    flood(&bot, 200, 20).await;
    bot.until("some answers", async |bot| answered(bot).await >= 10).await;
    bot.stop().await;
    bot.restart().await;

    let report = flooded(&bot).await;
    assert_eq!(report["unanswered"], 0, "{report:#}");
    assert_eq!(report["answered_twice"], 0, "{report:#}");
    assert_eq!(report["order_violations"], 0, "{report:#}");
    bot.finish().await;
}

async fn kills_while_a_backlog_is_worked_off(backend: Backend) {
    const KILLS: u64 = 4;
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    flood(&bot, 500, 50).await;
    for kill in 1..=KILLS {
        bot.until("some more answers", async |bot| answered(bot).await >= kill * 60).await;
        bot.kill().await;
        bot.restart().await;
    }

    let report = flooded(&bot).await;
    assert_eq!(report["unanswered"], 0, "{report:#}");
    assert_eq!(report["order_violations"], 0, "{report:#}");
    // What was in flight at a kill is in doubt, and sent again: at most the gate's window each.
    let twice = report["answered_twice"].as_u64().unwrap();
    assert!(twice <= KILLS * 64, "{report:#}");
    assert_eq!(bot.number("SELECT count(*) FROM updates WHERE state = 'done'").await, 500);
    assert_eq!(bot.number("SELECT count(*) FROM outbox WHERE class = 'reply'").await, 500);
    bot.finish().await;
}

/// The steps of the dialog, and what the editor is asked after each.
const STEPS: [(&str, &str); 6] = [
    ("Kill-proof", "Where does it belong"),
    ("A shelf", "For which level"),
    ("[^B1$]", "Which language"),
    ("[English]", "Tags"),
    ("[Without tags]", "Please check"),
    ("[Publish]", "Published: Kill-proof"),
];

/// The bot is dead while the editor answers, and is killed again as soon as the answer is stored:
/// each step is done once, each question is shown again at most once.
async fn a_kill_at_each_step_of_an_upload(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    send_and_wait(&mut bot, "crazyones.pdf").await;
    for (input, question) in STEPS {
        let updates = bot.number("SELECT count(*) FROM updates").await;
        bot.kill().await;
        let since = bot.moment(EDNA).await;
        match input.strip_prefix('[').and_then(|label| label.strip_suffix(']')) {
            Some(label) => bot.ctl("click", json!({"chat": EDNA, "label": label})).await,
            None => bot.ctl("message", json!({"user": EDNA, "text": input})).await,
        };
        bot.restart().await;
        bot.until("the answer to be stored", async |bot| {
            bot.number("SELECT count(*) FROM updates").await > updates
        })
        .await;
        bot.kill().await;
        bot.restart().await;
        bot.settle().await;

        let shown = bot.shown_since(EDNA, since).await;
        let asked =
            shown.iter().filter(|message| message["text"].as_str().unwrap().contains(question));
        let asked = asked.count();
        assert!((1..=2).contains(&asked), "{question}: {asked} times");
    }
    assert_eq!(bot.number("SELECT count(*) FROM materials").await, 1);
    assert_eq!(bot.number("SELECT count(*) FROM categories").await, 1);
    let found = bot.say(ANN, "kill proof").await;
    assert!(found.text().starts_with("One result"), "{}", found.screen());
    assert!(found.text().contains("B1"), "{}", found.screen());
    bot.finish().await;
}

async fn a_kill_in_the_middle_of_processing(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    bot.ctl("faults", json!({"files": {"throttle_bps": 3_000}})).await;
    bot.send_file(EDNA, "crazyones.pdf").await;
    bot.until("the download to be under way", async |bot| {
        bot.number("SELECT count(*) FROM jobs WHERE state = 'running'").await == 1
            && bot.has_temporary_files()
    })
    .await;
    bot.kill().await;
    bot.ctl("faults", json!({"clear": true, "files": {}})).await;
    bot.restart().await;
    bot.settle_all().await;

    let again = "SELECT count(*) FROM jobs WHERE attempts = 2 AND state = 'done'";
    assert_eq!(bot.number(again).await, 1, "taken back, and ended");
    super::steps::answer_all(&mut bot, "Interrupted").await;
    assert!(bot.say(ANN, "misfits").await.text().starts_with("One result"));
    let card = bot.wait(EDNA, "Checked and indexed").await;
    assert!(card["edit_date"].is_number(), "the card that was there is edited: {card}");
    bot.finish().await;
}

/// Killed at once after the answer was seen: it must not come again, nor be missing in the books.
async fn a_kill_right_after_an_answer(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    for round in 1..=5 {
        let say = json!({"user": ANN, "text": format!("/start f_{round}"), "wait": true});
        bot.ctl("message", say).await;
        bot.kill().await;
        bot.restart().await;
        bot.settle().await;
        let shown = bot.shown_by_bot(ANN).await.len();
        assert!((round..=2 * round).contains(&shown), "round {round}: {shown} messages");
    }
    assert_eq!(bot.number("SELECT count(*) FROM outbox WHERE state = 'sent'").await, 5);
    bot.finish().await;
}
