//! A person as the school knows them.

use serde::{Deserialize, Serialize};

use super::clock::Timestamp;
use super::ids::UserId;
use super::lang::Lang;
use super::material::{Level, StudyLanguage};
use super::role::Role;
use super::search::Taste;

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
    /// What they have chosen.
    pub preferences: Preferences,
}

/// What a person has chosen beside the interface's language.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// IANA name of their time zone.
    pub time_zone: Option<String>,
    /// The level they study at: its materials come a little earlier.
    pub level: Option<Level>,
    /// The language they study: its materials come a little earlier.
    pub language: Option<StudyLanguage>,
    /// They are told of nothing by the bot's own accord; letters of the school come all the same.
    pub is_muted: bool,
    /// The hours in which they are told of nothing by the bot's own accord, from and to, in minutes
    /// after midnight (0 to 1,439) by their own clock.
    pub quiet: Option<(u16, u16)>,
}

impl Preferences {
    /// What they study, for the order of what they find.
    pub const fn taste(&self) -> Taste {
        Taste { level: self.level, language: self.language }
    }
}
