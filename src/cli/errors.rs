//! `primelingo errors`: what goes wrong in the program, by groups.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::database::{Answer, with_database};
use super::output::{Format, Output};
use crate::settings::Settings;
use crate::store::records::ErrorGroup;

/// What to do with the errors.
#[derive(Debug, Args)]
pub struct ErrorsArguments {
    #[command(subcommand)]
    command: ErrorsCommand,
}

#[derive(Debug, Subcommand)]
enum ErrorsCommand {
    /// Lists groups of errors, the one that was seen last first.
    List {
        /// Most lines.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=10_000))]
        limit: i64,
        #[command(flatten)]
        format: Format,
    },
    /// Forgets a group that is mended: it counts from one when it comes again.
    Forget {
        /// Its name in the list.
        group: String,
    },
}

/// Runs the command against the configured database.
pub fn run(settings: &Settings, arguments: &ErrorsArguments) -> ExitCode {
    with_database(settings, async |db| {
        let text = match &arguments.command {
            ErrorsCommand::List { limit, format } => {
                let groups = db.errors_recent(*limit).await?;
                match format.output() {
                    Output::Json => groups.iter().map(value).collect::<Value>().to_string(),
                    Output::Table if groups.is_empty() => "no errors".to_owned(),
                    Output::Table => groups.iter().map(line).collect::<Vec<_>>().join("\n"),
                }
            }
            ErrorsCommand::Forget { group } if db.error_forget(group.clone()).await? => {
                format!("{group} is forgotten")
            }
            ErrorsCommand::Forget { group } => {
                return Ok(Answer::Refused(format!("there is no group {group}")));
            }
        };
        Ok(Answer::Done(text))
    })
}

fn line(group: &ErrorGroup) -> String {
    let ErrorGroup { fingerprint, place, text, count, last_at, trace, .. } = group;
    let last = last_at.format("%Y-%m-%d %H:%M:%S UTC");
    let trace = trace.as_deref().unwrap_or("-");
    format!("{fingerprint}  {count:>6} times, last {last}, trace {trace}  {place}: {text}")
}

fn value(group: &ErrorGroup) -> Value {
    json!({
        "group": group.fingerprint,
        "place": group.place,
        "text": group.text,
        "count": group.count,
        "first_at": group.first_at,
        "last_at": group.last_at,
        "trace": group.trace,
    })
}
