//! What the simulator has accepted, call by call.

use serde_json::{Value, json};

use crate::cli::simulate::bot::Stage;
use crate::cli::simulate::error::DrillError;

/// Accepted messages, by when the simulator had them: seconds of its clock, rising.
#[derive(Debug, Default)]
pub struct Sends {
    pub bulk: Vec<f64>,
    pub replies: Vec<f64>,
    /// Answers of 429.
    pub refused: usize,
}

impl Sends {
    /// All calls so far.
    pub async fn read(stage: &Stage) -> Result<Self, DrillError> {
        let mut sends = Self::default();
        for (method, is_bulk) in [("copyMessage", true), ("sendMessage", false)] {
            let ask = json!({"method": method, "limit": 10_000_000, "params": false});
            let found = stage.simulator.ctl("calls", ask).await.map_err(DrillError::Simulator)?;
            let calls = found.get("calls").and_then(Value::as_array);
            for call in calls.into_iter().flatten() {
                let at = call.get("t").and_then(Value::as_f64).unwrap_or(0.0);
                if call.get("status").and_then(Value::as_u64) == Some(429) {
                    sends.refused += 1;
                } else if call.get("executed").and_then(Value::as_bool) == Some(true) {
                    if is_bulk { sends.bulk.push(at) } else { sends.replies.push(at) }
                }
            }
        }
        sends.bulk.sort_by(f64::total_cmp);
        sends.replies.sort_by(f64::total_cmp);
        Ok(sends)
    }

    /// The time from the first to the last bulk message.
    pub fn span(&self) -> (f64, f64) {
        let first = self.bulk.first().copied().unwrap_or(0.0);
        (first, self.bulk.last().copied().unwrap_or(first))
    }

    /// How many messages were accepted in a time.
    pub fn within(&self, (from, to): (f64, f64)) -> u32 {
        let count = |times: &[f64]| times.iter().filter(|at| (from..=to).contains(*at)).count();
        u32::try_from(count(&self.bulk) + count(&self.replies)).unwrap_or(u32::MAX)
    }

    /// Messages of each second since a moment.
    pub fn per_second(times: &[f64], from: f64, seconds: u32) -> Vec<(f64, f64)> {
        (0..seconds)
            .map(|second| {
                let begins = from + f64::from(second);
                let count = times.iter().filter(|at| (begins..begins + 1.0).contains(*at)).count();
                (f64::from(second), f64::from(u32::try_from(count).unwrap_or(u32::MAX)))
            })
            .collect()
    }
}
