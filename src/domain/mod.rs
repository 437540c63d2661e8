//! The pure heart: identifiers, events, dialog states, step functions, search analysis and
//! rate arithmetic.
//!
//! Invariants: nothing here does I/O, reads a clock, draws a random number, knows actix, diesel,
//! HTTP or wire types. Time and randomness come in as parameters, so that every decision can be
//! replayed in a test.

pub mod alert;
pub mod audience_list;
pub mod audit;
pub mod backup;
pub mod batch;
pub mod broadcast;
pub mod button;
pub mod calendar;
pub mod clock;
pub mod dashboard;
pub mod desk;
pub mod digest;
pub mod edition;
pub mod effect;
pub mod event;
pub mod facts;
pub mod failures;
pub mod given_up;
pub mod health;
pub mod html;
pub mod ids;
pub mod incident;
pub mod inspection;
pub mod intent;
pub mod job;
pub mod lang;
pub mod likeness;
pub mod limits;
pub mod material;
pub mod outgoing;
pub mod ownership;
pub mod pace;
pub mod people;
pub mod privacy;
pub mod request;
pub mod retention;
pub mod role;
pub mod search;
pub mod search_page;
pub mod sections;
pub mod series;
pub mod session;
pub mod shelf;
pub mod statistics;
pub mod step;
pub mod tell;
pub mod throttle;
pub mod trace;
pub mod uploads;
pub mod user;
