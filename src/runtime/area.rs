//! What a thread is at, for whoever counts panics: a hook is called on the thread that panicked,
//! before it unwinds, and knows nothing else of it.

use std::cell::Cell;

thread_local! {
    static CURRENT: Cell<Area> = const { Cell::new(Area::Actor) };
}

/// Where something happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    /// In the work on an update.
    Handler,
    /// In an attempt at a job.
    Job,
    /// In an actor, or in what it has begun; wherever nothing else is said.
    Actor,
    /// In an answer to a request.
    Http,
}

impl Area {
    /// Its name in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Handler => "handler",
            Self::Job => "job",
            Self::Actor => "actor",
            Self::Http => "http",
        }
    }

    /// What this thread is at.
    pub fn current() -> Self {
        // A thread that ends has no such variable any more.
        CURRENT.try_with(Cell::get).unwrap_or(Self::Actor)
    }

    /// This thread does nothing else from now on.
    pub fn settle(self) {
        let _ = CURRENT.try_with(|current| current.set(self));
    }

    /// This thread is at it for as long as the value lives.
    pub fn enter(self) -> Entered {
        let before = CURRENT.try_with(|current| current.replace(self)).unwrap_or(Self::Actor);
        Entered(before)
    }
}

/// Gives the thread back to what it was at.
#[derive(Debug)]
#[must_use = "the thread is given back as soon as it is dropped"]
pub struct Entered(Area);

impl Drop for Entered {
    fn drop(&mut self) {
        self.0.settle();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_is_given_back_also_by_a_panic() {
        assert_eq!(Area::current(), Area::Actor);
        let seen = std::panic::catch_unwind(|| {
            let _entered = Area::Job.enter();
            assert_eq!(Area::current(), Area::Job);
            std::panic::resume_unwind(Box::new(Area::current().name()));
        });
        let seen = seen.expect_err("it panics").downcast::<&str>().expect("a name");
        assert_eq!((*seen, Area::current()), ("job", Area::Actor));
    }
}
