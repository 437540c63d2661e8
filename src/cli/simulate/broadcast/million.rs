//! A million recipients: how soon the first message leaves, and what memory it takes.

use std::time::Duration;

use serde_json::json;
use tgsim::util::now_us;
use tokio::time::Instant;

use super::MillionArguments;
use super::limits::seconds;
use super::rig::Rig;
use super::sends::Sends;
use crate::cli::simulate::bot::Stage;
use crate::cli::simulate::error::DrillError;
use crate::cli::simulate::table::{mib, print};
use crate::domain::broadcast::{Control, DoubtPolicy};
use crate::domain::clock::{Clock as _, SystemClock};

/// Pause between two looks at the memory.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// How long the bot rests before its memory is measured.
const REST: Duration = Duration::from_secs(5);

/// Runs the drill.
pub async fn run(arguments: &MillionArguments, database: Option<&str>) -> Result<(), DrillError> {
    let mut stage = Stage::set(database, json!({})).await?;
    let rig = Rig::set(&stage, arguments.recipients).await?;
    let bot = stage.start_bot().await?;
    tokio::time::sleep(REST).await;
    let before = bot.usage();
    let confirmed = seconds(now_us());
    let begun = Instant::now();
    let id = rig.confirm(false, DoubtPolicy::Skip).await?;
    let (mut most, mut filled_after) = (before.anonymous, None);
    while begun.elapsed() < Duration::from_secs(arguments.seconds) {
        tokio::time::sleep(LOOK_EVERY).await;
        most = most.max(bot.usage().anonymous);
        if filled_after.is_none() && rig.look(id).await?.progress.is_filled {
            filled_after = Some(begun.elapsed());
        }
    }
    rig.db.broadcast_control(id, Control::Cancel, SystemClock.now()).await?;
    let broadcast = rig.look(id).await?;
    bot.stop().await;
    let sends = Sends::read(&stage).await?;
    let first = sends.span().0;
    print(
        "a large audience",
        &[
            ("database", rig.db.backend_name().to_owned()),
            ("recipients", broadcast.progress.filled.to_string()),
            ("first message after the confirmation, s", format!("{:.3}", first - confirmed)),
            (
                "all recipients filled in, s",
                filled_after
                    .map_or_else(|| "-".to_owned(), |it| format!("{:.1}", it.as_secs_f64())),
            ),
            ("sent", sends.bulk.len().to_string()),
            ("memory before", mib(before.anonymous)),
            ("memory, highest", mib(most)),
            ("memory more", mib(most.saturating_sub(before.anonymous))),
            ("answers of 429", sends.refused.to_string()),
        ],
    );
    Ok(())
}
