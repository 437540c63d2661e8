//! Telegram's handles of our files, their renewal, and the round that checks them.

use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::Conn;
use crate::domain::clock::Timestamp;
use crate::domain::ids::MaterialId;
use crate::domain::material::Material;
use crate::domain::outgoing::{CopyOwner, StoredCopy};
use crate::store::error::StoreResult;
use crate::store::rows::MaterialRow;
use crate::store::schema::{contents, materials};
use crate::store::sql_types::Time;

/// The handle under which Telegram knows the file by now, if any.
pub async fn handle_of(connection: &mut Conn, copy: StoredCopy) -> StoreResult<Option<String>> {
    let handle: Option<String> = match &copy.owner {
        CopyOwner::Material(id) => materials::table
            .find(id.0)
            .filter(materials::hash.eq(&copy.hash))
            .select(materials::file_id)
            .get_result(connection)
            .await
            .optional()?,
        CopyOwner::Preview(content) => contents::table
            .find(content)
            .filter(contents::preview_hash.eq(&copy.hash))
            .select(contents::preview_file_id)
            .get_result::<Option<String>>(connection)
            .await
            .optional()?
            .flatten(),
        CopyOwner::Nobody => None,
    };
    Ok(handle.filter(|handle| !handle.is_empty()))
}

/// The handle is dead; another one may be there already.
pub async fn handle_forget(connection: &mut Conn, id: MaterialId, dead: String) -> StoreResult<()> {
    diesel::update(materials::table.find(id.0))
        .filter(materials::file_id.eq(dead))
        .set(materials::file_id.eq(""))
        .execute(connection)
        .await?;
    Ok(())
}

/// Published materials whose content was not checked since `before`, the longest unchecked first.
pub async fn materials_to_verify(
    connection: &mut Conn,
    before: Timestamp,
    limit: i64,
) -> StoreResult<Vec<Material>> {
    let rows: Vec<MaterialRow> = contents::table
        .inner_join(materials::table.on(materials::hash.eq(contents::hash.nullable())))
        .filter(materials::state.eq("published"))
        .filter(contents::verified_at.lt(Time(before)))
        .order(contents::verified_at)
        .limit(limit)
        .select(MaterialRow::as_select())
        .load(connection)
        .await?;
    rows.into_iter().map(Material::try_from).collect()
}

/// How many contents there are.
pub async fn contents_count(connection: &mut Conn) -> StoreResult<i64> {
    Ok(contents::table.select(count_star()).get_result(connection).await?)
}

/// A content and its handle were checked.
pub async fn content_verified(
    connection: &mut Conn,
    hash: String,
    now: Timestamp,
) -> StoreResult<()> {
    diesel::update(contents::table.find(hash))
        .set(contents::verified_at.eq(Time(now)))
        .execute(connection)
        .await?;
    Ok(())
}

/// Telegram knows the file under this handle from now on. A content that was replaced meanwhile
/// keeps what it has.
pub async fn handle_renew(
    connection: &mut Conn,
    copy: StoredCopy,
    file_id: String,
) -> StoreResult<()> {
    match &copy.owner {
        CopyOwner::Nobody => 0,
        CopyOwner::Material(id) => {
            diesel::update(materials::table.find(id.0))
                .filter(materials::hash.eq(&copy.hash))
                .set(materials::file_id.eq(file_id))
                .execute(connection)
                .await?
        }
        CopyOwner::Preview(content) => {
            diesel::update(contents::table.find(content))
                .filter(contents::preview_hash.eq(&copy.hash))
                .set(contents::preview_file_id.eq(file_id))
                .execute(connection)
                .await?
        }
    };
    Ok(())
}
