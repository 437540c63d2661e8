//! The calls of the learners' shelf.

use futures_util::FutureExt as _;

use super::{Backend, Db, StoreResult, calls, lite, pg, writes};
use crate::domain::ids::MaterialId;

calls! {
    /// How many people have taken a material.
    read shelf::takers(material: MaterialId) -> i64;
}
