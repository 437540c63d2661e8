//! Stage 3: the library's use-cases as plain async functions over the store.
//!
//! Invariants: nothing here sends or knows actix; what is read here is read outside any transaction,
//! and whatever matters for safety is checked again at the commit.

pub mod adopt;
mod alerts;
pub mod blobs;
pub mod broadcasts;
pub mod bulk;
mod dashboard;
mod desk;
mod people;
pub mod facts;
pub mod import;
pub mod orphans;
pub mod previews;
mod replacing;
mod requests;
pub mod search;
mod shelf;
pub mod statistics;
pub mod terms;
pub mod uploads;
pub mod verify;
mod vocabulary;
