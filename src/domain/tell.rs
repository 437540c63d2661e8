//! Who is told of a new material, and when.
//!
//! Invariants: one person gets one message for one material, however many ways lead to them; whoever
//! uploaded it, is muted or cannot be reached gets none; quiet hours count by the person's own clock.

use super::broadcast::QuietHours;
use super::calendar::Zone;
use super::clock::Timestamp;
use super::ids::{CategoryId, UserId};
use super::inspection::Kind;
use super::lang::Lang;
use super::material::{Level, Material};
use super::user::Preferences;

/// Somebody who may be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// Who.
    pub user: UserId,
    /// Language of the interface.
    pub lang: Lang,
    /// Whether the bot may write to them.
    pub is_reachable: bool,
    /// What they have chosen.
    pub preferences: Preferences,
    /// The nearest section above the material that they follow; none for who only asked.
    pub follows: Option<CategoryId>,
    /// Whether they have asked for it.
    pub has_asked: bool,
}

impl Listener {
    /// Whether they want to hear of a material of that uploader's.
    pub fn is_told(&self, uploader: UserId) -> bool {
        self.is_reachable && !self.preferences.is_muted && self.user != uploader
    }

    /// When their quiet hours end, if it is quiet now.
    pub fn quiet_until(&self, now: Timestamp, school: Zone) -> Option<Timestamp> {
        let (from, to) = self.preferences.quiet?;
        let zone = self.preferences.time_zone.as_deref().map_or(school, Zone::stored);
        QuietHours::new(from, to, zone)?.until(now)
    }
}

/// What is told of a material.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// The material.
    pub material: super::ids::MaterialId,
    /// Title: hostile text.
    pub title: String,
    /// What it is good for.
    pub kind: Kind,
    /// CEFR level.
    pub level: Option<Level>,
    /// The section it stands in: hostile text.
    pub section: Option<String>,
    /// The section that its reader follows.
    pub follows: Option<CategoryId>,
    /// Whether its reader has asked for it.
    pub is_asked: bool,
}

impl Announcement {
    /// What a listener is told.
    pub fn new(material: &Material, section: Option<&str>, listener: &Listener) -> Self {
        Self {
            material: material.id,
            title: material.title.clone(),
            kind: material.kind,
            level: material.level,
            section: section.map(str::to_owned),
            follows: listener.follows,
            is_asked: listener.has_asked,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn listener(quiet: Option<(u16, u16)>, zone: Option<&str>) -> Listener {
        let time_zone = zone.map(str::to_owned);
        Listener {
            user: UserId(5),
            lang: Lang::En,
            is_reachable: true,
            preferences: Preferences { time_zone, quiet, ..Preferences::default() },
            follows: None,
            has_asked: false,
        }
    }

    #[test]
    fn quiet_hours_are_those_of_the_persons_own_clock() {
        let at = |text: &str| DateTime::parse_from_rfc3339(text).unwrap().to_utc();
        let night = Some((22 * 60, 7 * 60));
        let school = Zone::named("Europe/Berlin").unwrap();
        // 23:30 in Tashkent, 19:30 in Berlin.
        let now = at("2026-12-01T18:30:00Z");
        let there = listener(night, Some("Asia/Tashkent"));
        assert_eq!(there.quiet_until(now, school), Some(at("2026-12-02T02:00:00Z")));
        assert_eq!(listener(night, None).quiet_until(now, school), None);
        assert_eq!(listener(None, Some("Asia/Tashkent")).quiet_until(now, school), None);
    }

    #[test]
    fn some_are_told_of_nothing() {
        let other = UserId(9);
        let anybody = listener(None, None);
        assert!(anybody.is_told(other));
        assert!(!anybody.is_told(UserId(5)), "their own upload");
        assert!(!Listener { is_reachable: false, ..anybody.clone() }.is_told(other));
        let preferences = Preferences { is_muted: true, ..Preferences::default() };
        assert!(!Listener { preferences, ..anybody }.is_told(other));
    }
}
