//! Figures: counts of searches and deliveries that steps write, slices of raw rows for the roll-up,
//! and the few rows that are shown.
//!
//! Invariants: a step writes one small row; what is rolled up is read in slices, by a key and in no
//! transaction that writes; days, cohorts and lists are written over, so that a day can be counted
//! again.

use data_encoding::HEXLOWER;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::Conn;
use super::meta::meta_get_or_set;
use crate::domain::clock::Timestamp;
use crate::domain::ids::{MaterialId, UserId};
use crate::domain::lang::Lang;
use crate::domain::statistics::{
    AskedDay, CohortRow, Day, DayEvents, DayFigures, KEY_BYTES, LangPeople, Person, Span, Top,
    TopSort, asker, key_period,
};
use crate::store::error::{StoreError, StoreResult};
use crate::store::records::{DayCount, GivenMaterial, StatsPrune, TopLists};
use crate::store::rows::{AskedRow, DayRow, EventsRow, GivenRow, PersonRow, counted};
use crate::store::schema::{
    meta, search_days, stats_cohorts as cohort_rows, stats_days as day_rows,
    stats_langs as lang_rows, stats_tops, users,
};
use crate::store::statement::Statement;

/// Rows among which a material's count of a day is spread.
const SHARDS: u32 = 8;

/// Where the keys of the marks are kept, each under its period.
const KEY_PREFIX: &str = "search_key:";

/// Counts a search.
pub async fn search_note(
    connection: &mut Conn,
    user: UserId,
    words: String,
    found: bool,
    now: Timestamp,
) -> StoreResult<()> {
    let day = Day::of(now);
    let key = search_key(connection, day).await?;
    Statement::new(
        "INSERT INTO search_days (words, day, times, empty, askers) VALUES ({}, {}, 1, {}, {})
         ON CONFLICT (words, day) DO UPDATE SET
             times = search_days.times + 1,
             empty = search_days.empty + excluded.empty,
             askers = search_days.askers | excluded.askers",
    )
    .text(&words)
    .int(day.0)
    .long(i64::from(!found))
    .long(asker(&key, &words, user))
    .execute(connection)
    .await?;
    Ok(())
}

/// The key of that day's marks; whoever is first makes it.
async fn search_key(connection: &mut Conn, day: Day) -> StoreResult<[u8; KEY_BYTES]> {
    let name = format!("{KEY_PREFIX}{}", key_period(day));
    let known: Option<String> =
        meta::table.find(&name).select(meta::value).get_result(connection).await.optional()?;
    let text = if let Some(text) = known {
        text
    } else {
        let mut fresh = [0; KEY_BYTES];
        let made = getrandom::fill(&mut fresh);
        made.map_err(|_| StoreError::Corrupt { what: "randomness" })?;
        meta_get_or_set(connection, name, HEXLOWER.encode(&fresh)).await?
    };
    let bytes = HEXLOWER.decode(text.as_bytes()).ok();
    let key = bytes.and_then(|bytes| <[u8; KEY_BYTES]>::try_from(bytes).ok());
    key.ok_or(StoreError::Corrupt { what: "meta.search_key" })
}

/// Throws keys of other periods away: what was marked with them can be counted, but not compared.
pub async fn search_keys_prune(connection: &mut Conn, day: Day) -> StoreResult<usize> {
    let current = format!("{KEY_PREFIX}{}", key_period(day));
    let others = meta::table.filter(meta::key.like("search_key:%")).filter(meta::key.ne(current));
    Ok(diesel::delete(others).execute(connection).await?)
}

/// Counts a delivery.
pub async fn delivery_count(
    connection: &mut Conn,
    material: MaterialId,
    now: Timestamp,
) -> StoreResult<()> {
    // By the time, and so by chance: nothing about the person gets in here.
    let shard = now.timestamp_subsec_micros() % SHARDS;
    Statement::new(
        "INSERT INTO material_days (material_id, day, shard, times) VALUES ({}, {}, {}, 1)
         ON CONFLICT (material_id, day, shard) DO UPDATE SET times = material_days.times + 1",
    )
    .long(material.0)
    .int(Day::of(now).0)
    .int(i32::try_from(shard).unwrap_or_default())
    .execute(connection)
    .await?;
    Ok(())
}

/// The next people after one, with the last of them; none of them may have been here.
pub async fn people_slice(
    connection: &mut Conn,
    after: UserId,
    limit: i64,
) -> StoreResult<(Vec<Person>, Option<UserId>)> {
    let rows: Vec<PersonRow> = users::table
        .filter(users::id.gt(after.0))
        .order(users::id)
        .limit(limit)
        .select(PersonRow::as_select())
        .load(connection)
        .await?;
    let last = rows.last().map(|row| UserId(row.id));
    Ok((rows.iter().filter_map(PersonRow::person).collect(), last))
}

/// What happened on a day, as far as it is known now.
pub async fn day_events(connection: &mut Conn, day: Day) -> StoreResult<DayEvents> {
    let (begin, end) = (day.begin(), day.plus(1).begin());
    let row: EventsRow = Statement::new(
        "SELECT
             CAST(COALESCE((SELECT sum(times) FROM material_days WHERE day = {}), 0) AS BIGINT)
                 AS deliveries,
             CAST(COALESCE((SELECT sum(times) FROM search_days WHERE day = {}), 0) AS BIGINT)
                 AS searches,
             CAST(COALESCE((SELECT sum(empty) FROM search_days WHERE day = {}), 0) AS BIGINT)
                 AS empty_searches,
             (SELECT count(*) FROM materials
              WHERE state = 'published' AND published_at >= {} AND published_at < {}) AS published,
             (SELECT count(*) FROM materials
              WHERE state = 'published' AND published_at < {}) AS materials",
    )
    .int(day.0)
    .int(day.0)
    .int(day.0)
    .time(begin.into())
    .time(end.into())
    .time(end.into())
    .get_result(connection)
    .await?;
    Ok(row.into())
}

/// Counts of words after these, in the order of words and days.
pub async fn searches_slice(
    connection: &mut Conn,
    (words, day): (String, Day),
    limit: i64,
) -> StoreResult<Vec<AskedDay>> {
    let rows: Vec<AskedRow> = search_days::table
        .filter(
            diesel::dsl::sql::<diesel::sql_types::Bool>("(words, day) > (")
                .bind::<diesel::sql_types::Text, _>(words)
                .sql(", ")
                .bind::<diesel::sql_types::Integer, _>(day.0)
                .sql(")"),
        )
        .order((search_days::words, search_days::day))
        .limit(limit)
        .select(AskedRow::as_select())
        .load(connection)
        .await?;
    Ok(rows.into_iter().map(AskedDay::from).collect())
}

/// How often materials were given, after this one, in the order of their ids.
pub async fn given_slice(
    connection: &mut Conn,
    after: MaterialId,
    today: Day,
    limit: i64,
) -> StoreResult<Vec<GivenMaterial>> {
    let [week, month, quarter] = Span::ALL.map(|span| span.first(today).0);
    let rows: Vec<GivenRow> = Statement::new(
        "SELECT material_id,
                CAST(sum(CASE WHEN day >= {} THEN times ELSE 0 END) AS BIGINT) AS week,
                CAST(sum(CASE WHEN day >= {} THEN times ELSE 0 END) AS BIGINT) AS month,
                CAST(sum(CASE WHEN day >= {} THEN times ELSE 0 END) AS BIGINT) AS quarter
         FROM material_days WHERE material_id > {} AND day <= {}
         GROUP BY material_id ORDER BY material_id LIMIT {} + 0",
    )
    .int(week)
    .int(month)
    .int(quarter)
    .long(after.0)
    .int(today.0)
    .long(limit)
    .load(connection)
    .await?;
    Ok(rows.into_iter().map(GivenMaterial::from).collect())
}

/// The last day that was over when it was counted.
pub async fn stats_last_final(connection: &mut Conn) -> StoreResult<Option<Day>> {
    let rows: Vec<DayRow> = day_rows::table
        .order(day_rows::day.desc())
        // The newest, and the one before: only the newest can be counted too early.
        .limit(2)
        .select(DayRow::as_select())
        .load(connection)
        .await?;
    let mut days = rows.into_iter().map(DayFigures::from);
    Ok(days.find(DayFigures::is_final).map(|figures| figures.people.day))
}

/// Writes days and cohorts down.
pub async fn stats_write(connection: &mut Conn, count: DayCount) -> StoreResult<()> {
    for figures in &count.days {
        let row = DayRow::from(figures);
        diesel::insert_into(day_rows::table)
            .values(&row)
            .on_conflict(day_rows::day)
            .do_update()
            .set(&row)
            .execute(connection)
            .await?;
        for (lang, people) in Lang::ALL.into_iter().zip(figures.people.langs) {
            write_lang(connection, figures.people.day, lang, people).await?;
        }
    }
    for CohortRow { cohort, week, size, seen } in count.cohorts {
        let (size, seen) = (signed(size), signed(seen));
        diesel::insert_into(cohort_rows::table)
            .values((
                cohort_rows::cohort.eq(cohort.0),
                cohort_rows::week.eq(week),
                cohort_rows::size.eq(size),
                cohort_rows::seen.eq(seen),
            ))
            .on_conflict((cohort_rows::cohort, cohort_rows::week))
            .do_update()
            .set((cohort_rows::size.eq(size), cohort_rows::seen.eq(seen)))
            .execute(connection)
            .await?;
    }
    Ok(())
}

async fn write_lang(
    connection: &mut Conn,
    day: Day,
    lang: Lang,
    people: LangPeople,
) -> StoreResult<()> {
    let (users, active_30) = (signed(people.users), signed(people.active_30));
    diesel::insert_into(lang_rows::table)
        .values((
            lang_rows::day.eq(day.0),
            lang_rows::lang.eq(lang.code()),
            lang_rows::users.eq(users),
            lang_rows::active_30.eq(active_30),
        ))
        .on_conflict((lang_rows::day, lang_rows::lang))
        .do_update()
        .set((lang_rows::users.eq(users), lang_rows::active_30.eq(active_30)))
        .execute(connection)
        .await?;
    Ok(())
}

/// Writes the lists of what was wanted most down.
pub async fn stats_write_tops(connection: &mut Conn, lists: TopLists) -> StoreResult<()> {
    let TopLists { searches, empty, materials } = lists;
    diesel::delete(stats_tops::table).execute(connection).await?;
    let named = |top: Top<MaterialId>| Top { subject: top.subject.to_string(), count: top.count };
    let materials = materials.map(|list| list.into_iter().map(named).collect());
    for (sort, lists) in
        [(TopSort::Searches, searches), (TopSort::Empty, empty), (TopSort::Materials, materials)]
    {
        for (span, list) in Span::ALL.into_iter().zip(lists) {
            for (place, top) in (0..).zip(list) {
                diesel::insert_into(stats_tops::table)
                    .values((
                        stats_tops::sort.eq(sort.name()),
                        stats_tops::days.eq(span.days()),
                        stats_tops::place.eq(place),
                        stats_tops::subject.eq(top.subject),
                        stats_tops::count.eq(signed(top.count)),
                    ))
                    .execute(connection)
                    .await?;
            }
        }
    }
    Ok(())
}

/// Forgets counts of before that day; gives how many rows that were.
pub async fn stats_prune(
    connection: &mut Conn,
    what: StatsPrune,
    before: Day,
    limit: i64,
) -> StoreResult<usize> {
    let text = match what {
        StatsPrune::Searches => {
            "DELETE FROM search_days WHERE (words, day) IN (
                 SELECT words, day FROM search_days WHERE day < {} ORDER BY day LIMIT {} + 0)"
        }
        StatsPrune::Materials => {
            "DELETE FROM material_days WHERE (material_id, day, shard) IN (
                 SELECT material_id, day, shard FROM material_days
                 WHERE day < {} ORDER BY day LIMIT {} + 0)"
        }
    };
    Ok(Statement::new(text).int(before.0).long(limit).execute(connection).await?)
}

/// The days between two, both included, the oldest first.
pub async fn stats_days(connection: &mut Conn, from: Day, to: Day) -> StoreResult<Vec<DayFigures>> {
    let rows: Vec<DayRow> = day_rows::table
        .filter(day_rows::day.between(from.0, to.0))
        .order(day_rows::day)
        .select(DayRow::as_select())
        .load(connection)
        .await?;
    let langs: Vec<(i32, String, i64, i64)> = lang_rows::table
        .filter(lang_rows::day.between(from.0, to.0))
        .order(lang_rows::day)
        .select((lang_rows::day, lang_rows::lang, lang_rows::users, lang_rows::active_30))
        .load(connection)
        .await?;
    let mut days: Vec<DayFigures> = rows.into_iter().map(DayFigures::from).collect();
    for (day, code, users, active_30) in langs {
        let place = days.binary_search_by_key(&Day(day), |figures| figures.people.day);
        let row = place.ok().and_then(|place| days.get_mut(place));
        let lang = Lang::ALL.into_iter().position(|lang| lang.code() == code);
        let people = row.zip(lang).and_then(|(row, lang)| row.people.langs.get_mut(lang));
        if let Some(people) = people {
            *people = LangPeople { users: counted(users), active_30: counted(active_30) };
        }
    }
    Ok(days)
}

/// Cohorts since that week, the oldest first, each with its weeks.
pub async fn stats_cohorts(connection: &mut Conn, since: Day) -> StoreResult<Vec<CohortRow>> {
    let rows: Vec<(i32, i32, i64, i64)> = cohort_rows::table
        .filter(cohort_rows::cohort.ge(since.0))
        .order((cohort_rows::cohort, cohort_rows::week))
        .select((cohort_rows::cohort, cohort_rows::week, cohort_rows::size, cohort_rows::seen))
        .load(connection)
        .await?;
    let row = |(cohort, week, size, seen)| CohortRow {
        cohort: Day(cohort),
        week,
        size: counted(size),
        seen: counted(seen),
    };
    Ok(rows.into_iter().map(row).collect())
}

/// A list of what was wanted most, the largest first.
pub async fn stats_top(
    connection: &mut Conn,
    sort: TopSort,
    span: Span,
) -> StoreResult<Vec<Top<String>>> {
    let rows: Vec<(String, i64)> = stats_tops::table
        .filter(stats_tops::sort.eq(sort.name()))
        .filter(stats_tops::days.eq(span.days()))
        .order(stats_tops::place)
        .select((stats_tops::subject, stats_tops::count))
        .load(connection)
        .await?;
    let top = |(subject, count)| Top { subject, count: counted(count) };
    Ok(rows.into_iter().map(top).collect())
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// People of a drill, each with days of their own by a hash of their id.
#[cfg(feature = "demo")]
pub async fn people_simulate(
    connection: &mut Conn,
    people: crate::store::records::SimulatedPeople,
) -> StoreResult<()> {
    let days = (1_i64 << people.reach).saturating_sub(1);
    Statement::new(
        "INSERT INTO users (id, first_name, lang, reachable, created_at, last_seen_at, seen_day,
                            seen_days)
         WITH RECURSIVE people (id) AS (
             SELECT CAST({} AS BIGINT) UNION ALL SELECT id + 1 FROM people WHERE id + 1 < {}
         )
         SELECT id, 'Person', CASE id % 3 WHEN 0 THEN 'en' WHEN 1 THEN 'ru' ELSE 'uz' END,
                id % 20 <> 0, {}, {}, {},
                (((id * 2654435761) & (id * 40503977 / 7)) & {}) | 1 | {}
         FROM people WHERE TRUE
         ON CONFLICT (id) DO NOTHING",
    )
    .long(people.first)
    .long(people.first + people.count)
    .time(people.joined.begin().into())
    .time(people.seen.begin().into())
    .int(people.seen.0)
    .long(days)
    .long(1 << people.reach)
    .execute(connection)
    .await?;
    Ok(())
}

/// Searches and deliveries of a drill's day: of each word and material some.
#[cfg(feature = "demo")]
pub async fn use_simulate(
    connection: &mut Conn,
    usage: crate::store::records::SimulatedUse,
) -> StoreResult<()> {
    Statement::new(
        "INSERT INTO search_days (words, day, times, empty, askers)
         WITH RECURSIVE numbers (number) AS (
             SELECT CAST(1 AS BIGINT) UNION ALL SELECT number + 1 FROM numbers WHERE number < {}
         )
         SELECT 'unit ' || CAST(number AS TEXT), {}, number % 17 + 1, number % 3,
                (number * 2654435761) & 4294967295
         FROM numbers WHERE TRUE
         ON CONFLICT (words, day) DO NOTHING",
    )
    .long(i64::from(usage.words))
    .int(usage.day.0)
    .execute(connection)
    .await?;
    Statement::new(
        "INSERT INTO material_days (material_id, day, shard, times)
         SELECT id, {}, 0, id % 23 + 1 FROM (SELECT id FROM materials ORDER BY id LIMIT {} + 0) m
         WHERE TRUE
         ON CONFLICT (material_id, day, shard) DO NOTHING",
    )
    .int(usage.day.0)
    .long(i64::from(usage.materials))
    .execute(connection)
    .await?;
    Ok(())
}
