//! What the program is delivered with, held against the program: units for systemd, the image and its
//! neighbours, scripts, and the pages of `docs`.
//!
//! What linters see of it is `tests/packages.sh`'s.

#[cfg(target_os = "linux")]
mod cage;
mod commands;
mod compose;
mod documents;
mod image;
mod privacy;
mod supply;
mod units;

use std::path::PathBuf;

use crate::architecture::root;

/// A file of the repository.
fn path_of(path: &str) -> PathBuf {
    root().join(path)
}

fn text_of(path: &str) -> String {
    std::fs::read_to_string(path_of(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}
