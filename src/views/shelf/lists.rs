//! Lists: a number takes an entry, arrows turn the page.

use super::button;
use crate::domain::button::Action;
use crate::domain::html::Html;
use crate::domain::ids::MaterialId;
use crate::domain::outgoing::{Button, Keyboard};
use crate::domain::search_page::{Entry, Total};
use crate::domain::shelf::{Alike, Breakage, List, Listing, ShelfAct, Spot};
use crate::views::format::{self, kind_sign};
use crate::views::results::{looks, wide};
use crate::views::texts::Value;
use crate::views::{Pen, Shown};

/// The first page of a list.
pub const fn open_list(list: List) -> Action {
    Action::Shelf(ShelfAct::Show { list, spot: Spot::First })
}

/// A page of a list.
pub fn list(pen: Pen<'_>, listing: &Listing) -> Shown {
    let first = usize::try_from(listing.page).unwrap_or(0).saturating_mul(listing.page_size);
    let mut html = heading(pen, listing);
    let mut numbers = Vec::with_capacity(listing.entries.len());
    for (placed, number) in listing.entries.iter().zip(first + 1..) {
        html = html.newline().newline().append(line(pen, number, &placed.entry));
        if listing.list == List::Broken {
            let count = u64::try_from(placed.edge.at).unwrap_or_default();
            let said = pen.fill("broken-count", &[("count", Value::Number(count))]);
            html = html.newline().text("   ").text(said);
        }
        numbers.push(pen.labelled(number.to_string(), choose(listing.list, placed.entry.id)));
    }
    let entries = listing.entries.iter().map(|placed| &placed.entry);
    let turn = |spot| Action::Shelf(ShelfAct::Show { list: listing.list, spot });
    let mut arrows = Vec::with_capacity(2);
    arrows.extend(listing.back().map(|spot| pen.labelled("◀️", turn(spot))));
    arrows.extend(listing.on().map(|spot| pen.labelled("▶️", turn(spot))));
    let keyboard = Keyboard::new()
        .row(numbers)
        .row(looks(pen, first, entries))
        .row(arrows)
        .row(below(pen, listing));
    Shown { html: html.for_text(), keyboard: Some(keyboard) }
}

/// What is like a material.
pub fn alike(pen: Pen<'_>, alike: &Alike) -> Shown {
    let page = usize::try_from(alike.page).unwrap_or(0);
    let first = page.saturating_mul(alike.page_size);
    let title = [("title", Value::Text(&alike.title))];
    let mut html = Html::new().bold(pen.fill("alike-header", &title));
    let mut numbers = Vec::with_capacity(alike.entries.len());
    for (entry, number) in alike.entries.iter().zip(first + 1..) {
        html = html.newline().newline().append(line(pen, number, entry));
        numbers.push(pen.labelled(number.to_string(), Action::Deliver { material: entry.id }));
    }
    let turn = |page| Action::Shelf(ShelfAct::Alike { material: alike.material, page: Some(page) });
    let mut arrows = Vec::with_capacity(2);
    arrows.extend(alike.page.checked_sub(1).map(|page| pen.labelled("◀️", turn(page))));
    if first.saturating_add(alike.page_size) < alike.count {
        arrows.push(pen.labelled("▶️", turn(alike.page.saturating_add(1))));
    }
    let keyboard = Keyboard::new()
        .row(numbers)
        .row(looks(pen, first, alike.entries.iter()))
        .row(arrows)
        .row([pen.button("button-menu", Action::Menu)]);
    Shown { html: html.for_text(), keyboard: Some(keyboard) }
}

const fn choose(list: List, material: MaterialId) -> Action {
    match list {
        List::Drafts => Action::Draft { material },
        List::Broken => Action::Shelf(ShelfAct::Break { material, act: Breakage::Look }),
        List::New | List::Section { .. } | List::Favourites | List::History => {
            Action::Deliver { material }
        }
    }
}

fn heading(pen: Pen<'_>, listing: &Listing) -> Html {
    let is_empty = listing.entries.is_empty();
    let titled = |full, empty| Html::new().bold(pen.text(if is_empty { empty } else { full }));
    let counted = |html: Html| {
        if is_empty { html } else { html.newline().text(count(pen, listing.total)) }
    };
    match listing.list {
        List::New => titled("newest-header", "newest-empty"),
        List::Drafts => titled("drafts-header", "drafts-empty"),
        List::Favourites => counted(titled("favourites-header", "favourites-empty")),
        List::History => counted(titled("history-header", "history-empty")),
        List::Broken => counted(titled("broken-header", "broken-empty")),
        List::Section { level, .. } => {
            let mut title =
                listing.node.as_ref().map(|node| node.title.clone()).unwrap_or_default();
            if let Some(level) = level {
                title.push_str(" · ");
                title.push_str(level.name());
            }
            Html::new().bold(title).newline().text(count(pen, listing.total))
        }
    }
}

/// How many there are, as far as was counted.
fn count(pen: Pen<'_>, total: Total) -> String {
    match total {
        Total::Exactly(count) => pen.fill("shelf-header", &[("count", Value::Number(wide(count)))]),
        Total::AtLeast(_) => pen.text("shelf-header-many"),
    }
}

fn below(pen: Pen<'_>, listing: &Listing) -> Vec<Button> {
    let open = |key, list| button(pen, key, ShelfAct::Show { list, spot: Spot::First });
    match listing.list {
        List::Section { category, .. } => {
            vec![pen.button("button-back", Action::Browse { category: Some(category) })]
        }
        List::Favourites => {
            vec![open("button-history", List::History), pen.button("button-menu", Action::Menu)]
        }
        List::History => vec![
            open("button-favourites", List::Favourites),
            pen.button("button-menu", Action::Menu),
        ],
        List::New | List::Drafts | List::Broken => vec![pen.button("button-back", Action::Menu)],
    }
}

fn line(pen: Pen<'_>, number: usize, entry: &Entry) -> Html {
    let measures = format::entry_measures(&pen.presenter.texts, pen.reader.lang, entry);
    let html = Html::new().text(format!("{number}. {} ", kind_sign(entry.kind))).bold(&entry.title);
    if measures.is_empty() { html } else { html.newline().text("   ").italic(measures) }
}
