//! Databases and places that no start takes: what the other commands say of them.

use std::path::Path;

use primelingo::domain::ids::UserId;
use primelingo::domain::role::Role;
use primelingo::store::copy::{CopyError, CopyPlan, Watcher, copy};
use primelingo::store::facts;

use super::setup::{Outcome, Setup, chmod, of};
use crate::support::bot::now;
use crate::support::place::Place;
use crate::support::postgres::Postgres;

/// Stops a copy before its indexes are made, if it shall.
struct Looker {
    stops: bool,
    is_stopped: bool,
}

impl Watcher for Looker {
    fn phase(&mut self, what: &str) {
        self.is_stopped |= self.stops && what == "building indexes";
    }
    fn rows(&mut self, _: u64, _: u64) {}
    fn is_stopped(&self) -> bool {
        self.is_stopped
    }
}

fn looker(stops: bool) -> Looker {
    Looker { stops, is_stopped: false }
}

/// A database with somebody in it.
async fn peopled() -> Place {
    let place = Place::sqlite();
    place.open().await.user_set_role(UserId(1), Role::Editor, now()).await.unwrap();
    place
}

fn refused(said: &Outcome, code: i32, words: &str) {
    assert_eq!((said.code, said.output.as_str()), (Some(code), ""), "{}", said.errors);
    assert!(said.errors.contains(words), "{}", said.errors);
}

/// All that look at a database refuse it in the same words.
async fn refused_by_all(setup: &Setup, words: &str) {
    refused(&setup.run(&["run", "--check"]).await, 69, words);
    refused(&setup.run(&["backup", "create", "--to", "backups"]).await, 1, words);
    assert!(!holds_a_backup(&setup.path("backups")), "a copy of it passes for a backup");
    refused(&setup.run(&["jobs", "list"]).await, 69, words);
}

fn holds_a_backup(folder: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else { return false };
    entries.flatten().any(|entry| entry.path().join("manifest.json").exists())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_was_broken_off_is_left_to_be_resumed() {
    for place in [Place::sqlite(), Place::postgres_of(Postgres::shared())] {
        let from = peopled().await;
        let plan = CopyPlan {
            from: from.config(),
            to: place.config(),
            resume: false,
            verify: true,
            batch_rows: 7,
        };
        let stopped = copy(&plan, &mut looker(true)).await.unwrap_err();
        assert!(matches!(stopped, CopyError::Stopped), "{stopped}");
        let setup = Setup::on(place).await;
        for arguments in [&["--only", "database"][..], &["--only", "database", "--fix"]] {
            let (code, report) = setup.doctor(arguments).await;
            assert_eq!(code, Some(2), "{report}");
            let cure = of(&report, "database.whole")["findings"][0]["cure"].as_str().unwrap();
            assert!(cure.starts_with("primelingo db copy --resume"), "{cure}");
            assert_eq!(of(&report, "database.indexes")["outcome"], "skipped", "{report}");
        }
        refused_by_all(&setup, "primelingo db copy --resume").await;
        let made = facts::make_indexes(&setup.place.config(), vec!["jobs_unique".to_owned()]).await;
        assert!(made.unwrap_err().to_string().contains("--resume"));
        let resumed = CopyPlan { resume: true, ..plan };
        copy(&resumed, &mut looker(false)).await.unwrap();
        assert_eq!(setup.run(&["run", "--check"]).await.code, Some(0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_another_program_is_no_empty_one() {
    for place in [Place::sqlite(), Place::postgres_of(Postgres::shared())] {
        place.execute("CREATE TABLE django_session (id INTEGER)").await;
        let setup = Setup::on(place).await;
        for arguments in [&["--only", "database"][..], &["--only", "database", "--fix"]] {
            let (code, report) = setup.doctor(arguments).await;
            assert_eq!(code, Some(2), "{report}");
            let finding = &of(&report, "database.whole")["findings"][0];
            assert_eq!(finding["severity"], "error");
            assert!(finding["cure"].as_str().unwrap().contains("primelingo db adopt --from"));
        }
        refused_by_all(&setup, "django_session").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_without_one_of_its_tables_is_not_copied() {
    for place in [Place::sqlite(), Place::postgres_of(Postgres::shared())] {
        let setup = Setup::sound(place).await;
        setup.place.execute("DROP TABLE favourites").await;
        refused_by_all(&setup, "the tables favourites are missing").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_mended_is_an_error() {
    let mut setup = Setup::sound(Place::sqlite()).await;
    std::fs::write(setup.path("file"), "").unwrap();
    let below = setup.path("file/below").display().to_string();
    setup.set("files.data_dir", &below);
    let (code, report) = setup.doctor(&["--fix", "--only", "files.folder"]).await;
    assert_eq!((code, &report["exit_code"]), (Some(2), &2.into()), "{report}");
    assert_eq!(report["mended"], serde_json::json!([]));
    let failed = report["not_mended"][0].as_str().unwrap();
    assert!(failed.contains(&below), "{failed}");
    let table = setup.run(&["doctor", "--fix", "--only", "files.folder"]).await;
    assert_eq!(table.code, Some(2));
    let words = format!("\nnot mended: the folder {below} is made: ");
    assert!(
        table.output.contains(&words) && !table.output.contains("\nmended"),
        "{}",
        table.output
    );
    refused(&setup.run(&["run", "--check"]).await, 69, "cannot work in files.data_dir: ");
}

/// As somebody who has no rights but those that all have, if the test has more.
const AS_ANYBODY: &str =
    r#"[ "$(id -u)" = 0 ] && exec setpriv --reuid 65534 --regid 65534 --clear-groups "$0" "$@""#;

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_written_is_told_before_a_start() {
    let mut setup = Setup::sound(Place::sqlite()).await;
    let (file, files) = (setup.place.file(), setup.path("files"));
    let folder = file.parent().unwrap().to_owned();
    chmod(setup.folder.path(), 0o755);
    setup.before = AS_ANYBODY;
    chmod(&files, 0o777);
    for path in [&folder, &files, &file] {
        for (path, mode) in [(&folder, 0o777), (&files, 0o777), (&file, 0o666)] {
            chmod(path, mode);
        }
        assert_eq!(setup.run(&["run", "--check"]).await.code, Some(0));
        chmod(path, if path == &file { 0o444 } else { 0o555 });
        let said = setup.run(&["run", "--check"]).await;
        assert_eq!(said.code, Some(69), "{}", path.display());
        if path == &file {
            refused(&setup.run(&["users", "ban", "8"]).await, 69, "readonly database");
        }
        let (_, report) = setup.doctor(&["--only", "sqlite.writable,files.folder"]).await;
        let cures = format!("{report}");
        assert!(cures.contains(&format!("{}\"", path.display())), "{cures}");
        assert!(cures.contains("chown ") && !cures.contains("chown -R"), "{cures}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_without_rights_is_told_before_a_start() {
    let mut setup = Setup::sound(Place::postgres_of(Postgres::shared())).await;
    let role = "CREATE ROLE looker LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO looker";
    setup.place.execute(role).await;
    let url = setup.place.url().replace("postgres@", "looker@");
    setup.set("database.url", &url);
    refused(&setup.run(&["run", "--check"]).await, 69, "our role may not read and write");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_listeners_need_two_addresses() {
    let mut setup = Setup::sound(Place::sqlite()).await;
    setup.set("web.listen", "127.0.0.1:8099");
    setup.set("web.public_listen", "127.0.0.1:8099");
    let said = setup.run(&["run", "--check"]).await;
    refused(&said, 78, "web.public_listen (from command line): expected another address");
    for key in ["web.listen", "web.public_listen"] {
        setup.set(key, "127.0.0.1:0");
    }
    assert_eq!(setup.run(&["run", "--check"]).await.code, Some(0));
}
