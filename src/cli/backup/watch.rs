//! Shows how far a backup is while it is waited for.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use super::super::output::Output;
use super::super::progress::Progress;
use crate::backup::{Reporter, Step};

/// Pause between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Waits for `work`, and shows its steps, unless a program reads what is said.
pub async fn watched<T>(output: Output, reporter: &Reporter, work: impl Future<Output = T>) -> T {
    if output == Output::Json {
        return work.await;
    }
    let steps = reporter.subscribe();
    let mut shown: Option<(&'static str, Progress)> = None;
    let mut tick = interval(LOOK_EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    tokio::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => {
                end(shown.take());
                return done;
            }
            _ = tick.tick() => {
                let Step { what, done, all } = *steps.borrow();
                if what.is_empty() {
                    continue;
                }
                if shown.as_ref().is_none_or(|(known, _)| *known != what) {
                    end(shown.take());
                    shown = Some((what, Progress::begin(what, 0)));
                }
                if let Some((_, progress)) = &mut shown {
                    progress.show(done, all.max(done));
                }
            }
        }
    }
}

fn end(shown: Option<(&'static str, Progress)>) {
    if let Some((_, progress)) = shown {
        progress.end();
    }
}
