//! What a step counts once it is committed: searches by how they were made, and newcomers by how they
//! came. Closed sets of labels.

use super::step::Known;
use crate::domain::clock::Timestamp;
use crate::domain::effect::{Change, Decision, Effect, View};
use crate::domain::event::{Event, EventKind};
use crate::domain::intent::Wish;
use crate::domain::shelf::ShelfView;

/// What is to be counted of a step.
#[derive(Debug, Clone, Copy, Default)]
pub struct Noted {
    search: Option<(&'static str, bool)>,
    newcomer: Option<&'static str>,
}

impl Noted {
    /// Of this decision on that event.
    pub fn of(event: &Event, known: &Known, decision: &Decision) -> Self {
        let is_known =
            known.user.as_ref().is_some_and(|user| user.last_seen_at > Timestamp::UNIX_EPOCH);
        let newcomer = (!is_known).then(|| source(&event.kind));
        Self { search: decision.effects.iter().find_map(search), newcomer }
    }

    /// Counts it: the step is committed.
    pub fn count(self) {
        if let Some((mode, found)) = self.search {
            count_search(mode, if found { "hit" } else { "empty" });
        }
        if let Some(source) = self.newcomer {
            metrics::counter!("primelingo_users_new_total", "source" => source).increment(1);
        }
    }
}

/// A search came to nothing because the library could not be read.
pub fn search_failed(wish: &Wish) {
    match wish {
        Wish::Search { .. } => count_search("text", "error"),
        Wish::Inline { .. } => count_search("inline", "error"),
        Wish::Shelf(_) => count_search("browse", "error"),
        _ => {}
    }
}

fn count_search(mode: &'static str, outcome: &'static str) {
    metrics::counter!("primelingo_searches_total", "mode" => mode, "outcome" => outcome)
        .increment(1);
}

/// How a search was made, and whether something was found.
fn search(effect: &Effect) -> Option<(&'static str, bool)> {
    match effect {
        Effect::Change(Change::NoteSearch { found, .. }) => Some(("text", *found)),
        Effect::AnswerInline { materials, .. } => Some(("inline", !materials.is_empty())),
        Effect::Show { view: View::Shelf(view), .. } => match view.as_ref() {
            ShelfView::List(listing) if listing.node.is_some() && listing.page == 0 => {
                Some(("browse", !listing.entries.is_empty()))
            }
            _ => None,
        },
        _ => None,
    }
}

/// How somebody came.
fn source(kind: &EventKind) -> &'static str {
    match kind {
        EventKind::Inline { .. } => "inline",
        EventKind::Text { text, .. } if text.starts_with("/start ") => "deeplink",
        _ => "start",
    }
}
