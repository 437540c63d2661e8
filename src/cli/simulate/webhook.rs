//! A burst of updates posted to the bot: how fast they are stored and acknowledged.

use std::net::{Ipv4Addr, TcpListener};

use clap::Args;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::bot::{LOOK_EVERY, Stage};
use super::error::DrillError;
use super::table::{figure, mib, print};

/// The burst.
#[derive(Debug, Args)]
pub struct WebhookArguments {
    /// Updates of the burst.
    #[arg(long, default_value_t = 2_000)]
    updates: usize,
    /// Chats they come from.
    #[arg(long, default_value_t = 200)]
    chats: usize,
    /// Connections that the simulator may use, 1 to 100.
    #[arg(long, default_value_t = 40)]
    connections: usize,
}

/// Updates that make the simulator open its connections before the burst.
const WARM_UP: usize = 2_000;

/// Runs the drill.
pub async fn run(arguments: &WebhookArguments, database: Option<&str>) -> Result<(), DrillError> {
    let mut stage = Stage::set(database, json!({"enabled": false})).await?;
    stage.set_value("outbound.limits_enabled", "false");
    let listen = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map_err(DrillError::system("no free port on loopback"))?;
    stage.set_value("web.public_listen", &listen.to_string());
    stage.set_value("telegram.webhook_url", &format!("http://{listen}/telegram/webhook"));
    stage.set_value("telegram.webhook_secret", "the-secret-of-the-drill");
    stage.set_value("telegram.webhook_connections", &arguments.connections.to_string());
    let bot = stage.start_bot().await?;
    flood(&stage, WARM_UP, arguments.chats).await?;
    finish(&stage).await?;

    let begun = Instant::now();
    flood(&stage, arguments.updates, arguments.chats).await?;
    while acknowledged(&stage).await? < WARM_UP + arguments.updates {
        tokio::time::sleep(LOOK_EVERY).await;
    }
    let acknowledged = begun.elapsed();
    let report = finish(&stage).await?;
    let used = bot.usage();
    bot.stop().await;
    let stats = stage.simulator.ctl("stats", json!({})).await.map_err(DrillError::Simulator)?;
    let posted = stats.get("webhook").cloned().unwrap_or_default();
    let updates = u128::try_from(arguments.updates).unwrap_or(u128::MAX);
    let per_second = updates.saturating_mul(1_000_000) / acknowledged.as_micros().max(1);
    print(
        "webhook",
        &[
            ("database", if database.is_some() { "postgres" } else { "sqlite" }.to_owned()),
            ("updates", arguments.updates.to_string()),
            ("chats", arguments.chats.to_string()),
            ("all acknowledged, ms", acknowledged.as_millis().to_string()),
            ("acknowledged updates/s", per_second.to_string()),
            ("answered updates/s", figure(&report, "updates_per_s")),
            ("unanswered", figure(&report, "unanswered")),
            ("order violations", figure(&report, "order_violations")),
            ("connections", figure(&posted, "connections")),
            ("posts at once", figure(&posted, "at_once")),
            ("posts that failed", figure(&posted, "failures")),
            ("memory of the bot", mib(used.resident)),
        ],
    );
    Ok(())
}

async fn flood(stage: &Stage, updates: usize, chats: usize) -> Result<Value, DrillError> {
    let mix = json!([{"text": "/start", "weight": 30}, {"text": "plain text {n}", "weight": 70}]);
    let flood = json!({"updates": updates, "users": chats, "mix": mix, "timeout_s": 600});
    stage.simulator.ctl("flood", flood).await.map_err(DrillError::Simulator)
}

/// Updates that the bot has acknowledged since its start.
async fn acknowledged(stage: &Stage) -> Result<usize, DrillError> {
    let stats = stage.simulator.ctl("stats", json!({})).await.map_err(DrillError::Simulator)?;
    let count = |pointer: &str| stats.pointer(pointer).and_then(Value::as_u64).unwrap_or(0);
    let enqueued = count("/updates/enqueued");
    Ok(usize::try_from(enqueued.saturating_sub(count("/pending_updates"))).unwrap_or(0))
}

async fn finish(stage: &Stage) -> Result<Value, DrillError> {
    stage.simulator.ctl("flood/wait", json!({})).await.map_err(DrillError::Simulator)
}
