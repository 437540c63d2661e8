//! The pack under `config/`: rules, boards, Alertmanager's configuration, and the runbooks.
//!
//! Five gates keep it alive:
//!
//! 1. the `PromQL` of every rule and panel parses ([`rules`], [`boards`]);
//! 2. every metric, label and label value in it stands in the catalogue ([`gauge`]);
//! 3. promtool and amtool find nothing ([`rules`]);
//! 4. every alert has a test that it fires and one that it is silent ([`rules`]);
//! 5. no panel is dead: a live Prometheus over a live bot has data for each ([`panels`]).
//!
//! The [`drill`] fires alerts for real. Servers are started by [`servers`], on free ports of the
//! loopback, and die with the test.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::{Deserialize, Serialize};

mod boards;
#[cfg(feature = "failpoints")]
mod drill;
mod gauge;
mod panels;
mod promql;
mod rules;
mod runbooks;
#[cfg(feature = "failpoints")]
mod scaled;
mod servers;

/// Where the runbooks are read, until somebody sets their own base.
const RUNBOOKS: &str = "https://example.org/primelingo/docs/runbooks/";

/// A file of rules.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    groups: Vec<Group>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    name: String,
    rules: Vec<Rule>,
}

/// A recording rule or an alert.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    record: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    alert: String,
    expr: String,
    #[serde(default, rename = "for", skip_serializing_if = "String::is_empty")]
    wait: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    keep_firing_for: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    labels: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<String, String>,
}

impl RuleFile {
    /// The rules that operators use.
    fn shipped() -> Self {
        serde_saphyr::from_str(&text_of("config/prometheus/primelingo.rules.yml")).unwrap()
    }

    fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.groups.iter().flat_map(|group| &group.rules)
    }

    fn alerts(&self) -> impl Iterator<Item = &Rule> {
        self.rules().filter(|rule| !rule.alert.is_empty())
    }

    /// The names of what is recorded.
    fn records(&self) -> Vec<&str> {
        self.rules().map(|rule| rule.record.as_str()).filter(|name| !name.is_empty()).collect()
    }
}

/// A file of the repository.
fn path_of(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn text_of(path: &str) -> String {
    std::fs::read_to_string(path_of(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Runs a tool of Prometheus's over files of the repository. It must find nothing.
fn must_pass(program: &str, arguments: &[&str]) -> String {
    let output =
        Command::new(program).args(arguments).current_dir(path_of("")).output().unwrap_or_else(
            |error| panic!("cannot run {program} ({error}); tests/run.sh installs it"),
        );
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}:\n{said}");
    said.into_owned()
}
