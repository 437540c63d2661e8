//! `primelingo audit`: who did what, and when.

use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::database::with_database;
use crate::domain::audit::{
    AuditAction, AuditEntry, AuditNote, AuditRequest, AuditSubject, COMMAND_LINE, ERASED,
};
use crate::domain::ids::UserId;
use crate::settings::Settings;

/// What to do with the audit log.
#[derive(Debug, Args)]
pub struct AuditArguments {
    #[command(subcommand)]
    command: AuditCommand,
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Lists what was done, the newest first.
    List {
        /// Most lines.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=100_000))]
        limit: i64,
        /// Only what this person did: a numeric Telegram id, or 0 for the command line.
        #[arg(long)]
        actor: Option<i64>,
        /// Only this action, such as `publish` or `merge_section`.
        #[arg(long, value_parser = action)]
        action: Option<AuditAction>,
        /// Only before the entry of this number.
        #[arg(long)]
        before: Option<i64>,
        /// For people or for programs.
        #[arg(long, value_enum, default_value_t = Output::Table)]
        output: Output,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Output {
    Json,
    Table,
}

/// Who cannot be named any more.
const SOMEBODY: &str = "somebody who was erased";

fn known(person: UserId) -> bool {
    person != ERASED
}

fn action(name: &str) -> Result<AuditAction, String> {
    let names = || AuditAction::ALL.map(AuditAction::name).join(", ");
    AuditAction::from_name(name).ok_or_else(|| format!("one of: {}", names()))
}

/// Runs the command against the configured database.
pub fn run(settings: &Settings, arguments: &AuditArguments) -> ExitCode {
    let AuditCommand::List { limit, actor, action, before, output } = &arguments.command;
    let request = AuditRequest {
        subject: None,
        action: *action,
        actor: actor.map(UserId),
        before: *before,
        limit: *limit,
    };
    with_database(settings, async |db| {
        let entries = db.audit_list(request).await?;
        Ok(match output {
            Output::Json => entries.iter().map(value).collect::<Value>().to_string(),
            Output::Table if entries.is_empty() => "nothing was done".to_owned(),
            Output::Table => entries.iter().map(line).collect::<Vec<_>>().join("\n"),
        })
    })
}

fn line(entry: &AuditEntry) -> String {
    let AuditEntry { id, at, note, subject_name, .. } = entry;
    let at = at.format("%Y-%m-%d %H:%M:%S UTC");
    let actor = match note.actor {
        COMMAND_LINE => "command line".to_owned(),
        ERASED => SOMEBODY.to_owned(),
        person => format!("user {person}"),
    };
    let subject = match person(note) {
        Some(ERASED) => SOMEBODY.to_owned(),
        _ => format!("{} {}", note.action.subject().name(), note.subject),
    };
    let name = subject_name.as_deref().map(|name| format!(" \"{name}\"")).unwrap_or_default();
    let details = &note.details;
    let field = details.field.as_deref().map(|field| format!("  {field}")).unwrap_or_default();
    let change = match (&details.before, &details.after) {
        (None, None) => String::new(),
        (before, after) => {
            let shown = |side: &Option<String>| side.as_deref().unwrap_or("-").to_owned();
            format!("  {} -> {}", shown(before), shown(after))
        }
    };
    format!("{id}  {at}  {actor}  {}  {subject}{name}{field}{change}", note.action.name())
}

/// Whom it was done to.
fn person(note: &AuditNote) -> Option<UserId> {
    (note.action.subject() == AuditSubject::Person).then_some(UserId(note.subject))
}

fn value(entry: &AuditEntry) -> Value {
    let AuditEntry { id, at, note, subject_name, .. } = entry;
    json!({
        "number": id,
        "at": at.to_rfc3339(),
        "actor": known(note.actor).then_some(note.actor.0),
        "action": note.action.name(),
        "subject": note.action.subject().name(),
        "subject_id": person(note).is_none_or(known).then_some(note.subject),
        "name": subject_name,
        "details": note.details,
    })
}
