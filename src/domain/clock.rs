//! Time as a parameter: the one trait through which the program asks what time it is.

use std::fmt::Debug;

use chrono::{DateTime, Utc};

/// Wall-clock time with microsecond resolution, always UTC.
pub type Timestamp = DateTime<Utc>;

/// A source of the current time. Production has one; tests move theirs by hand.
pub trait Clock: Debug + Send + Sync + 'static {
    /// The current time.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    fn now(&self) -> Timestamp {
        Utc::now()
    }
}
