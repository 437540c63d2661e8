//! The store's contract: one set of test bodies, run against every backend.
//!
//! A body takes a [`fixture::Store`] and knows only `Db`; [`contract!`] makes `sqlite::name` and
//! `postgres::name` of it, so that a backend cannot be left out, and a body that is not listed is
//! dead code, which CI refuses. What only one backend promises is in [`group_commit`], [`failures`]
//! and [`plans`].

/// Makes a test of each body for each backend.
macro_rules! contract {
    ($($name:ident,)+) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(&$crate::store::fixture::Store::sqlite().await).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(&$crate::store::fixture::Store::postgres().await).await;
            })+
        }
    };
}

mod adopt;
mod alerts;
mod aside;
mod bans;
mod batch;
mod broadcasts;
mod catalogue;
mod copy;
mod corpus;
mod dashboard;
mod desk;
mod editions;
mod failures;
mod figures;
mod fixture;
mod group_commit;
mod housekeeping;
mod jobs;
mod lease;
mod ledger;
mod materials;
mod meta;
mod migrate;
mod migrations;
mod notices;
mod outbox;
mod own_data;
mod people;
mod plans;
mod queue;
mod retention;
mod search;
mod series;
mod shelf;
mod statistics;
mod step;
mod upload;
mod words;
