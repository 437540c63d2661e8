//! The composition root: the only module that may name every other.
//!
//! [`serve`] is one life of the program: settings in, exit reason out. `foundation` lays what everything stands on,
//! `wiring` makes the actors and joins them, `bells` joins them with other processes, `telemetry` says what happens, `signals` ends it.

mod bare;
mod bells;
mod foundation;
mod serve;
mod signals;
pub mod telemetry;
mod watch;
mod wiring;

pub use bare::bare_intake;
pub use foundation::{open_database, store_config};
pub use serve::{ServeError, serve};
