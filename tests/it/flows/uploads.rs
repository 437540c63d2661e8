//! An editor's files under way: seen, and ended by their editor or by the operator.

use serde_json::{Value, json};

use super::steps::answer_all;
use crate::support::bot::{ANN, Backend, Bot, BotOptions, EDNA};

flows! {
    both {
        an_editor_sees_and_ends_their_files,
    }
    sqlite {}
}

async fn an_editor_sees_and_ends_their_files(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend).set("jobs.workers", "1")).await;
    sees!(bot.say(EDNA, "/uploads").await.screen(), @"No file of yours is under way.");
    assert!(bot.say(ANN, "/uploads").await.text().contains("Only editors"));
    // So slow that the first file is under way for as long as this needs it to be.
    bot.ctl("faults", json!({"files": {"throttle_bps": 500}})).await;
    bot.send_file(EDNA, "multicolumn.pdf").await;
    bot.until("the first file", async |bot| bot.has_temporary_files()).await;
    // Past the first question, or the next files would join it.
    bot.say(EDNA, "Columns").await;
    for name in ["crazyones.pdf", "toy.pdf"] {
        bot.send_file(EDNA, name).await;
    }
    bot.until("all files to be taken", async |bot| {
        bot.number("SELECT count(*) FROM jobs WHERE state = 'ready'").await == 2
    })
    .await;

    let list = bot.say(EDNA, "/uploads").await.screen();
    for line in ["📥 multicolumn.pdf", "📥 crazyones.pdf", "place 1", "📥 toy.pdf", "place 2"]
    {
        assert!(list.contains(line), "{list}");
    }
    let left = bot.press(EDNA, "✖️ toy.pdf").await.screen();
    assert!(!left.contains("✖️ toy.pdf") && left.contains("✖️ crazyones.pdf"), "{left}");
    assert_eq!(bot.number("SELECT count(*) FROM jobs WHERE state = 'cancelled'").await, 1);
    bot.wait(EDNA, "(?s)toy.pdf.*Cancelled").await;

    let running = bot.number("SELECT id FROM jobs WHERE state = 'running'").await.to_string();
    assert!(bot.command(&["jobs", "cancel", &running]).contains("is cancelled"));
    bot.wait(EDNA, "(?s)multicolumn.pdf.*Cancelled").await;
    bot.until("the worker to turn to the next file", async |bot| {
        let next = format!("SELECT count(*) FROM jobs WHERE state = 'running' AND id <> {running}");
        bot.number(&next).await == 1
    })
    .await;
    assert!(bot.refused(&["jobs", "cancel", &running]).contains("is over"), "only once");
    bot.ctl("faults", json!({"clear": true, "files": {}})).await;
    bot.settle_all().await;

    let stats: Value = serde_json::from_str(&bot.command(&["jobs", "stats", "--json"])).unwrap();
    let of = |state: &str| {
        let counts = stats.as_array().unwrap();
        counts.iter().find(|count| count["state"] == state).map(|count| count["count"].clone())
    };
    assert_eq!((of("cancelled"), of("done"), of("dead")), (Some(json!(2)), Some(json!(1)), None));
    // The dialog was about the file that the operator has ended.
    assert!(bot.say(EDNA, "A title").await.screen().contains("That upload is over"));
    answer_all(&mut bot, "Crazy").await;
    sees!(bot.say(EDNA, "/uploads").await.screen(), @"No file of yours is under way.");
    bot.finish().await;
}
