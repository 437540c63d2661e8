//! The text index of PostgreSQL: GIN over lexemes that we have made ourselves.
//!
//! GIN gives all rows that match before the first can be looked at, which takes too long for common
//! words. Each row therefore has a lexeme for the piece of the table it is in, and a search begins
//! with the newest pieces: the index skips from one condition to the other. What the newest pieces
//! hold too little of is rare enough to be searched for everywhere.

use diesel::QueryResult;
use diesel_async::RunQueryDsl as _;

use super::super::Conn;
use crate::store::records::SearchRequest;
use crate::store::rows::{CandidateRow, IdRow, NeighbourRow, NewPart, PartCandidateRow};
use crate::store::statement::Statement;

/// Rows of a small piece, and of a large one. The statements that write rows hold the same numbers.
const SMALL: (i64, &str) = (16_384, "~s");
const LARGE: (i64, &str) = (131_072, "~b");

/// Where a search looks one after the other: a few of the newest pieces, then as many as should hold
/// enough by what these held, then everywhere. What is looked into again costs again, so that there
/// are no further steps.
struct Pieces {
    /// The last row's place.
    last: i64,
    /// So many are wanted.
    limit: i64,
    step: Step,
}

/// Where a search is to begin.
#[derive(Clone, Copy)]
enum Step {
    Few,
    AsNeeded,
    All,
}

impl Pieces {
    const fn new(last: i64, limit: i64) -> Self {
        Self { last, limit, step: Step::Few }
    }

    /// The pieces to look into next, as a `tsquery`; none for all. `found` is what the ones before
    /// held.
    fn next(&mut self, found: i64) -> Option<String> {
        match self.step {
            Step::Few => {
                self.step = Step::AsNeeded;
                newest(SMALL, self.last, FEW)
            }
            Step::AsNeeded => {
                self.step = Step::All;
                // Words are not spread evenly: a third more than the density says.
                let rows = FEW * SMALL.0 * self.limit * 4 / 3 / found.max(1);
                let small = rows / SMALL.0 + 1;
                let size = if small <= SMALL_MAX { SMALL } else { LARGE };
                // The newest piece is not full yet.
                newest(size, self.last, rows / size.0 + 2)
            }
            Step::All => None,
        }
    }
}

/// Brings the vectors of materials up to date with their rows, of which `places` has the ids.
macro_rules! set_search {
    () => {
        "UPDATE materials m SET search = CASE WHEN state = 'published' THEN array_to_tsvector(
             array_remove(string_to_array(title_terms || ' ' || tag_terms, ' '), '')
             || ARRAY['~k' || kind, '~l' || lower(COALESCE(level, '')),
                      '~g' || COALESCE(language, ''), '~c' || COALESCE(category_id, 0),
                      '~n' || CASE WHEN duration_s <= 300 THEN '1' WHEN duration_s <= 1200 THEN '2'
                                   WHEN duration_s IS NOT NULL THEN '3'
                                   WHEN pages <= 20 THEN '1' WHEN pages <= 100 THEN '2'
                                   WHEN pages IS NOT NULL THEN '3' ELSE '' END,
                      '~s' || place / 16384, '~b' || place / 131072]) END"
    };
}

/// Indexes all published materials: the newest have the highest places.
pub const INDEX_ALL: &str = concat!(
    set_search!(),
    " FROM (SELECT id AS material, nextval('search_places') AS place
           FROM (SELECT id FROM materials WHERE state = 'published' ORDER BY id) AS shelf) AS places
     WHERE m.id = places.material"
);

/// Pieces that a search begins with.
const FEW: i64 = 2;
/// Small pieces that a search looks into at most; beyond that large ones do better.
const SMALL_MAX: i64 = 12;

/// The newest pieces of a size, as a `tsquery`; none when that is everything, or so many that the
/// index is better asked for all.
fn newest((rows, mark): (i64, &str), last: i64, count: i64) -> Option<String> {
    let piece = last / rows;
    let names = (0..count).map(|back| format!("'{mark}{}'", piece - back));
    (piece >= count).then(|| names.collect::<Vec<_>>().join(" | "))
}

/// Materials by title and tags, newest first.
pub async fn title_ids(connection: &mut Conn, request: &SearchRequest) -> QueryResult<Vec<i64>> {
    let mut query = format!("({})", request.tsquery);
    for word in request.facet_words() {
        query.push_str(" & '~");
        query.push_str(&word);
        query.push('\'');
    }
    let last: IdRow =
        Statement::new("SELECT last_value AS id FROM search_places").get_result(connection).await?;
    let ids = |rows: Vec<IdRow>| rows.into_iter().map(|row| row.id).collect::<Vec<_>>();
    let (mut pieces, mut found) = (Pieces::new(last.id, request.limit), 0);
    while let Some(pieces) = pieces.next(found) {
        let rows: Vec<IdRow> = Statement::new(
            "WITH hits AS MATERIALIZED (
                 SELECT id FROM materials WHERE search @@ {}::tsquery AND search @@ {}::tsquery)
             SELECT id FROM hits ORDER BY id DESC LIMIT {}",
        )
        .text(&query)
        .text(&pieces)
        .long(request.limit)
        .load(connection)
        .await?;
        if rows.len() >= usize::try_from(request.limit).unwrap_or(usize::MAX) {
            return Ok(ids(rows));
        }
        found = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    }
    let rows = Statement::new(
        "WITH hits AS MATERIALIZED (SELECT id FROM materials WHERE search @@ {}::tsquery)
         SELECT id FROM hits ORDER BY id DESC LIMIT {}",
    )
    .text(&query)
    .long(request.limit)
    .load(connection)
    .await?;
    Ok(ids(rows))
}

/// Parts by their text, newest first.
pub async fn part_candidates(
    connection: &mut Conn,
    request: &SearchRequest,
    limit: i64,
) -> QueryResult<Vec<PartCandidateRow>> {
    let last: IdRow = Statement::new("SELECT COALESCE(max(id), 0) AS id FROM parts")
        .get_result(connection)
        .await?;
    let (mut pieces, mut found) = (Pieces::new(last.id, limit), 0);
    while let Some(pieces) = pieces.next(found) {
        let rows: Vec<PartCandidateRow> = Statement::new(
            "WITH hits AS MATERIALIZED (
                 SELECT material_id, id, number FROM parts
                 WHERE search @@ {}::tsquery AND search @@ {}::tsquery)
             SELECT material_id, id AS part_id, number FROM hits ORDER BY id DESC LIMIT {}",
        )
        .text(&request.tsquery)
        .text(&pieces)
        .long(limit)
        .load(connection)
        .await?;
        if rows.len() >= usize::try_from(limit).unwrap_or(usize::MAX) {
            return Ok(rows);
        }
        found = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    }
    Statement::new(
        "WITH hits AS MATERIALIZED (
             SELECT material_id, id, number FROM parts WHERE search @@ {}::tsquery)
         SELECT material_id, id AS part_id, number FROM hits ORDER BY id DESC LIMIT {}",
    )
    .text(&request.tsquery)
    .long(limit)
    .load(connection)
    .await
}

/// What ranks the published ones of these materials (a JSON list of ids), in no order.
pub async fn candidates(connection: &mut Conn, ids: &str) -> QueryResult<Vec<CandidateRow>> {
    Statement::new(
        "SELECT m.id, m.title_terms, m.tag_terms, m.level, m.language, m.kind, m.category_id,
                m.pages, m.duration_s, COALESCE(t.takers, 0) AS takers, m.published_at
         FROM materials m LEFT JOIN popularity t ON t.material_id = m.id
         WHERE m.id = ANY (ARRAY(SELECT value::bigint FROM jsonb_array_elements_text({}::jsonb)))
           AND m.state = 'published'",
    )
    .text(ids)
    .load(connection)
    .await
}

/// The same without the terms.
pub async fn candidates_without_terms(
    connection: &mut Conn,
    ids: &str,
) -> QueryResult<Vec<CandidateRow>> {
    Statement::new(
        "SELECT m.id, '' AS title_terms, '' AS tag_terms, m.level, m.language, m.kind,
                m.category_id, m.pages, m.duration_s, COALESCE(t.takers, 0) AS takers,
                m.published_at
         FROM materials m LEFT JOIN popularity t ON t.material_id = m.id
         WHERE m.id = ANY (ARRAY(SELECT value::bigint FROM jsonb_array_elements_text({}::jsonb)))
           AND m.state = 'published'",
    )
    .text(ids)
    .load(connection)
    .await
}

/// What may be like a material: what these words find in titles and tags, newest first.
pub async fn alike_by_words(
    connection: &mut Conn,
    _fts5: &str,
    tsquery: &str,
    limit: i64,
) -> QueryResult<Vec<NeighbourRow>> {
    Statement::new(
        "WITH hits AS MATERIALIZED (
             SELECT id, title_terms, tag_terms, category_id, level, language, kind, state
             FROM materials WHERE search @@ {}::tsquery)
         SELECT id, title_terms, tag_terms, category_id, level, language, kind
         FROM hits WHERE state = 'published' ORDER BY id DESC LIMIT {} + 0",
    )
    .text(tsquery)
    .long(limit)
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
    Statement::new(concat!(
        set_search!(),
        " FROM (SELECT value::bigint AS material, nextval('search_places') AS place
               FROM jsonb_array_elements_text({}::jsonb)) AS places
         WHERE m.id = places.material"
    ))
    .text(ids)
    .execute(connection)
    .await
    .map(drop)
}

/// Counts the uses of words: a JSON list of words, in one order everywhere so that two that publish
/// at once do not wait for each other, with the number of new uses.
pub async fn learn_words(connection: &mut Conn, words: &str) -> QueryResult<()> {
    Statement::new(
        "INSERT INTO vocabulary (term, uses)
         SELECT value ->> 0, (value ->> 1)::bigint FROM jsonb_array_elements({}::jsonb)
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
        "INSERT INTO parts (id, material_id, number, kind, label, text, search)
         SELECT place, {}, {}, {}, {}, {}, array_to_tsvector(
             array_remove(string_to_array({}, ' '), '')
             || ARRAY['~s' || place / 16384, '~b' || place / 131072])
         FROM (SELECT nextval(pg_get_serial_sequence('parts', 'id')) AS place) AS places",
    )
    .long(part.material)
    .int(part.number)
    .text(part.kind.name())
    .optional_text(part.label.as_deref())
    .text(&part.text)
    .text(terms)
    .execute(connection)
    .await
    .map(drop)
}

/// The words of a part are a column of its row, and go with it.
#[expect(clippy::unused_async, reason = "in SQLite it is work")]
pub async fn drop_deleted(_: &mut Conn) -> QueryResult<bool> {
    Ok(false)
}

/// Takes a material's parts out of the table.
pub async fn delete_parts(connection: &mut Conn, material: i64) -> QueryResult<()> {
    Statement::new("DELETE FROM parts WHERE material_id = {}")
        .long(material)
        .execute(connection)
        .await
        .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(pieces: Option<String>) -> usize {
        pieces.map_or(0, |pieces| pieces.split('|').count())
    }

    #[test]
    fn a_search_looks_into_as_much_as_should_hold_enough() {
        let second = |found| {
            let mut pieces = Pieces::new(1_000_000, 1_000);
            assert_eq!(count(pieces.next(0)), 2);
            (count(pieces.next(found)), count(pieces.next(found)))
        };
        assert_eq!(second(900), (4, 0), "common words: a few small pieces more");
        assert_eq!(second(100), (5, 0), "rarer ones: some large pieces");
        assert_eq!(second(50), (0, 0), "rare ones: everywhere at once");
        assert_eq!(second(0), (0, 0));
    }

    #[test]
    fn a_small_library_is_searched_as_a_whole() {
        let mut pieces = Pieces::new(20_000, 1_000);
        assert_eq!(pieces.next(0), None);
    }
}
