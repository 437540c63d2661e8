//! Pages of search results, and the filters.

use super::format::{self, kind_key, kind_sign, language_key};
use super::texts::Value;
use super::{Pen, Shown};
use crate::domain::button::{Action, Facet};
use crate::domain::facts::FacetFacts;
use crate::domain::html::{Html, clean, seam};
use crate::domain::ids::QueryId;
use crate::domain::inspection::PartKind;
use crate::domain::material::{Filters, Length};
use crate::domain::outgoing::{Button, Keyboard};
use crate::domain::request::RequestAct;
use crate::domain::search_page::{Entry, Hit, Inside, SearchPage, Total};

/// Characters of a query that a header repeats.
const QUERY_CHARS: usize = 80;

/// Buttons of facets, and of their choices, that fit side by side.
const FACETS_A_ROW: usize = 3;
/// The same of longer names.
const WIDE_A_ROW: usize = 2;

/// A chapter's title is shown so far, in characters: the snippet is more important.
const SPOT_CHARS: usize = 30;

/// A page of hits.
pub fn page(pen: Pen<'_>, found: &SearchPage) -> Shown {
    let mut html = header(pen, found);
    let first = found.page * found.page_size;
    for (index, hit) in found.hits.iter().enumerate() {
        html = html.newline().newline().append(line(pen, first + index + 1, hit));
    }
    let turn = |page| Action::Search {
        query: found.query,
        filters: found.filters,
        page,
        list: found.list,
    };
    let facets = Facet::ALL.map(|facet| facet_button(pen, found.query, found.filters, facet));
    let (upper, lower) = facets.split_at(FACETS_A_ROW);
    let numbers = found.hits.iter().enumerate().map(|(index, hit)| {
        let number = first + index + 1;
        pen.labelled(number.to_string(), Action::Deliver { material: hit.entry.id })
    });
    let keyboard = Keyboard::new()
        .row(numbers)
        .row(looks(pen, first, found.hits.iter().map(|hit| &hit.entry)))
        .row(arrows(pen, found.page, page_count(found.total, found.page_size), turn))
        .row(upper.to_vec())
        .row(lower.to_vec())
        .row([pen.button("button-menu", Action::Menu)]);
    Shown { html: html.for_text(), keyboard: Some(keyboard) }
}

fn header(pen: Pen<'_>, found: &SearchPage) -> Html {
    let mut html = Html::new();
    let asked = format::shorten(&found.text, QUERY_CHARS);
    let shown = match &found.corrected {
        Some(corrected) => {
            let text = pen.fill("results-corrected", &[("text", Value::Text(&asked))]);
            html = html.text(text).text(" ").bold(corrected).newline();
            None
        }
        None => Some(asked),
    };
    let total = match found.total {
        Total::Exactly(count) => {
            pen.fill("results-header", &[("total", Value::Number(wide(count)))])
        }
        Total::AtLeast(_) => {
            let many = format::total(pen.reader.lang, found.total);
            pen.fill("results-header-many", &[("total", Value::Text(&many))])
        }
    };
    html = html.text(total).text(" ");
    html = html.bold(shown.as_deref().or(found.corrected.as_deref()).unwrap_or_default());
    let pages = page_count(found.total, found.page_size);
    if pages > 1 {
        let args =
            [("page", Value::Number(wide(found.page + 1))), ("pages", Value::Number(wide(pages)))];
        html = html.newline().italic(pen.fill("results-page", &args));
    }
    html
}

/// One hit: number, title, measures, and where the words stand inside.
fn line(pen: Pen<'_>, number: usize, hit: &Hit) -> Html {
    let entry = &hit.entry;
    let (texts, lang) = (&pen.presenter.texts, pen.reader.lang);
    let mut html =
        Html::new().text(format!("{number}. {} ", kind_sign(entry.kind))).bold(&entry.title);
    let measures = format::entry_measures(texts, lang, entry);
    if !measures.is_empty() {
        html = html.newline().text("   ").italic(measures);
    }
    if let Some(inside) = &hit.inside {
        html = html.newline().text("   ").foreign(spot(pen, inside)).text(": ");
        let mut before = String::new();
        // What is taken out of a piece could bring together what was apart.
        let pieces = inside.snippet.iter().map(|(piece, is_match)| (clean(piece), *is_match));
        for (piece, is_match) in pieces.filter(|(piece, _)| !piece.is_empty()) {
            html = html.text(seam(&before, &piece));
            html = if is_match { html.bold(&piece) } else { html.foreign(&piece) };
            before = piece;
        }
    }
    html
}

/// Where the words stand: `p. 12`, `ch. 3 “The garden”`, `1:05`.
fn spot(pen: Pen<'_>, inside: &Inside) -> String {
    let number = [("number", Value::Number(u64::from(inside.number)))];
    let place = match inside.part {
        PartKind::Whole => pen.text("spot-whole"),
        PartKind::Page => pen.fill("spot-page", &number),
        PartKind::Chapter => pen.fill("spot-chapter", &number),
        PartKind::Slide => pen.fill("spot-slide", &number),
        PartKind::Sheet => pen.fill("spot-sheet", &number),
        PartKind::Time => format::duration(inside.number),
        PartKind::Entries => pen.text("spot-entries"),
    };
    match inside.label.as_deref().map(|label| format::shorten(label, SPOT_CHARS)) {
        Some(label) => format!("{place} “{label}”"),
        None => place,
    }
}

/// A button for each entry that has a picture: look before you fetch.
pub fn looks<'a>(
    pen: Pen<'_>,
    first: usize,
    entries: impl Iterator<Item = &'a Entry>,
) -> Vec<Button> {
    let numbered = entries.zip(first + 1..).filter(|(entry, _)| entry.has_preview);
    let button = |(entry, number): (&Entry, usize)| {
        pen.labelled(format!("👁 {number}"), Action::Look { material: entry.id })
    };
    numbered.map(button).collect()
}

/// Nothing was found.
pub fn nothing(pen: Pen<'_>, text: &str, query: QueryId, filters: Filters) -> Shown {
    let text = format::shorten(text, QUERY_CHARS);
    let mut html =
        Html::new().text(pen.fill("nothing-found", &[("text", Value::Text(&text))])).newline();
    let mut keyboard = Keyboard::new();
    if filters.is_empty() {
        html = html.text(pen.text("nothing-found-hint"));
    } else {
        html = html.text(pen.text("nothing-found-filters"));
        let all = Action::Search { query, filters: Filters::default(), page: 0, list: 0 };
        keyboard = keyboard.row([pen.button("button-clear-filters", all)]);
    }
    // In a group everybody would press it for one.
    if pen.reader.holder.chat.is_private() {
        let ask = Action::Request(RequestAct::Ask(query));
        keyboard = keyboard.row([pen.button("button-ask-for-it", ask)]);
    }
    keyboard = keyboard.row([
        pen.button("button-browse", Action::Browse { category: None }),
        pen.button("button-menu", Action::Menu),
    ]);
    Shown { html: html.for_text(), keyboard: Some(keyboard) }
}

/// The choices of a facet.
pub fn facet(
    pen: Pen<'_>,
    found: &FacetFacts,
    query: QueryId,
    filters: Filters,
    facet: Facet,
) -> Shown {
    let question = match facet {
        Facet::Level => "facet-ask-level",
        Facet::Kind => "facet-ask-kind",
        Facet::Language => "facet-ask-language",
        Facet::Category => "facet-ask-section",
        Facet::Length => "facet-ask-length",
    };
    let html = Html::new()
        .text("🔍 ")
        .bold(format::shorten(&found.text, QUERY_CHARS))
        .newline()
        .text(pen.text(question));
    let choose = |filters| Action::Search { query, filters, page: 0, list: 0 };
    let choices: Vec<Button> = found
        .choices
        .iter()
        .map(|choice| {
            let section = choice.section.as_deref();
            let name = chosen(pen, choice.filters, facet, section).unwrap_or_default();
            let mark = if choice.filters == filters { "✓ " } else { "" };
            let label = format!("{mark}{name} · {}", format::total(pen.reader.lang, choice.total));
            pen.labelled(label, choose(choice.filters))
        })
        .collect();
    let any = facet.cleared(filters);
    let in_a_row = if facet == Facet::Level { FACETS_A_ROW } else { WIDE_A_ROW };
    let mut keyboard = Keyboard::new();
    for row in choices.chunks(in_a_row) {
        keyboard = keyboard.row(row.iter().cloned());
    }
    let all = format!("{} · {}", pen.text("facet-any"), format::total(pen.reader.lang, found.any));
    keyboard =
        keyboard.row([pen.labelled(all, choose(any)), pen.button("button-back", choose(filters))]);
    Shown { html: html.for_text(), keyboard: Some(keyboard) }
}

/// What the filters choose in a facet, if anything.
fn chosen(pen: Pen<'_>, filters: Filters, facet: Facet, section: Option<&str>) -> Option<String> {
    match facet {
        Facet::Level => filters.level.map(|level| level.name().to_owned()),
        Facet::Kind => {
            filters.kind.map(|kind| format!("{} {}", kind_sign(kind), pen.text(kind_key(kind))))
        }
        Facet::Language => filters.language.map(|language| pen.text(language_key(language))),
        Facet::Category => {
            let named = || section.map_or_else(|| pen.text("facet-section"), str::to_owned);
            filters.category.map(|_| named())
        }
        Facet::Length => filters.length.map(|length| pen.text(length_key(length))),
    }
}

const fn length_key(length: Length) -> &'static str {
    match length {
        Length::Short => "length-short",
        Length::Medium => "length-medium",
        Length::Long => "length-long",
    }
}

/// A button that opens a facet; it shows what is chosen.
fn facet_button(pen: Pen<'_>, query: QueryId, filters: Filters, facet: Facet) -> Button {
    let name = match facet {
        Facet::Level => "facet-level",
        Facet::Kind => "facet-kind",
        Facet::Language => "facet-language",
        Facet::Category => "facet-section",
        Facet::Length => "facet-length",
    };
    let label = match chosen(pen, filters, facet, None) {
        Some(chosen) => format!("✓ {chosen}"),
        None => format!("{} ▾", pen.text(name)),
    };
    pen.labelled(label, Action::Facet { query, filters, facet })
}

/// Buttons to the neighbouring pages, where there are any.
pub fn arrows(
    pen: Pen<'_>,
    page: usize,
    pages: usize,
    action: impl Fn(u32) -> Action,
) -> Vec<Button> {
    let target = |page: usize| action(u32::try_from(page).unwrap_or(u32::MAX));
    let mut row = Vec::with_capacity(2);
    if let Some(previous) = page.checked_sub(1) {
        row.push(pen.labelled("◀️", target(previous)));
    }
    if page + 1 < pages {
        row.push(pen.labelled("▶️", target(page + 1)));
    }
    row
}

/// How many pages so many entries fill; at least one.
pub fn page_count(total: Total, page_size: usize) -> usize {
    total.count().div_ceil(page_size.max(1)).max(1)
}

/// A count for Fluent.
pub fn wide(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
