//! The editors' desk: what is published is changed, taken out and put back, the sections are put in
//! order, and whoever owns the bot sees who did what.
//!
//! Invariants: each change of a material names the number of changes that its editor has seen, and
//! counts only while there are no more; whatever cannot be taken back is asked about first.

use serde::{Deserialize, Serialize};

use super::audit::{AuditEntry, AuditSubject};
use super::button::{Field, UploadAct};
use super::edition::Standing;
use super::effect::Question;
use super::ids::{CategoryId, MaterialId};
use super::material::{Category, Level, Material, StudyLanguage};
use super::search_page::Entry;
use super::sections::{Misfit, Tree};

/// What a button of the desk does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeskAct {
    /// Something about a material that is, or was, published.
    Edit {
        /// Which.
        material: MaterialId,
        /// How many changes it had when the button was made.
        seen: u32,
        /// What to do.
        act: EditAct,
    },
    /// Something about a section; none for the top.
    Section {
        /// Which.
        section: Option<CategoryId>,
        /// What to do.
        act: SectionAct,
    },
    /// Show what was taken out.
    Archived {
        /// What came before this one; none for the newest.
        before: Option<MaterialId>,
    },
    /// Show who did what.
    Audit {
        /// To what; none for all.
        subject: Option<AuditSubject>,
        /// What was done before this one; none for the newest.
        before: Option<i64>,
    },
}

/// What a button of a material's card does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EditAct {
    /// Show the card.
    Show,
    /// Ask for a field.
    Ask(Field),
    /// Answer a question: the same buttons as in the upload dialog.
    Answer(UploadAct),
    /// Take it out.
    Archive,
    /// Put it back.
    Restore,
    /// Take its newest change back.
    Undo,
}

/// What a button of a section's card does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SectionAct {
    /// Show the card.
    Show,
    /// Ask for the name of a new one below it.
    AskNew,
    /// Ask for another name.
    AskName,
    /// Choose where it goes, inside that one.
    PickMove(Option<CategoryId>),
    /// Put it there.
    Move(Option<CategoryId>),
    /// Choose what it becomes part of, inside that one.
    PickMerge(Option<CategoryId>),
    /// Ask whether it shall become part of that one.
    AskMerge(CategoryId),
    /// Make it part of that one.
    Merge(CategoryId),
    /// Ask whether it shall be removed.
    AskDelete,
    /// Remove it.
    Delete,
}

/// What is wanted at the desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeskWish {
    /// A button, or a command that means the same.
    Act(DeskAct),
    /// A text in a dialog of the desk.
    Said(String),
    /// End the dialog; whether because its editor is none any more.
    Leave {
        /// They have lost the role.
        refused: bool,
    },
}

/// A question of the desk that is answered by a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Desk {
    /// The title of a material.
    Title {
        /// Which.
        material: MaterialId,
        /// How many changes it had when it was asked.
        seen: u32,
    },
    /// The tags of a material.
    Tags {
        /// Which.
        material: MaterialId,
        /// How many changes it had when it was asked.
        seen: u32,
    },
    /// The name of a new section.
    NewSection {
        /// Below which; none for the top.
        parent: Option<CategoryId>,
    },
    /// Another name for a section.
    Rename {
        /// Which.
        section: CategoryId,
        /// Its name when it was asked.
        before: String,
    },
}

/// A field's value in the form that is stored.
pub type Stored = Option<String>;

/// A change of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// Which.
    pub field: Field,
    /// What was there.
    pub before: Stored,
    /// What is there now.
    pub after: Stored,
}

impl Field {
    /// The name in the audit log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Category => "section",
            Self::Level => "level",
            Self::Language => "language",
            Self::Tags => "tags",
        }
    }

    /// The field of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }

    /// Its value, as it is stored.
    pub fn of(self, material: &Material) -> Stored {
        match self {
            Self::Title => Some(material.title.clone()),
            Self::Category => material.category.map(|category| category.to_string()),
            Self::Level => material.level.map(|level| level.name().to_owned()),
            Self::Language => material.language.map(|language| language.code().to_owned()),
            Self::Tags => Some(material.tags.clone()).filter(|tags| !tags.is_empty()),
        }
    }

    /// Gives a material this value.
    pub fn set(self, material: &mut Material, value: Stored) {
        match self {
            Self::Title => material.title = value.unwrap_or_default(),
            Self::Category => {
                material.category = value.and_then(|id| id.parse().ok()).map(CategoryId);
            }
            Self::Level => material.level = value.and_then(|name| Level::from_name(&name)),
            Self::Language => {
                material.language = value.and_then(|code| StudyLanguage::from_code(&code));
            }
            Self::Tags => material.tags = value.unwrap_or_default(),
        }
    }
}

/// What is written.
#[derive(Debug, Clone, PartialEq)]
pub enum DeskChange {
    /// A field of a material.
    Edit(Box<MaterialEdit>),
    /// A material is taken out, or put back.
    Shelve {
        /// Which.
        material: MaterialId,
        /// How many changes it had.
        seen: u32,
        /// Whether it is put back.
        back: bool,
        /// It takes a change back.
        is_undo: bool,
        /// Its title and tags.
        words: (String, String),
    },
    /// A section gets another name.
    Rename {
        /// Which.
        section: CategoryId,
        /// Its name so far.
        before: String,
        /// Its name from now on.
        title: String,
    },
    /// A section goes elsewhere.
    Move {
        /// Which.
        section: CategoryId,
        /// Where to; none for the top.
        to: Option<CategoryId>,
    },
    /// A section becomes part of another.
    Merge {
        /// Which.
        from: CategoryId,
        /// Of which.
        to: CategoryId,
    },
    /// An empty section is removed.
    Delete(CategoryId),
}

/// A change of a material's field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaterialEdit {
    /// Which.
    pub material: MaterialId,
    /// How many changes it had.
    pub seen: u32,
    /// What changes.
    pub change: FieldChange,
    /// It takes a change back.
    pub is_undo: bool,
    /// Title and tags so far.
    pub words_before: (String, String),
    /// Title and tags from now on.
    pub words: (String, String),
}

/// A material at the desk.
#[derive(Debug, Clone, PartialEq)]
pub struct DeskMaterial {
    /// The material, its edition, and how many have taken it.
    pub standing: Standing,
    /// How many changes it has had.
    pub version: u32,
    /// The newest of them.
    pub newest: Option<AuditEntry>,
}

/// What stands in sections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SectionCounts {
    /// What learners find.
    pub published: u64,
    /// What was taken out, or waits to be published.
    pub kept: u64,
    /// What editors have put aside.
    pub drafts: u64,
}

/// What was read for a wish.
#[derive(Debug, Clone, PartialEq)]
pub enum DeskFacts {
    /// None were needed.
    None,
    /// About a material.
    Edit(Box<EditFacts>),
    /// About sections.
    Sections(Box<SectionFacts>),
    /// What was taken out.
    Archived(ArchivedPage),
    /// Who did what.
    Audit(AuditPage),
}

/// What the card of a material needs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EditFacts {
    /// The material, if it is there.
    pub found: Option<DeskMaterial>,
    /// All sections.
    pub tree: Tree,
    /// The open node of the question about the section; none at the top.
    pub inside: Option<Category>,
    /// The nodes in it.
    pub categories: Vec<Category>,
    /// The section that was chosen, if it is there.
    pub chosen: Option<Category>,
    /// The published material with the same content.
    pub double: Option<Material>,
}

/// What the card of a section needs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SectionFacts {
    /// All sections.
    pub tree: Tree,
    /// The section it is about; none for the top, or when it is gone.
    pub section: Option<CategoryId>,
    /// The other section that a button names.
    pub other: Option<CategoryId>,
    /// A section that was named is not there any more.
    pub is_gone: bool,
    /// What stands directly in the section.
    pub here: SectionCounts,
    /// What stands in it and below it.
    pub within: SectionCounts,
    /// Materials of sections that were merged into it are still under way.
    pub is_filling: bool,
}

/// A page of what was taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedPage {
    /// Newest first.
    pub entries: Vec<Entry>,
    /// Whether there are more.
    pub has_more: bool,
    /// It begins with the newest.
    pub is_first: bool,
}

/// A page of the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditPage {
    /// To what; none for all.
    pub subject: Option<AuditSubject>,
    /// Newest first.
    pub entries: Vec<AuditEntry>,
    /// Names of sections that entries speak of.
    pub sections: Vec<(CategoryId, String)>,
    /// Whether there are more.
    pub has_more: bool,
    /// It begins with the newest.
    pub is_first: bool,
}

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
    /// Only owners may see that.
    OwnersOnly,
    /// How a material is edited.
    HowToEdit,
    /// The question is not asked any more.
    Left,
}
