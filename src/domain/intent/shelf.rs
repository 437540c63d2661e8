//! What the words and buttons of the shelf mean, to whom. What is a person's own is shown in their
//! own chat alone; broken files are editors' business.

use super::{Command, Hearing, Wish};
use crate::domain::calendar::Zone;
use crate::domain::effect::Notice;
use crate::domain::event::Indirect;
use crate::domain::shelf::{Breakage, List, PreferAct, Preference, ShelfAct, ShelfNotice, Spot};

/// Commands of the shelf; `None` for what is none.
pub(super) fn commanded(
    hearing: Hearing<'_>,
    is_private: bool,
    command: &Command<'_>,
    indirect: Option<Indirect>,
) -> Option<Wish> {
    let list = |list| Wish::Shelf(ShelfAct::Show { list, spot: Spot::First });
    Some(match command.name {
        "new" => list(List::New),
        "favorites" | "favourites" | "history" | "settings" if !is_private => {
            Wish::Say(Notice::Shelf(ShelfNotice::PrivateOnly))
        }
        "favorites" | "favourites" => list(List::Favourites),
        "history" => list(List::History),
        "settings" => Wish::Shelf(ShelfAct::Prefer(preferred(command.rest))),
        // What is not published yet is nobody's business in a group.
        "drafts" | "reports" if !is_private => Wish::Nothing,
        "drafts" | "reports" if !hearing.role.can_edit() => Wish::Say(Notice::EditorsOnly),
        "drafts" | "reports" if indirect.is_some() => Wish::Say(Notice::NotByOwnHand),
        "drafts" => list(List::Drafts),
        "reports" => list(List::Broken),
        _ => return None,
    })
}

/// `/settings` shows the card; what follows it names a time zone.
fn preferred(rest: &str) -> PreferAct {
    if rest.is_empty() {
        return PreferAct::Show;
    }
    Zone::named(rest).map_or(PreferAct::NoSuchZone, |zone| PreferAct::Take(Preference::Zone(zone)))
}

/// A button of the shelf.
pub(super) fn pressed(hearing: Hearing<'_>, act: ShelfAct) -> Wish {
    let is_editors = match act {
        ShelfAct::Show { list, .. } => matches!(list, List::Drafts | List::Broken),
        ShelfAct::Break { act, .. } => matches!(act, Breakage::Look | Breakage::Settle),
        ShelfAct::Favour { .. } | ShelfAct::Alike { .. } | ShelfAct::Prefer(_) => false,
    };
    if is_editors && !hearing.role.can_edit() {
        return Wish::Say(Notice::EditorsOnly);
    }
    Wish::Shelf(act)
}
