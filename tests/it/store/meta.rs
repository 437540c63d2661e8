//! Facts of the installation.

use super::fixture::Store;

contract! {
    the_first_value_of_a_key_stays,
    counters_start_at_one_and_lose_nothing,
    ping_answers,
}

async fn the_first_value_of_a_key_stays(store: &Store) {
    let set = |value: &str| store.db.meta_get_or_set("secret".to_owned(), value.to_owned());
    assert_eq!(set("one").await.unwrap(), "one");
    assert_eq!(set("two").await.unwrap(), "one");
}

/// Two processes that start at the same moment must not get the same epoch.
async fn counters_start_at_one_and_lose_nothing(store: &Store) {
    assert_eq!(store.db.meta_count_up("epoch".to_owned()).await.unwrap(), 1);
    let starts = (0..20).map(|_| {
        let db = store.db.clone();
        tokio::spawn(async move { db.meta_count_up("epoch".to_owned()).await.unwrap() })
    });
    let mut epochs = Vec::new();
    for start in starts.collect::<Vec<_>>() {
        epochs.push(start.await.unwrap());
    }
    epochs.sort_unstable();
    assert_eq!(epochs, (2..=21).collect::<Vec<_>>());
}

async fn ping_answers(store: &Store) {
    store.db.ping().await.unwrap();
}
