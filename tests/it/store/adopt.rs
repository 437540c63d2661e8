//! A Python bot's database comes into ours.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use primelingo::domain::ids::UserId;
use primelingo::domain::lang::Lang;
use primelingo::domain::role::Role;

use super::fixture::{Place, Store};

/// Tables as `SQLAlchemy` makes them, with rows of all kinds; `{true}` and `{false}` are the
/// database's own.
const THEIRS: &str = "
CREATE TABLE users (id INTEGER PRIMARY KEY, telegram_id BIGINT, username VARCHAR(64),
    first_name VARCHAR(128), language_code VARCHAR(8), is_admin BOOLEAN, is_active BOOLEAN,
    created_at TIMESTAMP);
CREATE TABLE files (id INTEGER PRIMARY KEY, file_id VARCHAR(255), file_unique_id VARCHAR(64),
    file_name VARCHAR(255), file_type VARCHAR(32), category VARCHAR(64), mime_type VARCHAR(64),
    file_size BIGINT, created_at TIMESTAMP, uploaded_by INTEGER);
INSERT INTO users VALUES
    (1, 1001, 'ann', 'Ann', 'uz', {false}, {true}, '2024-01-02 03:04:05'),
    (2, 1002, NULL, 'Борис', 'de', {true}, {true}, '2024-01-03 00:00:00'),
    (3, 1003, 'carl', 'Carl', 'ru', {false}, {false}, NULL),
    (4, 1001, 'ann2', 'Ann again', 'en', {false}, {true}, NULL),
    (5, NULL, 'nobody', 'Nobody', 'en', {false}, {true}, NULL),
    (6, -100, 'channel', 'Channel', 'en', {false}, {true}, NULL);
INSERT INTO files VALUES
    (1, 'BQACAgIAAxkBAAIBGrammar', 'AgADuni1', 'English_Grammar.pdf', 'document', 'Books',
     'application/pdf', 1000, '2024-02-01 10:00:00', 2),
    (2, 'CQACAgIAAxkBAAIBListening', 'AgADuni2', 'Unit 1 listening.mp3', 'audio', 'books ',
     'audio/mpeg', NULL, '2024-02-02 10:00:00', 2),
    (3, 'BQACAgIAAxkBAAIBGrammar', 'AgADuni1', 'The same.pdf', 'document', NULL, NULL, 1, NULL, NULL),
    (4, NULL, 'AgADuni4', 'No handle.pdf', 'document', NULL, NULL, 1, NULL, NULL),
    (5, 'BAACAgIAAxkBAAIBMovie00', 'AgADuni5', NULL, 'strange', 'Films', NULL, -5, NULL, 1001);
";

async fn theirs(place: &Place) {
    let (yes, no) = match place {
        Place::Sqlite(_) => ("1", "0"),
        Place::Postgres(_) => ("TRUE", "FALSE"),
    };
    place.execute(&THEIRS.replace("{true}", yes).replace("{false}", no)).await;
}

fn adopt(to: &Place, from: &Place, more: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_primelingo"))
        .arg("--set")
        .arg(format!("database.url={}", to.url()))
        .args(["db", "adopt", "--from", &from.url()])
        .args(more)
        .current_dir(std::env::temp_dir())
        .env_clear()
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    (output.status.code().unwrap_or(-1), said)
}

async fn comes_over(from: Place, to: Place) {
    theirs(&from).await;
    let store = Store { db: to.open().await, place: to };
    let (code, said) = adopt(&store.place, &from, &["--dry-run"]);
    assert_eq!(code, 0, "{said}");
    let report = said.split("people:").nth(1).unwrap();
    insta::allow_duplicates! { insta::assert_snapshot!(report, @r"
     6 read, 3 would be imported, 3 skipped
      skipped 1: no Telegram id (users nothing)
      skipped 1: the Telegram id is not a person's (users -100)
      skipped 1: the same Telegram id as another row (users 1001)
      noted 1: a language that the bot does not speak: English is taken (users 1002)
      noted 1: becomes an admin (users 1002)
    files: 5 read, 3 would be imported, 2 skipped
      skipped 1: known already, or the same as another row (files BQACAgIAAxkBAAIBGrammar)
      skipped 1: no file_id (files nothing)
      noted 1: file_size is no number: left out (files BAACAgIAAxkBAAIBMovie00)
      noted 1: neither title nor name: titled Untitled (files BAACAgIAAxkBAAIBMovie00)
    nothing was written; leave --dry-run out to import
    ") }
    assert_eq!((store.rows("users").await, store.rows("materials").await), (0, 0));

    let (code, said) = adopt(&store.place, &from, &[]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("3 imported"), "{said}");
    let boris = store.db.user_get(UserId(1002)).await.unwrap().unwrap();
    assert_eq!((boris.role, boris.lang, boris.reachable), (Role::Admin, Lang::En, true));
    let carl = store.db.user_get(UserId(1003)).await.unwrap().unwrap();
    assert_eq!((carl.role, carl.lang, carl.reachable), (Role::Learner, Lang::Ru, false));
    let shelf = "SELECT title || ' ' || file_class || ' ' || kind || ' ' || uploader_id || ' '
                        || state || ' ' || file_id FROM materials ORDER BY title";
    assert_eq!(
        store.place.texts(shelf).await,
        [
            "English Grammar document book 1002 published BQACAgIAAxkBAAIBGrammar",
            "Unit 1 listening audio audio 1002 published CQACAgIAAxkBAAIBListening",
            "Untitled video video 1001 published BAACAgIAAxkBAAIBMovie00",
        ]
    );
    let sections = store.db.category_children(None).await.unwrap();
    let sections: Vec<(&str, i64)> =
        sections.iter().map(|it| (it.title.as_str(), it.materials)).collect();
    assert_eq!(sections, [("Books", 2), ("Films", 1)]);
    let jobs = "SELECT count(*) FROM jobs WHERE kind = 'adopt_file' AND state = 'ready'";
    assert_eq!(store.place.number(jobs).await, 3);

    // Once more: nothing is there twice.
    let (code, said) = adopt(&store.place, &from, &[]);
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains("people: 6 read, 0 imported") && said.contains("files: 5 read, 0 imported"),
        "{said}"
    );
    assert_eq!((store.rows("users").await, store.rows("materials").await), (3, 3));
    assert_eq!(store.place.number(jobs).await, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_python_bot_on_sqlite_comes_over() {
    comes_over(Place::sqlite(), Place::postgres()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_python_bot_on_postgres_comes_over() {
    comes_over(Place::postgres(), Place::sqlite()).await;
}

/// `--dry-run > guess.toml`, and then `--mapping guess.toml`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guess_can_be_saved_and_given_back() {
    let (from, to) = (Place::sqlite(), Place::sqlite());
    theirs(&from).await;
    let guessing = Command::new(env!("CARGO_BIN_EXE_primelingo"))
        .arg("--set")
        .arg(format!("database.url={}", to.url()))
        .args(["db", "adopt", "--from", &from.url(), "--dry-run"])
        .current_dir(std::env::temp_dir())
        .env_clear()
        .output()
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let guess = folder.path().join("guess.toml");
    fs::write(&guess, &guessing.stdout).unwrap();
    let report = String::from_utf8(guessing.stderr).unwrap();
    assert!(report.contains("people: 6 read, 3 would be imported"), "{report}");
    let (code, said) = adopt(&to, &from, &["--mapping", guess.to_str().unwrap()]);
    assert!(code == 0 && said.contains("people: 6 read, 3 imported"), "{said}");
}

/// More than a page, with numbers that are not in the order of their digits.
async fn the_older_one_counts(from: Place, to: Place) {
    let mut rows = String::from("(9, 7, 'Nine', '{}'), (10, 7, 'Ten', '{}')");
    for number in 100..4_600 {
        let _ = write!(rows, ", ({number}, {number}, 'Person {number}', '{{}}')");
    }
    from.execute(&format!(
        "CREATE TABLE users (created_at BIGINT, telegram_id BIGINT, first_name TEXT, lang JSON);
         INSERT INTO users VALUES {rows}"
    ))
    .await;
    let store = Store { db: to.open().await, place: to };
    let (code, said) = adopt(&store.place, &from, &[]);
    assert!(code == 0 && said.contains("4502 read, 4501 imported, 1 skipped"), "{said}");
    let seven = store.place.texts("SELECT first_name FROM users WHERE id = 7").await;
    assert_eq!(seven, ["Nine"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_older_one_counts_on_sqlite() {
    the_older_one_counts(Place::sqlite(), Place::postgres()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_older_one_counts_on_postgres() {
    the_older_one_counts(Place::postgres(), Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mapping_says_what_names_do_not() {
    let (from, to) = (Place::sqlite(), Place::sqlite());
    from.execute(
        "CREATE TABLE leute (nummer TEXT, rufname TEXT);
         INSERT INTO leute VALUES ('55', 'Uta'), ('x', 'Niemand')",
    )
    .await;
    drop(to.open().await);
    let (code, said) = adopt(&to, &from, &[]);
    assert!(code == 1 && said.contains("there are leute") && said.contains("--mapping"), "{said}");
    let folder = tempfile::tempdir().unwrap();
    let mapping = folder.path().join("mapping.toml");
    let path = mapping.to_str().unwrap();
    fs::write(&mapping, "[users]\ntable = 'leute'\nid = 'nr'\n").unwrap();
    let (code, said) = adopt(&to, &from, &["--mapping", path]);
    assert!(code == 1 && said.contains("no column nr") && said.contains("nummer"), "{said}");
    fs::write(&mapping, "[users]\ntable = 'leute'\nid = 'nummer'\nfirst_name = 'rufname'\n")
        .unwrap();
    let (code, said) = adopt(&to, &from, &["--mapping", path]);
    assert!(code == 0 && said.contains("2 read, 1 imported"), "{said}");
    assert!(said.contains("no number (leute x)"), "{said}");
    assert_eq!(to.texts("SELECT first_name FROM users WHERE id = 55").await, ["Uta"]);
    let (code, said) = adopt(&to, &from, &["--mapping", "/nowhere/mapping.toml"]);
    assert!(code == 1 && said.contains("/nowhere/mapping.toml"), "{said}");
}
