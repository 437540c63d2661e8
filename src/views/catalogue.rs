//! The catalogue and plain lists.

use super::format::{self, kind_sign};
use super::results::{arrows, looks, page_count, wide};
use super::texts::Value;
use super::{Pen, Shown};
use crate::domain::button::Action;
use crate::domain::html::Html;
use crate::domain::ids::MaterialId;
use crate::domain::material::{Category, Level};
use crate::domain::outgoing::{Button, Keyboard};
use crate::domain::search_page::{Entry, ListPage};

/// A node with what is below it.
pub fn node(
    pen: Pen<'_>,
    node: Option<&Category>,
    children: &[Category],
    levels: &[Level],
    followed: bool,
) -> Shown {
    let heading = node.map_or_else(|| pen.text("catalogue-top"), |node| node.title.clone());
    let own = node.map_or(0, |node| node.materials);
    let nothing = children.is_empty() && own == 0;
    let text = match (nothing, node) {
        (false, _) => "catalogue-choose",
        (true, None) => "catalogue-empty",
        (true, Some(_)) => "catalogue-node-empty",
    };
    let mut html = Html::new().bold(heading).newline().text(pen.text(text));
    if followed {
        html = html.newline().italic(pen.text("catalogue-followed"));
    }
    let mut keyboard = Keyboard::new();
    for pair in children.chunks(2) {
        keyboard =
            keyboard.row(pair.iter().map(|child| {
                pen.labelled(&child.title, Action::Browse { category: Some(child.id) })
            }));
    }
    if let Some(node) = node.filter(|_| own > 0) {
        let shelf = |level| Action::Shelf { category: node.id, level, page: 0 };
        let count = [("count", Value::Number(u64::try_from(own).unwrap_or(0)))];
        keyboard = keyboard.row([pen.labelled(pen.fill("catalogue-all", &count), shelf(None))]);
        if levels.len() > 1 {
            keyboard = keyboard
                .row(levels.iter().map(|level| pen.labelled(level.name(), shelf(Some(*level)))));
        }
    }
    // In a group everybody would press it for one.
    if let Some(node) = node.filter(|_| pen.reader.holder.chat.is_private()) {
        let key = if followed { "button-unfollow" } else { "button-follow" };
        let follow = Action::Follow { category: node.id, follow: !followed };
        keyboard = keyboard.row([pen.button(key, follow)]);
    }
    let back = match node {
        Some(node) => Action::Browse { category: node.parent },
        None => Action::Menu,
    };
    let keyboard = keyboard.row([pen.button("button-back", back)]);
    Shown { html: html.for_text(), keyboard: Some(keyboard) }
}

/// The materials of a node.
pub fn shelf(pen: Pen<'_>, node: &Category, level: Option<Level>, list: &ListPage) -> Shown {
    let mut heading = node.title.clone();
    if let Some(level) = level {
        heading.push_str(" · ");
        heading.push_str(level.name());
    }
    let count = [("count", Value::Number(wide(list.total.count())))];
    let html = Html::new().bold(heading).newline().text(pen.fill("shelf-header", &count));
    let turn = |page| Action::Shelf { category: node.id, level, page };
    show_list(pen, html, list, open, turn, Action::Browse { category: Some(node.id) })
}

/// What came last.
pub fn newest(pen: Pen<'_>, list: &ListPage) -> Shown {
    let key = if list.entries.is_empty() { "newest-empty" } else { "newest-header" };
    let html = Html::new().bold(pen.text(key));
    show_list(pen, html, list, open, |page| Action::New { page }, Action::Menu)
}

/// The editor's drafts: a number goes on with one.
pub fn drafts(pen: Pen<'_>, list: &ListPage) -> Shown {
    let key = if list.entries.is_empty() { "drafts-empty" } else { "drafts-header" };
    let html = Html::new().bold(pen.text(key));
    let choose = |material| Action::Draft { material };
    show_list(pen, html, list, choose, |page| Action::Drafts { page }, Action::Menu)
}

const fn open(material: MaterialId) -> Action {
    Action::Deliver { material }
}

fn show_list(
    pen: Pen<'_>,
    mut html: Html,
    list: &ListPage,
    choose: impl Fn(MaterialId) -> Action,
    turn: impl Fn(u32) -> Action,
    back: Action,
) -> Shown {
    let first = list.page * list.page_size;
    let mut numbers: Vec<Button> = Vec::with_capacity(list.entries.len());
    for (index, entry) in list.entries.iter().enumerate() {
        let number = first + index + 1;
        html = html.newline().newline().append(line(pen, number, entry));
        numbers.push(pen.labelled(number.to_string(), choose(entry.id)));
    }
    let pages = page_count(list.total, list.page_size);
    let keyboard = Keyboard::new()
        .row(numbers)
        .row(looks(pen, first, list.entries.iter()))
        .row(arrows(pen, list.page, pages, turn))
        .row([pen.button("button-back", back)]);
    Shown { html: html.for_text(), keyboard: Some(keyboard) }
}

fn line(pen: Pen<'_>, number: usize, entry: &Entry) -> Html {
    let measures = format::entry_measures(&pen.presenter.texts, pen.reader.lang, entry);
    let html = Html::new().text(format!("{number}. {} ", kind_sign(entry.kind))).bold(&entry.title);
    if measures.is_empty() { html } else { html.newline().text("   ").italic(measures) }
}
