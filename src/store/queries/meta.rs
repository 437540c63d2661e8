//! Secrets and facts of this installation.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::{Conn, sql};
use crate::domain::clock::Timestamp;
use crate::store::error::StoreResult;
use crate::store::rows::NumberRow;
use crate::store::schema::meta;
use crate::store::statement::Statement;

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
    let counted: NumberRow = Statement::new(
        "INSERT INTO meta (key, value) VALUES ({}, '1')
         ON CONFLICT (key) DO UPDATE SET value = CAST(CAST(meta.value AS BIGINT) + 1 AS TEXT)
         RETURNING CAST(value AS BIGINT) AS number",
    )
    .text(&key)
    .get_result(connection)
    .await?;
    Ok(counted.number)
}

/// An instance begins a life. Gives whether its last one ended without [`run_end`]: by a kill, a
/// crash or a loss of power.
pub async fn run_begin(connection: &mut Conn, instance: String) -> StoreResult<bool> {
    let key = run_key(&instance);
    let before: Option<String> =
        meta::table.find(&key).select(meta::value).get_result(connection).await.optional()?;
    set(connection, &key, OPEN).await?;
    Ok(before.as_deref() == Some(OPEN))
}

/// An instance ends in order.
pub async fn run_end(connection: &mut Conn, instance: String) -> StoreResult<()> {
    let now = sql::clock(connection).await?.0;
    set(connection, &run_key(&instance), &format!("{ENDED}{}", now.timestamp_micros())).await
}

/// The mark of a life under way.
const OPEN: &str = "open";
/// The mark of a life that ended in order; microseconds since the Unix epoch follow.
const ENDED: &str = "ended@";

/// When a life ended in order, if it has.
pub fn run_ended(value: &str) -> Option<Timestamp> {
    let micros = value.strip_prefix(ENDED)?.parse().ok()?;
    Timestamp::from_timestamp_micros(micros)
}

/// The key of an instance's last life.
pub fn run_key(instance: &str) -> String {
    format!("run:{instance}")
}

/// The key of the number of an instance's starts.
pub fn epoch_key(instance: &str) -> String {
    format!("epoch:{instance}")
}

async fn set(connection: &mut Conn, key: &str, value: &str) -> StoreResult<()> {
    diesel::insert_into(meta::table)
        .values((meta::key.eq(key), meta::value.eq(value)))
        .on_conflict(meta::key)
        .do_update()
        .set(meta::value.eq(value))
        .execute(connection)
        .await?;
    Ok(())
}

/// Key of the library's version.
const LIBRARY_VERSION: &str = "library_version";

/// Counts the library's changes: whatever a search can find, or finds no more, raises it in its
/// own transaction. To be called before anything else that changes the library locks, so that two
/// that publish at once do not wait for each other.
pub async fn library_touch(connection: &mut Conn) -> StoreResult<()> {
    meta_count_up(connection, LIBRARY_VERSION.to_owned()).await.map(drop)
}

/// The library's version: the same as long as no search can have another result.
pub async fn library_version(connection: &mut Conn) -> StoreResult<i64> {
    let found: Option<NumberRow> =
        Statement::new("SELECT CAST(value AS BIGINT) AS number FROM meta WHERE key = {}")
            .text(LIBRARY_VERSION)
            .get_result(connection)
            .await
            .optional()?;
    Ok(found.map_or(0, |row| row.number))
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
