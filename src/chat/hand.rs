//! The update that a turn has in hand, left where whoever finds it unfinished can see it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use crate::domain::ids::UpdateSeq;
use crate::store::records::OpenUpdate;
use crate::telegram::decode::counted_kind;

/// Shared by the turn and by whoever watches it.
#[derive(Clone, Default)]
pub struct Hand(Arc<Mutex<Option<Held>>>);

/// An update that is being worked on.
#[derive(Clone, Copy)]
pub struct Held {
    pub seq: UpdateSeq,
    /// As figures know it.
    pub kind: &'static str,
    pub since: Instant,
}

impl Hand {
    /// Takes an update up, in place of the one before.
    pub fn take(&self, update: &OpenUpdate) -> Held {
        let kind = counted_kind(&update.kind);
        let held = Held { seq: update.seq, kind, since: Instant::now() };
        *self.lock() = Some(held);
        held
    }

    /// Nothing is worked on.
    pub fn put_down(&self) {
        *self.lock() = None;
    }

    /// What is in hand.
    pub fn held(&self) -> Option<Held> {
        *self.lock()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Held>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
