//! The learners' shelf: lists by key, favourites, what is like a material, what is popular.
//!
//! Invariants: a page is found by its edge in an index, whatever its number; no count goes beyond
//! its limit. `popularity.takers` is the number of people who have ever taken the material: it is
//! counted up in the transaction that writes their first delivery, and nowhere else.

use chrono::DateTime;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::{Conn, sql};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{MaterialId, UserId};
use crate::domain::likeness::Neighbour;
use crate::domain::material::{Level, StudyLanguage};
use crate::domain::shelf::{Edge, List, Placed, Preference};
use crate::store::error::StoreResult;
use crate::store::records::{AlikeRequest, PageRequest};
use crate::store::rows::{CountedEntryRow, NeighbourRow, NumberRow, TimedEntryRow, storable};
use crate::store::schema::{favourites, popularity, users, vocabulary};
use crate::store::sql_types::Time;
use crate::store::statement::Statement;

macro_rules! columns {
    () => {
        "SELECT m.id, m.title, m.kind, m.level, m.language, m.pages, m.duration_s, m.size,
                m.has_preview, "
    };
}

/// The statements of a list: down, up, and its count. A condition, then the columns of the key.
macro_rules! list {
    ($from:literal, $at:literal, $id:literal) => {
        [
            concat!(
                columns!(),
                $at,
                " AS at FROM ",
                $from,
                " AND (",
                $at,
                ", ",
                $id,
                ") < ({}, {}) ORDER BY ",
                $at,
                " DESC, ",
                $id,
                " DESC LIMIT {} + 0"
            ),
            concat!(
                columns!(),
                $at,
                " AS at FROM ",
                $from,
                " AND (",
                $at,
                ", ",
                $id,
                ") > ({}, {}) ORDER BY ",
                $at,
                ", ",
                $id,
                " LIMIT {} + 0"
            ),
            concat!(
                "SELECT count(*) AS number FROM (SELECT 1 AS one FROM ",
                $from,
                " LIMIT {} + 0) AS counted"
            ),
        ]
    };
}

/// In the words of the partial indexes, which hold what is published alone. A CROSS JOIN is read
/// from left to right by SQLite, and is a plain join for PostgreSQL.
const NEW: [&str; 3] = list!("materials m WHERE m.state = 'published'", "m.published_at", "m.id");
const SECTION: [&str; 3] = list!(
    "materials m WHERE m.state = 'published' AND m.category_id = {}",
    "m.published_at",
    "m.id"
);
const SECTION_LEVEL: [&str; 3] = list!(
    "materials m WHERE m.state = 'published' AND m.category_id = {} AND m.level = {}",
    "m.published_at",
    "m.id"
);
const FAVOURITES: [&str; 3] = list!(
    "favourites f CROSS JOIN materials m
     WHERE m.id = f.material_id AND f.user_id = {} AND m.state = 'published'",
    "f.added_at",
    "f.material_id"
);
const HISTORY: [&str; 3] = list!(
    "deliveries d CROSS JOIN materials m
     WHERE m.id = d.material_id AND d.user_id = {} AND m.state = 'published'",
    "d.last_at",
    "d.material_id"
);
const BROKEN: [&str; 3] = list!(
    "broken_materials CROSS JOIN materials m
     WHERE m.id = broken_materials.material_id AND m.state = 'published'",
    "broken_materials.reporters",
    "broken_materials.material_id"
);
/// By id alone.
const DRAFTS: [&str; 3] = [
    concat!(
        columns!(),
        "CAST(0 AS BIGINT) AS at FROM materials m
         WHERE m.uploader_id = {} AND m.state = 'draft' AND m.id < {}
         ORDER BY m.id DESC LIMIT {} + 0"
    ),
    concat!(
        columns!(),
        "CAST(0 AS BIGINT) AS at FROM materials m
         WHERE m.uploader_id = {} AND m.state = 'draft' AND m.id > {}
         ORDER BY m.id LIMIT {} + 0"
    ),
    "SELECT count(*) AS number FROM (
         SELECT 1 AS one FROM materials m WHERE m.uploader_id = {} AND m.state = 'draft'
         LIMIT {} + 0) AS counted",
];

/// Which statement of a list.
#[derive(Clone, Copy)]
enum Way {
    Down,
    Up,
    Count,
}

/// A statement with what says which list it is.
fn of_list(list: List, user: UserId, way: Way) -> Statement<'static> {
    let texts = match list {
        List::New => NEW,
        List::Section { level: None, .. } => SECTION,
        List::Section { level: Some(_), .. } => SECTION_LEVEL,
        List::Favourites => FAVOURITES,
        List::History => HISTORY,
        List::Drafts => DRAFTS,
        List::Broken => BROKEN,
    };
    let [down, up, count] = texts;
    let statement = Statement::new(match way {
        Way::Down => down,
        Way::Up => up,
        Way::Count => count,
    });
    match list {
        List::New | List::Broken => statement,
        List::Section { category, level: None } => statement.long(category.0),
        List::Section { category, level: Some(level) } => {
            statement.long(category.0).text(Level::name(level))
        }
        List::Favourites | List::History | List::Drafts => statement.long(user.0),
    }
}

/// A piece of a list beyond an edge, the nearest first.
pub async fn shelf_page(connection: &mut Conn, request: PageRequest) -> StoreResult<Vec<Placed>> {
    let PageRequest { list, user, edge, is_down, limit } = request;
    let statement = of_list(list, user, if is_down { Way::Down } else { Way::Up });
    if matches!(list, List::Drafts | List::Broken) {
        let statement = match list {
            List::Drafts => statement.long(edge.id),
            _ => statement.long(edge.at).long(edge.id),
        };
        let rows: Vec<CountedEntryRow> = statement.long(limit).load(connection).await?;
        return rows.into_iter().map(Placed::try_from).collect();
    }
    let statement = statement.time(moment(edge)).long(edge.id).long(limit);
    let rows: Vec<TimedEntryRow> = statement.load(connection).await?;
    rows.into_iter().map(Placed::try_from).collect()
}

/// How many entries a list has, counted no further than to `limit`.
pub async fn shelf_count(
    connection: &mut Conn,
    list: List,
    user: UserId,
    limit: i64,
) -> StoreResult<i64> {
    let counted: NumberRow =
        of_list(list, user, Way::Count).long(limit).get_result(connection).await?;
    Ok(counted.number)
}

fn moment(edge: Edge) -> Time {
    Time(DateTime::from_timestamp_micros(edge.at).unwrap_or(Timestamp::UNIX_EPOCH))
}

/// A person keeps a material that is published, or no more.
pub async fn favourite_set(
    connection: &mut Conn,
    user: UserId,
    material: MaterialId,
    on: bool,
    now: Timestamp,
) -> StoreResult<()> {
    if on {
        Statement::new(
            "INSERT INTO favourites (user_id, material_id, added_at)
             SELECT {}, m.id, {} FROM materials m WHERE m.id = {} AND m.state = 'published'
             ON CONFLICT (user_id, material_id) DO NOTHING",
        )
        .long(user.0)
        .time(Time(now))
        .long(material.0)
        .execute(connection)
        .await?;
    } else {
        Statement::new("DELETE FROM favourites WHERE user_id = {} AND material_id = {}")
            .long(user.0)
            .long(material.0)
            .execute(connection)
            .await?;
    }
    Ok(())
}

/// Whether a person keeps a material.
pub async fn favourite_get(
    connection: &mut Conn,
    user: UserId,
    material: MaterialId,
) -> StoreResult<bool> {
    let found: Option<i64> = favourites::table
        .find((user.0, material.0))
        .select(favourites::material_id)
        .get_result(connection)
        .await
        .optional()?;
    Ok(found.is_some())
}

/// What may be like a material, itself included: by rare words, and what stands beside it. In no
/// order, and some twice.
pub async fn alike_candidates(
    connection: &mut Conn,
    request: AlikeRequest,
) -> StoreResult<Vec<Neighbour>> {
    let mut rows: Vec<NeighbourRow> = Vec::new();
    if let Some((fts5, tsquery)) = &request.words {
        rows = sql::search::alike_by_words(connection, fts5, tsquery, request.limit).await?;
    }
    if let Some(category) = request.category {
        let beside: Vec<NeighbourRow> = Statement::new(
            "SELECT m.id, m.title_terms, m.tag_terms, m.category_id, m.level, m.language, m.kind
             FROM materials m WHERE m.state = 'published' AND m.category_id = {}
             ORDER BY m.published_at DESC, m.id DESC LIMIT {} + 0",
        )
        .long(category.0)
        .long(request.limit)
        .load(connection)
        .await?;
        rows.extend(beside);
    }
    rows.into_iter().map(Neighbour::try_from).collect()
}

/// How many materials use these words: those that are known, in no order.
pub async fn word_uses(
    connection: &mut Conn,
    words: Vec<String>,
) -> StoreResult<Vec<(String, i64)>> {
    Ok(vocabulary::table
        .filter(vocabulary::term.eq_any(words))
        .select((vocabulary::term, vocabulary::uses))
        .load(connection)
        .await?)
}

/// A person prefers something else.
pub async fn user_prefer(
    connection: &mut Conn,
    user: UserId,
    preference: Preference,
) -> StoreResult<()> {
    let person = diesel::update(users::table.find(user.0));
    match preference {
        Preference::Language(language) => {
            let code = language.map(StudyLanguage::code);
            person.set(users::study_language.eq(code)).execute(connection).await?
        }
        Preference::Level(level) => {
            person.set(users::study_level.eq(level.map(Level::name))).execute(connection).await?
        }
        Preference::Mute(is_muted) => {
            person.set(users::is_muted.eq(is_muted)).execute(connection).await?
        }
        Preference::Quiet(quiet) => {
            let from = quiet.map(|(from, _)| i32::from(from));
            let to = quiet.map(|(_, to)| i32::from(to));
            let hours = (users::quiet_from.eq(from), users::quiet_to.eq(to));
            person.set(hours).execute(connection).await?
        }
        Preference::Zone(zone) => {
            let name = storable(zone.name().to_owned());
            person.set(users::time_zone.eq(name)).execute(connection).await?
        }
    };
    Ok(())
}

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
