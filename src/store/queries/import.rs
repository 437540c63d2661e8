//! Materials that come complete: imported, not uploaded.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::Conn;
use super::{contents, materials as library};
use crate::domain::clock::Timestamp;
use crate::domain::material::{Level, StudyLanguage};
use crate::store::error::StoreResult;
use crate::store::records::NewMaterial;
use crate::store::rows::NewMaterialRow;
use crate::store::schema::materials;

/// Publishes complete materials, with their parts and index, in one transaction.
pub async fn materials_import(
    connection: &mut Conn,
    batch: Vec<NewMaterial>,
    now: Timestamp,
) -> StoreResult<()> {
    for new in batch {
        let id = new.id;
        let row = NewMaterialRow::complete(&new, now);
        diesel::insert_into(materials::table).values(row).execute(connection).await?;
        let number = |n: Option<u32>| n.and_then(|n| i32::try_from(n).ok());
        diesel::update(materials::table.find(id.0))
            .set((
                materials::tags.eq(new.description.tags.join(", ")),
                materials::category_id.eq(new.description.category.map(|category| category.0)),
                materials::level.eq(new.description.level.map(Level::name)),
                materials::language.eq(new.description.language.map(StudyLanguage::code)),
                materials::kind.eq(new.inspection.kind.name()),
                materials::media_type.eq(&new.inspection.media_type),
                materials::pages.eq(number(new.inspection.pages)),
                materials::hash.eq(&new.hash),
                materials::has_preview.eq(new.preview.is_some()),
            ))
            .execute(connection)
            .await?;
        if let Some(hash) = &new.hash {
            let size = new.file.size.unwrap_or_default();
            contents::content_put(
                connection,
                hash,
                size,
                (&new.inspection, new.preview.clone()),
                now,
            )
            .await?;
        }
        contents::parts_put(connection, id, &new.inspection, &new.part_terms).await?;
        // Nobody is told of a whole library that comes at once: that is no news of any one of them,
        // and a thousand messages to each follower.
        library::shelve(connection, id, &new.terms, None, now).await?;
    }
    Ok(())
}
