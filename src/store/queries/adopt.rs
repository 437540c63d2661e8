//! People and files of a bot that was there before.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::{Conn, sql};
use super::{contents, import, jobs, meta, upload};
use crate::domain::audit::{AuditAction, AuditNote, COMMAND_LINE};
use crate::domain::clock::Timestamp;
use crate::domain::ids::MaterialId;
use crate::domain::material::MaterialState;
use crate::domain::role::Role;
use crate::store::error::{StoreError, StoreResult};
use crate::store::records::{AdoptedFile, AdoptedPerson, UploadOutcome, UploadResult};
use crate::store::rows::storable;
use crate::store::schema::{materials, users};
use crate::store::sql_types::Time;

/// Adds people who are not known; gives the ids of those who were not.
pub async fn adopt_people(
    connection: &mut Conn,
    batch: Vec<AdoptedPerson>,
    now: Timestamp,
) -> StoreResult<Vec<i64>> {
    let mut added = Vec::new();
    for person in batch {
        let rows = diesel::insert_into(users::table)
            .values((
                users::id.eq(person.id.0),
                users::first_name.eq(storable(person.first_name)),
                users::username.eq(person.username.map(storable)),
                users::lang.eq(person.lang.code()),
                users::role.eq(person.role.name()),
                users::reachable.eq(person.reachable),
                users::created_at.eq(Time(person.created_at)),
                users::last_seen_at.eq(Time(person.last_seen_at)),
            ))
            .on_conflict_do_nothing()
            .execute(connection)
            .await?;
        if rows == 0 {
            continue;
        }
        added.push(person.id.0);
        if person.role != Role::Learner {
            let role = Some(person.role.name().to_owned());
            let (by, action) = (COMMAND_LINE, AuditAction::SetRole);
            let note = AuditNote::changed(by, action, person.id.0, None, role);
            super::audit::note(connection, note, now).await?;
        }
    }
    Ok(added)
}

/// Which of these people are known.
pub async fn people_known(connection: &mut Conn, ids: Vec<i64>) -> StoreResult<Vec<i64>> {
    Ok(users::table.filter(users::id.eq_any(ids)).select(users::id).load(connection).await?)
}

/// Telegram's handles of all materials: each file's own, and the one that is the same for all bots.
pub async fn handles_known(connection: &mut Conn) -> StoreResult<Vec<(String, String)>> {
    Ok(materials::table
        .filter(materials::state.ne(MaterialState::Discarded.name()))
        .select((materials::file_id, materials::file_unique_id))
        .load(connection)
        .await?)
}

/// Publishes files of which only Telegram's handle is known, each with a job that looks into it.
pub async fn adopt_files(
    connection: &mut Conn,
    batch: Vec<AdoptedFile>,
    queue: String,
    now: Timestamp,
) -> StoreResult<()> {
    let new = batch.iter().map(|file| file.material.clone()).collect();
    import::materials_import(connection, new, now).await?;
    for file in batch {
        diesel::update(materials::table.find(file.material.id.0))
            .set((
                materials::created_at.eq(Time(file.created_at)),
                materials::published_at.eq(Time(file.created_at)),
            ))
            .execute(connection)
            .await?;
        jobs::job_enqueue(connection, file.job, queue.clone(), now).await?;
    }
    Ok(())
}

/// Writes down what was found in an adopted file. It stays on the shelf as it is; what is the
/// content of another one by now is a conflict.
pub async fn adopted_examined(connection: &mut Conn, result: UploadResult) -> StoreResult<()> {
    let UploadOutcome::Ready { hash, size, inspection, preview, part_terms, .. } = result.outcome
    else {
        return Err(StoreError::Corrupt { what: "adopted file" });
    };
    let (job, token) = result.job;
    let MaterialId(id) = result.material;
    meta::library_touch(connection).await?;
    jobs::job_close(connection, job, token, "done", None, result.now).await?;
    let has_preview = preview.is_some();
    let measured = (hash.as_str(), size);
    upload::mark_ready(
        connection,
        result.material,
        result.seen,
        measured,
        &inspection,
        has_preview,
    )
    .await?;
    contents::content_put(connection, &hash, size, (&inspection, preview), result.now).await?;
    contents::parts_put(connection, result.material, &inspection, &part_terms).await?;
    Ok(sql::search::index_material(connection, id).await?)
}
