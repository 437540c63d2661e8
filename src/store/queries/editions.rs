//! Editions of a material's file: who took which, what takes its place, and who is told.
//!
//! Invariants: a material keeps its row whatever file it has; the file before is kept, with its
//! text, by the hidden material that brought the new one. So to undo is to replace once more, and
//! nothing is read twice. An edition's number is given once: of two that replace the same one, the
//! second is refused.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::Conn;
use super::{jobs, materials as library, meta, outbox, shelf};
use crate::domain::clock::Timestamp;
use crate::domain::edition::{Standing, Taker, Twin};
use crate::domain::ids::{JobId, MaterialId, UserId};
use crate::domain::material::MaterialState;
use crate::store::error::{StoreError, StoreResult};
use crate::store::records::{Announced, JobEnd, NewOutbox, Offer, TakersRequest};
use crate::store::rows::{FileRow, NewEditionRow, NewOutboxRow, NumberRow, TakerRow};
use crate::store::schema::{jobs as job_rows, materials, outbox as outbox_rows, replacements};
use crate::store::sql_types::Time;
use crate::store::statement::Statement;

/// Writes down that a person was given a material. What was given may have been replaced since it
/// was read: then it is the edition before.
pub async fn delivery_note(
    connection: &mut Conn,
    user: UserId,
    material: MaterialId,
    hash: Option<String>,
    now: Timestamp,
) -> StoreResult<()> {
    let taken: Option<NumberRow> = Statement::new(
        "INSERT INTO deliveries (user_id, material_id, edition, times, first_at, last_at)
         SELECT {}, m.id,
                (SELECT count(*) FROM editions e WHERE e.material_id = m.id)
                    + CASE WHEN COALESCE(m.hash, '') = {} THEN 1 ELSE 0 END,
                1, {}, {}
         FROM materials m WHERE m.id = {}
         ON CONFLICT (user_id, material_id) DO UPDATE SET
             edition = excluded.edition, times = deliveries.times + 1, last_at = excluded.last_at
         RETURNING times AS number",
    )
    .long(user.0)
    .text(hash.as_deref().unwrap_or_default())
    .time(Time(now))
    .time(Time(now))
    .long(material.0)
    .get_result(connection)
    .await
    .optional()?;
    if taken.is_some_and(|taken| taken.number == 1) {
        shelf::taker_count(connection, material).await?;
    }
    Ok(())
}

/// A hidden material holds a new file for a published one.
pub async fn replacement_mark(
    connection: &mut Conn,
    candidate: MaterialId,
    target: MaterialId,
) -> StoreResult<()> {
    diesel::insert_into(replacements::table)
        .values((replacements::candidate_id.eq(candidate.0), replacements::target_id.eq(target.0)))
        .execute(connection)
        .await?;
    Ok(())
}

/// The material for which a hidden one holds a file, if it does.
pub async fn replacement_target(
    connection: &mut Conn,
    candidate: MaterialId,
) -> StoreResult<Option<MaterialId>> {
    let target: Option<i64> = replacements::table
        .find(candidate.0)
        .select(replacements::target_id)
        .get_result(connection)
        .await
        .optional()?;
    Ok(target.map(MaterialId))
}

/// How the replacement of a material's file stands. `hash` is the content that would come.
pub async fn replacement_standing(
    connection: &mut Conn,
    target: MaterialId,
    editor: UserId,
    hash: Option<String>,
) -> StoreResult<Option<Standing>> {
    let Some(target) = library::material_get(connection, target).await? else { return Ok(None) };
    let edition = edition_number(connection, target.id).await?;
    let takers = takers_count(connection, target.id, edition, editor, hash).await?;
    let takers = u64::try_from(takers).unwrap_or_default();
    Ok(Some(Standing { target, edition, takers }))
}

/// The number of a material's present edition.
pub async fn edition_number(connection: &mut Conn, material: MaterialId) -> StoreResult<u32> {
    let past: NumberRow =
        Statement::new("SELECT count(*) AS number FROM editions WHERE material_id = {}")
            .long(material.0)
            .get_result(connection)
            .await?;
    Ok(u32::try_from(past.number).unwrap_or(u32::MAX).saturating_add(1))
}

/// How many would be told, were this edition replaced by that content.
async fn takers_count(
    connection: &mut Conn,
    material: MaterialId,
    edition: u32,
    editor: UserId,
    hash: Option<String>,
) -> StoreResult<i64> {
    let row: NumberRow = Statement::new(
        "SELECT count(*) AS number FROM deliveries d JOIN users u ON u.id = d.user_id
         WHERE d.material_id = {} AND d.edition <= {} AND d.user_id <> {}
           AND u.reachable AND u.last_seen_at > {}
           AND NOT EXISTS (SELECT 1 FROM editions e
                           WHERE e.material_id = d.material_id AND e.number = d.edition
                             AND e.hash = {})",
    )
    .long(material.0)
    .int(stored(edition))
    .long(editor.0)
    .time(Time(Timestamp::UNIX_EPOCH))
    .text(hash.as_deref().unwrap_or_default())
    .get_result(connection)
    .await?;
    Ok(row.number)
}

/// People who took an edition before this one with another content, and can be written to; by
/// their ids.
pub async fn edition_takers(
    connection: &mut Conn,
    request: TakersRequest,
) -> StoreResult<Vec<Taker>> {
    let rows: Vec<TakerRow> = Statement::new(
        "SELECT u.id, u.lang FROM deliveries d JOIN users u ON u.id = d.user_id
         WHERE d.material_id = {} AND d.user_id > {} AND d.edition < {} AND d.user_id <> {}
           AND u.reachable AND u.last_seen_at > {}
           AND NOT EXISTS (SELECT 1 FROM editions e JOIN materials m ON m.id = e.material_id
                           WHERE e.material_id = d.material_id AND e.number = d.edition
                             AND e.hash = m.hash)
         ORDER BY d.user_id LIMIT {} + 0",
    )
    .long(request.material.0)
    .long(request.after.0)
    .int(stored(request.edition))
    .long(request.editor.0)
    .time(Time(Timestamp::UNIX_EPOCH))
    .long(request.limit)
    .load(connection)
    .await?;
    rows.into_iter().map(Taker::try_from).collect()
}

/// Puts the file of a hidden material in the place of a published one's, and the other way round.
pub async fn material_replace(
    connection: &mut Conn,
    candidate: MaterialId,
    target: MaterialId,
    edition: u32,
    by: UserId,
    now: Timestamp,
) -> StoreResult<()> {
    // Also the lock: whoever replaces at the same time waits here, and then sees what was done.
    meta::library_touch(connection).await?;
    let old = file_of(connection, target, &[MaterialState::Published]).await?;
    let kept = [MaterialState::Open, MaterialState::Archived];
    let new = file_of(connection, candidate, &kept).await?;
    Statement::new("UPDATE editions SET kept_as = NULL WHERE material_id = {} AND kept_as = {}")
        .long(target.0)
        .long(candidate.0)
        .execute(connection)
        .await?;
    let row = NewEditionRow::new(target, stored(edition), &old, candidate, by, Time(now));
    diesel::insert_into(crate::store::schema::editions::table)
        .values(row)
        .execute(connection)
        .await
        .map_err(|error| StoreError::unless_duplicate(error, "edition"))?;
    diesel::update(materials::table.find(candidate.0))
        .set((materials::state.eq(MaterialState::Archived.name()), &old))
        .execute(connection)
        .await?;
    diesel::update(materials::table.find(target.0))
        .set(&new)
        .execute(connection)
        .await
        .map_err(|error| StoreError::unless_duplicate(error, "material"))?;
    swap_parts(connection, candidate, target).await
}

/// The processed file of a material in one of these states.
async fn file_of(
    connection: &mut Conn,
    id: MaterialId,
    states: &[MaterialState],
) -> StoreResult<FileRow> {
    materials::table
        .find(id.0)
        .filter(materials::processing.eq("ready"))
        .filter(materials::state.eq_any(states.iter().map(|state| state.name())))
        .select(FileRow::as_select())
        .get_result(connection)
        .await
        .optional()?
        .ok_or(StoreError::Conflict { what: "material" })
}

/// The parts keep their ids, and with them their place in the index of texts. While both sets
/// belong to one material, one of them has numbers that no part has.
async fn swap_parts(connection: &mut Conn, one: MaterialId, other: MaterialId) -> StoreResult<()> {
    Statement::new(
        "UPDATE parts SET material_id = {}, number = -1 - number WHERE material_id = {}",
    )
    .long(one.0)
    .long(other.0)
    .execute(connection)
    .await?;
    Statement::new("UPDATE parts SET material_id = {} WHERE material_id = {} AND number >= 0")
        .long(other.0)
        .long(one.0)
        .execute(connection)
        .await?;
    Statement::new("UPDATE parts SET number = -1 - number WHERE material_id = {} AND number < 0")
        .long(one.0)
        .execute(connection)
        .await?;
    Ok(())
}

/// Materials with that content that are not published and not thrown away, other than this one.
pub async fn material_twins(
    connection: &mut Conn,
    hash: String,
    id: MaterialId,
    person: UserId,
) -> StoreResult<Vec<Twin>> {
    // The condition of the index `materials_twins` in its own words.
    let is_twin = diesel::dsl::sql::<diesel::sql_types::Bool>(
        "materials.state IN ('open', 'draft', 'waiting', 'archived')",
    );
    let rows: Vec<(String, String, i64)> = materials::table
        .filter(is_twin)
        .filter(materials::hash.eq(hash))
        .filter(materials::id.ne(id.0))
        .order(materials::id)
        .limit(TWINS_MAX)
        .select((materials::state, materials::title, materials::uploader_id))
        .load(connection)
        .await?;
    let twin = |(state, title, uploader): (String, String, i64)| {
        let state = MaterialState::from_name(&state)
            .ok_or(StoreError::Corrupt { what: "materials.state" })?;
        Ok(Twin { state, title, own: uploader == person.0 })
    };
    rows.into_iter().map(twin).collect()
}

/// More of the same content tell nothing new.
const TWINS_MAX: i64 = 20;

/// How far the announcement of an edition is.
pub async fn announced(connection: &mut Conn, job: JobId) -> StoreResult<Announced> {
    let progress: Option<Option<String>> = job_rows::table
        .find(job.0)
        .select(job_rows::progress)
        .get_result(connection)
        .await
        .optional()?;
    match progress.flatten() {
        None => Ok(Announced::default()),
        Some(progress) => serde_json::from_str(&progress)
            .map_err(|_| StoreError::Corrupt { what: "jobs.progress" }),
    }
}

/// Enqueues the offers of one page and notes how far that is; each offer once, whoever makes it.
pub async fn announce_page(
    connection: &mut Conn,
    job: (JobId, i64),
    before: Announced,
    after: UserId,
    offers: Vec<Offer>,
    now: Timestamp,
) -> StoreResult<Announced> {
    let mut progress = Announced { after, ..before };
    for Offer { key, not_before, message } in offers {
        let row = NewOutboxRow::new(message, Time(now)).not_before(not_before.map(Time));
        let inserted = diesel::insert_into(outbox_rows::table)
            .values((row, outbox_rows::dedupe_key.eq(key)))
            .on_conflict_do_nothing()
            .execute(connection)
            .await?;
        progress.told = progress.told.saturating_add(u64::try_from(inserted).unwrap_or_default());
    }
    let (id, token) = job;
    let text = serde_json::to_string(&progress)
        .map_err(|_| StoreError::Corrupt { what: "jobs.progress" })?;
    let held = Statement::new(
        "UPDATE jobs SET progress = {} WHERE id = {} AND token = {} AND state = 'running'",
    )
    .text(&text)
    .long(id.0)
    .long(token)
    .execute(connection)
    .await?;
    if held == 1 { Ok(progress) } else { Err(StoreError::Conflict { what: "job lease" }) }
}

/// Ends a job together with what is said of its end.
pub async fn job_finish(
    connection: &mut Conn,
    job: (JobId, i64),
    messages: Vec<NewOutbox>,
    now: Timestamp,
) -> StoreResult<()> {
    jobs::job_close(connection, job.0, job.1, "done", None, now).await?;
    outbox::outbox_insert(connection, messages, now).await
}

/// Gives a job up together with what is said of it.
pub async fn job_give_up(
    connection: &mut Conn,
    job: (JobId, i64),
    end: JobEnd,
    messages: Vec<NewOutbox>,
    now: Timestamp,
) -> StoreResult<()> {
    jobs::job_end(connection, job.0, job.1, end, now).await?;
    outbox::outbox_insert(connection, messages, now).await
}

fn stored(edition: u32) -> i32 {
    i32::try_from(edition).unwrap_or(i32::MAX)
}
