//! `make_backup`: copies the database, if that is due, then removes backups that are too many.
//!
//! It is begun more often than a backup is due: whether one is, the newest in the folder tells,
//! whoever has made it. While this attempt waits, the job's row says how far it is.

use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::{MissedTickBehavior, interval};

use super::super::attempt::Attempt;
use super::super::error::{Cause, JobError};
use super::super::housekeeping::BACKUP_LOOKS;
use crate::backup::{
    BackupConfig, BackupError, Folder, Manifest, Pruned, Reporter, Step, create, prune,
};
use crate::domain::clock::Timestamp;
use crate::store::{StoreError, StoreResult};

/// How often the progress is written down.
const REPORT_EVERY: Duration = Duration::from_secs(1);

/// Does it.
pub(in crate::jobs) async fn run(attempt: &Attempt) -> Result<(), JobError> {
    let Some(config) = &attempt.shop.config.backup else {
        report(attempt, "backup.dir is not set".to_owned()).await?;
        return attempt.close().await;
    };
    if let Some(newest) = newest(config).await?
        && !is_due(newest.created_at, config.clock.now(), config.every)
    {
        report(attempt, format!("not due yet: {} is young", newest.id)).await?;
        return attempt.close().await;
    }
    let reporter = Reporter::new();
    let made = watched(attempt, &reporter, create(config, &reporter)).await??;
    tracing::info!(
        backup = made.id,
        bytes = made.bytes(),
        rows = made.total_rows(),
        verified = made.verified_at.is_some(),
        "backup is made"
    );
    let pruned = prune(config, false).await?;
    report(attempt, words(&made, &pruned)).await?;
    attempt.close().await
}

/// The newest backup that counts.
async fn newest(config: &BackupConfig) -> Result<Option<Manifest>, JobError> {
    let (dir, must_be_proven) = (config.dir.clone(), config.verify);
    let (now, every) = (config.clock.now(), config.every);
    let look = move || {
        let entries = Folder::new(dir).list()?;
        // One that cannot be read counts for nothing; `backup list` tells of it.
        let mut readable = entries.into_iter().filter_map(|entry| entry.manifest.ok());
        Ok::<_, BackupError>(readable.find(|manifest| {
            let is_good = manifest.verified_at.is_some() || !must_be_proven;
            is_good && !is_from_the_future(manifest.created_at, now, every)
        }))
    };
    let looked = spawn_blocking(look).await;
    let looked = looked.map_err(|error| JobError::retry(Cause::Panicked(error.to_string())))?;
    Ok(looked?)
}

/// Whether the clock was wrong when it was made: else it would hold up all others until its time has
/// come. A clock that is set back by an hour makes none.
fn is_from_the_future(newest: Timestamp, now: Timestamp, every: Duration) -> bool {
    newest.signed_duration_since(now).to_std().is_ok_and(|ahead| ahead > every)
}

/// Whether another one is due, as seen by somebody who looks every now and then: rather half a look
/// too early than half a look too late.
fn is_due(newest: Timestamp, now: Timestamp, every: Duration) -> bool {
    let age = now.signed_duration_since(newest).to_std().unwrap_or_default();
    age + every / (BACKUP_LOOKS * 2) >= every
}

/// Waits for a backup, and writes down how far it is.
async fn watched(
    attempt: &Attempt,
    reporter: &Reporter,
    making: impl Future<Output = Result<Manifest, BackupError>>,
) -> Result<Result<Manifest, BackupError>, JobError> {
    let steps = reporter.subscribe();
    let mut tick = interval(REPORT_EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    tokio::pin!(making);
    loop {
        tokio::select! {
            made = &mut making => return Ok(made),
            _ = tick.tick() => {
                let step = *steps.borrow();
                match note(attempt, progress(step)).await {
                    // An outage of the database costs the progress, not hours of copying.
                    Err(error @ StoreError::Unavailable { .. }) => error.tell("progress is not noted"),
                    noted => noted?,
                }
            }
        }
    }
}

fn progress(step: Step) -> String {
    let Step { what, done, all } = step;
    match done.saturating_mul(100).checked_div(all) {
        Some(percent) => format!("{what}: {} %", percent.min(100)),
        None if what.is_empty() => "begins".to_owned(),
        None => what.to_owned(),
    }
}

fn words(made: &Manifest, pruned: &Pruned) -> String {
    let proof = if made.verified_at.is_some() { "proven" } else { "not proven" };
    let missing = made.files.missing;
    let missing = if missing > 0 { format!(", {missing} files missing") } else { String::new() };
    let (id, bytes, removed) = (&made.id, made.bytes(), pruned.ids.len());
    format!("{id}: {bytes} bytes, {proof}{missing}; removed: {removed}")
}

async fn report(attempt: &Attempt, text: String) -> Result<(), JobError> {
    Ok(note(attempt, text).await?)
}

async fn note(attempt: &Attempt, text: String) -> StoreResult<()> {
    let Attempt { shop, job, token, .. } = attempt;
    shop.parts.db.job_report(*job, *token, text).await
}

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, TimeZone as _, Utc};

    use super::*;

    #[test]
    fn a_daily_backup_comes_daily_whoever_made_the_last_one() {
        let day = Duration::from_hours(24);
        let newest = Utc.with_ymd_and_hms(2026, 11, 29, 3, 0, 0).unwrap();
        let due = |hours| is_due(newest, newest + TimeDelta::hours(hours), day);
        assert_eq!([6, 12, 18, 24, 30].map(due), [false, false, false, true, true]);
        // A clock that was set back a little makes none; one from another year holds nothing up.
        assert!(!due(-1));
        let future = |hours| is_from_the_future(newest + TimeDelta::hours(hours), newest, day);
        assert_eq!(
            [-30, -1, 0, 24, 25, 9000].map(future),
            [false, false, false, false, true, true]
        );
    }

    #[test]
    fn progress_is_told_in_percent_where_it_can_be() {
        let step = |what, done, all| progress(Step { what, done, all });
        assert_eq!(step("packing", 1, 3), "packing: 33 %");
        assert_eq!(step("copying", 0, 0), "copying");
        assert_eq!(step("", 0, 0), "begins");
    }
}
