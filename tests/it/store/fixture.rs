//! A database of its own for each test, and short words for what the tests put in.

use chrono::{DateTime, TimeDelta};
use primelingo::domain::clock::Timestamp;
use primelingo::store::{Db, StoreError, StoreResult};

pub use crate::support::place::Place;

/// The store under test, on a database that ends with this value.
pub struct Store {
    pub db: Db,
    pub place: Place,
}

impl Store {
    pub async fn sqlite() -> Self {
        Self::at(Place::sqlite()).await
    }

    pub async fn postgres() -> Self {
        Self::at(Place::postgres()).await
    }

    async fn at(place: Place) -> Self {
        Self { db: place.open().await, place }
    }

    /// How many rows a table has.
    pub async fn rows(&self, table: &str) -> i64 {
        self.place.number(&format!("SELECT count(*) FROM {table}")).await
    }
}

/// A moment, so many seconds after the tests' time begins.
pub fn at(seconds: i64) -> Timestamp {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::seconds(seconds)
}

/// What a conflict is about; any other outcome fails the test.
#[track_caller]
pub fn conflict<T: std::fmt::Debug>(result: StoreResult<T>) -> &'static str {
    match result {
        Err(StoreError::Conflict { what }) => what,
        other => panic!("a conflict was expected, not {other:?}"),
    }
}
