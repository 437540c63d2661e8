//! What is said about new editions: to the editor who replaces a file, and to those who took it.

use super::format::{self, kind_key, kind_sign};
use super::texts::Value;
use super::{Pen, Shown};
use crate::domain::button::{Action, ReplaceAct};
use crate::domain::edition::{Comparison, EditionView, ReplaceNotice, Side, Twin};
use crate::domain::html::Html;
use crate::domain::ids::MaterialId;
use crate::domain::material::MaterialState;
use crate::domain::outgoing::{Button, Keyboard};

/// A view.
pub fn view(pen: Pen<'_>, view: &EditionView) -> Shown {
    match view {
        EditionView::Ask { material, title } => ask(pen, *material, title),
        EditionView::Comparison(files) => comparison(pen, files),
        EditionView::Replaced { candidate, edition, title, takers } => {
            replaced(pen, *candidate, *edition, title, *takers)
        }
        EditionView::NewEdition { material, title } => new_edition(pen, *material, title),
        EditionView::Announced { title, told } => announced(pen, title, *told),
    }
}

/// A short answer.
pub fn notice(pen: Pen<'_>, notice: &ReplaceNotice) -> String {
    let titled = |key, title: &str| pen.fill(key, &[("title", Value::Text(title))]);
    match notice {
        ReplaceNotice::UploadFirst => pen.text("notice-upload-first"),
        ReplaceNotice::ReplaceFirst => pen.text("notice-replace-first"),
        ReplaceNotice::Cancelled => pen.text("notice-replace-cancelled"),
        ReplaceNotice::Over => pen.text("notice-replace-over"),
        ReplaceNotice::SameFile { title } => titled("notice-same-file", title),
        ReplaceNotice::Overtaken { title } => titled("notice-replace-overtaken", title),
    }
}

/// "Send me the new file."
fn ask(pen: Pen<'_>, material: MaterialId, title: &str) -> Shown {
    let text = pen.fill("replace-ask", &[("title", Value::Text(title))]);
    let cancel = button(pen, "button-replace-cancel", material, ReplaceAct::Cancel);
    Shown { html: Html::new().text(text).for_text(), keyboard: Some(Keyboard::new().row([cancel])) }
}

/// The present file beside the new one, as a message of its own.
fn comparison(pen: Pen<'_>, comparison: &Comparison) -> Shown {
    let html = compared(pen, Html::new(), comparison);
    Shown { html: html.for_text(), keyboard: Some(choices(pen, comparison)) }
}

/// The present file beside the new one.
pub fn compared(pen: Pen<'_>, html: Html, comparison: &Comparison) -> Html {
    let title = [("title", Value::Text(&comparison.title))];
    let mut html = html.bold(pen.fill("replace-compare", &title)).newline();
    for (label, file) in [("replace-old", &comparison.old), ("replace-new", &comparison.new)] {
        html = html.newline().text(pen.text(label)).text(": ").bold(&file.name);
        html = html.newline().text(side(pen, file));
    }
    let takers = [("count", Value::Number(comparison.takers))];
    html.newline().newline().italic(pen.fill("replace-takers", &takers))
}

fn side(pen: Pen<'_>, file: &Side) -> String {
    let (texts, lang) = (&pen.presenter.texts, pen.reader.lang);
    let measures = format::measures(texts, lang, None, file.pages, file.duration_s, file.size);
    let kind = format!("{} {}", kind_sign(file.kind), pen.text(kind_key(file.kind)));
    if measures.is_empty() { kind } else { format!("{kind} · {measures}") }
}

/// What the editor may do.
pub fn choices(pen: Pen<'_>, comparison: &Comparison) -> Keyboard {
    let Comparison { candidate, seen, takers, .. } = *comparison;
    let act = |key, act| button(pen, key, candidate, act);
    let mut keyboard = Keyboard::new();
    let replace = ReplaceAct::Confirm { seen, quiet: false };
    keyboard = keyboard.row([act("button-replace-confirm", replace)]);
    if takers > 0 {
        let quiet = ReplaceAct::Confirm { seen, quiet: true };
        keyboard = keyboard.row([act("button-replace-quietly", quiet)]);
    }
    keyboard.row([act("button-replace-cancel", ReplaceAct::Cancel)])
}

/// The file was replaced; it can be taken back as long as nobody replaces it again.
fn replaced(pen: Pen<'_>, candidate: MaterialId, edition: u32, title: &str, takers: u64) -> Shown {
    let title = [("title", Value::Text(title))];
    let mut html = Html::new().text(pen.fill("replace-done", &title));
    if takers > 0 {
        let takers = [("count", Value::Number(takers))];
        html = html.newline().italic(pen.fill("replace-telling", &takers));
    }
    let undo = ReplaceAct::Confirm { seen: edition, quiet: false };
    let keyboard = Keyboard::new().row([button(pen, "button-replace-undo", candidate, undo)]);
    Shown { html: html.for_text(), keyboard: Some(keyboard) }
}

/// To somebody who took an older edition.
fn new_edition(pen: Pen<'_>, material: MaterialId, title: &str) -> Shown {
    let text = pen.fill("replace-offer", &[("title", Value::Text(title))]);
    let get = pen.button("button-replace-get", Action::Deliver { material });
    Shown { html: Html::new().text(text).for_text(), keyboard: Some(Keyboard::new().row([get])) }
}

/// To the editor, once everybody is being told.
fn announced(pen: Pen<'_>, title: &str, told: u64) -> Shown {
    let args = [("title", Value::Text(title)), ("count", Value::Number(told))];
    let text = pen.fill("replace-told", &args);
    Shown { html: Html::new().text(text).for_text(), keyboard: None }
}

/// The button under a delivered material, for those who may use it. In a group everybody would see
/// it.
pub fn offered(pen: Pen<'_>, material: MaterialId) -> Option<Button> {
    let is_alone = pen.reader.holder.chat.is_private();
    (pen.reader.role.can_edit() && is_alone)
        .then(|| button(pen, "button-replace", material, ReplaceAct::Begin))
}

/// Where else the content of an uploaded file is.
pub fn twin(pen: Pen<'_>, twin: &Twin) -> String {
    let key = match (twin.own, twin.state) {
        (true, MaterialState::Draft) => "twin-own-draft",
        (true, MaterialState::Open | MaterialState::Waiting) => "twin-own-upload",
        (false, MaterialState::Draft) => "twin-others-draft",
        (false, MaterialState::Open | MaterialState::Waiting) => "twin-others-upload",
        _ => "twin-archived",
    };
    pen.fill(key, &[("title", Value::Text(&twin.title))])
}

fn button(pen: Pen<'_>, key: &str, material: MaterialId, act: ReplaceAct) -> Button {
    pen.button(key, Action::Replace { material, act })
}
