//! The questions of the upload dialog, and the review.

use super::format::{self, language_key};
use super::notice::refusal_key;
use super::results::wide;
use super::texts::Value;
use super::{Pen, Shown};
use crate::domain::button::{Action, Field, UploadAct};
use crate::domain::effect::{Question, Review};
use crate::domain::html::Html;
use crate::domain::ids::MaterialId;
use crate::domain::material::{Level, Processing, StudyLanguage};
use crate::domain::outgoing::{Button, Keyboard};
use crate::domain::session::Step;

/// A question, with what helps to answer it.
pub fn question(pen: Pen<'_>, question: &Question) -> Shown {
    let material = question.material;
    let act = |act| Action::Upload { material, act };
    let cancel = upload_button(pen, "button-cancel-upload", material, UploadAct::Discard);
    asked(pen, question, act, cancel)
}

/// The same with other buttons: what an answer does, and how to leave.
pub fn asked(
    pen: Pen<'_>,
    question: &Question,
    act: impl Fn(UploadAct) -> Action,
    leave: Button,
) -> Shown {
    let mut html = Html::new();
    if question.hint {
        let takes_text = matches!(question.step, Step::Title | Step::Category { .. } | Step::Tags);
        let hint = if takes_text { "question-hint-text" } else { "question-hint" };
        html = html.text(pen.text(hint)).newline().newline();
    }
    html = html.text(question_text(pen, question));
    if question.queued > 0 {
        let queued = [("queued", Value::Number(wide(question.queued)))];
        html = html.newline().italic(pen.fill("question-queued", &queued));
    }
    let keyboard = answers(pen, question, act).row([leave]);
    Shown { html: html.for_text(), keyboard: Some(keyboard) }
}

fn question_text(pen: Pen<'_>, question: &Question) -> String {
    match (question.step, &question.inside) {
        (Step::Title, _) => pen.text("question-title"),
        (Step::Category { .. }, Some(inside)) => {
            pen.fill("question-category-inside", &[("name", Value::Text(&inside.title))])
        }
        (Step::Category { .. }, None) => pen.text("question-category"),
        (Step::Level, _) => pen.text("question-level"),
        (Step::Language, _) => pen.text("question-language"),
        (Step::Tags, _) => pen.text("question-tags"),
        (Step::Review, _) => pen.text("review-title"),
    }
}

fn answers(pen: Pen<'_>, question: &Question, act: impl Fn(UploadAct) -> Action) -> Keyboard {
    let mut keyboard = Keyboard::new();
    match question.step {
        Step::Title => {
            let title = [("title", Value::Text(&question.suggested_title))];
            let label = pen.fill("button-take-title", &title);
            keyboard.row([pen.labelled(label, act(UploadAct::TakeTitle))])
        }
        Step::Category { .. } => {
            for pair in question.categories.chunks(2) {
                keyboard = keyboard.row(pair.iter().map(|category| {
                    pen.labelled(&category.title, act(UploadAct::OpenCategory(Some(category.id))))
                }));
            }
            if let Some(inside) = &question.inside {
                keyboard = keyboard.row([
                    pen.button("button-put-here", act(UploadAct::TakeCategory(inside.id))),
                    pen.button("button-up", act(UploadAct::OpenCategory(inside.parent))),
                ]);
            }
            keyboard
        }
        Step::Level => {
            let levels = Level::ALL
                .map(|level| pen.labelled(level.name(), act(UploadAct::TakeLevel(Some(level)))));
            for row in levels.chunks(3) {
                keyboard = keyboard.row(row.iter().cloned());
            }
            keyboard.row([pen.button("button-any-level", act(UploadAct::TakeLevel(None)))])
        }
        Step::Language => {
            let languages = StudyLanguage::ALL.map(|language| {
                pen.button(language_key(language), act(UploadAct::TakeLanguage(language)))
            });
            for row in languages.chunks(3) {
                keyboard = keyboard.row(row.iter().cloned());
            }
            keyboard
        }
        Step::Tags => keyboard.row([pen.button("button-skip", act(UploadAct::SkipTags))]),
        Step::Review => keyboard,
    }
}

/// The description before it is published.
pub fn review(pen: Pen<'_>, review: &Review) -> Shown {
    let description = &review.description;
    let none = pen.text("review-none");
    let language = description.language.map(|language| pen.text(language_key(language)));
    let tags = (!description.tags.is_empty()).then(|| description.tags.join(", "));
    let size = review.size.map(|size| format::size(&pen.presenter.texts, pen.reader.lang, size));
    let file = match size {
        Some(size) => format!("{} ({size})", review.file_name),
        None => review.file_name.clone(),
    };
    let level = description.level.map(|level| level.name().to_owned());
    let lines = [
        ("review-file", Some(file)),
        ("review-name", description.title.clone()),
        ("review-category", description.category_title.clone()),
        ("review-level", Some(level.unwrap_or_else(|| pen.text("button-any-level")))),
        ("review-language", language),
        ("review-tags", tags),
    ];
    let mut html = Html::new();
    if review.hint {
        html = html.text(pen.text("question-hint")).newline().newline();
    }
    html = html.bold(pen.text("review-title")).newline();
    for (label, value) in lines {
        html =
            html.newline().text(pen.text(label)).text(": ").bold(value.as_deref().unwrap_or(&none));
    }
    let state = match review.processing {
        Processing::Pending => pen.text("review-pending"),
        Processing::Ready => pen.text("review-ready"),
        Processing::Rejected(reason) => pen.text(refusal_key(reason)),
    };
    html = html.newline().newline().italic(state);
    Shown { html: html.for_text(), keyboard: Some(review_buttons(pen, review)) }
}

fn review_buttons(pen: Pen<'_>, review: &Review) -> Keyboard {
    let material = review.material;
    let button = |key, act| upload_button(pen, key, material, act);
    let mut keyboard = Keyboard::new().row([button("button-publish", UploadAct::Publish)]);
    if let Some(found) = &review.found_title {
        let label = pen.fill("button-use-title", &[("title", Value::Text(found))]);
        let action = Action::Upload { material, act: UploadAct::TakeFoundTitle };
        keyboard = keyboard.row([pen.labelled(label, action)]);
    }
    keyboard
        .row([
            button("button-change-title", UploadAct::Change(Field::Title)),
            button("button-change-category", UploadAct::Change(Field::Category)),
        ])
        .row([
            button("button-change-level", UploadAct::Change(Field::Level)),
            button("button-change-language", UploadAct::Change(Field::Language)),
            button("button-change-tags", UploadAct::Change(Field::Tags)),
        ])
        .row([
            button("button-draft", UploadAct::SaveDraft),
            button("button-cancel-upload", UploadAct::Discard),
        ])
}

fn upload_button(pen: Pen<'_>, key: &str, material: MaterialId, act: UploadAct) -> Button {
    pen.button(key, Action::Upload { material, act })
}
