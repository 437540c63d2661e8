//! `[backup]`: where copies of the database and the files go, how often, and how many are kept.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::check::Check;
use super::value;

/// Where backups go, how often one is made, and how many are kept.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupSettings {
    /// Folder of the backups; without one none is made by itself.
    #[serde(deserialize_with = "value::optional_path")]
    pub dir: Option<PathBuf>,
    /// Time between two backups, seconds.
    pub every_s: u64,
    /// Whether the files of the library are copied, too.
    pub files: bool,
    /// Whether each backup is proven by restoring it.
    pub verify: bool,
    /// Longest time for one backup, seconds.
    pub timeout_s: u64,
    /// A newest proven backup that is older than this is an alert, seconds.
    pub stale_after_s: u32,
    /// The newest so many are kept.
    pub keep_last: usize,
    /// One for each of so many days is kept.
    pub keep_daily: usize,
    /// One for each of so many weeks is kept.
    pub keep_weekly: usize,
    /// One for each of so many months is kept.
    pub keep_monthly: usize,
    /// Where `pg_dump` and `pg_restore` are; looked for when not set.
    #[serde(deserialize_with = "value::optional_path")]
    pub pg_bin_dir: Option<PathBuf>,
}

impl BackupSettings {
    /// Time between two backups.
    pub const fn every(&self) -> Duration {
        Duration::from_secs(self.every_s)
    }

    /// Longest time for one backup.
    pub const fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout_s)
    }

    pub(super) fn check(&self, check: &mut Check<'_>) {
        check.range("every_s", self.every_s, 600..=2_678_400);
        check.range("timeout_s", self.timeout_s, 10..=86_400);
        check.range("stale_after_s", self.stale_after_s, 600..=7_776_000);
        let is_ordered = u64::from(self.stale_after_s) > self.every_s;
        check.demand("stale_after_s", is_ordered, "more than backup.every_s");
        check.range("keep_last", self.keep_last, 1..=1000);
        check.range("keep_daily", self.keep_daily, 0..=1000);
        check.range("keep_weekly", self.keep_weekly, 0..=1000);
        check.range("keep_monthly", self.keep_monthly, 0..=1000);
    }
}
