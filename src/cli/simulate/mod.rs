//! `primelingo simulate`: load drills against the built-in simulator, on this machine only.
//!
//! The bot runs as a process of its own, as in production; the simulator runs in this one. Each
//! drill names the limits it was taken under. Figures go into `docs/measurements.md` by hand.

use std::process::ExitCode;

use clap::{Args, Subcommand};

mod backlog;
mod bot;
mod broadcast;
mod bulk;
mod copy;
mod crash;
mod curve;
mod deaf;
mod download;
mod drill;
mod error;
mod flood;
mod flood_picture;
mod idle;
mod ingest;
mod large_file;
mod neighbour;
mod ledger;
mod reply;
mod rescue;
mod search;
mod spread;
mod statistics;
mod table;
mod titles;
mod tree;
mod usage;
mod webhook;

/// Which drill.
#[derive(Debug, Args)]
pub struct SimulateArguments {
    /// Database of the bot: a `postgres://` URL of an empty database, in place of a fresh SQLite file.
    #[arg(long, global = true, value_name = "URL")]
    database: Option<String>,
    #[command(subcommand)]
    drill: Drill,
}

#[derive(Debug, Subcommand)]
enum Drill {
    /// A queued backlog of updates, worked off with all limits off.
    Backlog(backlog::BacklogArguments),
    /// A burst of updates posted to the bot.
    Webhook(webhook::WebhookArguments),
    /// Replies at a steady rate.
    Reply(reply::ReplyArguments),
    /// Searches over a large library, without a bot.
    Search(search::SearchArguments),
    /// Figures of a school with a million people: how long they take to count and to read.
    #[command(name = "stats")]
    Statistics(statistics::StatisticsArguments),
    /// From process start to the first poll, and memory at rest.
    Idle(idle::IdleArguments),
    /// Durable ingestion alone, over a slow connection.
    Ingest(ingest::IngestArguments),
    /// A chat with a long queue, and how fast the others are answered meanwhile.
    Neighbour(neighbour::NeighbourArguments),
    /// What others notice of somebody who floods the bot.
    Flood(flood::FloodArguments),
    /// How long a job stands still whose worker was killed.
    Rescue(rescue::RescueArguments),
    /// A large database copied to PostgreSQL and back, with kills on the way.
    Copy(copy::CopyArguments),
    /// Polls that hang: how soon that is mended, and told.
    Deaf(deaf::DeafArguments),
    /// Memory while a large file is fetched.
    Download(download::DownloadArguments),
    /// Speed and memory while the largest file of a local Bot API server is taken in.
    LargeFile(large_file::LargeFileArguments),
    /// Many small files from one editor, published together.
    Bulk(bulk::BulkArguments),
    /// Broadcasts under Telegram's limits.
    Broadcast(broadcast::BroadcastArguments),
    /// The whole drill: every promise in one table, and one picture of everything at once.
    #[command(name = "drill")]
    Whole(drill::DrillArguments),
    /// Ends the bot again and again under load; fails on whatever was lost, doubled or reordered.
    Crash(crash::CrashArguments),
}

/// Runs a drill and prints its figures.
pub fn run(arguments: &SimulateArguments) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return super::complain(&error, 1),
    };
    let database = arguments.database.as_deref();
    let drilled = runtime.block_on(async {
        match &arguments.drill {
            Drill::Backlog(drill) => backlog::run(drill, database).await,
            Drill::Webhook(drill) => webhook::run(drill, database).await,
            Drill::Reply(drill) => reply::run(drill, database).await,
            Drill::Search(drill) => search::run(drill, database).await,
            Drill::Statistics(drill) => statistics::run(drill, database).await,
            Drill::Idle(drill) => idle::run(drill, database).await,
            Drill::Ingest(drill) => ingest::run(drill, database).await,
            Drill::Neighbour(drill) => neighbour::run(drill, database).await,
            Drill::Flood(drill) => flood::run(drill, database).await,
            Drill::Rescue(drill) => rescue::run(drill, database).await,
            Drill::Copy(drill) => copy::run(drill, database).await,
            Drill::Deaf(drill) => deaf::run(drill, database).await,
            Drill::Download(drill) => download::run(drill).await,
            Drill::LargeFile(drill) => large_file::run(drill).await,
            Drill::Bulk(drill) => bulk::run(drill, database).await,
            Drill::Broadcast(drill) => broadcast::run(drill, database).await,
            Drill::Whole(drill) => drill::run(drill, database).await,
            Drill::Crash(drill) => crash::run(drill, database).await,
        }
    });
    match drilled {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => super::complain(&error, 1),
    }
}
