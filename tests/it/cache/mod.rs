//! The cache's contract: one set of bodies, run in memory and with Redis, so that nobody above can
//! tell which of them serves. What only Redis can do to us is in [`outages`] and [`bells`].

use std::time::Duration;

use primelingo::cache::{Cache, CacheConfig, CacheState, RedisConfig};
use primelingo::domain::limits::LimitsConfig;
use secrecy::SecretString;
use tokio::runtime::Handle;

use crate::support::bot::bounded;
use crate::support::redis::Redis;

/// Makes tests of bodies for both.
macro_rules! contract {
    ($($name:ident,)+) => {
        mod memory {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(&$crate::cache::in_memory()).await;
            })+
        }
        mod redis {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let redis = $crate::support::redis::Redis::start();
                super::$name(&$crate::cache::with(&redis).await).await;
            })+
        }
    };
}

mod bells;
mod limiter;
mod outages;
mod searches;
mod sessions;

/// One message at once and one in a thousand seconds: no test takes as long as a refill.
pub const SLOW: LimitsConfig = LimitsConfig {
    rate_per_s: 0.001,
    burst: 4,
    reply_reserve: 0,
    bulk_rate_per_s: 1000.0,
    bulk_floor_per_s: 0.001,
    paid_rate_per_s: 1000.0,
    chat_rate_per_s: 0.001,
    chat_burst: 3,
    group_per_min: 2,
};

/// A cache without Redis.
pub fn in_memory() -> Cache {
    Cache::open(&config(None, "test"), &Handle::current()).unwrap()
}

/// A cache on a server, which is there.
pub async fn with(redis: &Redis) -> Cache {
    let cache = unsure(redis);
    until(&cache, CacheState::Shared).await;
    cache
}

/// Waits until a cache is in a state.
pub async fn until(cache: &Cache, state: CacheState) {
    bounded("the state of the cache", async || (cache.state() == state).then_some(())).await;
}

/// A cache on a server that may be away.
pub fn unsure(redis: &Redis) -> Cache {
    named(redis, "test")
}

/// A cache of an installation of its own.
pub fn named(redis: &Redis, namespace: &str) -> Cache {
    Cache::open(&config(Some(redis), namespace), &Handle::current()).unwrap()
}

fn config(redis: Option<&Redis>, namespace: &str) -> CacheConfig {
    CacheConfig {
        redis: redis.map(|redis| RedisConfig {
            url: SecretString::from(redis.url()),
            // Longer than in production: a busy machine must not look like an outage.
            timeout: Duration::from_secs(5),
            connections: 4,
            namespace: namespace.to_owned(),
        }),
        copies_sessions: true,
        search_bytes: 1024 * 1024,
        limits: Some(SLOW),
    }
}
