//! Rows of the shelf.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};

use super::{EntryRow, corrupt, language, level};
use crate::domain::ids::{CategoryId, MaterialId, UserId};
use crate::domain::inspection::Kind;
use crate::domain::lang::Lang;
use crate::domain::likeness::{Facets, Neighbour};
use crate::domain::role::Role;
use crate::domain::shelf::{Addressee, Edge, Placed, Reason, Reporter};
use crate::store::error::StoreError;
use crate::store::sql_types::{Time, UtcTime};

/// An entry of a list by time.
#[derive(QueryableByName)]
pub struct TimedEntryRow {
    #[diesel(embed)]
    entry: EntryRow,
    #[diesel(sql_type = UtcTime)]
    at: Time,
}

impl TryFrom<TimedEntryRow> for Placed {
    type Error = StoreError;

    fn try_from(row: TimedEntryRow) -> Result<Self, StoreError> {
        placed(row.entry, row.at.0.timestamp_micros())
    }
}

/// An entry of a list by a number, or by id alone.
#[derive(QueryableByName)]
pub struct CountedEntryRow {
    #[diesel(embed)]
    entry: EntryRow,
    #[diesel(sql_type = BigInt)]
    at: i64,
}

impl TryFrom<CountedEntryRow> for Placed {
    type Error = StoreError;

    fn try_from(row: CountedEntryRow) -> Result<Self, StoreError> {
        placed(row.entry, row.at)
    }
}

fn placed(entry: EntryRow, at: i64) -> Result<Placed, StoreError> {
    let edge = Edge { at, id: entry.id };
    Ok(Placed { entry: entry.try_into()?, edge })
}

/// What may be like a material.
#[derive(QueryableByName)]
pub struct NeighbourRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    title_terms: String,
    #[diesel(sql_type = Text)]
    tag_terms: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    category_id: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    level: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    language: Option<String>,
    #[diesel(sql_type = Text)]
    kind: String,
}

impl TryFrom<NeighbourRow> for Neighbour {
    type Error = StoreError;

    fn try_from(row: NeighbourRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: MaterialId(row.id),
            title_terms: row.title_terms,
            tag_terms: row.tag_terms,
            facets: Facets {
                category: row.category_id.map(CategoryId),
                level: level(row.level.as_deref())?,
                language: language(row.language.as_deref())?,
                kind: Kind::from_name(&row.kind).ok_or(corrupt("materials.kind"))?,
            },
        })
    }
}

/// Who said that a file is broken, with what is known of them.
#[derive(QueryableByName)]
pub struct ReporterRow {
    #[diesel(sql_type = BigInt)]
    user_id: i64,
    #[diesel(sql_type = Text)]
    reason: String,
    #[diesel(sql_type = Nullable<Text>)]
    lang: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    role: Option<String>,
    #[diesel(sql_type = Nullable<Bool>)]
    may_be_told: Option<bool>,
}

impl TryFrom<ReporterRow> for Reporter {
    type Error = StoreError;

    fn try_from(row: ReporterRow) -> Result<Self, StoreError> {
        let user = UserId(row.user_id);
        let lang = row.lang.as_deref().and_then(Lang::from_tag);
        let role = row.role.as_deref().and_then(Role::from_name).unwrap_or_default();
        let told = lang.filter(|_| row.may_be_told == Some(true));
        Ok(Self {
            user,
            reason: Reason::from_name(&row.reason).ok_or(corrupt("breakages.reason"))?,
            addressee: told.map(|lang| Addressee { user, lang, is_editor: role.can_edit() }),
        })
    }
}
