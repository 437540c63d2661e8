//! The link to the dashboard.

use super::{Pen, Shown};
use crate::domain::html::Html;

/// The link, or that there is no such page.
pub fn link(pen: Pen<'_>, url: Option<&str>) -> Shown {
    let html = match url {
        Some(url) => Html::new().text(pen.text("dashboard-link")).newline().newline().text(url),
        None => Html::new().text(pen.text("dashboard-off")),
    };
    Shown { html: html.for_text(), keyboard: None }
}
