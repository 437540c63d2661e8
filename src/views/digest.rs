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
    let keyboard = keyboard
        .row([pen.button(turn, act(DigestAct::Turn(!card.is_on)))])
        .row([pen.button("button-back", Action::Broadcasts { before: None })]);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::button::Signer;
    use crate::domain::ids::{CategoryId, MaterialId};
    use crate::domain::inspection::Kind;

    fn presenter() -> Presenter {
        Presenter::new(Signer::new([1; 32], 42, 90), "prime_bot".to_owned())
    }

    fn section(id: i64, title: &str, count: usize, more: usize) -> DigestSection {
        let fresh = (1..).take(count).map(|number| Fresh {
            id: MaterialId(100 * id + number),
            title: format!("{title} {number}"),
            kind: Kind::Book,
            category: CategoryId(id),
        });
        DigestSection { id: CategoryId(id), title: title.to_owned(), fresh: fresh.collect(), more }
    }

    #[test]
    fn a_letter_names_what_came_by_section() {
        let sections = vec![section(1, "Grammar & <co>", 2, 3), section(2, "Speaking", 1, 0)];
        let shown = presenter().digest(Lang::En, &DigestLetter { sections });
        insta::assert_snapshot!(shown.html.as_str(), @r#"
        <b>📰 New in the sections you follow</b>

        📂 <b>Grammar &amp; &lt;co&gt;</b>
        📕 <a href="https://t.me/prime_bot?start=f_101">Grammar &amp; &lt;co&gt; 1</a>
        📕 <a href="https://t.me/prime_bot?start=f_102">Grammar &amp; &lt;co&gt; 2</a>
        <a href="https://t.me/prime_bot?start=c_1">… and 3 more</a>

        📂 <b>Speaking</b>
        📕 <a href="https://t.me/prime_bot?start=f_201">Speaking 1</a>

        <i>Tap “✅ Following” in a section to hear no more of it.</i>
        "#);
        assert!(shown.keyboard.is_none());
    }

    #[test]
    fn a_long_letter_is_cut_by_whole_lines() {
        for lang in Lang::ALL {
            for (title, sections) in [("x".repeat(150), 30), ("Short".to_owned(), 60)] {
                let sections: Vec<_> =
                    (1..=sections).map(|id| section(id, &title, 10, 0)).collect();
                let all = sections.len() * 10;
                let shown = presenter().digest(lang, &DigestLetter { sections });
                let html = shown.html.as_str();
                let told = html.matches("start=f_").count();
                let styled = html.matches("<a ").count() + html.matches("<b>").count();
                assert!(told > 20 && told < all && styled <= 98, "{told} {styled}");
                assert!(html.contains(&(all - told).to_string()), "{html}");
                let plain = html.replace("<b>", "").replace("</b>", "");
                assert_eq!(plain.matches("<a ").count(), plain.matches("</a>").count());
                assert!(!html.contains('…') || html.contains("</a>"));
            }
        }
    }

    #[test]
    fn the_card_marks_what_is_chosen() {
        let holder = crate::domain::button::Holder {
            chat: crate::domain::ids::ChatId(7),
            user: crate::domain::ids::UserId(7),
        };
        let now = chrono::DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let role = crate::domain::role::Role::Admin;
        let reader = crate::views::Reader { lang: Lang::En, role, holder, now };
        let mut card = DigestCard {
            is_on: true,
            day: Weekday::Wed,
            hour: 18,
            zone: "Asia/Tashkent".to_owned(),
        };
        let labels = |card: &DigestCard| {
            let view = crate::domain::effect::View::Digest(Box::new(card.clone()));
            let shown = presenter().show(reader, &view);
            let rows = shown.keyboard.unwrap().rows;
            let row = |row: &Vec<crate::domain::outgoing::Button>| {
                row.iter().map(|button| button.text.as_str()).collect::<Vec<_>>().join(" ")
            };
            (shown.html.as_str().to_owned(), rows.iter().map(row).collect::<Vec<_>>())
        };
        let (text, rows) = labels(&card);
        assert!(text.ends_with("✅ It goes out weekly: Wed 18:00 (Asia/Tashkent)."), "{text}");
        assert_eq!(
            rows,
            [
                "Mon Tue •Wed• Thu Fri Sat Sun",
                "7 8 9 10 11 12 13 14",
                "15 16 17 •18• 19 20 21 22",
                "⏹ Turn off",
                "⬅️ Back",
            ]
        );
        card.is_on = false;
        let (text, rows) = labels(&card);
        assert!(text.ends_with("It does not go out."), "{text}");
        assert_eq!(rows, ["✅ Turn on", "⬅️ Back"]);
    }
}
