//! Alerts: what is wrong with the bot, as the people in charge are told of it. Pure.
//!
//! - `rules`: what is judged, as data
//! - `engine`: when an alert opens and when it is over
//! - `incoming`: what Alertmanager posts
//! - `cards`: which alerts share a message
//!
//! An alert is one opening of one condition, from its beginning to its end. Invariant: at any time
//! at most one alert of a key is open.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::broadcast::QuietHours;
use super::calendar::Zone;
use super::clock::Timestamp;
use super::ids::{AlertId, SilenceId, UserId};
use super::user::Preferences;

pub mod cards;
pub mod engine;
pub mod incoming;
pub mod rules;

/// How urgent an alert is; the order is from urgent to not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// People notice: somebody has to look now, at night too.
    Page,
    /// Somebody has to look, in waking hours.
    Ticket,
    /// Good to know.
    Info,
}

impl Severity {
    /// All of them, the most urgent first.
    pub const ALL: [Self; 3] = [Self::Page, Self::Ticket, Self::Info];

    /// The stored name, also in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Ticket => "ticket",
            Self::Info => "info",
        }
    }

    /// The severity of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.name() == name)
    }

    /// Whether it goes out in quiet hours, too.
    pub const fn wakes(self) -> bool {
        matches!(self, Self::Page)
    }
}

/// Who has noticed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The bot itself, by one of its rules.
    Own,
    /// Prometheus, through Alertmanager.
    Alertmanager,
}

impl Source {
    const ALL: [Self; 2] = [Self::Own, Self::Alertmanager];

    /// The stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Alertmanager => "alertmanager",
        }
    }

    /// The source of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.name() == name)
    }
}

/// What else is known of an alert. Hostile text where it came from Alertmanager.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AlertDetails {
    /// What it is about: an actor, a queue, a host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// What was noticed, in words for operators.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// An alert, open or over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// Its number.
    pub id: AlertId,
    /// What it is the opening of: the name of a rule, or `am:` and Alertmanager's fingerprint.
    pub key: String,
    /// What silences know it by: the name of a rule, or Prometheus's name of the alert.
    pub name: String,
    /// How urgent it is.
    pub severity: Severity,
    /// Who has noticed it.
    pub source: Source,
    /// What else is known.
    pub details: AlertDetails,
    /// The how many'th opening in a row it is.
    pub openings: u32,
    /// Since when.
    pub opened_at: Timestamp,
    /// When it was over; none as long as it is not.
    pub resolved_at: Option<Timestamp>,
    /// Who looks after it.
    pub acked: Option<Acked>,
    /// The message that tells of it: the id of the first alert there. None as long as it was not
    /// told.
    pub card: Option<AlertId>,
    /// When somebody was last reminded of it.
    pub reminded_at: Option<Timestamp>,
    /// Grows with each change that its message has to show.
    pub version: i64,
}

impl Alert {
    /// Whether it is not over.
    pub const fn is_open(&self) -> bool {
        self.resolved_at.is_none()
    }

    /// How long it has lasted.
    pub fn lasted(&self, now: Timestamp) -> TimeDelta {
        (self.resolved_at.unwrap_or(now) - self.opened_at).max(TimeDelta::zero())
    }

    /// `open`, `acked` or `resolved`, for pages and interfaces.
    pub const fn state(&self) -> &'static str {
        match (self.resolved_at, &self.acked) {
            (Some(_), _) => "resolved",
            (None, Some(_)) => "acked",
            (None, None) => "open",
        }
    }
}

/// Somebody looks after an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acked {
    /// Who.
    pub by: UserId,
    /// Their first name, as it is now: hostile text.
    pub name: Option<String>,
    /// Since when.
    pub at: Timestamp,
}

/// Alerts of a name are not told for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silence {
    /// Its number.
    pub id: SilenceId,
    /// The alerts' name.
    pub name: String,
    /// Until when.
    pub until: Timestamp,
    /// Who wants it.
    pub by: UserId,
    /// Their first name, as it is now: hostile text.
    pub by_name: Option<String>,
}

/// For how long alerts are silenced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SilenceSpan {
    /// An hour.
    Hour,
    /// A working day, or a night.
    EightHours,
}

impl SilenceSpan {
    /// All of them, in the order of the buttons.
    pub const ALL: [Self; 2] = [Self::Hour, Self::EightHours];

    /// How long that is.
    pub const fn length(self) -> TimeDelta {
        match self {
            Self::Hour => TimeDelta::hours(1),
            Self::EightHours => TimeDelta::hours(8),
        }
    }
}

/// Which alerts somebody means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlertTarget {
    /// This one.
    One(AlertId),
    /// All that this message tells of.
    Card(AlertId),
}

/// What a command or a button about alerts does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlertAct {
    /// Show what is wrong now.
    Show,
    /// Say that somebody looks after what a message tells of.
    Ack(AlertId),
    /// Tell no more of it for a while.
    Silence(AlertId, SilenceSpan),
    /// Tell of it again.
    EndSilence(SilenceId),
}

/// A row to write about alerts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlertChange {
    /// Somebody looks after them.
    Ack(AlertTarget),
    /// They are not told of until then.
    Silence(AlertTarget, Timestamp),
    /// A silence is over.
    EndSilence(SilenceId),
}

/// What was read for a command or a button about alerts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AlertFacts {
    /// What is wrong now, the newest first.
    pub open: Vec<Alert>,
    /// What is not told of.
    pub silences: Vec<Silence>,
    /// The asker's time zone, if they have chosen one.
    pub zone: Option<String>,
}

/// Alerts that share a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertCard {
    /// The id of the first of them.
    pub id: AlertId,
    /// All of them, in the order in which they opened.
    pub alerts: Vec<Alert>,
    /// Until when all that are open are silenced, if they are.
    pub silenced_until: Option<Timestamp>,
    /// The reader's time zone.
    pub zone: Zone,
}

/// What is shown of alerts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlertsView {
    /// The message that tells of some.
    Card(AlertCard),
    /// A page that nobody has looked after for long.
    Reminder(Box<Alert>),
    /// What is wrong now.
    List {
        /// What is wrong and what is silenced.
        facts: AlertFacts,
        /// The reader's time zone.
        zone: Zone,
    },
}

/// When a person's quiet hours end, if it is quiet now. Without a time zone of their own the
/// school's counts.
pub fn quiet_until(preferences: &Preferences, now: Timestamp, school: Zone) -> Option<Timestamp> {
    let (from, to) = preferences.quiet?;
    QuietHours::new(from, to, zone_of(preferences, school))?.until(now)
}

/// A person's time zone.
pub fn zone_of(preferences: &Preferences, school: Zone) -> Zone {
    zone_in(preferences.time_zone.as_deref(), school)
}

/// The time zone of that name, or the school's.
pub fn zone_in(name: Option<&str>, school: Zone) -> Zone {
    name.map_or(school, Zone::stored)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for severity in Severity::ALL {
            assert_eq!(Severity::from_name(severity.name()), Some(severity));
        }
        for source in Source::ALL {
            assert_eq!(Source::from_name(source.name()), Some(source));
        }
        assert_eq!(Severity::from_name("none"), None);
    }

    #[test]
    fn details_say_only_what_there_is() {
        let details = AlertDetails { subject: Some("gate".to_owned()), text: None };
        let text = serde_json::to_string(&details).unwrap();
        assert_eq!(text, r#"{"subject":"gate"}"#);
        assert_eq!(serde_json::from_str::<AlertDetails>(&text).unwrap(), details);
    }
}
