//! The progress card of an upload.

use super::format::{self, kind_sign};
use super::notice::{open, refusal_key};
use super::results::wide;
use super::texts::Value;
use super::{Pen, Shown, replace};
use crate::domain::button::{Action, UploadAct};
use crate::domain::effect::{CardStage, FileSummary};
use crate::domain::html::Html;
use crate::domain::ids::MaterialId;
use crate::domain::inspection::{Kind, PartKind};
use crate::domain::outgoing::Keyboard;

/// Width of the progress bar, in signs.
const BAR: u64 = 10;

/// The card.
pub fn card(pen: Pen<'_>, material: MaterialId, name: &str, stage: &CardStage) -> Shown {
    let html = Html::new().text("📥 ").bold(name).newline();
    let (html, keyboard) = match stage {
        CardStage::Received => (html.text(pen.text("card-received")), None),
        CardStage::AwaitingRoom => (html.text(pen.text("card-awaiting-room")), None),
        CardStage::Downloading { done, total } => (downloading(pen, html, *done, *total), None),
        CardStage::Checking { seconds: 0 } => (html.text(pen.text("card-checking")), None),
        CardStage::Checking { seconds } => {
            let seconds = [("seconds", Value::Number(*seconds))];
            (html.text(pen.fill("card-checking-for", &seconds)), None)
        }
        CardStage::Retrying => (html.text(pen.text("card-retrying")), None),
        CardStage::Ready(summary) => {
            let html = summarised(pen, html.text(pen.text("card-ready")), summary);
            (html, summary.found_title.as_deref().map(|title| take_title(pen, material, title)))
        }
        CardStage::Published { material, title, summary } => {
            let html = html.text(pen.text("card-published")).text(": ").bold(title);
            (summarised(pen, html, summary), Some(open(pen, *material)))
        }
        CardStage::Duplicate { material, title } => {
            let text = pen.fill("notice-duplicate", &[("title", Value::Text(title))]);
            (html.text(text), Some(open(pen, *material)))
        }
        CardStage::Refused(reason) => (html.text(pen.text(refusal_key(*reason))), None),
        CardStage::Failed => (html.text(pen.text("card-failed")), None),
        CardStage::Cancelled => (html.text(pen.text("card-cancelled")), None),
        CardStage::Compare(comparison) => {
            let html = replace::compared(pen, html.newline(), comparison);
            (html, Some(replace::choices(pen, comparison)))
        }
        CardStage::SameFile { title } => {
            let text = pen.fill("notice-same-file", &[("title", Value::Text(title))]);
            (html.text(text), None)
        }
    };
    Shown { html: html.for_text(), keyboard }
}

fn downloading(pen: Pen<'_>, html: Html, done: u64, total: Option<u64>) -> Html {
    if let Some(total) = total.filter(|total| *total > 0) {
        let percent = (done.saturating_mul(100) / total).min(100);
        let filled = percent * BAR / 100;
        let bar: String = (0..BAR).map(|index| if index < filled { '▓' } else { '░' }).collect();
        let text = pen.fill("card-downloading", &[("percent", Value::Number(percent))]);
        html.text(text).newline().code(bar)
    } else {
        let size = format::size(&pen.presenter.texts, pen.reader.lang, done);
        html.text(pen.fill("card-downloading-unknown", &[("size", Value::Text(&size))]))
    }
}

fn summarised(pen: Pen<'_>, html: Html, summary: &FileSummary) -> Html {
    let FileSummary { kind, size, pages, duration_s, .. } = summary;
    let (texts, lang) = (&pen.presenter.texts, pen.reader.lang);
    let measures = format::measures(texts, lang, None, *pages, *duration_s, Some(*size));
    let mut html = html.newline().text(format!("{} {measures}", kind_sign(*kind)));
    for measure in format::file_measures(texts, lang, &summary.measures) {
        html = html.text(" · ").foreign(measure);
    }
    if let Some(indexed) = indexed(pen, summary) {
        html = html.newline().italic(indexed);
    }
    if let Some(twin) = &summary.twin {
        html = html.newline().text(replace::twin(pen, twin));
    }
    if let Some(title) = &summary.found_title {
        let title = [("title", Value::Text(title))];
        html = html.newline().text(pen.fill("card-found-title", &title));
    }
    html
}

/// What of the file can be searched; says that it is nothing only where one would expect text.
fn indexed(pen: Pen<'_>, summary: &FileSummary) -> Option<String> {
    let count = [("count", Value::Number(wide(summary.indexed_parts)))];
    let parts = match (summary.indexed_parts, summary.part_kind) {
        (0, _) => return (summary.kind == Kind::Book).then(|| pen.text("card-indexed-none")),
        (_, PartKind::Whole) => return Some(pen.text("card-indexed-whole")),
        // Their number is among the measures.
        (_, PartKind::Entries) => return None,
        (_, PartKind::Page) => pen.fill("pages", &count),
        (_, PartKind::Chapter) => pen.fill("chapters", &count),
        (_, PartKind::Slide) => pen.fill("slides", &count),
        (_, PartKind::Sheet) => pen.fill("sheets", &count),
        (_, PartKind::Time) => pen.fill("moments", &count),
    };
    Some(pen.fill("card-indexed", &[("parts", Value::Text(&parts))]))
}

fn take_title(pen: Pen<'_>, material: MaterialId, title: &str) -> Keyboard {
    let label = pen.fill("button-use-title", &[("title", Value::Text(title))]);
    let action = Action::Upload { material, act: UploadAct::TakeFoundTitle };
    Keyboard::new().row([pen.labelled(label, action)])
}
