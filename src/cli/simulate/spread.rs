//! How long each of many took: percentiles of a sample. Pure.

use std::time::Duration;

use super::table::percentile;

/// Percentiles of a sample, in microseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spread {
    /// How many there were; all others are 0 where there were none.
    pub count: usize,
    pub p50_us: u64,
    pub p99_us: u64,
    pub max_us: u64,
}

impl Spread {
    /// Of samples in microseconds, in any order.
    pub fn of(mut sample: Vec<u64>) -> Self {
        sample.sort_unstable();
        let at = |share| percentile(&sample, share);
        Self { count: sample.len(), p50_us: at(50), p99_us: at(99), max_us: at(100) }
    }

    /// Of times.
    pub fn of_times(times: impl IntoIterator<Item = Duration>) -> Self {
        Self::of(times.into_iter().map(micros).collect())
    }

    /// One of its figures in milliseconds; no number where nothing was measured, so that it holds no
    /// promise.
    pub fn millis(&self, us: u64) -> f64 {
        if self.count == 0 { f64::NAN } else { millis(us) }
    }

    /// `median / p99 / max ms`, with two decimals.
    pub fn summary(&self) -> String {
        let ms = |us: u64| format!("{}.{:02}", us / 1000, us % 1000 / 10);
        format!("{} / {} / {} ms", ms(self.p50_us), ms(self.p99_us), ms(self.max_us))
    }
}

/// Whole microseconds.
pub fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// Microseconds as milliseconds with a fraction.
pub fn millis(us: u64) -> f64 {
    Duration::from_micros(us).as_secs_f64() * 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_do_not_mind_the_order() {
        let spread = Spread::of((1..=1_000).rev().map(|ms| ms * 1_000).collect());
        assert_eq!(spread.count, 1_000);
        assert_eq!((spread.p50_us, spread.p99_us, spread.max_us), (500_000, 990_000, 1_000_000));
        assert_eq!(spread.summary(), "500.00 / 990.00 / 1000.00 ms");
    }

    #[test]
    fn few_and_none_have_percentiles_too() {
        let one = Spread::of_times([Duration::from_micros(1_234)]);
        assert_eq!((one.p50_us, one.p99_us, one.max_us), (1_234, 1_234, 1_234));
        assert!((millis(one.max_us) - 1.234).abs() < 1e-9);
        let none = Spread::of(Vec::new());
        assert_eq!(none, Spread::default());
        assert!(none.millis(none.p99_us).is_nan());
    }
}
