//! What commands and buttons about requests and one's own data mean.
//!
//! Invariant: they are for a chat with the bot alone. In a group everybody would read what one
//! person asks for or what is kept of them.

use super::{Hearing, Notice, Wish};
use crate::domain::event::Indirect;
use crate::domain::privacy::PrivacyAct;
use crate::domain::request::RequestAct;

/// `/requests`, `/privacy`, `/mydata` and `/deletemydata`; none for other names.
pub(super) fn commanded(
    hearing: Hearing<'_>,
    is_private: bool,
    name: &str,
    indirect: Option<Indirect>,
) -> Option<Wish> {
    let wish = match name {
        "requests" if hearing.role.can_edit() => Wish::Request(RequestAct::Wanted { after: None }),
        "requests" => Wish::Request(RequestAct::Own { before: None }),
        "privacy" => Wish::Privacy(PrivacyAct::Show),
        "mydata" => Wish::Privacy(PrivacyAct::Export),
        "deletemydata" => Wish::Privacy(PrivacyAct::AskErase),
        _ => return None,
    };
    Some(match (is_private, indirect) {
        (false, _) => Wish::Nothing,
        // What somebody else has written is no wish of whoever passes it on.
        (true, Some(_)) => Wish::Say(Notice::NotByOwnHand),
        (true, None) => wish,
    })
}

/// A button about requests.
pub(super) fn request(hearing: Hearing<'_>, act: RequestAct) -> Wish {
    if act.is_editors() && !hearing.role.can_edit() {
        return Wish::Say(Notice::EditorsOnly);
    }
    Wish::Request(act)
}
