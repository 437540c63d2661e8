//! The weekly digest: the letter, and the card on which admins set it up.

use chrono::Weekday;

use super::texts::Value;
use super::{Pen, Presenter, Shown, format};
use crate::domain::button::Action;
use crate::domain::digest::{
    DigestAct, DigestCard, DigestLetter, DigestSection, Fresh, HOURS, WEEKDAYS,
};
use crate::domain::html::{Html, TEXT_LIMIT};
use crate::domain::lang::Lang;
use crate::domain::outgoing::Keyboard;

/// Telegram shows at most 100 pieces of a message in a style of their own; some are kept for the end.
const STYLED_MAX: usize = 96;

/// Units that are kept for the line which says how much is left out.
const END_UNITS: usize = 96;

/// Hour buttons of one row.
const HOURS_IN_A_ROW: usize = 8;

/// What is new, by section, as far as a message holds it.
pub fn letter(presenter: &Presenter, lang: Lang, letter: &DigestLetter) -> Shown {
    let mut sheet = Sheet { presenter, lang, html: Html::new(), styled: 1, is_full: false };
    sheet.html = Html::new().bold(presenter.texts.get(lang, "digest-heading", &[]));
    let all =
        letter.sections.iter().map(|it| it.fresh.len().saturating_add(it.more)).sum::<usize>();
    let told = letter.sections.iter().map(|section| sheet.section(section)).sum();
    let left = all.saturating_sub(told);
    if left > 0 {
        let text = sheet.count("digest-left", left);
        sheet.html = sheet.html.newline().newline().italic(text);
    }
    let end = presenter.texts.get(lang, "digest-why", &[]);
    if sheet.html.len_utf16() + end.len() + 2 <= TEXT_LIMIT {
        sheet.html = sheet.html.newline().newline().italic(end);
    }
    Shown { html: sheet.html.for_text(), keyboard: None }
}

/// A letter as far as it is written.
struct Sheet<'a> {
    presenter: &'a Presenter,
    lang: Lang,
    html: Html,
    /// Pieces in a style of their own.
    styled: usize,
    is_full: bool,
}

impl Sheet<'_> {
    /// Adds a section; gives of how many materials it tells.
    fn section(&mut self, section: &DigestSection) -> usize {
        let mut told: usize = 0;
        for (index, fresh) in section.fresh.iter().enumerate() {
            let mut lines = Html::new();
            if index == 0 {
                lines = lines.newline().newline().text("📂 ").bold(&section.title);
            }
            lines = lines.newline().append(self.line(fresh));
            if !self.add(lines, 2) {
                return told;
            }
            told = told.saturating_add(1);
        }
        if section.more > 0 {
            let url = self.presenter.deep_link(&format!("c_{}", section.id));
            let more = Html::new().link(url, self.count("digest-more", section.more));
            if self.add(Html::new().newline().append(more), 1) {
                told = told.saturating_add(section.more);
            }
        }
        told
    }

    fn line(&self, fresh: &Fresh) -> Html {
        let url = self.presenter.deep_link(&format!("f_{}", fresh.id));
        Html::new().text(format!("{} ", format::kind_sign(fresh.kind))).link(url, &fresh.title)
    }

    /// Adds lines, unless there is no room for them; then nothing is added any more.
    fn add(&mut self, lines: Html, styled: usize) -> bool {
        let units = self.html.len_utf16().saturating_add(lines.len_utf16());
        let styled = self.styled.saturating_add(styled);
        self.is_full |= units > TEXT_LIMIT - END_UNITS || styled > STYLED_MAX;
        if self.is_full {
            return false;
        }
        self.styled = styled;
        self.html = std::mem::take(&mut self.html).append(lines);
        true
    }

    fn count(&self, key: &str, count: usize) -> String {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        self.presenter.texts.get(self.lang, key, &[("count", Value::Number(count))])
    }
}

/// Whether the digest goes out, and when.
pub fn card(pen: Pen<'_>, card: &DigestCard) -> Shown {
    let html = Html::new().bold(pen.text("digest-card")).newline().text(pen.text("digest-what"));
    let (day, hour) = (pen.text(day_key(card.day)), card.hour.to_string());
    let when = [
        ("day", Value::Text(&day)),
        ("hour", Value::Text(&hour)),
        ("zone", Value::Text(&card.zone)),
    ];
    let state = if card.is_on { pen.fill("digest-on", &when) } else { pen.text("digest-off") };
    let html = html.newline().newline().text(state);
    let act = |act| Action::Digest(act);
    let mut keyboard = Keyboard::new();
    if card.is_on {
        keyboard = keyboard.row(WEEKDAYS.map(|day| {
            let label = chosen(pen.text(day_key(day)), day == card.day);
            pen.labelled(label, act(DigestAct::TakeDay(day)))
        }));
        let hours: Vec<u8> = HOURS.collect();
        for row in hours.chunks(HOURS_IN_A_ROW) {
            keyboard = keyboard.row(row.iter().map(|hour| {
                let label = chosen(hour.to_string(), *hour == card.hour);
                pen.labelled(label, act(DigestAct::TakeHour(*hour)))
            }));
        }
    }
    let turn = if card.is_on { "button-digest-off" } else { "button-digest-on" };
    let keyboard = keyboard.row([pen.button(turn, act(DigestAct::Turn(!card.is_on)))]);
    Shown { html: html.for_text(), keyboard: Some(keyboard) }
}

/// A choice, marked when it is the present one.
fn chosen(label: String, is_chosen: bool) -> String {
    if is_chosen { format!("•{label}•") } else { label }
}

const fn day_key(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "weekday-mon",
        Weekday::Tue => "weekday-tue",
        Weekday::Wed => "weekday-wed",
        Weekday::Thu => "weekday-thu",
        Weekday::Fri => "weekday-fri",
        Weekday::Sat => "weekday-sat",
        Weekday::Sun => "weekday-sun",
    }
}
