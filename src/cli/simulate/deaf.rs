//! Polls that hang: how soon the poller is built anew, and how soon readiness tells of it.
//!
//! Each bot has a simulator of its own, with the settings that every installation has. From a
//! moment on its polls are taken and never answered; nothing else is wrong.

use std::time::Duration;

use clap::Args;
use futures_util::future::try_join_all;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use super::bot::{RunningBot, Stage};
use super::error::DrillError;
use super::table::{percentile, print};

/// How many.
#[derive(Debug, Args)]
pub struct DeafArguments {
    /// Bots, all at the same time.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100))]
    bots: u32,
}

/// A poller is to be built anew within.
const REBUILT_WITHIN: Duration = Duration::from_mins(1);
/// Readiness is to be off within, and on again so long after the end at most.
const UNREADY_WITHIN: Duration = Duration::from_secs(150);
const READY_AGAIN_WITHIN: Duration = Duration::from_mins(1);

/// Longer than the drill.
const HANG_S: u32 = 600;
/// Beyond its limit, a figure is waited for so long to be told.
const GRACE: Duration = Duration::from_secs(30);
/// Pause between two looks at a probe.
const LOOK_EVERY: Duration = Duration::from_millis(50);
const PERSON: i64 = 1_001;

/// What one bot has shown, each since its first poll that hung, the last since the end of it.
struct Seen {
    rebuilt: Duration,
    unready: Duration,
    ready_again: Duration,
}

/// Runs the drill; fails on whoever was later than promised.
pub async fn run(arguments: &DeafArguments, database: Option<&str>) -> Result<(), DrillError> {
    let bots = (0..arguments.bots).map(|_| one(database));
    let seen = try_join_all(bots).await?;
    let figures = |of: fn(&Seen) -> Duration| {
        let mut all: Vec<u64> =
            seen.iter().map(|one| u64::try_from(of(one).as_micros()).unwrap_or(u64::MAX)).collect();
        all.sort_unstable();
        let seconds = |share| Duration::from_micros(percentile(&all, share)).as_secs_f64();
        format!("{:.1} / {:.1} s", seconds(50), seconds(100))
    };
    let within = |of: fn(&Seen) -> Duration, limit: Duration| {
        let kept = seen.iter().filter(|one| of(one) <= limit).count();
        format!("{kept} of {}", seen.len())
    };
    print(
        "polls that hang, default settings; median / worst",
        &[
            ("built anew", figures(|one| one.rebuilt)),
            ("  within 60 s", within(|one| one.rebuilt, REBUILT_WITHIN)),
            ("readiness off", figures(|one| one.unready)),
            ("  within 150 s", within(|one| one.unready, UNREADY_WITHIN)),
            ("ready after the end of it", figures(|one| one.ready_again)),
            ("  within 60 s", within(|one| one.ready_again, READY_AGAIN_WITHIN)),
        ],
    );
    let is_kept = seen.iter().all(|one| {
        one.rebuilt <= REBUILT_WITHIN
            && one.unready <= UNREADY_WITHIN
            && one.ready_again <= READY_AGAIN_WITHIN
    });
    if is_kept { Ok(()) } else { Err(DrillError::Broken("somebody was too late".to_owned())) }
}

async fn one(database: Option<&str>) -> Result<Seen, DrillError> {
    let mut stage = Stage::set(database, json!({"enabled": false})).await?;
    stage.set_value("web.listen", "127.0.0.1:0");
    stage.set_value("log.level", "info");
    let bot = stage.start_bot().await?;
    until(UNREADY_WITHIN, || is_ready(&bot, true)).await?;
    let ctl = |path: &'static str, body: Value| {
        let simulator = stage.simulator.clone();
        async move { simulator.ctl(path, body).await.map_err(DrillError::Simulator) }
    };
    let hang = json!({"get_updates_outage": {"for_s": HANG_S, "kind": "hang"}});
    ctl("faults", hang).await?;
    // Ends the poll that was on its way before: the next one hangs.
    ctl("message", json!({"user": PERSON, "text": "/help"})).await?;
    let has_hung = async || {
        let stats = ctl("stats", json!({})).await?;
        Ok(stats.pointer("/faults/get_updates_outage").is_some())
    };
    until(REBUILT_WITHIN, has_hung).await?;
    let hung = Instant::now();
    until(REBUILT_WITHIN, async || {
        let metrics = get(&bot, "/metrics").await?;
        let name = "primelingo_poll_restarts_total ";
        let restarts =
            metrics.lines().find_map(|line| line.strip_prefix(name)?.parse::<f64>().ok());
        Ok(restarts.unwrap_or(0.0) > 0.0)
    })
    .await?;
    let rebuilt = hung.elapsed();
    until(UNREADY_WITHIN, || is_ready(&bot, false)).await?;
    let unready = hung.elapsed();
    ctl("faults", json!({"get_updates_outage": {"for_s": 0, "kind": "hang"}})).await?;
    let ended = Instant::now();
    until(READY_AGAIN_WITHIN, || is_ready(&bot, true)).await?;
    let ready_again = ended.elapsed();
    bot.stop().await;
    Ok(Seen { rebuilt, unready, ready_again })
}

async fn is_ready(bot: &RunningBot, wanted: bool) -> Result<bool, DrillError> {
    let answer = get(bot, "/readyz").await?;
    Ok(answer.starts_with("HTTP/1.1 200") == wanted)
}

/// Looks again and again, a while longer than the limit, so that a miss is told by how much.
async fn until<F>(limit: Duration, mut is_so: impl FnMut() -> F) -> Result<(), DrillError>
where
    F: Future<Output = Result<bool, DrillError>>,
{
    let begun = Instant::now();
    while !is_so().await? {
        if begun.elapsed() > limit + GRACE {
            return Err(DrillError::Broken("what was to happen did not".to_owned()));
        }
        sleep(LOOK_EVERY).await;
    }
    Ok(())
}

async fn get(bot: &RunningBot, path: &str) -> Result<String, DrillError> {
    // Not listening yet.
    let Some(address) = bot.probes() else { return Ok(String::new()) };
    let ask = async {
        let mut stream = TcpStream::connect(&address).await?;
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok(answer)
    };
    ask.await.map_err(DrillError::system("cannot ask the bot's probes"))
}
