//! The card of a broadcast that is confirmed: how far it is, then the report.

use super::{audience_name, content_name};
use crate::domain::broadcast::{
    Asked, Broadcast, BroadcastState, CONFIRM_WITHIN_S, Content, Question, Standing,
};
use crate::domain::button::{Action, ControlAct};
use crate::domain::html::Html;
use crate::domain::outgoing::Keyboard;
use crate::views::format::{self, local_time};
use crate::views::texts::Value;
use crate::views::{Pen, Shown};

/// Cells of the bar.
const BAR_CELLS: u64 = 12;

/// Causes that are listed; the rest is in the table of all recipients.
const CAUSES_MAX: usize = 10;

/// The card.
pub fn card(pen: Pen<'_>, standing: &Standing) -> Shown {
    let broadcast = &standing.broadcast;
    let mut html = Html::new().bold(pen.text(head_key(broadcast.state)));
    let name = content_name(pen, &broadcast.plan.content);
    let audience = audience_name(pen, &broadcast.plan.audience, None);
    html = html.newline().text(name).text(" · ").text(audience);
    html = match broadcast.state {
        BroadcastState::Scheduled | BroadcastState::Missed => html.newline(),
        _ => counts(pen, html.newline(), broadcast),
    };
    html = if broadcast.state.is_over() {
        report(pen, html, standing)
    } else {
        outlook(pen, html, standing)
    };
    Shown { html: html.for_text(), keyboard: keyboard(pen, broadcast) }
}

/// The title of a state.
pub const fn head_key(state: BroadcastState) -> &'static str {
    match state {
        BroadcastState::Scheduled => "broadcast-scheduled",
        BroadcastState::Running => "broadcast-running",
        BroadcastState::Paused => "broadcast-paused",
        BroadcastState::Done => "broadcast-finished",
        BroadcastState::Cancelled => "broadcast-cancelled",
        BroadcastState::Stopped => "broadcast-halted",
        BroadcastState::Missed => "broadcast-skipped",
    }
}

fn counts(pen: Pen<'_>, mut html: Html, broadcast: &Broadcast) -> Html {
    let progress = &broadcast.progress;
    if progress.is_filled && progress.filled > 0 {
        html = html.newline().text(bar(progress.settled(), progress.filled));
    } else if !progress.is_filled {
        let filled = [("count", Value::Number(progress.filled))];
        html = html.newline().text(pen.fill("broadcast-filling", &filled));
    }
    let delivered = match broadcast.plan.content {
        Content::Undo { .. } => "broadcast-count-removed",
        _ => "broadcast-count-delivered",
    };
    let lines = [
        (delivered, progress.delivered, true),
        ("broadcast-count-blocked", progress.blocked, false),
        ("broadcast-count-failed", progress.failed, false),
        ("broadcast-count-doubt", progress.in_doubt, false),
        ("broadcast-count-left", progress.pending(), !broadcast.state.is_over()),
    ];
    for (key, count, always) in lines {
        if always || count > 0 {
            html = html.newline().text(pen.fill(key, &[("count", Value::Number(count))]));
        }
    }
    html
}

/// `▓▓▓░░░ 52 %`.
fn bar(done: u64, all: u64) -> String {
    let all = all.max(1);
    let cells = done.saturating_mul(BAR_CELLS) / all;
    let percent = done.saturating_mul(100) / all;
    let cell = |n| if n < cells { '▓' } else { '░' };
    let bar: String = (0..BAR_CELLS).map(cell).collect();
    format!("{bar} {percent} %")
}

/// What is to come.
fn outlook(pen: Pen<'_>, mut html: Html, standing: &Standing) -> Html {
    let Standing { broadcast, zone, .. } = standing;
    if broadcast.state == BroadcastState::Scheduled {
        let at = local_time(broadcast.plan.start_at, *zone);
        let args = [("time", Value::Text(&at)), ("zone", Value::Text(zone.name()))];
        return html.newline().text(pen.fill("broadcast-begins", &args));
    }
    if broadcast.state == BroadcastState::Running {
        if let Some(rate) = standing.rate_per_s {
            let rate = format!("{rate:.1}");
            html = html.newline().text(pen.fill("broadcast-rate", &[("rate", Value::Text(&rate))]));
        }
        if let Some(left) = standing.left_s {
            let left = span(left);
            html = html
                .newline()
                .text(pen.fill("broadcast-time-left", &[("time", Value::Text(&left))]));
        }
    }
    if let Some(until) = standing.quiet_until {
        let until = local_time(until, *zone);
        html = html.newline().text(pen.fill("broadcast-quiet", &[("time", Value::Text(&until))]));
    }
    html
}

/// What has been.
fn report(pen: Pen<'_>, mut html: Html, standing: &Standing) -> Html {
    let Standing { broadcast, zone, causes, .. } = standing;
    if let Some(reason) = &broadcast.stop_reason {
        let reason = cause(pen, reason);
        html =
            html.newline().text(pen.fill("broadcast-reason", &[("reason", Value::Text(&reason))]));
    }
    let planned = local_time(broadcast.plan.start_at, *zone);
    let begun = broadcast.started_at.map_or(planned, |at| local_time(at, *zone));
    let args = [("time", Value::Text(&begun)), ("zone", Value::Text(zone.name()))];
    html = html.newline().text(pen.fill("broadcast-begun", &args));
    if let Some((begun, over)) = broadcast.started_at.zip(broadcast.done_at) {
        let seconds = u64::try_from((over - begun).num_seconds()).unwrap_or(0);
        let took = span(seconds);
        html = html.newline().text(pen.fill("broadcast-took", &[("time", Value::Text(&took))]));
        // Tenths of messages per second.
        let tenths = broadcast.progress.settled().saturating_mul(10) / seconds.max(1);
        let rate = format!("{}.{}", tenths / 10, tenths % 10);
        html = html.newline().text(pen.fill("broadcast-average", &[("rate", Value::Text(&rate))]));
    }
    let told = causes.iter().filter(|cause| !cause.reason.is_empty() && cause.count > 0);
    for (number, line) in told.take(CAUSES_MAX).enumerate() {
        if number == 0 {
            html = html.newline().newline().text(pen.text("broadcast-causes"));
        }
        html = html.newline().foreign(format!("• {}: {}", cause(pen, &line.reason), line.count));
    }
    html
}

/// A cause in words; Telegram's own words as they are.
pub fn cause(pen: Pen<'_>, reason: &str) -> String {
    let key = match reason {
        "blocked" => "cause-blocked",
        "deactivated" => "cause-deactivated",
        "not_found" => "cause-not-found",
        "cannot_initiate" => "cause-cannot-initiate",
        "kicked" => "cause-kicked",
        "no_rights" | "forbidden" | "topic_gone" => "cause-no-rights",
        "message_gone" => "cause-message-gone",
        "bad_content" | "file_id_dead" => "cause-bad-content",
        "retries_exhausted" | "retry_later" => "cause-retries",
        "in_doubt" => "cause-in-doubt",
        "duplicate" => "cause-duplicate",
        other => return other.to_owned(),
    };
    pen.text(key)
}

/// `0:09`, `12:05`, `1:02:33`.
fn span(seconds: u64) -> String {
    format::duration(u32::try_from(seconds).unwrap_or(u32::MAX))
}

/// The buttons that the state allows.
fn keyboard(pen: Pen<'_>, broadcast: &Broadcast) -> Option<Keyboard> {
    let id = broadcast.plan.id;
    let button = |key, act| pen.button(key, Action::Control { broadcast: id, act });
    let refresh = button("button-refresh", ControlAct::Show);
    let cancel = button("button-broadcast-stop", ControlAct::AskCancel);
    let keyboard = Keyboard::new();
    Some(match broadcast.state {
        BroadcastState::Scheduled => keyboard.row([refresh, cancel]),
        BroadcastState::Running => keyboard
            .row([button("button-broadcast-pause", ControlAct::Pause), cancel])
            .row([refresh]),
        BroadcastState::Paused => keyboard
            .row([button("button-broadcast-resume", ControlAct::Resume), cancel])
            .row([refresh]),
        BroadcastState::Missed => return None,
        BroadcastState::Done | BroadcastState::Cancelled | BroadcastState::Stopped => {
            let is_undo = matches!(broadcast.plan.content, Content::Undo { .. });
            let mut row = Vec::new();
            if broadcast.progress.failed > 0 && !is_undo {
                row.push(button("button-broadcast-retry", ControlAct::AskRetry));
            }
            if broadcast.progress.delivered > 0 && broadcast.can_be_undone(pen.reader.now) {
                row.push(button("button-broadcast-undo", ControlAct::AskUndo));
            }
            let export = button("button-broadcast-export", ControlAct::Export);
            keyboard.row(row).row([export])
        }
    })
}

/// A question about it, in the card's place.
pub fn question(pen: Pen<'_>, question: &Question) -> Shown {
    let Question { broadcast, about, count, asked_s } = *question;
    let (ask, label, act) = match about {
        Asked::Cancel => {
            ("broadcast-ask-stop", "button-broadcast-stop-yes", ControlAct::Cancel { asked_s })
        }
        Asked::Retry { fresh } => (
            "broadcast-ask-retry",
            "button-broadcast-retry-yes",
            ControlAct::Retry { fresh, asked_s },
        ),
        Asked::Undo { fresh } => {
            ("broadcast-ask-undo", "button-broadcast-undo-yes", ControlAct::Undo { fresh, asked_s })
        }
    };
    let within = u64::try_from(CONFIRM_WITHIN_S).unwrap_or(0);
    let html = Html::new()
        .text(pen.fill(ask, &[("count", Value::Number(count))]))
        .newline()
        .text(pen.fill("broadcast-answer-within", &[("seconds", Value::Number(within))]));
    let action = |act| Action::Control { broadcast, act };
    let keyboard = Keyboard::new()
        .row([pen.button(label, action(act)), pen.button("button-back", action(ControlAct::Show))]);
    Shown { html: html.for_text(), keyboard: Some(keyboard) }
}
