//! Editions: what a material's file was, is, and is offered to be.
//!
//! The present edition stands in the material itself; those before it are numbered from 1, and the
//! present one has the number after theirs.

use super::ids::{MaterialId, UserId};
use super::inspection::Kind;
use super::lang::Lang;
use super::material::{Material, MaterialState};

/// The file of an edition, in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// Its name: hostile text.
    pub name: String,
    /// What it is good for.
    pub kind: Kind,
    /// Bytes, when known.
    pub size: Option<u64>,
    /// Pages, when it has any.
    pub pages: Option<u32>,
    /// Duration in seconds, when it has one.
    pub duration_s: Option<u32>,
}

impl Side {
    /// The file of a material that is processed.
    pub fn of(material: &Material) -> Self {
        let name = material.file.name.clone();
        Self {
            name: name.unwrap_or_else(|| material.file.class.field().to_owned()),
            kind: material.kind,
            size: material.file.size,
            pages: material.pages,
            duration_s: material.duration_s,
        }
    }
}

/// A material's file beside the one that may take its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The hidden material that holds the new file.
    pub candidate: MaterialId,
    /// The title of the material: hostile text.
    pub title: String,
    /// The number of the edition that would be replaced.
    pub seen: u32,
    /// The present file.
    pub old: Side,
    /// The file that was sent.
    pub new: Side,
    /// People who took the material and would be told.
    pub takers: u64,
}

/// What a replacement is about, as it stands now.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// The material whose file is to be replaced.
    pub target: Material,
    /// The number of its present edition.
    pub edition: u32,
    /// People other than the editor who took it and would be told.
    pub takers: u64,
}

impl Standing {
    /// This material beside a file that was processed.
    pub fn beside(&self, candidate: MaterialId, new: Side) -> Comparison {
        Comparison {
            candidate,
            title: self.target.title.clone(),
            seen: self.edition,
            old: Side::of(&self.target),
            new,
            takers: self.takers,
        }
    }
}

/// Somebody to be told of a new edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taker {
    /// Who.
    pub user: UserId,
    /// Their language.
    pub lang: Lang,
}

/// Another material with the same content that is not published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Twin {
    /// Where it is in its life.
    pub state: MaterialState,
    /// Its title: hostile text.
    pub title: String,
    /// Whether the same person sent it.
    pub own: bool,
}

/// What is shown of editions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EditionView {
    /// An editor is asked for the new file of a material.
    Ask {
        /// Which.
        material: MaterialId,
        /// Its title: hostile text.
        title: String,
    },
    /// The present file beside the new one.
    Comparison(Comparison),
    /// The file was replaced.
    Replaced {
        /// The hidden material that keeps the edition before.
        candidate: MaterialId,
        /// The number of the edition that is present now.
        edition: u32,
        /// The material's title: hostile text.
        title: String,
        /// People who will be told.
        takers: u64,
    },
    /// A new edition of a material that the person took is there.
    NewEdition {
        /// Which.
        material: MaterialId,
        /// Its title: hostile text.
        title: String,
    },
    /// So many people were told of a new edition.
    Announced {
        /// The material's title: hostile text.
        title: String,
        /// How many.
        told: u64,
    },
}

/// Short answers about the replacement of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReplaceNotice {
    /// A file cannot be replaced while an upload is open.
    UploadFirst,
    /// Nothing can be uploaded while a replacement is open.
    ReplaceFirst,
    /// The replacement was given up.
    Cancelled,
    /// The replacement was ended before, or its file is not ready.
    Over,
    /// The new file is the present one.
    SameFile {
        /// The material's title: hostile text.
        title: String,
    },
    /// Somebody else has replaced the file meanwhile.
    Overtaken {
        /// The material's title: hostile text.
        title: String,
    },
}
