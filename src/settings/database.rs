//! `[database]`: where everything is kept, and how long a statement may take.

use std::time::Duration;

use serde::Deserialize;

use super::check::Check;
use super::database_url::DatabaseUrl;
use super::value;

/// Where everything is kept, and how long a statement may take.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseSettings {
    /// The database; shows no password when printed.
    #[serde(deserialize_with = "value::parsed")]
    pub url: DatabaseUrl,
    /// Connections kept open to PostgreSQL.
    pub pool_size: u32,
    /// Further connections under load.
    pub max_overflow: u32,
    /// Longest run of one statement, milliseconds.
    pub query_timeout_ms: u64,
    /// Longest wait for a lock, milliseconds.
    pub lock_timeout_ms: u64,
    /// Longest wait for a free connection, milliseconds.
    pub acquire_timeout_ms: u64,
    /// SQLite: connections that only read, and as many again that only search.
    pub sqlite_readers: u32,
    /// SQLite: how far searches may be behind what other processes have written, milliseconds.
    pub sqlite_snapshot_ms: u64,
    /// SQLite: page cache of each connection, kibibytes.
    pub sqlite_cache_kb: u32,
    /// SQLite: units of work that share one commit at most.
    pub group_commit_units: u32,
}

impl DatabaseSettings {
    /// Most connections to PostgreSQL at the same time.
    pub const fn pool_max(&self) -> u32 {
        self.pool_size.saturating_add(self.max_overflow)
    }

    /// Longest run of one statement.
    pub const fn query_timeout(&self) -> Duration {
        Duration::from_millis(self.query_timeout_ms)
    }

    /// Longest wait for a lock.
    pub const fn lock_timeout(&self) -> Duration {
        Duration::from_millis(self.lock_timeout_ms)
    }

    /// Longest wait for a free connection.
    pub const fn acquire_timeout(&self) -> Duration {
        Duration::from_millis(self.acquire_timeout_ms)
    }

    /// How far searches may be behind what other processes have written.
    pub const fn sqlite_snapshot(&self) -> Duration {
        Duration::from_millis(self.sqlite_snapshot_ms)
    }

    pub(super) fn check(&self, check: &mut Check<'_>) {
        check.range("pool_size", self.pool_size, 1..=500);
        check.range("max_overflow", self.max_overflow, 0..=500);
        check.range("query_timeout_ms", self.query_timeout_ms, 100..=600_000);
        check.range("lock_timeout_ms", self.lock_timeout_ms, 10..=600_000);
        check.range("acquire_timeout_ms", self.acquire_timeout_ms, 10..=600_000);
        check.range("sqlite_readers", self.sqlite_readers, 1..=64);
        check.range("sqlite_snapshot_ms", self.sqlite_snapshot_ms, 0..=10_000);
        check.range("sqlite_cache_kb", self.sqlite_cache_kb, 64..=4_194_304);
        check.range("group_commit_units", self.group_commit_units, 1..=10_000);
    }
}
