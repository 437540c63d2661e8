//! Rows of a search.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};

use super::corrupt;
use crate::domain::ids::{CategoryId, MaterialId};
use crate::domain::inspection::Kind;
use crate::domain::material::{Length, Level, StudyLanguage, Traits};
use crate::store::error::StoreError;
use crate::store::records::{CandidateMaterial, PartCandidate};
use crate::store::sql_types::{Time, UtcTime};

#[derive(QueryableByName)]
pub struct CandidateRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    title_terms: String,
    #[diesel(sql_type = Text)]
    tag_terms: String,
    #[diesel(sql_type = Nullable<Text>)]
    level: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    language: Option<String>,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    category_id: Option<i64>,
    #[diesel(sql_type = Nullable<Integer>)]
    pages: Option<i32>,
    #[diesel(sql_type = Nullable<Integer>)]
    duration_s: Option<i32>,
    #[diesel(sql_type = BigInt)]
    takers: i64,
    #[diesel(sql_type = UtcTime)]
    published_at: Time,
}

impl TryFrom<CandidateRow> for CandidateMaterial {
    type Error = StoreError;

    fn try_from(row: CandidateRow) -> Result<Self, StoreError> {
        let number = |n: Option<i32>| n.and_then(|n| u32::try_from(n).ok());
        Ok(Self {
            id: MaterialId(row.id),
            traits: Traits {
                level: row.level.as_deref().and_then(Level::from_name),
                kind: Kind::from_name(&row.kind).ok_or(corrupt("materials.kind"))?,
                language: row.language.as_deref().and_then(StudyLanguage::from_code),
                category: row.category_id.map(CategoryId),
                length: Length::of(number(row.pages), number(row.duration_s)),
            },
            title_terms: row.title_terms,
            tag_terms: row.tag_terms,
            takers: u32::try_from(row.takers).unwrap_or(u32::MAX),
            published_at: row.published_at.0,
        })
    }
}

#[derive(QueryableByName)]
pub struct PartCandidateRow {
    #[diesel(sql_type = BigInt)]
    material_id: i64,
    #[diesel(sql_type = BigInt)]
    part_id: i64,
    #[diesel(sql_type = Integer)]
    number: i32,
}

impl From<PartCandidateRow> for PartCandidate {
    fn from(row: PartCandidateRow) -> Self {
        Self { material: MaterialId(row.material_id), part: row.part_id, number: row.number }
    }
}
