//! The sections of the catalogue, as their editors see them.

use super::texts::Value;
use super::{Pen, Shown};
use crate::domain::button::Action;
use crate::domain::desk::{
    DeskAct, MergeQuestion, NameMisfit, SectionAct, SectionCard, SectionCounts, SectionPick,
    SectionSaid,
};
use crate::domain::html::Html;
use crate::domain::ids::CategoryId;
use crate::domain::outgoing::{Button, Keyboard};
use crate::domain::sections::Misfit;

/// The button in the catalogue, for those who may use it. In a group everybody would see it.
pub fn offered(pen: Pen<'_>, node: Option<CategoryId>) -> Option<Button> {
    let is_alone = pen.reader.holder.chat.is_private();
    (pen.reader.role.can_edit() && is_alone)
        .then(|| act(pen, "button-edit-sections", node, SectionAct::Show))
}

/// A section with what can be done to it.
pub fn card(pen: Pen<'_>, card: &SectionCard) -> Shown {
    let mut html = Html::new();
    if let Some(said) = &card.said {
        html = html.text(self::said(pen, said)).newline().newline();
    }
    let top = pen.text("sections-top");
    let path = if card.path.is_empty() { top } else { card.path.join(" › ") };
    html = html.text("🗂 ").bold(path);
    if let Some((here, within)) = &card.counts {
        html = html.newline().text(counts(pen, *here, *within));
    }
    let text = if card.children.is_empty() { "sections-none" } else { "sections-choose" };
    html = html.newline().newline().text(pen.text(text));
    let open = |id| Action::Desk(DeskAct::Section { section: Some(id), act: SectionAct::Show });
    let mut keyboard = nodes(pen, &card.children, open);
    keyboard = keyboard.row([act(pen, "button-section-new", card.section, SectionAct::AskNew)]);
    let Some(section) = card.section else {
        let back = Action::Browse { category: None };
        return shown(html, keyboard.row([pen.button("button-back", back)]));
    };
    let it = |key, what| act(pen, key, Some(section), what);
    keyboard = keyboard
        .row([
            it("button-section-rename", SectionAct::AskName),
            it("button-section-move", SectionAct::PickMove(card.parent)),
        ])
        .row([
            it("button-section-merge", SectionAct::PickMerge(card.parent)),
            it("button-section-delete", SectionAct::AskDelete),
        ])
        .row([act(pen, "button-up", card.parent, SectionAct::Show)]);
    shown(html, keyboard)
}

fn counts(pen: Pen<'_>, here: SectionCounts, within: SectionCounts) -> String {
    let args = [
        ("here", Value::Number(here.published)),
        ("within", Value::Number(within.published)),
        ("kept", Value::Number(here.kept)),
    ];
    let key = if here.kept > 0 { "sections-counts-kept" } else { "sections-counts" };
    pen.fill(key, &args)
}

fn said(pen: Pen<'_>, said: &SectionSaid) -> String {
    let named = |key, name: &str| pen.fill(key, &[("name", Value::Text(name))]);
    match said {
        SectionSaid::Created(name) => named("sections-created", name),
        SectionSaid::Renamed => pen.text("sections-renamed"),
        SectionSaid::Moved => pen.text("sections-moved"),
        SectionSaid::Merged(name) => named("sections-merged", name),
        SectionSaid::Deleted(name) => named("sections-deleted", name),
        SectionSaid::Misfit(misfit) => pen.text(misfit_key(*misfit)),
    }
}

const fn misfit_key(misfit: Misfit) -> &'static str {
    match misfit {
        Misfit::Gone => "sections-misfit-gone",
        Misfit::WithinItself => "sections-misfit-within",
        Misfit::TooDeep => "sections-misfit-deep",
        Misfit::TooMany => "sections-misfit-many",
        Misfit::SameName => "sections-misfit-name",
        Misfit::NotEmpty => "sections-misfit-full",
    }
}

/// Where does it go, or what does it become part of?
pub fn pick(pen: Pen<'_>, pick: &SectionPick) -> Shown {
    let name = [("name", Value::Text(&pick.title))];
    let key = if pick.merges { "sections-pick-merge" } else { "sections-pick-move" };
    let top = pen.text("sections-top");
    let inside = pick.inside.as_ref().map_or(top.as_str(), |(_, title)| title);
    let html = Html::new().text(pen.fill(key, &name)).newline().newline().text("🗂 ").bold(inside);
    let turn = |to| if pick.merges { SectionAct::PickMerge(to) } else { SectionAct::PickMove(to) };
    let section = Some(pick.section);
    let open = |id| Action::Desk(DeskAct::Section { section, act: turn(Some(id)) });
    let mut keyboard = nodes(pen, &pick.children, open);
    let inside = pick.inside.as_ref().map(|(id, _)| *id);
    if pick.fits {
        let take = match inside {
            Some(to) if pick.merges => {
                Some(("button-section-merge-here", SectionAct::AskMerge(to)))
            }
            None if pick.merges => None,
            to => Some(("button-section-move-here", SectionAct::Move(to))),
        };
        keyboard = keyboard.row(take.map(|(key, what)| act(pen, key, section, what)));
    }
    if pick.inside.is_some() {
        keyboard = keyboard.row([act(pen, "button-up", section, turn(pick.above))]);
    }
    shown(html, keyboard.row([leave(pen, section)]))
}

/// What is it called?
pub fn ask_name(
    pen: Pen<'_>,
    section: Option<&(CategoryId, String)>,
    is_new: bool,
    misfit: Option<NameMisfit>,
) -> Shown {
    let mut html = Html::new();
    if let Some(misfit) = misfit {
        let key = match misfit {
            NameMisfit::Empty => "sections-name-empty",
            NameMisfit::Misfit(misfit) => misfit_key(misfit),
            NameMisfit::Overtaken => "sections-name-overtaken",
        };
        html = html.text(pen.text(key)).newline().newline();
    }
    let text = match section {
        Some((_, name)) => {
            let key = if is_new { "sections-ask-new" } else { "sections-ask-rename" };
            pen.fill(key, &[("name", Value::Text(name))])
        }
        None => pen.text("sections-ask-new-top"),
    };
    let keyboard = Keyboard::new().row([leave(pen, section.map(|(id, _)| *id))]);
    shown(html.text(text), keyboard)
}

/// Shall it become part of that one?
pub fn ask_merge(pen: Pen<'_>, question: &MergeQuestion) -> Shown {
    let args = [
        ("from", Value::Text(&question.from_title)),
        ("to", Value::Text(&question.to_title)),
        ("count", Value::Number(question.materials)),
        ("moved", Value::Number(question.moved)),
        ("joined", Value::Number(question.joined)),
    ];
    let mut html = Html::new().bold(pen.fill("sections-merge-ask", &args)).newline();
    html = html.newline().text(pen.fill("sections-merge-materials", &args));
    if question.moved > 0 {
        html = html.newline().text(pen.fill("sections-merge-moved", &args));
    }
    if question.joined > 0 {
        html = html.newline().text(pen.fill("sections-merge-joined", &args));
    }
    html = html.newline().newline().italic(pen.fill("sections-merge-note", &args));
    let section = Some(question.from);
    let merge = SectionAct::Merge(question.to);
    let keyboard = Keyboard::new()
        .row([act(pen, "button-section-merge-confirm", section, merge)])
        .row([leave(pen, section)]);
    shown(html, keyboard)
}

/// Shall it be removed?
pub fn ask_delete(pen: Pen<'_>, section: CategoryId, title: &str, drafts: u64) -> Shown {
    let args = [("name", Value::Text(title)), ("count", Value::Number(drafts))];
    let mut html = Html::new().text(pen.fill("sections-delete-ask", &args));
    if drafts > 0 {
        html = html.newline().italic(pen.fill("sections-delete-drafts", &args));
    }
    let keyboard = Keyboard::new()
        .row([act(pen, "button-section-delete-confirm", Some(section), SectionAct::Delete)])
        .row([leave(pen, Some(section))]);
    shown(html, keyboard)
}

fn nodes(
    pen: Pen<'_>,
    nodes: &[(CategoryId, String)],
    open: impl Fn(CategoryId) -> Action,
) -> Keyboard {
    nodes.chunks(2).fold(Keyboard::new(), |keyboard, pair| {
        keyboard.row(pair.iter().map(|(id, title)| pen.labelled(title, open(*id))))
    })
}

fn leave(pen: Pen<'_>, section: Option<CategoryId>) -> Button {
    act(pen, "button-desk-cancel", section, SectionAct::Show)
}

fn act(pen: Pen<'_>, key: &str, section: Option<CategoryId>, act: SectionAct) -> Button {
    pen.button(key, Action::Desk(DeskAct::Section { section, act }))
}

fn shown(html: Html, keyboard: Keyboard) -> Shown {
    Shown { html: html.for_text(), keyboard: Some(keyboard) }
}
