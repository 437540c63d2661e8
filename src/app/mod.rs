//! The composition root: the only module that may name every other.
//!
//! [`serve`] is one life of the program: settings in, exit reason out. `wiring` makes the parts and
//! joins them, `telemetry` says what happens, `signals` ends it.

mod serve;
mod signals;
pub mod telemetry;
mod wiring;

pub use serve::{ServeError, serve};
pub use wiring::{open_database, store_config};
