//! The command line: one file a command.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::app::telemetry;
use crate::settings::{LoadOptions, Loaded, Settings};

mod audit;
mod broadcast;
#[cfg(feature = "demo")]
mod demo;
mod database;
mod db;
mod errors;
mod files;
mod inspect;
mod jobs;
mod migrate;
mod progress;
mod run;
#[cfg(feature = "demo")]
mod simulate;
mod stats;
mod updates;
mod users;

/// The study library of a language school, inside Telegram.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
struct Arguments {
    /// Configuration file, in place of config/<profile>.toml.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Sets one value, above all other sources; may be given several times.
    #[arg(long = "set", global = true, value_name = "SECTION.KEY=VALUE", value_parser = assignment)]
    overrides: Vec<(String, String)>,
    /// Rules for the fail points, as JSON: see `src/fail_points`.
    #[cfg(feature = "failpoints")]
    #[arg(long, global = true, value_name = "JSON")]
    fail_points: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the bot. Of several on one database one works, and the others stand by.
    Run(run::RunArguments),
    /// Works background jobs off, beside a bot on the same database.
    Worker(run::WorkerArguments),
    /// Tries everything out without Telegram: simulator, bot, sample library, chat page.
    #[cfg(feature = "demo")]
    Demo(demo::DemoArguments),
    /// Load drill against the built-in simulator; prints figures.
    #[cfg(feature = "demo")]
    Simulate(simulate::SimulateArguments),
    /// Sends to many, and looks at what was sent.
    Broadcast(broadcast::BroadcastArguments),
    /// Looks at background jobs, and gives dead ones another try.
    Jobs(jobs::JobsArguments),
    /// Looks at updates that were put aside, and gives them another try.
    Updates(updates::UpdatesArguments),
    /// Copies a database into another one, and checks copies.
    Db(db::DbArguments),
    /// Shows and changes which migrations the database has had.
    Migrate(migrate::MigrateArguments),
    /// Brings files in from a folder, and checks those that are there.
    Files(files::FilesArguments),
    /// Looks into files as an upload would, and prints what is found and what it cost.
    Inspect(inspect::InspectArguments),
    /// The school in figures, a row for each day.
    Stats(stats::StatsArguments),
    /// Looks people up and gives them roles.
    Users(users::UsersArguments),
    /// Shows who did what, and when.
    Audit(audit::AuditArguments),
    /// Shows what goes wrong in the program, by groups.
    Errors(errors::ErrorsArguments),
}

/// The exit code of wrong usage or configuration, as `sysexits.h` has it.
const EXIT_CONFIG: u8 = 78;

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    #[cfg(feature = "failpoints")]
    if let Some(Err(error)) = arguments.fail_points.as_deref().map(crate::fail_points::arm) {
        return complain(&error, EXIT_CONFIG);
    }
    #[cfg(feature = "demo")]
    if let Command::Demo(demo) = arguments.command {
        return demo::run(&demo, arguments.overrides);
    }
    let mut overrides = arguments.overrides;
    if let Command::Worker(worker) = &arguments.command {
        overrides.extend(worker.settings());
    }
    let options = LoadOptions::from_process(arguments.config, overrides);
    let loaded = match Settings::load(options) {
        Ok(loaded) => loaded,
        Err(error) => return complain(&error, EXIT_CONFIG),
    };
    if let Err(error) = start_logging(&loaded) {
        return complain(&error, EXIT_CONFIG);
    }
    match arguments.command {
        Command::Run(arguments) => run::run(&loaded.settings, &arguments),
        Command::Worker(_) => run::work(&loaded.settings),
        #[cfg(feature = "demo")]
        Command::Demo(_) => ExitCode::SUCCESS,
        #[cfg(feature = "demo")]
        Command::Simulate(simulate) => simulate::run(&simulate),
        Command::Broadcast(broadcast) => broadcast::run(&loaded.settings, &broadcast),
        Command::Jobs(jobs) => jobs::run(&loaded.settings, &jobs),
        Command::Updates(updates) => updates::run(&loaded.settings, &updates),
        Command::Db(db) => db::run(&loaded.settings, &db),
        Command::Migrate(migrate) => migrate::run(&loaded.settings, &migrate),
        Command::Files(files) => files::run(&loaded.settings, &files),
        Command::Inspect(inspect) => inspect::run(&loaded.settings, &inspect),
        Command::Stats(stats) => stats::run(&loaded.settings, &stats),
        Command::Users(users) => users::run(&loaded.settings, &users),
        Command::Audit(audit) => audit::run(&loaded.settings, &audit),
        Command::Errors(errors) => errors::run(&loaded.settings, &errors),
    }
}

fn start_logging(loaded: &Loaded) -> Result<(), String> {
    telemetry::start_logging(&loaded.settings.log, &loaded.settings.secrets())?;
    for warning in &loaded.warnings {
        tracing::warn!("{warning}");
    }
    Ok(())
}

fn assignment(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("expected SECTION.KEY=VALUE")?;
    Ok((key.trim().to_owned(), value.to_owned()))
}

/// Says what is wrong, with all its causes, on the standard error stream.
#[expect(clippy::print_stderr, reason = "the command line speaks to whoever typed it")]
fn complain(error: &dyn std::fmt::Display, code: u8) -> ExitCode {
    eprintln!("error: {error}");
    ExitCode::from(code)
}

/// Prints a line of output.
#[expect(clippy::print_stdout, reason = "the command line speaks to whoever typed it")]
fn say(line: &str) {
    println!("{line}");
}

/// Prints a line beside the output.
#[expect(clippy::print_stderr, reason = "the command line speaks to whoever typed it")]
fn note(line: &str) {
    eprintln!("{line}");
}
