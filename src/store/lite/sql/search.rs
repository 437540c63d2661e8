//! The text index of SQLite: FTS5 tables, walked from the newest on, so that whoever wants only so
//! many reads no more than these.

use diesel::QueryResult;
use diesel_async::RunQueryDsl as _;

use super::super::Conn;
use crate::store::records::SearchRequest;
use crate::store::rows::{CandidateRow, IdRow, NeighbourRow, NewPart, NumberRow, PartCandidateRow};
use crate::store::statement::Statement;

/// The facets of a row of `materials`: the limits of lengths are those of `domain::Length`.
macro_rules! facets_of_row {
    () => {
        "'k' || kind || ' l' || lower(COALESCE(level, '')) || ' g' || COALESCE(language, '')
         || ' c' || COALESCE(category_id, 0)
         || CASE WHEN duration_s <= 300 THEN ' n1' WHEN duration_s <= 1200 THEN ' n2'
                 WHEN duration_s IS NOT NULL THEN ' n3'
                 WHEN pages <= 20 THEN ' n1' WHEN pages <= 100 THEN ' n2'
                 WHEN pages IS NOT NULL THEN ' n3' ELSE '' END"
    };
}

/// Puts all materials into an index of titles that holds none.
pub const INDEX_ALL: &str = concat!(
    "INSERT INTO material_index (rowid, title, tags, facets)
     SELECT m.id, title_terms, tag_terms, ",
    facets_of_row!(),
    " FROM materials m WHERE m.state = 'published' ORDER BY m.id"
);

/// Materials by title and tags, newest first.
pub async fn title_ids(connection: &mut Conn, request: &SearchRequest) -> QueryResult<Vec<i64>> {
    let mut expression = format!("{{title tags}} : ({})", request.fts5);
    let facets: Vec<String> = request.facet_words().map(|word| format!("\"{word}\"")).collect();
    if !facets.is_empty() {
        expression.push_str(" AND facets : (");
        expression.push_str(&facets.join(" AND "));
        expression.push(')');
    }
    let rows: Vec<IdRow> = Statement::new(
        "SELECT rowid AS id FROM material_index WHERE material_index MATCH {}
         ORDER BY rowid DESC LIMIT {} + 0",
    )
    .text(&expression)
    .long(request.limit)
    .load(connection)
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Parts by their text, newest first.
pub async fn part_candidates(
    connection: &mut Conn,
    request: &SearchRequest,
    limit: i64,
) -> QueryResult<Vec<PartCandidateRow>> {
    Statement::new(
        "SELECT p.material_id, p.id AS part_id, p.number
         FROM part_index i CROSS JOIN parts p INDEXED BY parts_place ON p.id = i.rowid
         WHERE part_index MATCH {}
         ORDER BY i.rowid DESC LIMIT {} + 0",
    )
    .text(&request.fts5)
    .long(limit)
    .load(connection)
    .await
}

/// What ranks the published ones of these materials (a JSON list of ids), in no order.
pub async fn candidates(connection: &mut Conn, ids: &str) -> QueryResult<Vec<CandidateRow>> {
    Statement::new(
        "SELECT m.id, m.title_terms, m.tag_terms, m.level, m.language, m.kind, m.category_id,
                m.pages, m.duration_s, COALESCE(t.takers, 0) AS takers, m.published_at
         FROM json_each({}) j CROSS JOIN materials m ON m.id = j.value
         LEFT JOIN popularity t ON t.material_id = m.id
         WHERE m.state = 'published'",
    )
    .text(ids)
    .load(connection)
    .await
}

/// What may be like a material: what these words find in titles and tags, newest first.
pub async fn alike_by_words(
    connection: &mut Conn,
    fts5: &str,
    _tsquery: &str,
    limit: i64,
) -> QueryResult<Vec<NeighbourRow>> {
    Statement::new(
        "SELECT m.id, m.title_terms, m.tag_terms, m.category_id, m.level, m.language, m.kind
         FROM material_index i JOIN materials m ON m.id = i.rowid
         WHERE material_index MATCH {} AND m.state = 'published'
         ORDER BY i.rowid DESC LIMIT {} + 0",
    )
    .text(&format!("{{title tags}} : ({fts5})"))
    .long(limit)
    .load(connection)
    .await
}

/// The same without the terms, all of it from an index: a row would be a page each.
pub async fn candidates_without_terms(
    connection: &mut Conn,
    ids: &str,
) -> QueryResult<Vec<CandidateRow>> {
    Statement::new(
        "SELECT m.id, '' AS title_terms, '' AS tag_terms, m.level, m.language, m.kind,
                m.category_id, m.pages, m.duration_s, COALESCE(t.takers, 0) AS takers,
                m.published_at
         FROM json_each({}) j CROSS JOIN materials m INDEXED BY materials_traits ON m.id = j.value
         LEFT JOIN popularity t ON t.material_id = m.id
         WHERE m.state = 'published'",
    )
    .text(ids)
    .load(connection)
    .await
}

/// Brings a material's place in the index of titles, tags and facets up to date with its row; what
/// is not published has none.
pub async fn index_material(connection: &mut Conn, id: i64) -> QueryResult<()> {
    index_materials(connection, &format!("[{id}]")).await
}

/// The same of many: a JSON list of ids.
pub async fn index_materials(connection: &mut Conn, ids: &str) -> QueryResult<()> {
    Statement::new("DELETE FROM material_index WHERE rowid IN (SELECT value FROM json_each({}))")
        .text(ids)
        .execute(connection)
        .await?;
    Statement::new(concat!(
        "INSERT INTO material_index (rowid, title, tags, facets)
         SELECT m.id, title_terms, tag_terms, ",
        facets_of_row!(),
        " FROM json_each({}) j CROSS JOIN materials m ON m.id = j.value
         WHERE m.state = 'published'"
    ))
    .text(ids)
    .execute(connection)
    .await
    .map(drop)
}

/// Counts the uses of words: a JSON list of words with the number of new uses.
pub async fn learn_words(connection: &mut Conn, words: &str) -> QueryResult<()> {
    Statement::new(
        "INSERT INTO vocabulary (term, uses)
         SELECT value ->> 0, value ->> 1 FROM json_each({}) WHERE TRUE
         ON CONFLICT (term) DO UPDATE SET uses = vocabulary.uses + excluded.uses",
    )
    .text(words)
    .execute(connection)
    .await
    .map(drop)
}

/// Stores a part and puts it into the index of texts.
pub async fn insert_part(connection: &mut Conn, part: &NewPart, terms: &str) -> QueryResult<()> {
    Statement::new(
        "INSERT INTO parts (material_id, number, kind, label, text) VALUES ({}, {}, {}, {}, {})",
    )
    .long(part.material)
    .int(part.number)
    .text(part.kind.name())
    .optional_text(part.label.as_deref())
    .text(&part.text)
    .execute(connection)
    .await?;
    Statement::new("INSERT INTO part_index (rowid, body) VALUES (last_insert_rowid(), {})")
        .text(terms)
        .execute(connection)
        .await
        .map(drop)
}

/// Rewrites some more of the index of texts without what was deleted: until then a deleted entry is
/// only marked, and its words are in the file. Gives whether there is more to do.
pub async fn drop_deleted(connection: &mut Conn) -> QueryResult<bool> {
    // Pages of the index that one step writes. Negative: all segments take part.
    const STEP: &str =
        "INSERT INTO part_index (part_index, rank) VALUES ('merge', CAST({} AS INTEGER))";
    const PAGES: i64 = -256;
    const CHANGES: &str = "SELECT total_changes() AS number";
    let before: NumberRow = Statement::new(CHANGES).get_result(connection).await?;
    Statement::new(STEP).long(PAGES).execute(connection).await?;
    let after: NumberRow = Statement::new(CHANGES).get_result(connection).await?;
    // The command itself counts as one.
    Ok(after.number.saturating_sub(before.number) >= 2)
}

/// Takes a material's parts out of table and index.
pub async fn delete_parts(connection: &mut Conn, material: i64) -> QueryResult<()> {
    Statement::new(
        "DELETE FROM part_index WHERE rowid IN (SELECT id FROM parts WHERE material_id = {})",
    )
    .long(material)
    .execute(connection)
    .await?;
    Statement::new("DELETE FROM parts WHERE material_id = {}")
        .long(material)
        .execute(connection)
        .await
        .map(drop)
}
