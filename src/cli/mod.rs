//! The command line: one file a command; `commands` lists them.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use self::commands::Command;
use crate::app::telemetry;
use crate::settings::{LoadOptions, Loaded, Settings};

mod audit;
mod backup;
mod broadcast;
mod commands;
mod completions;
mod config;
#[cfg(feature = "demo")]
mod demo;
mod database;
mod db;
mod doctor;
mod errors;
mod files;
mod healthcheck;
mod init;
mod inspect;
mod jobs;
mod man;
mod migrate;
mod output;
mod ownership;
mod progress;
mod reference;
mod run;
#[cfg(feature = "demo")]
mod simulate;
mod stats;
mod updates;
mod users;

pub use self::reference::commands_page;

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

/// The exit code of wrong usage or configuration, as `sysexits.h` has it.
const EXIT_CONFIG: u8 = 78;

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    #[cfg(feature = "failpoints")]
    if let Some(Err(error)) = arguments.fail_points.as_deref().map(crate::fail_points::arm) {
        return complain(&error, EXIT_CONFIG);
    }
    let options = LoadOptions::from_process(arguments.config, arguments.overrides);
    match arguments.command {
        Command::Bare(command) => command.run(options),
        Command::Configured(command) => {
            let options = command.adjust(options);
            match load(&options) {
                Ok(loaded) => command.run(loaded, options),
                Err(error) => complain(&error, EXIT_CONFIG),
            }
        }
    }
}

/// Reads the settings and starts the log by them.
fn load(options: &LoadOptions) -> Result<Loaded, String> {
    let loaded = Settings::load(options.clone()).map_err(|error| error.to_string())?;
    telemetry::start_logging(&loaded.settings.log, &loaded.settings.secrets())?;
    for warning in &loaded.warnings {
        tracing::warn!("{warning}");
    }
    Ok(loaded)
}

fn assignment(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("expected SECTION.KEY=VALUE")?;
    Ok((key.trim().to_owned(), value.to_owned()))
}

/// Says what is wrong, with all its causes, on the standard error stream; never a secret, whatever a
/// library has put into its error.
#[expect(clippy::print_stderr, reason = "the command line speaks to whoever typed it")]
fn complain(error: &dyn std::fmt::Display, code: u8) -> ExitCode {
    eprintln!("error: {}", telemetry::without_secrets(&error.to_string()));
    ExitCode::from(code)
}

/// Says what will not be as it was perhaps meant, on the standard error stream, as [`complain`] does.
#[expect(clippy::print_stderr, reason = "the command line speaks to whoever typed it")]
fn warn(warning: &str) {
    eprintln!("warning: {}", telemetry::without_secrets(warning));
}

/// Prints a line of output. A reader that has gone, as `| head` does, has seen enough.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Prints a line beside the output.
#[expect(clippy::print_stderr, reason = "the command line speaks to whoever typed it")]
fn note(line: &str) {
    eprintln!("{line}");
}
