//! The end of an upload's processing: results, index, card and job in one transaction.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::Conn;
use super::{batch, contents, jobs, materials as library, outbox};
use crate::domain::ids::MaterialId;
use crate::domain::inspection::{Inspection, Rejection};
use crate::domain::material::{MaterialState, Processing};
use crate::store::error::{StoreError, StoreResult};
use crate::store::records::{JobEnd, UploadOutcome, UploadResult};
use crate::store::rows::{processing_name, storable};
use crate::store::schema::{self, materials};

/// Writes the result, if the job is still ours and the material is as it was seen.
pub async fn upload_finish(connection: &mut Conn, result: UploadResult) -> StoreResult<()> {
    let (job, token) = result.job;
    let id = result.material;
    if let UploadOutcome::Failed { error, cause } = result.outcome {
        let dead = JobEnd::Dead { error, cause };
        jobs::job_end(connection, job, token, dead, result.now).await?;
        // Should somebody give the job another try, it is known what it was meant for.
        diesel::update(schema::jobs::table.find(job.0))
            .set(schema::jobs::result.eq(result.seen.name()))
            .execute(connection)
            .await?;
        reject(connection, id, result.seen, Rejection::Failed).await?;
        batch::tend_again(connection, id, result.now).await?;
        return outbox::outbox_insert(connection, result.outbox, result.now).await;
    }
    jobs::job_close(connection, job, token, "done", None, result.now).await?;
    match result.outcome {
        // Returned above.
        UploadOutcome::Failed { .. } => {}
        UploadOutcome::Ready { hash, size, inspection, preview, part_terms, publish } => {
            batch::take_own_title(connection, id, inspection.title.as_deref()).await?;
            let has_preview = preview.is_some();
            mark_ready(connection, id, result.seen, (&hash, size), &inspection, has_preview)
                .await?;
            let found = (&*inspection, preview);
            contents::content_put(connection, &hash, size, found, result.now).await?;
            contents::parts_put(connection, id, &inspection, &part_terms).await?;
            if let Some(terms) = publish {
                let queue = jobs::queue_of(connection, job).await?;
                library::shelve(connection, id, &terms, Some(&queue), result.now).await?;
            }
        }
        UploadOutcome::Duplicate { hash, of } => {
            let set = (
                materials::state.eq(MaterialState::Discarded.name()),
                materials::processing.eq(processing_name(Processing::Ready)),
                materials::hash.eq(hash),
                materials::duplicate_of.eq(of.0),
            );
            let changed = diesel::update(materials::table.find(id.0))
                .filter(materials::state.eq(result.seen.name()))
                .set(set)
                .execute(connection)
                .await?;
            expect_one(changed)?;
        }
        UploadOutcome::Rejected(reason) => {
            reject(connection, id, result.seen, reason).await?;
        }
    }
    batch::tend_again(connection, id, result.now).await?;
    outbox::outbox_insert(connection, result.outbox, result.now).await
}

async fn reject(
    connection: &mut Conn,
    id: MaterialId,
    seen: MaterialState,
    reason: Rejection,
) -> StoreResult<()> {
    let changed = diesel::update(materials::table.find(id.0))
        .filter(materials::state.eq(seen.name()))
        .set((
            materials::state.eq(MaterialState::Discarded.name()),
            materials::processing.eq("rejected"),
            materials::rejection.eq(reason.name()),
        ))
        .execute(connection)
        .await?;
    expect_one(changed)
}

/// Writes down what was found in a material's file. Of two with the same content that are published
/// the second is a conflict.
pub async fn mark_ready(
    connection: &mut Conn,
    id: MaterialId,
    seen: MaterialState,
    (hash, size): (&str, u64),
    found: &Inspection,
    has_preview: bool,
) -> StoreResult<()> {
    let text = |text: &Option<String>| text.as_deref().map(storable);
    let number = |n: Option<u32>| n.and_then(|n| i32::try_from(n).ok());
    let changed = diesel::update(materials::table.find(id.0))
        .filter(materials::state.eq(seen.name()))
        .set((
            materials::processing.eq(processing_name(Processing::Ready)),
            materials::hash.eq(hash),
            materials::has_preview.eq(has_preview),
            materials::size.eq(i64::try_from(size).ok()),
            materials::kind.eq(found.kind.name()),
            materials::media_type.eq(storable(found.media_type.as_str())),
            materials::suggested_title.eq(text(&found.title)),
            materials::author.eq(text(&found.author)),
            materials::pages.eq(number(found.pages)),
            // Telegram's own figure stays where the file gives none.
            found.duration_s.map(|seconds| materials::duration_s.eq(number(Some(seconds)))),
        ))
        .execute(connection)
        .await
        .map_err(|error| StoreError::unless_duplicate(error, "material"))?;
    expect_one(changed)
}

fn expect_one(changed: usize) -> StoreResult<()> {
    if changed == 1 { Ok(()) } else { Err(StoreError::Conflict { what: "material" }) }
}
