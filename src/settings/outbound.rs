//! `[outbound]`: how fast messages leave.

use std::time::Duration;

use serde::Deserialize;

use super::check::Check;

/// How fast messages leave.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutboundSettings {
    /// Sends in flight at the same time.
    pub window: usize,
    /// Messages per second over all chats.
    pub rate_per_s: f64,
    /// Messages that may go at once after a pause.
    pub burst: u32,
    /// Of these, what a broadcast leaves to replies.
    pub reply_reserve: u32,
    /// Messages per second to one chat.
    pub chat_rate_per_s: f64,
    /// Messages to one chat that may go at once after a pause.
    pub chat_burst: u32,
    /// Messages per minute to one group.
    pub group_per_min: u32,
    /// What a broadcast is given per second even while people are being answered.
    pub bulk_floor_per_s: f64,
    /// How often the outbox is read even when no doorbell rang, milliseconds.
    pub sweep_interval_ms: u64,
    /// Unsent messages at which the intake of updates pauses.
    pub queued_limit: u64,
    /// `false`: send without own limits; for load drills.
    pub limits_enabled: bool,
}

impl OutboundSettings {
    /// How often the outbox is read even when no doorbell rang.
    pub const fn sweep_interval(&self) -> Duration {
        Duration::from_millis(self.sweep_interval_ms)
    }

    pub(super) fn check(&self, check: &mut Check<'_>) {
        check.range("window", self.window, 1..=10_000);
        check.range("rate_per_s", self.rate_per_s, 0.1..=10_000.0);
        check.range("burst", self.burst, 1..=10_000);
        check.range("reply_reserve", self.reply_reserve, 0..=9_999);
        let is_reserve_below_burst = self.reply_reserve < self.burst;
        check.demand("reply_reserve", is_reserve_below_burst, "less than outbound.burst");
        check.range("chat_rate_per_s", self.chat_rate_per_s, 0.01..=1000.0);
        check.range("chat_burst", self.chat_burst, 1..=1000);
        check.range("group_per_min", self.group_per_min, 1..=10_000);
        check.range("bulk_floor_per_s", self.bulk_floor_per_s, 0.0..=1000.0);
        let is_floor_below_rate = self.bulk_floor_per_s <= self.rate_per_s;
        check.demand("bulk_floor_per_s", is_floor_below_rate, "at most outbound.rate_per_s");
        check.range("sweep_interval_ms", self.sweep_interval_ms, 50..=60_000);
        check.range("queued_limit", self.queued_limit, 100..=10_000_000);
    }
}
