//! Rules of the repository beyond Rust: migrations in pairs, nothing of the authors' machines.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Beginnings of paths that exist only where this project was written. Split in two, so that
/// this file does not name them itself.
const MACHINE_PATHS: &[&str] =
    &[concat!("/wo", "rk/"), concat!("/tm", "p/wt"), concat!("/tm", "p/target")];

/// The only place that `Cargo.lock` may take crates from.
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Signs of a registry's or mirror's host, which belong into the builder's own configuration.
const REGISTRY_SIGNS: &[&str] = &[
    concat!("regi", "stry+http"),
    concat!("spar", "se+http"),
    concat!("arti", "factory"),
    concat!("replace-", "with"),
];

/// The folder of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn both_databases_have_the_same_migrations() {
    let differing = unpaired(&migrations("postgres"), &migrations("sqlite"));
    assert!(differing.is_empty(), "in one of the two folders only: {differing:?}");
}

#[test]
fn no_file_names_a_machine_or_a_registry() {
    let mut found = Vec::new();
    for path in tracked_files() {
        // What is not text is somebody else's format.
        let Ok(text) = fs::read_to_string(root().join(&path)) else {
            continue;
        };
        found.extend(foreign_lines(&text).map(|(line, sign)| format!("{path}:{line}: {sign}")));
    }
    assert!(found.is_empty(), "{} places:\n{}", found.len(), found.join("\n"));
}

#[test]
fn planted_differences_between_migrations_are_found() {
    let set = |names: &[&str]| names.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
    assert_eq!(unpaired(&set(&["a", "b"]), &set(&["b", "c"])), ["a", "c"]);
    assert_eq!(unpaired(&set(&["a"]), &set(&["a"])), [""; 0]);
}

#[test]
fn planted_machine_paths_and_registries_are_found() {
    let text = format!(
        "fine\ncd {}x\n\"{}\"\nhttps://example.org{}\nsource = \"{CRATES_IO}\"\n{}://x\n",
        MACHINE_PATHS[0], MACHINE_PATHS[1], MACHINE_PATHS[0], REGISTRY_SIGNS[1],
    );
    let lines: Vec<usize> = foreign_lines(&text).map(|(line, _)| line).collect();
    assert_eq!(lines, [2, 3, 6]);
}

/// The names of one database's migrations; none without the folder, which the program itself
/// could not be built without once it embeds them.
fn migrations(database: &str) -> BTreeSet<String> {
    let folder = root().join("migrations").join(database);
    let Ok(entries) = fs::read_dir(&folder) else {
        return BTreeSet::new();
    };
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn unpaired(one: &BTreeSet<String>, other: &BTreeSet<String>) -> Vec<String> {
    one.symmetric_difference(other).cloned().collect()
}

/// What git tracks. The test runs in a clone, perhaps as another user than the one who cloned.
fn tracked_files() -> Vec<String> {
    let output = Command::new("git")
        .args(["-c", "safe.directory=*", "ls-files", "-z"])
        .current_dir(root())
        .output()
        .unwrap_or_else(|error| panic!("cannot run git: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git ls-files failed: {said}");
    let listing = String::from_utf8(output.stdout).unwrap();
    listing.split_terminator('\0').map(str::to_owned).collect()
}

/// The lines that name a machine's path or a registry, counted from 1, with what they name.
fn foreign_lines(text: &str) -> impl Iterator<Item = (usize, &'static str)> {
    text.lines().zip(1..).filter_map(|(line, number)| {
        let rest = line.replace(CRATES_IO, "");
        let path = MACHINE_PATHS.iter().find(|path| names_path(&rest, path));
        let sign = path.or_else(|| REGISTRY_SIGNS.iter().find(|sign| rest.contains(**sign)))?;
        Some((number, *sign))
    })
}

/// Whether the line has the path from the root on, not as the tail of a URL or a longer path.
fn names_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|c| !c.is_alphanumeric() && !"._-/~*$}".contains(c))
    })
}
