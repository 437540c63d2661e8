//! How old the newest proven backup is.
//!
//! The folder tells it, so that it survives a restart, and is true whoever has made the backup: this
//! process, another one, or the command line. Without a backup there is no figure, and one that was
//! shown stays as it was when the folder cannot be read: it grows old, which is what the alert is for.

use std::path::PathBuf;
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::{MissedTickBehavior, interval};

use super::number;
use crate::backup::{Manifest, newest_proven};

/// Pause between two looks.
const EVERY: Duration = Duration::from_secs(10);

/// Shows it, again and again.
pub(super) async fn collect(dir: PathBuf) {
    let mut tick = interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let dir = dir.clone();
        match spawn_blocking(move || newest_proven(&dir)).await {
            Ok(Ok(Some(newest))) => show(&newest),
            Ok(Ok(None)) => {}
            Ok(Err(error)) => tracing::debug!(%error, "backups cannot be looked at"),
            Err(error) => tracing::debug!(%error, "the look at backups was broken off"),
        }
    }
}

fn show(newest: &Manifest) {
    metrics::gauge!("primelingo_backup_last_success_timestamp_seconds")
        .set(number(newest.created_at.timestamp()));
    let bytes = i64::try_from(newest.bytes()).unwrap_or(i64::MAX);
    metrics::gauge!("primelingo_backup_bytes").set(number(bytes));
}
