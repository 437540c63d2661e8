//! What an answer in a dialog takes. The matches have no arm for "all others": a new dialog, or a new
//! question, without a line here does not compile.

use primelingo::domain::desk::Desk;
use primelingo::domain::role::Role;
use primelingo::domain::session::{BulkStep, ComposeStep, Dialog, Step};
use serde_json::{Value, json};

use super::{OWN, Rule, staff};
use crate::architecture::root;

/// Every state that was ever released, with its name.
pub fn all() -> Vec<(String, Dialog)> {
    let golden = root().join("src/domain/session/golden.tsv");
    let golden = std::fs::read_to_string(golden).unwrap();
    golden
        .lines()
        .map(|line| {
            let (schema, body) = line.split_once('\t').unwrap();
            let dialog = Dialog::decode(schema.parse().unwrap(), body).unwrap();
            (name(&dialog), dialog)
        })
        .collect()
}

/// What a dialog with its question is called.
pub fn name(dialog: &Dialog) -> String {
    let step = match dialog {
        Dialog::Idle => "",
        Dialog::Upload(upload) => match upload.step {
            Step::Title => "title",
            Step::Category { .. } => "section",
            Step::Level => "level",
            Step::Language => "language",
            Step::Tags => "tags",
            Step::Review => "review",
        },
        Dialog::Bulk(bulk) => match bulk.step {
            BulkStep::List => "list",
            BulkStep::Category { .. } => "section",
            BulkStep::Level => "level",
            BulkStep::Language => "language",
            BulkStep::ChooseRename => "which to rename",
            BulkStep::Rename { .. } => "rename",
            BulkStep::ChooseRemove => "which to remove",
            BulkStep::ConfirmCancel => "cancel, really",
        },
        Dialog::Replace(replace) => match replace.candidate {
            None => "file",
            Some(_) => "confirm",
        },
        Dialog::Broadcast(compose) => match compose.step {
            ComposeStep::Content => "content",
            ComposeStep::Buttons => "buttons",
            ComposeStep::Audience => "audience",
            ComposeStep::Language => "language",
            ComposeStep::Section { .. } => "section",
            ComposeStep::Role => "role",
            ComposeStep::List => "list",
            ComposeStep::When => "time",
            ComposeStep::Review => "review",
            ComposeStep::Price => "price",
            ComposeStep::Confirm { .. } => "send, really",
        },
        Dialog::Desk(desk) => match desk {
            Desk::Title { .. } => "title",
            Desk::Tags { .. } => "tags",
            Desk::NewSection { .. } => "new section",
            Desk::Rename { .. } => "rename section",
            Desk::FindPerson => "find a person",
        },
    };
    format!("{} {step}", dialog.tag()).trim_end().to_owned()
}

/// What somebody may send in a dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    Text,
    File,
    Sticker,
}

impl Input {
    pub const ALL: [Self; 3] = [Self::Text, Self::File, Self::Sticker];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::File => "file",
            Self::Sticker => "anything else",
        }
    }

    /// The fields of a message.
    pub fn content(self) -> Value {
        let file = |id: &str| json!({"file_id": id, "file_unique_id": id, "file_size": 9});
        match self {
            Self::Text => json!({"text": "some words"}),
            Self::File => json!({"document": file("d")}),
            Self::Sticker => json!({"sticker": file("s")}),
        }
    }
}

/// What an input takes. Groups are not listened to without a command.
pub fn rule(dialog: &Dialog, input: Input) -> Rule {
    match (dialog, input) {
        // What is forwarded is content.
        (Dialog::Broadcast(_), _) => Rule { least: Role::Admin, ..OWN },
        (_, Input::Sticker) | (Dialog::Idle | Dialog::Replace(_), Input::Text) => OWN,
        (
            Dialog::Idle
            | Dialog::Upload(_)
            | Dialog::Bulk(_)
            | Dialog::Replace(_)
            | Dialog::Desk(_),
            Input::File,
        ) => Rule { least: Role::Editor, ..OWN },
        (Dialog::Upload(_) | Dialog::Bulk(_), Input::Text) => staff(Role::Editor),
        (Dialog::Desk(desk), Input::Text) => match desk {
            Desk::FindPerson => staff(Role::Admin),
            Desk::Title { .. }
            | Desk::Tags { .. }
            | Desk::NewSection { .. }
            | Desk::Rename { .. } => staff(Role::Editor),
        },
    }
}

/// Whether a forwarded command is part of a letter, and no command.
pub fn takes_forwards(dialog: &Dialog) -> bool {
    matches!(dialog, Dialog::Broadcast(compose) if matches!(compose.step, ComposeStep::Content))
}
