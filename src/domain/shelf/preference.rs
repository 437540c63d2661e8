//! What a person prefers, and how it is chosen.
//!
//! Positions in [`QUIET`] and [`ZONES`] are the format of buttons: append, never reorder.

use crate::domain::calendar::Zone;
use crate::domain::material::{Level, StudyLanguage};
use crate::domain::user::Preferences;

/// The quiet hours that can be chosen, in minutes after midnight by the person's own clock.
pub const QUIET: [(u16, u16); 4] =
    [(21 * 60, 8 * 60), (22 * 60, 8 * 60), (22 * 60, 7 * 60), (23 * 60, 9 * 60)];

/// The time zones that have a button; others are written.
pub const ZONES: [&str; 12] = [
    "Asia/Tashkent",
    "Asia/Samarkand",
    "Asia/Almaty",
    "Asia/Bishkek",
    "Asia/Dushanbe",
    "Asia/Ashgabat",
    "Europe/Moscow",
    "Asia/Yekaterinburg",
    "Europe/Istanbul",
    "Europe/Berlin",
    "Europe/London",
    "Asia/Seoul",
];

/// What a button of the settings does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PreferAct {
    /// Show the card.
    Show,
    /// Open a choice.
    Ask(Ask),
    /// Choose.
    Take(Preference),
    /// No time zone has the name that was written.
    NoSuchZone,
}

/// A choice of the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// The language that is studied.
    Language,
    /// The level.
    Level,
    /// The quiet hours.
    Quiet,
    /// The time zone.
    Zone,
}

impl Ask {
    /// All of them. Their places are the format of buttons: append.
    pub const ALL: [Self; 4] = [Self::Language, Self::Level, Self::Quiet, Self::Zone];
}

/// One thing that a person prefers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preference {
    /// The language that is studied.
    Language(Option<StudyLanguage>),
    /// The level.
    Level(Option<Level>),
    /// To be told of nothing by the bot's own accord.
    Mute(bool),
    /// The hours in which they are told of nothing, from and to.
    Quiet(Option<(u16, u16)>),
    /// The time zone.
    Zone(Zone),
}

impl Preference {
    /// Writes it down.
    pub fn apply(self, preferences: &mut Preferences) {
        match self {
            Self::Language(language) => preferences.language = language,
            Self::Level(level) => preferences.level = level,
            Self::Mute(is_muted) => preferences.is_muted = is_muted,
            Self::Quiet(quiet) => preferences.quiet = quiet,
            Self::Zone(zone) => preferences.time_zone = Some(zone.name().to_owned()),
        }
    }
}

/// What a person prefers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Preferring {
    /// What is stored.
    pub preferences: Preferences,
}

impl Preferring {
    /// Their zone; Greenwich as long as they have named none.
    pub fn zone(&self) -> Zone {
        self.preferences.time_zone.as_deref().map_or(Zone::UTC, Zone::stored)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_offered_zone_exists() {
        for name in ZONES {
            assert_eq!(Zone::stored(name).name(), name);
        }
    }

    #[test]
    fn a_choice_changes_what_it_names_alone() {
        let mut preferences = Preferences { is_muted: true, ..Preferences::default() };
        Preference::Quiet(Some(QUIET[0])).apply(&mut preferences);
        Preference::Level(Some(Level::B1)).apply(&mut preferences);
        let expected = Preferences {
            is_muted: true,
            quiet: Some((1260, 480)),
            level: Some(Level::B1),
            ..Preferences::default()
        };
        assert_eq!(preferences, expected);
    }
}
