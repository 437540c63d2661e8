//! Broadcasts: the card of one in the making, its questions and short answers.

use super::format::local_time;
use super::results::wide;
use super::texts::Value;
use super::{Pen, Shown};
use crate::domain::broadcast::{
    Audience, BroadcastNotice, BroadcastView, ComposeCard, Content, DoubtPolicy, Hint, LINKS_MAX,
    LinkProblem,
};
use crate::domain::button::{Action, ComposeAct};
use crate::domain::calendar::{TimeError, Zone, clock_time};
use crate::domain::event::FileClass;
use crate::domain::html::{Html, NAME};
use crate::domain::lang::Lang;
use crate::domain::outgoing::{Button, Keyboard};
use crate::domain::role::Role;
use crate::domain::session::{ComposeStep, Recurrence};

mod list;
mod progress;

/// Days of the audiences of those who wrote of late.
const ACTIVE_DAYS: [u32; 2] = [7, 30];

/// What is shown about broadcasts.
pub fn view(pen: Pen<'_>, view: &BroadcastView) -> Shown {
    let said = |text| Shown { html: Html::new().text(text).for_text(), keyboard: None };
    let at = |key, planned, zone: Zone| {
        let time = local_time(planned, zone);
        said(pen.fill(key, &[("time", Value::Text(&time)), ("zone", Value::Text(zone.name()))]))
    };
    match view {
        BroadcastView::Compose(card) => compose(pen, card),
        BroadcastView::Progress(standing) => progress::card(pen, standing),
        BroadcastView::Series(series) => list::series_card(pen, series),
        BroadcastView::Ask(question) => progress::question(pen, question),
        BroadcastView::List(page) => list::page(pen, page),
        BroadcastView::Late { planned, zone } => at("broadcast-late", *planned, *zone),
        BroadcastView::Missed { planned, zone } => at("broadcast-missed", *planned, *zone),
        BroadcastView::Stopped { reason } => {
            let reason = progress::cause(pen, reason);
            said(pen.fill("broadcast-stopped", &[("reason", Value::Text(&reason))]))
        }
    }
}

/// A short answer, with the button that helps further.
pub fn notice(pen: Pen<'_>, notice: BroadcastNotice) -> (String, Option<Keyboard>) {
    let key = match notice {
        BroadcastNotice::AdminsOnly => "broadcast-admins-only",
        BroadcastNotice::Over => "broadcast-over",
        BroadcastNotice::Cancelled => "broadcast-given-up",
        BroadcastNotice::Unfinished(_) => "broadcast-unfinished",
        BroadcastNotice::ReadingList => "broadcast-reading-list",
        BroadcastNotice::MakingTable => "broadcast-making-table",
        BroadcastNotice::Gone => "broadcast-gone",
        BroadcastNotice::Done => "broadcast-done-already",
        BroadcastNotice::SeriesEnded => "broadcast-series-ended",
        BroadcastNotice::TooLate => "broadcast-too-late",
        BroadcastNotice::NobodyLeft => "broadcast-nobody-left",
        BroadcastNotice::TooOldToUndo => "broadcast-too-old",
        BroadcastNotice::LetterGone => "broadcast-letter-gone",
    };
    let keyboard = match notice {
        BroadcastNotice::Unfinished(broadcast) => {
            let resume = Action::Compose { broadcast, act: ComposeAct::Resume };
            Some(Keyboard::new().row([pen.button("button-bulk-continue", resume)]))
        }
        _ => None,
    };
    (pen.text(key), keyboard)
}

fn compose(pen: Pen<'_>, card: &ComposeCard) -> Shown {
    let mut html = Html::new().bold(pen.text("broadcast-head"));
    for (label, value) in said(pen, card) {
        html = html.newline().text(pen.text(label)).text(": ").bold(value);
    }
    if let Some(hint) = &card.hint {
        html = html.newline().newline().text(hint_text(pen, card, hint));
    }
    html = html.newline().newline().text(question(pen, card));
    Shown { html: html.for_text(), keyboard: Some(buttons(pen, card)) }
}

/// What has been said so far, line by line.
fn said(pen: Pen<'_>, card: &ComposeCard) -> Vec<(&'static str, String)> {
    let compose = &card.compose;
    let mut lines = Vec::new();
    let Some(content) = &compose.content else { return lines };
    lines.push(("broadcast-line-content", content_name(pen, content)));
    if !content.buttons().is_empty() {
        let titles: Vec<&str> = content.buttons().iter().map(|link| link.text.as_str()).collect();
        lines.push(("broadcast-line-buttons", titles.join(" · ")));
    }
    let Some(audience) = &compose.audience else { return lines };
    let people = pen.fill("broadcast-people", &[("count", Value::Number(compose.count))]);
    let name = audience_name(pen, audience, compose.section.as_deref());
    lines.push(("broadcast-line-audience", format!("{name}, {people}")));
    if !compose.reviewed && compose.step != ComposeStep::When {
        return lines;
    }
    lines.push(("broadcast-line-time", time_name(pen, card)));
    if compose.repeat != Recurrence::Once {
        lines.push(("broadcast-line-repeat", pen.text(repeat_key(compose.repeat))));
    }
    let quiet = match &card.quiet {
        Some(quiet) => {
            let clock = |minute| clock_time(minute).format("%H:%M");
            format!("{}–{}", clock(quiet.from_min), clock(quiet.to_min))
        }
        None => pen.text("review-none"),
    };
    lines.push(("broadcast-line-quiet", quiet));
    if compose.reviewed {
        lines.push(("broadcast-line-doubt", pen.text(doubt_key(compose.doubt))));
        if compose.paid {
            let stars = stars(compose.count);
            let price = pen.fill("broadcast-price", &[("stars", Value::Text(&stars))]);
            lines.push(("broadcast-line-paid", price));
        }
    }
    lines
}

fn content_name(pen: Pen<'_>, content: &Content) -> String {
    let with_name = |key: &str| {
        let kind = pen.text(key);
        let args = [("kind", Value::Text(&kind)), ("mark", Value::Text(NAME))];
        pen.fill("broadcast-content-named", &args)
    };
    match content {
        Content::Copy { messages, .. } => {
            pen.fill("broadcast-content-copy", &[("count", Value::Number(wide(messages.len())))])
        }
        Content::Text { .. } => with_name("broadcast-content-text"),
        Content::File { class, .. } => with_name(class_key(*class)),
        Content::Digest { .. } => pen.text("broadcast-content-digest"),
        Content::Undo { .. } => pen.text("broadcast-content-undo"),
    }
}

const fn class_key(class: FileClass) -> &'static str {
    match class {
        FileClass::Photo => "broadcast-content-photo",
        FileClass::Video | FileClass::VideoNote | FileClass::Animation => "broadcast-content-video",
        FileClass::Audio | FileClass::Voice => "broadcast-content-audio",
        FileClass::Document => "broadcast-content-document",
    }
}

fn audience_name(pen: Pen<'_>, audience: &Audience, section: Option<&str>) -> String {
    match audience {
        Audience::All => pen.text("audience-all"),
        Audience::Language { lang } => {
            let name = language_name(pen, *lang);
            pen.fill("audience-language", &[("name", Value::Text(&name))])
        }
        Audience::Active { days } => {
            pen.fill("audience-active", &[("days", Value::Number(u64::from(*days)))])
        }
        Audience::Followers { .. } => match section {
            Some(section) => pen.fill("audience-followers", &[("name", Value::Text(section))]),
            None => pen.text("audience-section"),
        },
        Audience::Role { role } => pen.text(role_key(*role)),
        Audience::List { .. } => pen.text("audience-list"),
        Audience::DigestReaders { .. } => pen.text("audience-digest"),
        Audience::FailedOf { .. } => pen.text("audience-failed"),
        Audience::DeliveredOf { .. } => pen.text("audience-delivered"),
    }
}

fn language_name(pen: Pen<'_>, lang: Lang) -> String {
    pen.presenter.texts.get(lang, "language-name", &[])
}

const fn role_key(role: Role) -> &'static str {
    match role {
        Role::Learner => "role-learner",
        Role::Editor => "role-editor",
        Role::Admin => "role-admin",
        Role::Owner => "role-owner",
    }
}

fn time_name(pen: Pen<'_>, card: &ComposeCard) -> String {
    match card.compose.start_at {
        Some(at) => format!("{} ({})", local_time(at, card.zone), card.zone.name()),
        None => pen.text("broadcast-at-once"),
    }
}

const fn repeat_key(repeat: Recurrence) -> &'static str {
    match repeat {
        Recurrence::Once => "broadcast-once",
        Recurrence::Daily => "broadcast-daily",
        Recurrence::Weekly => "broadcast-weekly",
    }
}

const fn doubt_key(doubt: DoubtPolicy) -> &'static str {
    match doubt {
        DoubtPolicy::Skip => "broadcast-doubt-skip",
        DoubtPolicy::Resend => "broadcast-doubt-resend",
    }
}

/// The most that so many messages cost: 0.1 Stars each.
/// <https://core.telegram.org/bots/api#paid-broadcasts>
fn stars(count: u64) -> String {
    format!("{}.{}", count / 10, count % 10)
}

fn hint_text(pen: Pen<'_>, card: &ComposeCard, hint: &Hint) -> String {
    match hint {
        Hint::NotUnderstood => pen.text("broadcast-hint-answer"),
        Hint::CannotBeCopied => pen.text("broadcast-hint-copy"),
        Hint::TooLong { longest, limit } => {
            let args = [
                ("longest", Value::Number(wide(*longest))),
                ("limit", Value::Number(wide(*limit))),
                ("mark", Value::Text(NAME)),
            ];
            pen.fill("broadcast-hint-long", &args)
        }
        Hint::AlbumHasNoName => pen.fill("broadcast-hint-album", &[("mark", Value::Text(NAME))]),
        Hint::AlbumGrew { parts } => {
            pen.fill("broadcast-hint-parts", &[("count", Value::Number(wide(*parts)))])
        }
        Hint::BadLine { line, why } => {
            let key = match why {
                LinkProblem::NoPair => "broadcast-hint-pair",
                LinkProblem::BadLink => "broadcast-hint-link",
                LinkProblem::NoMaterial => "broadcast-hint-material",
            };
            pen.fill(key, &[("line", Value::Number(wide(*line)))])
        }
        Hint::TooManyButtons => {
            pen.fill("broadcast-hint-buttons", &[("count", Value::Number(wide(LINKS_MAX)))])
        }
        Hint::NobodyThere => pen.text("broadcast-hint-nobody"),
        Hint::TooLate => pen.text("broadcast-too-late"),
        Hint::BadTime(error) => pen.text(match error {
            TimeError::Unreadable => "broadcast-hint-time",
            TimeError::Past => "broadcast-hint-past",
            TimeError::TooFar => "broadcast-hint-far",
            TimeError::Skipped => "broadcast-hint-skipped",
        }),
        Hint::ZoneSet => {
            pen.fill("broadcast-hint-zone", &[("zone", Value::Text(card.zone.name()))])
        }
        Hint::Broken(problem) => {
            let reason = problem.to_string();
            pen.fill("broadcast-hint-broken", &[("reason", Value::Text(&reason))])
        }
        Hint::SentToYou => pen.text("broadcast-hint-sent"),
    }
}

fn question(pen: Pen<'_>, card: &ComposeCard) -> String {
    let count = Value::Number(card.compose.count);
    match card.compose.step {
        ComposeStep::Content => pen.fill("broadcast-ask-content", &[("mark", Value::Text(NAME))]),
        ComposeStep::Buttons => pen.text("broadcast-ask-buttons"),
        ComposeStep::Audience => pen.text("broadcast-ask-audience"),
        ComposeStep::Language => pen.text("broadcast-ask-language"),
        ComposeStep::Section { .. } => match &card.inside {
            Some(node) => pen.fill("broadcast-ask-inside", &[("name", Value::Text(&node.title))]),
            None => pen.text("broadcast-ask-section"),
        },
        ComposeStep::Role => pen.text("broadcast-ask-role"),
        ComposeStep::List => pen.text("broadcast-ask-list"),
        ComposeStep::When => {
            pen.fill("broadcast-ask-time", &[("zone", Value::Text(card.zone.name()))])
        }
        ComposeStep::Review => pen.text("broadcast-ask-review"),
        ComposeStep::Price => {
            let stars = stars(card.compose.count);
            pen.fill("broadcast-ask-price", &[("stars", Value::Text(&stars)), ("count", count)])
        }
        ComposeStep::Confirm { .. } => pen.fill("broadcast-ask-send", &[("count", count)]),
    }
}

fn buttons(pen: Pen<'_>, card: &ComposeCard) -> Keyboard {
    let compose = &card.compose;
    let action = |act| Action::Compose { broadcast: compose.broadcast, act };
    let button = |key, act| pen.button(key, action(act));
    let has_buttons = compose.content.as_ref().is_some_and(|content| !content.buttons().is_empty());
    let keyboard = Keyboard::new();
    let keyboard = match compose.step {
        ComposeStep::Content if compose.content.is_some() => {
            keyboard.row([button("button-broadcast-keep", ComposeAct::Next)])
        }
        ComposeStep::Content | ComposeStep::List => keyboard,
        ComposeStep::Buttons if has_buttons => keyboard.row([
            button("button-broadcast-keep", ComposeAct::Next),
            button("button-broadcast-drop", ComposeAct::DropButtons),
        ]),
        ComposeStep::Buttons => {
            keyboard.row([button("button-broadcast-no-buttons", ComposeAct::Next)])
        }
        ComposeStep::Audience => audience_buttons(pen, card),
        ComposeStep::Language => keyboard.row(Lang::ALL.map(|lang| {
            pen.labelled(language_name(pen, lang), action(ComposeAct::TakeLanguage(lang)))
        })),
        ComposeStep::Section { .. } => section_buttons(pen, card),
        ComposeStep::Role => {
            let roles = Role::ALL.map(|role| button(role_key(role), ComposeAct::TakeRole(role)));
            roles.chunks(2).fold(keyboard, |keyboard, row| keyboard.row(row.iter().cloned()))
        }
        ComposeStep::When => time_buttons(pen, card),
        ComposeStep::Review => return review_buttons(pen, card),
        ComposeStep::Price => keyboard.row([
            button("button-broadcast-pay", ComposeAct::SetPaid(true)),
            button("button-broadcast-free", ComposeAct::SetPaid(false)),
        ]),
        ComposeStep::Confirm { asked_s } => {
            keyboard.row([button("button-broadcast-send-yes", ComposeAct::Send { asked_s })])
        }
    };
    let cancel = button("button-broadcast-cancel", ComposeAct::Cancel);
    let back = button("button-back", ComposeAct::Back);
    if compose.content.is_none() { keyboard.row([cancel]) } else { keyboard.row([back, cancel]) }
}

fn audience_buttons(pen: Pen<'_>, card: &ComposeCard) -> Keyboard {
    let action = |act| Action::Compose { broadcast: card.compose.broadcast, act };
    let button = |key, act| pen.button(key, action(act));
    let active = ACTIVE_DAYS.map(|days| {
        let label = pen.fill("audience-active", &[("days", Value::Number(u64::from(days)))]);
        pen.labelled(label, action(ComposeAct::TakeActive(days)))
    });
    Keyboard::new()
        .row([
            button("audience-all", ComposeAct::TakeAll),
            button("button-audience-language", ComposeAct::AskLanguage),
        ])
        .row(active)
        .row([
            button("audience-section", ComposeAct::OpenSection(None)),
            button("button-audience-role", ComposeAct::AskRole),
        ])
        .row([button("audience-list", ComposeAct::AskList)])
}

fn section_buttons(pen: Pen<'_>, card: &ComposeCard) -> Keyboard {
    let action = |act| Action::Compose { broadcast: card.compose.broadcast, act };
    let nodes = card.categories.iter().map(|category| {
        pen.labelled(&category.title, action(ComposeAct::OpenSection(Some(category.id))))
    });
    let nodes: Vec<Button> = nodes.collect();
    let rows = nodes.chunks(2);
    let keyboard = rows.fold(Keyboard::new(), |keyboard, row| keyboard.row(row.iter().cloned()));
    match &card.inside {
        Some(inside) => keyboard.row([
            pen.button("button-audience-followers", action(ComposeAct::TakeSection(inside.id))),
            pen.button("button-up", action(ComposeAct::OpenSection(inside.parent))),
        ]),
        None => keyboard,
    }
}

fn time_buttons(pen: Pen<'_>, card: &ComposeCard) -> Keyboard {
    let button =
        |key, act| pen.button(key, Action::Compose { broadcast: card.compose.broadcast, act });
    let repeat = Recurrence::ALL.map(|repeat| {
        let mark = if repeat == card.compose.repeat { "✓ " } else { "" };
        let label = format!("{mark}{}", pen.text(repeat_key(repeat)));
        let act = ComposeAct::SetRepeat(repeat);
        pen.labelled(label, Action::Compose { broadcast: card.compose.broadcast, act })
    });
    let quiet = if card.compose.quiet { "button-quiet-off" } else { "button-quiet-on" };
    Keyboard::new()
        .row([
            button("broadcast-at-once", ComposeAct::TakeNow),
            button("button-time-hour", ComposeAct::TakeHour),
            button("button-time-tomorrow", ComposeAct::TakeTomorrow),
        ])
        .row(repeat)
        .row([button(quiet, ComposeAct::SetQuiet(!card.compose.quiet))])
}

fn review_buttons(pen: Pen<'_>, card: &ComposeCard) -> Keyboard {
    let compose = &card.compose;
    let button = |key, act| pen.button(key, Action::Compose { broadcast: compose.broadcast, act });
    let (doubt, other) = match compose.doubt {
        DoubtPolicy::Skip => ("button-doubt-resend", DoubtPolicy::Resend),
        DoubtPolicy::Resend => ("button-doubt-skip", DoubtPolicy::Skip),
    };
    let mut content = vec![button("button-change-content", ComposeAct::ChangeContent)];
    let mut policy = vec![button(doubt, ComposeAct::SetDoubt(other))];
    if compose.album.is_none() {
        content.push(button("button-change-buttons", ComposeAct::ChangeButtons));
        policy.push(if compose.paid {
            button("button-broadcast-free", ComposeAct::SetPaid(false))
        } else {
            button("button-broadcast-paid", ComposeAct::AskPaid)
        });
    }
    Keyboard::new()
        .row(content)
        .row([
            button("button-change-audience", ComposeAct::ChangeAudience),
            button("button-change-time", ComposeAct::ChangeTime),
        ])
        .row(policy)
        .row([button("button-send-to-me", ComposeAct::SendToMe)])
        .row([
            button("button-broadcast-send", ComposeAct::AskSend),
            button("button-broadcast-cancel", ComposeAct::Cancel),
        ])
}

#[cfg(test)]
mod tests;
