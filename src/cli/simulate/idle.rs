//! Starting, and doing nothing.

use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::bot::Stage;
use super::error::DrillError;
use super::ledger;
use super::table::{mib, print};
use crate::domain::clock::{Clock as _, SystemClock};

/// How often.
#[derive(Debug, Args)]
pub struct IdleArguments {
    /// Starts that are measured.
    #[arg(long, default_value_t = 10)]
    pub starts: usize,
    /// Time at rest before memory is read, in seconds.
    #[arg(long, default_value_t = 5)]
    pub rest: u64,
    /// Updates in the ledger before the first start, done.
    #[arg(long, default_value_t = 0)]
    pub ledger: usize,
    /// Updates in the ledger before each start that still wait.
    #[arg(long, default_value_t = 0)]
    pub open: usize,
}

/// What was measured.
pub struct Rest {
    /// From the start of a process to its first poll, the quickest first.
    pub first_polls: Vec<Duration>,
    /// Resident memory at rest, bytes.
    pub resident: u64,
}

impl Rest {
    pub fn median(&self) -> Duration {
        self.first_polls.get(self.first_polls.len() / 2).copied().unwrap_or_default()
    }

    pub fn worst(&self) -> Duration {
        self.first_polls.last().copied().unwrap_or_default()
    }
}

/// Runs the drill.
pub async fn run(arguments: &IdleArguments, database: Option<&str>) -> Result<(), DrillError> {
    let rest = measure(arguments, database).await?;
    print(
        "idle",
        &[
            ("database", if database.is_some() { "postgres" } else { "sqlite" }.to_owned()),
            ("starts", rest.first_polls.len().to_string()),
            ("updates in the ledger, done", arguments.ledger.to_string()),
            ("updates that wait at each start", arguments.open.to_string()),
            ("first poll, median ms", rest.median().as_millis().to_string()),
            ("first poll, worst ms", rest.worst().as_millis().to_string()),
            ("memory at rest", mib(rest.resident)),
        ],
    );
    Ok(())
}

/// Starts the bot as often as was asked for; the last one rests.
pub async fn measure(
    arguments: &IdleArguments,
    database: Option<&str>,
) -> Result<Rest, DrillError> {
    let mut stage = Stage::set(database, json!({})).await?;
    let mut ledger = ledger::Ledger::default();
    if arguments.ledger > 0 {
        let db = stage.database().await?;
        ledger.add(&db, arguments.ledger).await?;
        db.ledger_close_all(SystemClock.now()).await?;
    }
    let mut first_polls: Vec<Duration> = Vec::new();
    let mut resident = 0;
    for start in 1..=arguments.starts.max(1) {
        if arguments.open > 0 {
            let db = stage.database().await?;
            let waiting = usize::try_from(db.unfinished_count().await?).unwrap_or(0);
            ledger.add(&db, arguments.open.saturating_sub(waiting)).await?;
        }
        let bot = stage.start_bot().await?;
        first_polls.push(bot.first_poll.unwrap_or_default());
        if start == arguments.starts.max(1) {
            tokio::time::sleep(Duration::from_secs(arguments.rest)).await;
            resident = bot.usage().resident;
        }
        bot.stop().await;
    }
    first_polls.sort_unstable();
    Ok(Rest { first_polls, resident })
}
