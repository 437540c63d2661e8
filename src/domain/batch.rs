//! Bulk uploads: many files that one editor describes together.
//!
//! Invariants: a file is in at most one batch, and its editor's own; the batch's id is also the id
//! of the job that tends it, so that there is one such job and never two. The title in a row of a
//! batch is the one it will be published under.

use super::ids::{BatchId, MaterialId};
use super::inspection::Rejection;
use super::material::{Category, Description, Material, MaterialState, Processing};
use super::session::{Bulk, BulkStep};

/// Files on one page of the list.
pub const PAGE: usize = 10;

/// A file of a batch, in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchEntry {
    /// Its material.
    pub id: MaterialId,
    /// Where it is in its life.
    pub state: MaterialState,
    /// How far its processing is.
    pub processing: Processing,
    /// Its title: hostile text.
    pub title: String,
    /// The title of the published material with the same content, if it is a double: hostile text.
    pub duplicate_of: Option<String>,
}

/// How a file of a batch stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileStatus {
    /// Not processed yet.
    Pending,
    /// Processed; nobody has said what becomes of it.
    Ready,
    /// To be published as soon as it can be.
    Waiting,
    /// Learners find it.
    Published,
    /// Put aside.
    Draft,
    /// The library has its content.
    Duplicate,
    /// Not taken.
    Refused(Rejection),
    /// Thrown away by the editor.
    Cancelled,
}

impl BatchEntry {
    /// How it stands.
    pub fn status(&self) -> FileStatus {
        if let Processing::Rejected(reason) = self.processing {
            return FileStatus::Refused(reason);
        }
        match self.state {
            MaterialState::Open if self.processing == Processing::Pending => FileStatus::Pending,
            MaterialState::Open => FileStatus::Ready,
            MaterialState::Waiting => FileStatus::Waiting,
            MaterialState::Draft => FileStatus::Draft,
            MaterialState::Published | MaterialState::Archived => FileStatus::Published,
            MaterialState::Discarded if self.duplicate_of.is_some() => FileStatus::Duplicate,
            MaterialState::Discarded => FileStatus::Cancelled,
        }
    }

    /// Whether its editor can still say what becomes of it.
    pub fn is_open(&self) -> bool {
        matches!(self.status(), FileStatus::Pending | FileStatus::Ready)
    }

    /// Whether it will not get into the library, for a reason that the editor is told.
    fn is_problem(&self) -> bool {
        matches!(self.status(), FileStatus::Duplicate | FileStatus::Refused(_))
    }
}

impl From<&Material> for BatchEntry {
    fn from(material: &Material) -> Self {
        Self {
            id: material.id,
            state: material.state,
            processing: material.processing,
            title: material.title.clone(),
            duplicate_of: material.duplicate_of.map(|_| String::new()),
        }
    }
}

/// Puts files in the order of the list: by title, numbers as numbers, and at the end what was not
/// taken.
pub fn sort(entries: &mut [BatchEntry]) {
    entries.sort_by_cached_key(|entry| (entry.is_problem(), natural_key(&entry.title), entry.id));
}

/// A piece of a title as it is compared.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Piece {
    /// Digits without leading zeros: the longer is the greater.
    Number(usize, String),
    Text(String),
}

/// The key under which "Unit 2" comes before "Unit 10".
fn natural_key(title: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = title;
    while let Some(first) = rest.chars().next() {
        let is_number = first.is_ascii_digit();
        let end = rest.find(|c: char| c.is_ascii_digit() != is_number).unwrap_or(rest.len());
        let (piece, tail) = rest.split_at(end);
        pieces.push(if is_number {
            let digits = piece.trim_start_matches('0');
            Piece::Number(digits.len(), digits.to_owned())
        } else {
            Piece::Text(piece.to_lowercase())
        });
        rest = tail;
    }
    pieces
}

/// How many files stand how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BatchCounts {
    /// All of them.
    pub files: usize,
    /// Not processed yet.
    pub pending: usize,
    /// Processed, nothing said of them.
    pub ready: usize,
    /// To be published as soon as they can be.
    pub waiting: usize,
    /// Published.
    pub published: usize,
    /// Put aside.
    pub drafts: usize,
    /// The library has their content.
    pub duplicates: usize,
    /// Not taken.
    pub refused: usize,
    /// Thrown away.
    pub cancelled: usize,
}

impl BatchCounts {
    /// Counts files.
    pub fn of(entries: &[BatchEntry]) -> Self {
        let mut counts = Self { files: entries.len(), ..Self::default() };
        for entry in entries {
            let count = match entry.status() {
                FileStatus::Pending => &mut counts.pending,
                FileStatus::Ready => &mut counts.ready,
                FileStatus::Waiting => &mut counts.waiting,
                FileStatus::Published => &mut counts.published,
                FileStatus::Draft => &mut counts.drafts,
                FileStatus::Duplicate => &mut counts.duplicates,
                FileStatus::Refused(_) => &mut counts.refused,
                FileStatus::Cancelled => &mut counts.cancelled,
            };
            *count += 1;
        }
        counts
    }

    /// Files of which the editor can still say what becomes of them.
    pub const fn open(&self) -> usize {
        self.pending + self.ready
    }
}

/// What a step of the bulk dialog needs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BulkFacts {
    /// The files, in the order of the list.
    pub entries: Vec<BatchEntry>,
    /// The open node of the catalogue; none at the top.
    pub inside: Option<Category>,
    /// The nodes in it.
    pub categories: Vec<Category>,
    /// The category that the input names.
    pub chosen: Option<Category>,
}

/// What the card of a batch shows.
#[derive(Debug, Clone, PartialEq)]
pub struct BulkCard {
    /// The batch.
    pub batch: BatchId,
    /// The open question and the answers so far; none when the dialog is over.
    pub open: Option<(BulkStep, Description)>,
    /// The files of this page, each with its number in the list.
    pub entries: Vec<(usize, BatchEntry)>,
    /// All files, counted.
    pub counts: BatchCounts,
    /// Page from 0.
    pub page: usize,
    /// How many there are.
    pub pages: usize,
    /// The open node of the catalogue.
    pub inside: Option<Category>,
    /// The nodes in it.
    pub categories: Vec<Category>,
    /// Say that this answer does not fit.
    pub hint: bool,
    /// Files that were not taken because the batch was full.
    pub beyond: u32,
    /// The title of the file that is being renamed: hostile text.
    pub renamed: Option<String>,
}

impl BulkCard {
    /// The card of a batch in its dialog, or without one.
    pub fn new(batch: BatchId, dialog: Option<&Bulk>, facts: BulkFacts, page: usize) -> Self {
        let BulkFacts { entries, inside, categories, .. } = facts;
        let counts = BatchCounts::of(&entries);
        let pages = entries.len().div_ceil(PAGE).max(1);
        let page = page.min(pages - 1);
        let renamed = dialog.and_then(|bulk| match bulk.step {
            BulkStep::Rename { material } => entries.iter().find(|entry| entry.id == material),
            _ => None,
        });
        let renamed = renamed.map(|entry| entry.title.clone());
        let numbered = entries.into_iter().enumerate().map(|(index, entry)| (index + 1, entry));
        Self {
            batch,
            open: dialog.map(|bulk| (bulk.step, bulk.description.clone())),
            entries: numbered.skip(page * PAGE).take(PAGE).collect(),
            counts,
            page,
            pages,
            inside,
            categories,
            hint: false,
            beyond: dialog.map_or(0, |bulk| bulk.beyond),
            renamed,
        }
    }
}

/// A row of a batch to write.
#[derive(Debug, Clone, PartialEq)]
pub enum BatchChange {
    /// A file of the editor's joins the batch.
    Join {
        /// Which.
        id: MaterialId,
        /// The batch.
        batch: BatchId,
        /// The title that the editor gave it already.
        title: Option<String>,
        /// It is known already that it cannot be taken, and why.
        refused: Option<Rejection>,
    },
    /// The editor gives a file of the batch a title.
    Rename {
        /// Which.
        id: MaterialId,
        /// The batch.
        batch: BatchId,
        /// The title.
        title: String,
    },
    /// A file is thrown away and forgotten.
    Remove {
        /// Which.
        id: MaterialId,
        /// The batch.
        batch: BatchId,
    },
    /// What becomes of all open files.
    Settle {
        /// The batch.
        batch: BatchId,
        /// Where they stand; titles are their own.
        description: Description,
        /// `Waiting`, `Draft` or `Discarded`.
        to: MaterialState,
    },
}

impl BatchChange {
    /// Whether only an editor may do that. Throwing away is open to whoever was one.
    pub fn needs_editor(&self) -> bool {
        match self {
            Self::Join { .. } | Self::Rename { .. } => true,
            Self::Remove { .. } => false,
            Self::Settle { to, .. } => *to != MaterialState::Discarded,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: i64, title: &str) -> BatchEntry {
        BatchEntry {
            id: MaterialId(id),
            state: MaterialState::Open,
            processing: Processing::Ready,
            title: title.to_owned(),
            duplicate_of: None,
        }
    }

    #[test]
    fn numbers_in_titles_are_numbers() {
        let mut titles = ["Unit 10", "unit 2", "Unit 2 part 1", "02 intro", "Юнит 3", "1", "Unit"];
        titles.sort_by_key(|title| natural_key(title));
        assert_eq!(
            titles,
            ["1", "02 intro", "Unit", "unit 2", "Unit 2 part 1", "Unit 10", "Юнит 3"]
        );
        let long = "9".repeat(400);
        assert!(natural_key(&long) < natural_key(&format!("1{long}")));
    }

    #[test]
    fn what_was_not_taken_comes_last() {
        let refused = BatchEntry {
            processing: Processing::Rejected(Rejection::Broken),
            state: MaterialState::Discarded,
            ..entry(1, "A")
        };
        let double = BatchEntry {
            duplicate_of: Some("B".to_owned()),
            state: MaterialState::Discarded,
            ..entry(2, "B")
        };
        let mut entries = vec![refused, double, entry(3, "Z"), entry(4, "C")];
        sort(&mut entries);
        assert_eq!(entries.iter().map(|entry| entry.id.0).collect::<Vec<_>>(), [4, 3, 1, 2]);
        let counts = BatchCounts::of(&entries);
        assert_eq!((counts.open(), counts.duplicates, counts.refused), (2, 1, 1));
    }

    #[test]
    fn a_page_beyond_the_end_is_the_last_one() {
        let entries: Vec<_> = (0..23).map(|n| entry(n, &format!("Unit {n}"))).collect();
        let facts = BulkFacts { entries, ..BulkFacts::default() };
        let card = BulkCard::new(BatchId(1), None, facts, 99);
        assert_eq!((card.page, card.pages), (2, 3));
        assert_eq!(
            card.entries.iter().map(|(number, _)| *number).collect::<Vec<_>>(),
            [21, 22, 23]
        );
    }
}
