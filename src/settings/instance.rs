//! `[instance]`: this process among others on the same database.

use std::time::Duration;

use serde::Deserialize;

use super::check::Check;
use super::value;

/// This process among others on the same database.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstanceSettings {
    /// Its name, another for each process and the same after a restart; made up when empty.
    pub name: String,
    /// A leader that shows no life for so long loses its place to another, seconds.
    pub lease_s: u64,
    /// How often a leader shows that it lives, milliseconds.
    pub renew_ms: u64,
    /// How often a process that stands by looks whether the place is free, milliseconds.
    pub look_ms: u64,
}

impl InstanceSettings {
    /// A leader that shows no life for so long loses its place to another.
    pub const fn lease(&self) -> Duration {
        Duration::from_secs(self.lease_s)
    }

    /// How often a leader shows that it lives.
    pub const fn renew(&self) -> Duration {
        Duration::from_millis(self.renew_ms)
    }

    /// How often a process that stands by looks whether the place is free.
    pub const fn look(&self) -> Duration {
        Duration::from_millis(self.look_ms)
    }

    /// How long anything of a leader that fell silent may stay under way: somewhat less than its
    /// lease lasts at the least from then on.
    pub fn silence(&self) -> Duration {
        self.lease().saturating_sub(self.renew()) * 3 / 4
    }

    pub(super) fn check(&self, check: &mut Check<'_>) {
        let is_name = self.name.len() <= 64 && self.name.bytes().all(value::is_word_byte);
        check.demand("name", is_name, "at most 64 of a-z A-Z 0-9 _ -, or nothing");
        check.range("lease_s", self.lease_s, 2..=60);
        check.range("renew_ms", self.renew_ms, 50..=20_000);
        let is_renewed_in_time =
            self.renew_ms.saturating_mul(2) <= self.lease_s.saturating_mul(1_000);
        check.demand("renew_ms", is_renewed_in_time, "at most half of instance.lease_s");
        check.range("look_ms", self.look_ms, 50..=10_000);
    }
}
