//! Whoever tries secrets that are none is not listened to for a while: tokens, keys and cookies of
//! the admin listener.
//!
//! A lock closes one door for one address. At a door that a guess could open (a token, a key) it
//! holds for the right secret, too: otherwise it would tell a good guess from a bad one. A signed
//! pass cannot be guessed, and those who share an address (a reverse proxy's) must not lock each other
//! out, so that whoever has entered stays in.
//!
//! Invariants: the memory is bounded; when it is full, whoever is not locked is forgotten first. It
//! is said once for each lock. An address is that of the connection: what a header says of others is
//! never believed.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use actix_web::HttpRequest;
use tokio::time::Instant;

use super::meters;

/// Failures within [`WINDOW`] that are too many.
const FAILURES_MAX: u32 = 10;

/// The time in which failures are counted, and for which nobody listens then.
const WINDOW: Duration = Duration::from_mins(1);

/// Addresses that are remembered.
const ADDRESSES_MAX: usize = 1_024;

/// What was tried in vain, for `primelingo_auth_failures_total`. Each is locked for itself, but for
/// the two that the same token opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Surface {
    /// Keys and cookies of the dashboard.
    Dashboard,
    /// The token, at the figures that feed the dashboard.
    Api,
    /// The token, at the metrics and the details of the health.
    Metrics,
    /// Alertmanager's token.
    Alerts,
}

impl Surface {
    /// Its label.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dashboard => "dashboard",
            Self::Api | Self::Alerts => "api",
            Self::Metrics => "metrics",
        }
    }

    /// What one secret opens is one door.
    const fn door(self) -> Self {
        match self {
            Self::Api | Self::Metrics => Self::Metrics,
            Self::Dashboard | Self::Alerts => self,
        }
    }
}

/// Counts failures by door and address.
#[derive(Debug, Default)]
pub struct Locks(Mutex<HashMap<(Surface, IpAddr), Failures>>);

/// Nobody listens for so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Locked {
    /// Whole seconds until somebody does, at least 1.
    pub seconds: u64,
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    since: Instant,
    count: u32,
}

impl Locks {
    /// Whether whoever asks has failed too often there.
    pub fn of(&self, surface: Surface, request: &HttpRequest) -> Option<Locked> {
        self.look(surface, address_of(request), Instant::now())
    }

    /// Counts a failure of whoever asks.
    pub fn fail(&self, surface: Surface, request: &HttpRequest) {
        meters::auth_failed(surface.name());
        let address = address_of(request);
        if self.note(surface, address, Instant::now()) {
            meters::auth_locked(surface.name());
            tracing::warn!(
                %address,
                surface = surface.name(),
                lock_s = WINDOW.as_secs(),
                "too many wrong secrets from one address, nobody listens to it for a while"
            );
        }
    }

    fn look(&self, surface: Surface, address: IpAddr, now: Instant) -> Option<Locked> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&(surface.door(), address))?.locked(now)
    }

    /// Whether this failure is the one that locks.
    fn note(&self, surface: Surface, address: IpAddr, now: Instant) -> bool {
        let who = (surface.door(), address);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(failures) = known.get_mut(&who).filter(|failures| !failures.is_over(now)) {
            failures.count = failures.count.saturating_add(1);
            let locks = failures.count == FAILURES_MAX;
            if locks {
                // The time of silence begins now.
                failures.since = now;
            }
            return locks;
        }
        if known.len() >= ADDRESSES_MAX && !known.contains_key(&who) {
            make_room(&mut known, now);
        }
        known.insert(who, Failures { since: now, count: 1 });
        false
    }
}

/// Forgets what is over, or else whoever failed longest ago, and somebody who is locked last of all.
fn make_room(known: &mut HashMap<(Surface, IpAddr), Failures>, now: Instant) {
    known.retain(|_, failures| !failures.is_over(now));
    if known.len() < ADDRESSES_MAX {
        return;
    }
    let first = known
        .iter()
        .min_by_key(|(_, failures)| (failures.locked(now).is_some(), failures.since))
        .map(|(who, _)| *who);
    if let Some(first) = first {
        known.remove(&first);
    }
}

impl Failures {
    fn is_over(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.since) >= WINDOW
    }

    fn locked(&self, now: Instant) -> Option<Locked> {
        if self.count < FAILURES_MAX || self.is_over(now) {
            return None;
        }
        let left = WINDOW.saturating_sub(now.saturating_duration_since(self.since));
        Some(Locked { seconds: left.as_secs().max(1) })
    }
}

/// Who is locked together: one address, or the 2^64 that everybody has who has one of IPv6.
fn address_of(request: &HttpRequest) -> IpAddr {
    let address = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
    together(address)
}

fn together(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(long) if !long.is_loopback() => {
            IpAddr::V6(Ipv6Addr::from_bits(long.to_bits() & (u128::MAX << 64)))
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: Surface = Surface::Metrics;

    fn address(n: u32) -> IpAddr {
        IpAddr::V4(Ipv4Addr::from(n))
    }

    fn lock(locks: &Locks, address: IpAddr, now: Instant) -> usize {
        (0..FAILURES_MAX).filter(|_| locks.note(TOKEN, address, now)).count()
    }

    #[test]
    fn ten_failures_a_minute_lock_for_a_minute_and_are_told_once() {
        let (locks, begun) = (Locks::default(), Instant::now());
        let mut told = 0;
        for n in 0..10 {
            assert_eq!(locks.look(TOKEN, address(1), begun), None);
            told += usize::from(locks.note(TOKEN, address(1), begun + Duration::from_secs(n)));
        }
        let last = begun + Duration::from_secs(9);
        assert_eq!(locks.look(TOKEN, address(1), last), Some(Locked { seconds: 60 }));
        for n in 0..100 {
            told += usize::from(locks.note(TOKEN, address(1), last + Duration::from_millis(n)));
        }
        assert_eq!(told, 1);
        let nearly = last + Duration::from_millis(59_900);
        assert_eq!(locks.look(TOKEN, address(1), nearly), Some(Locked { seconds: 1 }));
        assert_eq!(locks.look(TOKEN, address(1), last + Duration::from_mins(1)), None);
        assert_eq!(locks.look(TOKEN, address(2), last), None, "others are not concerned");
        assert_eq!(lock(&locks, address(1), last + Duration::from_mins(1)), 1, "it locks again");
    }

    #[test]
    fn failures_far_apart_lock_nobody() {
        let (locks, begun) = (Locks::default(), Instant::now());
        for n in 0..100 {
            let now = begun + Duration::from_secs(n * 10);
            assert!(!locks.note(TOKEN, address(1), now));
            assert_eq!(locks.look(TOKEN, address(1), now), None);
        }
    }

    #[test]
    fn what_one_token_opens_is_locked_together_and_nothing_else() {
        let (locks, now) = (Locks::default(), Instant::now());
        lock(&locks, address(1), now);
        for (surface, is_locked) in [
            (Surface::Metrics, true),
            (Surface::Api, true),
            (Surface::Alerts, false),
            (Surface::Dashboard, false),
        ] {
            assert_eq!(locks.look(surface, address(1), now).is_some(), is_locked, "{surface:?}");
        }
    }

    #[test]
    fn the_memory_is_bounded_and_no_flood_of_addresses_opens_a_lock() {
        let (locks, begun) = (Locks::default(), Instant::now());
        lock(&locks, address(7), begun);
        for n in 0..10_000 {
            locks.note(TOKEN, address(1_000 + n), begun + Duration::from_millis(n.into()));
        }
        assert_eq!(locks.0.lock().unwrap().len(), ADDRESSES_MAX);
        assert!(locks.look(TOKEN, address(7), begun + Duration::from_secs(10)).is_some());
        // All locked: then the one whose lock ends first has to go, and the bound holds.
        for n in 0..2_000 {
            lock(&locks, address(50_000 + n), begun + Duration::from_secs(11));
        }
        assert_eq!(locks.0.lock().unwrap().len(), ADDRESSES_MAX);
    }

    #[test]
    fn addresses_of_one_network_are_one() {
        let same = |one: &str, other: &str| {
            together(one.parse().unwrap()) == together(other.parse().unwrap())
        };
        assert!(same("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert!(!same("2001:db8:1:2::1", "2001:db8:1:3::1"));
        assert!(same("::ffff:192.0.2.1", "192.0.2.1"));
        assert!(!same("192.0.2.1", "192.0.2.2"));
        assert!(!same("::1", "::2"));
    }
}
