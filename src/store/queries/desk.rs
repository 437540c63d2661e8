//! The editors' desk: changes of what is published.
//!
//! Invariants: whoever changes a material waits for whoever does at the same time, by the library's
//! version; a change of one that has had more changes than its editor has seen is refused; index,
//! vocabulary and audit log change with it.

use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel_async::RunQueryDsl;

use super::super::{Conn, sql};
use super::{audit, catalogue, editions, meta, search, sections};
use crate::domain::audit::{AuditAction, AuditDetails, AuditNote, AuditSubject};
use crate::domain::button::Field;
use crate::domain::clock::Timestamp;
use crate::domain::desk::{DeskChange, DeskMaterial, MaterialEdit};
use crate::domain::ids::{CategoryId, MaterialId, UserId};
use crate::domain::material::MaterialState;
use crate::domain::search::vocabulary_terms;
use crate::domain::search_page::Entry;
use crate::store::error::{StoreError, StoreResult};
use crate::store::records::Terms;
use crate::store::rows::{EntryRow, NumberRow, storable};
use crate::store::schema::materials;
use crate::store::statement::Statement;

/// Somebody else has changed it: decide again.
const CHANGED: StoreError = StoreError::Conflict { what: "material" };

/// A material that is, or was, published, with its newest change. Hidden ones, which hold files of
/// others, are none.
pub async fn desk_material(
    connection: &mut Conn,
    id: MaterialId,
) -> StoreResult<Option<DeskMaterial>> {
    let known: Option<String> = materials::table
        .find(id.0)
        .filter(materials::published_at.is_not_null())
        .select(materials::state)
        .get_result(connection)
        .await
        .optional()?;
    let is_ours = known
        .as_deref()
        .and_then(MaterialState::from_name)
        .is_some_and(|state| matches!(state, MaterialState::Published | MaterialState::Archived));
    if !is_ours {
        return Ok(None);
    }
    let version = version(connection, id).await?;
    let newest = audit::newest_of(connection, AuditSubject::Material, id.0).await?;
    let standing = editions::replacement_standing(connection, id, UserId(0), None).await?;
    Ok(standing.map(|standing| DeskMaterial { standing, version, newest }))
}

/// How many changes a material has had.
async fn version(connection: &mut Conn, id: MaterialId) -> StoreResult<u32> {
    let row: NumberRow = Statement::new(
        "SELECT count(*) AS number FROM audit WHERE subject = 'material' AND subject_id = {}",
    )
    .long(id.0)
    .get_result(connection)
    .await?;
    Ok(u32::try_from(row.number).unwrap_or(u32::MAX))
}

/// What was taken out, newest first, before a given one.
pub async fn archived_list(
    connection: &mut Conn,
    before: Option<MaterialId>,
    limit: i64,
) -> StoreResult<Vec<Entry>> {
    // The condition of the index `materials_archived` in its own words.
    let is_archived = diesel::dsl::sql::<Bool>(
        "materials.state = 'archived' AND materials.published_at IS NOT NULL",
    );
    let rows: Vec<EntryRow> = materials::table
        .filter(is_archived)
        .filter(materials::id.lt(before.map_or(i64::MAX, |before| before.0)))
        .order(materials::id.desc())
        .limit(limit)
        .select(EntryRow::as_select())
        .load(connection)
        .await?;
    rows.into_iter().map(Entry::try_from).collect()
}

/// What an editor does at the desk.
pub async fn change(
    connection: &mut Conn,
    change: DeskChange,
    terms: Option<Terms>,
    by: UserId,
    now: Timestamp,
) -> StoreResult<()> {
    // Also the lock: see the module's invariants.
    meta::library_touch(connection).await?;
    match change {
        DeskChange::Edit(edit) => self::edit(connection, *edit, terms, by, now).await,
        DeskChange::Shelve { material, seen, back, is_undo, words } => {
            expect(connection, material, seen).await?;
            shelve(connection, material, back, &words).await?;
            let action = match (is_undo, back) {
                (true, _) => AuditAction::Undo,
                (false, true) => AuditAction::Restore,
                (false, false) => AuditAction::Archive,
            };
            audit::note(connection, AuditNote::plain(by, action, material.0), now).await
        }
        DeskChange::Rename { section, before, title } => {
            sections::rename(connection, section, before, title, by, now).await
        }
        DeskChange::Move { section, to } => sections::put(connection, section, to, by, now).await,
        DeskChange::Merge { from, to } => sections::merge(connection, from, to, by, now).await,
        DeskChange::Delete(section) => sections::delete(connection, section, by, now).await,
    }
}

async fn expect(connection: &mut Conn, id: MaterialId, seen: u32) -> StoreResult<()> {
    if version(connection, id).await? == seen { Ok(()) } else { Err(CHANGED) }
}

async fn edit(
    connection: &mut Conn,
    edit: MaterialEdit,
    terms: Option<Terms>,
    by: UserId,
    now: Timestamp,
) -> StoreResult<()> {
    let id = edit.material;
    expect(connection, id, edit.seen).await?;
    let state = set_field(connection, &edit).await?;
    if let Some(terms) = terms {
        diesel::update(materials::table.find(id.0))
            .set((materials::title_terms.eq(&terms.title), materials::tag_terms.eq(&terms.tags)))
            .execute(connection)
            .await?;
        if state == MaterialState::Published.name() {
            unlearn(connection, &edit.words_before).await?;
            learn(connection, &edit.words).await?;
        }
    }
    // Its facets, too.
    sql::search::index_material(connection, id.0).await?;
    let action = if edit.is_undo { AuditAction::Undo } else { AuditAction::Edit };
    let details = AuditDetails {
        field: Some(edit.change.field.name().to_owned()),
        before: edit.change.before,
        after: edit.change.after,
        ..AuditDetails::default()
    };
    audit::note(connection, AuditNote { actor: by, action, subject: id.0, details }, now).await
}

/// Gives a material the value of a field, and the state that it is in.
async fn set_field(connection: &mut Conn, edit: &MaterialEdit) -> StoreResult<String> {
    let value = edit.change.after.clone().map(storable);
    let category = match edit.change.field {
        Field::Category => Some(category(connection, value.as_deref()).await?),
        _ => None,
    };
    let material = materials::table.find(edit.material.0);
    let states = [MaterialState::Published.name(), MaterialState::Archived.name()];
    let target = diesel::update(material)
        .filter(materials::state.eq_any(states))
        .filter(materials::published_at.is_not_null());
    macro_rules! set {
        ($change:expr) => {
            target.set($change).returning(materials::state).get_result(connection).await
        };
    }
    let changed = match edit.change.field {
        Field::Title => set!(materials::title.eq(value.unwrap_or_default())),
        Field::Tags => set!(materials::tags.eq(value.unwrap_or_default())),
        Field::Level => set!(materials::level.eq(value)),
        Field::Language => set!(materials::language.eq(value)),
        Field::Category => set!(materials::category_id.eq(category.flatten())),
    };
    let state: Option<String> =
        changed.map_err(|error| StoreError::unless_duplicate(error, "category")).or_missing()?;
    state.ok_or(CHANGED)
}

/// The section that is meant, which may be part of another by now.
async fn category(connection: &mut Conn, id: Option<&str>) -> StoreResult<Option<i64>> {
    let Some(id) = id.and_then(|id| id.parse().ok()) else { return Ok(None) };
    let live = catalogue::live(connection, CategoryId(id)).await?;
    live.map(|live| Some(live.0)).ok_or(StoreError::Conflict { what: "category" })
}

/// A row that is not there is none.
trait OrMissing<T> {
    fn or_missing(self) -> StoreResult<Option<T>>;
}

impl<T> OrMissing<T> for StoreResult<T> {
    fn or_missing(self) -> StoreResult<Option<T>> {
        match self {
            Ok(found) => Ok(Some(found)),
            Err(StoreError::Query { source: diesel::result::Error::NotFound, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Takes a material out, or puts it back as it was. Of its content there may be another by now.
async fn shelve(
    connection: &mut Conn,
    id: MaterialId,
    back: bool,
    words: &(String, String),
) -> StoreResult<()> {
    let (from, to) = (MaterialState::Published, MaterialState::Archived);
    let (from, to) = if back { (to, from) } else { (from, to) };
    let changed = diesel::update(materials::table.find(id.0))
        .filter(materials::state.eq(from.name()))
        .filter(materials::published_at.is_not_null())
        .set(materials::state.eq(to.name()))
        .execute(connection)
        .await
        .map_err(|error| StoreError::unless_duplicate(error, "material"))?;
    if changed == 0 {
        return Err(CHANGED);
    }
    sql::search::index_material(connection, id.0).await?;
    if back { learn(connection, words).await } else { unlearn(connection, words).await }
}

async fn learn(connection: &mut Conn, words: &(String, String)) -> StoreResult<()> {
    for word in vocabulary_of(words) {
        search::word_learn(connection, &word).await?;
    }
    Ok(())
}

async fn unlearn(connection: &mut Conn, words: &(String, String)) -> StoreResult<()> {
    for word in vocabulary_of(words) {
        search::word_unlearn(connection, &word).await?;
    }
    Ok(())
}

/// Words of a title and tags, each once, in the order in which everybody locks them.
fn vocabulary_of((title, tags): &(String, String)) -> Vec<String> {
    let mut words = vocabulary_terms(title);
    words.extend(vocabulary_terms(tags));
    words.sort_unstable();
    words.dedup();
    words
}
