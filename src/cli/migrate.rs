//! `primelingo migrate`: the schema of the database, step by step.

use std::io::{BufRead as _, IsTerminal as _};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::output::Format;
use super::{complain, say};
use crate::app;
use crate::settings::Settings;
use crate::store::migrate::{self, Reverted};
use crate::store::standing::{MigrationLine, Standing};
use crate::store::{StoreConfig, StoreError};

/// What to do with the schema.
#[derive(Debug, Args)]
pub struct MigrateArguments {
    #[command(subcommand)]
    command: MigrateCommand,
}

#[derive(Debug, Subcommand)]
enum MigrateCommand {
    /// Brings the schema up to date, as every start does.
    Up,
    /// Takes the newest migration back. Stop the bot and make a backup first.
    Down {
        /// Does not ask.
        #[arg(long)]
        yes: bool,
        /// Goes on although the migration's tables and columns hold data, which is lost then.
        #[arg(long)]
        yes_lose_data: bool,
    },
    /// Lists all migrations; changes nothing. Exit code 0: up to date, 1: some are pending, 69: the
    /// schema is newer than this program, not whole or another program's, or the database cannot be
    /// reached.
    Status {
        #[command(flatten)]
        format: Format,
    },
}

/// Exit code when something must be mended first.
const EXIT_UNUSABLE: u8 = 69;

/// Runs the command against the configured database.
pub fn run(settings: &Settings, arguments: &MigrateArguments) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return complain(&error, 1),
    };
    // Whoever asks for the status takes 1 for pending migrations.
    let is_status = matches!(arguments.command, MigrateCommand::Status { .. });
    let config = match app::store_config(settings) {
        Ok(config) => config,
        Err(error) => return complain(&error, if is_status { EXIT_UNUSABLE } else { 1 }),
    };
    let done = runtime.block_on(async {
        match arguments.command {
            MigrateCommand::Up => up(&config).await,
            MigrateCommand::Down { yes, yes_lose_data } => down(&config, yes, yes_lose_data).await,
            MigrateCommand::Status { format } => status(&config, format.is_json()).await,
        }
    });
    done.unwrap_or_else(|error| {
        let is_unusable = matches!(error, StoreError::Schema(_) | StoreError::Unavailable { .. });
        let code = if is_status || is_unusable { EXIT_UNUSABLE } else { 1 };
        complain(&error, code)
    })
}

async fn up(config: &StoreConfig) -> Result<ExitCode, StoreError> {
    let run = migrate::up(config).await?;
    say(&match run {
        0 => "the schema is up to date".to_owned(),
        1 => "1 migration was run".to_owned(),
        run => format!("{run} migrations were run"),
    });
    Ok(ExitCode::SUCCESS)
}

async fn down(config: &StoreConfig, yes: bool, lose: bool) -> Result<ExitCode, StoreError> {
    let standing = migrate::standing_of(config).await?;
    if let Some(fault) = standing.fault {
        return Err(StoreError::Schema(fault));
    }
    let newest = standing.migrations.iter().rfind(|line| line.applied_at.is_some());
    let Some(newest) = newest else { return Ok(told(Reverted::Nothing)) };
    if !yes && !is_confirmed(&newest.name) {
        return Ok(complain("nothing was done; say yes, or give --yes", 1));
    }
    Ok(told(migrate::down(config, lose).await?))
}

/// Says what came of it.
fn told(outcome: Reverted) -> ExitCode {
    match outcome {
        Reverted::Done(name) => {
            say(&format!("migration {name} was taken back"));
            ExitCode::SUCCESS
        }
        Reverted::Nothing => {
            say("there is no migration to take back");
            ExitCode::SUCCESS
        }
        Reverted::Alive(name, seconds) => complain(
            format!(
                "somebody works on the database (lease {name}, {seconds} s); stop the bot and its \
                 workers first"
            ),
            1,
        ),
        Reverted::WouldLose(name, losses) => {
            let list: Vec<String> =
                losses.iter().map(|(what, rows)| format!("{what} ({rows} rows)")).collect();
            complain(
                format!(
                    "taking migration {name} back would lose {}; make a backup (`primelingo backup \
                     create`), then give --yes-lose-data",
                    list.join(", ")
                ),
                1,
            )
        }
    }
}

/// Asks at a terminal.
fn is_confirmed(migration: &str) -> bool {
    let input = std::io::stdin();
    if !input.is_terminal() {
        return false;
    }
    say(&format!("Take migration {migration} back? Type yes:"));
    let mut answer = String::new();
    input.lock().read_line(&mut answer).is_ok() && answer.trim() == "yes"
}

async fn status(config: &StoreConfig, as_json: bool) -> Result<ExitCode, StoreError> {
    let standing = migrate::standing_of(config).await?;
    if as_json {
        let value = json!({
            "migrations": standing.migrations.iter().map(value).collect::<Value>(),
            "pending": standing.pending(),
            "fault": standing.fault.as_ref().map(ToString::to_string),
        });
        say(&value.to_string());
    } else {
        standing.migrations.iter().for_each(|line| say(&shown(line)));
    }
    Ok(exit_code(&standing, as_json))
}

fn exit_code(standing: &Standing, is_told: bool) -> ExitCode {
    match &standing.fault {
        Some(_) if is_told => ExitCode::from(EXIT_UNUSABLE),
        Some(fault) => complain(fault, EXIT_UNUSABLE),
        None if standing.pending().is_empty() => ExitCode::SUCCESS,
        None => {
            if !is_told {
                say("pending ones are run by `primelingo migrate up`, or by the next start");
            }
            ExitCode::FAILURE
        }
    }
}

fn shown(line: &MigrationLine) -> String {
    let state = match (line.applied_at, line.known) {
        (Some(at), true) => at.format("applied %Y-%m-%d %H:%M:%S UTC").to_string(),
        (Some(at), false) => {
            at.format("applied %Y-%m-%d %H:%M:%S UTC, unknown to this program").to_string()
        }
        (None, _) => "pending".to_owned(),
    };
    format!("{:<40} {state}", line.name)
}

fn value(line: &MigrationLine) -> Value {
    json!({ "name": line.name, "applied_at": line.applied_at, "known": line.known })
}
