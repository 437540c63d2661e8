//! How long to wait before trying again: exponential growth with a ceiling and jitter.
//!
//! Pure: the attempt's number and the random number are parameters.

use std::time::Duration;

/// Exponential delays: `first`, `factor * first`, `factor² * first`, ... never above `max`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Backoff {
    /// The delay after the first failure, before jitter.
    pub first: Duration,
    /// By how much each delay is longer than the one before; at least 1, mostly 2.
    pub factor: f64,
    /// The ceiling of every delay.
    pub max: Duration,
    /// The share of a delay that is random, 0 to 1. With 1 ("full jitter") the delay is uniform
    /// between nothing and its ceiling, which spreads a crowd best; with 0 it is exact.
    /// See <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>.
    pub jitter: f64,
}

impl Backoff {
    /// The delay after failure number `attempt` (the first is 1) for a uniform `random` in 0..1.
    ///
    /// Numbers out of their range are moved to its nearest end; NaN counts as 0.
    pub fn delay(&self, attempt: u32, random: f64) -> Duration {
        let steps = i32::try_from(attempt.saturating_sub(1)).unwrap_or(i32::MAX);
        let growth = self.factor.max(1.0).powi(steps);
        let grown = Duration::try_from_secs_f64(self.first.as_secs_f64() * growth);
        // What no type can hold any more is above the ceiling, unless it grew from nothing.
        let grown = grown.unwrap_or(if self.first.is_zero() { Duration::ZERO } else { self.max });
        let ceiling = grown.min(self.max);

        let jitter = clamp_to_unit(self.jitter);
        let share = (1.0 - jitter) + jitter * clamp_to_unit(random);
        let seconds = ceiling.as_secs_f64() * share;
        // Rounding a huge number of seconds can exceed the ceiling, or even the type.
        Duration::try_from_secs_f64(seconds).unwrap_or(ceiling).min(ceiling)
    }
}

fn clamp_to_unit(number: f64) -> f64 {
    if number.is_nan() { 0.0 } else { number.clamp(0.0, 1.0) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EXACT: Backoff = Backoff {
        first: Duration::from_millis(100),
        factor: 2.0,
        max: Duration::from_secs(2),
        jitter: 0.0,
    };

    #[test]
    fn doubles_up_to_the_ceiling() {
        let delays: Vec<u128> =
            (0..=7).map(|attempt| EXACT.delay(attempt, 0.5).as_millis()).collect();
        assert_eq!(delays, [100, 100, 200, 400, 800, 1600, 2000, 2000]);
        assert_eq!(EXACT.delay(u32::MAX, 0.5), EXACT.max);
    }

    #[test]
    fn grows_by_its_factor() {
        let by = |factor| Backoff { factor, ..EXACT };
        assert_eq!(by(3.0).delay(3, 0.5), Duration::from_millis(900));
        assert_eq!(by(1.0).delay(9, 0.5), Duration::from_millis(100));
        assert_eq!(by(f64::NAN).delay(9, 0.5), Duration::from_millis(100));
        let nothing = Backoff { first: Duration::ZERO, ..EXACT };
        assert_eq!(nothing.delay(u32::MAX, 0.5), Duration::ZERO);
    }

    #[test]
    fn full_jitter_reaches_from_nothing_to_the_ceiling() {
        let full = Backoff { jitter: 1.0, ..EXACT };
        assert_eq!(full.delay(3, 0.0), Duration::ZERO);
        assert_eq!(full.delay(3, 0.5), Duration::from_millis(200));
        assert_eq!(full.delay(3, 1.0), Duration::from_millis(400));
    }

    #[test]
    fn partial_jitter_keeps_the_rest_exact() {
        let half = Backoff { jitter: 0.5, ..EXACT };
        assert_eq!(half.delay(1, 0.0), Duration::from_millis(50));
        assert_eq!(half.delay(1, 1.0), Duration::from_millis(100));
    }

    proptest! {
        #[test]
        fn never_panics_and_never_exceeds_max(
            first_s: u64, max_s: u64, factor: f64, jitter: f64, attempt: u32, random: f64,
        ) {
            let first = Duration::from_secs(first_s);
            let max = Duration::from_secs(max_s);
            let delay = Backoff { first, factor, max, jitter }.delay(attempt, random);
            prop_assert!(delay <= max);
        }
    }
}
