//! The learner's shelf: plain lists, what is like a material, the settings, broken files, and the
//! buttons below a file that was given.
//!
//! In a group nobody sees what is one person's own: there a file has its link alone.

use super::{Pen, Shown, delivery, desk};
use crate::domain::button::Action;
use crate::domain::ids::MaterialId;
use crate::domain::outgoing::{Button, Keyboard};
use crate::domain::shelf::{Breakage, Keys, Reason, ShelfAct, ShelfView};

mod breakage;
mod lists;
mod notice;
mod settings;

pub use lists::open_list;
pub use notice::notice;

/// A view.
pub fn view(pen: Pen<'_>, view: &ShelfView) -> Shown {
    match view {
        ShelfView::List(listing) => lists::list(pen, listing),
        ShelfView::Alike(alike) => lists::alike(pen, alike),
        ShelfView::Preferring { now, ask: None } => settings::card(pen, now),
        ShelfView::Preferring { now, ask: Some(ask) } => settings::choice(pen, now, *ask),
        ShelfView::Reported { material, title, reason } => {
            breakage::reported(pen, *material, title, *reason)
        }
        ShelfView::Case(case) => breakage::case(pen, case),
        ShelfView::Settled { material, title } => breakage::settled(pen, *material, title),
    }
}

/// The buttons below a file: three rows at most.
pub fn keys(pen: Pen<'_>, keys: Keys) -> Keyboard {
    match keys {
        Keys::Given { material, is_favourite } => given(pen, material, is_favourite),
        Keys::Reasons(material) => reasons(pen, material),
    }
}

fn given(pen: Pen<'_>, material: MaterialId, is_favourite: bool) -> Keyboard {
    let share = delivery::share(pen, material);
    if !pen.reader.holder.chat.is_private() {
        return Keyboard::new().row([share]);
    }
    let favour = ShelfAct::Favour { material, on: !is_favourite };
    let key = if is_favourite { "button-favourite-on" } else { "button-favourite-off" };
    let alike = ShelfAct::Alike { material, page: None };
    let first = [button(pen, key, favour), button(pen, "button-alike", alike)];
    let report = ShelfAct::Break { material, act: Breakage::Ask };
    let second = [share, button(pen, "button-report", report)];
    Keyboard::new().row(first).row(second).row(desk::offered(pen, material))
}

fn reasons(pen: Pen<'_>, material: MaterialId) -> Keyboard {
    let act = |act| ShelfAct::Break { material, act };
    let mut keyboard = Keyboard::new();
    for pair in Reason::ALL.chunks(2) {
        keyboard = keyboard.row(pair.iter().map(|reason| {
            button(pen, breakage::reason_key(*reason), act(Breakage::Report(*reason)))
        }));
    }
    keyboard.row([button(pen, "button-back", act(Breakage::Back))])
}

fn button(pen: Pen<'_>, key: &str, act: ShelfAct) -> Button {
    pen.button(key, Action::Shelf(act))
}
