//! A material that comes complete.

use diesel::Insertable;

use super::processing_name;
use crate::domain::clock::Timestamp;
use crate::domain::inspection::Kind;
use crate::domain::material::{MaterialState, Processing};
use crate::store::records::NewMaterial;
use crate::store::schema::materials;
use crate::store::sql_types::Time;

#[derive(Insertable)]
#[diesel(table_name = materials, treat_none_as_default_value = false)]
pub struct ImportedRow {
    id: i64,
    state: &'static str,
    processing: &'static str,
    title: String,
    title_terms: String,
    tags: String,
    tag_terms: String,
    category_id: Option<i64>,
    level: Option<String>,
    language: Option<String>,
    kind: &'static str,
    media_type: String,
    pages: Option<i32>,
    duration_s: Option<i32>,
    file_class: &'static str,
    file_id: String,
    file_unique_id: String,
    file_name: Option<String>,
    declared_type: Option<String>,
    size: Option<i64>,
    hash: Option<String>,
    has_preview: bool,
    uploader_id: i64,
    created_at: Time,
    published_at: Time,
}

impl ImportedRow {
    pub fn published(new: &NewMaterial, now: Timestamp) -> Self {
        let NewMaterial { file, description, inspection, terms, .. } = new.clone();
        let number = |n: Option<u32>| n.and_then(|n| i32::try_from(n).ok());
        Self {
            id: new.id.0,
            state: MaterialState::Published.name(),
            processing: processing_name(Processing::Ready),
            title: description.title.unwrap_or_default(),
            title_terms: terms.title,
            tags: description.tags.join(", "),
            tag_terms: terms.tags,
            category_id: description.category.map(|category| category.0),
            level: description.level.map(|level| level.name().to_owned()),
            language: description.language.map(|language| language.code().to_owned()),
            kind: Kind::name(inspection.kind),
            media_type: inspection.media_type,
            pages: number(inspection.pages),
            duration_s: number(inspection.duration_s),
            file_class: file.class.field(),
            file_id: file.file_id,
            file_unique_id: file.unique_id,
            file_name: file.name,
            declared_type: file.mime,
            size: file.size.and_then(|size| i64::try_from(size).ok()),
            hash: new.hash.clone(),
            has_preview: new.preview.is_some(),
            uploader_id: new.uploader.0,
            created_at: Time(now),
            published_at: Time(now),
        }
    }
}
