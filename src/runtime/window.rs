//! How often something may die: a budget of restarts in a sliding window.
//!
//! Pure: the time is a parameter.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// At most `max_restarts` restarts within any stretch of `within`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RestartWindow {
    /// How many deaths in the window are answered by a restart. With 0 the first one is too many.
    pub max_restarts: u32,
    /// The window's length.
    pub within: Duration,
}

/// The recent deaths of one child.
#[derive(Debug)]
pub struct RestartLog {
    window: RestartWindow,
    /// Oldest first; never more than `max_restarts + 1`.
    deaths: VecDeque<Instant>,
}

impl RestartLog {
    /// An empty log.
    pub fn new(window: RestartWindow) -> Self {
        Self { window, deaths: VecDeque::new() }
    }

    /// Notes a death at `now`. `Some(n)` allows a restart after what is the `n`-th death within
    /// the window (the attempt number for a [`Backoff`](super::Backoff)); `None` says that the
    /// budget is spent.
    pub fn record(&mut self, now: Instant) -> Option<u32> {
        while let Some(oldest) = self.deaths.front() {
            let age = now.saturating_duration_since(*oldest);
            if age < self.window.within {
                break;
            }
            self.deaths.pop_front();
        }

        let recent = u32::try_from(self.deaths.len()).unwrap_or(u32::MAX);
        if recent >= self.window.max_restarts {
            return None;
        }
        self.deaths.push_back(now);
        Some(recent.saturating_add(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: RestartWindow = RestartWindow { max_restarts: 2, within: Duration::from_mins(1) };

    #[test]
    fn a_budget_is_spent_within_the_window_and_comes_back_after_it() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut log = RestartLog::new(WINDOW);

        assert_eq!(log.record(at(0)), Some(1));
        assert_eq!(log.record(at(30)), Some(2));
        assert_eq!(log.record(at(59)), None);
        // The death at 0 is out of the window exactly at 60.
        assert_eq!(log.record(at(60)), Some(2));
        assert_eq!(log.record(at(200)), Some(1));
    }

    #[test]
    fn no_budget_allows_no_restart() {
        let mut log = RestartLog::new(RestartWindow { max_restarts: 0, ..WINDOW });
        assert_eq!(log.record(Instant::now()), None);
    }
}
