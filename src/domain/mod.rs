//! The pure heart: identifiers, events, dialog states, step functions, search analysis and
//! rate arithmetic.
//!
//! Invariants: nothing here does I/O, reads a clock, draws a random number, knows actix, diesel,
//! HTTP or wire types. Time and randomness come in as parameters, so that every decision can be
//! replayed in a test.

pub mod audience_list;
pub mod batch;
pub mod broadcast;
pub mod button;
pub mod calendar;
pub mod clock;
pub mod digest;
pub mod edition;
pub mod effect;
pub mod event;
pub mod facts;
pub mod failures;
pub mod html;
pub mod ids;
pub mod incident;
pub mod inspection;
pub mod intent;
pub mod job;
pub mod lang;
pub mod limits;
pub mod material;
pub mod outgoing;
pub mod pace;
pub mod role;
pub mod search;
pub mod search_page;
pub mod series;
pub mod session;
pub mod statistics;
pub mod step;
pub mod uploads;
pub mod user;
