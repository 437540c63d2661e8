//! Several processes on one Redis, which stands still for a while.

use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use tgsim::util::now_us;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::Instant;

use super::ProcessesArguments;
use super::limits::{Limits, Period, seconds};
use super::rig::Rig;
use super::sends::Sends;
use crate::cli::simulate::bot::Stage;
use crate::cli::simulate::error::DrillError;
use crate::cli::simulate::table::print;
use crate::domain::broadcast::DoubtPolicy;

/// Telegram's limit for bulk, messages per second.
const LIMIT: f64 = 30.0;

/// Longest wait for the server.
const START_WITHIN: Duration = Duration::from_secs(10);

/// Pause between two looks for the server.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Runs the drill.
pub async fn run(arguments: &ProcessesArguments, database: Option<&str>) -> Result<(), DrillError> {
    let mut stage = Stage::set(database, json!({})).await?;
    let redis = Redis::start(arguments, &stage).await?;
    stage.set_value("redis.url", &redis.url);
    let recipients = i64::from(arguments.seconds) * 30;
    let rig = Rig::set(&stage, recipients).await?;
    let mut bots = vec![stage.start_bot().await?];
    for _ in 1..arguments.processes {
        bots.push(stage.launch_bot().await?);
    }
    let limits = Limits(vec![Period { since: seconds(now_us()), per_s: LIMIT }]);
    let id = rig.confirm(false, DoubtPolicy::Skip).await?;
    let outage = Duration::from_secs(arguments.outage);
    let halves = Duration::from_secs(u64::from(arguments.seconds)).saturating_sub(outage) / 2;
    tokio::time::sleep(halves).await;
    redis.signal(Signal::STOP);
    tokio::time::sleep(outage).await;
    redis.signal(Signal::CONT);
    let broadcast = rig.wait(id).await?;
    for bot in bots {
        bot.stop().await;
    }
    redis.stop().await;
    let sends = Sends::read(&stage).await?;
    let span = sends.span();
    let share = f64::from(sends.within(span)) / limits.best(span).max(1.0);
    print(
        "a broadcast of several processes",
        &[
            ("database", rig.db.backend_name().to_owned()),
            ("processes", arguments.processes.to_string()),
            ("redis stood still, s", arguments.outage.to_string()),
            ("seconds", format!("{:.1}", span.1 - span.0)),
            ("sent", sends.bulk.len().to_string()),
            ("share of the limit", format!("{share:.4}")),
            ("answers of 429", sends.refused.to_string()),
        ],
    );
    Rig::check(&broadcast, recipients)
}

/// A server of the drill's own.
struct Redis {
    child: Child,
    url: String,
}

impl Redis {
    async fn start(arguments: &ProcessesArguments, stage: &Stage) -> Result<Self, DrillError> {
        let port = free_port().map_err(DrillError::system("no port is free"))?;
        let child = Command::new(&arguments.redis_server)
            .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--port"])
            .arg(port.to_string())
            .current_dir(stage.folder())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(DrillError::system("cannot start the Redis server"))?;
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            if begun.elapsed() > START_WITHIN {
                return Err(DrillError::Broken("the Redis server does not start".to_owned()));
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Ok(Self { child, url: format!("redis://127.0.0.1:{port}") })
    }

    fn signal(&self, signal: Signal) {
        let pid = self.child.id().and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw);
        if let Some(pid) = pid {
            // A server that is gone shows in the figures.
            let _ = kill_process(pid, signal);
        }
    }

    async fn stop(mut self) {
        let _ = self.child.kill().await;
    }
}

/// A port that was free a moment ago.
fn free_port() -> std::io::Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
