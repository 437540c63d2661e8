//! `primelingo jobs`: what is done in the background, and another try for what was given up.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::database::{or_missing, with_database};
use crate::domain::clock::{Clock as _, SystemClock};
use crate::domain::ids::JobId;
use crate::settings::Settings;
use crate::store::records::AsideJob;

/// What to do with jobs.
#[derive(Debug, Args)]
pub struct JobsArguments {
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
    /// Gives a dead job another try, with a clean record. A running bot notices by itself.
    Retry {
        /// Its number.
        number: i64,
    },
    /// Forgets a dead job for good.
    Drop {
        /// Its number.
        number: i64,
    },
}

/// Runs the command against the configured database.
pub fn run(settings: &Settings, arguments: &JobsArguments) -> ExitCode {
    with_database(settings, async |db| match &arguments.command {
        JobsCommand::List { limit } => {
            let jobs = db.jobs_unfinished(*limit).await?;
            let lines: Vec<String> = jobs.iter().map(line).collect();
            Ok(or_missing(!lines.is_empty(), lines.join("\n"), "all jobs are over".to_owned()))
        }
        JobsCommand::Show { number } => {
            let job = db.job_show(JobId(*number)).await?;
            let show = |job: AsideJob| format!("{}\n{}", line(&job), job.payload);
            Ok(job.map_or_else(|| format!("there is no job {number}"), show))
        }
        JobsCommand::Retry { number } => {
            let was_dead = db.job_retry(JobId(*number), SystemClock.now()).await?;
            let done = format!("job {number} gets another try");
            Ok(or_missing(was_dead, done, not_dead(*number)))
        }
        JobsCommand::Drop { number } => {
            let was_dead = db.job_drop(JobId(*number), SystemClock.now()).await?;
            Ok(or_missing(was_dead, format!("job {number} is dropped"), not_dead(*number)))
        }
    })
}

fn not_dead(number: i64) -> String {
    format!("no job {number} is dead; see: primelingo jobs list")
}

fn line(job: &AsideJob) -> String {
    let AsideJob { id, kind, state, attempts, faults, error, created_at, .. } = job;
    let error = error.as_deref().unwrap_or("-");
    let created = created_at.format("%Y-%m-%d %H:%M:%S UTC");
    format!("{}  {state}  {kind}  {created}  attempts {attempts}  faults {faults}  {error}", id.0)
}
