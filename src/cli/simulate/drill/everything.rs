//! Everything at once: learners, editors and a broadcast, while the bot is killed again and again,
//! Telegram storms, and the servers behind the bot fail; then all is accounted for.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tgsim::util::now_us;
use tokio_util::sync::CancellationToken;

use super::scale::Scale;
use super::servers::Servers;
use super::storms;
use super::timeline::{Clock, Look, Span, Timeline, resumptions};
use crate::cli::simulate::bot::Stage;
use crate::cli::simulate::broadcast::rig::{ADMIN, LETTER, Rig};
use crate::cli::simulate::broadcast::sends::Sends;
use crate::cli::simulate::broadcast::tally::Tally;
use crate::cli::simulate::crash::{
    Aftermath, Crowd, Expected, How, Life, Load, Plan, Plant, live, network,
};
use crate::cli::simulate::error::DrillError;
use crate::cli::simulate::spread::Spread;
use crate::cli::simulate::{titles, usage};
use crate::domain::broadcast::{Broadcast, DoubtPolicy};
use crate::domain::ids::BroadcastId;

/// Who uses the bot: together with the broadcast they fill Telegram's limit of 30 messages a second.
const LEARNERS: usize = 200;
const RATE_PER_S: f64 = 12.0;
const EDITORS: u8 = 4;

/// Messages a second to one chat, for simulator and bot: twice what Telegram allows, so that a
/// dialog with an editor, of a dozen messages, is over in some seconds.
const CHAT_PER_S: u32 = 2;
const CHAT_BURST: u32 = 6;

/// Words of the library that learners search for: long ones, which no other text holds by chance.
const WORD_CHARS: usize = 8;

/// Pause between two looks at the bot's memory.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// How often, and how long apart, a question to a database that was cut off is asked.
const TRIES: u32 = 40;
const TRY_AGAIN: Duration = Duration::from_millis(50);

/// All that is known at the end.
pub struct Everything {
    pub aftermath: Aftermath,
    pub broadcast: Broadcast,
    pub recipients: i64,
    pub tally: Tally,
    /// Recipients that each kill has left in doubt.
    pub in_doubt: Vec<u64>,
    /// Waits for replies.
    pub replies: Spread,
    /// From the start of a process to its first poll, its first message, its first of the broadcast.
    pub first_polls: Spread,
    pub first_messages: Spread,
    pub resumed: Spread,
    /// The most memory that any process has had, bytes.
    pub peak: u64,
    pub logged_errors: Vec<String>,
    pub timeline: Timeline,
}

/// Runs it. `database` is empty; `planted` is a fault that must be found.
pub async fn run(
    scale: &Scale,
    servers: &Servers,
    database: Option<&str>,
    planted: Option<Plant>,
    seed: u64,
) -> Result<Everything, DrillError> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut stage = set_stage(servers, database, planted).await?;
    let rig = Rig::set(&stage, scale.recipients()).await?;
    let mut words = titles::fill(&rig.db, scale.titles).await?;
    words.retain(|word| word.len() >= WORD_CHARS);
    let load = Load {
        learners: LEARNERS,
        rate_per_s: RATE_PER_S,
        editors: EDITORS,
        words,
        is_impatient: planted.is_some(),
    };
    let crowd = Crowd::begin(&stage, &rig.db, &load, &mut random).await?;
    // The bot takes the letter for a search, as nobody has told it what it is.
    let answer = Expected::text(LETTER.trim_end_matches('.'));
    crowd.diary().open().said(rig.letter_update, ADMIN, vec![answer]);
    crowd.diary().open().told(ADMIN, Expected::text("Broadcast is done"));
    let id = rig.confirm(false, DoubtPolicy::Skip).await?;
    let whole = Duration::from_secs(u64::from(scale.seconds));
    let begun_us = now_us();
    let (over, pid) = (CancellationToken::new(), stage.pid());
    let watching = tokio::spawn(watch(pid, over.clone()));
    let raging = tokio::spawn(storms::rage(Arc::clone(&stage.simulator), servers.clone(), whole));

    let kills = u32::try_from(scale.kills.max(1)).unwrap_or(u32::MAX);
    let plan = Plan { how: How::Kill, ends: scale.kills, calm: whole / kills };
    let mut in_doubt = Vec::new();
    let note = async |_: &Stage, _| {
        in_doubt.push(left_in_doubt(&rig, id).await?);
        Ok(())
    };
    let (lives, bot) = live(&mut stage, plan, &mut random, note).await?;
    let storms = joined(raging.await)?;
    let broadcast = rig.wait(id).await?;
    let aftermath = Aftermath::of(&stage, crowd, lives, bot).await?;
    over.cancel();
    let looks = joined(watching.await.map(Ok))?;
    let clock = Clock { begun_us, ended_us: now_us() };
    let sends = Sends::read(&stage).await?;
    let waits = aftermath.waits();
    Ok(Everything {
        tally: Tally::read(&stage, &rig, scale.recipients()).await?,
        replies: Spread::of(waits.iter().map(|(_, took)| *took).collect()),
        first_polls: Spread::of_times(aftermath.lives.iter().filter_map(|life| life.first_poll)),
        first_messages: Spread::of_times(aftermath.first_messages()),
        resumed: Spread::of_times(resumptions(&aftermath.lives, &sends.bulk)),
        peak: looks.iter().map(|look| look.peak).max().unwrap_or(0),
        logged_errors: stage.logged_errors(),
        timeline: draw_up(&stage, clock, &waits, &aftermath.lives, &sends, &looks, &storms).await?,
        aftermath,
        broadcast,
        recipients: scale.recipients(),
        in_doubt,
    })
}

async fn set_stage(
    servers: &Servers,
    database: Option<&str>,
    planted: Option<Plant>,
) -> Result<Stage, DrillError> {
    let limits =
        json!({"lenient_replies": true, "chat_per_s": CHAT_PER_S, "chat_burst": CHAT_BURST + 1});
    let mut stage = Stage::set(database, limits).await?;
    stage.set_value("outbound.chat_rate_per_s", &CHAT_PER_S.to_string());
    stage.set_value("outbound.chat_burst", &CHAT_BURST.to_string());
    stage.set_value("jobs.backoff_base_s", "0.1");
    if let Some(redis) = servers.redis() {
        stage.set_value("redis.url", redis);
    }
    stage.ctl("faults", json!({"rules": network(), "files": {"throttle_bps": 8_000}})).await?;
    // Which press a call answers stands in its parameters: they are kept to the end.
    stage.ctl("record", json!({"keep_params": 3_000_000})).await?;
    if let Some(planted) = planted {
        planted.put_into(&stage).await?;
    }
    Ok(stage)
}

/// A database that was cut off a moment ago is asked again.
async fn left_in_doubt(rig: &Rig, id: BroadcastId) -> Result<u64, DrillError> {
    let mut tries = 1;
    loop {
        match rig.in_doubt(id).await {
            Err(DrillError::Store(error)) if error.is_passing() && tries < TRIES => {
                tries += 1;
                tokio::time::sleep(TRY_AGAIN).await;
            }
            found => return found,
        }
    }
}

/// Looks at the memory of whatever process is the bot.
async fn watch(pid: Arc<AtomicU32>, over: CancellationToken) -> Vec<Look> {
    let mut looks = Vec::new();
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    while over.run_until_cancelled(ticks.tick()).await.is_some() {
        let pid = pid.load(Ordering::Relaxed);
        let used = usage::of_process(pid);
        looks.push(Look { at_us: now_us(), pid, resident: used.resident, peak: used.peak });
    }
    looks
}

fn joined<T>(
    ended: Result<Result<T, DrillError>, tokio::task::JoinError>,
) -> Result<T, DrillError> {
    ended.unwrap_or_else(|error| Err(DrillError::Simulator(error.to_string())))
}

async fn draw_up(
    stage: &Stage,
    clock: Clock,
    waits: &[(u64, u64)],
    lives: &[Life],
    sends: &Sends,
    looks: &[Look],
    storms: &[Span],
) -> Result<Timeline, DrillError> {
    let stats = stage.ctl("stats", json!({"series": true})).await?;
    let seconds = stats.get("seconds").and_then(Value::as_f64).unwrap_or(0.0);
    let lasted = Duration::try_from_secs_f64(seconds).unwrap_or_default();
    let since_us = now_us().saturating_sub(u64::try_from(lasted.as_micros()).unwrap_or(0));
    let series = stats.get("series").and_then(Value::as_array).cloned().unwrap_or_default();
    let handed: Vec<f64> =
        series.iter().map(|row| row.get(0).and_then(Value::as_f64).unwrap_or(0.0)).collect();
    let begun = Duration::from_micros(clock.begun_us).as_secs_f64();
    let (p50_ms, p99_ms) = clock.percentiles(waits);
    let (kills, polls) = clock.marks(lives);
    let storm = |span: &Span| (clock.at(span.from_us), clock.at(span.to_us), span.name);
    Ok(Timeline {
        seconds: f64::from(clock.seconds()),
        p50_ms,
        p99_ms,
        updates: clock.counts(&handed, since_us),
        bulk: Sends::per_second(&sends.bulk, begun, clock.seconds()),
        memory_mb: clock.memory(looks),
        kills,
        polls,
        storms: storms.iter().map(storm).collect(),
    })
}
