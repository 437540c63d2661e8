//! `[timeouts]`: how long calls that leave the process may take.

use std::time::Duration;

use serde::Deserialize;

use super::check::Check;

/// How long calls that leave the process may take.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeoutsSettings {
    /// One call of the Bot API that is neither a long poll nor a file, seconds.
    pub request_s: u64,
    /// A connection to the Bot API: name, TCP and TLS together, seconds.
    pub connect_s: u64,
    /// One whole file transfer, seconds.
    pub file_download_s: u64,
    /// An orderly stop, seconds.
    pub shutdown_s: u64,
}

impl TimeoutsSettings {
    /// One call of the Bot API that is neither a long poll nor a file.
    pub const fn request(&self) -> Duration {
        Duration::from_secs(self.request_s)
    }

    /// A connection to the Bot API.
    pub const fn connect(&self) -> Duration {
        Duration::from_secs(self.connect_s)
    }

    /// One whole file transfer.
    pub const fn file_download(&self) -> Duration {
        Duration::from_secs(self.file_download_s)
    }

    /// An orderly stop; what has not finished then is cut off.
    pub const fn shutdown(&self) -> Duration {
        Duration::from_secs(self.shutdown_s)
    }

    pub(super) fn check(&self, check: &mut Check<'_>) {
        check.range("request_s", self.request_s, 1..=600);
        check.range("connect_s", self.connect_s, 1..=600);
        check.range("file_download_s", self.file_download_s, 1..=86_400);
        check.range("shutdown_s", self.shutdown_s, 1..=600);
    }
}
