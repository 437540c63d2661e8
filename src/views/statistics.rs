//! The school in figures, as text, and what goes with its files.

use std::fmt::Write as _;

use super::format::shorten;
use super::texts::Value;
use super::{Pen, Shown};
use crate::domain::button::Action;
use crate::domain::event::FileClass;
use crate::domain::html::Html;
use crate::domain::lang::Lang;
use crate::domain::outgoing::{Keyboard, Outgoing, StoredCopy};
use crate::domain::statistics::{
    CohortRow, DayFigures, Growth, ReportSort, Span, StatsAct, StatsCard, StatsReport, Sums, Top,
};

/// Lines of a list; the longest report must fit into one message.
const LINES: usize = 5;

/// Characters of a line's words.
const WORDS_CHARS: usize = 40;

/// Weeks of the table of cohorts, and weeks after the first that it shows.
const COHORTS: usize = 6;

/// The report with its buttons.
pub fn card(pen: Pen<'_>, card: &StatsCard) -> Shown {
    let report = &card.report;
    let mut html = Html::new().text("📊 ").bold(pen.text(title_key(report.span)));
    if let Some(today) = report.today() {
        let time = today.counted_at.format("%d.%m.%Y %H:%M").to_string();
        let as_of = pen.fill("stats-as-of", &[("time", Value::Text(&time))]);
        html = html.newline().italic(as_of).newline();
        html = people(pen, html, report, today);
        html = cohorts(pen, html, &report.cohorts);
        html = library(pen, html, report, today);
        html = searches(pen, html, report);
    } else {
        html = html.newline().text(pen.text("stats-none"));
    }
    if card.is_counting {
        html = html.newline().newline().text(pen.text("stats-counting"));
    }
    Shown { html: html.for_text(), keyboard: Some(keyboard(pen, report)) }
}

fn keyboard(pen: Pen<'_>, report: &StatsReport) -> Keyboard {
    let spans = Span::ALL.map(|span| {
        let label = pen.text(button_key(span));
        let label = if span == report.span { format!("•{label}•") } else { label };
        pen.labelled(label, Action::Statistics(StatsAct::Show(span)))
    });
    let send = |key, sort| pen.button(key, Action::Statistics(StatsAct::Send(sort, report.span)));
    let files = [
        send("button-stats-chart", ReportSort::Chart),
        send("button-stats-table", ReportSort::Table),
    ];
    let refresh = Action::Statistics(StatsAct::Refresh(report.span));
    let keyboard = Keyboard::new().row(spans);
    let keyboard = if report.days.is_empty() { keyboard } else { keyboard.row(files) };
    keyboard.row([pen.button("button-refresh", refresh)])
}

fn people(pen: Pen<'_>, html: Html, report: &StatsReport, today: &DayFigures) -> Html {
    let day = &today.people;
    let joined = report.sums(report.span.days()).joined;
    let users = pen.fill("stats-users", &[("users", Value::Text(&number(pen, day.users)))]);
    let html = html.newline().text("👥 ").bold(users);
    let html = html.text(growth(report.before().map(|day| day.people.users), day.users));
    let came = pen.fill("stats-joined", &[("count", Value::Text(&number(pen, joined)))]);
    let html = html.text(" · ").text(came);
    let html = html.text(growth(before(report, report.sums_before().joined), joined));
    let [one, seven, thirty] = day.active.map(|count| number(pen, count));
    let active = [
        ("day", Value::Text(&one)),
        ("week", Value::Text(&seven)),
        ("month", Value::Text(&thirty)),
    ];
    let html = html.newline().text("🟢 ").text(pen.fill("stats-active", &active));
    let (reachable, percent) = (number(pen, day.reachable), share(day.reachable, day.users));
    let args = [("count", Value::Text(&reachable)), ("percent", Value::Number(percent))];
    let mut html = html.newline().text("✉️ ").text(pen.fill("stats-reachable", &args));
    let langs: Vec<String> = report
        .langs()
        .into_iter()
        .filter(|(_, people)| people.users > 0)
        .map(|(lang, people)| {
            let percent = share(people.users, day.users);
            format!("{} {} ({percent}%)", lang.code().to_uppercase(), number(pen, people.users))
        })
        .collect();
    if !langs.is_empty() {
        html = html.newline().text("🌐 ").text(langs.join(" · "));
    }
    html
}

/// What was counted over the span before, if it was counted at all.
fn before(report: &StatsReport, sum: u64) -> Option<u64> {
    report.before().map(|_| sum)
}

/// A row for each of the last weeks: when, how many came, and the share of them that was here in each
/// week after it.
fn cohorts(pen: Pen<'_>, html: Html, rows: &[CohortRow]) -> Html {
    let weeks: Vec<&[CohortRow]> = rows.chunk_by(|a, b| a.cohort == b.cohort).collect();
    let recent = weeks.get(weeks.len().saturating_sub(COHORTS)..).unwrap_or_default();
    // The week that is not over says nothing of those who came in it.
    let recent: Vec<_> = recent.iter().filter(|weeks| weeks.len() > 1).collect();
    if recent.is_empty() {
        return html;
    }
    let mut html = html.newline().newline().bold(pen.text("stats-retention"));
    let mut lines = format!("{:<5}{:>8}", "", pen.text("stats-cohort-size"));
    for week in 1..COHORTS {
        // A String takes whatever is written.
        let _ = write!(lines, "{:>5}", format!("+{week}"));
    }
    for weeks in recent {
        let Some(first) = weeks.first() else { continue };
        let _ = write!(
            lines,
            "\n{}{:>8}",
            first.cohort.date().format("%d.%m"),
            number(pen, first.size)
        );
        for row in weeks.iter().skip(1) {
            let _ = write!(lines, "{:>5}", format!("{}%", share(row.seen, row.size)));
        }
    }
    html = html.newline().code(lines);
    html
}

fn library(pen: Pen<'_>, html: Html, report: &StatsReport, today: &DayFigures) -> Html {
    let html = html.newline().newline().text("📚 ").bold(pen.text("stats-library"));
    let args = [("count", Value::Text(&number(pen, today.events.materials)))];
    let html = html.newline().text(pen.fill("stats-materials", &args));
    let published = number(pen, report.sums(report.span.days()).published);
    let html =
        html.text(" · ").text(pen.fill("stats-published", &[("count", Value::Text(&published))]));
    let line = series(pen, "stats-deliveries", report, |sums| sums.deliveries);
    let mut html = html.newline().text(line);
    if !report.materials.is_empty() {
        html = html.newline().text(pen.text("stats-top-materials"));
        for (place, top) in (1..).zip(report.materials.iter().take(LINES)) {
            html = item(pen, html, place, &top.title, top.count);
        }
    }
    html
}

fn searches(pen: Pen<'_>, html: Html, report: &StatsReport) -> Html {
    let html = html.newline().newline().text("🔎 ").bold(pen.text("stats-searches-head"));
    let line = series(pen, "stats-searches", report, |sums| sums.searches);
    let mut html = html.newline().text(line);
    let sums = report.sums(report.span.days());
    if sums.searches > 0 {
        let percent = share(sums.empty_searches, sums.searches);
        let args = [("percent", Value::Number(percent))];
        html = html.newline().text(pen.fill("stats-empty-share", &args));
    }
    for (key, list) in
        [("stats-top-searches", &report.searches), ("stats-top-empty", &report.empty)]
    {
        html = words(pen, html, key, list);
    }
    if report.searches.is_empty() {
        return html;
    }
    html.newline().italic(pen.text("stats-three"))
}

fn words(pen: Pen<'_>, html: Html, key: &str, list: &[Top<String>]) -> Html {
    if list.is_empty() {
        return html;
    }
    let html = html.newline().text(pen.text(key));
    (1..)
        .zip(list.iter().take(LINES))
        .fold(html, |html, (place, top)| item(pen, html, place, &top.subject, top.count))
}

fn item(pen: Pen<'_>, html: Html, place: usize, words: &str, count: u64) -> Html {
    let line = format!("{place}. {} — {}", shorten(words, WORDS_CHARS), number(pen, count));
    html.newline().foreign(line)
}

/// Today, in 7 and in 30 days; then the growth over the span.
fn series(pen: Pen<'_>, key: &str, report: &StatsReport, of: impl Fn(Sums) -> u64) -> String {
    let span = report.span.days();
    let [day, week, sum] = [1, 7, span].map(|days| of(report.sums(days)));
    let [day, week, all] = [day, week, sum].map(|count| number(pen, count));
    let mut args = vec![("day", Value::Text(&day)), ("week", Value::Text(&week))];
    let days = u64::try_from(span).unwrap_or_default();
    args.extend([("days", Value::Number(days)), ("all", Value::Text(&all))]);
    let key = if report.span == Span::Week { format!("{key}-week") } else { key.to_owned() };
    format!("{}{}", pen.fill(&key, &args), growth(before(report, of(report.sums_before())), sum))
}

/// How a figure has changed: ` (+4%)`; nothing where there was nothing before.
fn growth(before: Option<u64>, now: u64) -> String {
    let percent = before.and_then(|before| Growth::of(before, now).percent);
    percent.map(|percent| format!(" ({percent:+}%)")).unwrap_or_default()
}

/// A share in whole per cent.
pub(super) fn share(part: u64, whole: u64) -> u64 {
    let half = whole / 2;
    part.saturating_mul(100).saturating_add(half).checked_div(whole).unwrap_or_default()
}

fn number(pen: Pen<'_>, count: u64) -> String {
    grouped(pen.reader.lang, count)
}

/// A number with its thousands apart.
pub(super) fn grouped(lang: Lang, count: u64) -> String {
    let digits = count.to_string();
    let sign = if lang == Lang::En { ',' } else { '\u{a0}' };
    let mut text = String::with_capacity(digits.len() * 2);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(sign);
        }
        text.push(digit);
    }
    text
}

pub(super) const fn title_key(span: Span) -> &'static str {
    match span {
        Span::Week => "stats-title-7",
        Span::Month => "stats-title-30",
        Span::Quarter => "stats-title-90",
    }
}

const fn button_key(span: Span) -> &'static str {
    match span {
        Span::Week => "button-stats-7",
        Span::Month => "button-stats-30",
        Span::Quarter => "button-stats-90",
    }
}

/// A file with the figures.
pub fn file(pen: Pen<'_>, sort: ReportSort, copy: StoredCopy, report: &StatsReport) -> Outgoing {
    let class = match sort {
        ReportSort::Chart => FileClass::Photo,
        ReportSort::Table => FileClass::Document,
    };
    let caption = Html::new().text("📊 ").text(pen.text(title_key(report.span)));
    Outgoing::File {
        class,
        file_id: String::new(),
        copy: Some(copy),
        apology: Some(Html::new().text(pen.text("stats-failed")).for_text()),
        caption: Some(caption.for_caption()),
        keyboard: None,
        silent: false,
    }
}

/// It could not be made.
pub fn no_file(pen: Pen<'_>) -> Shown {
    Shown { html: Html::new().text(pen.text("stats-failed")).for_text(), keyboard: None }
}
