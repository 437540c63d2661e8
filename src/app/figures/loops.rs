//! Whether a loop turns: a task that sleeps on it, and looks how late it is woken.

use std::time::Duration;

use tokio::time::Instant;

/// Pause between two looks.
const EVERY: Duration = Duration::from_millis(250);

/// Measures the loop on which it is spawned, for as long as that turns.
pub(super) async fn probe(name: &'static str) {
    let lag = metrics::histogram!("primelingo_event_loop_lag_seconds", "loop" => name);
    loop {
        let begun = Instant::now();
        tokio::time::sleep(EVERY).await;
        lag.record(begun.elapsed().saturating_sub(EVERY));
    }
}
