//! A new material, to somebody who wants to hear of it.

use super::format::kind_sign;
use super::texts::Value;
use super::{Pen, Shown};
use crate::domain::button::Action;
use crate::domain::html::Html;
use crate::domain::material::Level;
use crate::domain::outgoing::Keyboard;
use crate::domain::tell::Announcement;

/// Why it comes, what it is, and how to hear no more.
pub fn announcement(pen: Pen<'_>, news: &Announcement) -> Shown {
    let why = if news.is_asked { "news-asked" } else { "news-followed" };
    let mut html = Html::new().text(pen.text(why)).newline();
    html = html.newline().text(kind_sign(news.kind)).text(" ").bold(&news.title);
    let level = news.level.map(Level::name);
    let place = [news.section.as_deref(), level].into_iter().flatten().collect::<Vec<_>>();
    if !place.is_empty() {
        html = html.newline().italic(place.join(" · "));
    }
    let mut keyboard = Keyboard::new()
        .row([pen.button("button-fetch", Action::Deliver { material: news.material })]);
    let settings = pen.button("button-settings", Action::Settings);
    keyboard = match news.follows {
        Some(category) => {
            let unfollow = Action::Follow { category, follow: false };
            keyboard.row([pen.button("button-unfollow-section", unfollow), settings])
        }
        None => keyboard.row([settings]),
    };
    Shown { html: html.for_text(), keyboard: Some(keyboard) }
}

/// How many people, in the reader's language.
pub fn people(pen: Pen<'_>, count: u64) -> String {
    pen.fill("request-people", &[("count", Value::Number(count))])
}
