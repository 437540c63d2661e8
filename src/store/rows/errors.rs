//! Rows of errors by groups.

use diesel::prelude::*;

use crate::store::records::ErrorGroup;
use crate::store::schema::error_groups;
use crate::store::sql_types::Time;

#[derive(Queryable, Selectable)]
#[diesel(table_name = error_groups)]
pub struct ErrorGroupRow {
    fingerprint: String,
    place: String,
    text: String,
    count: i64,
    first_at: Time,
    last_at: Time,
    trace: Option<String>,
}

impl From<ErrorGroupRow> for ErrorGroup {
    fn from(row: ErrorGroupRow) -> Self {
        Self {
            fingerprint: row.fingerprint,
            place: row.place,
            text: row.text,
            count: row.count,
            first_at: row.first_at.0,
            last_at: row.last_at.0,
            trace: row.trace,
        }
    }
}
