//! Whether Redis serves: one switch that everybody sees at once.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use redis::RedisError;
use tokio::sync::watch;

/// Why a call brought nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// No answer in time.
    #[error("no answer in time")]
    Timeout,
    /// No connection in time.
    #[error("no connection in time")]
    Pool,
    /// The connection broke, or could not be made.
    #[error("connection: {0}")]
    Io(#[source] RedisError),
    /// The key asked for holds something that is not ours. It says nothing of the server.
    #[error("value: {0}")]
    Value(#[source] RedisError),
    /// The server refused, or said what cannot be understood.
    #[error("answer: {0}")]
    Protocol(#[source] RedisError),
}

impl From<RedisError> for Fault {
    fn from(error: RedisError) -> Self {
        if error.is_timeout() {
            Self::Timeout
        } else if is_broken(&error) {
            Self::Io(error)
        } else if error.code() == Some("WRONGTYPE") {
            Self::Value(error)
        } else {
            Self::Protocol(error)
        }
    }
}

/// Whether the connection is at fault and not the request.
pub(super) fn is_broken(error: &RedisError) -> bool {
    error.is_io_error() || error.is_connection_dropped() || error.is_connection_refusal()
}

impl Fault {
    pub(super) fn count(&self) {
        let kind = match self {
            Self::Timeout => "timeout",
            Self::Pool => "pool",
            Self::Io(_) => "io",
            Self::Value(_) | Self::Protocol(_) => "protocol",
        };
        metrics::counter!("primelingo_redis_errors_total", "kind" => kind).increment(1);
        if matches!(self, Self::Timeout) {
            metrics::counter!("primelingo_timeouts_total", "op" => "redis").increment(1);
        }
    }
}

/// The state of the link, shared by all who use it.
#[derive(Debug)]
pub(super) struct Health {
    up: watch::Sender<bool>,
    /// Connections of an earlier generation are not used again.
    generation: AtomicU64,
    reason: Mutex<String>,
}

impl Health {
    /// Down until the first probe: nobody waits for a server that was never seen.
    pub(super) fn new() -> Self {
        Self {
            up: watch::Sender::new(false),
            generation: AtomicU64::new(0),
            reason: Mutex::new(String::new()),
        }
    }

    pub(super) fn is_up(&self) -> bool {
        *self.up.borrow()
    }

    /// Sees the switch from now on.
    pub(super) fn watch(&self) -> watch::Receiver<bool> {
        self.up.subscribe()
    }

    pub(super) fn rise(&self) {
        self.up.send_replace(true);
    }

    /// Counts a fault, and opens the breaker: whoever waits for an answer is released.
    pub(super) fn trip(&self, fault: &Fault) {
        fault.count();
        // The reason before the switch: whoever sees the switch reads the reason.
        if self.is_up() {
            *self.reason.lock().unwrap_or_else(PoisonError::into_inner) = fault.to_string();
        }
        if self.up.send_replace(false) {
            self.renounce_connections();
        }
    }

    /// What opened the breaker.
    pub(super) fn reason(&self) -> String {
        self.reason.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Relaxed)
    }

    /// No connection made so far is used again.
    pub(super) fn renounce_connections(&self) {
        self.generation.fetch_add(1, Ordering::Relaxed);
    }
}
