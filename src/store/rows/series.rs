//! Rows of series and of the digest.

use diesel::prelude::*;

use super::broadcasts::{read, written};
use super::corrupt;
use crate::domain::broadcast::DoubtPolicy;
use crate::domain::digest::Fresh;
use crate::domain::ids::{CategoryId, ChatId, MaterialId, SeriesId, UserId};
use crate::domain::inspection::Kind;
use crate::domain::series::{NewSeries, Series};
use crate::store::error::{StoreError, StoreResult};
use crate::store::schema::{broadcast_series, materials};
use crate::store::sql_types::Time;

/// All but what stays when a series is set up anew.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = broadcast_series, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct NewSeriesRow {
    created_by: i64,
    chat_id: i64,
    content: Option<String>,
    audience: String,
    doubt: &'static str,
    quiet: Option<String>,
    paid: bool,
    repeat: String,
    next_at: Time,
    ended_at: Option<Time>,
}

impl NewSeriesRow {
    /// A series that goes on.
    pub fn new(new: &NewSeries) -> StoreResult<Self> {
        Ok(Self {
            created_by: new.by.0,
            chat_id: new.chat.0,
            content: new.content.as_ref().map(written).transpose()?,
            audience: written(&new.audience)?,
            doubt: new.doubt.name(),
            quiet: new.quiet.as_ref().map(written).transpose()?,
            paid: new.paid,
            repeat: written(&new.repeat)?,
            next_at: Time(new.next_at),
            ended_at: None,
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = broadcast_series)]
pub struct SeriesRow {
    id: i64,
    created_by: i64,
    chat_id: i64,
    content: Option<String>,
    audience: String,
    doubt: String,
    quiet: Option<String>,
    paid: bool,
    repeat: String,
    next_at: Time,
    ended_at: Option<Time>,
    created_at: Time,
}

impl TryFrom<SeriesRow> for Series {
    type Error = StoreError;

    fn try_from(row: SeriesRow) -> StoreResult<Self> {
        let content = row.content.map(|it| read(&it, "broadcast_series.content")).transpose()?;
        let quiet = row.quiet.map(|it| read(&it, "broadcast_series.quiet")).transpose()?;
        let plan = NewSeries {
            id: SeriesId(row.id),
            by: UserId(row.created_by),
            chat: ChatId(row.chat_id),
            content,
            audience: read(&row.audience, "broadcast_series.audience")?,
            doubt: DoubtPolicy::from_name(&row.doubt).ok_or(corrupt("broadcast_series.doubt"))?,
            quiet,
            paid: row.paid,
            repeat: read(&row.repeat, "broadcast_series.repeat")?,
            next_at: row.next_at.0,
        };
        Ok(Self { plan, ended_at: row.ended_at.map(|at| at.0), created_at: row.created_at.0 })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = materials)]
pub struct FreshRow {
    id: i64,
    title: String,
    kind: String,
    category_id: Option<i64>,
}

impl FreshRow {
    /// None for what stands in no section.
    pub fn fresh(self) -> StoreResult<Option<Fresh>> {
        let Some(category) = self.category_id.map(CategoryId) else { return Ok(None) };
        let kind = Kind::from_name(&self.kind).ok_or(corrupt("materials.kind"))?;
        Ok(Some(Fresh { id: MaterialId(self.id), title: self.title, kind, category }))
    }
}
