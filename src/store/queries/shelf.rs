//! The learners' shelf: what is popular.
//!
//! Invariant: `popularity.takers` is the number of people who have ever taken the material: it is
//! counted up in the transaction that writes their first delivery, and nowhere else.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::Conn;
use crate::domain::ids::MaterialId;
use crate::store::error::StoreResult;
use crate::store::schema::popularity;
use crate::store::statement::Statement;

/// One more person has taken a material.
pub async fn taker_count(connection: &mut Conn, material: MaterialId) -> StoreResult<()> {
    Statement::new(
        "INSERT INTO popularity (material_id, takers) VALUES ({}, 1)
         ON CONFLICT (material_id) DO UPDATE SET takers = popularity.takers + 1",
    )
    .long(material.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// How many people have taken a material.
pub async fn takers(connection: &mut Conn, material: MaterialId) -> StoreResult<i64> {
    let counted: Option<i64> = popularity::table
        .find(material.0)
        .select(popularity::takers)
        .get_result(connection)
        .await
        .optional()?;
    Ok(counted.unwrap_or(0))
}
