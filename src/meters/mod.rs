//! The program's figures: what they are called, what they mean, and how they are read.
//!
//! | need | use |
//! |---|---|
//! | know or check a name, its labels, its buckets | [`CATALOGUE`] |
//! | make an exporter that knows the catalogue | [`exporter`], then [`register`] |
//! | judge or draw figures inside the program | [`Readings`] |
//! | the reference page | [`reference_page`] |
//!
//! Invariants: every figure that is emitted stands in the catalogue, with the closed set of values
//! of each of its labels, and the other way round (a test reads the sources); never is an id or a
//! text a label. Alerts and dashboard judge the same figures that Prometheus collects.

mod catalogue;
mod reading;
mod reference;
mod register;

pub use catalogue::{CATALOGUE, Family, Kind, Label, Part, Presence};
pub use reading::{Reading, Readings, Sample};
pub use reference::reference_page;
pub use register::{Configured, Series, exporter, register};
