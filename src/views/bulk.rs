//! The card of a bulk upload: the list of its files, what is said of all of them, and its questions.

use super::format::{self, language_key};
use super::notice::refusal_key;
use super::results::{arrows, wide};
use super::texts::Value;
use super::{Pen, Shown};
use crate::domain::batch::{BatchEntry, BulkCard, FileStatus};
use crate::domain::button::{Action, BulkAct};
use crate::domain::html::Html;
use crate::domain::ids::MaterialId;
use crate::domain::material::{Description, Level, StudyLanguage};
use crate::domain::outgoing::{Button, Keyboard};
use crate::domain::session::BulkStep;

/// Characters of a title in the list: ten lines with their reasons must fit into a message.
const TITLE_CHARS: usize = 80;

/// Buttons of a row of numbers.
const NUMBERS: usize = 5;

/// The card.
pub fn card(pen: Pen<'_>, card: &BulkCard) -> Shown {
    let mut html = head(pen, card).newline().text(counts(pen, card));
    if card.beyond > 0 {
        let beyond = [("count", Value::Number(u64::from(card.beyond)))];
        html = html.newline().text(pen.fill("bulk-beyond", &beyond));
    }
    html = html.newline();
    let listed = card.entries.iter().filter(|(_, entry)| entry.status() != FileStatus::Cancelled);
    for (number, entry) in listed {
        html = line(pen, html.newline(), *number, entry);
    }
    if card.pages > 1 {
        let page = [
            ("page", Value::Number(wide(card.page + 1))),
            ("pages", Value::Number(wide(card.pages))),
        ];
        html = html.newline().italic(pen.fill("results-page", &page));
    }
    let Some((step, description)) = &card.open else {
        let turned = Keyboard::new().row(turns(pen, card));
        let keyboard = (!turned.rows.is_empty()).then_some(turned);
        return Shown { html: html.for_text(), keyboard };
    };
    html = described(pen, html.newline(), description);
    if card.hint {
        html = html.newline().newline().text(pen.text(hint_key(*step)));
    }
    if let Some(question) = question(pen, card, *step) {
        html = html.newline().newline().bold(question);
    }
    Shown { html: html.for_text(), keyboard: Some(buttons(pen, card, *step)) }
}

fn head(pen: Pen<'_>, card: &BulkCard) -> Html {
    let counts = card.counts;
    let fill = |key, count| pen.fill(key, &[("count", Value::Number(wide(count)))]);
    let text = match card.open {
        Some(_) => fill("bulk-head", counts.files),
        None if counts.waiting > 0 => fill("bulk-head-waiting", counts.waiting),
        None if counts.published > 0 => fill("bulk-head-published", counts.published),
        None if counts.drafts > 0 => fill("bulk-head-drafts", counts.drafts),
        None if counts.cancelled > 0 => fill("bulk-head-cancelled", counts.cancelled),
        None => pen.text("bulk-head-over"),
    };
    Html::new().heading(text)
}

/// How many files stand how, each sort only where there are any.
fn counts(pen: Pen<'_>, card: &BulkCard) -> String {
    let counts = card.counts;
    let sorts = [
        ("bulk-count-pending", counts.pending),
        ("bulk-count-ready", counts.ready),
        ("bulk-count-waiting", counts.waiting),
        ("bulk-count-published", counts.published),
        ("bulk-count-drafts", counts.drafts),
        ("bulk-count-duplicates", counts.duplicates),
        ("bulk-count-refused", counts.refused),
        ("bulk-count-cancelled", counts.cancelled),
    ];
    let said = sorts.into_iter().filter(|(_, count)| *count > 0);
    let said = said.map(|(key, count)| pen.fill(key, &[("count", Value::Number(wide(count)))]));
    said.collect::<Vec<_>>().join(" · ")
}

fn line(pen: Pen<'_>, html: Html, number: usize, entry: &BatchEntry) -> Html {
    let status = entry.status();
    let title = format::shorten(&entry.title, TITLE_CHARS);
    let html = html.foreign(format!("{number}. {} {title}", sign(status)));
    match (status, &entry.duplicate_of) {
        (FileStatus::Refused(reason), _) => {
            html.newline().text("   ").italic(pen.text(refusal_key(reason)))
        }
        (FileStatus::Duplicate, Some(double)) => {
            let double = format::shorten(double, TITLE_CHARS);
            let text = pen.fill("bulk-duplicate", &[("title", Value::Text(&double))]);
            html.newline().text("   ").italic(text)
        }
        _ => html,
    }
}

const fn sign(status: FileStatus) -> &'static str {
    match status {
        FileStatus::Pending => "⏳",
        FileStatus::Ready => "✔️",
        FileStatus::Waiting => "🚀",
        FileStatus::Published => "✅",
        FileStatus::Draft => "📝",
        FileStatus::Duplicate => "♻️",
        FileStatus::Refused(_) => "❌",
        FileStatus::Cancelled => "🗑",
    }
}

fn described(pen: Pen<'_>, mut html: Html, description: &Description) -> Html {
    let level = description.level.map(|level| level.name().to_owned());
    let lines = [
        ("review-category", description.category_title.clone()),
        ("review-level", Some(level.unwrap_or_else(|| pen.text("button-any-level")))),
        ("review-language", description.language.map(|language| pen.text(language_key(language)))),
    ];
    let none = pen.text("review-none");
    for (label, value) in lines {
        let value = value.as_deref().unwrap_or(&none);
        html = html.newline().text(pen.text(label)).text(": ").bold(value);
    }
    html
}

const fn hint_key(step: BulkStep) -> &'static str {
    match step {
        BulkStep::Category { .. } | BulkStep::Rename { .. } => "question-hint-text",
        _ => "question-hint",
    }
}

fn question(pen: Pen<'_>, card: &BulkCard, step: BulkStep) -> Option<String> {
    Some(match (step, &card.inside) {
        (BulkStep::List, _) => return None,
        (BulkStep::Category { inside: Some(_) }, Some(node)) => {
            pen.fill("question-category-inside", &[("name", Value::Text(&node.title))])
        }
        (BulkStep::Category { .. }, _) => pen.text("question-category"),
        (BulkStep::Level, _) => pen.text("question-level"),
        (BulkStep::Language, _) => pen.text("question-language"),
        (BulkStep::ChooseRename, _) => pen.text("bulk-ask-rename"),
        (BulkStep::Rename { .. }, _) => {
            let title = card.renamed.as_deref().unwrap_or_default();
            pen.fill("bulk-ask-title", &[("title", Value::Text(title))])
        }
        (BulkStep::ChooseRemove, _) => pen.text("bulk-ask-remove"),
        (BulkStep::ConfirmCancel, _) => {
            pen.fill("bulk-ask-cancel", &[("count", Value::Number(wide(card.counts.open())))])
        }
    })
}

fn buttons(pen: Pen<'_>, card: &BulkCard, step: BulkStep) -> Keyboard {
    let act = |act| Action::Bulk { batch: card.batch, act };
    let keyboard = match step {
        BulkStep::List => return list_buttons(pen, card),
        BulkStep::Category { .. } => category_buttons(pen, card),
        BulkStep::Level => {
            let levels = Level::ALL
                .map(|level| pen.labelled(level.name(), act(BulkAct::TakeLevel(Some(level)))));
            rows(&levels, 3).row([pen.button("button-any-level", act(BulkAct::TakeLevel(None)))])
        }
        BulkStep::Language => {
            let languages = StudyLanguage::ALL.map(|language| {
                pen.button(language_key(language), act(BulkAct::TakeLanguage(language)))
            });
            rows(&languages, 3)
        }
        BulkStep::ChooseRename => numbers(pen, card, BulkAct::Rename).row(turns(pen, card)),
        BulkStep::ChooseRemove => numbers(pen, card, BulkAct::Remove).row(turns(pen, card)),
        BulkStep::Rename { .. } => Keyboard::new(),
        BulkStep::ConfirmCancel => {
            Keyboard::new().row([pen.button("button-bulk-cancel-yes", act(BulkAct::Cancel))])
        }
    };
    let page = u32::try_from(card.page).unwrap_or(0);
    keyboard.row([pen.button("button-back", act(BulkAct::Page(page)))])
}

fn list_buttons(pen: Pen<'_>, card: &BulkCard) -> Keyboard {
    let button = |key, act| pen.button(key, Action::Bulk { batch: card.batch, act });
    Keyboard::new()
        .row([
            button("button-change-category", BulkAct::OpenCategory(None)),
            button("button-change-level", BulkAct::AskLevel),
            button("button-change-language", BulkAct::AskLanguage),
        ])
        .row([
            button("button-bulk-rename", BulkAct::AskRename),
            button("button-bulk-remove", BulkAct::AskRemove),
        ])
        .row(turns(pen, card))
        .row([button("button-bulk-publish", BulkAct::Publish)])
        .row([
            button("button-bulk-drafts", BulkAct::SaveDrafts),
            button("button-bulk-cancel", BulkAct::AskCancel),
        ])
}

fn category_buttons(pen: Pen<'_>, card: &BulkCard) -> Keyboard {
    let act = |act| Action::Bulk { batch: card.batch, act };
    let nodes = card.categories.iter().map(|category| {
        pen.labelled(&category.title, act(BulkAct::OpenCategory(Some(category.id))))
    });
    let nodes: Vec<Button> = nodes.collect();
    let keyboard = rows(&nodes, 2);
    match &card.inside {
        Some(inside) => keyboard.row([
            pen.button("button-put-here", act(BulkAct::TakeCategory(inside.id))),
            pen.button("button-up", act(BulkAct::OpenCategory(inside.parent))),
        ]),
        None => keyboard,
    }
}

/// A number for each file of the page that can be chosen.
fn numbers(pen: Pen<'_>, card: &BulkCard, choose: fn(MaterialId) -> BulkAct) -> Keyboard {
    let open = card.entries.iter().filter(|(_, entry)| entry.is_open());
    let buttons = open.map(|(number, entry)| {
        let action = Action::Bulk { batch: card.batch, act: choose(entry.id) };
        pen.labelled(number.to_string(), action)
    });
    let buttons: Vec<Button> = buttons.collect();
    rows(&buttons, NUMBERS)
}

fn turns(pen: Pen<'_>, card: &BulkCard) -> Vec<Button> {
    arrows(pen, card.page, card.pages, |page| Action::Bulk {
        batch: card.batch,
        act: BulkAct::Page(page),
    })
}

fn rows(buttons: &[Button], width: usize) -> Keyboard {
    let rows = buttons.chunks(width);
    rows.fold(Keyboard::new(), |keyboard, row| keyboard.row(row.iter().cloned()))
}
