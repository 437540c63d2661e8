//! What the store says when the database is away, slow or busy: "later", never "refused".

use std::time::Duration;

use primelingo::domain::role::Role;
use primelingo::store::{Db, StoreConfig, StoreError, StoreResult};
use tokio::runtime::Handle;

use super::fixture::{Place, Store, at};
use super::words::{CHAT, EDITOR, update};

#[track_caller]
fn passes<T: std::fmt::Debug>(result: StoreResult<T>) -> String {
    match result {
        Err(error @ StoreError::Unavailable { .. }) => {
            assert!(error.is_passing());
            error.to_string()
        }
        other => panic!("the database was to be unavailable, not {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cut_connections_are_replaced() {
    let store = Store::postgres().await;
    store.db.ping().await.unwrap();
    let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
               WHERE application_name = 'primelingo' AND datname = current_database()";
    assert!(store.place.number(cut).await > 0);
    store.db.ping().await.unwrap();
    store.waiting_update(CHAT).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_gone_is_unavailable() {
    let store = Store::postgres().await;
    store.db.ping().await.unwrap();
    let Store { db, place } = store;
    drop(place);
    passes(db.ping().await);
    passes(db.updates_insert(1, vec![update(1, CHAT)], at(0)).await);
}

/// A store on PostgreSQL that waits only a moment for locks and queries.
async fn impatient(place: &Place) -> Db {
    let StoreConfig::Postgres(mut config) = place.config() else { panic!("this is SQLite") };
    config.lock_timeout = Duration::from_millis(50);
    config.query_timeout = Duration::from_millis(200);
    Db::open(StoreConfig::Postgres(config), Duration::from_mins(1), Handle::current())
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_that_is_held_too_long_passes() {
    let place = Place::postgres();
    let db = impatient(&place).await;
    let holder = place.postgres_client().await;
    holder.batch_execute("BEGIN; LOCK TABLE users").await.unwrap();

    let said = passes(db.user_set_role(EDITOR, Role::Editor, at(0)).await);
    assert!(said.contains("user_set_role") && said.contains("lock timeout"), "{said}");

    holder.batch_execute("COMMIT").await.unwrap();
    db.user_set_role(EDITOR, Role::Editor, at(0)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_that_takes_too_long_passes() {
    let place = Place::postgres();
    let db = impatient(&place).await;
    let slow = "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$;
                CREATE TRIGGER slow BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION slow()";
    place.execute(slow).await;

    let said = passes(db.user_set_role(EDITOR, Role::Editor, at(0)).await);
    assert!(said.contains("statement timeout"), "{said}");

    place.execute("DROP TRIGGER slow ON users").await;
    db.user_set_role(EDITOR, Role::Editor, at(0)).await.unwrap();
}

/// Deadlocks are ours to avoid; should one happen all the same, its victim tries again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_victim_of_a_deadlock_tries_again() {
    let store = Store::postgres().await;
    let seq = store.waiting_update(CHAT).await.0;
    let raise = "CREATE FUNCTION fall() RETURNS trigger LANGUAGE plpgsql AS
                 $$ BEGIN RAISE 'deadlock detected' USING ERRCODE = '40P01'; END $$;
                 CREATE TRIGGER fall BEFORE UPDATE ON updates FOR EACH ROW EXECUTE FUNCTION fall()";
    store.place.execute(raise).await;
    let seq = primelingo::domain::ids::UpdateSeq(seq);
    passes(store.db.update_done(seq, at(0)).await);
}

/// A refusal, on the other hand, would only come again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_table_does_not_pass() {
    for store in [Store::sqlite().await, Store::postgres().await] {
        store.place.execute("DROP TABLE sessions").await;
        let refused = store.db.chat_load(super::words::key(CHAT)).await.unwrap_err();
        assert!(!refused.is_passing(), "{refused:?}");
        assert_eq!(refused.to_string(), "database refused chat_load");
    }
}

/// Another process writes into the file: we wait for it, and say so after our own deadline.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_busy_file_passes() {
    use diesel::connection::SimpleConnection as _;
    let place = Place::sqlite();
    place.open().await;
    let short = Duration::from_millis(50);
    let db = Db::open(place.config(), short, Handle::current()).await.unwrap();
    let mut other = place.sqlite_connection();
    other.batch_execute("BEGIN IMMEDIATE").unwrap();

    let said = passes(db.meta_count_up("epoch".to_owned()).await);
    assert!(said.contains("meta_count_up") && said.contains("50 ms"), "{said}");
    other.batch_execute("COMMIT").unwrap();

    // The write was not dropped in flight: it is done by the time the writer takes another.
    let patient = place.open().await;
    let counted = loop {
        let counted = patient.meta_count_up("epoch".to_owned()).await.unwrap();
        if counted > 1 {
            break counted;
        }
    };
    assert!(counted >= 2);
}
