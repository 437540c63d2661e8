//! Backups that are put back: what takes whose place, and what is refused.

use super::damage::rewrite;
use super::{Bench, both, content, id, names_in, place_on};
use crate::support::bot::{ANN, Backend, Bot, BotOptions, Process};
use crate::support::place::Place;

both! {
    a_restore_takes_the_place_and_keeps_what_was_there,
    nothing_is_restored_under_a_living_bot,
    what_this_version_does_not_know_is_refused,
    anothers_tables_are_not_replaced_unasked,
}

async fn a_restore_takes_the_place_and_keeps_what_was_there(backend: Backend) {
    let bench = Bench::on(backend).await;
    let before = content(&bench.place).await;
    let name = id(&bench.create());
    bench
        .place
        .execute("UPDATE users SET role = 'learner'; DELETE FROM users WHERE id > 100100")
        .await;
    let after = content(&bench.place).await;
    assert_ne!(before, after);

    // Nobody at a terminal, and no --yes.
    let said = bench.fails(1, &["backup", "restore", &name]);
    assert!(said.contains("is not empty: it holds") && said.contains("--yes"), "{said}");
    assert_eq!(content(&bench.place).await, after);

    let done = bench.json(&["backup", "restore", &name, "--yes"]);
    assert_eq!(content(&bench.place).await, before);
    let kept = done["kept"].as_str().unwrap();
    match &bench.place {
        Place::Sqlite(folder) => {
            let names = names_in(folder.path());
            assert!(names.iter().any(|name| kept.ends_with(name.as_str())), "{names:?}");
            assert!(!names.iter().any(|name| name.contains("restoring")), "{names:?}");
            // It is a database of its own, with all that was committed to it.
            let other = tempfile::tempdir().unwrap();
            std::fs::copy(kept, other.path().join("library.db")).unwrap();
            assert_eq!(content(&Place::sqlite_in(other)).await, after);
        }
        Place::Postgres(_) => {
            let url = bench.place.url();
            let (server, _) = url.rsplit_once('/').unwrap();
            let (client, connection) =
                tokio_postgres::connect(&format!("{server}/{kept}"), tokio_postgres::NoTls)
                    .await
                    .unwrap();
            tokio::spawn(connection);
            let row = client.query_one("SELECT count(*) FROM users", &[]).await.unwrap();
            assert_eq!(row.get::<_, i64>(0), 102);
        }
    }
    // A second restore keeps the first's place, too.
    bench.run(&["backup", "restore", &name, "--yes"]);
    assert_eq!(content(&bench.place).await, before);
}

async fn nothing_is_restored_under_a_living_bot(backend: Backend) {
    let backups = tempfile::tempdir().unwrap();
    let dir = backups.path().join("b").display().to_string();
    let mut bot = Bot::start(BotOptions::on(backend).set("backup.dir", &dir)).await;
    bot.say(ANN, "/start").await;
    bot.settle_all().await;
    let run =
        |bot: &Bot, arguments: &[&str]| Process::outcome(bot.folder(), bot.settings(), arguments);
    let (_, made, errors) = run(&bot, &["backup", "create", "--output", "json"]);
    let name = id(&serde_json::from_str(&made).unwrap_or_else(|_| panic!("{made}{errors}")));
    let (code, _, said) = run(&bot, &["backup", "restore", &name, "--yes"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("in use by") && said.contains("stop the bot"), "{said}");
    bot.say(ANN, "/help").await;
    bot.settle_all().await;
    let updates = bot.number("SELECT count(*) FROM updates").await;
    bot.stop().await;

    // The test's own connection is somebody, too.
    let (code, _, said) = run(&bot, &["backup", "restore", &name, "--yes"]);
    assert_eq!(code, Some(1), "{said}");
    let busy = ["is in use; stop the bot", "others are connected"];
    assert!(busy.iter().any(|word| said.contains(word)), "{said}");
    assert_eq!(bot.number("SELECT count(*) FROM updates").await, updates);
    bot.finish().await;
}

async fn what_this_version_does_not_know_is_refused(backend: Backend) {
    let bench = Bench::on(backend).await;
    let made = bench.create();
    let (name, folder) = (id(&made), bench.dir().join(id(&made)));
    let before = content(&bench.place).await;
    let other = match backend {
        Backend::Sqlite => Backend::Postgres,
        Backend::Postgres => Backend::Sqlite,
    };
    let other = place_on(other);
    let said = bench.fails(1, &["backup", "restore", &name, "--to-url", &other.url(), "--yes"]);
    assert!(said.contains("primelingo db copy"), "{said}");

    rewrite(&folder, |manifest| manifest.schema.push("99990101000000".to_owned()));
    let said = bench.fails(1, &["backup", "restore", &name, "--yes"]);
    assert!(said.contains("does not know") && said.contains("install that version"), "{said}");
    rewrite(&folder, |manifest| manifest.format = 2);
    let said = bench.fails(1, &["backup", "restore", &name, "--yes"]);
    assert!(said.contains("is of format 2"), "{said}");
    let said = bench.fails(1, &["backup", "restore", "../backups", "--yes"]);
    assert!(said.contains("there is no backup ../backups"), "{said}");
    assert_eq!(content(&bench.place).await, before);
}

async fn anothers_tables_are_not_replaced_unasked(backend: Backend) {
    let bench = Bench::on(backend).await;
    let name = id(&bench.create());
    let mut ways = vec!["CREATE TABLE recipes (id BIGINT); INSERT INTO recipes VALUES (7)"];
    if backend == Backend::Postgres {
        ways.push("CREATE SCHEMA theirs; CREATE TABLE theirs.recipes (id BIGINT)");
    }
    for way in ways {
        let other = place_on(backend);
        other.execute(way).await;
        let said = bench.fails(1, &["backup", "restore", &name, "--to-url", &other.url()]);
        assert!(said.contains("1 tables of another program") && said.contains("--yes"), "{said}");
    }
    // One of ours that nobody has used is nobody's loss.
    let other = place_on(backend);
    let restore = ["backup", "restore", &name, "--to-url", &other.url()];
    bench.run(&restore);
    let said = bench.fails(1, &restore);
    assert!(said.contains("rows of people and material"), "{said}");
    other.execute("DELETE FROM users").await;
    bench.run(&restore);
    assert_eq!(content(&other).await, content(&bench.place).await);
}

/// A log without its database would be taken for one of the new one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_was_left_is_set_aside() {
    let bench = Bench::on(Backend::Sqlite).await;
    let before = content(&bench.place).await;
    let name = id(&bench.create());
    let file = bench.place.file();
    std::fs::remove_file(&file).unwrap();
    std::fs::write(file.with_file_name("library.db-wal"), b"a log").unwrap();
    bench.run(&["backup", "restore", &name]);
    let names = names_in(file.parent().unwrap());
    assert!(!names.contains(&"library.db-wal".to_owned()), "{names:?}");
    assert!(
        names.iter().any(|name| name.contains("before") && name.ends_with("-wal")),
        "{names:?}"
    );
    assert_eq!(content(&bench.place).await, before);
}

/// A database that is no more is what backups are for; its log must not get into the new one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ruined_file_is_replaced_and_kept() {
    let bench = Bench::on(Backend::Sqlite).await;
    let before = content(&bench.place).await;
    let name = id(&bench.create());
    let file = bench.place.file();
    let log = file.with_file_name("library.db-wal");
    std::fs::write(&file, b"this is no database, however long one looks at it".repeat(100))
        .unwrap();
    std::fs::write(&log, b"and this is no log of one").unwrap();
    let said = bench.fails(1, &["backup", "restore", &name]);
    assert!(said.contains("something that cannot be read"), "{said}");
    bench.run(&["backup", "restore", &name, "--yes"]);
    assert_eq!(content(&bench.place).await, before);
    let names = names_in(file.parent().unwrap());
    assert!(names.iter().any(|name| name.contains(".before-restore-")), "{names:?}");
    assert!(!names.contains(&"library.db-wal".to_owned()), "{names:?}");
}

/// Where nothing is, nobody has to be asked; a password in the address need not be an argument.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_address_may_come_by_the_standard_input() {
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    let bench = Bench::on(Backend::Sqlite).await;
    let name = id(&bench.create());
    let mut command = Command::new(env!("CARGO_BIN_EXE_primelingo"));
    for (key, value) in &bench.settings {
        command.arg("--set").arg(format!("{key}={value}"));
    }
    let mut child = command
        .args(["backup", "restore", &name, "--to-url", "-"])
        .current_dir(bench.folder.path())
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"sqlite:new/library.db\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", super::said(&output));
    assert!(bench.folder.path().join("new/library.db").exists());
}
