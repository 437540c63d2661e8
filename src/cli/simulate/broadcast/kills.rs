//! Kills in mid-broadcast: nobody is lost, few are in doubt, and it goes on at once.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::KillsArguments;
use super::limits::seconds;
use super::rig::Rig;
use super::sends::Sends;
use super::tally::Tally;
use crate::cli::simulate::bot::{RunningBot, Stage};
use crate::cli::simulate::error::DrillError;
use crate::cli::simulate::table::{percentile, print, progress};
use crate::domain::broadcast::DoubtPolicy;

/// A life ends so long after the broadcast has gone on in it, at least and at most.
const LIFE_MS: std::ops::Range<u64> = 200..3_000;

/// Pause between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Longest wait for the first message of a life.
const RESUME_WITHIN: Duration = Duration::from_mins(1);

/// Runs the drill.
pub async fn run(arguments: &KillsArguments, database: Option<&str>) -> Result<(), DrillError> {
    let seed = arguments.seed.unwrap_or_else(|| fastrand::u64(..1_000_000));
    let mut random = fastrand::Rng::with_seed(seed);
    let mut stage = Stage::set(database, json!({})).await?;
    if let Some(redis) = &arguments.redis {
        stage.set_value("redis.url", redis);
    }
    let far = json!({"rules": [
        {"kind": {"latency_before": {"dist": "exp", "mean_ms": 10}}, "methods": ["copyMessage"]},
        {"kind": {"latency": {"dist": "exp", "mean_ms": 25}}, "methods": ["copyMessage"]},
    ]});
    stage.simulator.ctl("faults", far).await.map_err(DrillError::Simulator)?;
    let rig = Rig::set(&stage, arguments.recipients).await?;
    let policy = if arguments.resend { DoubtPolicy::Resend } else { DoubtPolicy::Skip };
    let mut bot = stage.start_bot().await?;
    let id = rig.confirm(false, policy).await?;
    let mut kills = Kills::default();
    for kill in 0..arguments.kills {
        let resumed = resumed(&stage, &bot, kills.sent).await?;
        if kill > 0 {
            kills.resumed_us.push(resumed);
        }
        tokio::time::sleep(Duration::from_millis(random.u64(LIFE_MS))).await;
        if rig.look(id).await?.state.is_over() {
            return Err(DrillError::Broken(format!(
                "over after {kill} kills: more recipients are needed"
            )));
        }
        bot.kill_tree().await;
        kills.sent = bulk(&stage).await?;
        let left = rig.in_doubt(id).await?;
        bot = stage.launch_bot().await?;
        kills.in_doubt.push(left);
        progress(
            usize::try_from(kill + 1).unwrap_or(0),
            usize::try_from(arguments.kills).unwrap_or(0),
            "kills",
        );
    }
    let broadcast = rig.wait(id).await?;
    bot.stop().await;
    let tally = Tally::read(&stage, &rig, arguments.recipients).await?;
    let marked = broadcast.progress.in_doubt;
    show(arguments, &rig, &mut kills, &tally, marked, seed);
    Rig::check(&broadcast, arguments.recipients)?;
    let breaches = tally.breaches(marked, &kills.in_doubt, arguments.resend);
    if breaches.is_empty() { Ok(()) } else { Err(DrillError::Broken(breaches.join("\n"))) }
}

/// What the kills have done.
#[derive(Default)]
struct Kills {
    /// Bulk messages at the last kill.
    sent: usize,
    resumed_us: Vec<u64>,
    /// Launched recipients without an outcome, at each kill.
    in_doubt: Vec<u64>,
}

/// Waits for a bulk message of this life; gives how long that took from the start of the process,
/// in microseconds.
async fn resumed(stage: &Stage, bot: &RunningBot, sent: usize) -> Result<u64, DrillError> {
    let begun = Instant::now();
    loop {
        if bulk(stage).await? > sent {
            let launched = seconds(bot.launched_us);
            let calls = Sends::read(stage).await?.bulk;
            let first = calls.into_iter().find(|at| *at > launched).unwrap_or(launched);
            let after = Duration::try_from_secs_f64(first - launched).unwrap_or_default();
            return Ok(u64::try_from(after.as_micros()).unwrap_or(u64::MAX));
        }
        if begun.elapsed() > RESUME_WITHIN {
            return Err(DrillError::Broken("the broadcast does not go on".to_owned()));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Bulk messages so far.
async fn bulk(stage: &Stage) -> Result<usize, DrillError> {
    let stats = stage.simulator.ctl("stats", json!({})).await.map_err(DrillError::Simulator)?;
    let count = stats.pointer("/methods/copyMessage/statuses/200").and_then(Value::as_u64);
    Ok(usize::try_from(count.unwrap_or(0)).unwrap_or(usize::MAX))
}

fn show(
    arguments: &KillsArguments,
    rig: &Rig,
    kills: &mut Kills,
    tally: &Tally,
    marked: u64,
    seed: u64,
) {
    kills.resumed_us.sort_unstable();
    let most = kills.in_doubt.iter().max().copied().unwrap_or(0);
    let resumed = |share| format!("{}", percentile(&kills.resumed_us, share) / 1_000);
    let redis = if arguments.redis.is_some() { " + redis" } else { "" };
    print(
        "kills in a broadcast",
        &[
            ("database", format!("{}{redis}", rig.db.backend_name())),
            ("seed", seed.to_string()),
            ("kills", arguments.kills.to_string()),
            ("recipients", arguments.recipients.to_string()),
            ("policy", if arguments.resend { "send again" } else { "skip and report" }.to_owned()),
            ("got it once", tally.once.to_string()),
            ("got it twice", tally.twice.to_string()),
            ("got nothing", tally.nothing.to_string()),
            ("reported as in doubt", marked.to_string()),
            ("left in doubt by a kill, at most", most.to_string()),
            ("first message after the start, median ms", resumed(50)),
            ("first message after the start, worst ms", resumed(100)),
            ("answers of 429", tally.refused.to_string()),
        ],
    );
}
