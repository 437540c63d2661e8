//! Where the program's parts come from, under which licences, and that they are all told: Cargo.lock and
//! what cargo says of it, held against `deny.toml` without cargo-deny, and against `config/sbom.sh`.
//!
//! Not here: advisories. Their database is fetched: `cargo deny check advisories`, see `.ci/run`.

#![expect(clippy::print_stdout, reason = "how many crates: for the page that tells of it")]

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use super::{path_of, text_of};
use crate::architecture::root;

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

fn toml_of(path: &str) -> toml::Value {
    toml::from_str(&text_of(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn strings(list: &toml::Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect()
}

fn ran(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Name and version of everything that is built for a target, from all edges or some.
fn tree(arguments: &[&str]) -> BTreeSet<(String, String)> {
    let all =
        [&["tree", "--locked", "--offline", "--prefix", "none", "--format", "{p}"], arguments]
            .concat();
    let read = |line: &str| {
        let mut words = line.split(' ');
        Some((words.next()?.to_owned(), words.next()?.strip_prefix('v')?.to_owned()))
    };
    ran(env!("CARGO"), &all).lines().filter_map(read).collect()
}

fn built() -> BTreeSet<(String, String)> {
    tree(&["--workspace", "--all-features", "--edges", "all"])
}

fn metadata() -> Value {
    let host = ran("rustc", &["-vV"]);
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let arguments = [
        "metadata",
        "--locked",
        "--offline",
        "--format-version",
        "1",
        "--all-features",
        "--filter-platform",
        host,
    ];
    serde_json::from_str(&ran(env!("CARGO"), &arguments)).unwrap()
}

/// The crates of other people, as cargo knows them.
fn crates(metadata: &Value) -> impl Iterator<Item = &Value> {
    metadata["packages"].as_array().unwrap().iter().filter(|package| !package["source"].is_null())
}

#[test]
fn every_crate_is_from_crates_io_with_its_checksum() {
    let lock = toml_of("Cargo.lock");
    let mut counts = (0, 0);
    for package in lock["package"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        match package.get("source") {
            None => {
                assert!(["primelingo", "tgsim"].contains(&name), "{name} comes from a folder");
                counts.0 += 1;
            }
            Some(source) => {
                assert_eq!(source.as_str(), Some(CRATES_IO), "{name}");
                assert_eq!(package["checksum"].as_str().unwrap().len(), 64, "{name}");
                counts.1 += 1;
            }
        }
    }
    println!("{} crates of crates.io, {} of our own", counts.1, counts.0);
    assert_eq!(counts.0, 2);
}

/// Whether an SPDX expression can be kept by these licences; a slash is an old way to write OR.
fn is_allowed(expression: &str, allowed: &BTreeSet<String>, used: &mut BTreeSet<String>) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let is_kept = either(&words, &mut at, allowed, used);
    is_kept && at == words.len()
}

fn either(
    words: &[&str],
    at: &mut usize,
    allowed: &BTreeSet<String>,
    used: &mut BTreeSet<String>,
) -> bool {
    let mut is_kept = both(words, at, allowed, used);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        is_kept |= both(words, at, allowed, used);
    }
    is_kept
}

fn both(
    words: &[&str],
    at: &mut usize,
    allowed: &BTreeSet<String>,
    used: &mut BTreeSet<String>,
) -> bool {
    let mut is_kept = one(words, at, allowed, used);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        is_kept &= one(words, at, allowed, used);
    }
    is_kept
}

fn one(
    words: &[&str],
    at: &mut usize,
    allowed: &BTreeSet<String>,
    used: &mut BTreeSet<String>,
) -> bool {
    let Some(word) = words.get(*at) else { return false };
    *at += 1;
    if *word == "(" {
        let is_kept = either(words, at, allowed, used);
        let is_closed = words.get(*at) == Some(&")");
        *at += 1;
        return is_kept && is_closed;
    }
    let mut name = (*word).to_owned();
    if words.get(*at) == Some(&"WITH") {
        name = format!("{name} WITH {}", words.get(*at + 1).unwrap_or(&""));
        *at += 2;
    }
    let is_kept = allowed.contains(&name);
    if is_kept {
        used.insert(name);
    }
    is_kept
}

#[test]
fn every_licence_is_one_that_the_program_may_be_given_away_under() {
    let allowed: BTreeSet<String> =
        strings(&toml_of("deny.toml")["licenses"]["allow"]).into_iter().collect();
    let (metadata, mut used, mut counts) = (metadata(), BTreeSet::new(), BTreeMap::new());
    for package in crates(&metadata) {
        let licence = package["license"].as_str().unwrap_or_default();
        assert!(is_allowed(licence, &allowed, &mut used), "{}: {licence:?}", package["name"]);
        *counts.entry(licence.to_owned()).or_insert(0) += 1;
    }
    assert_eq!(used, allowed, "deny.toml allows what nobody has");
    println!(
        "{} crates under {} expressions of {} licences",
        crates(&metadata).count(),
        counts.len(),
        used.len()
    );
}

#[test]
fn planted_licences_are_found() {
    let allowed: BTreeSet<String> = ["MIT", "ISC", "X WITH y"].map(str::to_owned).into();
    let allows = |expression| is_allowed(expression, &allowed, &mut BTreeSet::new());
    for fine in
        ["MIT", "GPL-3.0 OR MIT", "MIT/GPL-3.0", "(MIT OR A) AND ISC", "X WITH y OR GPL-3.0"]
    {
        assert!(allows(fine), "{fine}");
    }
    for bad in
        ["", "GPL-3.0", "MIT AND GPL-3.0", "(MIT OR A) AND B", "X", "X WITH z", "(MIT", "MIT ISC"]
    {
        assert!(!allows(bad), "{bad}");
    }
}

#[test]
fn no_banned_crate_is_built_in() {
    let names: BTreeSet<String> = built().into_iter().map(|(name, _)| name).collect();
    let banned = toml_of("deny.toml");
    let banned = banned["bans"]["deny"].as_array().unwrap();
    for entry in banned {
        let name = entry["crate"].as_str().unwrap();
        assert!(
            !names.contains(name) || entry.get("wrappers").is_some(),
            "{name}: {}",
            entry["reason"]
        );
        assert!(!entry["reason"].as_str().unwrap().is_empty());
    }
    println!("{} banned crates, none of {} that are built", banned.len(), names.len());
}

#[test]
fn each_second_version_of_a_crate_is_explained() {
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, version) in built() {
        versions.entry(name).or_default().insert(version);
    }
    let newest = |versions: &BTreeSet<String>| {
        let key = |version: &String| {
            let numbers = version.split(['.', '+', '-']).map_while(|it| it.parse::<u32>().ok());
            numbers.collect::<Vec<_>>()
        };
        versions.iter().max_by_key(|version| key(version)).cloned().unwrap()
    };
    let older: BTreeSet<String> = versions
        .iter()
        .flat_map(|(name, all)| {
            let newest = newest(all);
            all.iter().filter(move |it| **it != newest).map(move |it| format!("{name}@{it}"))
        })
        .collect();
    let deny = toml_of("deny.toml");
    let skip = deny["bans"]["skip"].as_array().unwrap();
    let explained: BTreeSet<String> =
        skip.iter().map(|it| it["crate"].as_str().unwrap().to_owned()).collect();
    assert_eq!(older, explained, "bans.skip of deny.toml");
    assert!(skip.iter().all(|it| !it["reason"].as_str().unwrap().is_empty()));
    println!(
        "{} crates in {} names, {} older versions explained",
        built().len(),
        versions.len(),
        older.len()
    );
}

#[test]
fn no_crate_of_ours_may_be_unsafe_or_take_any_version() {
    let workspace = toml_of("Cargo.toml");
    let forbidden = Some("forbid");
    assert_eq!(workspace["workspace"]["lints"]["rust"]["unsafe_code"].as_str(), forbidden);
    let mut folders = vec![String::new()];
    folders.extend(strings(&workspace["workspace"]["members"]).iter().map(|it| format!("{it}/")));
    assert_eq!(folders.len(), 2);
    for folder in folders {
        let manifest = toml_of(&format!("{folder}Cargo.toml"));
        let lints = &manifest["lints"];
        let inherits = lints.get("workspace").and_then(toml::Value::as_bool) == Some(true);
        let forbids =
            || lints.get("rust").and_then(|it| it.get("unsafe_code")).and_then(toml::Value::as_str);
        assert!(inherits || forbids() == forbidden, "{folder}Cargo.toml");
        assert_eq!(manifest["package"]["publish"].as_bool(), Some(false), "{folder}Cargo.toml");
        let all = [manifest.get("dependencies"), manifest.get("dev-dependencies")];
        for (name, wanted) in all.into_iter().flatten().flat_map(|it| it.as_table().unwrap()) {
            let version = wanted.get("version").unwrap_or(wanted).as_str();
            let is_path = wanted.get("path").is_some();
            assert!(
                is_path || version.is_some_and(|it| it.starts_with(|c: char| c.is_ascii_digit())),
                "{name}"
            );
            assert!(wanted.get("git").is_none(), "{name}");
        }
    }
}

#[test]
fn the_oldest_compiler_that_is_promised_can_build_every_crate() {
    let manifest = toml_of("Cargo.toml");
    let promised = manifest["workspace"]["package"]["rust-version"].as_str().unwrap();
    let number = |version: &str| {
        let numbers: Vec<u32> = version.split('.').map(|it| it.parse().unwrap()).collect();
        (numbers[0], numbers.get(1).copied().unwrap_or(0), numbers.get(2).copied().unwrap_or(0))
    };
    let metadata = metadata();
    let mut newest = (0, 0, 0);
    for package in crates(&metadata) {
        let Some(wanted) = package["rust_version"].as_str() else { continue };
        assert!(number(wanted) <= number(promised), "{} wants Rust {wanted}", package["name"]);
        newest = newest.max(number(wanted));
    }
    println!("Rust {promised} is promised; the newest that a crate asks for is {newest:?}");
}

#[test]
fn the_list_of_parts_names_every_crate_of_the_package() {
    let list: Value =
        serde_json::from_str(&ran(path_of("config/sbom.sh").to_str().unwrap(), &[])).unwrap();
    assert_eq!(
        (list["bomFormat"].as_str(), list["specVersion"].as_str()),
        (Some("CycloneDX"), Some("1.6"))
    );
    let lock = toml_of("Cargo.lock");
    let sums: BTreeMap<(String, String), String> = lock["package"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|it| {
            let text = |key: &str| it.get(key).and_then(toml::Value::as_str).map(str::to_owned);
            Some(((text("name")?, text("version")?), text("checksum")?))
        })
        .collect();
    let mut told = BTreeSet::new();
    for part in list["components"].as_array().unwrap() {
        let text = |key: &str| part[key].as_str().unwrap().to_owned();
        let (name, version) = (text("name"), text("version"));
        assert_eq!(text("purl"), format!("pkg:cargo/{name}@{}", version.replace('+', "%2B")));
        assert_eq!(part["bom-ref"], part["purl"]);
        assert!(!part["licenses"][0]["expression"].as_str().unwrap().is_empty(), "{name}");
        assert_eq!(
            part["hashes"][0]["content"].as_str(),
            sums.get(&(name.clone(), version.clone())).map(String::as_str)
        );
        assert!(told.insert((name, version)), "{part} twice");
    }
    let packaged = tree(&["--package", "primelingo", "--no-default-features", "--edges", "normal"]);
    let own = list["metadata"]["component"]["name"].as_str().unwrap();
    let wanted: BTreeSet<_> = packaged.into_iter().filter(|(name, _)| name != own).collect();
    assert_eq!(told, wanted);
    assert!(told.len() > 300, "{}", told.len());
    // Each depends on what is in the list.
    let refs: BTreeSet<&str> = list["components"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["purl"].as_str().unwrap())
        .collect();
    let edges = list["dependencies"].as_array().unwrap();
    assert_eq!(edges.len(), told.len() + 1);
    let below = edges.iter().flat_map(|it| it["dependsOn"].as_array().unwrap());
    let mut count = 0;
    for reference in below {
        assert!(refs.contains(reference.as_str().unwrap()), "{reference}");
        count += 1;
    }
    println!("{} crates, {count} edges", told.len());
}
