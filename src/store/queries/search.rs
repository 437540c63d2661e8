//! Candidates of a search, remembered queries, and the vocabulary.

use std::collections::HashSet;

use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;

use super::super::{Conn, sql};
use super::meta;
use crate::domain::clock::Timestamp;
use crate::domain::ids::{MaterialId, QueryId, UserId};
use crate::store::error::StoreResult;
use crate::store::records::{CandidateMaterial, Candidates, PartCandidate, SearchRequest};
use crate::store::rows::storable;
use crate::store::schema::{queries, vocabulary};
use crate::store::sql_types::Time;
use crate::store::statement::Statement;

/// Parts are looked at so many times the limit where filters will take some away.
const FILTERED_PARTS: i64 = 2;

/// What may fit, unranked, with the library's version: read before the rest and over the same
/// connection, so that what was found is never older than it says.
///
/// Inside documents is looked only where title and tags do not give enough: what is found there
/// alone comes after these in any case.
pub async fn search_candidates(
    connection: &mut Conn,
    request: SearchRequest,
) -> StoreResult<Candidates> {
    let library = meta::library_version(connection).await?;
    let SearchRequest { filters, limit, inside, has_exclusions, .. } = request;
    let ids = sql::search::title_ids(connection, &request).await?;
    let titles_cut = is_full(ids.len(), limit);
    let titles = candidates(connection, ids, true).await?;
    if titles_cut || !inside {
        let is_cut = titles_cut;
        return Ok(Candidates { library, titles, is_cut, ..Candidates::default() });
    }
    let limit = if filters.is_empty() { limit } else { limit * FILTERED_PARTS };
    let rows = sql::search::part_candidates(connection, &request, limit).await?;
    let is_cut = is_full(rows.len(), limit);
    let mut parts: Vec<PartCandidate> = rows.into_iter().map(PartCandidate::from).collect();
    let by_title: HashSet<MaterialId> = titles.iter().map(|title| title.id).collect();
    let mut hosts: Vec<i64> = parts.iter().map(|part| part.material.0).collect();
    hosts.retain(|id| !by_title.contains(&MaterialId(*id)));
    hosts.sort_unstable();
    hosts.dedup();
    let mut hosts = candidates(connection, hosts, has_exclusions).await?;
    hosts.retain(|host| filters.let_through(host.traits));
    let of_hosts: HashSet<MaterialId> = hosts.iter().map(|host| host.id).collect();
    let is_shown = |id: &MaterialId| by_title.contains(id) || of_hosts.contains(id);
    parts.retain(|part| is_shown(&part.material));
    Ok(Candidates { library, titles, parts, hosts, is_cut })
}

fn is_full(count: usize, limit: i64) -> bool {
    usize::try_from(limit).is_ok_and(|limit| count >= limit)
}

/// What ranks these materials, in no order.
async fn candidates(
    connection: &mut Conn,
    ids: Vec<i64>,
    with_terms: bool,
) -> StoreResult<Vec<CandidateMaterial>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids = serde_json::to_string(&ids).unwrap_or_default();
    let rows = if with_terms {
        sql::search::candidates(connection, &ids).await?
    } else {
        sql::search::candidates_without_terms(connection, &ids).await?
    };
    rows.into_iter().map(CandidateMaterial::try_from).collect()
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
    Ok(vocabulary::table
        .filter(vocabulary::uses.gt(0))
        .select((vocabulary::term, vocabulary::uses))
        .load(connection)
        .await?)
}

/// How many words there are: tells whether a copy of them is still complete.
pub async fn vocabulary_size(connection: &mut Conn) -> StoreResult<i64> {
    Ok(vocabulary::table
        .filter(vocabulary::uses.gt(0))
        .select(count_star())
        .get_result(connection)
        .await?)
}

/// Counts a word once less: a word that nothing uses is as if it were not there.
pub async fn word_unlearn(connection: &mut Conn, term: &str) -> StoreResult<()> {
    Statement::new("UPDATE vocabulary SET uses = uses - 1 WHERE term = {} AND uses > 0")
        .text(term)
        .execute(connection)
        .await?;
    Ok(())
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
