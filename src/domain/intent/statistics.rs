//! What an event means to whoever looks at the school in figures: admins, in private, by their own
//! hand.

use super::{Hearing, Wish};
use crate::domain::effect::Notice;
use crate::domain::event::Indirect;
use crate::domain::statistics::{Span, StatsAct};

/// `/stats`.
pub(super) fn commanded(
    hearing: Hearing<'_>,
    is_private: bool,
    indirect: Option<Indirect>,
) -> Wish {
    if !is_private {
        return Wish::Nothing;
    }
    match pressed(hearing, StatsAct::Show(Span::default())) {
        Wish::Statistics(_) if indirect.is_some() => Wish::Say(Notice::NotByOwnHand),
        wish => wish,
    }
}

/// A button.
pub(super) fn pressed(hearing: Hearing<'_>, act: StatsAct) -> Wish {
    if hearing.role.can_broadcast() {
        Wish::Statistics(act)
    } else {
        Wish::Say(Notice::FiguresForAdmins)
    }
}
