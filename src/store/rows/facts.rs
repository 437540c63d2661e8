//! Rows of a look at a database.

use diesel::prelude::*;
use diesel::sql_types::Text;

/// A name and what is said of it.
#[derive(QueryableByName)]
pub struct FactRow {
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub value: String,
}
