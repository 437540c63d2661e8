//! Backups as an operator has them: the program itself, on both databases.
//!
//! `create`: what is made while the bot works, and what may go wrong; `damage`: what is found;
//! `restore`: what is put back, and what stays as it was; `rivals`: who comes meanwhile; `schedule`: what comes by itself, figures
//! and alert; `drill`: the steps of `docs/backups.md`, word for word.

use std::path::{Path, PathBuf};
use std::process::Output;

use primelingo::domain::ids::UserId;
use primelingo::domain::role::Role;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::bot::{Backend, EDNA, Process, now};
use crate::support::place::Place;

mod create;
mod damage;
mod drill;
mod restore;
mod rivals;
mod schedule;

/// Makes a test of each body for each backend.
macro_rules! both {
    ($($name:ident,)+) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name($crate::support::bot::Backend::Sqlite).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name($crate::support::bot::Backend::Postgres).await;
            })+
        }
    };
}
use both;

/// A database with some rows, a folder for backups, and the program.
struct Bench {
    place: Place,
    folder: TempDir,
    settings: Vec<(String, String)>,
}

fn place_on(backend: Backend) -> Place {
    match backend {
        Backend::Sqlite => Place::sqlite(),
        Backend::Postgres => Place::postgres(),
    }
}

impl Bench {
    async fn on(backend: Backend) -> Self {
        Self::at(place_on(backend)).await
    }

    async fn at(place: Place) -> Self {
        let db = place.open().await;
        db.people_import(100_000, 500, now()).await.unwrap();
        db.user_set_role(UserId(EDNA), Role::Editor, now()).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let settings = settings_of(&place.url(), folder.path());
        Self { place, folder, settings }
    }

    /// Where backups go.
    fn dir(&self) -> PathBuf {
        self.folder.path().join("backups")
    }

    fn set(&mut self, key: &str, value: &str) {
        self.settings.push((key.to_owned(), value.to_owned()));
    }

    /// A command that goes well; gives its output.
    fn run(&self, arguments: &[&str]) -> String {
        Process::run(self.folder.path(), &self.settings, arguments)
    }

    /// A command that fails with this code; gives what it complains of.
    fn fails(&self, code: i32, arguments: &[&str]) -> String {
        let (found, said, errors) = Process::outcome(self.folder.path(), &self.settings, arguments);
        assert_eq!(found, Some(code), "{arguments:?}: {said}{errors}");
        said + &errors
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let arguments = [arguments, &["--output", "json"]].concat();
        serde_json::from_str(&self.run(&arguments)).unwrap()
    }

    /// Makes a backup; gives its manifest.
    fn create(&self) -> Value {
        self.json(&["backup", "create"])
    }

    /// The names of all backups, the newest first.
    fn ids(&self) -> Vec<String> {
        let listed = self.json(&["backup", "list"]);
        listed.as_array().unwrap().iter().map(id).collect()
    }

    /// What lies in the folder of the backups.
    fn names(&self) -> Vec<String> {
        names_in(&self.dir())
    }
}

fn settings_of(url: &str, folder: &Path) -> Vec<(String, String)> {
    [
        ("database.url", url.to_owned()),
        ("backup.dir", folder.join("backups").display().to_string()),
        ("files.data_dir", folder.join("files").display().to_string()),
        ("log.level", "info".to_owned()),
    ]
    .map(|(key, value)| (key.to_owned(), value))
    .into()
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The name of a backup.
fn id(manifest: &Value) -> String {
    manifest["id"].as_str().unwrap().to_owned()
}

/// The database's file of a backup.
fn database_file(manifest: &Value) -> &str {
    manifest["database"]["name"].as_str().unwrap()
}

/// All that people have brought, as texts.
const CONTENT: [&str; 4] = [
    "SELECT CAST(id AS TEXT) || ' ' || role || ' ' || COALESCE(username, '-') FROM users ORDER BY 1",
    "SELECT key || '=' || value FROM meta WHERE key NOT LIKE 'run:%' AND key NOT LIKE 'epoch:%' \
     ORDER BY 1",
    "SELECT version FROM __diesel_schema_migrations ORDER BY 1",
    "SELECT CAST(update_id AS TEXT) || raw FROM updates ORDER BY 1",
];

async fn content(place: &Place) -> Vec<String> {
    let mut all = Vec::new();
    for sql in CONTENT {
        all.extend(place.texts(sql).await);
    }
    all
}

/// A file below a folder, with this content.
fn put(path: &Path, content: &[u8]) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}
