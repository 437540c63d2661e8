//! Gates 1 to 4 for the rules: they parse, use what there is, are linted, and each alert has a test
//! that it fires and one that it is silent.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use super::{RUNBOOKS, RuleFile, gauge, must_pass, text_of};

const RULES: &str = "config/prometheus/primelingo.rules.yml";
/// Those over hours and days are apart: they are looked at less often.
const TESTS: [&str; 2] = [
    "config/prometheus/primelingo.rules.test.yml",
    "config/prometheus/primelingo.rules.long.test.yml",
];
const ALERTMANAGER: &str = "config/alertmanager/alertmanager.yml";

/// It fires always: that is what it is for.
const NEVER_SILENT: &str = "PrimeLingoWatchdog";

#[derive(Debug, Deserialize)]
struct Tests {
    tests: Vec<Test>,
}

#[derive(Debug, Deserialize)]
struct Test {
    name: String,
    #[serde(default)]
    input_series: Vec<Series>,
    #[serde(rename = "alert_rule_test")]
    expected: Vec<Expected>,
}

#[derive(Debug, Deserialize)]
struct Series {
    series: String,
}

#[derive(Debug, Deserialize)]
struct Expected {
    alertname: String,
    exp_alerts: Vec<Value>,
}

impl Tests {
    fn shipped() -> Self {
        let mut all = Self { tests: Vec::new() };
        for file in TESTS {
            let Self { tests } = serde_saphyr::from_str(&text_of(file)).unwrap();
            all.tests.extend(tests);
        }
        all
    }

    /// What the tests lack for these alerts.
    fn gaps<'a>(&self, alerts: impl Iterator<Item = &'a str>) -> Vec<String> {
        let (mut fire, mut silent) = (BTreeSet::new(), BTreeSet::new());
        for test in &self.tests {
            for expected in &test.expected {
                // Of nothing at all every alert is silent.
                if !expected.exp_alerts.is_empty() {
                    fire.insert(expected.alertname.as_str());
                } else if test.is_silent() && !test.input_series.is_empty() {
                    silent.insert(expected.alertname.as_str());
                }
            }
        }
        let mut gaps = Vec::new();
        for alert in alerts {
            if !fire.contains(alert) {
                gaps.push(format!("{alert}: no test in which it fires"));
            }
            if !silent.contains(alert) && alert != NEVER_SILENT {
                gaps.push(format!("{alert}: no test in which it is silent"));
            }
        }
        gaps
    }
}

impl Test {
    fn is_silent(&self) -> bool {
        self.expected.iter().all(|expected| expected.exp_alerts.is_empty())
    }
}

#[test]
fn promtool_and_amtool_find_nothing() {
    must_pass("promtool", &["check", "config", "config/prometheus/prometheus.yml"]);
    must_pass("promtool", &["check", "rules", "--lint=all", "--lint-fatal", RULES]);
    must_pass("promtool", &["test", "rules", TESTS[0], TESTS[1]]);
    must_pass("amtool", &["check-config", ALERTMANAGER]);
}

#[test]
fn alerts_take_the_right_way() {
    let receiver = |labels: &[&str]| {
        let config = format!("--config.file={ALERTMANAGER}");
        let arguments = [&["config", "routes", "test", &config], labels].concat();
        let said = must_pass("amtool", &arguments);
        said.lines().find(|line| !line.starts_with("Warning")).unwrap_or_default().to_owned()
    };
    assert_eq!(receiver(&["alertname=PrimeLingoDown", "severity=page"]), "admins-and-pager");
    assert_eq!(receiver(&["alertname=PrimeLingoPanics", "severity=ticket"]), "admins");
    assert_eq!(receiver(&["alertname=PrimeLingoWatchdog", "severity=none"]), "admins");
}

#[test]
fn rules_use_what_the_catalogue_has() {
    let rules = RuleFile::shipped();
    let records = rules.records();
    let mut faults = Vec::new();
    for rule in rules.rules() {
        let name = format!("{}{}", rule.alert, rule.record);
        let found = gauge::faults(&rule.expr, &records);
        faults.extend(found.into_iter().map(|fault| format!("{name}: {fault}")));
    }
    for test in Tests::shipped().tests {
        for series in &test.input_series {
            let found = gauge::faults(&series.series, &records);
            faults.extend(found.into_iter().map(|fault| format!("{}: {fault}", test.name)));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_alert_fires_and_is_silent_in_a_test() {
    let rules = RuleFile::shipped();
    let tests = Tests::shipped();
    assert_eq!(tests.gaps(rules.alerts().map(|rule| rule.alert.as_str())), [""; 0]);
    let known: BTreeSet<&str> = rules.alerts().map(|rule| rule.alert.as_str()).collect();
    for test in &tests.tests {
        for expected in &test.expected {
            assert!(known.contains(expected.alertname.as_str()), "{}", test.name);
            assert!(test.name.starts_with(&expected.alertname), "{}", test.name);
        }
    }
}

#[test]
fn a_planted_alert_without_tests_is_found() {
    let gaps = Tests::shipped().gaps(["PrimeLingoDown", "PrimeLingoNew"].into_iter());
    let expected = [
        "PrimeLingoNew: no test in which it fires",
        "PrimeLingoNew: no test in which it is silent",
    ];
    assert_eq!(gaps, expected);
}

#[test]
fn alerts_say_what_people_need() {
    let rules = RuleFile::shipped();
    let mut names = BTreeSet::new();
    for rule in rules.alerts() {
        let name = &rule.alert;
        assert!(names.insert(name), "{name} stands twice");
        let severity = rule.labels["severity"].as_str();
        assert!(["page", "ticket", "none"].contains(&severity), "{name}: {severity}");
        assert_eq!(rule.labels["service"], "primelingo", "{name}");
        assert_eq!(rule.annotations["runbook_url"], format!("{RUNBOOKS}{name}.md"), "{name}");
        for what in ["summary", "description"] {
            assert!(rule.annotations[what].len() > 10, "{name}: {what}");
        }
    }
    assert!(names.len() >= 33, "{}", names.len());
}

/// What inhibits and what is inhibited are alerts that exist.
#[test]
fn alertmanager_knows_our_alerts() {
    let rules = RuleFile::shipped();
    let names: Vec<&str> = rules.alerts().map(|rule| rule.alert.as_str()).collect();
    let mut mentioned = 0;
    for alternatives in alternatives(&text_of(ALERTMANAGER)) {
        for wanted in alternatives {
            let fits = |name: &&str| match wanted.strip_suffix(".*") {
                Some(begin) => name.starts_with(begin),
                None => **name == wanted,
            };
            assert!(names.iter().any(fits), "there is no alert {wanted}");
            mentioned += 1;
        }
    }
    assert!(mentioned >= 40, "only {mentioned} are mentioned");
}

/// The names that each `alertname` matcher stands for.
fn alternatives(text: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("alertname ") {
        let Some(value) = text[at..].split('"').nth(1) else { continue };
        let (begin, list) = value
            .split_once('(')
            .map_or(("", value), |(begin, rest)| (begin, rest.trim_end_matches(')')));
        let expanded = list.split('|').map(|name| format!("{begin}{name}")).collect();
        found.push(expanded);
    }
    found
}

#[test]
fn alternatives_are_spelled_out() {
    let text = r#"[alertname = "A"] alertname =~ "P(x|y.*)" alertname =~ "B|C""#;
    assert_eq!(alternatives(text), [vec!["A"], vec!["Px", "Py.*"], vec!["B", "C"]]);
}

/// Every severity by which Alertmanager routes is one that a rule has.
#[test]
fn severities_are_used() {
    let rules = RuleFile::shipped();
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    for rule in rules.alerts() {
        *count.entry(rule.labels["severity"].as_str()).or_default() += 1;
    }
    assert_eq!(count["none"], 1, "the Watchdog alone");
    assert!(
        count["page"] < count["ticket"],
        "whoever pages for everything is not heard: {count:?}"
    );
}
