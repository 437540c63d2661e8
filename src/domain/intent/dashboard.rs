//! What an event means to whoever wants to see the dashboard: the team, in private, by their own
//! hand.

use super::{Hearing, Wish};
use crate::domain::dashboard::Rank;
use crate::domain::effect::Notice;
use crate::domain::event::Indirect;

/// `/dashboard`.
pub(super) fn commanded(
    hearing: Hearing<'_>,
    is_private: bool,
    indirect: Option<Indirect>,
) -> Wish {
    if !is_private {
        return Wish::Nothing;
    }
    match Rank::of(hearing.role) {
        None => Wish::Say(Notice::DashboardForStaff),
        Some(_) if indirect.is_some() => Wish::Say(Notice::NotByOwnHand),
        Some(_) => Wish::Dashboard,
    }
}
