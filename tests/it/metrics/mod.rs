//! The figures as a whole: catalogue, sources, reference page and a running bot say the same, and
//! nobody who writes to the bot can make a new series.

mod flood;
mod source;

use std::collections::BTreeSet;

use primelingo::domain::audit::AuditAction;
use primelingo::domain::health::{Component, State};
use primelingo::domain::intent::COMMANDS;
use primelingo::meters::{CATALOGUE, Family, reference_page};

use crate::architecture::root;

/// Set, the reference page is written anew.
const REWRITE: &str = "PRIMELINGO_REWRITE";

fn family(name: &str) -> &'static Family {
    CATALOGUE.iter().find(|family| family.name == name).unwrap_or_else(|| panic!("no {name}"))
}

fn values(name: &str, label: &str) -> BTreeSet<&'static str> {
    family(name).label(label).unwrap().values.iter().copied().collect()
}

#[test]
fn the_metrics_page_is_made_of_the_catalogue() {
    let path = root().join("docs/metrics.md");
    let page = reference_page();
    if std::env::var_os(REWRITE).is_some() {
        std::fs::write(&path, page).unwrap();
        return;
    }
    let there = std::fs::read_to_string(path).unwrap_or_default();
    assert!(there == page, "docs/metrics.md is old: write it anew with {REWRITE}=1");
}

#[test]
fn labels_know_all_that_the_domain_knows() {
    let components = values("primelingo_component_up", "component");
    assert_eq!(components, Component::ALL.map(Component::name).into());
    let states = values("primelingo_component_state_changes_total", "to");
    assert_eq!(states, State::ALL.map(State::name).into());
    let actions = values("primelingo_admin_actions_total", "action");
    assert!(actions.is_superset(&AuditAction::ALL.map(AuditAction::name).into()));
    let commands = values("primelingo_commands_total", "command");
    assert!(commands.is_superset(&COMMANDS.into()));
}

/// Kinds of jobs hold data, so that there is no list of them: their names are read.
#[test]
fn every_kind_of_job_has_its_label() {
    let source = std::fs::read_to_string(root().join("src/domain/job.rs")).unwrap();
    let names = source.split("pub const fn name(&self)").nth(1).unwrap();
    let names = names.split("pub fn unique_key").next().unwrap();
    let names: BTreeSet<&str> =
        names.lines().filter_map(|line| line.split('"').nth(1)).chain(["unknown"]).collect();
    assert!(names.len() > 20, "{names:?}");
    assert_eq!(names, values("primelingo_jobs_total", "task"));
}
