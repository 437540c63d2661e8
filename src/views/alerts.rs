//! What is wrong with the bot, for those who look after it.
//!
//! Invariant: what Alertmanager and people have written is text, never markup, and never long.

use chrono::TimeDelta;

use super::format::shorten;
use super::results::wide;
use super::texts::Value;
use super::{Pen, Shown};
use crate::domain::alert::rules::rule_of;
use crate::domain::alert::{
    Alert, AlertAct, AlertCard, AlertFacts, AlertsView, Severity, Silence, SilenceSpan,
};
use crate::domain::button::Action;
use crate::domain::calendar::Zone;
use crate::domain::clock::Timestamp;
use crate::domain::html::Html;
use crate::domain::outgoing::Keyboard;

/// Alerts that are shown with a line of their own.
const LINES: usize = 10;

/// Silences that have a button to end them.
const SILENCES: usize = 8;

/// Characters of a subject or a person's name.
const NAME_CHARS: usize = 48;

/// Characters of what an alert says.
const TEXT_CHARS: usize = 400;

/// Any of it.
pub fn view(pen: Pen<'_>, view: &AlertsView) -> Shown {
    match view {
        AlertsView::Card(card) => self::card(pen, card),
        AlertsView::Reminder(alert) => reminder(pen, alert),
        AlertsView::List { facts, zone } => list(pen, facts, *zone),
    }
}

fn card(pen: Pen<'_>, card: &AlertCard) -> Shown {
    let is_open = card.alerts.iter().any(Alert::is_open);
    let mut html = match card.alerts.as_slice() {
        [alert] => whole(pen, alert, card.zone),
        alerts => storm(pen, alerts, card.zone),
    };
    if let Some(until) = card.silenced_until.filter(|_| is_open) {
        let time = moment(until, card.zone);
        let line = pen.fill("alert-silent-until", &[("time", Value::Text(&time))]);
        html = html.newline().text("🔇 ").text(line);
    }
    let is_acked = card.alerts.iter().filter(|alert| alert.is_open()).all(|it| it.acked.is_some());
    let keyboard = is_open.then(|| keyboard(pen, card, is_acked));
    Shown { html: html.for_text(), keyboard }
}

fn keyboard(pen: Pen<'_>, card: &AlertCard, is_acked: bool) -> Keyboard {
    let silence = |key, span| pen.button(key, Action::Alerts(AlertAct::Silence(card.id, span)));
    let [hour, night] = SilenceSpan::ALL;
    let silences = [silence("button-silence-1", hour), silence("button-silence-8", night)];
    if is_acked {
        return Keyboard::new().row(silences);
    }
    let ack = pen.button("button-ack", Action::Alerts(AlertAct::Ack(card.id)));
    Keyboard::new().row([ack]).row(silences)
}

/// One alert with all that is known of it.
fn whole(pen: Pen<'_>, alert: &Alert, zone: Zone) -> Html {
    let mut html = Html::new().text(sign(alert)).text(" ").bold(titled(pen, alert));
    if let Some(advice) = advice(pen, alert).filter(|_| alert.is_open()) {
        html = html.newline().text(advice);
    }
    if let Some(text) = &alert.details.text {
        html = html.newline().italic(shorten(text, TEXT_CHARS));
    }
    html = html.newline().text("🕒 ").text(when(pen, alert, zone));
    if alert.openings > 1 {
        let count = [("count", Value::Number(u64::from(alert.openings)))];
        html = html.newline().text("🔁 ").text(pen.fill("alert-again", &count));
    }
    match acked(pen, alert) {
        Some(line) => html.newline().text("✋ ").text(line),
        None => html,
    }
}

/// Many that came together.
fn storm(pen: Pen<'_>, alerts: &[Alert], zone: Zone) -> Html {
    let open = alerts.iter().filter(|alert| alert.is_open()).count();
    let count = [("count", Value::Number(wide(alerts.len()))), ("open", Value::Number(wide(open)))];
    let sign = if open > 0 { "🚨 " } else { "✅ " };
    let html = Html::new().text(sign).bold(pen.fill("alert-storm", &count)).newline();
    lines(pen, html, alerts, zone)
}

fn lines(pen: Pen<'_>, mut html: Html, alerts: &[Alert], zone: Zone) -> Html {
    for alert in alerts.iter().take(LINES) {
        html = html.newline().text(sign(alert)).text(" ").bold(titled(pen, alert));
        html = html.newline().text("   ").text(when(pen, alert, zone));
        if let Some(line) = acked(pen, alert) {
            html = html.text(" · ✋ ").text(line);
        }
    }
    let more = alerts.len().saturating_sub(LINES);
    if more > 0 {
        html = html.newline().text(pen.fill("alert-more", &[("more", Value::Number(wide(more)))]));
    }
    html
}

fn reminder(pen: Pen<'_>, alert: &Alert) -> Shown {
    let lasted = lasted(pen, alert.lasted(pen.reader.now));
    let line = pen.fill("alert-still", &[("lasted", Value::Text(&lasted))]);
    let html = Html::new().text("⏰ ").bold(titled(pen, alert)).newline().text(line);
    let card = alert.card.unwrap_or(alert.id);
    let ack = pen.button("button-ack", Action::Alerts(AlertAct::Ack(card)));
    Shown { html: html.for_text(), keyboard: Some(Keyboard::new().row([ack])) }
}

fn list(pen: Pen<'_>, facts: &AlertFacts, zone: Zone) -> Shown {
    let open = &facts.open;
    let mut html = if open.is_empty() {
        Html::new().text("✅ ").bold(pen.text("alert-none"))
    } else {
        let count = [("count", Value::Number(wide(open.len())))];
        Html::new().text("🔔 ").bold(pen.fill("alert-open", &count)).newline()
    };
    html = lines(pen, html, open, zone);
    if !facts.silences.is_empty() {
        html = html.newline().newline().text("🔇 ").bold(pen.text("alert-silenced"));
    }
    let mut keyboard = Keyboard::new();
    for silence in facts.silences.iter().take(SILENCES) {
        let title = title(pen, &silence.name);
        html = html.newline().text(silenced(pen, silence, &title, zone));
        let label = pen.fill("button-end-silence", &[("name", Value::Text(&title))]);
        let end = Action::Alerts(AlertAct::EndSilence(silence.id));
        keyboard = keyboard.row([pen.labelled(label, end)]);
    }
    let refresh = pen.button("button-refresh", Action::Alerts(AlertAct::Show));
    Shown { html: html.for_text(), keyboard: Some(keyboard.row([refresh])) }
}

fn silenced(pen: Pen<'_>, silence: &Silence, title: &str, zone: Zone) -> String {
    let (time, name) = (moment(silence.until, zone), person(pen, silence.by_name.as_deref()));
    let args =
        [("title", Value::Text(title)), ("time", Value::Text(&time)), ("name", Value::Text(&name))];
    pen.fill("alert-silence", &args)
}

/// What alerts of that name are called: by a text of ours, or as Prometheus calls them.
fn title(pen: Pen<'_>, name: &str) -> String {
    match rule_of(name) {
        Some(rule) => pen.text(&key(rule.name)),
        None => shorten(name, NAME_CHARS),
    }
}

/// With what it is about.
fn titled(pen: Pen<'_>, alert: &Alert) -> String {
    let title = title(pen, &alert.name);
    match &alert.details.subject {
        Some(subject) => format!("{title} · {}", shorten(subject, NAME_CHARS)),
        None => title,
    }
}

fn advice(pen: Pen<'_>, alert: &Alert) -> Option<String> {
    rule_of(&alert.name).map(|rule| pen.text(&format!("{}-advice", key(rule.name))))
}

/// The key of a rule's text.
fn key(rule: &str) -> String {
    format!("alert-rule-{}", rule.replace('_', "-"))
}

const fn sign(alert: &Alert) -> &'static str {
    match (alert.is_open(), alert.severity) {
        (false, _) => "✅",
        (true, Severity::Page) => "🔴",
        (true, Severity::Ticket) => "🟠",
        (true, Severity::Info) => "🔵",
    }
}

/// Since when; or from when to when, and how long that was.
fn when(pen: Pen<'_>, alert: &Alert, zone: Zone) -> String {
    let from = moment(alert.opened_at, zone);
    match alert.resolved_at {
        None => pen.fill("alert-since", &[("time", Value::Text(&from))]),
        Some(at) => {
            let is_same_day = zone.local(at).date() == zone.local(alert.opened_at).date();
            let to = if is_same_day { clock(at, zone) } else { moment(at, zone) };
            format!("{from} – {to} · {}", lasted(pen, alert.lasted(at)))
        }
    }
}

fn acked(pen: Pen<'_>, alert: &Alert) -> Option<String> {
    let acked = alert.acked.as_ref()?;
    let name = person(pen, acked.name.as_deref());
    Some(pen.fill("alert-acked", &[("name", Value::Text(&name))]))
}

fn person(pen: Pen<'_>, name: Option<&str>) -> String {
    name.map_or_else(|| pen.text("alert-somebody"), |name| shorten(name, NAME_CHARS))
}

fn moment(at: Timestamp, zone: Zone) -> String {
    zone.local(at).format("%d.%m %H:%M").to_string()
}

fn clock(at: Timestamp, zone: Zone) -> String {
    zone.local(at).format("%H:%M").to_string()
}

/// How long something took, as people say it.
fn lasted(pen: Pen<'_>, lasted: TimeDelta) -> String {
    let count = |n: i64| Value::Number(u64::try_from(n).unwrap_or_default());
    let (hours, minutes) = (lasted.num_hours(), lasted.num_minutes());
    if minutes == 0 {
        return pen.fill("alert-seconds", &[("count", count(lasted.num_seconds()))]);
    }
    if hours == 0 {
        return pen.fill("alert-minutes", &[("count", count(minutes))]);
    }
    let args = [("hours", count(hours)), ("minutes", count(minutes % 60))];
    pen.fill("alert-hours", &args)
}

#[cfg(test)]
#[path = "alerts_tests.rs"]
mod tests;
