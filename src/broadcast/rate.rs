//! How fast a broadcast is of late. Pure.

use std::collections::VecDeque;
use std::time::Duration;

use crate::domain::limits::Moment;

/// The time that is looked back on.
const SPAN: Duration = Duration::from_secs(15);

/// Below this a rate says nothing yet.
const SPAN_MIN: Duration = Duration::from_secs(1);

/// Readings of a counter, the last [`SPAN`] of them.
#[derive(Debug, Default)]
pub struct Rate(VecDeque<(Moment, u64)>);

impl Rate {
    /// Notes the counter.
    pub fn note(&mut self, now: Moment, count: u64) {
        while self.0.len() > 1
            && self.0.front().is_some_and(|(at, _)| now.saturating_sub(*at) > SPAN)
        {
            self.0.pop_front();
        }
        self.0.push_back((now, count));
    }

    /// Forgets all: the counter rested.
    pub fn reset(&mut self) {
        self.0.clear();
    }

    /// Per second.
    pub fn per_second(&self) -> Option<f64> {
        let ((began, first), (ended, last)) = (self.0.front()?, self.0.back()?);
        let span = ended.saturating_sub(*began);
        let count = u32::try_from(last.saturating_sub(*first)).ok()?;
        (span >= SPAN_MIN).then(|| f64::from(count) / span.as_secs_f64())
    }

    /// Seconds until `pending` more are counted.
    pub fn left_s(&self, pending: u64) -> Option<u64> {
        let rate = self.per_second().filter(|rate| *rate > 0.0)?;
        let pending = u32::try_from(pending).ok()?;
        let left = Duration::try_from_secs_f64((f64::from(pending) / rate).ceil()).ok()?;
        Some(left.as_secs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_that_of_the_last_seconds() {
        let mut rate = Rate::default();
        assert_eq!(rate.per_second(), None);
        for second in 0..100_u64 {
            rate.note(Duration::from_secs(second), if second < 50 { second * 10 } else { 500 });
        }
        assert_eq!(rate.per_second(), Some(0.0));
        assert_eq!(rate.left_s(10), None);
        for second in 100..120_u64 {
            rate.note(Duration::from_secs(second), 500 + (second - 100) * 30);
        }
        assert_eq!(rate.per_second(), Some(30.0));
        assert_eq!(rate.left_s(301), Some(11));
    }
}
