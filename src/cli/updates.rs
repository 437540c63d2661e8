//! `primelingo updates`: what was put aside, and another try for it.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::Value;

use super::database::{or_missing, with_database};
use crate::domain::ids::UpdateSeq;
use crate::settings::Settings;
use crate::store::records::AsideUpdate;

/// What to do with updates.
#[derive(Debug, Args)]
pub struct UpdatesArguments {
    #[command(subcommand)]
    command: UpdatesCommand,
}

#[derive(Debug, Subcommand)]
enum UpdatesCommand {
    /// Lists updates that were put aside: dead ones, and those that could not be read.
    List {
        /// Most lines, the newest first.
        #[arg(long, default_value_t = 50)]
        limit: i64,
    },
    /// Shows one update; people's words are left out.
    Show {
        /// Its number, which is also the number for support.
        number: i64,
    },
    /// Gives updates that were put aside another try, with a clean record. A running bot notices
    /// by itself.
    Replay {
        /// Their numbers.
        #[arg(required = true)]
        numbers: Vec<i64>,
    },
}

/// Runs the command against the configured database.
pub fn run(settings: &Settings, arguments: &UpdatesArguments) -> ExitCode {
    with_database(settings, async |db| match &arguments.command {
        UpdatesCommand::List { limit } => {
            let updates = db.updates_aside(*limit).await?;
            let lines: Vec<String> = updates.iter().map(line).collect();
            Ok(or_missing(!lines.is_empty(), lines.join("\n"), "nothing was put aside".to_owned()))
        }
        UpdatesCommand::Show { number } => {
            let update = db.update_show(UpdateSeq(*number)).await?;
            Ok(update.map_or_else(|| missing(*number), |update| show(&update)))
        }
        UpdatesCommand::Replay { numbers } => {
            let mut lines = Vec::new();
            for number in numbers {
                let is_there = db.update_replay(UpdateSeq(*number)).await?;
                let done = format!("update {number} gets another try");
                lines.push(or_missing(is_there, done, missing(*number)));
            }
            Ok(lines.join("\n"))
        }
    })
}

fn missing(number: i64) -> String {
    format!("no update {number} was put aside; see: primelingo updates list")
}

fn line(update: &AsideUpdate) -> String {
    let AsideUpdate { seq, chat, kind, state, faults, error, received_at, .. } = update;
    let error = error.as_deref().unwrap_or("-");
    let received = received_at.format("%Y-%m-%d %H:%M:%S UTC");
    format!("{}  {state}  {kind}  chat {}  {received}  faults {faults}  {error}", seq.0, chat.0)
}

fn show(update: &AsideUpdate) -> String {
    let masked = serde_json::from_str(&update.raw).map_or_else(
        |_| format!("({} bytes that are no JSON)", update.raw.len()),
        |mut value| {
            mask(&mut value, "");
            format!("{value:#}")
        },
    );
    format!("{}\n{masked}", line(update))
}

/// Replaces people's own words by their length; names of kinds and languages say nothing of anybody.
fn mask(value: &mut Value, key: &str) {
    const PLAIN: [&str; 3] = ["type", "language_code", "chat_type"];
    match value {
        Value::String(text) if !PLAIN.contains(&key) => {
            *text = format!("<{} characters>", text.chars().count());
        }
        Value::Array(items) => items.iter_mut().for_each(|item| mask(item, key)),
        Value::Object(fields) => fields.iter_mut().for_each(|(key, value)| mask(value, key)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nobodys_words_are_shown() {
        let mut update = json!({
            "update_id": 7,
            "message": {
                "from": {"id": 9, "first_name": "Ann", "language_code": "en"},
                "text": "my secret",
                "entities": [{"type": "bold", "offset": 0}],
            },
        });
        mask(&mut update, "");
        let expected = json!({
            "update_id": 7,
            "message": {
                "from": {"id": 9, "first_name": "<3 characters>", "language_code": "en"},
                "text": "<9 characters>",
                "entities": [{"type": "bold", "offset": 0}],
            },
        });
        assert_eq!(update, expected);
    }
}
