//! Figures as a table of two columns, and what drills say of themselves.

use clap::ValueEnum;

/// How figures are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Output {
    Table,
    Json,
}

/// Prints rows of name and value, aligned.
pub fn print(title: &str, rows: &[(&str, String)]) {
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    crate::cli::say(&format!("\n{title}"));
    for (name, value) in rows {
        crate::cli::say(&format!("  {name:width$}  {value}"));
    }
}

/// Lines that a long drill leaves where nobody watches.
const PROGRESS_LINES: usize = 10;

/// Shows how far a long drill is: on a terminal in place, elsewhere as a few lines.
#[expect(clippy::print_stderr, reason = "the command line speaks to whoever typed it")]
pub fn progress(done: usize, of: usize, what: &str) {
    use std::io::IsTerminal as _;
    if std::io::stderr().is_terminal() {
        eprint!("\r{done} of {of} {what}{}", if done == of { "\n" } else { "" });
    } else if done.is_multiple_of((of / PROGRESS_LINES).max(1)) {
        eprintln!("{done} of {of} {what}");
    }
}

/// A figure of a report; a dash for one that it lacks.
pub fn figure(report: &serde_json::Value, name: &str) -> String {
    report.get(name).map_or_else(|| "-".to_owned(), ToString::to_string)
}

/// Bytes as mebibytes.
pub fn mib(bytes: u64) -> String {
    let tenths = bytes.saturating_mul(10) / (1024 * 1024);
    format!("{}.{} MiB", tenths / 10, tenths % 10)
}

/// The value at a share of the sorted samples, such as 0.99 for the 99th percentile.
pub fn percentile(sorted_us: &[u64], share_percent: usize) -> u64 {
    let last = sorted_us.len().saturating_sub(1);
    sorted_us.get(last * share_percent / 100).copied().unwrap_or(0)
}
