//! `[inspect]`: limits of the process that looks into files.

use std::time::Duration;

use serde::Deserialize;

use super::check::Check;
use super::value;

/// Limits of the process that looks into files.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InspectSettings {
    /// Memory, mebibytes.
    pub memory_mb: u64,
    /// Processor time, seconds.
    pub cpu_s: u64,
    /// Time by the clock, seconds.
    pub wall_s: u64,
    /// Pages of a document that are read.
    pub max_pages: u32,
    /// Text that is kept of one file, kibibytes.
    pub max_text_kb: u64,
}

impl InspectSettings {
    /// Memory.
    pub const fn memory_bytes(&self) -> u64 {
        value::mebibytes(self.memory_mb)
    }

    /// Processor time.
    pub const fn cpu(&self) -> Duration {
        Duration::from_secs(self.cpu_s)
    }

    /// Time by the clock.
    pub const fn wall(&self) -> Duration {
        Duration::from_secs(self.wall_s)
    }

    /// Text that is kept of one file.
    pub const fn max_text_bytes(&self) -> u64 {
        value::kibibytes(self.max_text_kb)
    }

    pub(super) fn check(&self, check: &mut Check<'_>) {
        check.range("memory_mb", self.memory_mb, 64..=65_536);
        check.range("cpu_s", self.cpu_s, 1..=3600);
        check.range("wall_s", self.wall_s, 1..=3600);
        check.range("max_pages", self.max_pages, 1..=1_000_000);
        check.range("max_text_kb", self.max_text_kb, 1..=1_048_576);
    }
}
