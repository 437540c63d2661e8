//! What can still be taken back: for ten seconds, by whoever did it.
//!
//! What was done is committed at once, in a way that can be reversed: a dropped job is kept as
//! cancelled, and a job that gets another try with its whole group becomes due only when this time
//! is over. A death of the process in between therefore loses nothing but the way back. What cannot
//! be reversed waits: see `deferred`.
//!
//! Invariant: bounded; the oldest way back is forgotten first.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::domain::dashboard::UNDO_WITHIN;
use crate::domain::ids::{BroadcastId, JobId, UserId};

/// Ways back that are remembered.
const UNDOS_MAX: usize = 256;

/// What can be taken back.
#[derive(Debug, Clone)]
pub enum Reversal {
    /// These got another try.
    Retried(Vec<JobId>),
    /// These were dropped.
    Dropped(Vec<JobId>),
    /// Something is about to be cancelled.
    Cancelling {
        /// Ends that.
        taken_back: CancellationToken,
        /// The broadcast that is held for it, and then goes on.
        held: Option<BroadcastId>,
    },
}

/// The ways back, the oldest first.
#[derive(Debug, Default)]
pub struct Undos(Mutex<VecDeque<Undo>>);

#[derive(Debug)]
struct Undo {
    token: String,
    user: UserId,
    reversal: Reversal,
    begun: Instant,
}

impl Undos {
    /// Remembers a way back under a token that nobody can guess.
    pub fn keep(&self, user: UserId, reversal: Reversal, token: String, now: Instant) {
        let mut undos = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if undos.len() >= UNDOS_MAX {
            undos.pop_front();
        }
        undos.push_back(Undo { token, user, reversal, begun: now });
    }

    /// Uses a way back up, if it is theirs and still open.
    pub fn take(&self, user: UserId, token: &str, now: Instant) -> Option<Reversal> {
        let mut undos = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        undos.retain(|undo| now.saturating_duration_since(undo.begun) < UNDO_WITHIN);
        let place = undos.iter().position(|undo| undo.token == token && undo.user == user)?;
        undos.remove(place).map(|undo| undo.reversal)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const ADAM: UserId = UserId(1);

    fn kept(now: Instant) -> Undos {
        let undos = Undos::default();
        undos.keep(ADAM, Reversal::Dropped(vec![JobId(7)]), "t".to_owned(), now);
        undos
    }

    #[test]
    fn a_way_back_is_open_once_and_for_its_owner() {
        let now = Instant::now();
        let undos = kept(now);
        assert!(undos.take(UserId(2), "t", now).is_none());
        assert!(undos.take(ADAM, "u", now).is_none());
        let taken = undos.take(ADAM, "t", now);
        assert!(matches!(taken, Some(Reversal::Dropped(ids)) if ids == [JobId(7)]));
        assert!(undos.take(ADAM, "t", now).is_none());
    }

    #[test]
    fn a_way_back_closes_and_their_number_is_bounded() {
        let now = Instant::now();
        let undos = kept(now);
        assert!(undos.take(ADAM, "t", now + UNDO_WITHIN).is_none());
        for n in 0..10_000 {
            undos.keep(ADAM, Reversal::Retried(Vec::new()), n.to_string(), now);
        }
        assert_eq!(undos.0.lock().unwrap().len(), UNDOS_MAX);
        assert!(undos.take(ADAM, "0", now + Duration::from_secs(1)).is_none());
        assert!(undos.take(ADAM, "9999", now + Duration::from_secs(1)).is_some());
    }
}
