//! Limits of the simulator that change while a drill runs.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tgsim::Simulator;
use tgsim::util::now_us;
use tokio::time::sleep;

/// A limit, and since when: seconds of the simulator's clock.
#[derive(Debug, Clone, Copy)]
pub struct Period {
    pub since: f64,
    pub per_s: f64,
}

/// The limits of a run.
#[derive(Debug, Default)]
pub struct Limits(pub Vec<Period>);

impl Limits {
    /// What can be sent at most from one moment to another.
    pub fn best(&self, (from, to): (f64, f64)) -> f64 {
        let ends = self.0.iter().skip(1).map(|period| period.since).chain([f64::INFINITY]);
        let share = |(period, end): (&Period, f64)| {
            (end.min(to) - period.since.max(from)).max(0.0) * period.per_s
        };
        self.0.iter().zip(ends).map(share).sum()
    }

    /// As points of a curve, from a moment on.
    pub fn curve(&self, (from, to): (f64, f64)) -> Vec<(f64, f64)> {
        let ends = self.0.iter().skip(1).map(|period| period.since).chain([to]);
        let points = self.0.iter().zip(ends).flat_map(|(period, end)| {
            let at = |moment: f64| (moment.max(from) - from, period.per_s);
            [at(period.since), at(end)]
        });
        points.collect()
    }
}

/// Sets one limit after the other; the last one stays.
pub async fn change(
    simulator: Arc<Simulator>,
    limits: Vec<f64>,
    each: Duration,
) -> Result<Limits, String> {
    let mut periods = Limits::default();
    for (index, per_s) in limits.iter().copied().enumerate() {
        if index > 0 {
            sleep(each).await;
        }
        simulator.ctl("limits", json!({"global_per_s": per_s})).await?;
        periods.0.push(Period { since: seconds(now_us()), per_s });
    }
    Ok(periods)
}

/// Seconds of the simulator's clock.
pub fn seconds(micros: u64) -> f64 {
    Duration::from_micros(micros).as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_possible_is_the_area_below_the_limits() {
        let period = |since, per_s| Period { since, per_s };
        let limits = Limits(vec![period(0.0, 30.0), period(10.0, 20.0), period(20.0, 25.0)]);
        let area = limits.best((5.0, 22.0));
        assert!((area - (150.0 + 200.0 + 50.0)).abs() < 1e-9, "{area}");
    }
}
