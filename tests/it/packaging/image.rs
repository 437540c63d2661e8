//! `config/docker/Dockerfile`: what it copies is sent to it and exists, and it builds with the compiler
//! that the program asks for.

use super::{commands, path_of, text_of};

const DOCKERFILE: &str = "config/docker/Dockerfile";

/// The instructions of one kind, continued lines as one.
fn instructions(kind: &str) -> Vec<String> {
    let text = text_of(DOCKERFILE).replace("\\\n", " ");
    let lines = text.lines().filter_map(|line| line.strip_prefix(kind)?.strip_prefix(' '));
    lines.map(|line| line.trim().to_owned()).collect()
}

/// Whether `.dockerignore`, which excludes everything but what it names, lets a path through.
fn is_sent(path: &str) -> bool {
    let rules = text_of(".dockerignore");
    let mut kept = rules.lines().filter_map(|line| line.strip_prefix('!'));
    rules.lines().any(|line| line == "*")
        && kept.any(|kept| path == kept || path.starts_with(&format!("{kept}/")))
}

#[test]
fn what_is_copied_exists_and_is_sent() {
    let copied: Vec<String> = instructions("COPY")
        .iter()
        .filter(|line| !line.starts_with("--from"))
        .flat_map(|line| {
            let words: Vec<&str> = line.split(' ').collect();
            words[..words.len() - 1].iter().map(ToString::to_string).collect::<Vec<_>>()
        })
        .collect();
    assert!(copied.len() >= 6, "{copied:?}");
    for path in copied {
        assert!(path_of(&path).exists(), "{path}");
        assert!(is_sent(&path), "{path} is held back by .dockerignore");
    }
    assert!(!is_sent("tests/it/main.rs") && !is_sent(".git/HEAD"));
}

#[test]
fn the_compiler_is_the_one_asked_for() {
    let manifest: toml::Table = text_of("Cargo.toml").parse().unwrap();
    let wanted = manifest["workspace"]["package"]["rust-version"].as_str().unwrap();
    let stages = instructions("FROM");
    assert!(stages[0].starts_with(&format!("rust:{wanted}-slim-")), "{stages:?}");
    // Linked against the C library that it finds.
    let debian = stages[0].split(' ').next().unwrap().rsplit('-').next().unwrap();
    assert_eq!(stages[1], format!("debian:{debian}-slim"));
}

#[test]
fn packages_are_built_without_the_simulator() {
    let builds: Vec<String> = instructions("RUN")
        .into_iter()
        .filter_map(|line| Some(line.split_once("cargo build ")?.1.to_owned()))
        .collect();
    assert_eq!(builds.len(), 2);
    for build in builds {
        assert!(build.starts_with("--profile dist --locked --no-default-features"), "{build}");
    }
}

/// An older `pg_dump` refuses a newer server.
#[test]
fn backups_can_be_made_of_the_neighbours_database() {
    let installed = instructions("RUN").join(" ");
    let client = installed.split("postgresql-client-").nth(1).unwrap();
    let client = client.split(' ').next().unwrap();
    let server = text_of("config/docker/compose.yaml");
    assert!(server.contains(&format!("image: postgres:{client}.")), "{client}");
}

#[test]
fn what_it_runs_exists() {
    let probe = instructions("HEALTHCHECK").remove(0);
    let command = probe.split_once("CMD ").unwrap().1;
    let words: Vec<String> = serde_json::from_str(command).unwrap();
    assert_eq!(words[0], "primelingo");
    assert_eq!(commands::fault(&words[1..].join(" ")), None);
    assert_eq!(instructions("USER"), ["10001:10001"]);
}
