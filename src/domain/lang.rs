//! The three languages the bot speaks.

use serde::{Deserialize, Serialize};

/// A language of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// English, also for whoever's language is unknown.
    #[default]
    En,
    /// Russian.
    Ru,
    /// Uzbek (Latin script).
    Uz,
}

impl Lang {
    /// All of them, in the order the settings menu shows.
    pub const ALL: [Self; 3] = [Self::En, Self::Ru, Self::Uz];

    /// The ISO 639-1 code, as stored.
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ru => "ru",
            Self::Uz => "uz",
        }
    }

    /// Reads an IETF tag such as Telegram's `language_code` (`"ru"`, `"uz-UZ"`); `None` for a
    /// language we do not speak.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|lang| primary.eq_ignore_ascii_case(lang.code()))
    }
}
