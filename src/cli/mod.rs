//! The command line: one file a command; `commands` lists them.

use std::error::Error;
use std::io::{ErrorKind, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Parser;

use self::commands::Command;
use crate::app::{telemetry, with_causes};
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

/// The exit code of output that could not be written, likewise.
const EXIT_OUTPUT: u8 = 74;

/// The exit code of what is away or unusable, and has to be mended outside of this program.
const EXIT_UNAVAILABLE: u8 = 69;

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    let code = carry_out(Arguments::parse());
    if OUTPUT_IS_LOST.load(Ordering::Relaxed) { ExitCode::from(EXIT_OUTPUT) } else { code }
}

fn carry_out(arguments: Arguments) -> ExitCode {
    #[cfg(feature = "failpoints")]
    if let Some(Err(error)) = arguments.fail_points.as_deref().map(crate::fail_points::arm) {
        return complain(error, EXIT_CONFIG);
    }
    let options = LoadOptions::from_process(arguments.config, arguments.overrides);
    match arguments.command {
        Command::Bare(command) => command.run(options),
        Command::Configured(command) => {
            let options = command.adjust(options);
            match load(&options) {
                Ok(loaded) => command.run(loaded, options),
                Err(error) => complain(error, EXIT_CONFIG),
            }
        }
    }
}

/// Reads the settings and starts the log by them.
fn load(options: &LoadOptions) -> Result<Loaded, Box<dyn Error>> {
    let loaded = Settings::load(options.clone())?;
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

/// Whether output of the command was lost.
static OUTPUT_IS_LOST: AtomicBool = AtomicBool::new(false);

/// Says what is wrong, with all its causes, on the standard error stream; never a secret, whatever a
/// library has put into its error.
fn complain<'a>(error: impl Into<Box<dyn Error + 'a>>, code: u8) -> ExitCode {
    let text = with_causes(error.into().as_ref());
    note(&format!("error: {}", telemetry::without_secrets(&text)));
    ExitCode::from(code)
}

/// Says what will not be as it was perhaps meant, on the standard error stream, as [`complain`] does.
fn warn(warning: &str) {
    note(&format!("warning: {}", telemetry::without_secrets(warning)));
}

/// Prints a line of output. A reader that has gone, as `| head` does, has seen enough; a disk that is
/// full has lost what was asked for, which [`main`] tells by its exit code.
fn say(line: &str) {
    let mut stream = std::io::stdout();
    let written = writeln!(stream, "{line}").and_then(|()| stream.flush());
    if let Err(error) = written
        && error.kind() != ErrorKind::BrokenPipe
        && !OUTPUT_IS_LOST.swap(true, Ordering::Relaxed)
    {
        note(&format!("error: the output cannot be written: {error}"));
    }
}

/// Prints a line beside the output. Where it cannot be written, nobody is there to be told.
fn note(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
