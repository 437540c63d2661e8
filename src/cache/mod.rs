//! Stage 9: what makes things faster or known sooner, and is never the truth.
//!
//! | part | in memory | with Redis, for all processes |
//! |---|---|---|
//! | [`SessionCopies`] | a bounded map | copies of dialogs, for 15 minutes |
//! | [`SearchCache`] | a bounded map | the same results below it, for 10 minutes |
//! | [`SharedLimiter`] | the arithmetic of `domain::limits` | the same in one script, by the server's clock |
//! | [`Doorbells`] | silent: ports ring within a process | pub/sub between processes |
//!
//! All of it stands on one `link` with a breaker: a call that fails, or takes longer
//! than `redis.timeout_ms`, opens it for everybody, and from then on memory serves without a wait
//! until a probe in the background finds Redis again. So an outage costs a caller one wait at most,
//! and no restart; and Redis may be flushed, evict what it likes or vanish at any moment.
//!
//! Invariants:
//! - Nothing is decided by a copy alone. What a dialog's copy led to is compared with the database
//!   at the commit (`StepCommit::relied`); results of a search carry the library's version, which
//!   is read from the database.
//! - No call fails: what Redis does not give, the caller reads from the database or does without.
//! - Every key is below `primelingo:{namespace}:` and ends by itself. The namespace comes from the
//!   database, so that two installations on one Redis never meet, and all keys are on one node of a
//!   cluster.
//! - No address, password, name or text is in an error or a log; searches are kept by a hash.
//!
//! Not here: the lease of the poller. It must survive a flush, so the database has it.
//!
//! Known and accepted: after a database was restored from a backup, a search may show results of
//! the lost time until their ten minutes are over (what is gone is left out, as entries are read
//! from the database). While Redis is away, each process limits its own sends only.

use std::time::Duration;

use secrecy::SecretString;
use tokio::runtime::Handle;

use crate::domain::limits::LimitsConfig;

mod connection;
mod doorbells;
mod guardian;
mod health;
mod limiter;
mod link;
pub mod look;
mod searches;
mod sessions;

pub use doorbells::{Doorbell, Doorbells, Listener};
pub use limiter::{Lane, SharedLimiter, Turn};
pub use searches::{Found, FoundHit, FoundPart, SearchCache, SearchKey};
pub use sessions::SessionCopies;

use link::Link;

/// How the cache is set up.
#[derive(Debug, Clone)]
pub struct CacheConfig {
    /// The server; none: memory alone.
    pub redis: Option<RedisConfig>,
    /// Whether copies of dialogs are kept. Not worth it over SQLite, see [`SessionCopies`].
    pub copies_sessions: bool,
    /// Memory for results of searches, bytes; 0 for none.
    pub search_bytes: u64,
    /// The limits that all processes share; none: sends go unlimited.
    pub limits: Option<LimitsConfig>,
}

/// Which Redis, and how long it may take.
#[derive(Debug, Clone)]
pub struct RedisConfig {
    /// `redis://[:password@]host[:port][/db]`, or `rediss://`.
    pub url: SecretString,
    /// Longest wait for an answer, that for a connection included.
    pub timeout: Duration,
    /// Most connections for calls; listening takes one more.
    pub connections: u32,
    /// What tells this installation's keys from another's.
    pub namespace: String,
}

/// The address cannot be used. Says nothing of its content, which is a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("redis.url cannot be used; expected redis://[:password@]host[:port][/db], or rediss://")]
pub struct CacheError;

/// How the cache is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CacheState {
    /// No Redis is configured.
    Memory,
    /// Redis serves.
    Shared,
    /// Redis is configured and does not answer: memory serves.
    Degraded,
}

/// All caches of a process. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Cache {
    /// Copies of dialogs.
    pub sessions: SessionCopies,
    /// Results of searches.
    pub searches: SearchCache,
    /// The limits of all processes together.
    pub limiter: SharedLimiter,
    /// Bells in other processes.
    pub doorbells: Doorbells,
    link: Option<Link>,
}

impl Cache {
    /// Sets everything up and waits for nothing: whether Redis answers is found out beside it, by
    /// tasks on `runtime`, which must be the current one. They end with the last clone.
    pub fn open(config: &CacheConfig, runtime: &Handle) -> Result<Self, CacheError> {
        let link = match &config.redis {
            Some(redis) => Some(Link::open(redis, runtime)?),
            None => None,
        };
        Ok(Self {
            sessions: SessionCopies::new(config.copies_sessions, link.clone()),
            searches: SearchCache::new(config.search_bytes, link.clone()),
            limiter: SharedLimiter::new(config.limits, link.clone()),
            doorbells: Doorbells::new(link.clone(), runtime),
            link,
        })
    }

    /// How it is doing at this moment.
    pub fn state(&self) -> CacheState {
        match &self.link {
            None => CacheState::Memory,
            Some(link) if link.is_up() => CacheState::Shared,
            Some(_) => CacheState::Degraded,
        }
    }
}
