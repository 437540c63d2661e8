//! A queued backlog: how fast updates are worked off with durable commits, all limits off.

use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};

use super::bot::Stage;
use super::error::DrillError;
use super::table::{figure, mib, print};
use super::titles;
use super::usage::{self, Usage};

/// Size of the backlog.
#[derive(Debug, Args)]
pub struct BacklogArguments {
    /// Updates that wait when the bot starts.
    #[arg(long, default_value_t = 20_000)]
    pub updates: usize,
    /// Chats they are spread over.
    #[arg(long, default_value_t = 2_000)]
    pub chats: usize,
    /// Titles in the library.
    #[arg(long, default_value_t = 100_000)]
    pub titles: usize,
}

/// What was measured.
pub struct Drained {
    /// The simulator's own report.
    pub report: Value,
    /// Calls that Telegram would not have taken.
    violations: Value,
    /// What the bot has used.
    pub used: Usage,
    /// Processor time of the simulator.
    simulator: Duration,
}

/// Works the backlog off.
pub async fn measure(
    arguments: &BacklogArguments,
    database: Option<&str>,
) -> Result<Drained, DrillError> {
    let mut stage = Stage::set(database, json!({"enabled": false})).await?;
    stage.set_value("outbound.limits_enabled", "false");
    let words = titles::fill(&stage.database().await?, arguments.titles).await?;
    let flood = json!({
        "updates": arguments.updates, "users": arguments.chats, "words": words, "timeout_s": 600,
        "mix": [
            {"text": "/start", "weight": 20},
            {"text": "/search {word}", "weight": 50},
            {"text": "plain text {n}", "weight": 30},
        ],
    });
    let simulator = Arc::clone(&stage.simulator);
    let ctl = |path: &'static str, body: Value| simulator.ctl(path, body);
    ctl("flood", flood).await.map_err(DrillError::Simulator)?;
    let own_before = usage::of_process(std::process::id());
    let bot = stage.start_bot().await?;
    let report = ctl("flood/wait", json!({})).await.map_err(DrillError::Simulator)?;
    let own = usage::of_process(std::process::id()).cpu.saturating_sub(own_before.cpu);
    let used = bot.usage();
    bot.stop().await;
    let violations = ctl("violations", json!({})).await.map_err(DrillError::Simulator)?;
    Ok(Drained { report, violations, used, simulator: own })
}

/// Runs the drill.
pub async fn run(arguments: &BacklogArguments, database: Option<&str>) -> Result<(), DrillError> {
    let Drained { report, violations, used, simulator } = measure(arguments, database).await?;
    let reported = |name: &str| figure(&report, name);
    print(
        "backlog",
        &[
            ("database", if database.is_some() { "postgres" } else { "sqlite" }.to_owned()),
            ("limits", reported("limits")),
            ("updates", arguments.updates.to_string()),
            ("chats", arguments.chats.to_string()),
            ("titles", arguments.titles.to_string()),
            ("drain, s", reported("drain_s")),
            ("updates/s", reported("updates_per_s")),
            ("unanswered", reported("unanswered")),
            ("answered twice", reported("answered_twice")),
            ("order violations", reported("order_violations")),
            ("cpu of the bot, s", format!("{:.2}", used.cpu.as_secs_f64())),
            ("cpu of the simulator, s", format!("{:.2}", simulator.as_secs_f64())),
            ("peak memory of the bot", mib(used.peak)),
            ("schema violations", figure(&violations, "count")),
        ],
    );
    Ok(())
}
