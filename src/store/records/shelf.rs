//! What the shelf asks of the store, and gets.

use crate::domain::ids::{CategoryId, MaterialId, UserId};
use crate::domain::shelf::{Edge, List, Reason};

/// A piece of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    /// Of which list.
    pub list: List,
    /// Whose, for lists that are a person's own.
    pub user: UserId,
    /// Entries beyond this one.
    pub edge: Edge,
    /// Down the list; else up, the nearest first.
    pub is_down: bool,
    /// Give so many.
    pub limit: i64,
}

/// What may be like a material.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlikeRequest {
    /// Words: an FTS5 expression and the text for `to_tsquery`; none leaves them out.
    pub words: Option<(String, String)>,
    /// Where it stands.
    pub category: Option<CategoryId>,
    /// Most candidates of each source.
    pub limit: i64,
}

/// How a file that may be broken stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakageStanding {
    /// How many say so and are not settled; none if nobody has a case open.
    pub count: Option<i64>,
    /// Whether the asker does.
    pub is_own: bool,
    /// What the asker has reported since then, as far as was counted.
    pub lately: i64,
}

/// Somebody says that a file is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewBreakage {
    /// Which.
    pub material: MaterialId,
    /// Who.
    pub user: UserId,
    /// What is wrong.
    pub reason: Reason,
    /// Nobody is known to have said so.
    pub opens: bool,
}
