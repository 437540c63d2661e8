//! What commands say, and where: to whoever asked, on a disk that is full, of a database that is away.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use tokio::time::Instant;

use super::setup::{Outcome, Setup};
use crate::support::place::Place;
use crate::support::postgres::Postgres;

fn refused(said: &Outcome, words: &str) {
    assert_eq!((said.code, said.output.as_str()), (Some(1), ""), "{}", said.errors);
    assert!(said.errors.contains("error: ") && said.errors.contains(words), "{}", said.errors);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_an_error() {
    let setup = Setup::sound(Place::sqlite()).await;
    let cases: [(&[&str], &str); 12] = [
        (&["jobs", "show", "999"], "there is no job 999"),
        (&["jobs", "retry", "999"], "no job 999 is dead"),
        (&["jobs", "drop", "999"], "no job 999 is dead"),
        (&["jobs", "retry", "--all-of", "none"], "there is no group none"),
        (&["jobs", "cancel", "999"], "job 999 is over, or there is none"),
        (&["updates", "show", "9"], "no update 9 was put aside"),
        (&["updates", "replay", "9", "8"], "no update 8 was put aside"),
        (&["errors", "forget", "77"], "there is no group 77"),
        (&["broadcast", "status", "99"], "there is no broadcast 99"),
        // The configuration names 7.
        (&["users", "role", "7", "learner"], "user 7 stays an owner: access.owners names them"),
        (&["users", "ban", "7"], "access.owners names them"),
        (&["broadcast", "pause", "99"], "there is no broadcast 99"),
    ];
    for (arguments, words) in cases {
        refused(&setup.run(arguments).await, words);
    }
    assert_eq!(setup.place.number("SELECT count(*) FROM users").await, 0, "nothing was done");
    for arguments in [
        &["jobs", "--json", "show", "999"][..],
        &["updates", "--json", "show", "9"],
        &["broadcast", "--json", "status", "9"],
    ] {
        let said = setup.run(arguments).await;
        assert_eq!(said.code, Some(1), "{arguments:?}");
        assert!(!said.errors.contains("error: "), "{}", said.errors);
        assert_eq!(said.json()["done"], false, "{arguments:?}");
    }
    for id in ["0", "-5", "x"] {
        for arguments in [&["users", "ban", id][..], &["users", "role", id, "admin"]] {
            let said = setup.run(arguments).await;
            assert_eq!(said.code, Some(2), "{}", said.errors);
            assert!(said.errors.contains("expected an id of a person, above 0"), "{}", said.errors);
        }
    }
    assert_eq!(setup.run(&["users", "role", "7", "owner"]).await.code, Some(0));
    assert_eq!(setup.run(&["users", "ban", "8"]).await.code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_no_success_and_no_panic() {
    let mut setup = Setup::sound(Place::sqlite()).await;
    setup.before = "exec >/dev/full";
    for arguments in [&["jobs", "list"][..], &["config", "show"], &["completions", "bash"]] {
        let said = setup.run(arguments).await;
        assert_eq!(said.code, Some(74), "{arguments:?}: {}", said.errors);
        assert_eq!(
            said.errors.matches("the output cannot be written").count(),
            1,
            "{}",
            said.errors
        );
    }
    setup.before = "exec 2>/dev/full";
    assert_eq!(setup.run(&["jobs", "show", "999"]).await.code, Some(1));
    setup.set("jobs.workers", "0");
    assert_eq!(setup.run(&["jobs", "list"]).await.code, Some(78));
    setup.unset("jobs.workers");
    // A line of the log, and the error.
    setup.env("BOT_OWNRES", "7");
    assert_eq!(setup.run(&["jobs", "list"]).await.code, Some(0));
}

#[test]
fn a_reader_that_has_gone_has_seen_enough() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = Command::new(env!("CARGO_BIN_EXE_primelingo"));
    command.args(["completions", "bash"]).stdout(writer).stderr(Stdio::piped());
    let ended = command.output().unwrap();
    assert_eq!((ended.status.code(), ended.stderr), (Some(0), Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_away_is_waited_for_a_moment() {
    let mut setup = Setup::on(Place::sqlite()).await;
    setup.set("database.url", "postgresql://me:canary@127.0.0.1:9/none");
    let begun = Instant::now();
    let said = setup.run(&["jobs", "list"]).await;
    assert_eq!(said.code, Some(69), "{}", said.errors);
    assert!(said.errors.contains("error: database is not available: "), "{}", said.errors);
    assert!(said.errors.contains("waiting for the database"), "{}", said.errors);
    assert!(begun.elapsed() < Duration::from_secs(40), "{:?}", begun.elapsed());

    let server = Place::postgres_of(Postgres::shared());
    let (address, _) =
        server.url().rsplit_once('/').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let nobody = format!("{}/postgres", address.replace("postgres@", "nobody_at_all@"));
    for wrong in [format!("{address}/no_such_database"), nobody] {
        setup.set("database.url", &wrong);
        let said = setup.run(&["jobs", "list"]).await;
        assert_eq!(said.code, Some(69), "{}", said.errors);
        assert!(said.errors.contains("does not exist"), "{}", said.errors);
        assert!(!said.errors.contains("waiting for the database"), "{}", said.errors);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn causes_are_told() {
    let mut setup = Setup::on(Place::sqlite()).await;
    let said = setup.run(&["--config", "none.toml", "jobs", "list"]).await;
    assert_eq!(said.code, Some(78));
    let words = "cannot read none.toml (from --config): No such file or directory";
    assert!(said.errors.contains(words), "{}", said.errors);

    std::fs::write(setup.path("no.db"), "this is text, and no database at all: not one page of it")
        .unwrap();
    let url = format!("sqlite:{}", setup.path("no.db").display());
    setup.set("database.url", &url);
    let said = setup.run(&["jobs", "list"]).await;
    assert_eq!(said.code, Some(69), "{}", said.errors);
    assert!(said.errors.contains("file is not a database"), "{}", said.errors);

    setup.set("database.url", "postgresql://me:canary@host:port/name");
    let said = setup.run(&["jobs", "list"]).await;
    assert!(said.errors.contains("expected postgresql://USER@HOST:5432/NAME"), "{}", said.errors);
    assert!(!said.errors.contains("redacted"), "{}", said.errors);
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test(flavor = "multi_thread")]
async fn databases_are_made_for_us_alone() {
    let mut setup = Setup::on(Place::sqlite()).await;
    setup.before = "umask 022";
    assert_eq!(setup.run(&["jobs", "list"]).await.code, Some(0));
    assert_eq!(mode(&setup.place.file()), 0o600);

    let (copied, restored) = (setup.path("copied.db"), setup.path("restored.db"));
    let to = format!("sqlite:{}", copied.display());
    let said = setup.run(&["db", "copy", "--from", "configured", "--to", &to]).await;
    assert_eq!(said.code, Some(0), "{}", said.errors);
    assert_eq!(mode(&copied), 0o600);

    let said = setup.run(&["backup", "create", "--to", "backups"]).await;
    assert_eq!(said.code, Some(0), "{}", said.errors);
    let backups = std::fs::read_dir(setup.path("backups")).unwrap().flatten();
    let mut names = backups.map(|entry| entry.file_name().into_string().unwrap());
    let id = names.find(|name| name.ends_with("-sqlite")).unwrap();
    let to = format!("sqlite:{}", restored.display());
    let restore = ["backup", "restore", &id, "--from", "backups", "--to-url", &to, "--yes"];
    let said = setup.run(&restore).await;
    assert_eq!(said.code, Some(0), "{}", said.errors);
    assert_eq!(mode(&restored), 0o600);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_there_is_not_is_no_cure() {
    let mut setup = Setup::sound(Place::sqlite()).await;
    setup.set("jobs.wokers", "3");
    setup.env("PRIMELINGO__WEB__LISTN", "off");
    setup.env("PRIMELINGO__WEB__ZZZZZZZZZZZZZZ", "off");
    let (_, report) = setup.doctor(&["--only", "configuration.loads"]).await;
    let findings = super::setup::of(&report, "configuration.loads")["findings"].as_array().unwrap();
    let cures: Vec<&str> = findings.iter().map(|it| it["cure"].as_str().unwrap()).collect();
    for cure in ["--set jobs.workers=<value>", "PRIMELINGO__WEB__LISTEN=<value>"] {
        assert!(cures.contains(&cure), "{cures:?}");
    }
}
