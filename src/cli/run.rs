//! `primelingo run` and `primelingo worker`: the bot, and processes that work its jobs off.

use std::process::ExitCode;

use clap::Args;

use crate::app::{self, Role, ServeError, Source};
use crate::settings::{LoadOptions, Loaded, Settings};

/// Exit code when something must be mended before another start.
const EXIT_UNUSABLE: u8 = 69;

/// Arguments of `run`.
#[derive(Debug, Args)]
pub struct RunArguments {
    /// Leaves background work to `primelingo worker` processes, as long as any lives.
    #[arg(long)]
    no_worker: bool,
    /// Does everything up to the start and ends: settings, database, token, ports.
    #[arg(long)]
    check: bool,
}

/// Arguments of `worker`.
#[derive(Debug, Args)]
pub struct WorkerArguments {
    /// Jobs at the same time, in place of jobs.workers.
    #[arg(long, value_name = "N")]
    concurrency: Option<usize>,
    /// The queue, in place of jobs.queue.
    #[arg(long, alias = "queues", value_name = "NAME")]
    queue: Option<String>,
}

impl WorkerArguments {
    /// The same as settings, which come after all that were given.
    pub fn settings(&self) -> Vec<(String, String)> {
        let concurrency = self.concurrency.map(|n| ("jobs.workers".to_owned(), n.to_string()));
        let queue = self.queue.clone().map(|name| ("jobs.queue".to_owned(), name));
        concurrency.into_iter().chain(queue).collect()
    }
}

/// Runs the bot until it is stopped.
pub fn run(loaded: Loaded, options: LoadOptions, arguments: &RunArguments) -> ExitCode {
    if arguments.check {
        return check(&loaded.settings);
    }
    serve(loaded, options, Role::Run { with_jobs: !arguments.no_worker })
}

/// Works jobs off until it is stopped.
pub fn work(loaded: Loaded, options: LoadOptions) -> ExitCode {
    serve(loaded, options, Role::Worker)
}

/// Whether a start would succeed.
fn check(settings: &Settings) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return super::complain(&error, EXIT_UNUSABLE),
    };
    match runtime.block_on(app::check(settings)) {
        Ok(lines) => {
            super::say(&lines.join("\n"));
            ExitCode::SUCCESS
        }
        Err(error) => refuse(&error),
    }
}

/// Says why it does not start. What is set wrong is no better at the next try.
fn refuse(error: &ServeError) -> ExitCode {
    let is_set_wrong = matches!(error, ServeError::Settings(_) | ServeError::Token(_));
    super::complain(error, if is_set_wrong { super::EXIT_CONFIG } else { EXIT_UNUSABLE })
}

fn serve(loaded: Loaded, options: LoadOptions, role: Role) -> ExitCode {
    let settings = loaded.settings.clone();
    match app::serve(&settings, role, Some(Source { options, loaded })) {
        Ok(reason) => ExitCode::from(reason.exit_code()),
        Err(error) => refuse(&error),
    }
}
