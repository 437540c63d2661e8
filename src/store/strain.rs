//! What the calls of late say of the database: whether it refuses to write, and whether it was slow.
//!
//! A ping does not tell all: a full disk answers every question and takes nothing. And an update
//! that took too long is not to blame while its calls waited for the database. Written by every
//! call, so it is a few atomics and no lock.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// A call that takes longer was hindered by the database, or hinders others.
const SLOW: Duration = Duration::from_secs(1);

/// What the calls say; shared by all clones of the store.
#[derive(Debug)]
pub(super) struct Strain {
    origin: Instant,
    /// Whether the newest write that ended was refused in a way that passes.
    refuses_writes: AtomicBool,
    /// Microseconds from `origin` to the end of the newest slow or refused call; 0 for none.
    strained_us: AtomicU64,
}

impl Strain {
    pub(super) fn new() -> Self {
        Self {
            origin: Instant::now(),
            refuses_writes: AtomicBool::new(false),
            strained_us: AtomicU64::new(0),
        }
    }

    /// A call begins.
    pub(super) fn watch(&self) -> Watched<'_> {
        Watched { strain: self, begun: Instant::now() }
    }

    fn note_strain(&self) {
        let now = self.micros(Instant::now());
        self.strained_us.fetch_max(now, Ordering::Relaxed);
    }

    /// Somebody has found out past the calls that writing is possible.
    pub(super) fn writes_again(&self) {
        self.refuses_writes.store(false, Ordering::Relaxed);
    }

    pub(super) fn refuses_writes(&self) -> bool {
        self.refuses_writes.load(Ordering::Relaxed)
    }

    /// Whether a call was slow or refused since then.
    pub(super) fn since(&self, moment: Instant) -> bool {
        let strained = self.strained_us.load(Ordering::Relaxed);
        strained > 0 && strained >= self.micros(moment)
    }

    fn micros(&self, moment: Instant) -> u64 {
        let since = moment.saturating_duration_since(self.origin);
        u64::try_from(since.as_micros()).unwrap_or(u64::MAX).max(1)
    }
}

/// A call under way. One that its caller gives up tells at its drop whether it was slow.
pub(super) struct Watched<'a> {
    strain: &'a Strain,
    begun: Instant,
}

impl Watched<'_> {
    /// The call has ended: whether it wrote, and whether the database stood in its way. Gives how
    /// long it took.
    pub(super) fn end(self, is_write: bool, was_refused: bool) -> Duration {
        if is_write {
            self.strain.refuses_writes.store(was_refused, Ordering::Relaxed);
        }
        if was_refused {
            self.strain.note_strain();
        }
        self.begun.elapsed()
    }
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        if self.begun.elapsed() >= SLOW {
            self.strain.note_strain();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn only_what_was_slow_or_refused_since_then_counts() {
        let strain = Strain::new();
        let begun = Instant::now();
        strain.watch().end(true, false);
        assert!(!strain.since(begun));
        let given_up = strain.watch();
        tokio::time::advance(SLOW).await;
        drop(given_up);
        assert!(strain.since(begun));
        tokio::time::advance(Duration::from_secs(1)).await;
        let later = Instant::now();
        assert!(!strain.since(later));
        strain.watch().end(false, true);
        assert!(strain.since(later) && !strain.refuses_writes());
    }

    #[test]
    fn the_newest_write_tells_whether_writes_are_refused() {
        let strain = Strain::new();
        strain.watch().end(true, true);
        strain.watch().end(false, false);
        assert!(strain.refuses_writes());
        strain.watch().end(true, false);
        assert!(!strain.refuses_writes());
    }
}
