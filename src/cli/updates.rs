//! `primelingo updates`: what was put aside, and another try for it.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::database::{Answer, or_missing, with_database};
use super::output::Format;
use super::say;
use crate::domain::ids::UpdateSeq;
use crate::settings::Settings;
use crate::store::records::AsideUpdate;

/// What to do with updates.
#[derive(Debug, Args)]
pub struct UpdatesArguments {
    #[command(flatten)]
    format: Format,
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
    let json = arguments.format.is_json();
    with_database(settings, async |db| match &arguments.command {
        UpdatesCommand::List { limit } => {
            let updates = db.updates_aside(*limit).await?;
            if json {
                let values = updates.iter().map(value).collect::<Value>();
                return Ok(Answer::Done(values.to_string()));
            }
            let lines: Vec<String> = updates.iter().map(line).collect();
            let nothing = "nothing was put aside".to_owned();
            Ok(Answer::Done(or_missing(!lines.is_empty(), lines.join("\n"), nothing)))
        }
        UpdatesCommand::Show { number } => Ok(match db.update_show(UpdateSeq(*number)).await? {
            Some(update) if json => Answer::Done(with_content(&update).to_string()),
            Some(update) => Answer::Done(show(&update)),
            None if json => Answer::RefusedAsJson(word(*number, false).to_string()),
            None => Answer::Refused(missing(*number)),
        }),
        UpdatesCommand::Replay { numbers } => {
            let (mut done, mut refused, mut words) = (Vec::new(), Vec::new(), Vec::new());
            for number in numbers {
                let is_there = db.update_replay(UpdateSeq(*number)).await?;
                if is_there {
                    done.push(format!("update {number} gets another try"));
                } else {
                    refused.push(missing(*number));
                }
                words.push(word(*number, is_there));
            }
            if json {
                return Ok(Answer::given(refused.is_empty(), Value::from(words).to_string(), json));
            }
            if refused.is_empty() {
                return Ok(Answer::Done(done.join("\n")));
            }
            for line in &done {
                say(line);
            }
            Ok(Answer::Refused(refused.join("\n")))
        }
    })
}

/// Whether something was done for an update.
fn word(number: i64, is_done: bool) -> Value {
    json!({ "update": number, "done": is_done })
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

fn value(update: &AsideUpdate) -> Value {
    let AsideUpdate { seq, chat, kind, state, faults, error, received_at, .. } = update;
    json!({
        "update": seq.0,
        "state": state,
        "kind": kind,
        "chat": chat.0,
        "received_at": received_at.to_rfc3339(),
        "faults": faults,
        "error": error,
    })
}

fn show(update: &AsideUpdate) -> String {
    let content = match masked(update) {
        Some(content) => format!("{content:#}"),
        None => format!("({} bytes that are no JSON)", update.raw.len()),
    };
    format!("{}\n{content}", line(update))
}

/// The line with what came, for programs.
fn with_content(update: &AsideUpdate) -> Value {
    let mut shown = value(update);
    if let Some(fields) = shown.as_object_mut() {
        fields.insert("content".to_owned(), masked(update).unwrap_or_default());
    }
    shown
}

/// What came, without people's own words; none if it is no JSON.
fn masked(update: &AsideUpdate) -> Option<Value> {
    let mut content = serde_json::from_str(&update.raw).ok()?;
    mask(&mut content, "");
    Some(content)
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
