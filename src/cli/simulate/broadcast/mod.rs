//! Broadcasts under Telegram's limits: the share that is used, what people who are answered notice
//! of it, a hidden limit, the paid lane, a million recipients, kills, several processes.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::error::DrillError;

mod kills;
mod limits;
mod million;
mod processes;
pub mod replies;
pub mod rig;
pub mod sends;
pub mod share;
pub mod tally;

/// Which of them.
#[derive(Debug, Args)]
pub struct BroadcastArguments {
    #[command(subcommand)]
    drill: BroadcastDrill,
}

#[derive(Debug, Subcommand)]
enum BroadcastDrill {
    /// How much of the limit bulk and replies use together.
    Share(ShareArguments),
    /// How long people wait for replies, without and during a broadcast.
    Replies(RepliesArguments),
    /// A million recipients: the first message, and memory.
    Million(MillionArguments),
    /// Kills in mid-broadcast: nobody lost, and few in doubt.
    Kills(KillsArguments),
    /// Three processes on one Redis, which stops for a while.
    Processes(ProcessesArguments),
}

/// How the share of the limit is measured.
#[derive(Debug, Args)]
pub struct ShareArguments {
    /// How long the broadcast is to take at the limit, in seconds.
    #[arg(long, default_value_t = 300)]
    pub seconds: u32,
    /// Updates of other people per second, each answered once.
    #[arg(long, default_value_t = 5)]
    pub replies_per_s: u32,
    /// Limits that Telegram does not tell, messages per second, each for the same time.
    #[arg(long, value_delimiter = ',', value_name = "LIST")]
    pub hidden: Vec<f64>,
    /// By the paid lane, at 1,000 a second.
    #[arg(long)]
    pub paid: bool,
    /// Where the sends per second over time are drawn, as SVG.
    #[arg(long, value_name = "FILE")]
    pub picture: Option<PathBuf>,
}

/// How replies are measured.
#[derive(Debug, Args)]
pub struct RepliesArguments {
    /// Replies of a run.
    #[arg(long, default_value_t = 10_000)]
    pub replies: u32,
    /// Per second.
    #[arg(long, default_value_t = 100)]
    pub rate: u32,
    /// Runs, each without and with a broadcast.
    #[arg(long, default_value_t = 5)]
    pub runs: usize,
    /// Replies draw on the bot's limit, too; the rate must leave room for them then.
    #[arg(long)]
    pub strict: bool,
}

/// How large the audience is.
#[derive(Debug, Args)]
pub struct MillionArguments {
    /// Recipients.
    #[arg(long, default_value_t = 1_000_000)]
    recipients: i64,
    /// How long it sends before it is cancelled, in seconds.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
}

/// How often it is killed.
#[derive(Debug, Args)]
pub struct KillsArguments {
    /// Kills at random moments.
    #[arg(long, default_value_t = 100)]
    kills: u32,
    /// Recipients.
    #[arg(long, default_value_t = 10_000)]
    recipients: i64,
    /// What may have been sent is sent again, in place of being skipped and reported.
    #[arg(long)]
    resend: bool,
    /// Redis of the bot.
    #[arg(long, value_name = "URL")]
    redis: Option<String>,
    /// Seed of the moments.
    #[arg(long)]
    seed: Option<u64>,
}

/// How several processes are measured.
#[derive(Debug, Args)]
pub struct ProcessesArguments {
    /// How long, in seconds.
    #[arg(long, default_value_t = 120)]
    seconds: u32,
    /// How many processes.
    #[arg(long, default_value_t = 3)]
    processes: usize,
    /// The executable of a Redis server, which the drill starts and stops.
    #[arg(long, default_value = "redis-server", value_name = "PATH")]
    redis_server: PathBuf,
    /// How long Redis stands still in the middle, in seconds.
    #[arg(long, default_value_t = 30)]
    outage: u64,
}

/// Runs a drill.
pub async fn run(arguments: &BroadcastArguments, database: Option<&str>) -> Result<(), DrillError> {
    match &arguments.drill {
        BroadcastDrill::Share(drill) => share::run(drill, database).await,
        BroadcastDrill::Replies(drill) => replies::run(drill, database).await,
        BroadcastDrill::Million(drill) => million::run(drill, database).await,
        BroadcastDrill::Kills(drill) => kills::run(drill, database).await,
        BroadcastDrill::Processes(drill) => processes::run(drill, database).await,
    }
}
