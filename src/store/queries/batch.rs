//! Batches of files: their editor's words about all of them, and the job that tends them.
//!
//! Invariant: whoever changes a file of a batch marks that job in the same transaction, after the
//! file. A mark on a job that runs brings it back when it ends, so that no change is missed.

use std::time::Duration;

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;

use super::super::{Conn, sql as own};
use super::{catalogue, jobs, materials as library, outbox};
use crate::domain::batch::{BatchChange, BatchEntry};
use crate::domain::clock::Timestamp;
use crate::domain::effect::NewJob;
use crate::domain::ids::{BatchId, MaterialId, UserId};
use crate::domain::inspection::Rejection;
use crate::domain::material::{Description, Level, Material, MaterialState, StudyLanguage};
use crate::domain::trace::Trace;
use crate::store::error::{StoreError, StoreResult};
use crate::store::meters;
use crate::store::records::{BatchFate, BatchLook, BatchVerdict};
use crate::store::rows::{BatchEntryRow, MaterialRow, storable};
use crate::store::schema::{materials, sessions};
use crate::store::sql_types::Time;
use crate::store::statement::Statement;

/// The card of a batch is edited at most once in this time.
const TEND_EVERY: Duration = Duration::from_secs(1);

/// Before all files: somebody looks at the card.
const TEND_PRIORITY: i32 = 100;

/// The files of a user's batch, in no order.
pub async fn batch_entries(
    connection: &mut Conn,
    batch: BatchId,
    user: UserId,
) -> StoreResult<Vec<BatchEntry>> {
    let rows: Vec<BatchEntryRow> = Statement::new(
        "SELECT m.id, m.state, m.processing, m.rejection, m.title, d.title AS double_title
         FROM materials m LEFT JOIN materials d ON d.id = m.duplicate_of
         WHERE m.batch_id = {} AND m.uploader_id = {}",
    )
    .long(batch.0)
    .long(user.0)
    .load(connection)
    .await?;
    rows.into_iter().map(BatchEntry::try_from).collect()
}

/// Files of a batch that wait to be published and can be.
pub async fn batch_due(
    connection: &mut Conn,
    batch: BatchId,
    limit: i64,
) -> StoreResult<Vec<Material>> {
    let rows: Vec<MaterialRow> = materials::table
        .filter(materials::batch_id.eq(batch.0))
        .filter(materials::state.eq(MaterialState::Waiting.name()))
        .filter(materials::processing.eq("ready"))
        .order(materials::id)
        .limit(limit)
        .select(MaterialRow::as_select())
        .load(connection)
        .await?;
    rows.into_iter().map(Material::try_from).collect()
}

/// What an editor says about their batch. Nothing of anybody else's is touched, and nothing that
/// is settled.
pub async fn batch_change(
    connection: &mut Conn,
    user: UserId,
    change: BatchChange,
) -> StoreResult<()> {
    match change {
        BatchChange::Join { id, batch, title, refused } => {
            join(connection, user, id, batch, title, refused).await
        }
        BatchChange::Rename { id, batch, title } => {
            let title = storable(title);
            diesel::update(materials::table.find(id.0))
                .filter(materials::uploader_id.eq(user.0))
                .filter(materials::batch_id.eq(batch.0))
                .filter(materials::state.eq(MaterialState::Open.name()))
                .set((materials::title.eq(&title), materials::suggested_title.eq(&title)))
                .execute(connection)
                .await?;
            Ok(())
        }
        BatchChange::Remove { id, batch } => {
            let removable = [MaterialState::Open.name(), MaterialState::Discarded.name()];
            let changed = diesel::update(materials::table.find(id.0))
                .filter(materials::uploader_id.eq(user.0))
                .filter(materials::batch_id.eq(batch.0))
                .filter(materials::state.eq_any(removable))
                .set((
                    materials::state.eq(MaterialState::Discarded.name()),
                    materials::batch_id.eq(None::<i64>),
                ))
                .execute(connection)
                .await?;
            if changed == 1 {
                own::search::delete_parts(connection, id.0).await?;
            }
            Ok(())
        }
        BatchChange::Settle { batch, description, to } => {
            settle(connection, user, batch, description, to).await
        }
    }
}

/// A file has no card of its own in a batch. A title that its editor gave stays; otherwise the
/// document's own is taken, now or when it is found.
async fn join(
    connection: &mut Conn,
    user: UserId,
    id: MaterialId,
    batch: BatchId,
    title: Option<String>,
    refused: Option<Rejection>,
) -> StoreResult<()> {
    let title = title.map(storable);
    let is_given = title.is_some();
    diesel::update(materials::table.find(id.0))
        .filter(materials::uploader_id.eq(user.0))
        .set((
            materials::batch_id.eq(batch.0),
            materials::card_chat_id.eq(None::<i64>),
            materials::card_outbox_id.eq(None::<i64>),
            title.as_ref().map(|title| materials::title.eq(title)),
            title.as_ref().map(|title| materials::suggested_title.eq(title)),
            refused.map(|_| materials::state.eq(MaterialState::Discarded.name())),
            refused.map(|_| materials::processing.eq("rejected")),
            refused.map(|reason| materials::rejection.eq(reason.name())),
        ))
        .execute(connection)
        .await?;
    if is_given {
        return Ok(());
    }
    diesel::update(materials::table.find(id.0))
        .filter(materials::uploader_id.eq(user.0))
        .filter(materials::suggested_title.is_not_null())
        .set(materials::title.eq(sql::<Text>("suggested_title")))
        .execute(connection)
        .await?;
    Ok(())
}

/// One word about all files that are still open.
async fn settle(
    connection: &mut Conn,
    user: UserId,
    batch: BatchId,
    description: Description,
    to: MaterialState,
) -> StoreResult<()> {
    let category = catalogue::standing(connection, description.category).await?;
    let open: Vec<i64> = diesel::update(materials::table)
        .filter(materials::uploader_id.eq(user.0))
        .filter(materials::batch_id.eq(batch.0))
        .filter(materials::state.eq(MaterialState::Open.name()))
        .set((
            materials::state.eq(to.name()),
            materials::category_id.eq(category.map(|category| category.0)),
            materials::level.eq(description.level.map(Level::name)),
            materials::language.eq(description.language.map(StudyLanguage::code)),
            materials::tags.eq(storable(description.tags.join(", "))),
        ))
        .returning(materials::id)
        .get_results(connection)
        .await?;
    if to == MaterialState::Discarded {
        for id in open {
            own::search::delete_parts(connection, id).await?;
        }
    }
    Ok(())
}

/// The document's own title becomes the title of a file of a batch, unless its editor gave one.
pub async fn take_own_title(
    connection: &mut Conn,
    id: MaterialId,
    title: Option<&str>,
) -> StoreResult<()> {
    let Some(title) = title else { return Ok(()) };
    diesel::update(materials::table.find(id.0))
        .filter(materials::batch_id.is_not_null())
        .filter(materials::suggested_title.is_null())
        .set(materials::title.eq(storable(title)))
        .execute(connection)
        .await?;
    Ok(())
}

/// Opens the job that tends a batch, or marks it.
pub async fn tend_enqueue(
    connection: &mut Conn,
    job: NewJob,
    payload: &str,
    queue: &str,
    trace: Option<Trace>,
    now: Timestamp,
) -> StoreResult<()> {
    let key = job.kind.unique_key();
    let origin = trace.map(|trace| trace.to_string());
    Statement::new(
        "INSERT INTO jobs
             (id, kind, payload, queue, priority, fairness_key, unique_key, run_at, created_at,
              trace)
         VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {})
         ON CONFLICT (id) DO UPDATE SET
             payload = excluded.payload,
             progress = CASE WHEN jobs.state = 'running' THEN 'again' ELSE NULL END,
             run_at = CASE WHEN jobs.state = 'ready' AND jobs.run_at < excluded.run_at
                      THEN jobs.run_at ELSE excluded.run_at END,
             faults = CASE WHEN jobs.state IN ('ready', 'running') THEN jobs.faults ELSE 0 END,
             state = CASE WHEN jobs.state = 'running' THEN jobs.state ELSE 'ready' END,
             done_at = NULL",
    )
    .long(job.id.0)
    .text(job.kind.name())
    .text(payload)
    .text(queue)
    .int(TEND_PRIORITY)
    .long(job.fairness_key)
    .text(&key)
    .time(Time(now + TEND_EVERY))
    .time(Time(now))
    .optional_text(origin.as_deref())
    .execute(connection)
    .await?;
    meters::enqueued(queue, job.kind.name(), 1);
    Ok(())
}

/// Marks the job that tends the batch of a file, if it is in one.
pub async fn tend_again(
    connection: &mut Conn,
    material: MaterialId,
    now: Timestamp,
) -> StoreResult<()> {
    Statement::new(
        "UPDATE jobs SET
             progress = CASE WHEN state = 'running' THEN 'again' ELSE NULL END,
             run_at = CASE WHEN state IN ('ready', 'running') THEN run_at ELSE {} END,
             faults = CASE WHEN state IN ('ready', 'running') THEN faults ELSE 0 END,
             state = CASE WHEN state = 'running' THEN state ELSE 'ready' END,
             done_at = NULL
         WHERE id = (SELECT batch_id FROM materials WHERE id = {})",
    )
    .time(Time(now + TEND_EVERY))
    .long(material.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// Puts a file that waits on the shelf, or away as a double. In doubt the caller looks again.
pub async fn batch_settle_one(connection: &mut Conn, verdict: BatchVerdict) -> StoreResult<()> {
    let BatchVerdict { job: (job, token), material: id, fate, now } = verdict;
    let (state, double) = match &fate {
        BatchFate::Publish(_) => (MaterialState::Waiting, None),
        BatchFate::Duplicate(of) => (MaterialState::Discarded, Some(of.0)),
    };
    let changed = diesel::update(materials::table.find(id.0))
        .filter(materials::state.eq(MaterialState::Waiting.name()))
        .filter(materials::processing.eq("ready"))
        .set((materials::state.eq(state.name()), materials::duplicate_of.eq(double)))
        .execute(connection)
        .await?;
    if changed == 0 {
        return Err(StoreError::Conflict { what: "material" });
    }
    match fate {
        BatchFate::Publish(terms) => {
            let queue = jobs::queue_of(connection, job).await?;
            library::shelve(connection, id, &terms, Some(&queue), now).await?;
        }
        BatchFate::Duplicate(_) => own::search::delete_parts(connection, id.0).await?,
    }
    let held = Statement::new(
        "UPDATE jobs SET token = token WHERE id = {} AND token = {} AND state = 'running'",
    )
    .long(job.0)
    .long(token)
    .execute(connection)
    .await?;
    still_ours(held)
}

/// Shows the card, if the dialog is as it was seen, and ends the attempt: for now when something
/// has marked the job meanwhile or there is more to do, otherwise until something does.
pub async fn batch_show(connection: &mut Conn, look: BatchLook) -> StoreResult<()> {
    let BatchLook { job: (job, token), edit, session, more, now } = look;
    if let Some((key, version)) = session {
        let same = diesel::update(sessions::table.find((key.chat.0, key.user.0, key.thread)))
            .filter(sessions::version.eq(version))
            .set(sessions::version.eq(version))
            .execute(connection)
            .await?;
        if same == 0 {
            return Err(StoreError::Conflict { what: "dialog" });
        }
    }
    let mark = more.then_some("again");
    let ended = Statement::new(
        "UPDATE jobs SET
             state = CASE WHEN COALESCE(progress, {}) IS NULL THEN 'done' ELSE 'ready' END,
             done_at = CASE WHEN COALESCE(progress, {}) IS NULL THEN {} ELSE NULL END,
             run_at = {}, progress = NULL, attempts = 0, faults = 0, suspicion = 0,
             error = NULL, lease_until = NULL
         WHERE id = {} AND token = {} AND state = 'running'",
    )
    .optional_text(mark)
    .optional_text(mark)
    .time(Time(now))
    .time(Time(now + TEND_EVERY))
    .long(job.0)
    .long(token)
    .execute(connection)
    .await?;
    still_ours(ended)?;
    // Last, as in a step of the chat, so that the two do not wait for each other.
    outbox::outbox_replace_edit(connection, edit, now).await?;
    Ok(())
}

fn still_ours(changed: usize) -> StoreResult<()> {
    if changed == 1 { Ok(()) } else { Err(StoreError::Conflict { what: "job lease" }) }
}
