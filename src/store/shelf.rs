//! The calls of the learners' shelf.

use futures_util::FutureExt as _;

use super::records::{AlikeRequest, BreakageStanding, PageRequest};
use super::{Backend, Db, StoreResult, calls, lite, pg, writes};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{MaterialId, UserId};
use crate::domain::likeness::Neighbour;
use crate::domain::shelf::{List, Placed, Reporter};

calls! {
    /// A piece of a list beyond an edge, the nearest first.
    read shelf::shelf_page(request: PageRequest) -> Vec<Placed>;
    /// How many entries a list has, counted no further than to `limit`.
    read shelf::shelf_count(list: List, user: UserId, limit: i64) -> i64;
    /// Whether a person keeps a material.
    read shelf::favourite_get(user: UserId, material: MaterialId) -> bool;
    /// What may be like a material, itself included, in no order and some twice.
    browse shelf::alike_candidates(request: AlikeRequest) -> Vec<Neighbour>;
    /// How many materials use these words: those that are known, in no order.
    browse shelf::word_uses(words: Vec<String>) -> Vec<(String, i64)>;
    /// How many people have taken a material.
    read shelf::takers(material: MaterialId) -> i64;
    /// How a file that may be broken stands, and what its asker has reported since.
    read breakages::breakage_standing(user: UserId, material: MaterialId, since: Timestamp, limit: i64) -> BreakageStanding;
    /// Who says that a material is broken, by their ids.
    read breakages::breakage_reporters(material: MaterialId, limit: i64) -> Vec<Reporter>;
}
