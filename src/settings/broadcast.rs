//! `[broadcast]`: the highest rate of a broadcast, and when it may be sent.

use std::str::FromStr;
use std::time::Duration;

use serde::Deserialize;

use super::check::Check;
use super::value;

/// The highest rate of a broadcast: `batch_size` messages per `delay_s`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BroadcastSettings {
    /// Messages per `delay_s`.
    pub batch_size: u32,
    /// The time `batch_size` is counted over, seconds.
    pub delay_s: f64,
    /// The highest rate of a broadcast that is paid for, messages per second.
    pub paid_rate_per_s: f64,
    /// The hours in which nothing is sent unless an admin says otherwise.
    #[serde(deserialize_with = "value::parsed")]
    pub quiet_hours: HoursOfDay,
    /// The time zone of admins who have chosen none.
    #[serde(deserialize_with = "value::parsed")]
    pub time_zone: chrono_tz::Tz,
}

/// A time of every day, or none: `22:00-08:00`, `off`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoursOfDay(pub Option<(u16, u16)>);

impl FromStr for HoursOfDay {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "expected two times of a day as 22:00-08:00, or off";
        if text == "off" {
            return Ok(Self(None));
        }
        let (from, to) = text.split_once('-').ok_or(EXPECTED)?;
        let minutes = |time: &str| {
            let (hour, minute) = time.trim().split_once(':')?;
            let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
            (hour < 24 && minute < 60).then(|| hour.saturating_mul(60).saturating_add(minute))
        };
        let hours = minutes(from).zip(minutes(to)).filter(|(from, to)| from != to);
        hours.map(|hours| Self(Some(hours))).ok_or(EXPECTED)
    }
}

impl BroadcastSettings {
    /// The time `batch_size` is counted over.
    pub fn delay(&self) -> Duration {
        value::seconds(self.delay_s)
    }

    /// The highest rate, messages per second.
    pub fn rate_per_s(&self) -> f64 {
        f64::from(self.batch_size) / self.delay_s
    }

    pub(super) fn check(&self, check: &mut Check<'_>) {
        check.range("batch_size", self.batch_size, 1..=1000);
        check.range("delay_s", self.delay_s, 0.01..=3600.0);
        check.range("paid_rate_per_s", self.paid_rate_per_s, 30.0..=1000.0);
    }
}
