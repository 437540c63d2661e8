//! Broken files: what editors see of them, and what those hear who said so.

use super::button;
use crate::domain::button::Action;
use crate::domain::html::Html;
use crate::domain::ids::MaterialId;
use crate::domain::outgoing::Keyboard;
use crate::domain::shelf::{Breakage, Case, List, Reason, ShelfAct};
use crate::views::notice;
use crate::views::results::wide;
use crate::views::shelf::open_list;
use crate::views::texts::Value;
use crate::views::{Pen, Shown};

/// The key of a reason.
pub const fn reason_key(reason: Reason) -> &'static str {
    match reason {
        Reason::Unreadable => "reason-unreadable",
        Reason::WrongFile => "reason-wrong-file",
        Reason::BadQuality => "reason-bad-quality",
        Reason::Other => "reason-other",
    }
}

/// Somebody says that a file is broken.
pub fn reported(pen: Pen<'_>, material: MaterialId, title: &str, reason: Reason) -> Shown {
    let html = Html::new()
        .text(pen.text("broken-told"))
        .newline()
        .bold(title)
        .newline()
        .text(pen.text(reason_key(reason)));
    Shown { html: html.for_text(), keyboard: Some(choices(pen, material)) }
}

/// What people say of a file.
pub fn case(pen: Pen<'_>, case: &Case) -> Shown {
    let count = u64::try_from(case.count).unwrap_or_default();
    let said = pen.fill("broken-count", &[("count", Value::Number(count))]);
    let mut html = Html::new().bold(&case.title).newline().text(said).newline();
    for (reason, count) in &case.reasons {
        let line = format!("{} · {}", pen.text(reason_key(*reason)), wide(*count));
        html = html.newline().text(line);
    }
    let keyboard =
        choices(pen, case.material).row([pen.button("button-reports", open_list(List::Broken))]);
    Shown { html: html.for_text(), keyboard: Some(keyboard) }
}

fn choices(pen: Pen<'_>, material: MaterialId) -> Keyboard {
    let settle = ShelfAct::Break { material, act: Breakage::Settle };
    Keyboard::new().row([
        pen.button("button-open", Action::Deliver { material }),
        button(pen, "button-settle", settle),
    ])
}

/// To who said so: it is dealt with.
pub fn settled(pen: Pen<'_>, material: MaterialId, title: &str) -> Shown {
    let text = pen.fill("broken-settled", &[("title", Value::Text(title))]);
    let keyboard = notice::open(pen, material);
    Shown { html: Html::new().text(text).for_text(), keyboard: Some(keyboard) }
}
