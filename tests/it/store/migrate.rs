//! `primelingo migrate`: what is applied, what is not, and the way back.

use std::process::Command;
use std::time::Duration;

use primelingo::domain::ids::UserId;
use primelingo::domain::role::Role;
use primelingo::store::migrate::{Reverted, down, standing_of, up};
use primelingo::store::standing::SchemaFault;
use primelingo::store::{Db, StoreError};
use tokio::runtime::Handle;

use super::fixture::{Place, Store, at};

const FUTURE: &str = "INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000000')";

fn places() -> [Place; 2] {
    [Place::sqlite(), Place::postgres()]
}

/// Exit code and all that was said.
fn command(place: &Place, arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_primelingo"))
        .arg("--set")
        .arg(format!("database.url={}", place.url()))
        .args(arguments)
        .current_dir(std::env::temp_dir())
        .env_clear()
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    (output.status.code().unwrap_or(-1), said)
}

async fn open(place: &Place) -> Result<Db, StoreError> {
    Db::open(place.config(), Duration::from_mins(1), Handle::current()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn status_lists_what_is_applied_and_what_is_pending() {
    for place in places() {
        let standing = standing_of(&place.config()).await.unwrap();
        assert!(standing.is_bare() && !standing.pending().is_empty());
        if let Place::Sqlite(_) = place {
            assert!(!place.file().exists(), "to look is not to make");
        }
        let (code, said) = command(&place, &["migrate", "status"]);
        assert!(code == 1 && said.contains("pending"), "{code} {said}");
        let (code, said) = command(&place, &["migrate", "up"]);
        assert!(code == 0 && said.contains("1 migration was run"), "{code} {said}");
        let (code, said) = command(&place, &["migrate", "up"]);
        assert!(code == 0 && said.contains("up to date"), "{code} {said}");
        let (code, said) = command(&place, &["migrate", "status"]);
        assert!(code == 0 && said.contains("_library") && said.contains("applied 20"), "{said}");
        let (code, said) = command(&place, &["migrate", "status", "--json"]);
        let status: serde_json::Value = serde_json::from_str(&said).unwrap();
        assert_eq!((code, status["pending"].as_array().unwrap().len()), (0, 0));
        assert!(status["migrations"][0]["applied_at"].is_string());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newer_schema_is_refused_by_everybody() {
    for place in places() {
        drop(place.open().await);
        place.execute(FUTURE).await;
        let error = open(&place).await.map(drop).unwrap_err();
        assert!(matches!(error, StoreError::Schema(SchemaFault::Newer { .. })), "{error:?}");
        let said = error.to_string();
        assert!(said.contains("29990101000000") && said.contains("Install the version"), "{said}");
        assert!(matches!(up(&place.config()).await, Err(StoreError::Schema(_))));
        assert!(matches!(down(&place.config(), true).await, Err(StoreError::Schema(_))));
        let (code, said) = command(&place, &["migrate", "status"]);
        assert!(code == 69 && said.contains("unknown to this program"), "{code} {said}");
        let (code, said) = command(&place, &["users", "find", "1"]);
        assert!(code != 0 && said.contains("29990101000000"), "{code} {said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_a_schema_and_a_strange_one_are_refused() {
    for place in places() {
        drop(place.open().await);
        place.execute("DROP TABLE queue_pauses; DROP TABLE silences").await;
        let error = open(&place).await.map(drop).unwrap_err().to_string();
        assert!(
            error.contains("half finished") && error.contains("queue_pauses, silences"),
            "{error}"
        );
        let (code, said) = command(&place, &["migrate", "status"]);
        assert!(code == 69 && said.contains("half finished"), "{code} {said}");
    }
    for place in places() {
        place.execute("CREATE TABLE users (id INTEGER PRIMARY KEY)").await;
        let error = open(&place).await.map(drop).unwrap_err().to_string();
        assert!(error.contains("these names already: users"), "{error}");
        assert_eq!(place.number("SELECT count(*) FROM users").await, 0, "left as it was");
    }
}

/// A Python bot's database, which somebody has named in place of an empty one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_of_another_program_is_left_as_it_is() {
    for (tables, named) in [
        ("CREATE TABLE bot_users (id INTEGER); INSERT INTO bot_users VALUES (1)", "bot_users"),
        ("CREATE TABLE users (id INTEGER); CREATE TABLE files (id INTEGER)", "users"),
    ] {
        for place in places() {
            place.execute(tables).await;
            let before = place.bytes();
            let error = open(&place).await.map(drop).unwrap_err();
            assert!(matches!(error, StoreError::Schema(_)), "{error:?}");
            let said = error.to_string();
            assert!(said.contains(named) && said.contains("primelingo db adopt"), "{said}");
            for arguments in [&["migrate", "up"][..], &["migrate", "status"]] {
                let (code, said) = command(&place, arguments);
                assert!(code == 69 && said.contains("db adopt"), "{code} {said}");
            }
            if let Place::Sqlite(_) = place {
                assert!(place.bytes() == before, "not even the journal's kind is changed");
            } else {
                assert_eq!(place.texts(TABLES).await.join(" "), tables_of(tables));
            }
        }
    }
    // A newer one of ours is not switched either.
    let place = Place::sqlite();
    up(&place.config()).await.unwrap();
    place.execute(FUTURE).await;
    place.execute("PRAGMA journal_mode = DELETE").await;
    let before = place.bytes();
    open(&place).await.map(drop).unwrap_err();
    assert!(place.bytes() == before);
}

const TABLES: &str = "SELECT relname::text FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1 DESC";

/// The names of the tables that these statements make.
fn tables_of(statements: &str) -> String {
    let made = statements.split("CREATE TABLE ").skip(1);
    made.filter_map(|it| it.split(' ').next()).collect::<Vec<_>>().join(" ")
}

/// What others have put beside ours is theirs; what is no ordinary table, or an extension's, counts
/// for nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_ours_opens_whatever_is_beside_it() {
    for place in places() {
        place.execute("CREATE VIEW other AS SELECT 1 AS one").await;
        if let Place::Postgres(_) = place {
            place
                .execute(
                    "CREATE SCHEMA theirs; CREATE TABLE theirs.music (id INTEGER);
                     CREATE TABLE spatial (id INTEGER); ALTER EXTENSION plpgsql ADD TABLE spatial",
                )
                .await;
        }
        drop(place.open().await);
        place.execute("CREATE TABLE music (id INTEGER PRIMARY KEY)").await;
        drop(place.open().await);
        let (code, said) = command(&place, &["migrate", "down", "--yes", "--yes-lose-data"]);
        assert_eq!(code, 0, "{said}");
        drop(place.open().await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_status_that_is_unknown_is_not_pending() {
    let place = Place::postgres();
    let Place::Postgres(server) = &place else { unreachable!() };
    server.shut();
    let (code, said) = command(&place, &["migrate", "status"]);
    assert!(code == 69 && said.contains("not currently accepting connections"), "{code} {said}");
}

/// A migration that fails leaves nothing behind: it is a transaction in both databases.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_migration_that_fails_is_undone_as_a_whole() {
    for place in places() {
        // An index of the migration's has this name: the tables before it are made by then.
        place.execute("CREATE VIEW dashboard_keys_user AS SELECT 1 AS one").await;
        let error = up(&place.config()).await.unwrap_err();
        assert!(matches!(error, StoreError::Migration(_)), "{error:?}");
        let standing = standing_of(&place.config()).await.unwrap();
        assert!(standing.is_bare() && standing.fault.is_none(), "{standing:?}");
        place.execute("DROP VIEW dashboard_keys_user").await;
        assert_eq!(up(&place.config()).await.unwrap(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_way_back_costs_no_data_unless_it_is_wanted() {
    for place in places() {
        let store = Store { db: place.open().await, place };
        store.db.user_set_role(UserId(7), Role::Editor, at(0)).await.unwrap();
        let place = store.place;
        let refused = down(&place.config(), false).await.unwrap();
        let Reverted::WouldLose(_, losses) = refused else { panic!("{refused:?}") };
        assert!(losses.contains(&("users".to_owned(), 1)), "{losses:?}");
        let (code, said) = command(&place, &["migrate", "down"]);
        assert!(code == 1 && said.contains("--yes"), "without a terminal: {code} {said}");
        let (code, said) = command(&place, &["migrate", "down", "--yes"]);
        assert!(code == 1 && said.contains("users (1 rows)"), "{code} {said}");

        let until = if matches!(place, Place::Sqlite(_)) {
            "9000000000000000"
        } else {
            "now() + INTERVAL '1 day'"
        };
        let lease = format!(
            "INSERT INTO leases (name, owner, epoch, token, until) VALUES ('leader', 'x', 1, 1, {until})"
        );
        place.execute(&lease).await;
        let refused = down(&place.config(), true).await.unwrap();
        assert!(matches!(refused, Reverted::Alive(name, _) if name == "leader"));
        place.execute("DELETE FROM leases").await;
        let (code, said) = command(&place, &["migrate", "down", "--yes", "--yes-lose-data"]);
        assert!(code == 0 && said.contains("was taken back"), "{code} {said}");
        assert_eq!(down(&place.config(), true).await.unwrap(), Reverted::Nothing);
        drop(place.open().await);
    }
}
