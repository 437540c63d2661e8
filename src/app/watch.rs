//! Watches the database with a probe of its own, so that readiness and the log know of an outage
//! whether or not anybody asks.
//!
//! Invariants ([G5]): an outage shows within 2 s, its end within 5 s; the log says once that it
//! began, again at intervals, and once that it is over. Everybody else who meets the outage says
//! so at `debug` only: there may be thousands of them.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior};

use crate::domain::health::{Component, Look};
use crate::health::HealthBoard;
use crate::runtime::{WorkRuntime, redact, spawn_local};
use crate::store::{Db, StoreError};
use crate::web::Health;

/// Pause between two probes. With the time of one that hangs, an outage shows within 2 s.
const PROBE_EVERY: Duration = Duration::from_millis(750);

/// Longest wait for the answer to a probe.
const PROBE_TIMEOUT: Duration = Duration::from_secs(1);

/// Good probes in a row after which an outage is over: one may be a stroke of luck.
const GOOD_IN_A_ROW: u32 = 2;

/// How often an outage is mentioned again.
const REMIND_EVERY: Duration = Duration::from_mins(1);

/// Probes the database until the program ends. Gives where the result is shown.
pub fn watch_database(db: Db, work: WorkRuntime, board: HealthBoard) -> Arc<Health> {
    let standing = Arc::new(Health::good());
    let shown = Arc::clone(&standing);
    // Ends with the actors: nobody waits for it at a stop.
    spawn_local(async move {
        let mut outage = Outage::default();
        let mut tick = tokio::time::interval(PROBE_EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            let asked = db.clone();
            let asked_at = Instant::now();
            let probing = work.spawn(async move { asked.probe(PROBE_TIMEOUT).await });
            // A probe that panics says nothing of the database, and a runtime that ends needs none.
            let Ok(probed) = probing.await else { continue };
            let latency = asked_at.elapsed();
            let note = probed.as_ref().err().map(ToString::to_string);
            let news = outage.heed(probed, Instant::now());
            shown.set(outage.is_over());
            tell(&news);
            board.report(Component::Database, look(outage.is_over(), latency, note));
        }
    });
    standing
}

/// After an outage a single good answer is not yet its end.
fn look(is_over: bool, latency: Duration, note: Option<String>) -> Look {
    if is_over {
        return Look::up(Some(latency));
    }
    let note = note.unwrap_or_else(|| "it answers again, for the first time".to_owned());
    Look::down(redact(&note).into_owned())
}

/// What is to be said.
#[derive(Debug)]
enum News {
    Nothing,
    Began(StoreError),
    GoesOn { since: Duration, error: StoreError },
    Over { since: Duration },
}

fn tell(news: &News) {
    match news {
        News::Nothing => {}
        News::Began(error) => tracing::error!(%error, "database is away, intake and replies rest"),
        News::GoesOn { since, error } => {
            tracing::error!(for_s = since.as_secs(), %error, "database is still away");
        }
        News::Over { since } => tracing::info!(after_s = since.as_secs(), "database is back"),
    }
    let is_open = match news {
        News::Nothing => return,
        News::Over { .. } => 0.0,
        News::Began(_) | News::GoesOn { .. } => 1.0,
    };
    metrics::gauge!("primelingo_circuit_open", "dependency" => "database").set(is_open);
}

/// An outage, or none. Pure.
#[derive(Debug, Default)]
struct Outage {
    since: Option<Instant>,
    reminded: Option<Instant>,
    good_in_a_row: u32,
}

impl Outage {
    const fn is_over(&self) -> bool {
        self.since.is_none()
    }

    fn heed(&mut self, probe: Result<(), StoreError>, now: Instant) -> News {
        let Err(error) = probe else { return self.heed_good(now) };
        self.good_in_a_row = 0;
        let Some(since) = self.since else {
            (self.since, self.reminded) = (Some(now), Some(now));
            return News::Began(error);
        };
        let is_silent = self.reminded.is_some_and(|at| now.duration_since(at) < REMIND_EVERY);
        if is_silent {
            return News::Nothing;
        }
        self.reminded = Some(now);
        News::GoesOn { since: now.duration_since(since), error }
    }

    fn heed_good(&mut self, now: Instant) -> News {
        let Some(since) = self.since else { return News::Nothing };
        self.good_in_a_row += 1;
        if self.good_in_a_row < GOOD_IN_A_ROW {
            return News::Nothing;
        }
        *self = Self::default();
        News::Over { since: now.duration_since(since) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn away() -> Result<(), StoreError> {
        Err(StoreError::Unavailable { call: "probe", reason: "closed".to_owned() })
    }

    #[test]
    fn an_outage_is_told_once_then_at_intervals_then_its_end() {
        let mut outage = Outage::default();
        let begun = Instant::now();
        let at = |seconds| begun + Duration::from_secs(seconds);
        assert!(matches!(outage.heed(Ok(()), at(0)), News::Nothing));
        assert!(matches!(outage.heed(away(), at(1)), News::Began(_)));
        assert!(!outage.is_over(), "one failure is enough");
        for second in 2..=60 {
            assert!(matches!(outage.heed(away(), at(second)), News::Nothing), "{second}");
        }
        assert!(matches!(outage.heed(away(), at(61)), News::GoesOn { .. }));
        assert!(matches!(outage.heed(away(), at(62)), News::Nothing));
        assert!(matches!(outage.heed(Ok(()), at(63)), News::Nothing));
        assert!(matches!(outage.heed(away(), at(64)), News::Nothing), "one success is not enough");
        assert!(matches!(outage.heed(Ok(()), at(65)), News::Nothing));
        let News::Over { since } = outage.heed(Ok(()), at(66)) else { panic!("it is over") };
        assert_eq!((since.as_secs(), outage.is_over()), (65, true));
    }
}
