//! Results of searches.

use std::sync::Arc;

use primelingo::cache::{Cache, Found, FoundHit, FoundPart, SearchCache, SearchKey};
use primelingo::domain::ids::{CategoryId, MaterialId};
use primelingo::domain::inspection::Kind;
use primelingo::domain::material::{Length, Level, Traits};
use primelingo::domain::search_page::Total;

use super::with;
use crate::support::redis::Redis;

contract! {
    what_is_put_is_given,
    nothing_found_is_a_result_too,
    a_changed_library_asks_anew,
    other_questions_have_other_results,
}

fn found(ids: &[i64]) -> Arc<Found> {
    let hits = ids.iter().map(|id| {
        let part = (id % 2 == 0).then_some(FoundPart { part: i64::MAX, number: 3 });
        let traits = Traits {
            level: Some(Level::B1),
            kind: Kind::Book,
            language: None,
            category: Some(CategoryId(i64::MAX)),
            length: Some(Length::Short),
        };
        FoundHit { id: MaterialId(*id), part, traits }
    });
    Arc::new(Found { hits: hits.collect(), total: Total::AtLeast(1_000) })
}

async fn what_is_put_is_given(cache: &Cache) {
    let key = SearchKey::new(3, "grammar");
    assert_eq!(cache.searches.get(key).await, None);
    cache.searches.put(key, found(&[5, 2, i64::MAX])).await;
    assert_eq!(cache.searches.get(key).await, Some(found(&[5, 2, i64::MAX])));
}

async fn nothing_found_is_a_result_too(cache: &Cache) {
    let key = SearchKey::new(3, "xyzzy");
    let nothing = Arc::new(Found { hits: Vec::new(), total: Total::Exactly(0) });
    cache.searches.put(key, Arc::clone(&nothing)).await;
    assert_eq!(cache.searches.get(key).await, Some(nothing));
}

async fn a_changed_library_asks_anew(cache: &Cache) {
    cache.searches.put(SearchKey::new(3, "grammar"), found(&[1])).await;
    assert_eq!(cache.searches.get(SearchKey::new(4, "grammar")).await, None);
}

async fn other_questions_have_other_results(cache: &Cache) {
    cache.searches.put(SearchKey::new(3, "grammar"), found(&[1])).await;
    cache.searches.put(SearchKey::new(3, "grammar B1"), found(&[2])).await;
    assert_eq!(cache.searches.get(SearchKey::new(3, "grammar")).await, Some(found(&[1])));
    assert_eq!(cache.searches.get(SearchKey::new(3, "grammar B1")).await, Some(found(&[2])));
}

#[tokio::test]
async fn without_memory_nothing_is_kept() {
    let none = SearchCache::none();
    assert!(!none.is_used());
    none.put(SearchKey::new(1, "grammar"), found(&[1])).await;
    assert_eq!(none.get(SearchKey::new(1, "grammar")).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_share_results_and_keep_the_words_to_themselves() {
    let redis = Redis::start();
    let (one, other) = (with(&redis).await, with(&redis).await);
    let key = SearchKey::new(3, "grammar of a secret");
    one.searches.put(key, found(&[1, 2])).await;
    assert_eq!(other.searches.get(key).await, Some(found(&[1, 2])));

    let keys = redis.keys();
    assert!(keys.iter().all(|key| key.starts_with("primelingo:{test}:")), "{keys:?}");
    assert!(!keys.iter().any(|key| key.contains("secret")), "{keys:?}");
    for key in keys {
        let left: i64 = redis.ask(&["PTTL", &key]).unwrap();
        assert_ne!(left, -1, "{key} would stay for ever");
    }
}
