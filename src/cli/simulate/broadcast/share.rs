//! How much of the limit bulk and replies use together.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tgsim::util::now_us;

use super::ShareArguments;
use super::limits::{self, Limits, Period};
use super::rig::{Rig, TALKERS};
use super::sends::Sends;
use crate::cli::simulate::bot::Stage;
use crate::cli::simulate::curve::{Line, svg};
use crate::cli::simulate::error::DrillError;
use crate::cli::simulate::table::{mib, print};
use crate::cli::simulate::usage::Usage;
use crate::domain::broadcast::{Broadcast, DoubtPolicy};

/// Telegram's limit for bulk, and for what is paid for, messages per second.
const LIMIT: f64 = 30.0;
const PAID_LIMIT: f64 = 1_000.0;

/// People who talk to the bot meanwhile: enough that none is over their own limit.
const TALKERS_COUNT: u32 = 500;

/// What was measured.
pub struct Shared {
    pub sends: Sends,
    limits: Limits,
    backend: &'static str,
    broadcast: Broadcast,
    recipients: i64,
    /// What the bot had used before, and at the end.
    usage: (Usage, Usage),
    /// Replies of a paid broadcast draw on another limit.
    bulk_only: bool,
}

impl Shared {
    /// Accepted messages that count in the limit.
    fn sent(&self) -> f64 {
        let sent = if self.bulk_only {
            u32::try_from(self.sends.bulk.len()).unwrap_or(u32::MAX)
        } else {
            self.sends.within(self.sends.span())
        };
        f64::from(sent)
    }

    /// How long the broadcast took, seconds.
    fn seconds(&self) -> f64 {
        let (first, last) = self.sends.span();
        last - first
    }

    /// Messages a second.
    pub fn rate(&self) -> f64 {
        self.sent() / self.seconds().max(0.001)
    }

    /// The share of what the limits would have let pass.
    pub fn share(&self) -> f64 {
        self.sent() / self.limits.best(self.sends.span()).max(1.0)
    }

    /// Nobody was lost, and the sum is right.
    pub fn check(&self) -> Result<(), DrillError> {
        Rig::check(&self.broadcast, self.recipients)
    }
}

/// Runs the drill.
pub async fn run(arguments: &ShareArguments, database: Option<&str>) -> Result<(), DrillError> {
    let shared = measure(arguments, database).await?;
    show(&shared);
    if let Some(path) = &arguments.picture {
        let picture = picture(&shared.sends, &shared.limits);
        std::fs::write(path, picture).map_err(DrillError::system("cannot write the picture"))?;
    }
    shared.check()
}

/// Sends to everybody beside replies.
pub async fn measure(
    arguments: &ShareArguments,
    database: Option<&str>,
) -> Result<Shared, DrillError> {
    let lane = if arguments.paid { PAID_LIMIT } else { LIMIT };
    let hidden = if arguments.hidden.is_empty() { vec![lane] } else { arguments.hidden.clone() };
    let strict = if arguments.paid { json!({}) } else { json!({"global_per_s": hidden.first()}) };
    let mut stage = Stage::set(database, strict).await?;
    stage
        .simulator
        .ctl("record", json!({"keep_params": 0}))
        .await
        .map_err(DrillError::Simulator)?;
    let mean = hidden.iter().sum::<f64>() / f64::from(count(hidden.len()));
    let bulk = mean - if arguments.paid { 0.0 } else { f64::from(arguments.replies_per_s) };
    let recipients = i64::from(whole(bulk * f64::from(arguments.seconds)));
    let rig = Rig::set(&stage, recipients).await?;
    let bot = stage.start_bot().await?;
    let before = bot.usage();
    let simulator = Arc::clone(&stage.simulator);
    let talk = json!({
        "updates": arguments.replies_per_s * arguments.seconds, "users": TALKERS_COUNT,
        "first_user": TALKERS, "rate": arguments.replies_per_s,
        "mix": [{"text": "/help {n}", "weight": 1}],
    });
    if arguments.replies_per_s > 0 {
        simulator.ctl("flood", talk).await.map_err(DrillError::Simulator)?;
    }
    let begun = Period { since: limits::seconds(now_us()), per_s: lane };
    let id = rig.confirm(arguments.paid, DoubtPolicy::Skip).await?;
    let each = Duration::from_secs(u64::from(arguments.seconds)) / count(hidden.len());
    let changing = (!arguments.hidden.is_empty())
        .then(|| tokio::spawn(limits::change(Arc::clone(&simulator), hidden, each)));
    let broadcast = rig.wait(id).await?;
    let used = bot.usage();
    bot.stop().await;
    let limits = match changing {
        None => Limits(vec![begun]),
        Some(changing) => changing
            .await
            .map_err(|error| DrillError::Simulator(error.to_string()))?
            .map_err(DrillError::Simulator)?,
    };
    let sends = Sends::read(&stage).await?;
    Ok(Shared {
        sends,
        limits,
        backend: rig.db.backend_name(),
        broadcast,
        recipients,
        usage: (before, used),
        bulk_only: arguments.paid,
    })
}

fn show(shared: &Shared) {
    let limits: Vec<f64> = shared.limits.0.iter().map(|it| it.per_s).collect();
    print(
        "broadcast share",
        &[
            ("database", shared.backend.to_owned()),
            ("limits", format!("{limits:?} a second, strict")),
            ("seconds", format!("{:.1}", shared.seconds())),
            ("bulk", shared.sends.bulk.len().to_string()),
            ("replies", shared.sends.replies.len().to_string()),
            ("messages a second", format!("{:.2}", shared.rate())),
            ("share of the best possible", format!("{:.4}", shared.share())),
            ("answers of 429", shared.sends.refused.to_string()),
        ],
    );
    let (before, used) = shared.usage;
    let cpu = used.cpu.saturating_sub(before.cpu).as_secs_f64();
    print(
        "the bot",
        &[
            ("processor, share of a core", format!("{:.3}", cpu / shared.seconds().max(0.001))),
            ("memory before", mib(before.anonymous)),
            ("memory at the end", mib(used.anonymous)),
        ],
    );
}

fn picture(sends: &Sends, limits: &Limits) -> String {
    let span = sends.span();
    let seconds = whole(span.1 - span.0);
    let curve = |times: &[f64]| Sends::per_second(times, span.0, seconds);
    svg(
        "A broadcast beside replies: accepted messages per second",
        "/s",
        &[
            Line { name: "limit", colour: "firebrick", points: limits.curve(span) },
            Line { name: "bulk", colour: "navy", points: curve(&sends.bulk) },
            Line { name: "replies", colour: "seagreen", points: curve(&sends.replies) },
        ],
    )
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// Rounded down.
fn whole(number: f64) -> u32 {
    let seconds = Duration::try_from_secs_f64(number).unwrap_or_default().as_secs();
    u32::try_from(seconds).unwrap_or(u32::MAX)
}
