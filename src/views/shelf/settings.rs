//! The settings: one message, edited in place.

use super::button;
use crate::domain::button::Action;
use crate::domain::calendar::{Zone, clock_time};
use crate::domain::html::Html;
use crate::domain::lang::Lang;
use crate::domain::material::{Level, StudyLanguage};
use crate::domain::outgoing::{Button, Keyboard};
use crate::domain::shelf::preference::{Ask, QUIET, ZONES};
use crate::domain::shelf::{PreferAct, Preference, Preferring, ShelfAct};
use crate::views::format::language_key;
use crate::views::texts::Value;
use crate::views::{Pen, Shown};

/// What holds, and what can be chosen.
pub fn card(pen: Pen<'_>, now: &Preferring) -> Shown {
    let preferences = &now.preferences;
    let any = || pen.text("settings-any");
    let language = preferences.language.map_or_else(any, |it| pen.text(language_key(it)));
    let level = preferences.level.map_or_else(any, |level| level.name().to_owned());
    let quiet = match preferences.quiet {
        Some(hours) => hours_text(hours),
        None => pen.text("settings-no-quiet"),
    };
    let filled = |key, name, value: &str| pen.fill(key, &[(name, Value::Text(value))]);
    let told = if preferences.is_muted { "settings-muted" } else { "settings-told" };
    let html = Html::new()
        .bold(pen.text("settings-title"))
        .newline()
        .newline()
        .text(pen.text("settings-language"))
        .newline()
        .text(filled("settings-study", "language", &language))
        .newline()
        .text(filled("settings-level", "level", &level))
        .newline()
        .text(pen.text(told))
        .newline()
        .text(filled("settings-quiet", "hours", &quiet))
        .newline()
        .text(zone_text(pen, now));
    let languages = Lang::ALL.map(|lang| {
        let name = pen.presenter.texts.get(lang, "language-name", &[]);
        let mark = if lang == pen.reader.lang { "✓ " } else { "" };
        pen.labelled(format!("{mark}{name}"), Action::SetLang(lang))
    });
    let ask = |key, ask| button(pen, key, ShelfAct::Prefer(PreferAct::Ask(ask)));
    let is_muted = preferences.is_muted;
    let mute = if is_muted { "button-unmute" } else { "button-mute" };
    let keyboard = Keyboard::new()
        .row(languages)
        .row([ask("button-study", Ask::Language), ask("button-level", Ask::Level)])
        .row([button(pen, mute, take(Preference::Mute(!is_muted)))])
        .row([ask("button-quiet", Ask::Quiet), ask("button-zone", Ask::Zone)])
        .row([pen.button("button-menu", Action::Menu)]);
    Shown { html: html.for_text(), keyboard: Some(keyboard) }
}

/// One choice.
pub fn choice(pen: Pen<'_>, now: &Preferring, ask: Ask) -> Shown {
    let preferences = &now.preferences;
    let (key, per_row, choices) = match ask {
        Ask::Language => {
            let chosen = |language| preferences.language == language;
            let any = (pen.text("settings-any"), Preference::Language(None), chosen(None));
            let each = StudyLanguage::ALL.map(|it| {
                (pen.text(language_key(it)), Preference::Language(Some(it)), chosen(Some(it)))
            });
            ("settings-ask-language", 3, with_none(any, each))
        }
        Ask::Level => {
            let chosen = |level| preferences.level == level;
            let any = (pen.text("settings-any"), Preference::Level(None), chosen(None));
            let each = Level::ALL
                .map(|it| (it.name().to_owned(), Preference::Level(Some(it)), chosen(Some(it))));
            ("settings-ask-level", 3, with_none(any, each))
        }
        Ask::Quiet => {
            let chosen = |quiet| preferences.quiet == quiet;
            let off = (pen.text("settings-no-quiet"), Preference::Quiet(None), chosen(None));
            let each =
                QUIET.map(|it| (hours_text(it), Preference::Quiet(Some(it)), chosen(Some(it))));
            ("settings-ask-quiet", 2, with_none(off, each))
        }
        Ask::Zone => {
            let stored = preferences.time_zone.as_deref();
            let each = ZONES.map(|name| {
                (city(name), Preference::Zone(Zone::stored(name)), stored == Some(name))
            });
            ("settings-ask-zone", 3, each.to_vec())
        }
    };
    let buttons: Vec<Button> = choices
        .into_iter()
        .map(|(label, preference, is_chosen)| {
            let mark = if is_chosen { "✓ " } else { "" };
            pen.labelled(format!("{mark}{label}"), Action::Shelf(take(preference)))
        })
        .collect();
    let mut keyboard = Keyboard::new();
    for row in buttons.chunks(per_row) {
        keyboard = keyboard.row(row.iter().cloned());
    }
    let keyboard = keyboard.row([button(pen, "button-back", ShelfAct::Prefer(PreferAct::Show))]);
    let html = Html::new().bold(pen.text("settings-title")).newline().newline();
    Shown { html: html.text(pen.text(key)).for_text(), keyboard: Some(keyboard) }
}

type Choice = (String, Preference, bool);

fn with_none(none: Choice, each: impl IntoIterator<Item = Choice>) -> Vec<Choice> {
    each.into_iter().chain([none]).collect()
}

const fn take(preference: Preference) -> ShelfAct {
    ShelfAct::Prefer(PreferAct::Take(preference))
}

/// `22:00–7:00`.
fn hours_text((from, to): (u16, u16)) -> String {
    let time = |minute| clock_time(minute).format("%-H:%M").to_string();
    format!("{}–{}", time(from), time(to))
}

/// The zone, and what clocks show there: whoever sees it knows whether it is theirs.
fn zone_text(pen: Pen<'_>, now: &Preferring) -> String {
    if now.preferences.time_zone.is_none() {
        return pen.text("settings-no-zone");
    }
    let zone = now.zone();
    let time = zone.local(pen.reader.now).format("%-H:%M").to_string();
    let args = [("zone", Value::Text(zone.name())), ("time", Value::Text(&time))];
    pen.fill("settings-zone", &args)
}

/// `Asia/Tashkent` is Tashkent.
fn city(zone: &str) -> String {
    zone.rsplit('/').next().unwrap_or(zone).replace('_', " ")
}
