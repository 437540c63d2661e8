//! What the people in charge are told when something was put aside. Numbers and kinds of faults
//! only: nobody's words.

use super::results::wide;
use super::texts::Value;
use super::{Pen, Shown};
use crate::domain::html::Html;
use crate::domain::incident::{Cause, Incident, Subject};

/// The alert.
pub fn put_aside(pen: Pen<'_>, incidents: &[Incident], more: usize) -> Shown {
    let count = wide(incidents.len().saturating_add(more));
    let mut html = Html::new().bold(pen.fill("alert-head", &[("count", Value::Number(count))]));
    for incident in incidents {
        let (key, id) = match incident.subject {
            Subject::Update(seq) => ("alert-update", seq.0),
            Subject::Job(id) => ("alert-job", id.0),
        };
        let (id, cause) = (id.to_string(), pen.text(cause_key(incident.cause)));
        let line = pen.fill(key, &[("id", Value::Text(&id)), ("cause", Value::Text(&cause))]);
        html = html.newline().text(line);
    }
    if more > 0 {
        let more = [("more", Value::Number(wide(more)))];
        html = html.newline().text(pen.fill("alert-more", &more));
    }
    html = html.newline().italic(pen.text("alert-advice"));
    Shown { html: html.for_text(), keyboard: None }
}

const fn cause_key(cause: Cause) -> &'static str {
    match cause {
        Cause::Panic => "cause-panic",
        Cause::Deadline => "cause-deadline",
        Cause::Error => "cause-error",
        Cause::Death => "cause-death",
    }
}
