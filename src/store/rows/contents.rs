//! Rows of what was found in files: contents and their parts.

use diesel::prelude::*;

use super::storable;
use crate::domain::ids::MaterialId;
use crate::domain::inspection::{Inspection, PartKind};
use crate::store::schema::contents;
use crate::store::sql_types::Time;

/// A part of a material's text.
pub struct NewPart {
    pub material: i64,
    pub number: i32,
    pub kind: PartKind,
    pub label: Option<String>,
    pub text: String,
}

impl NewPart {
    /// The parts of an inspection, in its order.
    pub fn all(
        material: MaterialId,
        inspection: &Inspection,
    ) -> impl ExactSizeIterator<Item = Self> {
        inspection.parts.iter().map(move |part| Self {
            material: material.0,
            number: i32::try_from(part.number).unwrap_or(i32::MAX),
            kind: inspection.part_kind,
            label: part.label.as_deref().map(storable),
            text: storable(part.text.as_str()),
        })
    }
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = contents, treat_none_as_default_value = false)]
pub struct ContentRow {
    pub hash: String,
    pub size: i64,
    pub media_type: String,
    pub part_kind: &'static str,
    pub width: Option<i32>,
    pub height: Option<i32>,
    pub codec: Option<String>,
    pub bit_rate_kbps: Option<i32>,
    pub entries: Option<i32>,
    pub preview_hash: Option<String>,
    pub created_at: Time,
    pub verified_at: Time,
}

impl ContentRow {
    pub fn new(hash: &str, size: u64, found: &Inspection, now: Time) -> Self {
        let number = |n: Option<u32>| n.and_then(|n| i32::try_from(n).ok());
        let measures = &found.measures;
        Self {
            hash: hash.to_owned(),
            size: i64::try_from(size).unwrap_or(i64::MAX),
            media_type: storable(found.media_type.as_str()),
            part_kind: found.part_kind.name(),
            width: number(measures.width),
            height: number(measures.height),
            codec: measures.codec.as_deref().map(storable),
            bit_rate_kbps: number(measures.bit_rate_kbps),
            entries: number(measures.entries),
            preview_hash: None,
            created_at: now,
            verified_at: now,
        }
    }
}
