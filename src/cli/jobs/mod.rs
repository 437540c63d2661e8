//! `primelingo jobs`: what is done in the background, how it stands, another try for what was given
//! up, and an end for what is not wanted any more.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::database::{Answer, or_missing, with_database};
use super::output::Format;
use crate::app::{self, ServeError};
use crate::domain::clock::{Clock as _, SystemClock};
use crate::domain::failures::{ErrorGroup, by_error};
use crate::domain::ids::JobId;
use crate::settings::Settings;
use crate::store::{Db, StoreError};

mod print;

/// Dead jobs that are looked at for groups: more than anybody leaves lying.
const DEAD_MAX: i64 = 10_000;

/// What to do with jobs.
#[derive(Debug, Args)]
pub struct JobsArguments {
    #[command(flatten)]
    format: Format,
    #[command(subcommand)]
    command: JobsCommand,
}

#[derive(Debug, Subcommand)]
enum JobsCommand {
    /// Lists jobs that are not over: dead ones first, then the newest.
    List {
        /// Most lines.
        #[arg(long, default_value_t = 50)]
        limit: i64,
    },
    /// Shows one job.
    Show {
        /// Its number.
        number: i64,
    },
    /// Shows dead jobs, those that failed of the same as one group.
    Failed,
    /// Counts jobs by queue, kind and how they stand.
    Stats,
    /// Gives a dead job another try, with a clean record. A running bot notices by itself.
    Retry(Which),
    /// Forgets a dead job for good.
    Drop(Which),
    /// Cancels a job that waits or runs: its worker lets go within two seconds, and a file that it
    /// was for is thrown away.
    Cancel {
        /// Its number.
        number: i64,
    },
    /// Holds a queue: what runs goes on, and no other job of it is begun, in no process, until it is
    /// resumed.
    Pause {
        /// Its name, as `primelingo jobs stats` shows it.
        queue: String,
    },
    /// Goes on with a queue that is held.
    Resume {
        /// Its name.
        queue: String,
    },
}

/// One dead job, or all that failed of the same.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Which {
    /// Its number.
    number: Option<i64>,
    /// All jobs of a group of `primelingo jobs failed`.
    #[arg(long, value_name = "GROUP")]
    all_of: Option<String>,
}

/// Runs the command against the configured database.
pub fn run(settings: &Settings, arguments: &JobsArguments) -> ExitCode {
    with_database(settings, async |db| answer(&db, arguments).await)
}

async fn answer(db: &Db, arguments: &JobsArguments) -> Result<Answer, ServeError> {
    let json = arguments.format.is_json();
    let now = SystemClock.now();
    let text = match &arguments.command {
        JobsCommand::List { limit } => {
            let jobs = db.jobs_unfinished(*limit).await?;
            print::list(&jobs, &db.queues_paused().await?, json)
        }
        JobsCommand::Show { number } => {
            let Some(job) = db.job_show(JobId(*number)).await? else {
                let text = format!("there is no job {number}");
                return Ok(Answer::refused(print::word(false, *number, &text, json), json));
            };
            print::one(&job, json)
        }
        JobsCommand::Failed => print::groups(&groups(db).await?, json),
        JobsCommand::Stats => print::stats(&db.jobs_count(now).await?, now, json),
        JobsCommand::Retry(Which { all_of: Some(group), .. }) => {
            return each(db, group, "get another try", json, async |id| {
                db.job_retry(id, now).await
            })
            .await;
        }
        JobsCommand::Drop(Which { all_of: Some(group), .. }) => {
            return each(db, group, "are dropped", json, async |id| db.job_drop(id, now).await)
                .await;
        }
        JobsCommand::Retry(Which { number, .. }) => {
            let number = number.unwrap_or_default();
            let was_dead = db.job_retry(JobId(number), now).await?;
            let done = format!("job {number} gets another try");
            return Ok(told(was_dead, number, done, not_dead(number), json));
        }
        JobsCommand::Drop(Which { number, .. }) => {
            let number = number.unwrap_or_default();
            let was_dead = db.job_drop(JobId(number), now).await?;
            let done = format!("job {number} is dropped");
            return Ok(told(was_dead, number, done, not_dead(number), json));
        }
        JobsCommand::Pause { queue } => {
            let changed = db.queue_pause(queue.clone(), true, now).await?;
            print::queue(changed, queue, "is held", json)
        }
        JobsCommand::Resume { queue } => {
            let changed = db.queue_pause(queue.clone(), false, now).await?;
            print::queue(changed, queue, "goes on", json)
        }
        JobsCommand::Cancel { number } => {
            let was_open = app::cancel_job(db, JobId(*number), now).await?;
            let done = format!("job {number} is cancelled");
            let missing = format!("job {number} is over, or there is none");
            return Ok(told(was_open, *number, done, missing, json));
        }
    };
    Ok(Answer::Done(text))
}

/// What was done to one job, or why not.
fn told(is_done: bool, number: i64, done: String, missing: String, json: bool) -> Answer {
    let text = or_missing(is_done, done, missing);
    Answer::given(is_done, print::word(is_done, number, &text, json), json)
}

async fn groups(db: &Db) -> Result<Vec<ErrorGroup>, StoreError> {
    Ok(by_error(db.jobs_dead(DEAD_MAX).await?))
}

/// Does the same to all jobs of a group.
async fn each(
    db: &Db,
    name: &str,
    what: &str,
    json: bool,
    one: impl AsyncFn(JobId) -> Result<bool, StoreError>,
) -> Result<Answer, ServeError> {
    let groups = groups(db).await?;
    let Some(group) = groups.iter().find(|group| group.name == name) else {
        let text = format!("there is no group {name}; see: primelingo jobs failed");
        return Ok(Answer::refused(print::count(0, 0, &text, json), json));
    };
    let (mut done, mut left) = (0, 0);
    for id in group.ids() {
        match one(id).await {
            Ok(true) => done += 1,
            // Another job does the same already, or somebody was faster.
            Ok(false) | Err(StoreError::Conflict { .. }) => left += 1,
            Err(error) => return Err(error.into()),
        }
    }
    let text = format!("{done} jobs {what}, {left} are left as they are");
    Ok(Answer::Done(print::count(done, left, &text, json)))
}

fn not_dead(number: i64) -> String {
    format!("no job {number} is dead; see: primelingo jobs list")
}
