//! The catalogue.

use super::texts::Value;
use super::{Pen, Shown, sections, shelf};
use crate::domain::button::Action;
use crate::domain::html::Html;
use crate::domain::material::{Category, Level};
use crate::domain::outgoing::Keyboard;
use crate::domain::shelf::{COUNT_MAX, List};

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
        let shelf = |level| shelf::open_list(List::Section { category: node.id, level });
        let all = if own > COUNT_MAX {
            pen.text("catalogue-all-many")
        } else {
            let count = [("count", Value::Number(u64::try_from(own).unwrap_or(0)))];
            pen.fill("catalogue-all", &count)
        };
        keyboard = keyboard.row([pen.labelled(all, shelf(None))]);
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
    if let Some(button) = sections::offered(pen, node.map(|node| node.id)) {
        keyboard = keyboard.row([button]);
    }
    let back = match node {
        Some(node) => Action::Browse { category: node.parent },
        None => Action::Menu,
    };
    let keyboard = keyboard.row([pen.button("button-back", back)]);
    Shown { html: html.for_text(), keyboard: Some(keyboard) }
}
