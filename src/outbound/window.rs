//! How many messages of a lane may be in flight: the lane's rate times a slow round trip. More would
//! only be more in doubt after a kill, less would be a lower rate.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// How many round trips are looked at.
const REMEMBERED: usize = 256;

/// The smallest and the largest window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Never less.
    pub least: usize,
    /// Never more; not below `least`.
    pub most: usize,
}

impl Bounds {
    /// A window that does not change.
    pub const fn exactly(size: usize) -> Self {
        Self { least: size, most: size }
    }
}

/// The windows as they are, for whoever launches parcels: as many may be without an outcome.
/// Clones share them.
#[derive(Debug, Clone)]
pub struct Windows {
    sizes: Arc<Sizes>,
}

#[derive(Debug)]
struct Sizes {
    bulk: AtomicUsize,
    paid: AtomicUsize,
}

impl Default for Windows {
    /// Until a gate knows better.
    fn default() -> Self {
        let sizes = Sizes { bulk: AtomicUsize::new(8), paid: AtomicUsize::new(64) };
        Self { sizes: Arc::new(sizes) }
    }
}

impl Windows {
    /// The window of a lane.
    pub fn of(&self, is_paid: bool) -> usize {
        self.size(is_paid).load(Ordering::Relaxed)
    }

    pub(super) fn set(&self, is_paid: bool, size: usize) {
        self.size(is_paid).store(size, Ordering::Relaxed);
    }

    fn size(&self, is_paid: bool) -> &AtomicUsize {
        if is_paid { &self.sizes.paid } else { &self.sizes.bulk }
    }
}

/// The window of a lane.
#[derive(Debug)]
pub(super) struct Window {
    bounds: Bounds,
    size: usize,
    in_flight: usize,
    round_trips: VecDeque<Duration>,
}

impl Window {
    pub(super) const fn new(bounds: Bounds) -> Self {
        Self { bounds, size: bounds.least, in_flight: 0, round_trips: VecDeque::new() }
    }

    pub(super) const fn in_flight(&self) -> usize {
        self.in_flight
    }

    pub(super) const fn has_room(&self) -> bool {
        self.in_flight < self.size
    }

    pub(super) const fn enter(&mut self) {
        self.in_flight = self.in_flight.saturating_add(1);
    }

    pub(super) const fn leave(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
    }

    /// An answer came, which took so long.
    pub(super) fn note(&mut self, took: Duration) {
        if self.round_trips.len() >= REMEMBERED {
            self.round_trips.pop_front();
        }
        self.round_trips.push_back(took);
    }

    /// Takes over what the last answers have taken, at so many messages per second; gives the size.
    pub(super) fn fit(&mut self, per_s: Option<f64>) -> usize {
        if let Some(per_s) = per_s {
            let in_flight = self.slow_round_trip().as_secs_f64() * per_s;
            let whole = Duration::try_from_secs_f64(in_flight.ceil()).unwrap_or_default();
            let size = usize::try_from(whole.as_secs()).unwrap_or(usize::MAX);
            self.size = size.max(self.bounds.least).min(self.bounds.most);
        }
        self.size
    }

    /// The 99th percentile.
    fn slow_round_trip(&self) -> Duration {
        let mut sorted: Vec<Duration> = self.round_trips.iter().copied().collect();
        sorted.sort_unstable();
        let place = sorted.len().saturating_mul(99) / 100;
        sorted.get(place).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_the_rate_times_a_slow_round_trip() {
        let mut window = Window::new(Bounds { least: 8, most: 64 });
        assert_eq!(window.fit(Some(30.0)), 8, "nothing is known yet");
        for _ in 0..200 {
            window.note(Duration::from_millis(50));
        }
        assert_eq!(window.fit(Some(30.0)), 8);
        for _ in 0..10 {
            window.note(Duration::from_millis(700));
        }
        assert_eq!(window.fit(Some(30.0)), 21);
        assert_eq!(window.fit(None), 21, "without limits there is no rate to fit");
        assert_eq!(window.fit(Some(1000.0)), 64);
        for _ in 0..REMEMBERED {
            window.note(Duration::from_millis(50));
        }
        assert_eq!(window.fit(Some(30.0)), 8);
        assert_eq!(window.round_trips.len(), REMEMBERED);
    }

    #[test]
    fn it_has_room_for_as_many() {
        let mut window = Window::new(Bounds::exactly(2));
        window.enter();
        assert!(window.has_room());
        window.enter();
        assert!(!window.has_room());
        window.leave();
        assert_eq!((window.has_room(), window.in_flight()), (true, 1));
    }
}
