//! The pages that are read before and while the program is used: those made from the code are new, and what
//! all of them name is there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use primelingo::cli::commands_page;
use primelingo::settings::{configuration_page, described, plain_names};

use super::{commands, path_of, text_of};
use crate::architecture::root;

/// Set, the reference pages are written anew.
const REWRITE: &str = "PRIMELINGO_REWRITE";

/// Pages of measurements and transcripts: they tell what once was typed.
const OF_THE_PAST: [&str; 1] = ["docs/measurements.md"];

pub(super) fn must_be_new(path: &str, page: &str) {
    if std::env::var_os(REWRITE).is_some() {
        std::fs::write(path_of(path), page).unwrap();
        return;
    }
    let there = std::fs::read_to_string(path_of(path)).unwrap_or_default();
    assert!(there == page, "{path} is old: write it anew with {REWRITE}=1");
}

#[test]
fn the_configuration_page_is_made_of_the_defaults() {
    must_be_new("docs/configuration.md", &configuration_page());
}

#[test]
fn the_commands_page_is_made_of_the_command_line() {
    must_be_new("docs/commands.md", &commands_page());
}

/// All pages for people, by their paths in the repository.
fn pages() -> Vec<String> {
    let mut pages = vec!["README.md".to_owned()];
    for folder in ["docs", "docs/runbooks", "config", "simulator", "tests/it/data"] {
        for entry in std::fs::read_dir(path_of(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if Path::new(&name).extension().is_some_and(|end| end == "md") {
                pages.push(format!("{folder}/{name}"));
            }
        }
    }
    assert!(pages.len() > 60, "{pages:?}");
    pages
}

#[test]
fn links_lead_somewhere() {
    let mut broken = Vec::new();
    for page in pages() {
        for link in links(&text_of(&page)) {
            if let Some(fault) = fault(&page, &link) {
                broken.push(format!("{page}: {link}: {fault}"));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_map_of_the_code_has_every_folder() {
    let map = text_of("docs/architecture.md");
    let mut count = 0;
    for entry in std::fs::read_dir(path_of("src")).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            let name = entry.file_name().into_string().unwrap();
            let row = |line: &str| line.starts_with('|') && line.contains(&format!("`{name}`"));
            assert!(map.lines().any(row), "docs/architecture.md does not tell of src/{name}");
            count += 1;
        }
    }
    assert!(count > 15, "only {count}");
}

/// Targets of links and pictures. Code is no text.
fn links(text: &str) -> Vec<String> {
    let text: String =
        text.lines().filter(|line| !line.starts_with("    ")).collect::<Vec<_>>().join("\n");
    let words = text.split("](").skip(1);
    words.filter_map(|rest| Some(rest.split_once(')')?.0.to_owned())).collect()
}

/// Why a link leads nowhere, if it does not.
fn fault(page: &str, link: &str) -> Option<String> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (path, place) = link.split_once('#').unwrap_or((link, ""));
    let folder = Path::new(page).parent().unwrap();
    let target: PathBuf = if path.is_empty() { page.into() } else { folder.join(path) };
    let full = root().join(&target);
    if !full.exists() {
        return Some("there is no such file".to_owned());
    }
    if place.is_empty() {
        return None;
    }
    let text = std::fs::read_to_string(full).ok()?;
    let headings: BTreeSet<String> =
        text.lines().filter(|line| line.starts_with('#')).map(place_of).collect();
    (!headings.contains(place)).then(|| format!("there is no such heading: {headings:?}"))
}

/// The name under which a browser finds a heading.
fn place_of(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    text.chars()
        .filter_map(|letter| match letter {
            ' ' => Some('-'),
            '-' | '_' => Some(letter),
            _ => Some(letter).filter(|letter| letter.is_alphanumeric()),
        })
        .collect()
}

#[test]
fn links_that_lead_nowhere_are_found() {
    assert_eq!(fault("docs/search.md", "../README.md#try-it"), None);
    assert!(fault("docs/search.md", "README.md").is_some());
    assert!(fault("docs/search.md", "../README.md#nothing-like-it").is_some());
    assert_eq!(links("a [b](c) ![d](e.png)\n    [f](g)"), ["c", "e.png"]);
}

/// Pieces of code and lines of code blocks.
fn code(text: &str) -> Vec<String> {
    let (mut blocks, mut prose) = (Vec::new(), Vec::new());
    for line in text.lines() {
        match line.strip_prefix("    ") {
            Some(line) => blocks.push(line.trim().to_owned()),
            None => prose.push(line),
        }
    }
    let prose = prose.join(" ");
    blocks.extend(prose.split('`').skip(1).step_by(2).map(str::to_owned));
    blocks
}

#[test]
fn commands_that_pages_name_exist() {
    let mut faults = Vec::new();
    let mut count = 0;
    for page in pages().iter().filter(|page| !OF_THE_PAST.contains(&page.as_str())) {
        for piece in code(&text_of(page)) {
            // Comments behind a command, and alternatives in one word, are for people.
            let piece = piece.split(" #").next().unwrap().split("   ").next().unwrap();
            let ways =
                ["primelingo ", "primelingoctl ", "docker compose exec primelingo primelingo "];
            let Some(rest) = ways.iter().find_map(|way| piece.strip_prefix(way)) else { continue };
            count += 1;
            let rest = rest.split('|').next().unwrap().trim();
            faults.extend(commands::fault(rest).map(|fault| format!("{page}: {fault}")));
        }
    }
    assert!(count > 60, "only {count}");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn settings_and_variables_that_pages_name_exist() {
    let mut keys = BTreeSet::new();
    let mut sections = BTreeSet::new();
    let mut variables: BTreeSet<String> = plain_names().map(|it| it.name.to_owned()).collect();
    for section in described() {
        for key in section.keys {
            keys.insert(format!("{}.{}", section.name, key.key));
            variables.insert(key.variable);
        }
        sections.insert(section.name);
    }
    // Checks of `doctor` are called alike.
    keys.extend(primelingo::doctor::registry::checks().map(|check| check.name.to_owned()));
    let mut faults = Vec::new();
    // The doctor's page shows settings that are wrong on purpose.
    for page in pages().into_iter().filter(|page| page != "docs/doctor.md") {
        for piece in code(&text_of(&page)) {
            let is_word = |letter: char| letter.is_ascii_lowercase() || "._".contains(letter);
            let is_key = piece.chars().all(is_word) && piece.matches('.').count() == 1;
            let section = piece.split('.').next().unwrap_or_default();
            let is_file = [".md", ".rs", ".toml", ".sh", ".yml", ".yaml", ".json", ".service"]
                .iter()
                .any(|end| piece.ends_with(end));
            if is_key && !is_file && sections.contains(section) && !keys.contains(&piece) {
                faults.push(format!("{page}: there is no setting {piece}"));
            }
            let name = piece.strip_suffix("_FILE").unwrap_or(&piece);
            let is_ours = name.starts_with("PRIMELINGO__") && !name.contains("SECTION");
            if is_ours && !name.contains(['=', ' ', '*']) && !variables.contains(name) {
                faults.push(format!("{page}: there is no variable {piece}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
