//! `adopt_file`: looks into a file that came from another bot by its handle alone.
//!
//! Invariant: whatever comes of it, the material stays on the shelf as it is, for Telegram delivers
//! it by its handle. What cannot be fetched or read is only not searched inside.

use std::time::Duration;

use super::super::attempt::Attempt;
use super::super::card::Progress;
use super::super::download::Unwanted;
use super::super::error::{Cause, JobError};
use super::process_upload::{self, Found};
use crate::domain::ids::MaterialId;
use crate::domain::inspection::Rejection;
use crate::domain::material::MaterialState;
use crate::store::StoreError;
use crate::store::records::{UploadOutcome, UploadResult};

/// How long a file waits at least for room on the disk.
const ROOM_PAUSE: Duration = Duration::from_mins(10);

/// Looks into the file of a material.
pub(super) async fn run(attempt: &Attempt, id: MaterialId) -> Result<(), JobError> {
    let parts = &attempt.shop.parts;
    let found = parts.db.material_get(id).await?;
    let wanted = |state| matches!(state, MaterialState::Published | MaterialState::Archived);
    let Some(material) = found.filter(|it| wanted(it.state) && it.hash.is_none()) else {
        return attempt.close().await;
    };
    // Nobody watches: there is no card.
    let (progress, _unseen) = Progress::new();
    let looked = process_upload::look(attempt, &material, &progress, &Unwanted::default()).await?;
    process_upload::forget(attempt).await;
    let sound = match looked {
        Found::Sound(sound) => sound,
        Found::Double(_) => {
            tracing::info!(material.id = id.0, "adopted file is the same as another");
            return attempt.close().await;
        }
        // Nobody is there to send it again: it waits for room.
        Found::Refused(Rejection::NoSpace) => {
            return Err(JobError::Retry { cause: Cause::Room, counts: false, after: ROOM_PAUSE });
        }
        Found::Refused(reason) => {
            let reason = reason.name();
            tracing::warn!(material.id = id.0, reason, "adopted file is not searched inside");
            return attempt.close().await;
        }
    };
    let result = UploadResult {
        job: (attempt.job, attempt.token),
        material: id,
        seen: material.state,
        outcome: UploadOutcome::Ready {
            hash: sound.hash.to_string(),
            size: sound.size,
            inspection: Box::new(sound.inspection),
            preview: sound.preview.map(|preview| preview.to_string()),
            part_terms: sound.part_terms,
            publish: None,
        },
        outbox: Vec::new(),
        now: parts.clock.now(),
    };
    match parts.db.adopted_examined(result).await {
        // It has changed, or somebody has published the same content: there is no more to do.
        Err(StoreError::Conflict { what: "material" }) => attempt.close().await,
        done => Ok(done?),
    }
}
