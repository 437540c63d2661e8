//! The list of checks in `docs/doctor.md`.

use std::fmt::Write as _;

use super::registry::checks;

/// A table of all checks, in Markdown.
pub fn table() -> String {
    let mut table = String::from("| check | asks | at worst |\n|---|---|---|\n");
    for check in checks() {
        let (name, asks, worst) = (check.name, check.asks, check.worst.name());
        // Writing to a text does not fail.
        let _ = writeln!(table, "| `{name}` | {asks} | {worst} |");
    }
    table
}
