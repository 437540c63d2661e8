//! The menu and the help.

use super::{Pen, Shown, shelf};
use crate::domain::button::{Action, UploadAct};
use crate::domain::dashboard::Rank;
use crate::domain::html::Html;
use crate::domain::ids::MaterialId;
use crate::domain::outgoing::Keyboard;
use crate::domain::role::Role;
use crate::domain::shelf::List;
use crate::views::texts::Value;

/// The main menu.
pub fn main(
    pen: Pen<'_>,
    greet: Option<&str>,
    unfinished: Option<&(MaterialId, String)>,
    stale: bool,
) -> Shown {
    let mut html = Html::new();
    if stale {
        html = html.text(pen.text("menu-stale")).newline();
    }
    if let Some(name) = greet {
        let greeting = pen.fill("menu-greeting", &[("name", Value::Text(name))]);
        html = html.bold(greeting).newline().newline().text(pen.text("menu-intro"));
    } else {
        html = html.text(pen.text("menu-title"));
    }
    let mut keyboard = Keyboard::new();
    if let Some((material, title)) = unfinished {
        let label = pen.fill("button-continue-upload", &[("title", Value::Text(title))]);
        let resume = Action::Upload { material: *material, act: UploadAct::Resume };
        keyboard = keyboard.row([pen.labelled(label, resume)]);
    }
    let new = pen.button("button-new", shelf::open_list(List::New));
    let help = pen.button("button-help", Action::Help);
    keyboard = keyboard.row([
        pen.button("button-search", Action::AskQuery),
        pen.button("button-browse", Action::Browse { category: None }),
    ]);
    // What is one person's own has no place in a group.
    keyboard = if pen.reader.holder.chat.is_private() {
        let favourites = pen.button("button-favourites", shelf::open_list(List::Favourites));
        keyboard.row([new, favourites]).row([pen.button("button-settings", Action::Settings), help])
    } else {
        keyboard.row([new, help])
    };
    Shown { html: html.for_text(), keyboard: Some(keyboard) }
}

/// The invitation to type.
pub fn ask_query(pen: Pen<'_>) -> Shown {
    Shown { html: Html::new().text(pen.text("ask-query")).for_text(), keyboard: Some(back(pen)) }
}

/// The help.
pub fn help(pen: Pen<'_>) -> Shown {
    let bot = Value::Text(&pen.presenter.bot_username);
    let mut html = Html::new()
        .bold(pen.text("help-title"))
        .newline()
        .newline()
        .text(pen.text("help-search"))
        .newline()
        .newline()
        .text(pen.text("help-commands"))
        .newline()
        .newline()
        .text(pen.fill("help-inline", &[("bot", bot)]));
    if pen.reader.role.can_edit() {
        html = html.newline().newline().text(pen.text("help-editor"));
    }
    if pen.reader.role.can_broadcast() {
        html = html.newline().newline().text(pen.text("help-admin"));
        html = html.text(" ").text(pen.text("help-people"));
        html = html.text(" ").text(pen.text("help-jobs"));
    }
    if pen.reader.role >= Role::Owner {
        html = html.newline().newline().text(pen.text("help-owner"));
        html = html.text(" ").text(pen.text("help-staff"));
    }
    if Rank::of(pen.reader.role).is_some() {
        html = html.newline().newline().text(pen.text("help-dashboard"));
    }
    Shown { html: html.for_text(), keyboard: Some(back(pen)) }
}

fn back(pen: Pen<'_>) -> Keyboard {
    Keyboard::new().row([pen.button("button-menu", Action::Menu)])
}
