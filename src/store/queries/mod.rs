//! The query bodies, compiled once for each database: `super::Conn` is that database's connection
//! and `super::sql` holds the statements that it needs in its own words.
//!
//! Invariants: a body opens no transaction (the pools do) and touches nothing but the database.

pub mod adopt;
pub mod alert_acts;
pub mod alerts;
pub mod aside;
pub mod audit;
pub mod backlog;
pub mod bans;
pub mod batch;
mod belongings;
pub mod breakages;
pub mod broadcasts;
pub mod catalogue;
pub mod contents;
pub mod dashboard;
pub mod desk;
#[cfg(feature = "demo")]
pub mod drill;
pub mod editions;
pub mod erase;
pub mod errors;
pub mod facts;
mod fall;
pub mod figures;
pub mod follows;
pub mod handles;
pub mod housekeeping;
pub mod import;
pub mod incidents;
pub mod jobs;
pub mod lease;
pub mod ledger;
pub mod materials;
pub mod meta;
pub mod outbox;
pub mod ownership;
pub mod people;
pub mod personal;
pub mod requests;
pub mod schedules;
pub mod search;
pub mod sections;
pub mod series;
pub mod shelf;
pub mod statistics;
pub mod step;
pub mod tell;
pub mod upload;
