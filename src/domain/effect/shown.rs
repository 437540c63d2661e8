//! What is shown of an upload: how far its file is, its questions, its review.

use crate::domain::edition::{Comparison, Twin};
use crate::domain::ids::MaterialId;
use crate::domain::inspection::{Kind, Measures, PartKind, Rejection};
use crate::domain::material::{Category, Description, Processing};
use crate::domain::session::Step;

/// How far the background work on an uploaded file is: what its card shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CardStage {
    /// Waiting for a worker.
    Received,
    /// Waiting until there is room to fetch it.
    AwaitingRoom,
    /// Being fetched.
    Downloading {
        /// Bytes so far.
        done: u64,
        /// Bytes in all, when known.
        total: Option<u64>,
    },
    /// Being hashed, measured and read.
    Checking {
        /// For so long, in seconds.
        seconds: u64,
    },
    /// Something passing went wrong; it is tried again.
    Retrying,
    /// Stored and indexed.
    Ready(FileSummary),
    /// Stored, indexed, and published as the editor wished.
    Published {
        /// Which.
        material: MaterialId,
        /// Its title: hostile text.
        title: String,
        /// What it is.
        summary: FileSummary,
    },
    /// The same content is in the library.
    Duplicate {
        /// The one that is there.
        material: MaterialId,
        /// Its title: hostile text.
        title: String,
    },
    /// Not taken.
    Refused(Rejection),
    /// Given up after several attempts that were not the file's fault.
    Failed,
    /// Not wanted any more.
    Cancelled,
    /// A new file for a material: to be compared with its present one.
    Compare(Box<Comparison>),
    /// A new file for a material has the content of its present one.
    SameFile {
        /// The material's title: hostile text.
        title: String,
    },
}

/// What was found out about a file, in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSummary {
    /// What it is good for.
    pub kind: Kind,
    /// Bytes.
    pub size: u64,
    /// Pages, when it has any.
    pub pages: Option<u32>,
    /// Duration in seconds, when it has one.
    pub duration_s: Option<u32>,
    /// What else was measured.
    pub measures: Measures,
    /// What its parts are.
    pub part_kind: PartKind,
    /// Parts whose text is searchable.
    pub indexed_parts: usize,
    /// The title found in it: hostile text.
    pub found_title: Option<String>,
    /// Another material with the same content that is not published.
    pub twin: Option<Twin>,
}

/// A question of the upload dialog, with what helps to answer it.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// The material.
    pub material: MaterialId,
    /// The question.
    pub step: Step,
    /// The title that one tap accepts.
    pub suggested_title: String,
    /// The open node.
    pub inside: Option<Category>,
    /// The nodes in it.
    pub categories: Vec<Category>,
    /// Say that this answer does not fit the question.
    pub hint: bool,
    /// Files that wait.
    pub queued: usize,
}

/// The description before it is published.
#[derive(Debug, Clone, PartialEq)]
pub struct Review {
    /// The material.
    pub material: MaterialId,
    /// What the editor said.
    pub description: Description,
    /// The file's name.
    pub file_name: String,
    /// Its size in bytes.
    pub size: Option<u64>,
    /// How far the processing is.
    pub processing: Processing,
    /// The title found in the file, when it differs.
    pub found_title: Option<String>,
    /// Say that this answer does not fit here.
    pub hint: bool,
}
