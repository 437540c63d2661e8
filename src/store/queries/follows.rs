//! Who follows which section, and what the digest tells of.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::Conn;
use crate::domain::clock::Timestamp;
use crate::domain::digest::{Fresh, Section};
use crate::domain::ids::{CategoryId, UserId};
use crate::store::error::StoreResult;
use crate::store::rows::FreshRow;
use crate::store::schema::{categories, follows, materials};
use crate::store::sql_types::Time;

/// A person follows a section, or no more.
pub async fn follow_set(
    connection: &mut Conn,
    user: UserId,
    category: CategoryId,
    follow: bool,
    now: Timestamp,
) -> StoreResult<()> {
    if follow {
        let row = (
            follows::user_id.eq(user.0),
            follows::category_id.eq(category.0),
            follows::since.eq(Time(now)),
        );
        diesel::insert_into(follows::table)
            .values(row)
            .on_conflict_do_nothing()
            .execute(connection)
            .await?;
    } else {
        diesel::delete(follows::table.find((user.0, category.0))).execute(connection).await?;
    }
    Ok(())
}

/// Whether a person follows a section.
pub async fn follow_get(
    connection: &mut Conn,
    user: UserId,
    category: CategoryId,
) -> StoreResult<bool> {
    let found: Option<i64> = follows::table
        .find((user.0, category.0))
        .select(follows::category_id)
        .get_result(connection)
        .await
        .optional()?;
    Ok(found.is_some())
}

/// What these people follow, in no order.
pub async fn follows_of(
    connection: &mut Conn,
    users: Vec<UserId>,
) -> StoreResult<Vec<(UserId, CategoryId)>> {
    let rows: Vec<(i64, i64)> = follows::table
        .filter(follows::user_id.eq_any(users.into_iter().map(|user| user.0)))
        .select((follows::user_id, follows::category_id))
        .load(connection)
        .await?;
    Ok(rows.into_iter().map(|(user, category)| (UserId(user), CategoryId(category))).collect())
}

/// What was published in that time and stands in a section, newest first.
pub async fn materials_published_between(
    connection: &mut Conn,
    since: Timestamp,
    until: Timestamp,
    limit: i64,
) -> StoreResult<Vec<Fresh>> {
    let rows: Vec<FreshRow> = materials::table
        // In the words of the index `materials_new`.
        .filter(diesel::dsl::sql::<diesel::sql_types::Bool>("materials.state = 'published'"))
        .filter(materials::published_at.ge(Time(since)))
        .filter(materials::published_at.lt(Time(until)))
        .filter(materials::category_id.is_not_null())
        .order((materials::published_at.desc(), materials::id.desc()))
        .limit(limit)
        .select(FreshRow::as_select())
        .load(connection)
        .await?;
    rows.into_iter().filter_map(|row| row.fresh().transpose()).collect()
}

/// All sections, in no order.
pub async fn sections_all(connection: &mut Conn) -> StoreResult<Vec<Section>> {
    let rows: Vec<(i64, Option<i64>, String)> = categories::table
        .filter(categories::merged_into.is_null())
        .select((categories::id, categories::parent_id, categories::title))
        .load(connection)
        .await?;
    let section = |(id, parent, title): (i64, Option<i64>, String)| Section {
        id: CategoryId(id),
        parent: parent.map(CategoryId),
        title,
    };
    Ok(rows.into_iter().map(section).collect())
}
