//! What the editors' desk shows, in no language yet.

use super::{ArchivedPage, AuditPage, SectionCounts};
use crate::domain::edition::Standing;
use crate::domain::effect::Question;
use crate::domain::ids::CategoryId;
use crate::domain::sections::Misfit;

/// What is shown.
#[derive(Debug, Clone, PartialEq)]
pub enum DeskView {
    /// A material with what can be done to it.
    Card(Box<EditCard>),
    /// A question about a material.
    Question {
        /// How many changes the material had.
        seen: u32,
        /// The question.
        question: Box<Question>,
    },
    /// A section with what can be done to it.
    Section(Box<SectionCard>),
    /// Where does it go, or what does it become part of?
    Pick(Box<SectionPick>),
    /// What is the new one called?
    AskName {
        /// The section that gets another name, or the one that the new one is made in.
        section: Option<(CategoryId, String)>,
        /// A new one is made.
        is_new: bool,
        /// Why the name that was given is none.
        misfit: Option<NameMisfit>,
    },
    /// Shall it become part of that one?
    AskMerge(Box<MergeQuestion>),
    /// Shall it be removed?
    AskDelete {
        /// Which.
        section: CategoryId,
        /// Its name.
        title: String,
        /// Drafts that will be asked for a section again.
        drafts: u64,
    },
    /// What was taken out.
    Archived(ArchivedPage),
    /// Who did what.
    Audit(AuditPage),
}

/// Why a name is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameMisfit {
    /// There is nothing to read in it.
    Empty,
    /// It does not fit into the tree.
    Misfit(Misfit),
    /// Somebody else has given another name meanwhile.
    Overtaken,
}

/// A material with what can be done to it.
#[derive(Debug, Clone, PartialEq)]
pub struct EditCard {
    /// The material, its edition, and how many have taken it.
    pub standing: Standing,
    /// How many changes it has had.
    pub seen: u32,
    /// Names on the way to its section.
    pub path: Vec<String>,
    /// Whether its newest change can be taken back.
    pub can_undo: bool,
    /// What has just happened.
    pub said: Option<EditSaid>,
}

/// What has just happened to a material.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EditSaid {
    /// The change is there.
    Saved,
    /// It was taken out.
    Archived,
    /// It was put back.
    Restored,
    /// A change was taken back.
    Undone,
    /// Somebody else has changed it meanwhile: nothing was done.
    Overtaken,
    /// There is nothing to take back any more.
    NothingToUndo,
    /// The section is not there any more.
    SectionGone,
    /// The same content was published meanwhile.
    Double {
        /// Its title: hostile text.
        title: String,
    },
}

/// A section with what can be done to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionCard {
    /// Which; none for the top.
    pub section: Option<CategoryId>,
    /// The one above it.
    pub parent: Option<CategoryId>,
    /// Names on the way to it, its own last.
    pub path: Vec<String>,
    /// The sections below it.
    pub children: Vec<(CategoryId, String)>,
    /// What stands directly in it, and in it and below it; none where nobody has counted.
    pub counts: Option<(SectionCounts, SectionCounts)>,
    /// What has just happened.
    pub said: Option<SectionSaid>,
}

/// What has just happened to a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SectionSaid {
    /// A new one is there.
    Created(String),
    /// It has another name.
    Renamed,
    /// It is elsewhere.
    Moved,
    /// Another became part of it.
    Merged(String),
    /// It was removed.
    Deleted(String),
    /// It cannot be done.
    Misfit(Misfit),
}

/// Where a section goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionPick {
    /// Which section.
    pub section: CategoryId,
    /// Its name: hostile text.
    pub title: String,
    /// It becomes part of the other.
    pub merges: bool,
    /// The open node; none for the top.
    pub inside: Option<(CategoryId, String)>,
    /// The node above the open one.
    pub above: Option<CategoryId>,
    /// The nodes in it, without the section itself.
    pub children: Vec<(CategoryId, String)>,
    /// Whether the open node can be taken.
    pub fits: bool,
}

/// What a merger would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeQuestion {
    /// Which section.
    pub from: CategoryId,
    /// Its name: hostile text.
    pub from_title: String,
    /// Of which it becomes part.
    pub to: CategoryId,
    /// Its name: hostile text.
    pub to_title: String,
    /// Materials that move, published or not.
    pub materials: u64,
    /// Sections that move as they are.
    pub moved: u64,
    /// Sections of the same name that become one.
    pub joined: u64,
}

/// Short answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeskNotice {
    /// Only editors may do that.
    EditorsOnly,
    /// Only owners may see that.
    OwnersOnly,
    /// How a material is edited.
    HowToEdit,
    /// The question is not asked any more.
    Left,
}
