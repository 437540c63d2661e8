//! What Redis can do to us: at most one wait for each outage, then memory at once, and back.

use std::time::Duration;

use futures_util::FutureExt as _;
use primelingo::cache::{Cache, CacheConfig, CacheState, Lane, RedisConfig, SearchKey, Turn};
use primelingo::domain::ids::{ChatId, UserId};
use primelingo::domain::session::{ChatState, SessionKey, StoredSession};
use secrecy::SecretString;
use tokio::runtime::Handle;
use tokio::time::Instant;

use super::{unsure, until, with};
use crate::support::redis::{PASSWORD, Redis};

const KEY: SessionKey = SessionKey { chat: ChatId(7), user: UserId(7), thread: 0 };

fn state(version: i64) -> ChatState {
    let body = "{}".to_owned();
    ChatState { session: Some(StoredSession { body, schema: 1, version }), ..ChatState::default() }
}

/// Every part does its work without a wait: each call is ready when it is first looked at.
fn serves_at_once(cache: &Cache) {
    let copies = &cache.sessions;
    copies.put(KEY, &state(9)).now_or_never().expect("no wait");
    assert_eq!(copies.get(KEY).now_or_never().expect("no wait"), Some(state(9)));
    copies.forget(KEY).now_or_never().expect("no wait");
    let nothing = cache.searches.get(SearchKey::new(1, "words"));
    assert_eq!(nothing.now_or_never().expect("no wait"), None);
    let turn = cache.limiter.reserve(ChatId(8), Lane::Reply, 0);
    assert_eq!(turn.now_or_never().expect("no wait"), Turn::Granted);
}

/// Every part uses Redis.
async fn serves_by_redis(cache: &Cache, redis: &Redis) {
    cache.sessions.put(KEY, &state(3)).await;
    assert_eq!(cache.sessions.get(KEY).await, Some(state(3)));
    let keys = redis.keys();
    assert!(keys.iter().any(|key| key.contains(":session:7:7:0")), "{keys:?}");
    assert_eq!(cache.limiter.reserve(ChatId(9), Lane::Reply, 1).await, Turn::Granted);
    let keys = redis.keys();
    assert!(keys.iter().any(|key| key.contains(":limit:chat:9")), "{keys:?}");
    redis.flush();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn away_at_the_start_and_back_without_a_restart() {
    let mut redis = Redis::away();
    let cache = unsure(&redis);
    assert_eq!(cache.state(), CacheState::Degraded);
    serves_at_once(&cache);
    redis.start_again();
    until(&cache, CacheState::Shared).await;
    serves_by_redis(&cache, &redis).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopped_and_started_again() {
    let mut redis = Redis::start();
    let cache = with(&redis).await;
    for _ in 0..3 {
        serves_by_redis(&cache, &redis).await;
        redis.stop();
        // Nobody has to call: the guardian notices by itself.
        until(&cache, CacheState::Degraded).await;
        serves_at_once(&cache);
        redis.start_again();
        until(&cache, CacheState::Shared).await;
    }
    serves_by_redis(&cache, &redis).await;
}

/// A server that was restarted between two calls: the pool's connections are dead, and that is no
/// outage.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dead_connections_are_replaced_within_the_call() {
    let redis = Redis::start();
    let cache = with(&redis).await;
    for version in 1..=5 {
        let copies = (0..4).map(|_| cache.sessions.get(KEY));
        futures_util::future::join_all(copies).await;
        redis.disconnect_all();
        cache.sessions.put(KEY, &state(version)).await;
        let keys = redis.keys();
        assert!(keys.iter().any(|key| key.contains(":session:")), "{keys:?}");
        assert_eq!(cache.sessions.get(KEY).await, Some(state(version)));
        assert_eq!(cache.state(), CacheState::Shared);
    }
}

/// Halted, the server accepts connections and answers nothing: the worst case. In stopped time, so
/// that what is waited is exactly what the settings say.
#[tokio::test]
async fn a_slow_server_costs_everybody_one_wait_together() {
    let redis = Redis::start();
    let cache = with(&redis).await;
    cache.sessions.put(KEY, &state(1)).await;
    redis.freeze();
    tokio::time::pause();
    let begun = Instant::now();
    let answers = (0..100).map(|_| cache.sessions.get(KEY));
    let answers = futures_util::future::join_all(answers).await;
    assert!(answers.iter().all(Option::is_none));
    assert!(begun.elapsed() <= TIMEOUT + TICK, "{:?}", begun.elapsed());
    assert_eq!(cache.state(), CacheState::Degraded);
    let begun = Instant::now();
    for _ in 0..100 {
        serves_at_once(&cache);
    }
    assert_eq!(begun.elapsed(), Duration::ZERO);

    tokio::time::resume();
    redis.thaw();
    until(&cache, CacheState::Shared).await;
    serves_by_redis(&cache, &redis).await;
}

/// As in `super::config`.
const TIMEOUT: Duration = Duration::from_secs(5);

/// How exact tokio's timers are.
const TICK: Duration = Duration::from_millis(1);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn flushed_it_has_forgotten_and_goes_on() {
    let redis = Redis::start();
    let cache = with(&redis).await;
    cache.sessions.put(KEY, &state(1)).await;
    assert_eq!(cache.limiter.reserve(ChatId(9), Lane::Reply, 3).await, Turn::Granted);
    redis.flush();
    assert_eq!(cache.sessions.get(KEY).await, None);
    // The script is gone, too.
    assert_eq!(cache.limiter.reserve(ChatId(9), Lane::Reply, 3).await, Turn::Granted);
    assert_eq!(cache.state(), CacheState::Shared);
}

/// A server that answers, but takes no writes: of no use, and said so once instead of at each call.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_memory_is_as_good_as_away() {
    let redis = Redis::start();
    let cache = with(&redis).await;
    let () = redis.ask(&["CONFIG", "SET", "maxmemory-policy", "noeviction"]).unwrap();
    let () = redis.ask(&["CONFIG", "SET", "maxmemory", "1"]).unwrap();
    until(&cache, CacheState::Degraded).await;
    serves_at_once(&cache);
    redis.stop_evicting();
    until(&cache, CacheState::Shared).await;
    serves_by_redis(&cache, &redis).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_password_degrades_and_an_address_of_no_use_is_refused() {
    let redis = Redis::start();
    let open = |url: String| {
        let config = CacheConfig {
            redis: Some(RedisConfig {
                url: SecretString::from(url),
                timeout: TIMEOUT,
                connections: 1,
                namespace: "test".to_owned(),
            }),
            copies_sessions: true,
            search_bytes: 1024,
            limits: None,
        };
        Cache::open(&config, &Handle::current())
    };
    let cache = open(redis.url().replace(PASSWORD, "wrong")).unwrap();
    serves_at_once(&cache);
    assert_eq!(cache.state(), CacheState::Degraded);

    let error = open(format!("redis://:{PASSWORD}@[")).err().unwrap();
    assert!(!format!("{error} {error:?}").contains(PASSWORD), "{error:?}");
}
