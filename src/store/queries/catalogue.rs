//! The tree of categories.

use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::Conn;
use super::{audit, shelf};
use crate::domain::audit::{AuditAction, AuditNote, COMMAND_LINE};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{CategoryId, UserId};
use crate::domain::material::{Category, Level, name_key};
use crate::domain::sections::CHILDREN_MAX;
use crate::domain::shelf::{COUNT_MAX, List};
use crate::store::error::{StoreError, StoreResult};
use crate::store::rows::{CategoryRow, storable};
use crate::store::schema::{categories, materials};
use crate::store::sql_types::Time;

/// The node that is meant by an id: itself, or the one of which it became part.
pub async fn live(connection: &mut Conn, id: CategoryId) -> StoreResult<Option<CategoryId>> {
    let found: Option<Option<i64>> = categories::table
        .find(id.0)
        .select(categories::merged_into)
        .get_result(connection)
        .await
        .optional()?;
    Ok(found.map(|merged_into| merged_into.map_or(id, CategoryId)))
}

/// The same for a material that may stand nowhere. None, too, when the node is gone.
pub async fn standing(
    connection: &mut Conn,
    id: Option<CategoryId>,
) -> StoreResult<Option<CategoryId>> {
    match id {
        Some(id) => live(connection, id).await,
        None => Ok(None),
    }
}

/// A node, or the one of which it became part, with the number of materials directly in it,
/// counted to one more than `COUNT_MAX`.
pub async fn category_get(connection: &mut Conn, id: CategoryId) -> StoreResult<Option<Category>> {
    let Some(id) = live(connection, id).await? else { return Ok(None) };
    let row: Option<CategoryRow> = categories::table
        .find(id.0)
        .select(CategoryRow::as_select())
        .get_result(connection)
        .await
        .optional()?;
    let Some(row) = row else { return Ok(None) };
    // A section is nobody's own.
    let (list, nobody) = (List::Section { category: id, level: None }, UserId(0));
    let materials = shelf::shelf_count(connection, list, nobody, COUNT_MAX + 1).await?;
    Ok(Some(category(row, materials)))
}

/// The nodes below a node (or at the top), by name.
pub async fn category_children(
    connection: &mut Conn,
    parent: Option<CategoryId>,
) -> StoreResult<Vec<Category>> {
    let mut query = categories::table
        .select(CategoryRow::as_select())
        .filter(categories::merged_into.is_null())
        .order(categories::title_key)
        .limit(i64::try_from(CHILDREN_MAX).unwrap_or(i64::MAX))
        .into_boxed();
    query = match parent {
        Some(parent) => query.filter(categories::parent_id.eq(parent.0)),
        None => query.filter(categories::parent_id.is_null()),
    };
    let rows: Vec<CategoryRow> = query.load(connection).await?;
    let ids: Vec<Option<i64>> = rows.iter().map(|row| Some(row.id)).collect();
    let counts: Vec<(Option<i64>, i64)> = materials::table
        .filter(materials::state.eq("published"))
        .filter(materials::category_id.eq_any(ids))
        .group_by(materials::category_id)
        .select((materials::category_id, count_star()))
        .load(connection)
        .await?;
    let with_count = rows.into_iter().map(|row| {
        let count = counts.iter().find(|(id, _)| *id == Some(row.id)).map_or(0, |(_, n)| *n);
        category(row, count)
    });
    Ok(with_count.collect())
}

/// The names of these nodes, in no order.
pub async fn category_titles(
    connection: &mut Conn,
    ids: Vec<CategoryId>,
) -> StoreResult<Vec<(CategoryId, String)>> {
    let rows: Vec<(i64, String)> = categories::table
        .filter(categories::id.eq_any(ids.into_iter().map(|id| id.0)))
        .select((categories::id, categories::title))
        .load(connection)
        .await?;
    Ok(rows.into_iter().map(|(id, title)| (CategoryId(id), title)).collect())
}

/// The levels of the materials directly in a node.
pub async fn category_levels(connection: &mut Conn, id: CategoryId) -> StoreResult<Vec<Level>> {
    // One look each: to read them from the materials would be to read them all.
    let mut levels = Vec::with_capacity(Level::ALL.len());
    for level in Level::ALL {
        let list = List::Section { category: id, level: Some(level) };
        if shelf::shelf_count(connection, list, UserId(0), 1).await? > 0 {
            levels.push(level);
        }
    }
    Ok(levels)
}

/// Adds a node from the command line.
pub async fn category_create(
    connection: &mut Conn,
    id: CategoryId,
    parent: Option<CategoryId>,
    title: String,
    now: Timestamp,
) -> StoreResult<()> {
    create(connection, id, parent, title, COMMAND_LINE, now).await
}

/// Adds a node. Of two with the same name below the same node the second is a conflict.
pub async fn create(
    connection: &mut Conn,
    id: CategoryId,
    parent: Option<CategoryId>,
    title: String,
    by: UserId,
    now: Timestamp,
) -> StoreResult<()> {
    let parent = match parent {
        Some(parent) => {
            Some(live(connection, parent).await?.ok_or(StoreError::Conflict { what: "category" })?)
        }
        None => None,
    };
    let title = storable(title);
    diesel::insert_into(categories::table)
        .values((
            categories::id.eq(id.0),
            categories::parent_id.eq(parent.map(|parent| parent.0)),
            categories::title_key.eq(name_key(&title)),
            categories::title.eq(title),
            categories::created_at.eq(Time(now)),
        ))
        .execute(connection)
        .await
        .map_err(|error| StoreError::unless_duplicate(error, "category"))?;
    audit::note(connection, AuditNote::plain(by, AuditAction::CreateSection, id.0), now).await
}

fn category(row: CategoryRow, materials: i64) -> Category {
    Category {
        id: CategoryId(row.id),
        parent: row.parent_id.map(CategoryId),
        title: row.title,
        materials,
    }
}
