//! Rows of statistics.

use diesel::prelude::*;
use diesel::sql_types::BigInt;

use crate::domain::ids::MaterialId;
use crate::domain::lang::Lang;
use crate::domain::statistics::{
    AskedDay, Day, DayEvents, DayFigures, DayPeople, Person, Presence,
};
use crate::store::records::GivenMaterial;
use crate::store::schema::{search_days, stats_days, users};
use crate::store::sql_types::Time;

/// A count as the domain has it.
pub fn counted(count: i64) -> u64 {
    u64::try_from(count).unwrap_or_default()
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct PersonRow {
    pub id: i64,
    lang: String,
    reachable: bool,
    created_at: Time,
    seen_day: i32,
    seen_days: i64,
}

impl PersonRow {
    /// None for whoever has never been here.
    pub fn person(&self) -> Option<Person> {
        let presence = Presence { last: Day(self.seen_day), bits: self.seen_days };
        (self.seen_days != 0).then(|| Person {
            lang: Lang::from_tag(&self.lang).unwrap_or_default(),
            reachable: self.reachable,
            joined: Day::of(self.created_at.0),
            presence,
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = search_days)]
pub struct AskedRow {
    words: String,
    day: i32,
    times: i64,
    empty: i64,
    askers: i64,
}

impl From<AskedRow> for AskedDay {
    fn from(row: AskedRow) -> Self {
        Self {
            words: row.words,
            day: Day(row.day),
            times: counted(row.times),
            empty: counted(row.empty),
            askers: row.askers,
        }
    }
}

#[derive(QueryableByName)]
pub struct GivenRow {
    #[diesel(sql_type = BigInt)]
    material_id: i64,
    #[diesel(sql_type = BigInt)]
    week: i64,
    #[diesel(sql_type = BigInt)]
    month: i64,
    #[diesel(sql_type = BigInt)]
    quarter: i64,
}

impl From<GivenRow> for GivenMaterial {
    fn from(row: GivenRow) -> Self {
        Self {
            material: MaterialId(row.material_id),
            times: [row.week, row.month, row.quarter].map(counted),
        }
    }
}

#[derive(QueryableByName)]
pub struct EventsRow {
    #[diesel(sql_type = BigInt)]
    deliveries: i64,
    #[diesel(sql_type = BigInt)]
    searches: i64,
    #[diesel(sql_type = BigInt)]
    empty_searches: i64,
    #[diesel(sql_type = BigInt)]
    published: i64,
    #[diesel(sql_type = BigInt)]
    materials: i64,
}

impl From<EventsRow> for DayEvents {
    fn from(row: EventsRow) -> Self {
        Self {
            deliveries: counted(row.deliveries),
            searches: counted(row.searches),
            empty_searches: counted(row.empty_searches),
            published: counted(row.published),
            materials: counted(row.materials),
        }
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = stats_days)]
pub struct DayRow {
    day: i32,
    users: i64,
    reachable: i64,
    joined: i64,
    active_1: i64,
    active_7: i64,
    active_30: i64,
    kept_1: i64,
    kept_1_of: i64,
    kept_7: i64,
    kept_7_of: i64,
    kept_30: i64,
    kept_30_of: i64,
    deliveries: i64,
    searches: i64,
    empty_searches: i64,
    published: i64,
    materials: i64,
    counted_at: Time,
}

impl From<&DayFigures> for DayRow {
    fn from(figures: &DayFigures) -> Self {
        let DayFigures { people, events, counted_at } = figures;
        let [active_1, active_7, active_30] = people.active.map(signed);
        let [one, seven, thirty] = people.kept;
        Self {
            day: people.day.0,
            users: signed(people.users),
            reachable: signed(people.reachable),
            joined: signed(people.joined),
            active_1,
            active_7,
            active_30,
            kept_1: signed(one.0),
            kept_1_of: signed(one.1),
            kept_7: signed(seven.0),
            kept_7_of: signed(seven.1),
            kept_30: signed(thirty.0),
            kept_30_of: signed(thirty.1),
            deliveries: signed(events.deliveries),
            searches: signed(events.searches),
            empty_searches: signed(events.empty_searches),
            published: signed(events.published),
            materials: signed(events.materials),
            counted_at: Time(*counted_at),
        }
    }
}

/// Without languages, which have rows of their own.
impl From<DayRow> for DayFigures {
    fn from(row: DayRow) -> Self {
        let pair = |seen, of| (counted(seen), counted(of));
        let people = DayPeople {
            day: Day(row.day),
            users: counted(row.users),
            reachable: counted(row.reachable),
            joined: counted(row.joined),
            active: [row.active_1, row.active_7, row.active_30].map(counted),
            kept: [
                pair(row.kept_1, row.kept_1_of),
                pair(row.kept_7, row.kept_7_of),
                pair(row.kept_30, row.kept_30_of),
            ],
            ..DayPeople::default()
        };
        let events = DayEvents {
            deliveries: counted(row.deliveries),
            searches: counted(row.searches),
            empty_searches: counted(row.empty_searches),
            published: counted(row.published),
            materials: counted(row.materials),
        };
        Self { people, events, counted_at: row.counted_at.0 }
    }
}
