//! Who is told of a new edition.

use serde::{Deserialize, Serialize};

use super::NewOutbox;
use crate::domain::clock::Timestamp;
use crate::domain::ids::{MaterialId, UserId};

/// Which people to tell of a new edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TakersRequest {
    /// The material.
    pub material: MaterialId,
    /// The number of its new edition.
    pub edition: u32,
    /// Who replaced it, and knows.
    pub editor: UserId,
    /// Only people with a greater id.
    pub after: UserId,
    /// At most so many.
    pub limit: i64,
}

/// How far the announcement of an edition is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announced {
    /// Everybody up to this id was looked at.
    pub after: UserId,
    /// How many will be told.
    pub told: u64,
}

impl Default for Announced {
    fn default() -> Self {
        Self { after: UserId(0), told: 0 }
    }
}

/// A message that leaves once for its key, however often it is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The key.
    pub key: String,
    /// Not to leave before; none for at once.
    pub not_before: Option<Timestamp>,
    /// The message.
    pub message: NewOutbox,
}
