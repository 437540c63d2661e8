//! What a button means, to whom.
//!
//! Invariant: what takes a role, and what is one person's own, is done in private alone: a button for
//! it that turns up in a group means nothing.

use super::{
    BulkInput, Hearing, UploadInput, Wish, Words, alerts, broadcast, bulk_wish, desk, given_up,
    notices, people, shelf, statistics,
};
use crate::domain::button::{Action, ReplaceAct, UploadAct};
use crate::domain::effect::Notice;
use crate::domain::ids::MaterialId;
use crate::domain::session::Dialog;
use crate::domain::shelf::{List, PreferAct, ShelfAct};

/// A button of ours, pressed by whom it was made for.
pub(super) fn heard(hearing: Hearing<'_>, is_private: bool, action: Action) -> Wish {
    let wish = pressed(hearing, action);
    if is_private || is_for_groups(&wish) { wish } else { Wish::Nothing }
}

/// What everybody may see, in a group too.
const fn is_for_groups(wish: &Wish) -> bool {
    match wish {
        Wish::Nothing
        | Wish::Reachable(_)
        | Wish::Start
        | Wish::Menu { .. }
        | Wish::Say(_)
        | Wish::Help
        | Wish::AskQuery
        | Wish::Search { .. }
        | Wish::Facet { .. }
        | Wish::Browse(_)
        | Wish::Deliver(_)
        | Wish::Look(_)
        | Wish::Cancel
        | Wish::Inline { .. }
        | Wish::ShutOut { .. } => true,
        Wish::Shelf(act) => match act {
            ShelfAct::Show { list, .. } => matches!(list, List::New | List::Section { .. }),
            ShelfAct::Alike { .. } => true,
            ShelfAct::Break { .. } | ShelfAct::Favour { .. } | ShelfAct::Prefer(_) => false,
        },
        // What is one person's own, and what takes a role.
        Wish::SetLang(_)
        | Wish::Follow { .. }
        | Wish::Request(_)
        | Wish::Privacy(_)
        | Wish::TakeFile { .. }
        | Wish::Upload { .. }
        | Wish::Uploads
        | Wish::Withdraw(_)
        | Wish::Bulk { .. }
        | Wish::Draft(_)
        | Wish::Replace { .. }
        | Wish::Compose(_)
        | Wish::Control { .. }
        | Wish::EndSeries(_)
        | Wish::Broadcasts { .. }
        | Wish::Digest(_)
        | Wish::Desk(_)
        | Wish::Statistics(_)
        | Wish::Alerts(_)
        | Wish::Dashboard
        | Wish::Claim { .. }
        | Wish::People(..)
        | Wish::Jobs(_) => false,
    }
}

pub(super) fn pressed(hearing: Hearing<'_>, action: Action) -> Wish {
    match action {
        Action::Menu => Wish::Menu { stale: false },
        Action::AskQuery => Wish::AskQuery,
        Action::Help => Wish::Help,
        Action::Search { query, filters, page, list } => {
            Wish::Search { words: Words::Remembered(query), filters, page: page_number(page), list }
        }
        Action::Facet { query, filters, facet } => Wish::Facet { query, filters, facet },
        Action::Browse { category } => Wish::Browse(category),
        Action::Deliver { material } => Wish::Deliver(material),
        Action::Look { material } => Wish::Look(material),
        Action::Settings => Wish::Shelf(ShelfAct::Prefer(PreferAct::Show)),
        Action::SetLang(lang) => Wish::SetLang(lang),
        // Only own files are shown and thrown away, so that whoever is no editor any more can, too.
        Action::Uploads => Wish::Uploads,
        Action::Withdraw { material } => withdrawn(hearing, material),
        // Whoever is no editor any more must be able to leave the dialog about a replacement.
        Action::Upload { .. }
        | Action::Bulk { .. }
        | Action::Draft { .. }
        | Action::Replace { act: ReplaceAct::Begin | ReplaceAct::Confirm { .. }, .. }
            if !hearing.role.can_edit() =>
        {
            Wish::Say(Notice::EditorsOnly)
        }
        Action::Bulk { batch, act } => match hearing.dialog {
            Dialog::Bulk(bulk) if bulk.batch == batch => bulk_wish(bulk, BulkInput::Act(act)),
            _ => Wish::Bulk { batch, input: BulkInput::Act(act), inside: None },
        },
        Action::Draft { material } => Wish::Draft(material),
        Action::Upload { material, act } => {
            let inside = match act {
                UploadAct::OpenCategory(inside) => inside,
                _ => None,
            };
            Wish::Upload { material, input: UploadInput::Act(act), inside }
        }
        Action::Replace { material, act } => Wish::Replace { material, act },
        Action::Compose { broadcast, act } => broadcast::pressed(hearing, broadcast, act),
        Action::Control { broadcast, act } => broadcast::controlled(hearing, broadcast, act),
        Action::Broadcasts { before } => broadcast::listed(hearing, before),
        Action::EndSeries(series) => broadcast::ended(hearing, series),
        Action::Follow { category, follow } => Wish::Follow { category, follow },
        Action::Digest(act) => broadcast::digest(hearing, act),
        Action::Desk(act) => desk::pressed(hearing, act),
        Action::Shelf(act) => shelf::pressed(hearing, act),
        Action::Request(act) => notices::request(hearing, act),
        Action::Privacy(act) => Wish::Privacy(act),
        Action::Alerts(act) => alerts::pressed(hearing, act),
        Action::Statistics(act) => statistics::pressed(hearing, act),
        Action::People(act) => people::pressed(hearing, act),
        Action::Jobs(act) => given_up::pressed(hearing, act),
    }
}

/// The dialog about that file ends with it, and turns to the next.
fn withdrawn(hearing: Hearing<'_>, material: MaterialId) -> Wish {
    match hearing.dialog {
        Dialog::Upload(upload) if upload.material == material => {
            let input = UploadInput::Act(UploadAct::Discard);
            Wish::Upload { material, input, inside: None }
        }
        _ => Wish::Withdraw(material),
    }
}

fn page_number(page: u32) -> usize {
    usize::try_from(page).unwrap_or(0)
}
