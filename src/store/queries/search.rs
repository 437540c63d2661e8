//! Candidates of a search, remembered queries, and the vocabulary.

use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::{Conn, sql};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{MaterialId, QueryId};
use crate::store::error::StoreResult;
use crate::store::records::{Candidates, PartCandidate, SearchRequest, TitleCandidate};
use crate::store::rows::storable;
use crate::store::schema::{parts, queries, vocabulary, vocabulary_trigrams};
use crate::store::sql_types::Time;

/// What may fit, unranked.
pub async fn search_candidates(
    connection: &mut Conn,
    request: SearchRequest,
) -> StoreResult<Candidates> {
    let titles = sql::title_candidates(connection, &request).await?;
    let parts =
        if request.inside { sql::part_candidates(connection, &request).await? } else { Vec::new() };
    Ok(Candidates {
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

/// The texts of these parts, by id.
pub async fn part_texts(connection: &mut Conn, ids: Vec<i64>) -> StoreResult<Vec<(i64, String)>> {
    Ok(parts::table
        .filter(parts::id.eq_any(ids))
        .select((parts::id, parts::text))
        .load(connection)
        .await?)
}

/// Keeps the words of a query under their name.
pub async fn query_remember(
    connection: &mut Conn,
    id: QueryId,
    text: String,
    now: Timestamp,
) -> StoreResult<()> {
    diesel::insert_into(queries::table)
        .values((
            queries::id.eq(id.0),
            queries::text.eq(storable(text)),
            queries::created_at.eq(Time(now)),
        ))
        .on_conflict_do_nothing()
        .execute(connection)
        .await?;
    Ok(())
}

/// The words of a remembered query.
pub async fn query_text(connection: &mut Conn, id: QueryId) -> StoreResult<Option<String>> {
    Ok(queries::table.find(id.0).select(queries::text).get_result(connection).await.optional()?)
}

/// Which of these words the library knows.
pub async fn vocabulary_known(
    connection: &mut Conn,
    words: Vec<String>,
) -> StoreResult<Vec<String>> {
    Ok(vocabulary::table
        .filter(vocabulary::term.eq_any(words))
        .select(vocabulary::term)
        .load(connection)
        .await?)
}

/// Known words that share most trigrams with a word, with how often they occur.
pub async fn vocabulary_near(
    connection: &mut Conn,
    trigrams: Vec<String>,
    limit: i64,
) -> StoreResult<Vec<(String, i64)>> {
    let near: Vec<(String, i64)> = vocabulary_trigrams::table
        .filter(vocabulary_trigrams::trigram.eq_any(trigrams))
        .group_by(vocabulary_trigrams::term)
        .order((count_star().desc(), vocabulary_trigrams::term))
        .limit(limit)
        .select((vocabulary_trigrams::term, count_star()))
        .load(connection)
        .await?;
    let terms: Vec<String> = near.into_iter().map(|(term, _)| term).collect();
    Ok(vocabulary::table
        .filter(vocabulary::term.eq_any(terms))
        .select((vocabulary::term, vocabulary::uses))
        .load(connection)
        .await?)
}
