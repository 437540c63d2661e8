//! Memory while a large file is fetched: an upload of a size that only a local Bot API server
//! gives, streamed to disk and hashed.

use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::bot::Stage;
use super::error::DrillError;
use super::table::{mib, print};

/// Size of the file.
#[derive(Debug, Args)]
pub struct DownloadArguments {
    /// Mebibytes.
    #[arg(long, default_value_t = 500)]
    megabytes: u64,
}

/// The editor who sends the file.
const EDITOR: i64 = 2001;

/// Runs the drill.
pub async fn run(arguments: &DownloadArguments) -> Result<(), DrillError> {
    let mut stage = Stage::set(None, json!({"enabled": false})).await?;
    stage.set_value("telegram.download_limit_mb", "2000");
    stage.set_value("access.owners", &EDITOR.to_string());
    let simulator = Arc::clone(&stage.simulator);
    let ctl = |path: &'static str, body| simulator.ctl(path, body);
    // More than the public server gives, to see the stream: a local server copies files instead.
    ctl("config", json!({"download_limit_bytes": 4_000_u64 << 20}))
        .await
        .map_err(DrillError::Simulator)?;
    let bot = stage.start_bot().await?;
    let warm_up = json!({"user": EDITOR, "text": "/start", "wait": true});
    ctl("message", warm_up).await.map_err(DrillError::Simulator)?;
    let before = bot.usage();
    let begun = tokio::time::Instant::now();
    let size = arguments.megabytes * 1024 * 1024;
    let file = json!({"type": "document", "size": size, "name": "lecture.bin"});
    ctl("message", json!({"user": EDITOR, "file": file})).await.map_err(DrillError::Simulator)?;
    let indexed = json!({"chat": EDITOR, "regex": "Checked and indexed", "timeout_s": 300});
    ctl("wait", indexed).await.map_err(DrillError::Simulator)?;
    let took = begun.elapsed().max(Duration::from_millis(1));
    let after = bot.usage();
    bot.stop().await;
    print(
        "download",
        &[
            ("file", mib(size)),
            ("from message to index, s", format!("{:.2}", took.as_secs_f64())),
            ("memory before", mib(before.resident)),
            ("highest memory", mib(after.peak)),
            ("more than before", mib(after.peak.saturating_sub(before.resident))),
        ],
    );
    Ok(())
}
