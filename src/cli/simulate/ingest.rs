//! Durable ingestion alone: how near the ledger comes to one full batch per round trip and commit.
//!
//! A poller of its own asks the simulator, over a connection with a round trip of `rtt_ms`, and
//! stores each batch before it asks for the next; nothing works the updates off. The bound is what
//! that order allows: a batch of 100 updates in the time of one round trip and one commit of a
//! single row, measured here before.

use std::time::Duration;

use clap::Args;
use serde_json::json;
use tokio::time::Instant;

use super::bot::Stage;
use super::error::DrillError;
use super::table::{percentile, print};
use crate::app;
use crate::domain::clock::{Clock as _, SystemClock};
use crate::domain::ids::ChatId;
use crate::store::Db;
use crate::store::records::NewUpdate;
use crate::telegram::{Lane, UPDATES_LIMIT};

/// How much, and how far away.
#[derive(Debug, Args)]
pub struct IngestArguments {
    /// Updates that wait.
    #[arg(long, default_value_t = 20_000)]
    updates: usize,
    /// Round trip to Telegram, in milliseconds.
    #[arg(long, default_value_t = 50)]
    rtt_ms: u64,
}

/// Commits that are measured for the bound.
const COMMITS: i64 = 200;

/// Runs the drill.
pub async fn run(arguments: &IngestArguments, database: Option<&str>) -> Result<(), DrillError> {
    let stage = Stage::set(database, json!({"enabled": false})).await?;
    let db = stage.database().await?;
    let commit = median_commit(&db).await?;
    let client = stage.client(Lane::Poll)?;
    let intake = app::bare_intake(&db, client.bot_id());

    let kind = json!({"latency": {"dist": "const", "ms": arguments.rtt_ms}});
    let faults = json!({"rules": [{"kind": kind, "methods": ["getUpdates"]}]});
    stage.simulator.ctl("faults", faults).await.map_err(DrillError::Simulator)?;
    let flood = json!({
        "updates": arguments.updates, "users": 2_000, "mix": [{"text": "plain text {n}"}],
        "timeout_s": 600,
    });
    stage.simulator.ctl("flood", flood).await.map_err(DrillError::Simulator)?;

    let (mut offset, mut stored, mut batches, mut trips) = (None, 0, 0_u32, Vec::new());
    let begun = Instant::now();
    while stored < arguments.updates {
        let asked = Instant::now();
        let batch = client.get_updates(offset, UPDATES_LIMIT, 0, &["message"]).await?;
        trips.push(micros(asked.elapsed()));
        let kept = intake.store(&batch.updates, SystemClock.now()).await?;
        offset = kept.next_offset.or(offset);
        stored += kept.new;
        batches += 1;
    }
    let took = begun.elapsed();

    trips.sort_unstable();
    let trip = Duration::from_micros(percentile(&trips, 50));
    let bound_per_s = f64::from(UPDATES_LIMIT) / (trip + commit).as_secs_f64();
    let count = u32::try_from(arguments.updates).unwrap_or(u32::MAX);
    let per_s = f64::from(count) / took.as_secs_f64();
    print(
        "ingest",
        &[
            ("database", db.backend_name().to_owned()),
            ("updates", arguments.updates.to_string()),
            ("batches", batches.to_string()),
            ("round trip, median ms", millis(trip)),
            ("commit of one row, median ms", millis(commit)),
            ("updates/s", format!("{per_s:.0}")),
            ("100 per round trip and commit, updates/s", format!("{bound_per_s:.0}")),
            ("share of it", format!("{:.1} %", 100.0 * per_s / bound_per_s)),
        ],
    );
    Ok(())
}

/// The time of a commit of a single row, after some to warm up.
async fn median_commit(db: &Db) -> Result<Duration, DrillError> {
    let mut times = Vec::new();
    for number in 0..COMMITS {
        // Below all numbers that the simulator gives.
        let row = NewUpdate {
            update_id: -number,
            chat: ChatId(1),
            kind: "message".to_owned(),
            raw: "{}".to_owned(),
            ignored: true,
        };
        let begun = Instant::now();
        db.updates_insert(0, vec![row], SystemClock.now()).await?;
        times.push(micros(begun.elapsed()));
    }
    times.sort_unstable();
    Ok(Duration::from_micros(percentile(&times, 50)))
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

fn millis(time: Duration) -> String {
    format!("{:.2}", time.as_secs_f64() * 1_000.0)
}
