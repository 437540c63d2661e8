//! The tree of sections, and what may be done to it.
//!
//! Invariants: a section is never below itself; below one node no two have the same name, and no
//! more than [`CHILDREN_MAX`] stand; no section is deeper than [`DEPTH_MAX`]. The same rules decide
//! what an editor is offered and, once more, what is committed.

use std::collections::{HashMap, HashSet};

use super::digest::Section;
use super::ids::CategoryId;
use super::material::name_key;

/// Sections above one another, the topmost included.
pub const DEPTH_MAX: usize = 8;
/// Sections directly below one node: what a message has buttons for.
pub const CHILDREN_MAX: usize = 60;

/// Why something cannot be done to the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misfit {
    /// The section, or the one it was to go to, is not there any more.
    Gone,
    /// It would stand below itself.
    WithinItself,
    /// It, or what is below it, would be too deep.
    TooDeep,
    /// There are as many as fit.
    TooMany,
    /// There is one of that name.
    SameName,
    /// Something stands in it or below it.
    NotEmpty,
}

/// What a merger does, in this order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MergePlan {
    /// Sections that become part of another: the one, and the other.
    pub merged: Vec<(CategoryId, CategoryId)>,
    /// Sections that move with all that is below them: which, and where to.
    pub moved: Vec<(CategoryId, CategoryId)>,
}

/// All sections.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tree {
    nodes: HashMap<CategoryId, Section>,
    children: HashMap<Option<CategoryId>, Vec<CategoryId>>,
}

impl Tree {
    /// Of all sections, in any order.
    pub fn new(mut sections: Vec<Section>) -> Self {
        sections.sort_by_cached_key(|section| name_key(&section.title));
        let mut tree = Self::default();
        for section in sections {
            tree.children.entry(section.parent).or_default().push(section.id);
            tree.nodes.insert(section.id, section);
        }
        tree
    }

    /// A section, if it is there.
    pub fn get(&self, id: CategoryId) -> Option<&Section> {
        self.nodes.get(&id)
    }

    /// The sections directly below one, or at the top, by name.
    pub fn children(&self, parent: Option<CategoryId>) -> impl Iterator<Item = &Section> {
        self.children.get(&parent).into_iter().flatten().filter_map(|id| self.nodes.get(id))
    }

    /// The way to a section, from the top, itself last.
    pub fn path(&self, id: CategoryId) -> Vec<&Section> {
        let mut path = Vec::new();
        let mut next = self.nodes.get(&id);
        // No longer than there are sections, should the tree ever hold a ring.
        while let Some(section) = next.filter(|_| path.len() < self.nodes.len()) {
            path.push(section);
            next = section.parent.and_then(|parent| self.nodes.get(&parent));
        }
        path.reverse();
        path
    }

    /// A section and all below it, itself first.
    pub fn within(&self, id: CategoryId) -> Vec<CategoryId> {
        let mut found = vec![id];
        let mut seen = HashSet::from([id]);
        let mut next = 0;
        while let Some(id) = found.get(next).copied() {
            next += 1;
            found.extend(self.children(Some(id)).map(|child| child.id).filter(|c| seen.insert(*c)));
        }
        found
    }

    /// How many sections stand above one another in this one, itself included.
    fn height(&self, id: CategoryId) -> usize {
        let top = self.path(id).len();
        let deepest = self.within(id).into_iter().map(|id| self.path(id).len()).max();
        deepest.unwrap_or(top).saturating_sub(top) + 1
    }

    fn depth(&self, id: Option<CategoryId>) -> usize {
        id.map_or(0, |id| self.path(id).len())
    }

    fn named(&self, parent: Option<CategoryId>, title: &str) -> Option<CategoryId> {
        let key = name_key(title);
        self.children(parent).find(|child| name_key(&child.title) == key).map(|child| child.id)
    }

    fn is_there(&self, id: Option<CategoryId>) -> Result<(), Misfit> {
        match id {
            Some(id) if !self.nodes.contains_key(&id) => Err(Misfit::Gone),
            _ => Ok(()),
        }
    }

    /// Whether a section of that name can be made there.
    pub fn can_create(&self, parent: Option<CategoryId>, title: &str) -> Result<(), Misfit> {
        self.has_room(parent)?;
        if self.named(parent, title).is_some() { Err(Misfit::SameName) } else { Ok(()) }
    }

    /// Whether another section can be made there.
    pub fn has_room(&self, parent: Option<CategoryId>) -> Result<(), Misfit> {
        self.is_there(parent)?;
        if self.depth(parent) >= DEPTH_MAX {
            return Err(Misfit::TooDeep);
        }
        if self.children(parent).count() >= CHILDREN_MAX { Err(Misfit::TooMany) } else { Ok(()) }
    }

    /// Whether a section can get that name.
    pub fn can_rename(&self, id: CategoryId, title: &str) -> Result<(), Misfit> {
        let section = self.get(id).ok_or(Misfit::Gone)?;
        match self.named(section.parent, title) {
            Some(other) if other != id => Err(Misfit::SameName),
            _ => Ok(()),
        }
    }

    /// Whether a section can move there with all that is below it.
    pub fn can_move(&self, id: CategoryId, to: Option<CategoryId>) -> Result<(), Misfit> {
        let section = self.get(id).ok_or(Misfit::Gone)?;
        self.is_there(to)?;
        if to.is_some_and(|to| self.path(to).iter().any(|above| above.id == id)) {
            return Err(Misfit::WithinItself);
        }
        if section.parent == to {
            return Ok(());
        }
        if self.depth(to) + self.height(id) > DEPTH_MAX {
            return Err(Misfit::TooDeep);
        }
        if self.children(to).count() >= CHILDREN_MAX {
            return Err(Misfit::TooMany);
        }
        if self.named(to, &section.title).is_some() { Err(Misfit::SameName) } else { Ok(()) }
    }

    /// Whether a section can be removed, as far as sections go.
    pub fn can_delete(&self, id: CategoryId) -> Result<(), Misfit> {
        self.get(id).ok_or(Misfit::Gone)?;
        if self.children(Some(id)).next().is_some() { Err(Misfit::NotEmpty) } else { Ok(()) }
    }

    /// What it takes to make a section part of another: sections of the same name become one, too,
    /// all others move.
    pub fn merge(&self, from: CategoryId, to: CategoryId) -> Result<MergePlan, Misfit> {
        self.is_there(Some(from)).and(self.is_there(Some(to)))?;
        if self.path(to).iter().any(|above| above.id == from) {
            return Err(Misfit::WithinItself);
        }
        let mut plan = MergePlan::default();
        let mut open = vec![(from, to)];
        while let Some((from, to)) = open.pop() {
            plan.merged.push((from, to));
            let mut present = self.children(Some(to)).filter(|child| child.id != from).count();
            for child in self.children(Some(from)) {
                let twin = self.named(Some(to), &child.title).filter(|twin| *twin != from);
                if let Some(twin) = twin {
                    open.push((child.id, twin));
                    continue;
                }
                plan.moved.push((child.id, to));
                present += 1;
                if self.depth(Some(to)) + self.height(child.id) > DEPTH_MAX {
                    return Err(Misfit::TooDeep);
                }
            }
            if present > CHILDREN_MAX {
                return Err(Misfit::TooMany);
            }
        }
        Ok(plan)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn id(id: i64) -> CategoryId {
        CategoryId(id)
    }

    fn tree(nodes: &[(i64, i64, &str)]) -> Tree {
        let section = |(node, parent, title): &(i64, i64, &str)| Section {
            id: id(*node),
            parent: (*parent != 0).then_some(id(*parent)),
            title: (*title).to_owned(),
        };
        Tree::new(nodes.iter().map(section).collect())
    }

    fn school() -> Tree {
        tree(&[
            (1, 0, "English"),
            (2, 1, "Grammar"),
            (3, 2, "Tenses"),
            (4, 0, "Англ"),
            (5, 4, "grammar"),
            (6, 5, "Articles"),
            (7, 4, "Songs"),
        ])
    }

    #[test]
    fn paths_and_children_are_in_order() {
        let tree = school();
        let names = |ids: Vec<&Section>| ids.into_iter().map(|s| s.id.0).collect::<Vec<_>>();
        assert_eq!(names(tree.path(id(3))), [1, 2, 3]);
        assert_eq!(names(tree.children(None).collect()), [1, 4]);
        assert_eq!(tree.within(id(4)), [id(4), id(5), id(7), id(6)]);
    }

    #[test]
    fn nothing_goes_below_itself() {
        let tree = school();
        assert_eq!(tree.can_move(id(1), Some(id(3))), Err(Misfit::WithinItself));
        assert_eq!(tree.can_move(id(1), Some(id(1))), Err(Misfit::WithinItself));
        assert_eq!(tree.merge(id(1), id(3)), Err(Misfit::WithinItself));
        assert_eq!(tree.merge(id(1), id(1)), Err(Misfit::WithinItself));
        assert_eq!(tree.can_move(id(3), None), Ok(()));
        assert_eq!(tree.can_move(id(9), None), Err(Misfit::Gone));
        assert_eq!(tree.can_move(id(3), Some(id(9))), Err(Misfit::Gone));
    }

    #[test]
    fn names_meet_whatever_their_case() {
        let tree = school();
        assert_eq!(tree.can_create(Some(id(1)), " GRAMMAR "), Err(Misfit::SameName));
        assert_eq!(tree.can_rename(id(7), "Grammar"), Err(Misfit::SameName));
        assert_eq!(tree.can_rename(id(5), "GRAMMAR"), Ok(()), "its own");
        assert_eq!(tree.can_move(id(5), Some(id(1))), Err(Misfit::SameName));
    }

    #[test]
    fn sections_of_one_name_become_one() {
        let plan = school().merge(id(4), id(1)).unwrap();
        assert_eq!(plan.merged, [(id(4), id(1)), (id(5), id(2))]);
        assert_eq!(plan.moved, [(id(7), id(1)), (id(6), id(2))]);
    }

    #[test]
    fn a_child_of_its_own_name_takes_its_place() {
        let tree = tree(&[(1, 0, "A"), (2, 1, "B"), (3, 2, "B")]);
        let plan = tree.merge(id(2), id(1)).unwrap();
        assert_eq!(plan.merged, [(id(2), id(1))]);
        assert_eq!(plan.moved, [(id(3), id(1))]);
    }

    #[test]
    fn there_is_an_end_to_depth() {
        let names: Vec<String> = (1..=8).map(|n| format!("D{n}")).collect();
        let mut nodes: Vec<(i64, i64, &str)> =
            names.iter().zip(1..).map(|(name, n)| (n, n - 1, name.as_str())).collect();
        nodes.extend([(20, 0, "Flat"), (21, 20, "Below")]);
        let tree = tree(&nodes);
        assert_eq!(tree.has_room(Some(id(8))), Err(Misfit::TooDeep));
        assert_eq!(tree.has_room(Some(id(7))), Ok(()));
        assert_eq!(tree.can_move(id(20), Some(id(7))), Err(Misfit::TooDeep));
        assert_eq!(tree.can_move(id(20), Some(id(6))), Ok(()));
        assert_eq!(tree.merge(id(20), id(8)), Err(Misfit::TooDeep));
        assert!(tree.merge(id(20), id(7)).is_ok());
    }

    #[test]
    fn there_is_an_end_to_breadth() {
        let names: Vec<String> = (0..60).map(|n| format!("N{n}")).collect();
        let mut nodes: Vec<(i64, i64, &str)> =
            names.iter().zip(10..).map(|(name, n)| (n, 1, name.as_str())).collect();
        nodes.extend([(1, 0, "Full"), (2, 0, "One"), (3, 2, "More"), (4, 2, "N5")]);
        let tree = tree(&nodes);
        assert_eq!(tree.has_room(Some(id(1))), Err(Misfit::TooMany));
        assert_eq!(tree.can_move(id(2), Some(id(1))), Err(Misfit::TooMany));
        assert_eq!(tree.merge(id(2), id(1)), Err(Misfit::TooMany));
        assert!(tree.merge(id(10), id(1)).is_ok());
    }

    #[test]
    fn a_ring_ends_nobody() {
        let tree = tree(&[(1, 2, "A"), (2, 1, "B")]);
        assert!(tree.path(id(1)).len() <= 2);
        assert_eq!(tree.within(id(1)).len(), 2);
    }
}
