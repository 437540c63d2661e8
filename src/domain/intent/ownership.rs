//! What a link with an owner's code means: to people in private, by their own hand.

use super::{Hearing, Wish};
use crate::domain::effect::Notice;
use crate::domain::event::Indirect;
use crate::domain::ownership;
use crate::domain::role::Role;

/// `/start own_<code>`; none for other payloads.
pub(super) fn linked(
    hearing: Hearing<'_>,
    is_private: bool,
    payload: &str,
    indirect: Option<Indirect>,
) -> Option<Wish> {
    let hash = ownership::claimed(payload)?;
    Some(match hearing.role {
        // Everybody in the group has read it.
        _ if !is_private => Wish::Nothing,
        _ if indirect.is_some() => Wish::Say(Notice::NotByOwnHand),
        Role::Owner => Wish::Say(Notice::OwnerAlready),
        _ => Wish::Claim { hash },
    })
}
