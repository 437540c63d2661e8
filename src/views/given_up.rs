//! Failed jobs, as admins see them.

use super::format::shorten;
use super::results::wide;
use super::texts::Value;
use super::{Pen, Shown};
use crate::domain::button::Action;
use crate::domain::failures::ErrorGroup;
use crate::domain::given_up::{GroupName, JobsAct, JobsSaid, JobsView};
use crate::domain::html::Html;
use crate::domain::outgoing::Keyboard;

/// Characters of an error that are shown.
const ERROR_CHARS: usize = 160;

/// A view.
pub fn view(pen: Pen<'_>, view: &JobsView) -> Shown {
    match view {
        JobsView::List { groups, more, said } => list(pen, groups, *more, *said),
        JobsView::Question { group, asked_s } => question(pen, group, *asked_s),
    }
}

fn list(pen: Pen<'_>, groups: &[ErrorGroup], more: usize, said: Option<JobsSaid>) -> Shown {
    let mut html = Html::new();
    if let Some(said) = said {
        html = html.text(said_text(pen, said)).newline().newline();
    }
    html = html.bold(pen.text(if groups.is_empty() { "jobs-none" } else { "jobs-head" }));
    let mut keyboard = Keyboard::new();
    for (number, group) in groups.iter().enumerate() {
        html = html.newline().newline().append(line(pen, number + 1, group));
        let Some(name) = GroupName::of(group) else { continue };
        let act = |key, act| {
            let label = format!("{} {}", number + 1, pen.text(key));
            pen.labelled(label, Action::Jobs(act))
        };
        keyboard = keyboard.row([
            act("button-jobs-retry", JobsAct::Retry(name)),
            act("button-jobs-drop", JobsAct::AskDrop(name)),
        ]);
    }
    if more > 0 {
        let more = Value::Number(wide(more));
        html = html.newline().newline().italic(pen.fill("jobs-more", &[("count", more)]));
    }
    keyboard = keyboard.row([
        pen.button("button-jobs-show", Action::Jobs(JobsAct::Show)),
        pen.button("button-menu", Action::Menu),
    ]);
    Shown { html: html.for_text(), keyboard: Some(keyboard) }
}

fn line(pen: Pen<'_>, number: usize, group: &ErrorGroup) -> Html {
    let count = Value::Number(wide(group.jobs.len()));
    let count = pen.fill("jobs-count", &[("count", count)]);
    Html::new()
        .text(format!("{number}. "))
        .bold(&group.kind)
        .text(format!(" · {count}"))
        .newline()
        .code(shorten(&group.error, ERROR_CHARS))
}

fn question(pen: Pen<'_>, group: &ErrorGroup, asked_s: i64) -> Shown {
    let count = Value::Number(wide(group.jobs.len()));
    let html = Html::new()
        .text(pen.fill("jobs-ask-drop", &[("count", count)]))
        .newline()
        .newline()
        .append(line(pen, 1, group))
        .newline()
        .newline()
        .italic(pen.text("people-ask-within"));
    let mut keyboard = Keyboard::new();
    if let Some(group) = GroupName::of(group) {
        let drop = JobsAct::Drop { group, asked_s };
        keyboard = keyboard.row([pen.button("button-yes-do-it", Action::Jobs(drop))]);
    }
    keyboard = keyboard.row([pen.button("button-no-leave-it", Action::Jobs(JobsAct::Show))]);
    Shown { html: html.for_text(), keyboard: Some(keyboard) }
}

fn said_text(pen: Pen<'_>, said: JobsSaid) -> String {
    let counted = |key, count| pen.fill(key, &[("count", Value::Number(wide(count)))]);
    match said {
        JobsSaid::Again(count) => counted("jobs-again", count),
        JobsSaid::Dropped(count) => counted("jobs-dropped", count),
        JobsSaid::Gone => pen.text("jobs-gone"),
        JobsSaid::TooLate => pen.text("people-too-late"),
    }
}
