//! What the jobs do, one file for each kind.

mod announce_edition;
mod process_upload;
mod replacing;

use super::attempt::Attempt;
use super::error::JobError;
use crate::domain::effect::{CardStage, JobKind};
use crate::store::records::JobEnd;

/// Does the work of a job, its end in the database included.
pub(super) async fn perform(attempt: &Attempt, kind: JobKind) -> Result<(), JobError> {
    match kind {
        // Boxed: the futures of whole jobs are large, and moved about by their guards.
        JobKind::ProcessUpload { material } => {
            Box::pin(process_upload::run(attempt, material)).await
        }
        JobKind::AnnounceEdition { material, edition, by } => {
            Box::pin(announce_edition::run(attempt, material, edition, by)).await
        }
    }
}

/// Ends a job for good together with what it was for, so that nobody waits for it any more. `end`
/// is the end of the job's own row.
pub(super) async fn give_up(attempt: &Attempt, kind: JobKind, end: JobEnd) -> Result<(), JobError> {
    match kind {
        JobKind::ProcessUpload { material } => {
            process_upload::give_up(attempt, material, end).await
        }
        // Who waits for the announcement has seen that there is one; the alert tells of its end.
        JobKind::AnnounceEdition { .. } => Ok(attempt.end(end).await?),
    }
}

/// Tells whoever waits for the job how it stands.
pub(super) async fn tell(
    attempt: &Attempt,
    kind: JobKind,
    stage: CardStage,
) -> Result<(), JobError> {
    match kind {
        JobKind::ProcessUpload { material } => process_upload::tell(attempt, material, stage).await,
        JobKind::AnnounceEdition { .. } => Ok(()),
    }
}
