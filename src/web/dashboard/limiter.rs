//! Whoever tries keys, cookies or tokens that are none is not listened to for a while.
//!
//! What is good is always let in: a signature cannot be guessed, and those who share an address (a
//! reverse proxy's) must not lock each other out.
//!
//! Invariant: the memory is bounded; when it is full, whoever failed longest ago is forgotten.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Failures within [`WINDOW`] that are too many.
const FAILURES_MAX: u32 = 10;

/// The time in which failures are counted, and for which nobody listens then.
const WINDOW: Duration = Duration::from_mins(1);

/// Addresses that are remembered.
const ADDRESSES_MAX: usize = 1_024;

/// Counts failures by address.
#[derive(Debug, Default)]
pub struct Limiter(Mutex<HashMap<IpAddr, Failures>>);

#[derive(Debug, Clone, Copy)]
struct Failures {
    since: Instant,
    count: u32,
}

impl Limiter {
    /// Whether an address has failed too often.
    pub fn is_locked(&self, address: IpAddr, now: Instant) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&address).is_some_and(|failures| failures.locks(now))
    }

    /// Notes a failure.
    pub fn fail(&self, address: IpAddr, now: Instant) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(failures) = known.get_mut(&address).filter(|failures| !failures.is_over(now)) {
            failures.count = failures.count.saturating_add(1);
            if failures.count == FAILURES_MAX {
                // The time of silence begins now.
                failures.since = now;
            }
            return;
        }
        if known.len() >= ADDRESSES_MAX && !known.contains_key(&address) {
            known.retain(|_, failures| !failures.is_over(now));
        }
        if known.len() >= ADDRESSES_MAX
            && let Some(oldest) =
                known.iter().min_by_key(|(_, failures)| failures.since).map(|(oldest, _)| *oldest)
        {
            known.remove(&oldest);
        }
        known.insert(address, Failures { since: now, count: 1 });
    }
}

impl Failures {
    fn is_over(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.since) >= WINDOW
    }

    fn locks(&self, now: Instant) -> bool {
        self.count >= FAILURES_MAX && !self.is_over(now)
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn address(n: u32) -> IpAddr {
        IpAddr::V4(Ipv4Addr::from(n))
    }

    #[test]
    fn ten_failures_a_minute_lock_for_a_minute() {
        let (limiter, begun) = (Limiter::default(), Instant::now());
        for n in 0..10 {
            assert!(!limiter.is_locked(address(1), begun));
            limiter.fail(address(1), begun + Duration::from_secs(n));
        }
        let last = begun + Duration::from_secs(9);
        assert!(limiter.is_locked(address(1), last + Duration::from_secs(59)));
        assert!(!limiter.is_locked(address(1), last + Duration::from_mins(1)));
        assert!(!limiter.is_locked(address(2), last), "others are not concerned");
    }

    #[test]
    fn failures_far_apart_lock_nobody() {
        let (limiter, begun) = (Limiter::default(), Instant::now());
        for n in 0..100 {
            let now = begun + Duration::from_secs(n * 10);
            limiter.fail(address(1), now);
            assert!(!limiter.is_locked(address(1), now));
        }
    }

    #[test]
    fn the_memory_is_bounded() {
        let (limiter, begun) = (Limiter::default(), Instant::now());
        for n in 0..10_000 {
            limiter.fail(address(n), begun + Duration::from_millis(n.into()));
        }
        assert_eq!(limiter.0.lock().unwrap().len(), ADDRESSES_MAX);
    }
}
