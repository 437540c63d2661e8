//! The list of an editor's files under way.

use super::results::wide;
use super::texts::Value;
use super::{Pen, Shown};
use crate::domain::button::Action;
use crate::domain::html::Html;
use crate::domain::job::FileProgress;
use crate::domain::outgoing::Keyboard;
use crate::domain::uploads::{Standing, UnderWay};

/// Each file with how it stands, and a button that ends it.
pub fn list(pen: Pen<'_>, files: &[UnderWay], more: usize) -> Shown {
    if files.is_empty() {
        return Shown {
            html: Html::new().text(pen.text("uploads-none")).for_text(),
            keyboard: None,
        };
    }
    let mut html = Html::new().bold(pen.text("uploads-title")).newline();
    let mut keyboard = Keyboard::new();
    for file in files {
        let UnderWay { material, name, .. } = file;
        html = html.newline().text("📥 ").bold(name).newline().text(standing(pen, file.standing));
        let label = pen.fill("button-withdraw", &[("name", Value::Text(name))]);
        keyboard = keyboard.row([pen.labelled(label, Action::Withdraw { material: *material })]);
    }
    if more > 0 {
        let count = [("more", Value::Number(wide(more)))];
        html = html.newline().italic(pen.fill("uploads-more", &count));
    }
    let keyboard = keyboard.row([pen.button("button-refresh", Action::Uploads)]);
    Shown { html: html.for_text(), keyboard: Some(keyboard) }
}

fn standing(pen: Pen<'_>, standing: Standing) -> String {
    match standing {
        Standing::Waiting { place } => {
            pen.fill("uploads-waiting", &[("place", Value::Number(place))])
        }
        Standing::Working(FileProgress::Downloading(Some(percent))) => {
            pen.fill("card-downloading", &[("percent", Value::Number(percent))])
        }
        Standing::Working(FileProgress::Downloading(None)) => pen.text("uploads-downloading"),
        Standing::Working(FileProgress::Checking) => pen.text("card-checking"),
        Standing::Working(FileProgress::Retrying) | Standing::Again => pen.text("card-retrying"),
        Standing::Working(FileProgress::Working) => pen.text("uploads-working"),
    }
}
