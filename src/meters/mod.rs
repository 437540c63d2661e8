//! The program's figures: what they are called, what they mean, and how they are read.
//!
//! | need | use |
//! |---|---|
//! | know or check a name, its labels, its buckets | [`CATALOGUE`] |
//! | judge or draw figures inside the program | [`Readings`] |
//!
//! Invariants: every figure that is emitted stands in the catalogue, with the closed set of values
//! of each of its labels, and the other way round (a test reads the sources); never is an id or a
//! text a label. Alerts and dashboard judge the same figures that Prometheus collects.

mod catalogue;
mod reading;

pub use catalogue::{CATALOGUE, Family, Kind, Label, Presence};
pub use reading::{Reading, Readings, Sample};
