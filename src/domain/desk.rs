//! The editors' desk: what is published is changed, taken out and put back, the sections are put in
//! order, and whoever owns the bot sees who did what.
//!
//! Invariants: each change of a material names the number of changes that its editor has seen, and
//! counts only while there are no more; whatever cannot be taken back is asked about first.

use serde::{Deserialize, Serialize};

use super::audit::{AuditEntry, AuditSubject};
use super::button::{Field, UploadAct};
use super::edition::Standing;
use super::ids::{CategoryId, MaterialId};
use super::material::{Category, Level, Material, StudyLanguage};
use super::search_page::Entry;
use super::sections::Tree;

mod shown;

pub use shown::{
    DeskNotice, DeskView, EditCard, EditSaid, MergeQuestion, NameMisfit, SectionCard, SectionPick,
    SectionSaid,
};

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
    /// Show the card in a message of its own: the button is below a file.
    Open,
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
    /// Who an admin looks for.
    FindPerson,
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
