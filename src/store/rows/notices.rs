//! Rows of requests, and of what is kept of people.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use crate::domain::ids::{MaterialId, RequestId};
use crate::domain::request::{Request, RequestState};
use crate::store::error::StoreError;

#[derive(QueryableByName)]
pub struct RequestRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    words: String,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = BigInt)]
    demand: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    material_id: Option<i64>,
}

impl TryFrom<RequestRow> for Request {
    type Error = StoreError;

    fn try_from(row: RequestRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: RequestId(row.id),
            words: row.words,
            state: RequestState::from_name(&row.state)
                .ok_or(StoreError::Corrupt { what: "requests.state" })?,
            demand: u64::try_from(row.demand).unwrap_or_default(),
            material: row.material_id.map(MaterialId),
        })
    }
}

#[derive(QueryableByName)]
pub struct OpenRequestRow {
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    #[diesel(sql_type = Text)]
    pub words: String,
    #[diesel(sql_type = Text)]
    pub words_key: String,
}

#[derive(QueryableByName)]
pub struct TextRow {
    #[diesel(sql_type = Text)]
    pub text: String,
}

#[derive(QueryableByName)]
pub struct OptionalNumberRow {
    #[diesel(sql_type = Nullable<BigInt>)]
    pub number: Option<i64>,
}

#[derive(QueryableByName)]
pub struct KeyRow {
    #[diesel(sql_type = BigInt)]
    pub chat: i64,
    #[diesel(sql_type = BigInt)]
    pub person: i64,
    #[diesel(sql_type = BigInt)]
    pub thread: i64,
}

#[derive(QueryableByName)]
pub struct SectionAboveRow {
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub parent_id: Option<i64>,
    #[diesel(sql_type = Text)]
    pub title: String,
}

#[derive(QueryableByName)]
pub struct AboutRow {
    #[diesel(sql_type = BigInt)]
    pub copies: i64,
    #[diesel(sql_type = BigInt)]
    pub other_admins: i64,
    #[diesel(sql_type = Nullable<Text>)]
    pub role: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub under_way: Option<i64>,
}
