//! What people ask for: their own list, the editors' list, and a request with what may answer it.

use super::format::{self, kind_sign};
use super::tell::people;
use super::texts::Value;
use super::{Pen, Shown};
use crate::domain::button::Action;
use crate::domain::html::Html;
use crate::domain::outgoing::{Button, Keyboard};
use crate::domain::request::{Request, RequestAct, RequestPage, RequestState, RequestView};
use crate::domain::search_page::Entry;

/// Characters of a request that a list shows.
const WORDS_CHARS: usize = 80;

/// A view.
pub fn view(pen: Pen<'_>, view: &RequestView) -> Shown {
    match view {
        RequestView::Noted { words } => said(pen, "request-noted", words, true),
        RequestView::Already { words } => said(pen, "request-already", words, true),
        RequestView::TooMany => plain(pen, "request-too-many", true),
        RequestView::Own(page) => own(pen, page),
        RequestView::Wanted(page) => wanted(pen, page),
        RequestView::One { request, found } => one(pen, request, found),
        RequestView::Settled { words, is_answered, demand } => {
            settled(pen, words, *is_answered, *demand)
        }
        RequestView::Gone => plain(pen, "request-gone", false),
        RequestView::Declined { words } => said(pen, "request-declined", words, false),
    }
}

fn plain(pen: Pen<'_>, key: &str, leads_on: bool) -> Shown {
    let html = Html::new().text(pen.text(key));
    Shown { html: html.for_text(), keyboard: leads_on.then(|| leads(pen)) }
}

fn said(pen: Pen<'_>, key: &str, words: &str, leads_on: bool) -> Shown {
    let html = Html::new().text(pen.fill(key, &[("words", Value::Text(&short(words)))]));
    Shown { html: html.for_text(), keyboard: leads_on.then(|| leads(pen)) }
}

fn leads(pen: Pen<'_>) -> Keyboard {
    let own = Action::Request(RequestAct::Own { before: None });
    Keyboard::new().row([pen.button("button-own-requests", own)])
}

fn short(words: &str) -> String {
    format::shorten(words, WORDS_CHARS)
}

/// One's own requests, each with a button that takes it back, or fetches what answers it.
fn own(pen: Pen<'_>, page: &RequestPage) -> Shown {
    let mut html = Html::new().bold(pen.text("requests-own"));
    if page.requests.is_empty() {
        html = html.newline().text(pen.text("requests-own-none"));
    }
    let mut buttons: Vec<Button> = Vec::with_capacity(page.requests.len());
    for (request, number) in page.requests.iter().zip(1_u32..) {
        let state = match request.state {
            RequestState::Open => people(pen, request.demand),
            RequestState::Answered => pen.text("request-is-answered"),
            RequestState::Declined => pen.text("request-is-declined"),
        };
        html = html.newline().newline().text(format!("{number}. ")).bold(short(&request.words));
        html = html.newline().text("   ").italic(state);
        let is_answered = request.state == RequestState::Answered;
        buttons.push(if let Some(material) = request.material.filter(|_| is_answered) {
            pen.labelled(format!("📥 {number}"), Action::Deliver { material })
        } else {
            let withdraw = Action::Request(RequestAct::Withdraw(request.id));
            pen.labelled(format!("✖️ {number}"), withdraw)
        });
    }
    let mut keyboard = Keyboard::new();
    for row in buttons.chunks(3) {
        keyboard = keyboard.row(row.iter().cloned());
    }
    if let Some(last) = page.requests.last().filter(|_| page.has_more) {
        let next = Action::Request(RequestAct::Own { before: Some(last.id) });
        keyboard = keyboard.row([pen.labelled("▶️", next)]);
    }
    Shown {
        html: html.for_text(),
        keyboard: Some(keyboard.row([pen.button("button-menu", Action::Menu)])),
    }
}

/// What people ask for, most wanted first.
fn wanted(pen: Pen<'_>, page: &RequestPage) -> Shown {
    let key = if page.requests.is_empty() { "requests-none" } else { "requests-wanted" };
    let mut html = Html::new().bold(pen.text(key));
    let mut buttons: Vec<Button> = Vec::with_capacity(page.requests.len());
    for (request, number) in page.requests.iter().zip(1_u32..) {
        html = html.newline().newline().text(format!("{number}. ")).bold(short(&request.words));
        html = html.newline().text("   ").italic(people(pen, request.demand));
        let open = Action::Request(RequestAct::Open(request.id));
        buttons.push(pen.labelled(number.to_string(), open));
    }
    let mut keyboard = Keyboard::new().row(buttons);
    if let Some(last) = page.requests.last().filter(|_| page.has_more) {
        let demand = u32::try_from(last.demand).unwrap_or(u32::MAX);
        let next = Action::Request(RequestAct::Wanted { after: Some((demand, last.id)) });
        keyboard = keyboard.row([pen.labelled("▶️", next)]);
    }
    Shown {
        html: html.for_text(),
        keyboard: Some(keyboard.row([pen.button("button-menu", Action::Menu)])),
    }
}

/// A request, with a button for each material that may answer it.
fn one(pen: Pen<'_>, request: &Request, found: &[Entry]) -> Shown {
    let id = request.id;
    let mut html = Html::new().text("🙋 ").bold(short(&request.words));
    html = html.newline().italic(people(pen, request.demand)).newline();
    let key = if found.is_empty() { "request-nothing-fits" } else { "request-which-fits" };
    html = html.newline().text(pen.text(key));
    let mut keyboard = Keyboard::new();
    for entry in found {
        let answer = RequestAct::Answer { request: id, material: entry.id };
        let label = format!("✅ {} {}", kind_sign(entry.kind), entry.title);
        keyboard = keyboard.row([pen.labelled(label, Action::Request(answer))]);
    }
    let act = |key, act| pen.button(key, Action::Request(act));
    keyboard = keyboard.row([
        act("button-decline", RequestAct::Decline(id)),
        act("button-back", RequestAct::Wanted { after: None }),
    ]);
    Shown { html: html.for_text(), keyboard: Some(keyboard) }
}

fn settled(pen: Pen<'_>, words: &str, is_answered: bool, demand: u64) -> Shown {
    let key = if is_answered { "request-settled-answered" } else { "request-settled-declined" };
    let args = [("words", Value::Text(&short(words))), ("count", Value::Number(demand))];
    let html = Html::new().text(pen.fill(key, &args));
    let back = Action::Request(RequestAct::Wanted { after: None });
    let keyboard = Keyboard::new().row([pen.button("button-back", back)]);
    Shown { html: html.for_text(), keyboard: Some(keyboard) }
}
