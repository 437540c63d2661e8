//! What the alerter writes and reads.

use super::NewOutbox;
use crate::domain::alert::incoming::Incoming;
use crate::domain::alert::{Alert, AlertDetails, Severity, Source};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{AlertId, OutboxId, UserId};

/// What has become of an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlertTurn {
    /// It opened.
    Opened(NewAlert),
    /// It is over.
    Resolved {
        /// Its key.
        key: String,
        /// Since when.
        at: Timestamp,
    },
}

/// An alert that opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAlert {
    /// What it is the opening of.
    pub key: String,
    /// What silences know it by.
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
    pub at: Timestamp,
}

/// The message of a card in somebody's chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlertMessage {
    /// The card.
    pub card: AlertId,
    /// Whose chat.
    pub user: UserId,
    /// The row of the outbox; none as long as it waits.
    pub outbox: Option<OutboxId>,
    /// Until when it waits.
    pub not_before: Option<Timestamp>,
}

/// What has to be shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AlertsLook {
    /// Alerts with something new, oldest first.
    pub unshown: Vec<Alert>,
    /// Messages that have waited for long enough.
    pub due: Vec<AlertMessage>,
}

/// What is shown: committed together, or not at all.
#[derive(Debug, Clone, Default)]
pub struct AlertsShown {
    /// Alerts that are told for the first time, and on which card.
    pub placed: Vec<(AlertId, AlertId)>,
    /// Alerts, and the version of them that is shown.
    pub shown: Vec<(AlertId, i64)>,
    /// Messages of cards, new ones or with what has changed of them.
    pub messages: Vec<AlertMessage>,
    /// What leaves: new messages, and edits of earlier ones.
    pub outbox: Vec<NewOutbox>,
}

/// What Alertmanager has posted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AlertSignals {
    /// What fires.
    pub firing: Vec<Incoming>,
    /// Its last sign of life.
    pub watchdog: Option<Timestamp>,
}
