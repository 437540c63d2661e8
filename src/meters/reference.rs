//! The reference page `docs/metrics.md`, made from the catalogue so that it cannot drift.

use std::fmt::Write as _;

use super::catalogue::{CATALOGUE, Family, Kind, Label, Presence};

const HEAD: &str = "\
# Metrics

Made from `src/meters/catalogue`; a test compares, and
`PRIMELINGO_REWRITE=1 cargo test --test it metrics_page` writes it anew.

`/metrics` (Prometheus text) shows all of this to callers on the same machine and to bearers of `web.token`.
A label has no other values than those given here. *At zero* means from the start of the process, for every
combination that can occur; whatever belongs to a part that is not configured is absent, so that a fresh
installation raises no alert.

The figures of backups are not here yet: they come with backups.
";

/// The page.
pub fn reference_page() -> String {
    let mut page = HEAD.to_owned();
    let mut group = "";
    for family in CATALOGUE {
        if family.group != group {
            group = family.group;
            // A String takes whatever is written.
            let _ = writeln!(
                page,
                "\n## {group}\n\n| name | type | labels | there | meaning |\n|---|---|---|---|---|"
            );
        }
        let _ = writeln!(page, "{}", row(family));
    }
    page.push_str("\n## Buckets\n\n| name | upper bounds, seconds |\n|---|---|\n");
    for family in CATALOGUE {
        if let Kind::Histogram(buckets) = family.kind {
            let bounds: Vec<String> = buckets.iter().map(ToString::to_string).collect();
            let _ = writeln!(page, "| `{}` | {} |", family.name, bounds.join(", "));
        }
    }
    page
}

fn row(family: &Family) -> String {
    let unit = match family.unit {
        "" => String::new(),
        unit => format!(", {unit}"),
    };
    let labels: Vec<String> = family.labels.iter().map(values).collect();
    let there = match family.presence {
        Presence::Always => "at zero".to_owned(),
        Presence::With(part) => format!("at zero {}", part.words()),
        Presence::Once(what) => format!("after {what}"),
    };
    let (name, kind, help) = (family.name, family.kind.name(), family.help);
    format!("| `{name}` | {kind}{unit} | {} | {there} | {help} |", labels.join("<br>"))
}

fn values(label: &Label) -> String {
    if label.values.is_empty() {
        return format!("`{}` (as configured or built)", label.name);
    }
    format!("`{}`: {}", label.name, label.values.join(", "))
}
