//! Whole-bot flows: what people see, over the simulator, with the real program as a process.
//!
//! A body takes the [`Backend`](crate::support::bot::Backend) it runs on; [`flows!`] makes tests of
//! the bodies: those under `both` for each database, the others for SQLite.

/// Compares what is seen with an inline snapshot; the same body may run on several databases.
macro_rules! sees {
    ($seen:expr, @$expected:literal) => {{
        let seen = $seen;
        insta::allow_duplicates! { insta::assert_snapshot!(seen, @$expected) }
    }};
}

/// Makes tests of bodies.
macro_rules! flows {
    (both { $($both:ident,)* } sqlite { $($lite:ident,)* }) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $both() {
                super::$both($crate::support::bot::Backend::Sqlite).await;
            })*
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $lite() {
                super::$lite($crate::support::bot::Backend::Sqlite).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $both() {
                super::$both($crate::support::bot::Backend::Postgres).await;
            })*
        }
    };
}

mod alerts;
mod broadcasts;
mod broadcast_dialog;
mod bulk;
mod buttons;
mod dashboard;
mod dashboard_actions;
mod dashboard_audit;
mod dashboard_page;
#[cfg(feature = "failpoints")]
mod desk;
mod digest;
mod duplicates;
mod files;
mod floods;
mod given_up;
mod healing;
#[cfg(feature = "failpoints")]
mod importing;
mod intake;
#[cfg(feature = "failpoints")]
mod left_nothing;
mod menu;
mod notices;
mod own_data;
#[cfg(feature = "failpoints")]
mod people;
#[cfg(feature = "failpoints")]
mod poison;
mod previews;
mod processes;
mod redis;
mod replace;
mod search;
mod shelf;
mod sections;
mod statistics;
pub mod steps;
mod stops;
mod traces;
mod upload;
#[cfg(feature = "failpoints")]
mod uploads;
mod webhook;
mod webhook_calls;
mod workers;
