//! Files about audiences: what came of a list, and the table of a broadcast's recipients.

use super::texts::Value;
use super::{Pen, Shown};
use crate::domain::audience_list::{ListOutcome, ListRefusal, ListReport};
use crate::domain::button::{Action, ComposeAct};
use crate::domain::effect::NoTable;
use crate::domain::event::FileClass;
use crate::domain::html::Html;
use crate::domain::outgoing::{Keyboard, Outgoing, StoredCopy};

/// What came of a file that lists an audience.
pub fn list(pen: Pen<'_>, report: &ListReport) -> Shown {
    let html = match report.outcome {
        ListOutcome::Read { chats, repeated, odd, first_odd } => {
            let mut html = Html::new().text(count(pen, "list-read", chats));
            if repeated > 0 {
                html = html.newline().text(count(pen, "list-repeated", repeated));
            }
            if let Some(first) = first_odd {
                let args = [("count", Value::Number(odd)), ("line", Value::Number(first))];
                html = html.newline().text(pen.fill("list-odd", &args));
            }
            html
        }
        ListOutcome::Refused(reason) => Html::new().text(pen.text(refusal_key(reason))),
        ListOutcome::Failed => Html::new().text(pen.text("list-failed")),
    };
    let keyboard = match report.outcome {
        ListOutcome::Read { chats, .. } if chats > 0 => {
            let act = ComposeAct::TakeList(report.list);
            let take = Action::Compose { broadcast: report.broadcast, act };
            Some(Keyboard::new().row([pen.button("button-take-list", take)]))
        }
        _ => None,
    };
    Shown { html: html.for_text(), keyboard }
}

const fn refusal_key(reason: ListRefusal) -> &'static str {
    match reason {
        ListRefusal::TooLarge => "list-too-large",
        ListRefusal::TooManyLines => "list-too-many-lines",
        ListRefusal::NotText => "list-not-text",
        ListRefusal::Nobody => "list-nobody",
        ListRefusal::NoSpace => "list-no-space",
    }
}

/// The table of a broadcast's recipients.
pub fn table(pen: Pen<'_>, copy: StoredCopy, rows: u64) -> Outgoing {
    Outgoing::File {
        class: FileClass::Document,
        file_id: String::new(),
        copy: Some(copy),
        apology: Some(Html::new().text(pen.text("table-failed")).for_text()),
        caption: Some(Html::new().text(count(pen, "table-caption", rows)).for_caption()),
        keyboard: None,
        silent: false,
    }
}

/// Why there is none.
pub fn no_table(pen: Pen<'_>, reason: NoTable) -> Shown {
    let text = match reason {
        NoTable::TooLarge { rows } => count(pen, "table-too-large", rows),
        NoTable::Failed => pen.text("table-failed"),
    };
    Shown { html: Html::new().text(text).for_text(), keyboard: None }
}

fn count(pen: Pen<'_>, key: &str, count: u64) -> String {
    pen.fill(key, &[("count", Value::Number(count))])
}
