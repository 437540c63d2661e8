//! `primelingo doctor`: looks the set-up over, says what is wrong and what mends it.
//!
//! It is the one command that also works with a configuration that cannot be loaded.

use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::json;

use super::database::with_database_code;
use super::output::Format;
use super::{EXIT_CONFIG, complain, say};
use crate::app::telemetry;
use crate::doctor::mend::Mended;
use crate::doctor::queue::{self, Step};
use crate::doctor::{self, Choice, mend, registry};
use crate::settings::{LoadOptions, Settings};

/// Exit code of wrong usage, as clap has it.
const EXIT_USAGE: u8 = 2;

/// What to look at.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct DoctorArguments {
    #[command(flatten)]
    format: Format,
    /// Mends what can be mended without a risk, says what that was, and looks again.
    #[arg(long)]
    fix: bool,
    /// Makes only these checks: names or groups, as `work.leader` or `work`.
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    only: Vec<String>,
    /// Leaves these checks out.
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    skip: Vec<String>,
    /// The longest that a check may take, seconds.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    patience: Option<u64>,
    #[command(subcommand)]
    command: Option<DoctorCommand>,
}

#[derive(Debug, Subcommand)]
enum DoctorCommand {
    /// Enqueues a job that does nothing and follows it to its end.
    Queue {
        /// The longest wait, seconds.
        #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=86_400))]
        patience: u64,
    },
}

/// Looks the set-up over that these options lead to.
pub fn run(arguments: &DoctorArguments, options: LoadOptions) -> ExitCode {
    if let Some(DoctorCommand::Queue { patience }) = arguments.command {
        return follow_job(options, Duration::from_secs(patience), arguments.format.is_json());
    }
    let choice = Choice {
        only: arguments.only.clone(),
        skip: arguments.skip.clone(),
        patience: arguments.patience.map_or(doctor::PATIENCE, Duration::from_secs),
    };
    if let Some(name) = choice.unknown() {
        let near = nearest(name);
        return complain(format!("there is no check {name}; the nearest is {near}"), EXIT_USAGE);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return complain(&error, 1),
    };
    let (report, mended) = runtime.block_on(async {
        let report = doctor::examine(options.clone(), &choice).await;
        let mends = report.mends();
        if !arguments.fix || mends.is_empty() {
            return (report, Mended::default());
        }
        let mended = mend::mend(options.clone(), &mends).await;
        (doctor::examine(options, &choice).await, mended)
    });
    // What still waits for a disk or a server that does not answer is not waited for.
    runtime.shutdown_background();
    if arguments.format.is_json() {
        say(&report.json(&mended).to_string());
    } else {
        say(&report.table(&mended, has_colours()));
    }
    ExitCode::from(report.exit_code_after(&mended))
}

/// The check whose name is most like it.
fn nearest(name: &str) -> &'static str {
    let likeness = |known: &str| strsim::normalized_damerau_levenshtein(name, known);
    let names = registry::checks().map(|check| check.name);
    names.max_by(|a, b| likeness(a).total_cmp(&likeness(b))).unwrap_or_default()
}

fn has_colours() -> bool {
    std::io::stdout().is_terminal() && Settings::allows_colours()
}

fn follow_job(options: LoadOptions, patience: Duration, is_json: bool) -> ExitCode {
    let loaded = match Settings::load(options) {
        Ok(loaded) => loaded,
        Err(error) => return complain(&error, EXIT_CONFIG),
    };
    let settings = loaded.settings;
    if let Err(error) = telemetry::start_logging(&settings.log, &settings.secrets()) {
        return complain(error, EXIT_CONFIG);
    }
    let queue = settings.jobs.queue.clone();
    with_database_code(&settings, async |db| {
        let mut told = Vec::new();
        let end = queue::follow(&db, &queue, patience, |step| {
            if is_json {
                told.push(as_json(step));
            } else if !step.is_last() {
                say(&in_words(step));
            }
        })
        .await?;
        let code =
            if matches!(end, Step::Done { .. }) { ExitCode::SUCCESS } else { ExitCode::from(1) };
        let text = if is_json { json!(told).to_string() } else { in_words(&end) };
        Ok((text, code))
    })
}

fn in_words(step: &Step) -> String {
    match step {
        Step::Waits(id) => format!("job {id} waits"),
        Step::Runs(by) => format!("running by {by}"),
        Step::Done { by, took_ms } => format!("done by {by}, {took_ms} ms after it was made"),
        Step::Failed(why) => format!("failed: {why}; see: primelingo jobs failed"),
        Step::Untaken(why) => format!("nobody took it, and it is taken off the list: {why}"),
        Step::Hangs(by) => format!("{by} took it and does not end it; see: primelingo jobs list"),
    }
}

fn as_json(step: &Step) -> serde_json::Value {
    match step {
        Step::Waits(id) => json!({ "step": "waiting", "job": id.0 }),
        Step::Runs(by) => json!({ "step": "running", "by": by }),
        Step::Done { by, took_ms } => json!({ "step": "done", "by": by, "took_ms": took_ms }),
        Step::Failed(why) => json!({ "step": "failed", "why": why }),
        Step::Untaken(why) => json!({ "step": "untaken", "why": why }),
        Step::Hangs(by) => json!({ "step": "hangs", "by": by }),
    }
}
