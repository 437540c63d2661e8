//! Rows of a batch of files.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use super::{corrupt, processing};
use crate::domain::batch::BatchEntry;
use crate::domain::ids::MaterialId;
use crate::domain::material::MaterialState;
use crate::store::error::StoreError;

#[derive(QueryableByName)]
pub struct BatchEntryRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Text)]
    processing: String,
    #[diesel(sql_type = Nullable<Text>)]
    rejection: Option<String>,
    #[diesel(sql_type = Text)]
    title: String,
    #[diesel(sql_type = Nullable<Text>)]
    double_title: Option<String>,
}

impl TryFrom<BatchEntryRow> for BatchEntry {
    type Error = StoreError;

    fn try_from(row: BatchEntryRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: MaterialId(row.id),
            state: MaterialState::from_name(&row.state).ok_or(corrupt("materials.state"))?,
            processing: processing(&row.processing, row.rejection.as_deref())?,
            title: row.title,
            duplicate_of: row.double_title,
        })
    }
}
