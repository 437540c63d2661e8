//! Every alert has a runbook, no runbook is an orphan, and what runbooks say to type exists: commands
//! and their options, metrics, settings, words of the log.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use super::{RuleFile, gauge, path_of, text_of};

/// What each page has, in this order.
const HEADINGS: [&str; 5] =
    ["## What it means", "## What people feel", "## Look first", "## Mend", "## Prevent"];

fn pages() -> BTreeSet<String> {
    let entries = std::fs::read_dir(path_of("docs/runbooks")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter_map(|name| name.strip_suffix(".md").map(str::to_owned)).collect()
}

fn page(name: &str) -> String {
    text_of(&format!("docs/runbooks/{name}.md"))
}

/// Pieces of code, wherever they stand on the page, with line ends as spaces.
fn code(text: &str) -> Vec<String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn every_alert_has_a_runbook_and_no_runbook_is_an_orphan() {
    let rules = RuleFile::shipped();
    let alerts: BTreeSet<String> = rules.alerts().map(|rule| rule.alert.clone()).collect();
    let mut pages = pages();
    assert!(pages.remove("README"), "no index");
    let differing: Vec<_> = alerts.symmetric_difference(&pages).collect();
    assert!(differing.is_empty(), "in one of the two only: {differing:?}");
    let index = page("README");
    for rule in rules.alerts() {
        let (name, severity) = (&rule.alert, &rule.labels["severity"]);
        assert!(index.contains(&format!("| [{name}]({name}.md) | {severity} | ")), "index: {name}");
        let page = page(name);
        assert!(page.starts_with(&format!("# {name}\n\nSeverity: {severity}.\n")), "{name}");
        let headings: Vec<&str> = page.lines().filter(|line| line.starts_with("## ")).collect();
        assert_eq!(headings, HEADINGS, "{name}");
    }
}

#[test]
fn links_between_pages_lead_somewhere() {
    let pages = pages();
    for name in &pages {
        let text = page(name);
        for link in text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
            let is_page = link.strip_suffix(".md").is_some_and(|page| pages.contains(page));
            let is_file = path_of("docs/runbooks").join(link.split('#').next().unwrap()).exists();
            assert!(is_page || is_file, "{name}: {link}");
        }
    }
}

#[test]
fn commands_and_their_options_exist() {
    let mut commands = BTreeSet::new();
    for name in pages() {
        for piece in code(&page(&name)) {
            if let Some(rest) = piece.strip_prefix("primelingo ") {
                commands.insert(rest.to_owned());
            }
        }
    }
    assert!(commands.len() > 15, "{commands:?}");
    for command in commands {
        let is_name = |word: &&str| word.chars().all(|c| c.is_ascii_lowercase());
        let words: Vec<&str> = command.split(' ').take_while(is_name).collect();
        // Values in small letters, such as a role, are not commands.
        let words = if command.starts_with("users role") { &words[..2] } else { &words[..] };
        if words.is_empty() {
            continue;
        }
        let output = Command::new(env!("CARGO_BIN_EXE_primelingo"))
            .args(words)
            .arg("--help")
            .output()
            .unwrap();
        let help = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "primelingo {command}: there is no such command");
        for option in command.split(' ').filter(|word| word.starts_with("--")) {
            assert!(help.contains(option), "primelingo {command}: there is no {option}");
        }
    }
}

#[test]
fn metrics_in_runbooks_exist() {
    let rules = RuleFile::shipped();
    let records = rules.records();
    let mut count = 0;
    for name in pages() {
        for piece in code(&page(&name)) {
            let is_query = ["primelingo_", "(process_"].iter().any(|part| piece.contains(part));
            if is_query || piece.starts_with("process_") {
                let faults = gauge::faults(&piece, &records);
                assert!(faults.is_empty(), "{name}: {piece}: {faults:?}");
                count += 1;
            }
        }
    }
    assert!(count > 30, "only {count}");
}

#[test]
fn settings_in_runbooks_exist() {
    let defaults: toml::Table = text_of("config/default.toml").parse().unwrap();
    let mut count = 0;
    for name in pages() {
        for piece in code(&page(&name)) {
            let Some((section, key)) = piece.split_once('.') else { continue };
            if let Some(settings) = defaults.get(section).and_then(toml::Value::as_table) {
                assert!(settings.contains_key(key), "{name}: there is no setting {piece}");
                count += 1;
            }
        }
    }
    assert!(count > 20, "only {count}");
}

#[test]
fn words_of_the_log_are_in_the_sources() {
    let mut sources = String::new();
    gather(&path_of("src"), &mut sources);
    // A long text may be continued on the next line.
    let sources = sources.split_whitespace().collect::<Vec<_>>().join(" ").replace("\\ ", "");
    let mut count = 0;
    for name in pages() {
        let page = page(&name);
        for item in page.split("\n- ").filter(|item| item.starts_with("The log: ")) {
            let item = item.split("\n\n").next().unwrap();
            for piece in code(item) {
                assert!(sources.contains(&piece), "{name}: nothing logs {piece:?}");
                count += 1;
            }
        }
    }
    assert!(count > 30, "only {count}");
}

fn gather(folder: &Path, sources: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, sources);
        } else if path.extension().is_some_and(|end| end == "rs") {
            sources.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
}
