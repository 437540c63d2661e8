//! What is wrong with the world while everything happens at once: Telegram refuses, fails, closes
//! connections; the database's connections are cut, Redis is emptied.
//!
//! Files and presses are spared: a job has few tries, and a press has one.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tgsim::Simulator;
use tgsim::util::now_us;
use tokio::time::Instant;

use super::servers::Servers;
use super::timeline::Span;
use crate::cli::simulate::crash::network;
use crate::cli::simulate::error::DrillError;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Storm {
    /// Half of the sends are refused with 429.
    Refused,
    /// Half of the sends fail with 502.
    Failing,
    /// Polls fail with 502.
    NoPolls,
    /// A third of the sends find their connection closed.
    Closed,
    /// All connections to the database are cut, once.
    DatabaseCut,
    /// Redis has forgotten everything.
    RedisFlushed,
}

/// When each begins, in hundredths of the whole.
const PLAN: [(u32, Storm); 7] = [
    (12, Storm::Refused),
    (25, Storm::DatabaseCut),
    (35, Storm::Failing),
    (48, Storm::RedisFlushed),
    (58, Storm::NoPolls),
    (70, Storm::DatabaseCut),
    (80, Storm::Closed),
];

/// A storm lasts a twentieth of the whole, but not longer than this.
const LONGEST: Duration = Duration::from_secs(3);

impl Storm {
    const fn name(self) -> &'static str {
        match self {
            Self::Refused => "429",
            Self::Failing => "502",
            Self::NoPolls => "polls: 502",
            Self::Closed => "cut off",
            Self::DatabaseCut => "database cut",
            Self::RedisFlushed => "Redis flushed",
        }
    }

    /// The faults of the simulator, for so many seconds.
    fn faults(self, for_s: f64) -> Option<Value> {
        let kind = match self {
            Self::Refused => json!({"kind": {"retry_after": 1}, "share": 0.5}),
            Self::Failing => json!({"kind": {"status": 502}, "share": 0.5}),
            Self::Closed => json!({"kind": "drop_before", "share": 0.3}),
            Self::NoPolls => {
                return Some(json!({"get_updates_outage": {"for_s": for_s, "kind": "status"}}));
            }
            Self::DatabaseCut | Self::RedisFlushed => return None,
        };
        let mut rule = kind;
        if let Some(rule) = rule.as_object_mut() {
            rule.insert("methods".to_owned(), json!(["send*", "edit*", "copy*"]));
            rule.insert("for_s".to_owned(), json!(for_s));
        }
        let rules: Vec<Value> = network().into_iter().chain([rule]).collect();
        Some(json!({"rules": rules}))
    }
}

/// One storm after the other; gives when they were. Servers that are not there are spared.
pub async fn rage(
    simulator: Arc<Simulator>,
    servers: Servers,
    whole: Duration,
) -> Result<Vec<Span>, DrillError> {
    let begun = Instant::now();
    let lasts = (whole / 20).min(LONGEST);
    let mut spans = Vec::new();
    for (hundredths, storm) in PLAN {
        tokio::time::sleep_until(begun + whole * hundredths / 100).await;
        let from_us = now_us();
        let lasted = match (storm, storm.faults(lasts.as_secs_f64())) {
            (_, Some(faults)) => {
                simulator.ctl("faults", faults).await.map_err(DrillError::Simulator)?;
                lasts
            }
            (Storm::RedisFlushed, None) if servers.has_redis() => {
                servers.flush_redis().await?;
                Duration::ZERO
            }
            (Storm::DatabaseCut, None) if servers.has_database() => {
                servers.cut_database().await?;
                Duration::ZERO
            }
            (_, None) => continue,
        };
        let lasted_us = u64::try_from(lasted.as_micros()).unwrap_or(u64::MAX);
        let to_us = from_us.saturating_add(lasted_us).max(now_us());
        spans.push(Span { name: storm.name(), from_us, to_us });
    }
    Ok(spans)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn storms_follow_each_other_and_are_over_before_the_end() {
        for pair in PLAN.windows(2) {
            let [(first, _), (next, _)] = pair else { continue };
            assert!(first + 5 < *next, "a storm lasts 5 hundredths at most");
        }
        assert!(PLAN.iter().all(|(begins, _)| begins + 5 < 100));
    }

    #[tokio::test]
    async fn the_simulator_takes_all_faults_and_keeps_its_distance() {
        let simulator = Simulator::start(tgsim::SimulatorOptions::default()).await.unwrap();
        for (_, storm) in PLAN {
            let Some(faults) = storm.faults(1.5) else { continue };
            let now = simulator.ctl("faults", faults).await.unwrap();
            let rules = now["rules"].as_array().map_or(0, Vec::len);
            let is_of_polls = storm == Storm::NoPolls;
            assert!(!is_of_polls || now["outage_left_s"].as_f64().unwrap() > 0.0, "{now}");
            assert!(is_of_polls || rules == network().len() + 1, "{storm:?}: {now}");
        }
        simulator.stop().await;
    }
}
