//! Secrets and facts of this installation.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::Conn;
use crate::store::error::StoreResult;
use crate::store::schema::meta;

/// The value of a key; `value` is stored first if there is none.
pub async fn meta_get_or_set(
    connection: &mut Conn,
    key: String,
    value: String,
) -> StoreResult<String> {
    diesel::insert_into(meta::table)
        .values((meta::key.eq(&key), meta::value.eq(&value)))
        .on_conflict_do_nothing()
        .execute(connection)
        .await?;
    Ok(meta::table.find(&key).select(meta::value).get_result(connection).await?)
}

/// Counts a key up and gives its new value.
pub async fn meta_count_up(connection: &mut Conn, key: String) -> StoreResult<i64> {
    let before: Option<String> =
        meta::table.find(&key).select(meta::value).get_result(connection).await.optional()?;
    let number = before.and_then(|value| value.parse::<i64>().ok()).unwrap_or(0) + 1;
    let value = number.to_string();
    diesel::insert_into(meta::table)
        .values((meta::key.eq(&key), meta::value.eq(&value)))
        .on_conflict(meta::key)
        .do_update()
        .set(meta::value.eq(&value))
        .execute(connection)
        .await?;
    Ok(number)
}

/// Whether the database answers.
pub async fn ping(connection: &mut Conn) -> StoreResult<()> {
    diesel::select(diesel::dsl::sql::<diesel::sql_types::Integer>("1"))
        .get_result::<i32>(connection)
        .await?;
    Ok(())
}
