//! The composition root: the only module that may name every other.
//!
//! [`serve`] is one life of the program: settings in, exit reason out. `foundation` lays what everything stands on
//! (`instance` says who this process is), `wiring` makes the actors and joins them, `bells` joins them with other
//! processes. `leader` runs those that only one process may have, under a `lease`; `crew` runs the jobs. `telemetry`
//! says what happens, `signals` ends it.
//! `reload` reads the settings once more, `live_secrets` changes those of the listeners.
//! `looking` makes what looks into files, `figures` collects what nobody's work brings, `alerting`
//! joins what tells of faults, `causes` puts an error's into words, `backing_up` says how backups are made.

mod alerting;
mod backing_up;
mod bare;
mod bells;
mod budgets;
mod cancel;
mod causes;
mod check;
mod crew;
mod fault_log;
mod figures;
mod foundation;
mod importing;
mod insight;
mod instance;
mod leader;
mod manager;
mod lease;
mod live_secrets;
pub mod log_meter;
pub mod looking;
mod pages;
mod public;
mod reload;
mod retention;
mod serve;
mod signals;
pub mod telemetry;
mod vitals;
mod watch;
mod wiring;

pub use backing_up::{config as backup_config, program, source as backup_source};
pub use bare::bare_intake;
pub use cancel::cancel_job;
pub use causes::with_causes;
pub use check::check;
pub use foundation::{
    connect, open_database, open_database_soon, store_config, store_config_as_is, store_config_of,
};
pub use importing::{blobs, importer};
pub use reload::Source;
pub use serve::{Role, ServeError, serve};
