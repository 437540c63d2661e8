//! The crash drill: load, and a bot that is ended again and again.
//!
//! Learners and editors use the bot through the simulator while its whole process tree is killed
//! (or stopped in order) at random moments and started again at once. At the end everything is
//! worked off, and what was offered is compared with the simulator's own record and the database
//! ([`compare`]). Fails when anything was lost, doubled, reordered, or put aside without guilt, or
//! when more was sent again than can have been in flight.
//!
//! The simulator forgets an update as Telegram does, when a poll with a higher offset comes: a bot
//! that acknowledges before its commit loses updates here. `--plant early-acknowledgement` makes
//! the simulator behave as it would towards such a bot, and so shows that the drill finds it.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::bot::{LOOK_EVERY, Stage};
use super::error::DrillError;
use super::titles;
use crate::domain::clock::{Clock as _, SystemClock};
use crate::domain::ids::{IdSource, UserId};
use crate::domain::role::Role;
use crate::store::Db;
use compare::{Sent, compare};
use diary::SharedDiary;
use editors::{Editor, FIRST_EDITOR, PATIENCE_S};
use lives::Life;
use load::{Learners, Primer};
use report::Report;

mod compare;
mod diary;
mod editors;
mod lives;
mod load;
mod moments;
mod report;

/// What is done to the bot, and under which load.
#[derive(Debug, Args)]
pub struct CrashArguments {
    /// How often the bot is ended.
    #[arg(long, default_value_t = 20)]
    kills: usize,
    /// By which signal.
    #[arg(long, value_enum, default_value_t = How::Kill)]
    signal: How,
    /// Seed of moments and load; a random one is drawn and printed.
    #[arg(long)]
    seed: Option<u64>,
    /// Redis of the bot.
    #[arg(long, value_name = "URL")]
    redis: Option<String>,
    /// Another executable of the bot, in place of this program.
    #[arg(long, value_name = "PATH")]
    bot: Option<PathBuf>,
    /// What learners do, per second.
    #[arg(long, default_value_t = 50.0)]
    rate: f64,
    /// How many learners.
    #[arg(long, default_value_t = 50)]
    learners: usize,
    /// How many editors; each uploads one file after the other.
    #[arg(long, default_value_t = 4)]
    editors: u8,
    /// How the figures are printed.
    #[arg(long, value_enum, default_value_t = Output::Table)]
    output: Output,
    /// Plants a fault that the drill must find.
    #[arg(long, value_enum, hide = true)]
    plant: Option<Plant>,
}

/// How the bot is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum How {
    /// SIGKILL, to the bot and the inspectors that it has started.
    Kill,
    /// SIGTERM: it ends in order.
    Term,
    /// SIGTERM twice: it ends on the spot.
    Twice,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    Table,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Plant {
    /// As if each batch were acknowledged before it is stored.
    EarlyAcknowledgement,
}

/// Published materials that learners fetch.
const PRIMERS: [&str; 6] =
    ["Primer Ash", "Primer Birch", "Primer Cedar", "Primer Elm", "Primer Fir", "Primer Oak"];

/// Longest wait for everything to be worked off.
const DRAIN_WITHIN: Duration = Duration::from_mins(3);

/// A process that was just started cannot have sent anything within so many microseconds; what
/// comes by then is its predecessor's last request, read late.
const HANDOVER_US: u64 = 5_000;

/// Runs the drill.
pub async fn run(arguments: &CrashArguments, database: Option<&str>) -> Result<(), DrillError> {
    let seed = arguments.seed.unwrap_or_else(|| fastrand::u64(..1_000_000));
    let mut random = fastrand::Rng::with_seed(seed);
    let mut stage = set_stage(arguments, database).await?;
    // Closed again: a database that another process has open needs no recovery after a kill.
    let primers = prepare(&stage, &stage.database().await?, arguments.editors).await?;
    let diary = Arc::new(SharedDiary::default());
    let stop = CancellationToken::new();
    let mut load = start_load(&stage, arguments, primers, &diary, &stop, &mut random);

    let (lives, bot) =
        lives::live(&mut stage, arguments.signal, arguments.kills, &mut random).await?;
    stop.cancel();
    while let Some(ended) = load.join_next().await {
        ended.unwrap_or_else(|error| Err(DrillError::Simulator(error.to_string())))?;
    }
    let db = stage.database().await?;
    let is_drained = drain(&stage, &db).await?;
    let audit = db.audit().await?;
    let (launched_us, first_poll) = (bot.launched_us, bot.first_poll);
    let end = lives::stop(bot, How::Term).await;
    let last = Life { launched_us, first_poll, end };
    let lives: Vec<Life> = lives.into_iter().chain([last]).collect();

    let sent = sent(&stage, &lives).await?;
    let may_repeat: Vec<bool> = lives.iter().map(|life| life.end.leaves_doubt()).collect();
    let answered = answered(&stage).await?;
    let diary = diary.open();
    let unanswered = diary.queries.iter().filter(|query| !answered.contains(*query));
    let report = Report {
        database: db.backend_name(),
        with_redis: arguments.redis.is_some(),
        seed,
        updates: diary.updates.len(),
        dialogs: diary.uploads.len(),
        messages: sent.len(),
        presses: diary.queries.len(),
        presses_unanswered: unanswered.count(),
        is_drained,
        findings: compare(&diary, &sent, &audit, &may_repeat),
        lives,
        logged_errors: stage.logged_errors(),
    };
    report.tell(arguments.output == Output::Json)
}

async fn set_stage(
    arguments: &CrashArguments,
    database: Option<&str>,
) -> Result<Stage, DrillError> {
    let mut stage = Stage::set(database, json!({"enabled": false})).await?;
    // What is in flight is limited by the gate's window alone.
    stage.set_value("outbound.limits_enabled", "false");
    stage.set_value("jobs.backoff_base_s", "0.1");
    if let Some(redis) = &arguments.redis {
        stage.set_value("redis.url", redis);
    }
    if let Some(program) = &arguments.bot {
        stage.set_program(program.clone());
    }
    let ctl = |call: &'static str, body| stage.simulator.ctl(call, body);
    // As far as a data centre: so that sends are in flight, and jobs under way, at any moment.
    let before = json!({"dist": "exp", "mean_ms": 10});
    let after = json!({"dist": "exp", "mean_ms": 25});
    let faults = json!({
        "rules": [
            {"kind": {"latency_before": before}, "methods": ["send*", "edit*"]},
            {"kind": {"latency": after}, "methods": ["send*", "edit*"]},
        ],
        "files": {"throttle_bps": 8_000},
    });
    ctl("faults", faults).await.map_err(DrillError::Simulator)?;
    // Which press a call answers stands in its parameters: they are kept to the end.
    ctl("record", json!({"keep_params": 3_000_000})).await.map_err(DrillError::Simulator)?;
    if arguments.plant == Some(Plant::EarlyAcknowledgement) {
        let forgetful = json!({"forget_handed": true});
        ctl("config", forgetful).await.map_err(DrillError::Simulator)?;
    }
    Ok(stage)
}

/// Gives the editors their role and publishes what learners fetch.
async fn prepare(stage: &Stage, db: &Db, editors: u8) -> Result<Vec<Primer>, DrillError> {
    if !db.audit().await?.updates.is_empty() {
        return Err(DrillError::UsedDatabase);
    }
    let now = SystemClock.now();
    for editor in 0..editors {
        db.user_set_role(UserId(FIRST_EDITOR + i64::from(editor)), Role::Editor, now).await?;
    }
    let ids = IdSource::new(7);
    let mut primers = Vec::with_capacity(PRIMERS.len());
    for title in PRIMERS {
        let file = json!({"type": "document", "size": 20_000, "name": format!("{title}.pdf")});
        let made = stage.simulator.ctl("file", file).await.map_err(DrillError::Simulator)?;
        let file_id = made.get("file_id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let id = ids.next(now);
        db.materials_import(vec![titles::published(id, file_id, title, "primer")], now).await?;
        primers.push(Primer { id, title: title.to_owned() });
    }
    Ok(primers)
}

/// Everybody who uses the bot. They end with the set, or when they are asked to.
fn start_load(
    stage: &Stage,
    arguments: &CrashArguments,
    primers: Vec<Primer>,
    diary: &Arc<SharedDiary>,
    stop: &CancellationToken,
    random: &mut fastrand::Rng,
) -> JoinSet<Result<(), DrillError>> {
    let mut load = JoinSet::new();
    let learners = Learners {
        simulator: Arc::clone(&stage.simulator),
        diary: Arc::clone(diary),
        primers,
        random: random.fork(),
        count: arguments.learners,
        rate_per_s: arguments.rate,
    };
    load.spawn(learners.go_on(stop.clone()));
    for editor in 0..arguments.editors {
        let editor = Editor {
            simulator: Arc::clone(&stage.simulator),
            diary: Arc::clone(diary),
            id: FIRST_EDITOR + i64::from(editor),
            random: random.fork(),
            folder: stage.folder().to_owned(),
            // Answers that are lost on purpose need no long wait.
            patience_s: if arguments.plant.is_some() { PATIENCE_S / 20 } else { PATIENCE_S },
        };
        load.spawn(editor.go_on(stop.clone()));
    }
    load
}

/// Waits until nothing waits for anybody any more; gives whether that came true.
async fn drain(stage: &Stage, db: &Db) -> Result<bool, DrillError> {
    let begun = Instant::now();
    while begun.elapsed() < DRAIN_WITHIN {
        // Telegram forgets an update when the bot has it stored: then the ledger tells more.
        let pending = stage.queue().await?.get("pending").and_then(Value::as_u64);
        if pending == Some(0) && db.unfinished_count().await? == 0 {
            return Ok(true);
        }
        tokio::time::sleep(LOOK_EVERY * 20).await;
    }
    Ok(false)
}

/// Presses that the bot has answered, whether or not it was still there to hear that.
async fn answered(stage: &Stage) -> Result<HashSet<String>, DrillError> {
    let calls = json!({"method": "answerCallbackQuery", "limit": 10_000_000, "params": true});
    let calls = stage.simulator.ctl("calls", calls).await.map_err(DrillError::Simulator)?;
    let calls = calls.get("calls").and_then(Value::as_array).cloned().unwrap_or_default();
    let ids = calls.iter().filter_map(|call| {
        call.pointer("/params/callback_query_id").and_then(Value::as_str).map(str::to_owned)
    });
    Ok(ids.collect())
}

/// The messages that the simulator has put into chats, each with the life that sent it.
async fn sent(stage: &Stage, lives: &[Life]) -> Result<Vec<Sent>, DrillError> {
    let mut sent = Vec::new();
    for (method, is_file) in [("sendMessage", false), ("sendDocument", true)] {
        let calls = json!({"method": method, "limit": 10_000_000, "params": false});
        let calls = stage.simulator.ctl("calls", calls).await.map_err(DrillError::Simulator)?;
        let calls = calls.get("calls").and_then(Value::as_array).cloned().unwrap_or_default();
        let executed = calls
            .iter()
            .filter(|call| call.get("executed").and_then(Value::as_bool).unwrap_or(false));
        sent.extend(executed.map(|call| read_call(call, is_file, lives)));
    }
    Ok(sent)
}

fn read_call(call: &Value, is_file: bool, lives: &[Life]) -> Sent {
    let number = |name: &str| call.get(name).and_then(Value::as_f64).unwrap_or(0.0);
    let id = |name: &str| call.get(name).and_then(Value::as_i64).unwrap_or(0);
    let ended = Duration::from_secs_f64(number("t").max(0.0));
    let begun = ended.saturating_sub(Duration::from_secs_f64(number("ms").max(0.0) / 1_000.0));
    let begun_us = u64::try_from(begun.as_micros()).unwrap_or(u64::MAX);
    let lives_begun =
        lives.iter().take_while(|life| life.launched_us + HANDOVER_US <= begun_us).count();
    Sent {
        chat: id("chat"),
        message: id("message_id"),
        text: call.get("text").and_then(Value::as_str).unwrap_or_default().to_owned(),
        is_file,
        life: lives_begun.saturating_sub(1),
    }
}
