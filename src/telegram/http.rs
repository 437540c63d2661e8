//! HTTP clients, one for each lane, so that a held request of one never takes another's connection.

use std::time::Duration;

use reqwest::redirect::Policy;

use super::error::TelegramError;

/// What a client is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lane {
    /// Long polls.
    Poll,
    /// Replies and edits.
    Reply,
    /// Broadcasts.
    Bulk,
    /// Broadcasts that are paid for: new messages say so.
    Paid,
    /// Answers to presses and inline queries.
    Answer,
    /// Downloads and uploads.
    File,
}

impl Lane {
    /// How many idle connections are kept: about as many as the lane has requests in flight.
    const fn idle_connections(self) -> usize {
        match self {
            Self::Poll => 1,
            Self::Reply | Self::Bulk => 64,
            Self::Paid => 128,
            Self::Answer => 16,
            Self::File => 4,
        }
    }
}

/// The limits of waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection: name, TCP and TLS together.
    pub connect: Duration,
    /// Between two pieces of a download.
    pub read: Duration,
    /// For a whole call, connection and answer included. A long poll adds its own time, an upload
    /// what its size takes at a slow rate; for a download it counts until the first byte.
    pub request: Duration,
}

impl Default for Timeouts {
    /// Telegram answers slowly, up to 8 s, before it says 429: `request` must be above that.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            read: Duration::from_secs(15),
            request: Duration::from_secs(20),
        }
    }
}

/// Idle connections are closed by us before the other side does it unseen.
const POOL_IDLE: Duration = Duration::from_secs(50);

/// How often the system asks a silent connection whether it still lives.
const KEEPALIVE: Duration = Duration::from_secs(20);

/// A client for `lane`.
///
/// HTTP/1.1 only: with HTTP/2 all requests of a lane would share one connection, and with it every
/// stall. No redirects, as they would carry the token elsewhere. No proxy from the environment,
/// which only `settings` may read. No `read_timeout`: reqwest counts it from the start of a request,
/// which would end long polls and long uploads; the callers here put their deadlines around.
///
/// # Errors
/// When TLS cannot be set up.
pub fn http_client(lane: Lane, timeouts: &Timeouts) -> Result<reqwest::Client, TelegramError> {
    reqwest::Client::builder()
        .http1_only()
        .redirect(Policy::none())
        .no_proxy()
        .connect_timeout(timeouts.connect)
        .tcp_nodelay(true)
        .tcp_keepalive(KEEPALIVE)
        .pool_idle_timeout(POOL_IDLE)
        .pool_max_idle_per_host(lane.idle_connections())
        .build()
        .map_err(|source| TelegramError::Build { source })
}
