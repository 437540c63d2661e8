//! The learners' shelf: what is popular.

use primelingo::domain::effect::Change;
use primelingo::domain::ids::{ChatId, MaterialId, UserId};
use primelingo::domain::inspection::Kind;
use primelingo::domain::lang::Lang;
use primelingo::store::records::StepCommit;

use super::fixture::Store;
use super::words::{described, fresh, plain, seen, step};

contract! {
    each_taker_counts_once,
}

const ANN: UserId = UserId(901);
const BOB: UserId = UserId(902);

/// A person's step with this change.
async fn does(store: &Store, user: UserId, change: Change) {
    let seq = store.waiting_update(ChatId(fresh())).await;
    let seen = Some(seen(user, "Ann", Lang::En));
    let commit = StepCommit { changes: vec![plain(change)], seen, user: Some(user), ..step(seq) };
    store.db.step_commit(commit).await.unwrap();
}

async fn takes(store: &Store, user: UserId, material: i64) {
    does(store, user, Change::NoteDelivery { material: MaterialId(material), hash: None }).await;
}

async fn each_taker_counts_once(store: &Store) {
    store.publish(1, &described("Grammar"), Kind::Book, &["words"]).await;
    store.publish(2, &described("Verbs"), Kind::Book, &["others"]).await;
    let takers = async |id| store.db.takers(MaterialId(id)).await.unwrap();
    assert_eq!(takers(1).await, 0);
    takes(store, ANN, 1).await;
    takes(store, ANN, 1).await;
    takes(store, BOB, 1).await;
    takes(store, BOB, 7).await;
    assert_eq!((takers(1).await, takers(2).await, takers(7).await), (2, 0, 0));
}
