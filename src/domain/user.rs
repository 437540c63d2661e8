//! A person as the school knows them.

use super::clock::Timestamp;
use super::ids::UserId;
use super::lang::Lang;
use super::role::Role;

/// A row of the users table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Telegram's numeric id.
    pub id: UserId,
    /// First name as last seen: hostile text.
    pub first_name: String,
    /// Language of the interface.
    pub lang: Lang,
    /// Role in the database; `access.owners` may lift it.
    pub role: Role,
    /// Whether the bot may write to them.
    pub reachable: bool,
    /// When they last wrote, to the hour.
    pub last_seen_at: Timestamp,
    /// IANA name of their time zone, if they have set one.
    pub time_zone: Option<String>,
}
