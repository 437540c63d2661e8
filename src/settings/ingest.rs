//! `[ingest]`: how updates are taken in and spread over chats.

use std::time::Duration;

use serde::Deserialize;

use super::check::Check;

/// How updates are taken in and spread over chats.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IngestSettings {
    /// Chats held in memory at the same time.
    pub max_live_chats: usize,
    /// A chat without work for so long leaves memory, seconds.
    pub chat_idle_s: u64,
    /// Chats whose updates are worked on at the same time.
    pub concurrent_chats: usize,
    /// Undone updates in the database at which polling pauses.
    pub queued_limit: u64,
    /// How often the inbox is read even when no doorbell rang, milliseconds.
    pub sweep_interval_ms: u64,
    /// A poller that reports nothing for so long beyond its poll is built anew, seconds.
    pub stall_s: u64,
    /// Longest work on one update, seconds.
    pub update_deadline_s: u64,
    /// Failed tries after which an update is set aside.
    pub max_faults: u32,
}

impl IngestSettings {
    /// A chat without work for so long leaves memory.
    pub const fn chat_idle(&self) -> Duration {
        Duration::from_secs(self.chat_idle_s)
    }

    /// How often the inbox is read even when no doorbell rang.
    pub const fn sweep_interval(&self) -> Duration {
        Duration::from_millis(self.sweep_interval_ms)
    }

    /// A poller that reports nothing for so long beyond its poll is built anew.
    pub const fn stall(&self) -> Duration {
        Duration::from_secs(self.stall_s)
    }

    /// Longest work on one update.
    pub const fn update_deadline(&self) -> Duration {
        Duration::from_secs(self.update_deadline_s)
    }

    pub(super) fn check(&self, check: &mut Check<'_>) {
        check.range("max_live_chats", self.max_live_chats, 1..=1_000_000);
        check.range("chat_idle_s", self.chat_idle_s, 1..=86_400);
        check.range("concurrent_chats", self.concurrent_chats, 1..=10_000);
        check.range("queued_limit", self.queued_limit, 100..=10_000_000);
        check.range("sweep_interval_ms", self.sweep_interval_ms, 50..=60_000);
        check.range("stall_s", self.stall_s, 5..=3600);
        check.range("update_deadline_s", self.update_deadline_s, 1..=600);
        check.range("max_faults", self.max_faults, 1..=100);
    }
}
