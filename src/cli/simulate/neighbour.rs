//! A chat with a long queue of slow steps, and how fast the others are answered meanwhile.

use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};

use super::bot::Stage;
use super::error::DrillError;
use super::table::print;
use super::titles;
use crate::domain::ids::ChatId;

/// The load.
#[derive(Debug, Args)]
pub struct NeighbourArguments {
    /// Updates of the one chat that wait.
    #[arg(long, default_value_t = 10_000)]
    queued: usize,
    /// Updates per second of the others.
    #[arg(long, default_value_t = 100)]
    rate: usize,
    /// How long each of the two measurements lasts, in seconds; the queue has to outlast it.
    #[arg(long, default_value_t = 10)]
    seconds: usize,
    /// Chats of the others.
    #[arg(long, default_value_t = 500)]
    chats: usize,
    /// How long each step of the busy chat holds its thread, in milliseconds.
    #[cfg(feature = "failpoints")]
    #[arg(long, default_value_t = 0)]
    slow_step_ms: u64,
    /// Titles in the library: searches over them are the slow steps.
    #[arg(long, default_value_t = 100_000)]
    titles: usize,
}

/// The busy chat's owner, beside those of the flood.
const BUSY: i64 = 777;

/// Pause between two looks at the queue.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Two words, in pairs that do not come again: nothing of the search is remembered.
fn slow_query(words: &[String], number: usize) -> String {
    let count = words.len().max(1);
    let word = |at: usize| words.get(at % count).map_or("word", String::as_str);
    format!("{} {}", word(number), word(number * 7 + number / count + 1))
}

/// Runs the drill: the others alone, then the same beside the busy chat.
pub async fn run(arguments: &NeighbourArguments, database: Option<&str>) -> Result<(), DrillError> {
    let mut stage = Stage::set(database, json!({"enabled": false})).await?;
    // The busy chat must not be slowed down by limits: its steps are to follow without a pause.
    stage.set_value("outbound.limits_enabled", "false");
    #[cfg(feature = "failpoints")]
    stage.slow_steps("/search", arguments.slow_step_ms);
    let words = titles::fill(&stage.database().await?, arguments.titles).await?;
    let mut bot = stage.start_bot().await?;
    let ctl = |path: &'static str, body: Value| stage.simulator.ctl(path, body);
    let updates = arguments.rate * arguments.seconds;
    let others = json!({
        "updates": updates, "users": arguments.chats, "rate": arguments.rate, "words": words,
        "wait": true, "timeout_s": 600,
        "mix": [{"text": "/start", "weight": 50}, {"text": "plain text {n}", "weight": 50}],
    });
    // Once for nothing: connections, caches and statements are there afterwards.
    let warm_up = json!({
        "updates": 200, "users": arguments.chats, "wait": true, "timeout_s": 600,
        "mix": [{"text": "/start"}], "words": words,
    });
    ctl("flood", warm_up.clone()).await.map_err(DrillError::Simulator)?;
    let idle = ctl("flood", others.clone()).await.map_err(DrillError::Simulator)?;

    for number in 0..arguments.queued {
        let text = format!("/search {}", slow_query(&words, number));
        ctl("message", json!({"user": BUSY, "text": text})).await.map_err(DrillError::Simulator)?;
    }
    // Telegram gives updates in their order: the others must not stand behind these.
    loop {
        let queue = ctl("queue", json!({})).await.map_err(DrillError::Simulator)?;
        if queue.get("pending").and_then(Value::as_u64) == Some(0) {
            break;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    // What storing them leaves behind (a checkpoint, a cold cache) is another matter.
    ctl("flood", warm_up).await.map_err(DrillError::Simulator)?;
    let db = stage.database().await?;
    let open_before = db.updates_of_chat(ChatId(BUSY), i64::MAX).await?.len();
    let beside = ctl("flood", others).await.map_err(DrillError::Simulator)?;
    let open = db.updates_of_chat(ChatId(BUSY), i64::MAX).await?.len();
    if bot.has_ended() {
        return Err(bot.ended());
    }
    bot.stop().await;

    let p99 = |report: &Value| {
        report.pointer("/enqueue_to_reply/p99_ms").and_then(Value::as_f64).unwrap_or(f64::NAN)
    };
    let shown = |report: &Value| report.get("enqueue_to_reply").map(Value::to_string);
    print(
        "neighbour",
        &[
            ("database", if database.is_some() { "postgres" } else { "sqlite" }.to_owned()),
            ("updates of the busy chat", arguments.queued.to_string()),
            ("of these open at the begin", open_before.to_string()),
            ("of these open at the end", open.to_string()),
            ("others, alone", shown(&idle).unwrap_or_default()),
            ("others, beside it", shown(&beside).unwrap_or_default()),
            ("p99 beside it / alone", format!("{:.2}", p99(&beside) / p99(&idle))),
        ],
    );
    Ok(())
}
