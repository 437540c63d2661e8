//! Figures as a table of two columns.

/// Prints rows of name and value, aligned.
pub fn print(title: &str, rows: &[(&str, String)]) {
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    crate::cli::say(&format!("\n{title}"));
    for (name, value) in rows {
        crate::cli::say(&format!("  {name:width$}  {value}"));
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
