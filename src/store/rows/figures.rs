//! Rows of what is counted for the metrics.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::store::records::FilesCount;

#[derive(QueryableByName)]
pub struct StateCountRow {
    #[diesel(sql_type = Text)]
    pub state: String,
    #[diesel(sql_type = BigInt)]
    pub number: i64,
}

#[derive(QueryableByName)]
pub struct OutboxDeadRow {
    #[diesel(sql_type = Text)]
    pub class: String,
    #[diesel(sql_type = BigInt)]
    pub number: i64,
}

#[derive(QueryableByName)]
pub struct FilesCountRow {
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Text)]
    processing: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = BigInt)]
    number: i64,
}

impl From<FilesCountRow> for FilesCount {
    fn from(row: FilesCountRow) -> Self {
        let FilesCountRow { state, processing, kind, number } = row;
        Self { state, processing, kind, count: number }
    }
}
