//! Replies at a steady rate: how long a person waits.

use std::sync::Arc;

use clap::Args;
use serde_json::{Value, json};

use super::bot::Stage;
use super::error::DrillError;
use super::table::{figure, mib, print};
use super::titles;

/// The load.
#[derive(Debug, Args)]
pub struct ReplyArguments {
    /// Updates per second.
    #[arg(long, default_value_t = 50)]
    rate: usize,
    /// How long, in seconds.
    #[arg(long, default_value_t = 30)]
    seconds: usize,
    /// Chats they come from.
    #[arg(long, default_value_t = 2_000)]
    chats: usize,
    /// Titles in the library.
    #[arg(long, default_value_t = 100_000)]
    titles: usize,
}

/// Runs the drill.
pub async fn run(arguments: &ReplyArguments, database: Option<&str>) -> Result<(), DrillError> {
    // Telegram does not hold replies to the limit for bulk messages.
    let mut stage = Stage::set(database, json!({"lenient_replies": true})).await?;
    let words = titles::fill(&stage.database().await?, arguments.titles).await?;
    let bot = stage.start_bot().await?;
    let flood = json!({
        "updates": arguments.rate * arguments.seconds, "users": arguments.chats,
        "rate": arguments.rate, "words": words, "wait": true, "timeout_s": 600,
        "mix": [
            {"text": "/start", "weight": 20},
            {"text": "/search {word}", "weight": 50},
            {"text": "plain text {n}", "weight": 30},
        ],
    });
    let simulator = Arc::clone(&stage.simulator);
    let ctl = |path: &'static str, body: Value| simulator.ctl(path, body);
    let report = ctl("flood", flood).await.map_err(DrillError::Simulator)?;
    let used = bot.usage();
    bot.stop().await;
    let reported = |name: &str| figure(&report, name);
    print(
        "reply",
        &[
            ("database", if database.is_some() { "postgres" } else { "sqlite" }.to_owned()),
            ("limits", reported("limits")),
            ("updates/s", arguments.rate.to_string()),
            ("titles", arguments.titles.to_string()),
            ("latency from enqueueing", reported("enqueue_to_reply")),
            ("unanswered", reported("unanswered")),
            ("answered twice", reported("answered_twice")),
            ("order violations", reported("order_violations")),
            ("memory of the bot", mib(used.resident)),
        ],
    );
    Ok(())
}
