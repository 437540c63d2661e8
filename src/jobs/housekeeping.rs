//! What is forgotten, and when; and how the jobs for it come about.

use std::path::PathBuf;
use std::time::Duration;

use super::Shop;
use super::meters;
use crate::domain::clock::Timestamp;
use crate::domain::effect::{JobKind, NewJob, Priority};
use crate::domain::ids::JobId;
use crate::domain::job::NOBODY;
use crate::store::StoreError;

/// How often, in the time between two backups, is looked whether one is due.
pub(super) const BACKUP_LOOKS: u32 = 4;

/// How long what is kept is kept.
#[derive(Debug, Clone)]
pub struct Housekeeping {
    /// Time between two runs of each kind; none for never.
    pub every: Option<Duration>,
    /// Rows of one transaction.
    pub batch: i64,
    /// Texts of updates, since they were done.
    pub texts_keep: Duration,
    /// Updates, since they were done.
    pub updates_keep: Duration,
    /// Updates that were put aside, since they came.
    pub aside_keep: Duration,
    /// Whom a broadcast went to, since it was over; and lists of chats, since they were made.
    pub letters_keep: Duration,
    /// Jobs, since they were done.
    pub done_keep: Duration,
    /// Jobs, since they were given up.
    pub failed_keep: Duration,
    /// Messages, since they were made.
    pub outbox_keep: Duration,
    /// Incidents, since somebody was told.
    pub incidents_keep: Duration,
    /// Dialogs, since they expired.
    pub sessions_keep: Duration,
    /// Words of searches, since they were last searched for: as long as a button is valid.
    pub queries_keep: Duration,
    /// Instances, since they ended.
    pub instances_keep: Duration,
    /// Files that nothing names, since they were written: longer than any job may take.
    pub blobs_grace: Duration,
    /// Where files are.
    pub data_dir: PathBuf,
    /// Statistics.
    pub statistics: StatisticsKeep,
}

/// How statistics are counted.
#[derive(Debug, Clone, Copy)]
pub struct StatisticsKeep {
    /// Time between two counts.
    pub every: Duration,
    /// Rows of one slice.
    pub slice: i64,
    /// Days for which what is counted is kept.
    pub keep_days: i32,
}

/// Makes the jobs that are due. Every process looks; the database sees to it that one finds.
pub(super) async fn keep_schedules(shop: &Shop, now: Timestamp) -> Result<(), StoreError> {
    let Shop { config, parts, .. } = shop;
    let Some(every) = config.housekeeping.every else { return Ok(()) };
    if !parts.db.schedules_due(now).await? {
        return Ok(());
    }
    let job = |kind| NewJob {
        id: JobId(parts.ids.next(now)),
        kind,
        fairness_key: NOBODY,
        priority: Priority::Housekeeping,
        not_before: None,
    };
    let mut due = 0;
    let (mut counts, mut backups, mut others) = (Vec::new(), Vec::new(), Vec::new());
    for kind in JobKind::RECURRING {
        match kind {
            JobKind::RollUpStatistics => counts.push(job(kind)),
            JobKind::MakeBackup => backups.push(job(kind)),
            _ => others.push(job(kind)),
        }
    }
    // It looks more often than one is due: the newest may have been made by hand, or be gone.
    let looks = config.backup.as_ref().map_or(every, |backup| backup.every / BACKUP_LOOKS);
    let statistics = config.housekeeping.statistics.every;
    for (offered, every) in [(counts, statistics), (backups, looks), (others, every)] {
        due += parts.db.schedules_tick(offered, config.queue.clone(), every, now).await?;
    }
    if due > 0 {
        tracing::debug!(due, "housekeeping is due");
    }
    Ok(())
}

/// Shows how the queue stands.
pub(super) async fn show_depth(shop: &Shop, now: Timestamp) -> Result<(), StoreError> {
    let counts = shop.parts.db.jobs_depth(now).await?;
    meters::depth(&shop.config.queue, &counts, now);
    let paused = shop.parts.db.queues_paused().await?;
    meters::paused(&shop.config.queue, paused.contains(&shop.config.queue));
    Ok(())
}

/// The moment so long before another.
pub(super) fn before(now: Timestamp, keep: Duration) -> Timestamp {
    chrono::TimeDelta::from_std(keep)
        .ok()
        .and_then(|keep| now.checked_sub_signed(keep))
        .unwrap_or(Timestamp::UNIX_EPOCH)
}
