//! The school in figures: the roll-up that counts them, and the report that is read of what it wrote.
//!
//! Invariants: the roll-up reads in slices, by keys, and writes a few dozen rows at its end, so that
//! nobody waits for it; done twice it gives the same. A report reads what was rolled up and the
//! titles of ten materials, however many people and materials there are.

use tokio::time::Instant;

use crate::domain::clock::Timestamp;
use crate::domain::facts::Facts;
use crate::domain::ids::{MaterialId, UserId};
use crate::domain::statistics::{
    AskedTally, Day, DayFigures, PEOPLE_DAYS, Span, StatsAct, StatsReport, Tally, Top, TopList,
    TopMaterial, TopSort, WEEKS,
};
use crate::store::records::{DayCount, TopLists};
use crate::store::{Db, StoreResult};

/// What is told of each slice that was read: what of, and how many rows.
pub trait Progress: FnMut(&'static str, usize) + Send {}

impl<F: FnMut(&'static str, usize) + Send> Progress for F {}

/// A slice was read: says so, and leaves the database to others for as long as it took.
async fn pause(begun: Instant, what: &'static str, rows: usize, progress: &mut impl Progress) {
    progress(what, rows);
    tokio::time::sleep(begun.elapsed()).await;
}

/// Counts every day that was not over when it was counted last, and what was wanted most. `rows` are
/// read at a time. Gives the newest day.
pub async fn roll_up(
    db: &Db,
    now: Timestamp,
    rows: i64,
    mut progress: impl Progress,
) -> StoreResult<DayFigures> {
    let today = Day::of(now);
    let last = db.stats_last_final().await?;
    let from = last.map_or(today.minus(PEOPLE_DAYS - 1), |last| last.plus(1));
    let mut tally = Tally::new(from, today);
    let mut last_id = UserId(i64::MIN);
    loop {
        let begun = Instant::now();
        let (people, end) = db.people_slice(last_id, rows).await?;
        let Some(end) = end else { break };
        last_id = end;
        for person in &people {
            tally.add(person);
        }
        pause(begun, "people", people.len(), &mut progress).await;
    }
    let (mut people, cohorts) = tally.finish();
    if last.is_none() {
        // The days before the first person.
        people.retain(|row| row.users > 0 || row.day == today);
    }
    let mut days = Vec::with_capacity(people.len());
    for people in people {
        let events = db.day_events(people.day).await?;
        days.push(DayFigures { people, events, counted_at: now });
    }
    let newest = days.last().copied().unwrap_or_default();
    let asked = asked(db, today, rows, &mut progress).await?;
    let materials = given(db, today, rows, &mut progress).await?;
    let lists = TopLists { materials, ..asked };
    db.stats_write(DayCount { days, cohorts }).await?;
    db.stats_write_tops(lists).await?;
    Ok(newest)
}

async fn asked(
    db: &Db,
    today: Day,
    rows: i64,
    progress: &mut impl Progress,
) -> StoreResult<TopLists> {
    let mut tally = AskedTally::new(today);
    let mut last = (String::new(), Day(i32::MIN));
    loop {
        let begun = Instant::now();
        let slice = db.searches_slice(last.clone(), rows).await?;
        let Some(end) = slice.last() else { break };
        last = (end.words.clone(), end.day);
        let count = slice.len();
        for row in slice {
            tally.add(row);
        }
        pause(begun, "searches", count, progress).await;
    }
    let (searches, empty) = tally.finish();
    Ok(TopLists { searches, empty, ..TopLists::default() })
}

async fn given(
    db: &Db,
    today: Day,
    rows: i64,
    progress: &mut impl Progress,
) -> StoreResult<[Vec<Top<MaterialId>>; 3]> {
    let mut tops = Span::ALL.map(|_| TopList::default());
    let mut last = MaterialId(i64::MIN);
    loop {
        let begun = Instant::now();
        let slice = db.given_slice(last, today, rows).await?;
        let Some(end) = slice.last() else { break };
        last = end.material;
        for row in &slice {
            for (top, times) in tops.iter_mut().zip(row.times) {
                top.offer(times, &row.material);
            }
        }
        pause(begun, "materials", slice.len(), progress).await;
    }
    Ok(tops.map(TopList::finish))
}

/// What a button of the statistics needs.
pub async fn facts(db: &Db, act: StatsAct, now: Timestamp) -> StoreResult<Facts> {
    Ok(match act {
        StatsAct::Show(span) | StatsAct::Refresh(span) => {
            Facts::Statistics(Box::new(report(db, span, now).await?))
        }
        StatsAct::Send(..) => Facts::None,
    })
}

/// The figures of a span, as they were counted last.
pub async fn report(db: &Db, span: Span, now: Timestamp) -> StoreResult<StatsReport> {
    let today = Day::of(now);
    let days = db.stats_days(span.first(today).minus(span.days() + 1), today).await?;
    let weeks = i32::try_from(WEEKS).unwrap_or_default();
    let cohorts = db.stats_cohorts(today.monday().minus(weeks * 7)).await?;
    let searches = db.stats_top(TopSort::Searches, span).await?;
    let empty = db.stats_top(TopSort::Empty, span).await?;
    let given = db.stats_top(TopSort::Materials, span).await?;
    let given: Vec<(MaterialId, u64)> = given
        .into_iter()
        .filter_map(|top| Some((MaterialId(top.subject.parse().ok()?), top.count)))
        .collect();
    let ids = given.iter().map(|(id, _)| *id).collect();
    // Without those that learners no longer find.
    let found = db.materials_by_ids(ids).await?;
    let materials = given.into_iter().filter_map(|(id, count)| {
        let material = found.iter().find(|material| material.id == id)?;
        Some(TopMaterial { id, title: material.title.clone(), count })
    });
    Ok(StatsReport { span, days, cohorts, searches, empty, materials: materials.collect() })
}
