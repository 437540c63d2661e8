//! Backups that are made: while the bot works, by a process that is killed, on a disk that becomes
//! full, by programs that are too old, by a role that may not.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Bench, CONTENT, both, content, database_file, id, names_in, place_on, put, said};
use crate::support::bot::{ANN, Backend, Bot, BotOptions, Process, bounded};
use crate::support::place::Place;
use crate::support::postgres::Postgres;

both! {
    a_backup_made_while_the_bot_works_becomes_a_bot_elsewhere,
    a_kill_in_the_middle_leaves_no_half_backup,
    files_are_copied_once_and_go_with_the_last_backup_that_names_them,
    nobody_else_can_read_a_backup,
}

/// People write all the while; what is restored is a moment of it, and a bot goes on from there.
async fn a_backup_made_while_the_bot_works_becomes_a_bot_elsewhere(backend: Backend) {
    let backups = tempfile::tempdir().unwrap();
    let dir = backups.path().join("b").display().to_string();
    let mut bot = Bot::start(BotOptions::on(backend).set("backup.dir", &dir)).await;
    bot.say(ANN, "/start").await;
    let mix = json!([{"text": "/search zz{n}", "reply": "“zz{n}”"}]);
    let flood = json!({"updates": 600, "users": 20, "mix": mix, "idle_s": 40});
    bot.ctl("flood", flood).await;
    let written = "SELECT count(*) FROM updates";
    bot.until("the flood", async |bot| bot.number(written).await > 100).await;
    let create = ["backup", "create", "--output", "json"];
    let (folder, settings) = (bot.folder().to_owned(), bot.settings().to_vec());
    let made = tokio::task::spawn_blocking(move || Process::run(&folder, &settings, &create));
    let made: Value = serde_json::from_str(&made.await.unwrap()).unwrap();
    bot.ctl("flood/wait", json!({})).await;
    assert!(made["verified_at"].is_string(), "{made:#}");
    let updates = made["rows"]["updates"].as_i64().unwrap();
    assert!(updates > 100 && updates <= bot.number(written).await, "{updates}");

    let other = place_on(backend);
    let restore = ["backup", "restore", &id(&made), "--to-url", &other.url()];
    let said = Process::run(bot.folder(), bot.settings(), &restore);
    assert!(said.contains("rows as they were at"), "{said}");
    // Whatever is there is what the working bot has, too.
    let (restored, mut source) = (content(&other).await, Vec::new());
    for sql in CONTENT {
        source.extend(bot.texts(sql).await);
    }
    let strange: Vec<_> = restored.iter().filter(|row| !source.contains(row)).collect();
    assert!(strange.is_empty(), "{strange:?}");
    assert_eq!(other.number(written).await, updates);
    for (table, count) in made["rows"].as_object().unwrap() {
        let there = other.number(&format!("SELECT count(*) FROM \"{table}\"")).await;
        assert_eq!(Some(there), count.as_i64(), "{table}");
    }
    bot.finish().await;
    // Twice the same backup is the same database.
    let again = place_on(backend);
    let place = Bench {
        settings: super::settings_of(&again.url(), backups.path()),
        folder: backups,
        place: again,
    };
    place.run(&["backup", "restore", &id(&made), "--from", &dir]);
    assert_eq!(content(&place.place).await, restored);

    let mut bot = Bot::start(BotOptions::at(other)).await;
    let screen = bot.say(ANN, "/start").await;
    assert!(!screen.screen().is_empty());
    bot.forgive_presses();
    bot.settle_all().await;
    // Messages that had not left have left now, to chats that this other Telegram does not know.
    bot.execute("DELETE FROM outbox WHERE state = 'failed'").await;
    bot.finish().await;
}

async fn a_kill_in_the_middle_leaves_no_half_backup(backend: Backend) {
    let bench = Bench::on(backend).await;
    let scratch = "SELECT count(*) FROM pg_database WHERE datname LIKE 'primelingo_verify_%'";
    // The last in the middle of the proof: a database, or a file, is left.
    for what in ["begun", "packed", "proving"] {
        let mut killed = false;
        for _ in 0..20 {
            let mut child = command(&bench, &["backup", "create"]).spawn().unwrap();
            let in_the_middle = async || match what {
                "begun" => !partials(&bench).is_empty(),
                "packed" => partials(&bench)
                    .iter()
                    .any(|path| names_in(path).iter().any(|name| name.starts_with("database"))),
                _ if backend == Backend::Postgres => bench.place.number(scratch).await > 0,
                _ => partials(&bench).iter().any(|path| path.to_string_lossy().contains("verify")),
            };
            let seen = bounded("the middle, or the end", async || {
                if in_the_middle().await {
                    return Some(true);
                }
                child.try_wait().unwrap().map(|_| false)
            })
            .await;
            child.kill().unwrap();
            child.wait().unwrap();
            let left = !partials(&bench).is_empty();
            if seen && left {
                killed = true;
                break;
            }
        }
        assert!(killed, "{what}: never in the middle");
        // Whatever has a backup's name is whole.
        for name in bench.ids() {
            bench.run(&["backup", "verify", &name, "--quick"]);
        }
    }
    let made = bench.create();
    assert_eq!(bench.ids()[0], id(&made));
    assert!(partials(&bench).is_empty(), "{:?}", bench.names());
    if backend == Backend::Postgres {
        let prefix = format!("{scratch} AND datname LIKE '%{}%'", tag_of(&bench.place));
        assert_eq!(bench.place.number(&prefix).await, 0);
    }
    bench.run(&["backup", "verify", "--all"]);
}

/// The part of a scratch database's name that tells whose it is.
fn tag_of(place: &Place) -> String {
    let url = place.url();
    let name = url.rsplit('/').next().unwrap();
    blake3::hash(name.as_bytes()).to_hex()[..8].to_owned()
}

fn partials(bench: &Bench) -> Vec<std::path::PathBuf> {
    let names = bench.names();
    names
        .iter()
        .filter(|name| name.starts_with(".partial"))
        .map(|name| bench.dir().join(name))
        .collect()
}

pub(super) fn command(bench: &Bench, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_primelingo"));
    for (key, value) in &bench.settings {
        command.arg("--set").arg(format!("{key}={value}"));
    }
    command.args(arguments).current_dir(bench.folder.path()).env_clear();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

async fn files_are_copied_once_and_go_with_the_last_backup_that_names_them(backend: Backend) {
    let mut bench = Bench::on(backend).await;
    bench.set("backup.files", "true");
    let files = bench.folder.path().join("files/blobs");
    let mut hashes = Vec::new();
    for content in ["one", "two"] {
        let hash = blake3::hash(content.as_bytes()).to_hex().to_string();
        put(&files.join(&hash[..2]).join(&hash[2..]), content.as_bytes());
        name_content(&bench, &hash).await;
        hashes.push(hash);
    }
    let lost = "0".repeat(64);
    name_content(&bench, &lost).await;
    let first = bench.create();
    assert_eq!(first["files"]["count"], 3, "{first:#}");
    assert_eq!((&first["files"]["missing"], &first["files"]["bytes"]), (&json!(1), &json!(6)));
    let pool = bench.dir().join("blobs");
    let copied = |hash: &str| pool.join(&hash[..2]).join(&hash[2..]).exists();
    assert!(copied(&hashes[0]) && copied(&hashes[1]) && !copied(&lost));

    bench.place.execute(&format!("DELETE FROM contents WHERE hash = '{}'", hashes[1])).await;
    let second = bench.create();
    assert_eq!(second["files"]["count"], 2);
    bench.set("backup.keep_last", "1");
    bench.set("backup.keep_daily", "1");
    let rehearsal = bench.json(&["backup", "prune", "--dry-run"]);
    assert_eq!((&rehearsal["removed"], &rehearsal["files"]), (&json!([id(&first)]), &json!(1)));
    assert!(copied(&hashes[1]) && bench.ids().len() == 2);
    assert_eq!(bench.json(&["backup", "prune"])["removed"], json!([id(&first)]));
    assert!(copied(&hashes[0]) && !copied(&hashes[1]));
    assert_eq!(bench.ids(), [id(&second)]);

    // Put back where they are missing, and only there.
    let elsewhere = bench.folder.path().join("elsewhere");
    let other = place_on(backend);
    let to = elsewhere.display().to_string();
    bench.run(&["backup", "restore", &id(&second), "--to-url", &other.url(), "--files-to", &to]);
    let back = elsewhere.join("blobs").join(&hashes[0][..2]).join(&hashes[0][2..]);
    assert_eq!(std::fs::read(back).unwrap(), b"one");

    // A copy that is not what its name says is found.
    put(&pool.join(&hashes[0][..2]).join(&hashes[0][2..]), b"uno");
    let said = bench.fails(1, &["backup", "verify", "--quick"]);
    assert!(said.contains("is damaged") && said.contains(&hashes[0]), "{said}");
}

pub(super) async fn name_content(bench: &Bench, hash: &str) {
    let at = match bench.place {
        Place::Sqlite(_) => "1",
        Place::Postgres(_) => "now()",
    };
    let sql = format!(
        "INSERT INTO contents (hash, size, media_type, part_kind, created_at, verified_at)
         VALUES ('{hash}', 3, 'application/pdf', 'page', {at}, {at})"
    );
    bench.place.execute(&sql).await;
}

async fn nobody_else_can_read_a_backup(backend: Backend) {
    let bench = Bench::on(backend).await;
    let made = bench.create();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let folder = bench.dir().join(id(&made));
    assert_eq!((mode(&bench.dir()), mode(&folder)), (0o700, 0o700));
    let names = names_in(&folder);
    assert_eq!(names, [database_file(&made), "manifest.json"]);
    for name in names {
        assert_eq!(mode(&folder.join(&name)), 0o600, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_is_made_at_a_time() {
    let bench = Bench::on(Backend::Sqlite).await;
    bench.create();
    let lock = std::fs::File::open(bench.dir().join(".lock")).unwrap();
    rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive).unwrap();
    let said = bench.fails(1, &["backup", "create"]);
    assert!(said.contains("another process is busy"), "{said}");
    assert_eq!(bench.ids().len(), 1);
    drop(lock);
    bench.create();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_it_goes_has_to_be_said() {
    let mut bench = Bench::on(Backend::Sqlite).await;
    bench.settings.retain(|(key, _)| key != "backup.dir");
    let said = bench.fails(78, &["backup", "create"]);
    assert!(said.contains("set backup.dir") && said.contains("--to DIR"), "{said}");
    let to = bench.dir().display().to_string();
    bench.run(&["backup", "create", "--to", &to]);
    assert!(bench.run(&["backup", "list", "--from", &to]).contains("proven 20"));
    bench.set("database.url", "sqlite:nowhere.db");
    let said = bench.fails(1, &["backup", "create", "--to", &to]);
    assert!(said.contains("there is no database at nowhere.db"), "{said}");
    assert!(!bench.folder.path().join("nowhere.db").exists());
}

/// A file system in memory, so large; unmounted at the end.
struct SmallDisk(TempDir);

impl SmallDisk {
    fn mount(size: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = format!("size={size},mode=700");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "primelingo-test"])
            .arg(folder.path())
            .output()
            .expect("the program `mount`");
        assert!(
            mounted.status.success(),
            "a full disk cannot be tried here: mounting a tmpfs is not allowed (run the tests as \
             root, in a container with CAP_SYS_ADMIN): {}",
            said(&mounted)
        );
        Self(folder)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0.path()).status();
    }
}

/// What cannot be compressed needs more room than was reckoned with.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_becomes_full_costs_nothing_but_the_new_backup() {
    let disk = SmallDisk::mount("92m");
    let mut bench = Bench::on(Backend::Sqlite).await;
    bench.set("backup.dir", &disk.0.path().join("b").display().to_string());
    let first = bench.create();
    let noise = "CREATE TABLE noise (id INTEGER PRIMARY KEY, bytes BLOB);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50)
        INSERT INTO noise SELECT i, randomblob(1000000) FROM n;
        PRAGMA wal_checkpoint(TRUNCATE);";
    bench.place.execute(noise).await;
    let errors = bench.fails(1, &["backup", "create"]);
    assert!(errors.contains("the disk is full"), "{errors}");
    assert!(errors.contains("older backups are as they were"), "{errors}");
    let left = names_in(&disk.0.path().join("b"));
    assert_eq!(left, [".lock".to_owned(), id(&first)]);
    bench.run(&["backup", "verify", "--all"]);

    // What is known beforehand is not even begun.
    put(&disk.0.path().join("ballast"), &vec![7; 20_000_000]);
    let errors = bench.fails(1, &["backup", "create"]);
    assert!(errors.contains("MB free, about") && errors.contains("make room"), "{errors}");
}

/// A program that writes down how it was called, and does as it was told.
pub(super) fn witness(folder: &Path, program: &str, log: &Path) {
    let real = std::fs::read_dir("/usr/lib/postgresql").unwrap().map(|entry| entry.unwrap().path());
    let real = real.map(|path| path.join("bin").join(program)).find(|path| path.exists()).unwrap();
    let script = format!(
        "#!/bin/sh\necho \"$0 $*\" >> {0}\nexec {1} \"$@\"\n",
        log.display(),
        real.display()
    );
    put(&folder.join(program), script.as_bytes());
    let path = folder.join(program);
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_is_nowhere_to_be_seen() {
    let mut bench = Bench::on(Backend::Postgres).await;
    let url = bench.place.url().replace("postgres@", "postgres:geheim%2Fwort@");
    bench.set("database.url", &url);
    bench.set("log.level", "trace");
    let (programs, log) = (bench.folder.path().join("bin"), bench.folder.path().join("calls"));
    for program in ["pg_dump", "pg_restore"] {
        witness(&programs, program, &log);
    }
    bench.set("backup.pg_bin_dir", &programs.display().to_string());
    let output = command(&bench, &["backup", "create"]).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let calls = std::fs::read_to_string(&log).unwrap();
    assert!(
        calls.contains("pg_dump --format=custom") && calls.contains("pg_restore --exit-on-error")
    );
    let [name] = bench.ids().try_into().unwrap();
    let manifest = bench.dir().join(name).join("manifest.json");
    let manifest = std::fs::read_to_string(manifest).unwrap();
    assert!(manifest.contains("postgres:***@"), "{manifest}");
    for text in [said(&output), calls, manifest] {
        assert!(!text.contains("geheim"), "{text}");
    }
    // Nor when it goes wrong.
    bench.set("database.url", &url.replace("/it_", "/not_it_"));
    let errors = bench.fails(1, &["backup", "create"]);
    assert!(!errors.contains("geheim"), "{errors}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn programs_that_are_too_old_are_refused() {
    let mut bench = Bench::on(Backend::Postgres).await;
    let programs = bench.folder.path().join("bin");
    bench.set("backup.pg_bin_dir", &programs.display().to_string());
    let errors = bench.fails(1, &["backup", "create"]);
    assert!(errors.contains("pg_dump was not found"), "{errors}");
    put(&programs.join("pg_dump"), b"#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n");
    let path = programs.join("pg_dump");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    let errors = bench.fails(1, &["backup", "create"]);
    assert!(
        errors.contains("is of version 9,") && errors.contains("postgresql-client-"),
        "{errors}"
    );
    assert_eq!(bench.names(), [".lock"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_that_may_not_make_databases_is_told_what_to_do() {
    // Roles belong to the whole server.
    let mut bench = Bench::at(Place::postgres_of(Postgres::own())).await;
    bench.place.execute("CREATE ROLE plain LOGIN; GRANT pg_read_all_data TO plain").await;
    bench.set("database.url", &bench.place.url().replace("postgres@", "plain@"));
    let errors = bench.fails(1, &["backup", "create"]);
    assert!(errors.contains("ALTER ROLE \"plain\" CREATEDB"), "{errors}");
    assert!(errors.contains("--no-verify"), "{errors}");
    assert_eq!(bench.names(), [".lock"]);
    let manifest = bench.json(&["backup", "create", "--no-verify"]);
    assert!(manifest["verified_at"].is_null());
    let errors = bench.fails(1, &["backup", "restore", &id(&manifest), "--yes"]);
    assert!(errors.contains("which is needed to restore beside the old database"), "{errors}");
    bench.run(&["backup", "verify", "--quick"]);
}
