//! What an event means to whoever looks after alerts: admins, in private, by their own hand.

use super::{Hearing, Wish};
use crate::domain::alert::AlertAct;
use crate::domain::effect::Notice;
use crate::domain::event::Indirect;

/// `/alerts`.
pub(super) fn commanded(
    hearing: Hearing<'_>,
    is_private: bool,
    indirect: Option<Indirect>,
) -> Wish {
    if !is_private {
        return Wish::Nothing;
    }
    match pressed(hearing, AlertAct::Show) {
        Wish::Alerts(_) if indirect.is_some() => Wish::Say(Notice::NotByOwnHand),
        wish => wish,
    }
}

/// A button.
pub(super) fn pressed(hearing: Hearing<'_>, act: AlertAct) -> Wish {
    if hearing.role.can_broadcast() {
        Wish::Alerts(act)
    } else {
        Wish::Say(Notice::AlertsForAdmins)
    }
}
