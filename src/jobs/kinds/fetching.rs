//! A file from Telegram for a job: room first, then the transfer.

use tokio::time::Instant;

use super::super::attempt::Attempt;
use super::super::card::Progress;
use super::super::download::{DownloadError, DownloadLimits, Fetched, Transfer, Unwanted};
use super::super::error::JobError;
use super::super::meters::{self, InFlight};
use super::super::room::{Place, Request, RoomError};
use crate::domain::effect::CardStage;
use crate::domain::ids::UserId;
use crate::domain::inspection::Rejection;
use crate::library::blobs::AttemptId;

/// How often room is asked for again because the file is larger than was said.
const ROOMS_MAX: u32 = 3;

/// Which file, and for whom.
pub(super) struct Wanted<'a> {
    /// Telegram's handle.
    pub file_id: &'a str,
    /// Bytes, when Telegram tells.
    pub size: Option<u64>,
    /// Whose share of the room it takes.
    pub uploader: UserId,
    /// How much and how long.
    pub limits: DownloadLimits,
}

/// What came of a transfer.
pub(super) enum Got {
    /// The file, and the room that it takes until it is in its place.
    File(Fetched, Place),
    Refused(Rejection),
}

/// Waits for room and fetches the file. Both have limits of their own, so that an attempt's time does
/// not run meanwhile.
pub(super) async fn fetch(
    attempt: &Attempt,
    wanted: &Wanted<'_>,
    progress: &Progress,
    unwanted: &Unwanted,
) -> Result<Got, JobError> {
    let parts = &attempt.shop.parts;
    let limits = wanted.limits;
    let _held = attempt.stopwatch.hold();
    let (uploader, job) = (wanted.uploader.0, attempt.job.0);
    let mut size = wanted.size.unwrap_or(limits.max_bytes);
    for _ in 0..ROOMS_MAX {
        let request = Request { uploader, job, size };
        let waits = || progress.show(CardStage::AwaitingRoom);
        let place = match parts.room.take(&parts.blobs, request, waits).await {
            Ok(place) => place,
            Err(RoomError::Blobs(error)) if !error.is_full() => return Err(error.into()),
            Err(error) => return Ok(Got::Refused(no_space(&error))),
        };
        progress.show(CardStage::Downloading { done: 0, total: wanted.size });
        let _in_flight = InFlight::new(size);
        let begun = Instant::now();
        let transfer = Transfer {
            telegram: &parts.telegram,
            blobs: &parts.blobs,
            attempt: AttemptId { job, token: attempt.token },
            limits,
            place: &place,
            unwanted: unwanted.clone(),
            progress,
            random: parts.random,
        };
        match transfer.fetch(wanted.file_id).await {
            Ok(fetched) => {
                meters::upload_stage("download", begun.elapsed());
                meters::upload_bytes(fetched.size);
                return Ok(Got::File(fetched, place));
            }
            Err(DownloadError::Larger { size: larger }) => size = larger,
            Err(DownloadError::Rejected(rejection)) => return Ok(Got::Refused(rejection)),
            Err(error) if error.is_disk_full() => return Ok(Got::Refused(no_space(&error))),
            Err(error) => {
                if error.is_timeout() {
                    meters::timed_out("file_download");
                }
                return Err(error.into());
            }
        }
    }
    Err(DownloadError::Changed.into())
}

/// Trying again would fill the disk again. The editor hears of it, and may send the file later.
pub(super) fn no_space(error: &impl std::error::Error) -> Rejection {
    tracing::error!(%error, "upload refused: the disk is full");
    Rejection::NoSpace
}
