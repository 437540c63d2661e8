//! What was found in a content, whichever materials have it.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::{Conn, sql};
use crate::domain::clock::Timestamp;
use crate::domain::ids::MaterialId;
use crate::domain::inspection::{Inspection, PartKind};
use crate::domain::material::PreviewRef;
use crate::store::error::StoreResult;
use crate::store::records::PartText;
use crate::store::rows::{ContentRow, NewPart};
use crate::store::schema::{contents, parts};
use crate::store::sql_types::Time;

/// Writes down what was found, and the hash of its preview; found again, it is what was found last,
/// and an earlier preview stays where there is no new one.
pub async fn content_put(
    connection: &mut Conn,
    hash: &str,
    size: u64,
    (found, preview): (&Inspection, Option<String>),
    now: Timestamp,
) -> StoreResult<()> {
    let row = ContentRow { preview_hash: preview, ..ContentRow::new(hash, size, found, Time(now)) };
    diesel::insert_into(contents::table)
        .values(&row)
        .on_conflict(contents::hash)
        .do_update()
        .set(&row)
        .execute(connection)
        .await?;
    Ok(())
}

/// The picture of a content, if there is one.
pub async fn content_preview(
    connection: &mut Conn,
    hash: String,
) -> StoreResult<Option<PreviewRef>> {
    let row: Option<(Option<String>, Option<String>)> = contents::table
        .find(&hash)
        .select((contents::preview_hash, contents::preview_file_id))
        .get_result(connection)
        .await
        .optional()?;
    let Some((Some(preview), file_id)) = row else { return Ok(None) };
    Ok(Some(PreviewRef { content: hash, hash: preview, file_id: file_id.unwrap_or_default() }))
}

/// Replaces the parts of a material, which `terms` index in the same order.
pub async fn parts_put(
    connection: &mut Conn,
    material: MaterialId,
    found: &Inspection,
    terms: &[String],
) -> StoreResult<()> {
    sql::search::delete_parts(connection, material.0).await?;
    parts_add(connection, material, found, terms).await
}

/// Adds the parts of a material that has none, which `terms` index in the same order.
pub async fn parts_add(
    connection: &mut Conn,
    material: MaterialId,
    found: &Inspection,
    terms: &[String],
) -> StoreResult<()> {
    for (part, terms) in NewPart::all(material, found).zip(terms) {
        sql::search::insert_part(connection, &part, terms).await?;
    }
    Ok(())
}

/// These parts, by id.
pub async fn part_texts(connection: &mut Conn, ids: Vec<i64>) -> StoreResult<Vec<(i64, PartText)>> {
    let rows: Vec<(i64, String, Option<String>, String)> = parts::table
        .filter(parts::id.eq_any(ids))
        .select((parts::id, parts::kind, parts::label, parts::text))
        .load(connection)
        .await?;
    let part = |(id, kind, label, text): (i64, String, Option<String>, String)| {
        let kind = PartKind::from_name(&kind).unwrap_or_default();
        (id, PartText { kind, label, text })
    };
    Ok(rows.into_iter().map(part).collect())
}
