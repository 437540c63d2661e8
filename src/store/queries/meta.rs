//! Secrets and facts of this installation.

use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;

use super::super::Conn;
use crate::store::error::StoreResult;
use crate::store::rows::NumberRow;
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

/// Counts a key up and gives its new value. One statement: two processes that start together must
/// not get the same number.
pub async fn meta_count_up(connection: &mut Conn, key: String) -> StoreResult<i64> {
    let counted: NumberRow = diesel::sql_query(
        "INSERT INTO meta (key, value) VALUES ($1, '1')
         ON CONFLICT (key) DO UPDATE SET value = CAST(CAST(meta.value AS BIGINT) + 1 AS TEXT)
         RETURNING CAST(value AS BIGINT) AS number",
    )
    .bind::<Text, _>(key)
    .get_result(connection)
    .await?;
    Ok(counted.number)
}

/// Whether the database answers.
pub async fn ping(connection: &mut Conn) -> StoreResult<()> {
    diesel::select(diesel::dsl::sql::<diesel::sql_types::Integer>("1"))
        .get_result::<i32>(connection)
        .await?;
    Ok(())
}

/// Writes a word, to see whether anything can be written.
pub async fn probe_write(connection: &mut Conn) -> StoreResult<()> {
    diesel::insert_into(meta::table)
        .values((meta::key.eq("probe"), meta::value.eq("written")))
        .on_conflict(meta::key)
        .do_update()
        .set(meta::value.eq("written"))
        .execute(connection)
        .await?;
    Ok(())
}
