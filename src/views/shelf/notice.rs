//! Short answers about the shelf.

use super::open_list;
use crate::domain::outgoing::{Button, Keyboard};
use crate::domain::shelf::{List, ShelfNotice};
use crate::views::Pen;
use crate::views::results::wide;
use crate::views::texts::Value;

/// A short answer, with the button that helps further.
pub fn notice(pen: Pen<'_>, notice: &ShelfNotice) -> (String, Option<Keyboard>) {
    let key = match notice {
        ShelfNotice::PrivateOnly => {
            let link = format!("https://t.me/{}", pen.presenter.bot_username);
            let there = Button::url(pen.text("button-private"), link);
            return (pen.text("notice-private-only"), Some(Keyboard::new().row([there])));
        }
        ShelfNotice::SettledNow { title, told, left } => {
            let args = [("title", Value::Text(title)), ("count", Value::Number(wide(*told)))];
            let mut text = pen.fill("notice-settled", &args);
            if *left > 0 {
                text.push('\n');
                let left = [("count", Value::Number(wide(*left)))];
                text.push_str(&pen.fill("notice-settled-left", &left));
            }
            return (text, Some(reports(pen)));
        }
        ShelfNotice::NothingBroken => {
            return (pen.text("notice-nothing-broken"), Some(reports(pen)));
        }
        ShelfNotice::Kept => "notice-kept",
        ShelfNotice::NothingAlike => "notice-nothing-alike",
        ShelfNotice::Thanks => "notice-report-thanks",
        ShelfNotice::TooManyReports => "notice-report-too-many",
        ShelfNotice::NoSuchZone => "notice-no-such-zone",
    };
    (pen.text(key), None)
}

fn reports(pen: Pen<'_>) -> Keyboard {
    Keyboard::new().row([pen.button("button-reports", open_list(List::Broken))])
}
