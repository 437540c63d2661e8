//! What an event means at the editors' desk.

use super::{Command, Hearing, Wish, people, search_for};
use crate::domain::desk::{Desk, DeskAct, DeskNotice, DeskWish, EditAct, SectionAct};
use crate::domain::effect::Notice;
use crate::domain::event::Indirect;
use crate::domain::ids::MaterialId;
use crate::domain::role::Role;
use crate::domain::session::Dialog;

/// `/edit`, `/categories`, `/archived` and `/audit`; `None` for all others.
pub(super) fn commanded(
    hearing: Hearing<'_>,
    is_private: bool,
    command: &Command<'_>,
    indirect: Option<Indirect>,
) -> Option<Wish> {
    let act = match command.name {
        "edit" if command.rest.is_empty() => None,
        "edit" => match command.rest.parse().ok().filter(|id| *id > 0) {
            Some(id) => Some(show(MaterialId(id))),
            // The card is a button below the file.
            None if is_private && hearing.role.can_edit() => {
                return Some(search_for(command.rest));
            }
            None => None,
        },
        "categories" => Some(DeskAct::Section { section: None, act: SectionAct::Show }),
        "archived" => Some(DeskAct::Archived { before: None }),
        "audit" => Some(DeskAct::Audit { subject: None, before: None }),
        _ => return None,
    };
    if !is_private {
        return Some(Wish::Nothing);
    }
    let role = act.map_or(Role::Editor, needed);
    Some(if hearing.role < role {
        refused(role)
    } else if indirect.is_some() {
        Wish::Say(Notice::NotByOwnHand)
    } else {
        act.map_or(Wish::Say(Notice::Desk(DeskNotice::HowToEdit)), wish)
    })
}

/// `e_<id>`.
pub(super) fn linked(
    hearing: Hearing<'_>,
    is_private: bool,
    id: i64,
    indirect: Option<Indirect>,
) -> Wish {
    match indirect {
        _ if !is_private => Wish::Nothing,
        _ if !hearing.role.can_edit() => refused(Role::Editor),
        Some(_) => Wish::Say(Notice::NotByOwnHand),
        None => wish(show(MaterialId(id))),
    }
}

/// A button.
pub(super) fn pressed(hearing: Hearing<'_>, act: DeskAct) -> Wish {
    let role = needed(act);
    if hearing.role >= role {
        return wish(act);
    }
    match hearing.dialog {
        Dialog::Desk(_) => leave(),
        _ => refused(role),
    }
}

/// A text in a dialog of the desk.
pub(super) fn said(
    hearing: Hearing<'_>,
    desk: &Desk,
    text: &str,
    indirect: Option<Indirect>,
) -> Wish {
    if *desk == Desk::FindPerson {
        return people::said(hearing, text, indirect);
    }
    if !hearing.role.can_edit() {
        return leave();
    }
    if indirect.is_some() {
        return Wish::Say(Notice::NotByOwnHand);
    }
    Wish::Desk(DeskWish::Said(text.to_owned()))
}

const fn show(material: MaterialId) -> DeskAct {
    DeskAct::Edit { material, seen: 0, act: EditAct::Show }
}

const fn wish(act: DeskAct) -> Wish {
    Wish::Desk(DeskWish::Act(act))
}

const fn leave() -> Wish {
    Wish::Desk(DeskWish::Leave { refused: true })
}

const fn needed(act: DeskAct) -> Role {
    match act {
        DeskAct::Audit { .. } => Role::Owner,
        DeskAct::Edit { .. } | DeskAct::Section { .. } | DeskAct::Archived { .. } => Role::Editor,
    }
}

const fn refused(role: Role) -> Wish {
    Wish::Say(Notice::Desk(match role {
        Role::Owner => DeskNotice::OwnersOnly,
        _ => DeskNotice::EditorsOnly,
    }))
}
