//! What an event means to whoever looks after background work: admins, in private, by their own hand.

use super::{Hearing, Wish};
use crate::domain::effect::Notice;
use crate::domain::event::Indirect;
use crate::domain::given_up::JobsAct;

/// `/jobs`.
pub(super) fn commanded(
    hearing: Hearing<'_>,
    is_private: bool,
    indirect: Option<Indirect>,
) -> Wish {
    match pressed(hearing, JobsAct::Show) {
        _ if !is_private => Wish::Nothing,
        Wish::Jobs(_) if indirect.is_some() => Wish::Say(Notice::NotByOwnHand),
        wish => wish,
    }
}

/// A button.
pub(super) fn pressed(hearing: Hearing<'_>, act: JobsAct) -> Wish {
    if hearing.role.can_broadcast() { Wish::Jobs(act) } else { Wish::Say(Notice::JobsForAdmins) }
}
