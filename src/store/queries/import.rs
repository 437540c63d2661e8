//! Materials that come complete: imported, not uploaded.
//!
//! Each takes one statement, and one for each of its parts; the index and the vocabulary take one
//! for a whole batch. Nobody is told of what is imported: a library that comes at once is no news
//! of any one of its materials.

use std::collections::BTreeMap;

use diesel_async::RunQueryDsl;

use super::super::{Conn, sql};
use super::{audit, contents, meta};
use crate::domain::audit::{AuditAction, AuditNote};
use crate::domain::clock::Timestamp;
use crate::store::error::{StoreError, StoreResult};
use crate::store::records::NewMaterial;
use crate::store::rows::ImportedRow;
use crate::store::schema::materials;

/// Publishes complete materials, with their parts and index, in one transaction.
pub async fn materials_import(
    connection: &mut Conn,
    batch: Vec<NewMaterial>,
    now: Timestamp,
) -> StoreResult<()> {
    meta::library_touch(connection).await?;
    // By word, so that two imports at once do not wait for each other.
    let mut words: BTreeMap<&str, i64> = BTreeMap::new();
    for new in &batch {
        diesel::insert_into(materials::table)
            .values(ImportedRow::published(new, now))
            .execute(connection)
            .await
            .map_err(|error| StoreError::unless_duplicate(error, "material"))?;
        if let Some(hash) = &new.hash {
            let size = new.file.size.unwrap_or_default();
            let found = (&new.inspection, new.preview.clone());
            contents::content_put(connection, hash, size, found, now).await?;
        }
        contents::parts_add(connection, new.id, &new.inspection, &new.part_terms).await?;
        audit::note(
            connection,
            AuditNote::plain(new.uploader, AuditAction::Publish, new.id.0),
            now,
        )
        .await?;
        for word in &new.terms.vocabulary {
            *words.entry(word).or_default() += 1;
        }
    }
    let ids: Vec<i64> = batch.iter().map(|new| new.id.0).collect();
    sql::search::index_materials(connection, &json(&ids)?).await?;
    let words: Vec<(&str, i64)> = words.into_iter().collect();
    sql::search::learn_words(connection, &json(&words)?).await?;
    Ok(())
}

fn json(values: &impl serde::Serialize) -> StoreResult<String> {
    serde_json::to_string(values).map_err(|_| StoreError::Corrupt { what: "import" })
}
