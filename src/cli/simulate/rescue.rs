//! How long a job stands still whose worker was killed.

use std::time::Duration;

use clap::Args;
use serde_json::json;
use tokio::time::Instant;

use super::bot::{LOOK_EVERY, Stage};
use super::error::DrillError;
use super::spread::Spread;
use super::table::print;
use crate::domain::clock::{Clock as _, SystemClock};
use crate::domain::ids::UserId;
use crate::domain::role::Role;
use crate::store::Db;
use crate::store::records::AsideJob;

/// How often, and among how many.
#[derive(Debug, Args)]
pub struct RescueArguments {
    /// Kills that are measured.
    #[arg(long, default_value_t = 10)]
    pub kills: u32,
    /// Two processes work jobs off, and the one that has the job is killed for good: the other has
    /// to wait for the end of its lease. Otherwise there is one, which is started again.
    #[arg(long)]
    pub several: bool,
}

/// The editor of the first file; each file has one of its own.
const EDITOR: i64 = 900_000;
/// Bytes of a file, and how many come in a second while its job is to be under way.
const FILE_BYTES: u64 = 20_000;
const SLOW_BYTES_PER_S: u64 = 2_000;
/// Longest wait for anything.
const PATIENCE: Duration = Duration::from_mins(3);

/// Runs the drill.
pub async fn run(arguments: &RescueArguments, database: Option<&str>) -> Result<(), DrillError> {
    let (backend, waits) = measure(arguments, database).await?;
    let millis = |us: u64| (us / 1_000).to_string();
    let (processes, since) =
        if arguments.several { ("2", "the kill") } else { ("1", "the start of the next process") };
    print(
        "rescue",
        &[
            ("database", backend.to_owned()),
            ("processes", processes.to_owned()),
            ("kills", waits.count.to_string()),
            ("measured since", since.to_owned()),
            ("job runs again, median ms", millis(waits.p50_us)),
            ("job runs again, worst ms", millis(waits.max_us)),
        ],
    );
    Ok(())
}

/// Kills workers in mid-job; gives the database's name, and how long the jobs stood still.
pub async fn measure(
    arguments: &RescueArguments,
    database: Option<&str>,
) -> Result<(&'static str, Spread), DrillError> {
    let mut stage = Stage::set(database, json!({"enabled": false})).await?;
    let db = stage.database().await?;
    let mut bots = vec![Some(stage.start_bot().await?)];
    if arguments.several {
        bots.push(Some(stage.launch_bot().await?));
    }
    let mut waits = Vec::new();
    for kill in 0..arguments.kills {
        let job = job_under_way(&stage, &db, EDITOR + i64::from(kill)).await?;
        let place = place_of(&job, bots.len());
        let Some(victim) = bots.get_mut(place) else { continue };
        if let Some(bot) = victim.take() {
            bot.kill_tree().await;
        }
        let killed = Instant::now();
        let begun = if arguments.several {
            again(&db, &job, killed).await?
        } else {
            let bot = stage.launch_bot().await?;
            let launched = Instant::now();
            let begun = again(&db, &job, launched).await?;
            *victim = Some(bot);
            begun
        };
        waits.push(begun);
        stage
            .simulator
            .ctl("faults", json!({"clear": true, "files": {}}))
            .await
            .map_err(DrillError::Simulator)?;
        until(&db, &job, |job| job.state == "done").await?;
        if let Some(victim) = bots.get_mut(place).filter(|victim| victim.is_none()) {
            *victim = Some(stage.launch_bot().await?);
        }
    }
    for bot in bots.into_iter().flatten() {
        bot.stop().await;
    }
    Ok((db.backend_name(), Spread::of_times(waits)))
}

/// An editor sends a file that comes slowly; gives its job once a worker is at it.
async fn job_under_way(stage: &Stage, db: &Db, editor: i64) -> Result<AsideJob, DrillError> {
    db.user_set_role(UserId(editor), Role::Editor, SystemClock.now()).await?;
    let ctl = |path: &'static str, body| stage.simulator.ctl(path, body);
    let slow = json!({"files": {"throttle_bps": SLOW_BYTES_PER_S}});
    ctl("faults", slow).await.map_err(DrillError::Simulator)?;
    let name = format!("file-{editor}.bin");
    let file = json!({"type": "document", "size": FILE_BYTES, "name": name});
    ctl("message", json!({"user": editor, "file": file})).await.map_err(DrillError::Simulator)?;
    let begun = Instant::now();
    loop {
        let running = db.jobs_unfinished(100).await?.into_iter().find(|job| job.state == "running");
        if let Some(job) = running {
            return Ok(job);
        }
        wait(begun, "no worker took the job").await?;
    }
}

/// The process that has a job: the first is `run-0`, the second `run-1`.
fn place_of(job: &AsideJob, processes: usize) -> usize {
    let owner = job.owner.as_deref().unwrap_or_default();
    (0..processes).find(|place| owner.starts_with(&format!("run-{place}@"))).unwrap_or(0)
}

/// How long since then until somebody is at the job again.
async fn again(db: &Db, job: &AsideJob, since: Instant) -> Result<Duration, DrillError> {
    until(db, job, |now| now.attempts > job.attempts).await?;
    Ok(since.elapsed())
}

async fn until(
    db: &Db,
    job: &AsideJob,
    is_so: impl Fn(&AsideJob) -> bool,
) -> Result<(), DrillError> {
    let begun = Instant::now();
    while !db.job_show(job.id).await?.is_some_and(|job| is_so(&job)) {
        wait(begun, "the job stands still").await?;
    }
    Ok(())
}

async fn wait(begun: Instant, complaint: &str) -> Result<(), DrillError> {
    if begun.elapsed() > PATIENCE {
        return Err(DrillError::Broken(complaint.to_owned()));
    }
    tokio::time::sleep(LOOK_EVERY).await;
    Ok(())
}
