//! Reads how an editor's files under way stand.

use crate::domain::clock::Timestamp;
use crate::domain::ids::UserId;
use crate::domain::job::FileProgress;
use crate::domain::uploads::{Standing, UnderWay, place};
use crate::store::records::{OpenJob, OpenUpload};
use crate::store::{Db, StoreResult};

/// Files that are looked at; an editor has hardly more under way.
const FILES_MAX: i64 = 200;

/// An editor's files under way, oldest first. One whose job was given up is not among them.
pub async fn under_way(
    db: &Db,
    user: UserId,
    queue: &str,
    now: Timestamp,
) -> StoreResult<Vec<UnderWay>> {
    let uploads = db.uploads_open(user, FILES_MAX).await?;
    if uploads.is_empty() {
        return Ok(Vec::new());
    }
    let line = db.jobs_line(queue.to_owned(), now).await?;
    let waiting: Vec<(i32, Timestamp)> = uploads
        .iter()
        .filter_map(|upload| upload.job.as_ref())
        .filter(|job| waits(job, now))
        .map(|job| (job.priority, job.run_at))
        .collect();
    let standing = |job: &OpenJob| {
        if job.is_running {
            let progress = job.progress.as_deref().map(FileProgress::parse);
            return Standing::Working(progress.unwrap_or(FileProgress::Working));
        }
        if !waits(job, now) {
            return Standing::Again;
        }
        let before = waiting
            .iter()
            .filter(|(priority, run_at)| *priority == job.priority && *run_at < job.run_at);
        let before = i64::try_from(before.count()).unwrap_or(i64::MAX);
        Standing::Waiting { place: place(&line, user.0, job.priority, before) }
    };
    let file = |OpenUpload { material, name, card, job }: OpenUpload| {
        let standing = standing(&job?);
        Some(UnderWay { material, name, card, standing })
    };
    Ok(uploads.into_iter().filter_map(file).collect())
}

/// Whether it is due and nobody is at it.
fn waits(job: &OpenJob, now: Timestamp) -> bool {
    !job.is_running && job.run_at <= now
}
