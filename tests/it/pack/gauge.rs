//! Gate 2: every metric, label and label value of a query stands in the catalogue.

use primelingo::meters::{CATALOGUE, Family, Kind};

use super::promql::{self, Matcher, Use};

/// Labels that Prometheus gives to whatever it scrapes.
const OF_THE_TARGET: [&str; 2] = ["instance", "job"];

/// Prometheus's own metrics, with their labels beside those of the target.
const OF_PROMETHEUS: &[(&str, &[&str])] = &[
    ("up", &[]),
    ("scrape_duration_seconds", &[]),
    ("scrape_samples_post_metric_relabeling", &[]),
    ("ALERTS", &["alertname", "alertstate", "service", "severity"]),
];

/// What a name stands for.
enum Known {
    /// A family of ours, perhaps by a suffix of a histogram.
    Ours(&'static Family, &'static str),
    /// One of Prometheus's own.
    Prometheus(&'static [&'static str]),
    /// The result of a recording rule, which keeps no labels.
    Recorded,
}

/// What is wrong with the metrics and labels of a query; `records` are the names of recording
/// rules.
pub fn faults(text: &str, records: &[&str]) -> Vec<String> {
    let query = promql::read(text);
    let mut faults = Vec::new();
    for used in &query.uses {
        match known(&used.metric, records) {
            None => faults.push(format!("there is no metric {}", used.metric)),
            Some(known) => {
                faults.extend(
                    used.matchers.iter().filter_map(|matcher| fault(&known, used, matcher)),
                );
            }
        }
    }
    for grouping in &query.groupings {
        for label in &grouping.labels {
            let has = |used: &Use| {
                known(&used.metric, records).is_some_and(|known| has_label(&known, label))
            };
            let on_target = OF_THE_TARGET.contains(&label.as_str());
            if !on_target && !query.within(grouping).any(has) {
                faults.push(format!("no metric in reach has the label {label}"));
            }
        }
    }
    faults
}

fn known(name: &str, records: &[&str]) -> Option<Known> {
    if records.contains(&name) {
        return Some(Known::Recorded);
    }
    if let Some((_, labels)) = OF_PROMETHEUS.iter().find(|(known, _)| *known == name) {
        return Some(Known::Prometheus(labels));
    }
    CATALOGUE.iter().find_map(|family| {
        let suffix = name.strip_prefix(family.name)?;
        let is_histogram = matches!(family.kind, Kind::Histogram(_));
        let suffix = match suffix {
            "" if !is_histogram => "",
            "_bucket" if is_histogram => "_bucket",
            "_sum" if is_histogram => "_sum",
            "_count" if is_histogram => "_count",
            _ => return None,
        };
        Some(Known::Ours(family, suffix))
    })
}

fn has_label(known: &Known, label: &str) -> bool {
    match known {
        Known::Ours(_, "_bucket") if label == "le" => true,
        Known::Ours(family, _) => family.labels.iter().any(|known| known.name == label),
        Known::Prometheus(labels) => labels.contains(&label),
        Known::Recorded => false,
    }
}

fn fault(known: &Known, used: &Use, matcher: &Matcher) -> Option<String> {
    let Matcher { label, op, value } = matcher;
    if OF_THE_TARGET.contains(&label.as_str()) {
        return None;
    }
    if !has_label(known, label) {
        return Some(format!("{} has no label {label}", used.metric));
    }
    let Known::Ours(family, _) = known else { return None };
    let values: Vec<String> = if let ("le", Kind::Histogram(bounds)) = (label.as_str(), family.kind)
    {
        bounds.iter().map(ToString::to_string).chain(["+Inf".to_owned()]).collect()
    } else {
        let label = family.labels.iter().find(|known| known.name == label)?;
        label.values.iter().map(|value| (*value).to_owned()).collect()
    };
    // Fixed by the configuration, as a queue's name.
    if values.is_empty() {
        return None;
    }
    let wanted: Vec<&str> =
        if op.ends_with('~') { value.split('|').collect() } else { vec![value] };
    let fits = |wanted: &str| match wanted.strip_suffix(".*") {
        Some(begin) => values.iter().any(|value| value.starts_with(begin)),
        None => values.iter().any(|value| value == wanted),
    };
    let missing: Vec<&str> = wanted.into_iter().filter(|wanted| !fits(wanted)).collect();
    (!missing.is_empty())
        .then(|| format!("{} never has {label} = {}", used.metric, missing.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_right_is_passed() {
        for good in [
            r#"sum by (kind) (rate(primelingo_updates_total{outcome="error",instance=~"$instance"}[5m]))"#,
            r#"primelingo_update_duration_seconds_bucket{le="2.5"}"#,
            r#"rate(primelingo_telegram_requests_total{outcome=~"timeout|network",method=~"send.*"}[5m])"#,
            r#"primelingo_queue_depth{queue="whatever",state="ready"} and on (queue) primelingo_queue_paused"#,
            r#"count(ALERTS{severity="page"}) + a:b"#,
        ] {
            assert_eq!(faults(good, &["a:b"]), [""; 0], "{good}");
        }
    }

    #[test]
    fn planted_faults_are_found() {
        for (planted, fault) in [
            ("primelingo_updates", "there is no metric primelingo_updates"),
            (
                "primelingo_update_duration_seconds",
                "there is no metric primelingo_update_duration_seconds",
            ),
            ("x:y", "there is no metric x:y"),
            (
                r#"primelingo_updates_total{color="red"}"#,
                "primelingo_updates_total has no label color",
            ),
            (
                r#"primelingo_updates_total{outcome="bad"}"#,
                "primelingo_updates_total never has outcome = bad",
            ),
            (
                r#"primelingo_updates_total{outcome=~"ok|bad|err.*|no.*"}"#,
                "primelingo_updates_total never has outcome = bad, no.*",
            ),
            (
                r#"primelingo_update_duration_seconds_bucket{le="2.4"}"#,
                "primelingo_update_duration_seconds_bucket never has le = 2.4",
            ),
            ("sum by (queue) (primelingo_users)", "no metric in reach has the label queue"),
            (
                "sum by (queue) (primelingo_users) / sum by (queue) (primelingo_queue_depth)",
                "no metric in reach has the label queue",
            ),
            ("sum(primelingo_users) by (le)", "no metric in reach has the label le"),
        ] {
            assert_eq!(faults(planted, &[]), [fault], "{planted}");
        }
    }
}
