//! `[housekeeping]`: what is forgotten, and when. How long jobs are kept stands in `[jobs]`.

use std::time::Duration;

use serde::Deserialize;

use super::check::Check;
use super::jobs::KEEP_MAX_S;
use super::value;

/// What is forgotten, and when.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HousekeepingSettings {
    /// Time between two runs of each kind of housekeeping, seconds; 0 for never.
    pub every_s: u64,
    /// Rows that one transaction forgets.
    pub batch: i64,
    /// The texts of updates are kept for so long after they were done, seconds.
    pub texts_keep_s: u64,
    /// Updates are kept for so long after they were done, seconds.
    pub updates_keep_s: u64,
    /// Updates that were put aside are kept for so long, days.
    pub aside_keep_days: u64,
    /// Whom a broadcast went to is kept for so long after it was over, days.
    pub letters_keep_days: u64,
    /// Messages are kept for so long, seconds.
    pub outbox_keep_s: u64,
    /// Incidents are kept for so long after somebody was told, seconds.
    pub incidents_keep_s: u64,
    /// Dialogs are kept for so long after they expired, days.
    pub sessions_keep_days: u64,
    /// Instances are kept for so long after they ended, days.
    pub instances_keep_days: u64,
    /// Files that nothing names are kept for so long, seconds.
    pub files_grace_s: u64,
}

impl HousekeepingSettings {
    /// Time between two runs of each kind; none for never.
    pub fn every(&self) -> Option<Duration> {
        (self.every_s > 0).then(|| Duration::from_secs(self.every_s))
    }

    /// The texts of updates are kept for so long after they were done.
    pub const fn texts_keep(&self) -> Duration {
        Duration::from_secs(self.texts_keep_s)
    }

    /// Updates are kept for so long after they were done.
    pub const fn updates_keep(&self) -> Duration {
        Duration::from_secs(self.updates_keep_s)
    }

    /// Updates that were put aside are kept for so long.
    pub const fn aside_keep(&self) -> Duration {
        value::days(self.aside_keep_days)
    }

    /// Whom a broadcast went to is kept for so long after it was over.
    pub const fn letters_keep(&self) -> Duration {
        value::days(self.letters_keep_days)
    }

    /// Messages are kept for so long.
    pub const fn outbox_keep(&self) -> Duration {
        Duration::from_secs(self.outbox_keep_s)
    }

    /// Incidents are kept for so long after somebody was told.
    pub const fn incidents_keep(&self) -> Duration {
        Duration::from_secs(self.incidents_keep_s)
    }

    /// Dialogs are kept for so long after they expired.
    pub const fn sessions_keep(&self) -> Duration {
        value::days(self.sessions_keep_days)
    }

    /// Instances are kept for so long after they ended.
    pub const fn instances_keep(&self) -> Duration {
        value::days(self.instances_keep_days)
    }

    /// Files that nothing names are kept for so long.
    pub const fn files_grace(&self) -> Duration {
        Duration::from_secs(self.files_grace_s)
    }

    pub(super) fn check(&self, check: &mut Check<'_>) {
        check.range("every_s", self.every_s, 0..=86_400);
        check.range("batch", self.batch, 1..=5000);
        check.range("texts_keep_s", self.texts_keep_s, 0..=KEEP_MAX_S);
        check.range("updates_keep_s", self.updates_keep_s, 0..=KEEP_MAX_S);
        let is_ordered = self.texts_keep_s <= self.updates_keep_s;
        check.demand("updates_keep_s", is_ordered, "at least housekeeping.texts_keep_s");
        check.range("aside_keep_days", self.aside_keep_days, 7..=3650);
        check.range("letters_keep_days", self.letters_keep_days, 7..=3650);
        check.range("outbox_keep_s", self.outbox_keep_s, 86_400..=KEEP_MAX_S);
        check.range("incidents_keep_s", self.incidents_keep_s, 0..=KEEP_MAX_S);
        check.range("sessions_keep_days", self.sessions_keep_days, 1..=3650);
        check.range("instances_keep_days", self.instances_keep_days, 1..=3650);
        check.range("files_grace_s", self.files_grace_s, 3600..=KEEP_MAX_S);
    }
}
