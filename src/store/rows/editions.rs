//! Rows of editions: files that are kept, and the people who took them.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::domain::edition::Taker;
use crate::domain::ids::{MaterialId, UserId};
use crate::domain::lang::Lang;
use crate::store::error::StoreError;
use crate::store::schema::{editions, materials};
use crate::store::sql_types::Time;

/// What of a material belongs to its file. Whatever is added to `materials` and says something of
/// the content must stand here, too.
#[derive(Queryable, Selectable, AsChangeset)]
#[diesel(table_name = materials, treat_none_as_null = true)]
pub struct FileRow {
    pub kind: String,
    pub media_type: Option<String>,
    pub suggested_title: Option<String>,
    pub author: Option<String>,
    pub pages: Option<i32>,
    pub duration_s: Option<i32>,
    pub file_class: String,
    pub file_id: String,
    pub file_unique_id: String,
    pub file_name: Option<String>,
    pub declared_type: Option<String>,
    pub size: Option<i64>,
    pub hash: Option<String>,
    pub has_preview: bool,
}

#[derive(Insertable)]
#[diesel(table_name = editions, treat_none_as_default_value = false)]
pub struct NewEditionRow {
    material_id: i64,
    number: i32,
    hash: Option<String>,
    file_id: String,
    file_unique_id: String,
    file_class: String,
    file_name: Option<String>,
    size: Option<i64>,
    kept_as: Option<i64>,
    replaced_at: Time,
    replaced_by_user: i64,
}

impl NewEditionRow {
    /// The edition that is replaced.
    pub fn new(
        material: MaterialId,
        number: i32,
        file: &FileRow,
        kept_as: MaterialId,
        by: UserId,
        now: Time,
    ) -> Self {
        Self {
            material_id: material.0,
            number,
            hash: file.hash.clone(),
            file_id: file.file_id.clone(),
            file_unique_id: file.file_unique_id.clone(),
            file_class: file.file_class.clone(),
            file_name: file.file_name.clone(),
            size: file.size,
            kept_as: Some(kept_as.0),
            replaced_at: now,
            replaced_by_user: by.0,
        }
    }
}

#[derive(QueryableByName)]
pub struct TakerRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    lang: String,
}

impl TryFrom<TakerRow> for Taker {
    type Error = StoreError;

    fn try_from(row: TakerRow) -> Result<Self, StoreError> {
        let lang = Lang::from_tag(&row.lang).ok_or(StoreError::Corrupt { what: "users.lang" })?;
        Ok(Self { user: UserId(row.id), lang })
    }
}
