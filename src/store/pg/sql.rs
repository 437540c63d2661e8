//! The statements that PostgreSQL needs in its own words. `lite/sql.rs` holds the same functions.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};
use diesel_async::RunQueryDsl;

use super::Conn;
use crate::domain::inspection::Kind;
use crate::domain::material::{Level, StudyLanguage};
use crate::store::records::SearchRequest;
use crate::store::rows::{EntryRow, NewUpdateRow, PartCandidateRow, TitleCandidateRow};
use crate::store::schema::{materials, updates};
use crate::store::sql_types::{Time, UtcTime};

/// Inserts what is not known yet; gives how many were.
pub async fn insert_updates(connection: &mut Conn, rows: Vec<NewUpdateRow>) -> QueryResult<usize> {
    diesel::insert_into(updates::table)
        .values(rows)
        .on_conflict_do_nothing()
        .execute(connection)
        .await
}

/// Candidates by title and tags, newest first.
pub async fn title_candidates(
    connection: &mut Conn,
    request: &SearchRequest,
) -> QueryResult<Vec<TitleCandidateRow>> {
    diesel::sql_query(
        "SELECT m.id, m.title_terms, m.tag_terms
         FROM materials m
         WHERE m.search @@ to_tsquery('simple', $1) AND m.state = 'published'
           AND ($2 IS NULL OR m.level = $2)
           AND ($3 IS NULL OR m.kind = $3)
           AND ($4 IS NULL OR m.language = $4)
         ORDER BY m.id DESC LIMIT $5",
    )
    .bind::<Text, _>(&request.tsquery)
    .bind::<Nullable<Text>, _>(request.filters.level.map(Level::name))
    .bind::<Nullable<Text>, _>(request.filters.kind.map(Kind::name))
    .bind::<Nullable<Text>, _>(request.filters.language.map(StudyLanguage::code))
    .bind::<BigInt, _>(request.limit)
    .load(connection)
    .await
}

/// Candidates by the text inside, newest first.
pub async fn part_candidates(
    connection: &mut Conn,
    request: &SearchRequest,
) -> QueryResult<Vec<PartCandidateRow>> {
    diesel::sql_query(
        "SELECT p.material_id, p.id AS part_id, p.number
         FROM parts p JOIN materials m ON m.id = p.material_id
         WHERE p.search @@ to_tsquery('simple', $1) AND m.state = 'published'
           AND ($2 IS NULL OR m.level = $2)
           AND ($3 IS NULL OR m.kind = $3)
           AND ($4 IS NULL OR m.language = $4)
         ORDER BY p.id DESC LIMIT $5",
    )
    .bind::<Text, _>(&request.tsquery)
    .bind::<Nullable<Text>, _>(request.filters.level.map(Level::name))
    .bind::<Nullable<Text>, _>(request.filters.kind.map(Kind::name))
    .bind::<Nullable<Text>, _>(request.filters.language.map(StudyLanguage::code))
    .bind::<BigInt, _>(request.limit)
    .load(connection)
    .await
}

/// Puts a material into the index of titles and tags.
pub async fn index_material(
    connection: &mut Conn,
    id: i64,
    title_terms: &str,
    tag_terms: &str,
) -> QueryResult<()> {
    diesel::sql_query(
        "UPDATE materials SET search = setweight(to_tsvector('simple', $2), 'A')
             || setweight(to_tsvector('simple', $3), 'B')
         WHERE id = $1",
    )
    .bind::<BigInt, _>(id)
    .bind::<Text, _>(title_terms)
    .bind::<Text, _>(tag_terms)
    .execute(connection)
    .await
    .map(drop)
}

/// Stores a part and puts it into the index of texts.
pub async fn insert_part(
    connection: &mut Conn,
    material: i64,
    number: i32,
    text: &str,
    terms: &str,
) -> QueryResult<()> {
    diesel::sql_query(
        "INSERT INTO parts (material_id, number, text, search)
         VALUES ($1, $2, $3, to_tsvector('simple', $4))",
    )
    .bind::<BigInt, _>(material)
    .bind::<Integer, _>(number)
    .bind::<Text, _>(text)
    .bind::<Text, _>(terms)
    .execute(connection)
    .await
    .map(drop)
}

/// Takes a material's parts out of the table.
pub async fn delete_parts(connection: &mut Conn, material: i64) -> QueryResult<()> {
    diesel::sql_query("DELETE FROM parts WHERE material_id = $1")
        .bind::<BigInt, _>(material)
        .execute(connection)
        .await
        .map(drop)
}

/// The next job of a queue, for the taking: highest priority, then whoever has fewest running.
pub async fn next_job(connection: &mut Conn, queue: &str, now: Time) -> QueryResult<Option<i64>> {
    diesel::sql_query(
        "SELECT id FROM jobs j WHERE state = 'ready' AND queue = $1 AND run_at <= $2
         ORDER BY priority DESC,
                  (SELECT count(*) FROM jobs r
                   WHERE r.state = 'running' AND r.fairness_key = j.fairness_key),
                  run_at, id
         LIMIT 1 FOR UPDATE OF j SKIP LOCKED",
    )
    .bind::<Text, _>(queue)
    .bind::<UtcTime, _>(now)
    .get_result::<crate::store::rows::IdRow>(connection)
    .await
    .optional()
    .map(|row| row.map(|row| row.id))
}

/// List entries of these ids.
pub async fn entries_by_ids(connection: &mut Conn, ids: Vec<i64>) -> QueryResult<Vec<EntryRow>> {
    materials::table
        .filter(materials::id.eq_any(ids))
        .select(EntryRow::as_select())
        .load(connection)
        .await
}
