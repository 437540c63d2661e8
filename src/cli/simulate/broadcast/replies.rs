//! How long people wait for replies, without and during a broadcast.

use serde_json::{Value, json};

use super::RepliesArguments;
use super::rig::{Rig, TALKERS};
use super::sends::Sends;
use crate::cli::simulate::bot::Stage;
use crate::cli::simulate::error::DrillError;
use crate::cli::simulate::table::{figure, print};
use crate::domain::broadcast::{Control, DoubtPolicy};
use crate::domain::clock::{Clock as _, SystemClock};
use crate::store::Db;

/// People who talk: enough that none is over their own limit.
const TALKERS_COUNT: usize = 2_000;

/// Recipients a second, at most.
const BULK_PER_S: u32 = 30;

/// How long people waited, from the hand-out of an update to its reply.
#[derive(Debug, Clone, Copy, Default)]
pub struct Latency {
    pub p50_ms: f64,
    pub p99_ms: f64,
}

/// What one run has measured.
pub struct Heard {
    pub alone: Latency,
    /// During a broadcast.
    pub beside: Latency,
    limits: String,
    /// Answers of 429.
    refused: usize,
}

/// Runs the drill.
pub async fn run(arguments: &RepliesArguments, database: Option<&str>) -> Result<(), DrillError> {
    let mut runs: Vec<Heard> = Vec::new();
    for run in 0..arguments.runs {
        let heard = measure(arguments, database).await?;
        let (alone, beside) = (heard.alone.p99_ms, heard.beside.p99_ms);
        crate::cli::say(&format!(
            "run {}: p99 alone {alone} ms, during the broadcast {beside} ms",
            run + 1
        ));
        runs.push(heard);
    }
    let median_of = |of: fn(&Heard) -> f64| median(runs.iter().map(of).collect());
    let idle = median_of(|heard| heard.alone.p99_ms);
    let busy = median_of(|heard| heard.beside.p99_ms);
    print(
        "replies during a broadcast",
        &[
            ("limits", runs.last().map(|heard| heard.limits.clone()).unwrap_or_default()),
            ("replies of a run", arguments.replies.to_string()),
            ("per second", arguments.rate.to_string()),
            ("p99 alone, median, ms", format!("{idle:.1}")),
            ("p99 during the broadcast, median, ms", format!("{busy:.1}")),
            ("difference, ms", format!("{:.1}", busy - idle)),
            ("answers of 429", runs.iter().map(|heard| heard.refused).sum::<usize>().to_string()),
        ],
    );
    Ok(())
}

/// One run. It has people and an empty ledger of its own, as far as the database allows.
pub async fn measure(
    arguments: &RepliesArguments,
    database: Option<&str>,
) -> Result<Heard, DrillError> {
    let mut stage = Stage::set(database, json!({"lenient_replies": !arguments.strict})).await?;
    let seconds = arguments.replies.div_ceil(arguments.rate.max(1)) + 30;
    let rig = Rig::set(&stage, i64::from(seconds * BULK_PER_S)).await?;
    let bot = stage.start_bot().await?;
    let (alone, _) = talk(&stage, arguments).await?;
    let id = rig.confirm(false, DoubtPolicy::Skip).await?;
    until_sending(&rig.db, &stage).await?;
    let (beside, report) = talk(&stage, arguments).await?;
    rig.db.broadcast_control(id, Control::Cancel, SystemClock.now()).await?;
    bot.stop().await;
    let refused = Sends::read(&stage).await?.refused;
    Ok(Heard { alone, beside, limits: figure(&report, "limits"), refused })
}

/// How long people waited, and the whole report.
async fn talk(stage: &Stage, arguments: &RepliesArguments) -> Result<(Latency, Value), DrillError> {
    let flood = json!({
        "updates": arguments.replies, "users": TALKERS_COUNT, "first_user": TALKERS,
        "rate": arguments.rate, "wait": true, "timeout_s": 3_600,
        "mix": [{"text": "/help {n}", "weight": 1}],
    });
    let report = stage.ctl("flood", flood).await?;
    let ms = |name: &str| {
        let figure = report.pointer(&format!("/handout_to_reply/{name}")).and_then(Value::as_f64);
        figure.ok_or_else(|| DrillError::Simulator("a report without latencies".to_owned()))
    };
    let latency = Latency { p50_ms: ms("p50_ms")?, p99_ms: ms("p99_ms")? };
    let unanswered = report.get("unanswered").and_then(Value::as_u64);
    if unanswered != Some(0) {
        return Err(DrillError::Broken(format!("not everybody was answered: {report}")));
    }
    Ok((latency, report))
}

async fn until_sending(db: &Db, stage: &Stage) -> Result<(), DrillError> {
    while Sends::read(stage).await?.bulk.is_empty() {
        if db.broadcasts_open().await?.is_empty() {
            return Err(DrillError::Broken("the broadcast does not begin".to_owned()));
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    Ok(())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}
