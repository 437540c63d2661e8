//! `[files]`: where files are stored and what is taken.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::check::Check;
use super::value;

/// Where files are stored and what is taken.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilesSettings {
    /// Directory of stored files.
    pub data_dir: PathBuf,
    /// Largest file that is taken, beside Telegram's own limit, mebibytes.
    pub max_size_mb: u64,
    /// A transfer that brings no byte for so long is tried again, seconds.
    pub stall_s: u64,
    /// Files that are fetched at the same time in one process.
    pub transfers: usize,
    /// Room for files under way, mebibytes.
    pub temp_quota_mb: u64,
    /// What stays free on the disk, mebibytes.
    pub min_free_mb: u64,
    /// How long a file waits for a full disk, seconds.
    pub space_wait_s: u64,
}

impl FilesSettings {
    /// Largest file that is taken, beside Telegram's own limit.
    pub const fn max_size_bytes(&self) -> u64 {
        value::mebibytes(self.max_size_mb)
    }

    /// A transfer that brings no byte for so long is tried again.
    pub const fn stall(&self) -> Duration {
        Duration::from_secs(self.stall_s)
    }

    /// Room for files under way.
    pub const fn temp_quota_bytes(&self) -> u64 {
        value::mebibytes(self.temp_quota_mb)
    }

    /// What stays free on the disk.
    pub const fn min_free_bytes(&self) -> u64 {
        value::mebibytes(self.min_free_mb)
    }

    /// How long a file waits for a full disk.
    pub const fn space_wait(&self) -> Duration {
        Duration::from_secs(self.space_wait_s)
    }

    pub(super) fn check(&self, check: &mut Check<'_>) {
        let has_dir = !self.data_dir.as_os_str().is_empty();
        check.demand("data_dir", has_dir, "a path");
        check.range("max_size_mb", self.max_size_mb, 1..=4000);
        check.range("stall_s", self.stall_s, 1..=3600);
        check.range("transfers", self.transfers, 1..=64);
        check.range("temp_quota_mb", self.temp_quota_mb, 1..=1_048_576);
        check.range("min_free_mb", self.min_free_mb, 0..=1_048_576);
        check.range("space_wait_s", self.space_wait_s, 0..=86_400);
    }
}
