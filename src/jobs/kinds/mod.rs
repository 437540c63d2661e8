//! What the jobs do, one file for each kind.

mod adopt_file;
mod announce_edition;
mod erase_files;
mod erase_person;
mod export_broadcast;
mod export_person;
mod fetching;
mod forget_traces;
mod hashed;
mod letters;
mod make_backup;
mod probe;
mod process_upload;
mod prune_incidents;
mod prune_instances;
mod prune_jobs;
mod prune_keys;
mod prune_letters;
mod prune_outbox;
mod prune_queries;
mod prune_sessions;
mod prune_updates;
mod roll_up_statistics;
mod send_statistics;
mod read_audience;
mod slices;
mod sweep_blobs;
mod sweep_temp;
mod tell;
mod tend_batch;
mod tidy_sections;
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
        JobKind::AdoptFile { material } => Box::pin(adopt_file::run(attempt, material)).await,
        JobKind::TidySections { .. } => tidy_sections::run(attempt).await,
        JobKind::Probe { .. } => probe::run(attempt).await,
        JobKind::PruneUpdates => prune_updates::run(attempt).await,
        JobKind::PruneJobs => prune_jobs::run(attempt).await,
        JobKind::PruneOutbox => prune_outbox::run(attempt).await,
        JobKind::PruneIncidents => prune_incidents::run(attempt).await,
        JobKind::PruneSessions => prune_sessions::run(attempt).await,
        JobKind::PruneQueries => prune_queries::run(attempt).await,
        JobKind::PruneLetters => prune_letters::run(attempt).await,
        JobKind::PruneKeys => prune_keys::run(attempt).await,
        JobKind::PruneInstances => prune_instances::run(attempt).await,
        JobKind::SweepTemp => sweep_temp::run(attempt).await,
        JobKind::SweepBlobs => Box::pin(sweep_blobs::run(attempt)).await,
        JobKind::RollUpStatistics => Box::pin(roll_up_statistics::run(attempt)).await,
        JobKind::MakeBackup => Box::pin(make_backup::run(attempt)).await,
        JobKind::SendStatistics { sort, span, by, chat, thread } => {
            let post = send_statistics::Post { sort, span, by, chat, thread };
            Box::pin(send_statistics::run(attempt, post)).await
        }
        JobKind::TendBatch { batch, user, chat, thread, card } => {
            let post = tend_batch::Post { batch, user, chat, thread, card };
            Box::pin(tend_batch::run(attempt, post)).await
        }
        JobKind::AnnounceEdition { material, edition, by } => {
            Box::pin(announce_edition::run(attempt, material, edition, by)).await
        }
        JobKind::ReadAudience { list, broadcast, file_id, size, by, chat, thread, card } => {
            let post = read_audience::Post { list, broadcast, by, chat, thread, card };
            Box::pin(read_audience::run(attempt, post, &file_id, size)).await
        }
        JobKind::ExportBroadcast { broadcast, by, chat, thread } => {
            let post = export_broadcast::Post { broadcast, by, chat, thread };
            Box::pin(export_broadcast::run(attempt, post)).await
        }
        JobKind::TellOfMaterial { material } => {
            Box::pin(tell::of_material(attempt, material)).await
        }
        JobKind::TellAskers { request } => Box::pin(tell::askers(attempt, request)).await,
        JobKind::ExportPerson(of) => Box::pin(export_person::run(attempt, of)).await,
        JobKind::ErasePerson(of) => Box::pin(erase_person::run(attempt, of)).await,
        JobKind::ForgetTraces { message, all } => {
            Box::pin(forget_traces::run(attempt, message, all)).await
        }
    }
}

/// Ends a job for good together with what it was for, so that nobody waits for it any more. `end`
/// is the end of the job's own row.
pub(super) async fn give_up(
    attempt: &Attempt,
    kind: &JobKind,
    end: JobEnd,
) -> Result<(), JobError> {
    match kind {
        JobKind::ProcessUpload { material } => {
            process_upload::give_up(attempt, *material, end).await
        }
        JobKind::ReadAudience { list, broadcast, by, chat, thread, card, .. } => {
            let (list, broadcast, by, chat) = (*list, *broadcast, *by, *chat);
            let post =
                read_audience::Post { list, broadcast, by, chat, thread: *thread, card: *card };
            read_audience::give_up(attempt, post, end).await
        }
        JobKind::ExportBroadcast { broadcast, by, chat, thread } => {
            let (broadcast, by, chat) = (*broadcast, *by, *chat);
            let post = export_broadcast::Post { broadcast, by, chat, thread: *thread };
            export_broadcast::give_up(attempt, post, end).await
        }
        JobKind::ExportPerson(of) => export_person::give_up(attempt, *of, end).await,
        JobKind::SendStatistics { sort, span, by, chat, thread } => {
            let (sort, span, by, chat, thread) = (*sort, *span, *by, *chat, *thread);
            let post = send_statistics::Post { sort, span, by, chat, thread };
            send_statistics::give_up(attempt, post, end).await
        }
        // Nobody waits for it, and its schedule brings the next.
        _ => Ok(attempt.end(end).await?),
    }
}

/// Tells whoever waits for the job how it stands.
pub(super) async fn tell(
    attempt: &Attempt,
    kind: &JobKind,
    stage: CardStage,
) -> Result<(), JobError> {
    match kind {
        JobKind::ProcessUpload { material } => {
            process_upload::tell(attempt, *material, stage).await
        }
        _ => Ok(()),
    }
}
