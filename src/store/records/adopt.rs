//! What comes from a bot that was there before.

use crate::domain::clock::Timestamp;
use crate::domain::effect::NewJob;
use crate::domain::ids::UserId;
use crate::domain::lang::Lang;
use crate::domain::role::Role;

use super::NewMaterial;

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdoptedPerson {
    /// Telegram's id.
    pub id: UserId,
    /// First name: hostile text.
    pub first_name: String,
    /// Username: hostile text.
    pub username: Option<String>,
    /// Language of the interface.
    pub lang: Lang,
    /// What they may do.
    pub role: Role,
    /// Whether the bot can write to them, as far as is known.
    pub reachable: bool,
    /// When they came.
    pub created_at: Timestamp,
    /// When they were last seen.
    pub last_seen_at: Timestamp,
}

/// A file of which only Telegram's handle is known.
#[derive(Debug, Clone, PartialEq)]
pub struct AdoptedFile {
    /// What is put on the shelf.
    pub material: NewMaterial,
    /// When it came.
    pub created_at: Timestamp,
    /// Looks into it afterwards.
    pub job: NewJob,
}
