//! Candidates of a search, remembered queries, and the vocabulary.

use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;

use super::super::{Conn, sql};
use super::meta;
use crate::domain::clock::Timestamp;
use crate::domain::ids::{MaterialId, QueryId, UserId};
use crate::store::error::StoreResult;
use crate::store::records::{Candidates, PartCandidate, SearchRequest, TitleCandidate};
use crate::store::rows::storable;
use crate::store::schema::{queries, vocabulary};
use crate::store::sql_types::Time;
use crate::store::statement::Statement;

/// What may fit, unranked, with the library's version: read before the rest and over the same
/// connection, so that what was found is never older than it says.
pub async fn search_candidates(
    connection: &mut Conn,
    request: SearchRequest,
) -> StoreResult<Candidates> {
    let library = meta::library_version(connection).await?;
    let titles = sql::title_candidates(connection, &request).await?;
    let parts =
        if request.inside { sql::part_candidates(connection, &request).await? } else { Vec::new() };
    Ok(Candidates {
        library,
        titles: titles
            .into_iter()
            .map(|row| TitleCandidate {
                id: MaterialId(row.id),
                title_terms: row.title_terms,
                tag_terms: row.tag_terms,
            })
            .collect(),
        parts: parts
            .into_iter()
            .map(|row| PartCandidate {
                material: MaterialId(row.material_id),
                part: row.part_id,
                number: row.number,
            })
            .collect(),
    })
}

/// Keeps the words of a query under their name.
pub async fn query_remember(
    connection: &mut Conn,
    id: QueryId,
    text: String,
    user: Option<UserId>,
    now: Timestamp,
) -> StoreResult<()> {
    // Written once a day at most: its age is that of its newest button, to a day. It belongs to
    // whoever wrote it last, and goes with them: another's buttons then ask for the words again.
    Statement::new(
        "INSERT INTO queries (id, text, created_at, user_id) VALUES ({}, {}, {}, {})
         ON CONFLICT (id) DO UPDATE SET created_at = excluded.created_at, user_id = excluded.user_id
         WHERE queries.created_at < {} OR queries.user_id IS NULL",
    )
    .long(id.0)
    .text(&storable(text))
    .time(Time(now))
    .optional_long(user.map(|user| user.0))
    .time(Time(now - chrono::TimeDelta::days(1)))
    .execute(connection)
    .await?;
    Ok(())
}

/// The words of a remembered query.
pub async fn query_text(connection: &mut Conn, id: QueryId) -> StoreResult<Option<String>> {
    Ok(queries::table.find(id.0).select(queries::text).get_result(connection).await.optional()?)
}

/// Every word of titles and tags, with how many materials use it.
pub async fn vocabulary_all(connection: &mut Conn) -> StoreResult<Vec<(String, i64)>> {
    Ok(vocabulary::table.select((vocabulary::term, vocabulary::uses)).load(connection).await?)
}

/// How many words there are: tells whether a copy of them is still complete.
pub async fn vocabulary_size(connection: &mut Conn) -> StoreResult<i64> {
    Ok(vocabulary::table.select(count_star()).get_result(connection).await?)
}

/// Counts a word once more.
pub async fn word_learn(connection: &mut Conn, term: &str) -> StoreResult<()> {
    diesel::insert_into(vocabulary::table)
        .values((vocabulary::term.eq(term), vocabulary::uses.eq(1_i64)))
        .on_conflict(vocabulary::term)
        .do_update()
        .set(vocabulary::uses.eq(vocabulary::uses + excluded(vocabulary::uses)))
        .execute(connection)
        .await?;
    Ok(())
}
