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

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::bot::Stage;
use super::error::DrillError;
use super::table::{self, Output};
use report::Report;

mod aftermath;
mod compare;
mod crowd;
mod diary;
mod editors;
mod lives;
mod load;
mod moments;
mod report;

pub use aftermath::Aftermath;
pub use crowd::{Crowd, Load};
pub use diary::Expected;
#[cfg(test)]
pub use lives::End;
pub use lives::{Life, Plan, live};
pub use report::WINDOW;

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

/// A fault of the bot that a drill must find.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Plant {
    /// As if each batch were acknowledged before it is stored.
    EarlyAcknowledgement,
}

impl Plant {
    /// Makes the simulator behave as it would towards such a bot.
    pub async fn put_into(self, stage: &Stage) -> Result<(), DrillError> {
        match self {
            Self::EarlyAcknowledgement => {
                stage.ctl("config", json!({"forget_handed": true})).await?;
                // Some batches are lost on their way to such a bot, so that kills need no luck.
                let lost = json!({"kind": "drop_after", "methods": ["getUpdates"], "share": 0.2});
                stage.ctl("faults", json!({"rules": [lost]})).await?;
            }
        }
        Ok(())
    }
}

/// Runs the drill.
pub async fn run(arguments: &CrashArguments, database: Option<&str>) -> Result<(), DrillError> {
    let seed = arguments.seed.unwrap_or_else(|| fastrand::u64(..1_000_000));
    let mut random = fastrand::Rng::with_seed(seed);
    let mut stage = set_stage(arguments, database).await?;
    let load = Load {
        learners: arguments.learners,
        rate_per_s: arguments.rate,
        editors: arguments.editors,
        words: Vec::new(),
        is_impatient: arguments.plant.is_some(),
    };
    // Closed again: a database that another process has open needs no recovery after a kill.
    let crowd = Crowd::begin(&stage, &stage.database().await?, &load, &mut random).await?;
    let plan = Plan { how: arguments.signal, ends: arguments.kills, calm: Duration::ZERO };
    let show = async |_: &Stage, number| {
        table::progress(number, arguments.kills, "ends of the bot");
        Ok(())
    };
    let (lives, bot) = lives::live(&mut stage, plan, &mut random, show).await?;
    let aftermath = Aftermath::of(&stage, crowd, lives, bot).await?;
    let report = Report {
        database: if database.is_some() { "postgres" } else { "sqlite" },
        with_redis: arguments.redis.is_some(),
        seed,
        aftermath,
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
    stage.ctl("faults", json!({"rules": network(), "files": {"throttle_bps": 8_000}})).await?;
    // Which press a call answers stands in its parameters: they are kept to the end.
    stage.ctl("record", json!({"keep_params": 3_000_000})).await?;
    if let Some(plant) = arguments.plant {
        plant.put_into(&stage).await?;
    }
    Ok(stage)
}

/// Telegram is as far as a data centre: so that sends are in flight, and jobs under way, at any
/// moment.
pub fn network() -> Vec<Value> {
    let before = json!({"dist": "exp", "mean_ms": 10});
    let after = json!({"dist": "exp", "mean_ms": 25});
    let methods = json!(["send*", "edit*", "copy*"]);
    vec![
        json!({"kind": {"latency_before": before}, "methods": methods}),
        json!({"kind": {"latency": after}, "methods": methods}),
    ]
}
