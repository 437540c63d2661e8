//! The calls of series, of the sections that people follow, and of the digest.

use futures_util::FutureExt as _;

use super::{Backend, Db, StoreResult, calls, lite, pg, writes};
use crate::domain::broadcast::{BroadcastState, NewBroadcast};
use crate::domain::clock::Timestamp;
use crate::domain::digest::{Fresh, Section};
use crate::domain::ids::{CategoryId, SeriesId, UserId};
use crate::domain::series::{NewSeries, Series};

calls! {
    /// Begins a series; one of that id goes on as the new one says, also after its end.
    write series::series_create(new: NewSeries, now: Timestamp) -> ();
    /// Ends a series: its broadcasts stay.
    write series::series_end(id: SeriesId, now: Timestamp) -> ();
    /// Series that go on, the next one first.
    read series::series_list() -> Vec<Series>;
    /// Series whose next slot has come.
    read series::series_due(now: Timestamp) -> Vec<Series>;
    /// The last slot of a series that was not missed.
    read series::series_told_until(id: SeriesId) -> Option<Timestamp>;
    /// Moves a series on and fills the slot; false when somebody else has, or the slot is filled.
    write(fence) series::series_advance(from: Timestamp, to: Timestamp, broadcast: NewBroadcast, state: BroadcastState, now: Timestamp) -> bool;

    /// A person follows a section, or no more.
    write follows::follow_set(user: UserId, category: CategoryId, follows: bool, now: Timestamp) -> ();
    /// Whether a person follows a section.
    read follows::follow_get(user: UserId, category: CategoryId) -> bool;
    /// What these people follow, in no order.
    read follows::follows_of(users: Vec<UserId>) -> Vec<(UserId, CategoryId)>;
    /// What was published at or after `since` and before `until`, and stands in a section, newest first.
    read follows::materials_published_between(since: Timestamp, until: Timestamp, limit: i64) -> Vec<Fresh>;
    /// All sections, in no order.
    read follows::sections_all() -> Vec<Section>;
}
