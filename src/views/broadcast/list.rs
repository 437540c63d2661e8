//! The list of broadcasts.

use super::progress::head_key;
use super::{audience_name, content_name};
use crate::domain::broadcast::{Broadcast, BroadcastList, BroadcastState};
use crate::domain::button::{Action, ControlAct};
use crate::domain::calendar::Zone;
use crate::domain::digest::DigestAct;
use crate::domain::html::Html;
use crate::domain::outgoing::{Button, Keyboard};
use crate::domain::series::{Every, NewSeries};
use crate::views::format::local_time;
use crate::views::results::wide;
use crate::views::texts::Value;
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
    if list.open.is_empty() && list.past.is_empty() && list.series.is_empty() {
        html = html.newline().newline().text(pen.text("broadcasts-none"));
    }
    let open = list.open.iter().take(OPEN_MAX);
    if !list.series.is_empty() {
        html = html.newline().newline().bold(pen.text("broadcasts-series"));
    }
    let series = list.series.iter().take(OPEN_MAX).map(|series| &series.plan);
    let mut ends = Vec::new();
    for (number, series) in series.enumerate() {
        let number = number + 1;
        html = html.newline().text(format!("🔁 {number}. {}", series_line(pen, series)));
        let count = [("count", Value::Number(wide(number)))];
        ends.push(
            pen.labelled(pen.fill("button-series-end", &count), Action::EndSeries(series.id)),
        );
    }
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
    let rows = ends.chunks(2);
    let keyboard = rows.fold(keyboard, |keyboard, row| keyboard.row(row.iter().cloned()));
    let digest = pen.button("digest-card", Action::Digest(DigestAct::Show));
    let keyboard = keyboard.row(turns(pen, list)).row([digest]);
    Shown { html: html.for_text(), keyboard: Some(keyboard) }
}

/// A series that was just confirmed.
pub fn series_card(pen: Pen<'_>, series: &NewSeries) -> Shown {
    let html = Html::new()
        .bold(pen.text("broadcast-series-made"))
        .newline()
        .text(series_line(pen, series));
    let end = pen.button("button-series-stop", Action::EndSeries(series.id));
    Shown { html: html.for_text(), keyboard: Some(Keyboard::new().row([end])) }
}

/// `Every week · next 25.12.2026 09:00 (Asia/Tashkent) · text · Everybody`.
fn series_line(pen: Pen<'_>, series: &NewSeries) -> String {
    let zone = Zone::stored(&series.repeat.zone);
    let every = pen.text(match series.repeat.every {
        Every::Daily => "broadcast-daily",
        Every::Weekly { .. } => "broadcast-weekly",
    });
    let time = local_time(series.next_at, zone);
    let args = [("time", Value::Text(&time)), ("zone", Value::Text(zone.name()))];
    let next = pen.fill("broadcast-next", &args);
    let content = match &series.content {
        Some(content) => content_name(pen, content),
        None => pen.text("broadcast-content-digest"),
    };
    let audience = audience_name(pen, &series.audience, None);
    format!("{every} · {next} · {content} · {audience}")
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
