//! Materials: reading, lists, and their way from upload to shelf.

use diesel::prelude::*;
use diesel::result::Error as DieselError;
use diesel_async::RunQueryDsl;

use super::super::{Conn, sql};
use super::{audit, catalogue, meta, search, tell};
use crate::domain::audit::{AuditAction, AuditNote};
use crate::domain::clock::Timestamp;
use crate::domain::event::FileRef;
use crate::domain::ids::{MaterialId, UserId};
use crate::domain::inspection::Kind;
use crate::domain::material::{
    Card, Description, Level, Material, MaterialState, Processing, StudyLanguage,
};
use crate::domain::search_page::Entry;
use crate::store::error::{StoreError, StoreResult};
use crate::store::records::Terms;
use crate::store::rows::{MaterialRow, NewMaterialRow, processing_name, storable};
use crate::store::schema::materials;
use crate::store::sql_types::Time;

/// A material, if it exists.
pub async fn material_get(connection: &mut Conn, id: MaterialId) -> StoreResult<Option<Material>> {
    let row: Option<MaterialRow> = materials::table
        .find(id.0)
        .select(MaterialRow::as_select())
        .get_result(connection)
        .await
        .optional()?;
    row.map(Material::try_from).transpose()
}

/// The published material with that content, if there is one.
pub async fn material_by_hash(
    connection: &mut Conn,
    hash: String,
) -> StoreResult<Option<Material>> {
    let row: Option<MaterialRow> = materials::table
        .filter(materials::state.eq("published"))
        .filter(materials::hash.eq(hash))
        .select(MaterialRow::as_select())
        .get_result(connection)
        .await
        .optional()?;
    row.map(Material::try_from).transpose()
}

/// Published materials of these ids, in no order.
pub async fn materials_by_ids(
    connection: &mut Conn,
    ids: Vec<MaterialId>,
) -> StoreResult<Vec<Material>> {
    let rows: Vec<MaterialRow> = materials::table
        .filter(materials::id.eq_any(ids.into_iter().map(|id| id.0)))
        .filter(materials::state.eq("published"))
        .select(MaterialRow::as_select())
        .load(connection)
        .await?;
    rows.into_iter().map(Material::try_from).collect()
}

/// List entries of these materials, as far as they are published, in no order.
pub async fn entries_by_ids(
    connection: &mut Conn,
    ids: Vec<MaterialId>,
) -> StoreResult<Vec<Entry>> {
    let rows = sql::entries_by_ids(connection, ids.into_iter().map(|id| id.0).collect()).await?;
    rows.into_iter().map(Entry::try_from).collect()
}

/// Throws away a material whose processing was cancelled.
pub async fn withdraw(connection: &mut Conn, id: MaterialId) -> StoreResult<()> {
    let states = [MaterialState::Open, MaterialState::Draft, MaterialState::Waiting];
    diesel::update(materials::table.find(id.0))
        .filter(materials::processing.eq(processing_name(Processing::Pending)))
        .filter(materials::state.eq_any(states.map(MaterialState::name)))
        .set(materials::state.eq(MaterialState::Discarded.name()))
        .execute(connection)
        .await?;
    Ok(())
}

/// Throws away a person's own material that is not processed yet. If it is by now, or is thrown away
/// already, decide again.
pub async fn withdraw_own(connection: &mut Conn, id: MaterialId, user: UserId) -> StoreResult<()> {
    let states = [MaterialState::Open, MaterialState::Draft, MaterialState::Waiting];
    let changed = diesel::update(materials::table.find(id.0))
        .filter(materials::uploader_id.eq(user.0))
        .filter(materials::processing.eq(processing_name(Processing::Pending)))
        .filter(materials::state.eq_any(states.map(MaterialState::name)))
        .set(materials::state.eq(MaterialState::Discarded.name()))
        .execute(connection)
        .await?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Conflict { what: "material" }) }
}

/// A material in the making.
pub async fn material_open(
    connection: &mut Conn,
    id: MaterialId,
    file: FileRef,
    title: String,
    uploader: UserId,
    card: Card,
    now: Timestamp,
) -> StoreResult<()> {
    let row = NewMaterialRow {
        id: id.0,
        state: MaterialState::Open.name(),
        processing: processing_name(Processing::Pending),
        title: storable(title),
        kind: Kind::Document.name(),
        duration_s: file.duration_s.and_then(|seconds| i32::try_from(seconds).ok()),
        file_class: file.class.field(),
        file_id: file.file_id,
        file_unique_id: file.unique_id,
        file_name: file.name.map(storable),
        declared_type: file.mime.map(storable),
        size: file.size.and_then(|size| i64::try_from(size).ok()),
        uploader_id: uploader.0,
        card_chat_id: Some(card.chat.0),
        card_outbox_id: Some(card.outbox.0),
        created_at: Time(now),
    };
    diesel::insert_into(materials::table).values(row).execute(connection).await?;
    Ok(())
}

/// Writes the description down and puts the material into its state, unless its processing has
/// moved on since it was `seen`. What is published needs terms, and the queue of the job that tells.
pub async fn material_settle(
    connection: &mut Conn,
    id: MaterialId,
    description: Description,
    to: MaterialState,
    seen: Processing,
    shelf: Option<(Terms, &str)>,
    now: Timestamp,
) -> StoreResult<()> {
    let category = catalogue::standing(connection, description.category).await?;
    if description.category.is_some() && category.is_none() && is_for_learners(to) {
        return Err(StoreError::Conflict { what: "category" });
    }
    let changed = diesel::update(materials::table.find(id.0))
        .filter(materials::processing.eq(processing_name(seen)))
        .filter(materials::state.eq_any([MaterialState::Open.name(), MaterialState::Draft.name()]))
        .set((
            materials::state.eq(to.name()),
            description.title.map(|title| materials::title.eq(storable(title))),
            materials::category_id.eq(category.map(|category| category.0)),
            materials::level.eq(description.level.map(Level::name)),
            materials::language.eq(description.language.map(StudyLanguage::code)),
            materials::tags.eq(storable(description.tags.join(", "))),
        ))
        .execute(connection)
        .await
        .map_err(duplicate_is_conflict)?;
    if changed == 0 {
        return Err(StoreError::Conflict { what: "material" });
    }
    match (to, shelf) {
        (MaterialState::Published, Some((terms, queue))) => {
            shelve(connection, id, &terms, Some(queue), now).await
        }
        (MaterialState::Discarded, _) => Ok(sql::search::delete_parts(connection, id.0).await?),
        _ => Ok(()),
    }
}

/// Puts a material whose title and tags are final on the shelf: published, indexed, its words
/// learnt, and told of by a job of that queue when it is there for the first time.
pub async fn shelve(
    connection: &mut Conn,
    id: MaterialId,
    terms: &Terms,
    tell: Option<&str>,
    now: Timestamp,
) -> StoreResult<()> {
    meta::library_touch(connection).await?;
    if let Some(queue) = tell {
        tell::tell_enqueue(connection, id, queue, now).await?;
    }
    let by: i64 = diesel::update(materials::table.find(id.0))
        .set((
            materials::state.eq(MaterialState::Published.name()),
            materials::title_terms.eq(&terms.title),
            materials::tag_terms.eq(&terms.tags),
            materials::published_at.eq(Time(now)),
        ))
        .returning(materials::uploader_id)
        .get_result(connection)
        .await
        .map_err(duplicate_is_conflict)?;
    sql::search::index_material(connection, id.0).await?;
    // In one order everywhere, so that two that publish at once do not wait for each other.
    let mut vocabulary: Vec<_> = terms.vocabulary.iter().collect();
    vocabulary.sort();
    for word in vocabulary {
        search::word_learn(connection, word).await?;
    }
    // Whatever is published was described by whoever has sent it.
    let note = AuditNote::plain(UserId(by), AuditAction::Publish, id.0);
    audit::note(connection, note, now).await
}

/// Whether whoever describes it wants learners to find it.
const fn is_for_learners(state: MaterialState) -> bool {
    matches!(state, MaterialState::Published | MaterialState::Waiting)
}

/// Two editors publish the same content: the second decides again, and sees the first.
fn duplicate_is_conflict(error: DieselError) -> StoreError {
    StoreError::unless_duplicate(error, "material")
}
