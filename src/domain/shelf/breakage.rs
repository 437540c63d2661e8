//! Files that learners say are broken.
//!
//! Invariants: one report for a person and a material; editors are told when the first one opens a
//! case, and not again before it is settled; a person makes at most [`REPORTS_MAX`] a day.

use chrono::Duration;

use super::{Addressee, Given};
use crate::domain::ids::{MaterialId, UserId};

/// Most reports of one person in [`REPORTS_TIME`].
pub const REPORTS_MAX: i64 = 20;
/// See [`REPORTS_MAX`].
pub const REPORTS_TIME: Duration = Duration::days(1);

/// Reports that are settled by one press: who made them is told in the same transaction.
pub const SETTLED_MAX: i64 = 200;

/// What may be wrong with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It does not open.
    Unreadable,
    /// It is something else than its title says.
    WrongFile,
    /// It can hardly be read or heard.
    BadQuality,
    /// Something else.
    Other,
}

impl Reason {
    /// All of them, in the order of the buttons. Their places are the format of buttons: append.
    pub const ALL: [Self; 4] = [Self::Unreadable, Self::WrongFile, Self::BadQuality, Self::Other];

    /// The stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::WrongFile => "wrong_file",
            Self::BadQuality => "bad_quality",
            Self::Other => "other",
        }
    }

    /// The reason of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }
}

/// What a button about a broken file does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breakage {
    /// Ask what is wrong, in place of the buttons below the file.
    Ask,
    /// Show the buttons below the file again.
    Back,
    /// Say what is wrong.
    Report(Reason),
    /// Show an editor what people say of it.
    Look,
    /// It is settled.
    Settle,
}

/// Who said that a file is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reporter {
    /// Who.
    pub user: UserId,
    /// What they say.
    pub reason: Reason,
    /// How they are told; none who is muted, or cannot be written to.
    pub addressee: Option<Addressee>,
}

/// How a file that may be broken stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Broken {
    /// The material.
    pub given: Given,
    /// Whether somebody has said so and nobody has settled it.
    pub is_open: bool,
    /// Whether the asker has.
    pub is_own: bool,
    /// What the asker has reported lately.
    pub lately: i64,
    /// Who is told when a case opens.
    pub editors: Vec<Addressee>,
    /// Who said so: at most [`SETTLED_MAX`].
    pub reporters: Vec<Reporter>,
    /// How many said so.
    pub count: i64,
}

/// What people say of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Which.
    pub material: MaterialId,
    /// Its title: hostile text.
    pub title: String,
    /// How many say so.
    pub count: i64,
    /// How many of those that were read say what, the most frequent first.
    pub reasons: Vec<(Reason, usize)>,
}

impl Case {
    /// The case of a material.
    pub fn of(broken: &Broken) -> Self {
        let said = |reason: Reason| {
            let count = broken.reporters.iter().filter(|one| one.reason == reason).count();
            (reason, count)
        };
        let mut reasons: Vec<_> =
            Reason::ALL.into_iter().map(said).filter(|(_, count)| *count > 0).collect();
        reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let material = &broken.given.material;
        Self { material: material.id, title: material.title.clone(), count: broken.count, reasons }
    }
}
