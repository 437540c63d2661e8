//! Following a section: each material that comes into it, or below it, is told of at once, by a job
//! of the publication (see `domain::tell`). The weekly digest, which admins may switch on, sums up the
//! same for the same people: it is a letter of the school, so it repeats, and muting does not hold it
//! back. Whoever finds one of them too much unfollows, or mutes.

use super::{Decision, Effect, Place, View};
use crate::domain::effect::Change;
use crate::domain::facts::CatalogueFacts;
use crate::domain::ids::CategoryId;

/// A node of the catalogue.
pub fn node(found: CatalogueFacts) -> View {
    let CatalogueFacts { node, children, levels, followed } = found;
    View::Catalogue { node, children, levels, followed }
}

/// Follows it or no more, and shows the node again.
pub fn turn(place: Place, category: CategoryId, follow: bool, found: CatalogueFacts) -> Decision {
    // It may be part of another one by now.
    let category = found.node.as_ref().map_or(category, |node| node.id);
    let view = node(CatalogueFacts { followed: follow, ..found });
    let change = Effect::Change(Change::Follow { category, follow });
    Decision { dialog: None, effects: vec![change, Effect::Show { place, view }] }
}
