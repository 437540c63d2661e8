//! Sections: renamed, moved, merged and removed.
//!
//! Invariants: the tree's rules are looked at once more in the transaction; a section that became
//! part of another keeps its row, which leads there and holds what is still to be moved; it leads to
//! a section that is there, never to one that leads on.

use std::collections::HashMap;

use diesel::dsl::{count_star, exists};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::{Conn, sql};
use super::{audit, follows, meta};
use crate::domain::audit::{AuditAction, AuditNote};
use crate::domain::broadcast::Audience;
use crate::domain::clock::Timestamp;
use crate::domain::desk::SectionCounts;
use crate::domain::ids::{CategoryId, UserId};
use crate::domain::material::{MaterialState, name_key};
use crate::domain::sections::{Misfit, Tree};
use crate::store::error::{StoreError, StoreResult};
use crate::store::rows::{IdRow, storable};
use crate::store::schema::{categories, follows as follow_rows, materials};
use crate::store::statement::Statement;

/// The tree has changed: decide again.
const CHANGED: StoreError = StoreError::Conflict { what: "category" };

/// Materials that a merger moves in its own transaction: what takes a moment. The rest follows.
const AT_ONCE: i64 = 500;

/// The section that is meant by an id: itself, or the one of which it became part.
pub async fn section_live(
    connection: &mut Conn,
    id: CategoryId,
) -> StoreResult<Option<CategoryId>> {
    super::catalogue::live(connection, id).await
}

/// What stands in these sections.
pub async fn section_counts(
    connection: &mut Conn,
    ids: Vec<CategoryId>,
) -> StoreResult<SectionCounts> {
    let rows: Vec<(String, i64)> = materials::table
        .filter(materials::category_id.eq_any(ids.into_iter().map(|id| Some(id.0))))
        .group_by(materials::state)
        .select((materials::state, count_star()))
        .load(connection)
        .await?;
    let mut counts = SectionCounts::default();
    for (state, count) in rows {
        let count = u64::try_from(count).unwrap_or_default();
        match MaterialState::from_name(&state) {
            Some(MaterialState::Published) => counts.published += count,
            Some(MaterialState::Archived | MaterialState::Waiting) => counts.kept += count,
            Some(MaterialState::Draft) => counts.drafts += count,
            Some(MaterialState::Open | MaterialState::Discarded) | None => {}
        }
    }
    Ok(counts)
}

/// Whether materials are still on their way into a section.
pub async fn section_is_filling(connection: &mut Conn, id: CategoryId) -> StoreResult<bool> {
    let found: Option<IdRow> = Statement::new(
        "SELECT c.id FROM categories c
         WHERE c.merged_into = {}
           AND EXISTS (SELECT 1 FROM materials m WHERE m.category_id = c.id) LIMIT 1",
    )
    .long(id.0)
    .get_result(connection)
    .await
    .optional()?;
    Ok(found.is_some())
}

async fn tree(connection: &mut Conn) -> StoreResult<Tree> {
    Ok(Tree::new(follows::sections_all(connection).await?))
}

fn fits<T>(verdict: Result<T, Misfit>) -> StoreResult<T> {
    verdict.map_err(|_| CHANGED)
}

/// Gives a section another name, if it still has the one that was seen.
pub async fn rename(
    connection: &mut Conn,
    id: CategoryId,
    before: String,
    title: String,
    by: UserId,
    now: Timestamp,
) -> StoreResult<()> {
    let title = storable(title);
    let changed = diesel::update(categories::table.find(id.0))
        .filter(categories::merged_into.is_null())
        .filter(categories::title.eq(&before))
        .set((categories::title.eq(&title), categories::title_key.eq(name_key(&title))))
        .execute(connection)
        .await
        .map_err(|error| StoreError::unless_duplicate(error, "category"))?;
    if changed == 0 {
        return Err(CHANGED);
    }
    let action = AuditAction::RenameSection;
    let note = AuditNote::changed(by, action, id.0, Some(before), Some(title));
    audit::note(connection, note, now).await
}

/// Puts a section elsewhere, with all that is below it.
pub async fn put(
    connection: &mut Conn,
    id: CategoryId,
    to: Option<CategoryId>,
    by: UserId,
    now: Timestamp,
) -> StoreResult<()> {
    let tree = tree(connection).await?;
    fits(tree.can_move(id, to))?;
    let before = tree.get(id).and_then(|section| section.parent);
    set_parent(connection, id, to).await?;
    let shown = |node: Option<CategoryId>| node.map(|node| node.to_string());
    let note = AuditNote::changed(by, AuditAction::MoveSection, id.0, shown(before), shown(to));
    audit::note(connection, note, now).await
}

async fn set_parent(
    connection: &mut Conn,
    id: CategoryId,
    to: Option<CategoryId>,
) -> StoreResult<()> {
    diesel::update(categories::table.find(id.0))
        .set(categories::parent_id.eq(to.map(|to| to.0)))
        .execute(connection)
        .await
        .map_err(|error| StoreError::unless_duplicate(error, "category"))?;
    Ok(())
}

/// Makes a section part of another. Sections of the same name below the two become one, all others
/// move; whoever follows the one follows the other.
pub async fn merge(
    connection: &mut Conn,
    from: CategoryId,
    to: CategoryId,
    by: UserId,
    now: Timestamp,
) -> StoreResult<()> {
    let plan = fits(tree(connection).await?.merge(from, to))?;
    // First of all, so that their names are free.
    for (one, other) in &plan.merged {
        lead(connection, *one, *other).await?;
    }
    for (section, to) in plan.moved {
        set_parent(connection, section, Some(to)).await?;
    }
    let after = Some(to.to_string());
    let note = AuditNote::changed(by, AuditAction::MergeSection, from.0, None, after);
    audit::note(connection, note, now).await?;
    tidy(connection, AT_ONCE).await?;
    Ok(())
}

/// One section leads to another from now on, and so does whatever led to it.
async fn lead(connection: &mut Conn, one: CategoryId, other: CategoryId) -> StoreResult<()> {
    diesel::update(categories::table)
        .filter(categories::id.eq(one.0).or(categories::merged_into.eq(one.0)))
        .set((
            categories::merged_into.eq(other.0),
            // What it stood below may be removed one day.
            categories::parent_id.eq(None::<i64>),
        ))
        .execute(connection)
        .await?;
    Statement::new(
        "INSERT INTO follows (user_id, category_id, since)
         SELECT user_id, {}, since FROM follows WHERE category_id = {}
         ON CONFLICT DO NOTHING",
    )
    .long(other.0)
    .long(one.0)
    .execute(connection)
    .await?;
    diesel::delete(follow_rows::table.filter(follow_rows::category_id.eq(one.0)))
        .execute(connection)
        .await?;
    readdress(connection, one, other).await
}

/// What is planned for the followers of one section goes to those of the other.
async fn readdress(connection: &mut Conn, one: CategoryId, other: CategoryId) -> StoreResult<()> {
    let audience = |category| {
        serde_json::to_string(&Audience::Followers { category })
            .map_err(|_| StoreError::Corrupt { what: "broadcasts.audience" })
    };
    let (one, other) = (audience(one)?, audience(other)?);
    let planned = [
        "UPDATE broadcasts SET audience = {}
         WHERE audience = {} AND state IN ('scheduled', 'running', 'paused') AND started_at IS NULL",
        "UPDATE broadcast_series SET audience = {} WHERE audience = {} AND ended_at IS NULL",
    ];
    for sql in planned {
        Statement::new(sql).text(&other).text(&one).execute(connection).await?;
    }
    Ok(())
}

/// Moves materials that still stand in sections which became part of others; gives how many.
pub async fn sections_tidy(connection: &mut Conn, limit: i64) -> StoreResult<usize> {
    meta::library_touch(connection).await?;
    tidy(connection, limit).await
}

async fn tidy(connection: &mut Conn, limit: i64) -> StoreResult<usize> {
    let is_in_it = materials::category_id.eq(categories::id.nullable());
    let left: Vec<(i64, Option<i64>)> = categories::table
        .filter(categories::merged_into.is_not_null())
        .filter(exists(materials::table.filter(is_in_it)))
        .select((categories::id, categories::merged_into))
        .load(connection)
        .await?;
    let leads: HashMap<i64, i64> =
        left.into_iter().filter_map(|(from, to)| Some((from, to?))).collect();
    let mut moved = 0;
    for (from, to) in leads {
        let room = limit.saturating_sub(i64::try_from(moved).unwrap_or(i64::MAX));
        if room <= 0 {
            break;
        }
        let rows: Vec<IdRow> = Statement::new(
            "UPDATE materials SET category_id = {}
             WHERE id IN (SELECT id FROM materials WHERE category_id = {} LIMIT {} + 0)
             RETURNING id",
        )
        .long(to)
        .long(from)
        .long(room)
        .load(connection)
        .await?;
        // The section is one of the facets in the index.
        let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
        sql::search::index_materials(connection, &serde_json::json!(ids).to_string()).await?;
        moved += ids.len();
    }
    Ok(moved)
}

/// Removes a section in which nothing stands. Drafts are asked for another one when they go on.
pub async fn delete(
    connection: &mut Conn,
    id: CategoryId,
    by: UserId,
    now: Timestamp,
) -> StoreResult<()> {
    let tree = tree(connection).await?;
    fits(tree.can_delete(id))?;
    let title = tree.get(id).map(|section| section.title.clone());
    let counts = section_counts(connection, vec![id]).await?;
    if counts.published > 0 || counts.kept > 0 || section_is_filling(connection, id).await? {
        return Err(CHANGED);
    }
    diesel::update(materials::table.filter(materials::category_id.eq(id.0)))
        .set(materials::category_id.eq(None::<i64>))
        .execute(connection)
        .await?;
    let ours = [id.0];
    diesel::delete(follow_rows::table.filter(follow_rows::category_id.eq_any(ours)))
        .execute(connection)
        .await?;
    let is_ours = categories::id.eq(id.0).or(categories::merged_into.eq(id.0));
    diesel::delete(categories::table.filter(is_ours))
        .execute(connection)
        .await
        .map_err(|error| StoreError::unless_duplicate(error, "category"))?;
    let note = AuditNote::changed(by, AuditAction::DeleteSection, id.0, title, None);
    audit::note(connection, note, now).await
}
