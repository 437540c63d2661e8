//! The editors' desk: a material with what can be done to it, and what was taken out.

use super::format::{self, kind_key, kind_sign, language_key};
use super::texts::Value;
use super::{Pen, Shown, audit, replace, sections, upload};
use crate::domain::button::{Action, Field};
use crate::domain::desk::{
    ArchivedPage, DeskAct, DeskNotice, DeskView, EditAct, EditCard, EditSaid,
};
use crate::domain::edition::Side;
use crate::domain::effect::Question;
use crate::domain::html::Html;
use crate::domain::ids::MaterialId;
use crate::domain::material::{Material, MaterialState};
use crate::domain::outgoing::{Button, Keyboard};

/// A view.
pub fn view(pen: Pen<'_>, view: &DeskView) -> Shown {
    match view {
        DeskView::Card(card) => self::card(pen, card),
        DeskView::Question { seen, question } => self::question(pen, *seen, question),
        DeskView::Archived(page) => archived(pen, page),
        DeskView::Audit(page) => audit::page(pen, page),
        DeskView::Section(card) => sections::card(pen, card),
        DeskView::Pick(pick) => sections::pick(pen, pick),
        DeskView::AskName { section, is_new, misfit } => {
            sections::ask_name(pen, section.as_ref(), *is_new, *misfit)
        }
        DeskView::AskMerge(question) => sections::ask_merge(pen, question),
        DeskView::AskDelete { section, title, drafts } => {
            sections::ask_delete(pen, *section, title, *drafts)
        }
    }
}

/// A short answer.
pub fn notice(pen: Pen<'_>, notice: DeskNotice) -> String {
    pen.text(match notice {
        DeskNotice::EditorsOnly => "desk-editors-only",
        DeskNotice::OwnersOnly => "desk-owners-only",
        DeskNotice::HowToEdit => "desk-how-to-edit",
        DeskNotice::Left => "desk-left",
    })
}

/// The buttons under a delivered material, for those who may use them. In a group everybody would
/// see them.
pub fn offered(pen: Pen<'_>, material: MaterialId) -> Vec<Button> {
    let Some(replace) = replace::offered(pen, material) else { return Vec::new() };
    vec![act(pen, "button-edit", material, 0, EditAct::Open), replace]
}

fn card(pen: Pen<'_>, card: &EditCard) -> Shown {
    let material = &card.standing.target;
    let mut html = Html::new();
    if let Some(said) = &card.said {
        html = html.text(self::said(pen, said)).newline().newline();
    }
    let is_archived = material.state == MaterialState::Archived;
    let state = if is_archived { "desk-archived" } else { "desk-published" };
    html = html.text(format!("{} ", kind_sign(material.kind))).bold(&material.title).newline();
    html = html.italic(format!("№ {} · {}", material.id, pen.text(state))).newline();
    for (label, value) in facts(pen, card) {
        html = html.newline().text(pen.text(label)).text(": ").bold(value);
    }
    let args = [
        ("number", Value::Number(u64::from(card.standing.edition))),
        ("count", Value::Number(card.standing.takers)),
    ];
    html = html.newline().newline().italic(pen.fill("desk-edition", &args));
    Shown { html: html.for_text(), keyboard: Some(buttons(pen, card)) }
}

fn facts(pen: Pen<'_>, card: &EditCard) -> [(&'static str, String); 5] {
    let material = &card.standing.target;
    let none = || pen.text("review-none");
    let Material { level, language, tags, .. } = material;
    let level = level.map_or_else(|| pen.text("button-any-level"), |it| it.name().to_owned());
    let section = if card.path.is_empty() { none() } else { card.path.join(" › ") };
    let tags = if tags.is_empty() { none() } else { tags.clone() };
    [
        ("review-category", section),
        ("review-level", level),
        ("review-language", language.map_or_else(none, |it| pen.text(language_key(it)))),
        ("review-tags", tags),
        ("review-file", file(pen, material)),
    ]
}

fn file(pen: Pen<'_>, material: &Material) -> String {
    let side = Side::of(material);
    let (texts, lang) = (&pen.presenter.texts, pen.reader.lang);
    let measures = format::measures(texts, lang, None, side.pages, side.duration_s, side.size);
    let kind = pen.text(kind_key(side.kind));
    let mut line = format!("{} · {kind}", side.name);
    if !measures.is_empty() {
        line.push_str(" · ");
        line.push_str(&measures);
    }
    line
}

fn buttons(pen: Pen<'_>, card: &EditCard) -> Keyboard {
    let material = &card.standing.target;
    let act = |key, what| act(pen, key, material.id, card.seen, what);
    let ask = |key, field| act(key, EditAct::Ask(field));
    let mut keyboard = Keyboard::new()
        .row([
            ask("button-change-title", Field::Title),
            ask("button-change-category", Field::Category),
        ])
        .row([
            ask("button-change-level", Field::Level),
            ask("button-change-language", Field::Language),
            ask("button-change-tags", Field::Tags),
        ]);
    keyboard = if material.state == MaterialState::Archived {
        keyboard.row([act("button-restore", EditAct::Restore)])
    } else {
        let replace = replace::offered(pen, material.id);
        keyboard.row(replace.into_iter().chain([act("button-archive", EditAct::Archive)]))
    };
    if card.can_undo { keyboard.row([act("button-undo-change", EditAct::Undo)]) } else { keyboard }
}

fn said(pen: Pen<'_>, said: &EditSaid) -> String {
    let key = match said {
        EditSaid::Double { title } => {
            return pen.fill("desk-double", &[("title", Value::Text(title))]);
        }
        EditSaid::Saved => "desk-saved",
        EditSaid::Archived => "desk-taken-out",
        EditSaid::Restored => "desk-restored",
        EditSaid::Undone => "desk-undone",
        EditSaid::Overtaken => "desk-overtaken",
        EditSaid::NothingToUndo => "desk-nothing-to-undo",
        EditSaid::SectionGone => "desk-section-gone",
    };
    pen.text(key)
}

fn question(pen: Pen<'_>, seen: u32, question: &Question) -> Shown {
    let material = question.material;
    let answer = |act| Action::Desk(DeskAct::Edit { material, seen, act: EditAct::Answer(act) });
    let leave = act(pen, "button-back", material, seen, EditAct::Show);
    upload::asked(pen, question, answer, leave)
}

/// What was taken out: a number opens the card of one.
fn archived(pen: Pen<'_>, page: &ArchivedPage) -> Shown {
    let key = if page.entries.is_empty() { "archived-empty" } else { "archived-header" };
    let mut html = Html::new().bold(pen.text(key));
    let mut numbers = Vec::with_capacity(page.entries.len());
    for (number, entry) in (1..).zip(&page.entries) {
        html = html.newline().newline().text(format!("{number}. {} ", kind_sign(entry.kind)));
        html = html.bold(&entry.title);
        let measures = format::entry_measures(&pen.presenter.texts, pen.reader.lang, entry);
        if !measures.is_empty() {
            html = html.newline().text("   ").italic(measures);
        }
        let show = DeskAct::Edit { material: entry.id, seen: 0, act: EditAct::Show };
        numbers.push(pen.labelled(number.to_string(), Action::Desk(show)));
    }
    let last = page.entries.last().map(|entry| entry.id).filter(|_| page.has_more);
    let turn = |before| Action::Desk(DeskAct::Archived { before });
    let keyboard = Keyboard::new()
        .row(numbers)
        .row(turns(pen, page.is_first, turn(None), last.map(|last| turn(Some(last)))))
        .row([pen.button("button-menu", Action::Menu)]);
    Shown { html: html.for_text(), keyboard: Some(keyboard) }
}

/// Buttons of a list that is read by its keys: to its begin, and on.
pub fn turns(pen: Pen<'_>, is_first: bool, first: Action, next: Option<Action>) -> Vec<Button> {
    let first = (!is_first).then(|| pen.labelled("⏮", first));
    first.into_iter().chain(next.map(|next| pen.labelled("▶️", next))).collect()
}

fn act(pen: Pen<'_>, key: &str, material: MaterialId, seen: u32, act: EditAct) -> Button {
    pen.button(key, Action::Desk(DeskAct::Edit { material, seen, act }))
}
