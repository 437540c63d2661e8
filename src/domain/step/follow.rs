//! Following a section: what comes into it, or below it, is told of in the weekly digest.

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
