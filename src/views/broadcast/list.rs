//! The list of broadcasts.

use super::progress::head_key;
use super::{audience_name, content_name};
use crate::domain::broadcast::{Broadcast, BroadcastList, BroadcastState};
use crate::domain::button::{Action, ControlAct};
use crate::domain::calendar::Zone;
use crate::domain::digest::DigestAct;
use crate::domain::html::Html;
use crate::domain::outgoing::{Button, Keyboard};
use crate::views::format::local_time;
use crate::views::{Pen, Shown};

/// Buttons of a row of numbers.
const NUMBERS: usize = 4;

/// Open broadcasts that are listed: more have to wait until some are over.
const OPEN_MAX: usize = 16;

/// A page: first those that are not over, then the others.
pub fn page(pen: Pen<'_>, list: &BroadcastList) -> Shown {
    let zone = list.zone.unwrap_or(Zone::UTC);
    let mut html = Html::new().bold(pen.text("broadcasts-head"));
    let mut numbers = Vec::new();
    if list.open.is_empty() && list.past.is_empty() {
        html = html.newline().newline().text(pen.text("broadcasts-none"));
    }
    let open = list.open.iter().take(OPEN_MAX);
    for (heading, group) in [
        ("broadcasts-open", open.collect::<Vec<_>>()),
        ("broadcasts-past", list.past.iter().collect()),
    ] {
        if group.is_empty() {
            continue;
        }
        html = html.newline().newline().bold(pen.text(heading));
        for broadcast in group {
            let number = numbers.len() + 1;
            html = line(pen, html.newline(), number, broadcast, zone);
            let id = broadcast.plan.id;
            let show = Action::Control { broadcast: id, act: ControlAct::Show };
            numbers.push(pen.labelled(number.to_string(), show));
        }
    }
    let rows = numbers.chunks(NUMBERS);
    let keyboard = rows.fold(Keyboard::new(), |keyboard, row| keyboard.row(row.iter().cloned()));
    let digest = pen.button("digest-card", Action::Digest(DigestAct::Show));
    let keyboard = keyboard.row(turns(pen, list)).row([digest]);
    Shown { html: html.for_text(), keyboard: Some(keyboard) }
}

fn line(pen: Pen<'_>, html: Html, number: usize, broadcast: &Broadcast, zone: Zone) -> Html {
    let at = local_time(broadcast.started_at.unwrap_or(broadcast.plan.start_at), zone);
    let progress = &broadcast.progress;
    let content = content_name(pen, &broadcast.plan.content);
    let audience = audience_name(pen, &broadcast.plan.audience, None);
    let html = html.text(format!("{number}. {at} · {content} · {audience}"));
    let state = pen.text(head_key(broadcast.state));
    let html = html.newline().text("   ").italic(state);
    match broadcast.state {
        BroadcastState::Scheduled | BroadcastState::Missed => html,
        _ => html.italic(format!(" · {}/{}", progress.delivered, progress.filled)),
    }
}

fn turns(pen: Pen<'_>, list: &BroadcastList) -> Vec<Button> {
    let mut row = Vec::new();
    if !list.is_first {
        row.push(pen.labelled("⏮", Action::Broadcasts { before: None }));
    }
    if let Some(next) = list.next {
        row.push(pen.labelled("▶️", Action::Broadcasts { before: Some(next) }));
    }
    row
}
