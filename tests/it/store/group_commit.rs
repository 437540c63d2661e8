//! SQLite's writer: units that share a commit, each standing for itself.

use std::fs;

use primelingo::domain::ids::ChatId;
use primelingo::store::records::StepCommit;
use primelingo::store::{Db, StoreConfig};

use super::fixture::{Place, Store, conflict};
use super::words::{CHAT, key, reply, session, step};

const WRITES: i64 = 200;

/// Writes at once; every tenth is refused. Gives how many were.
async fn write_at_once(db: &Db, first: Vec<StepCommit>) -> usize {
    let tasks: Vec<_> = first
        .into_iter()
        .map(|step| {
            let db = db.clone();
            tokio::spawn(async move { db.step_commit(step).await })
        })
        .collect();
    let mut refused = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(()) => {}
            Err(error) => {
                assert_eq!(conflict::<()>(Err(error)), "dialog");
                refused += 1;
            }
        }
    }
    refused
}

/// A copy of the files as a kill would leave them: nothing is closed, nothing is checkpointed.
fn as_after_a_kill(store: &Store) -> Place {
    let copy = Place::sqlite();
    for suffix in ["", "-wal"] {
        let (from, to) = (store.place.file(), copy.file());
        let with = |path: std::path::PathBuf| format!("{}{suffix}", path.display());
        fs::copy(with(from), with(to)).unwrap();
    }
    copy
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_unit_takes_no_other_with_it() {
    let store = Store::sqlite().await;
    let mut steps = Vec::new();
    for number in 0..WRITES {
        let chat = ChatId(number + 1);
        let seq = store.waiting_update(chat).await;
        let is_bad = number % 10 == 3;
        let version = if is_bad { 7 } else { 0 };
        let outbox = vec![reply(number + 1, chat)];
        steps.push(StepCommit { session: Some(session(chat, version)), outbox, ..step(seq) });
    }

    assert_eq!(write_at_once(&store.db, steps).await, 20);

    let killed = as_after_a_kill(&store);
    let restarted = Store { db: killed.open().await, place: killed };
    for survivor in [&store, &restarted] {
        assert_eq!(survivor.rows("sessions").await, 180);
        assert_eq!(survivor.rows("outbox").await, 180);
        assert_eq!(survivor.db.updates_open_count().await.unwrap(), 20);
        assert_eq!(survivor.db.chat_load(key(ChatId(4))).await.unwrap().session, None);
    }
    // The writer goes on.
    restarted.waiting_update(CHAT).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_is_seen_by_every_reader() {
    let store = Store::sqlite().await;
    for number in 1..=50 {
        store.db.outbox_insert(vec![reply(number, CHAT)], super::fixture::at(0)).await.unwrap();
        for _ in 0..3 {
            let open =
                store.db.outbox_open(primelingo::domain::ids::OutboxId(0), 99).await.unwrap();
            assert_eq!(i64::try_from(open.len()).unwrap(), number);
        }
    }
}

/// Limits of zero are unwise, but no reason to hang or to panic.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_smallest_limits_work() {
    let place = Place::sqlite();
    let StoreConfig::Sqlite(mut config) = place.config() else { panic!("this is SQLite") };
    (config.readers, config.group_units, config.queue) = (0, 0, 0);
    let runtime = tokio::runtime::Handle::current();
    let timeout = std::time::Duration::from_mins(1);
    let db = Db::open(StoreConfig::Sqlite(config), timeout, runtime).await.unwrap();
    let store = Store { db, place };
    store.waiting_update(CHAT).await;
    store.waiting_update(CHAT).await;
    assert_eq!(store.db.updates_open_count().await.unwrap(), 2);
}
