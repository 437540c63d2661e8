//! Outcomes on their way to the database: one batch at a time, what comes meanwhile is the next.
//! An outcome stays here until it is committed, whatever becomes of the attempts to commit it.
//! Pure, but for [`commit`].

use super::entry::Lane;
use super::meters;
use crate::domain::clock::Timestamp;
use crate::domain::ids::{ChatId, UserId};
use crate::domain::limits::Moment;
#[cfg(feature = "failpoints")]
use crate::store::StoreError;
use crate::store::records::OutboxOutcome;
use crate::store::{Db, StoreResult};

/// What the queue does once the outcome is committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Afterwards {
    Finish,
    PutBack { not_before: Moment, counts: bool },
}

/// An outcome that is to be committed. The chat's next message and the window wait for it.
#[derive(Debug, Clone)]
pub(super) struct Settlement {
    pub(super) chat: ChatId,
    pub(super) lane: Lane,
    pub(super) outcome: OutboxOutcome,
    /// A person to be marked as out of reach.
    pub(super) unreachable: Option<UserId>,
    pub(super) afterwards: Afterwards,
}

/// The outcomes that are not yet committed.
#[derive(Debug, Default)]
pub(super) struct Settling {
    waiting: Vec<Settlement>,
    /// The batch that is being committed, or is to be tried again.
    batch: Vec<Settlement>,
    is_running: bool,
    failures: u32,
}

impl Settling {
    pub(super) fn push(&mut self, settlement: Settlement) {
        self.waiting.push(settlement);
    }

    pub(super) const fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.batch.is_empty()
    }

    /// Begins the next batch, unless one is under way or rests after a failure.
    pub(super) fn begin(&mut self) -> Option<Vec<Settlement>> {
        if self.failures > 0 { None } else { self.begin_again() }
    }

    /// Begins a batch also after a failure: the same outcomes and what came since.
    pub(super) fn begin_again(&mut self) -> Option<Vec<Settlement>> {
        if self.is_running || self.is_idle() {
            return None;
        }
        self.batch.append(&mut self.waiting);
        self.is_running = true;
        Some(self.batch.clone())
    }

    /// The batch is committed: gives what follows.
    pub(super) fn committed(&mut self) -> Vec<Settlement> {
        self.is_running = false;
        if std::mem::take(&mut self.failures) > 0 {
            meters::settled_late();
        }
        std::mem::take(&mut self.batch)
    }

    /// The batch is not, or perhaps not, committed. Gives how often in a row.
    pub(super) const fn failed(&mut self) -> u32 {
        self.is_running = false;
        self.failures = self.failures.saturating_add(1);
        self.failures
    }
}

/// Commits a batch. Doing it twice is harmless, but that a deferred row may count one attempt more.
pub(super) async fn commit(db: &Db, batch: Vec<Settlement>, now: Timestamp) -> StoreResult<()> {
    for user in batch.iter().filter_map(|settlement| settlement.unreachable) {
        db.user_set_reachable(user, false).await?;
    }
    let outcomes = batch.into_iter().map(|settlement| settlement.outcome).collect();
    fail_point!(SettleBefore => StoreError::Fault { call: "settle", what: "a fail point" });
    db.outbox_settle(outcomes, now).await?;
    fail_point!(SettleAfter => StoreError::Fault { call: "settle", what: "a fail point" });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::OutboxId;
    use crate::store::records::OutboxEnd;

    fn settlement(id: i64) -> Settlement {
        Settlement {
            chat: ChatId(id),
            lane: Lane::Reply,
            outcome: OutboxOutcome { id: OutboxId(id), end: OutboxEnd::Sent(None) },
            unreachable: None,
            afterwards: Afterwards::Finish,
        }
    }

    fn ids(batch: Option<Vec<Settlement>>) -> Vec<i64> {
        batch.unwrap_or_default().iter().map(|settlement| settlement.outcome.id.0).collect()
    }

    #[test]
    fn what_comes_while_a_batch_runs_is_the_next() {
        let mut settling = Settling::default();
        assert!(ids(settling.begin()).is_empty());
        settling.push(settlement(1));
        assert_eq!(ids(settling.begin()), [1]);
        settling.push(settlement(2));
        settling.push(settlement(3));
        assert!(ids(settling.begin()).is_empty());
        assert_eq!(ids(Some(settling.committed())), [1]);
        assert_eq!(ids(settling.begin()), [2, 3]);
        assert!(!settling.is_idle());
        settling.committed();
        assert!(settling.is_idle());
    }

    #[test]
    fn a_failed_batch_is_kept_and_waits_to_be_begun_again() {
        let mut settling = Settling::default();
        settling.push(settlement(1));
        settling.begin();
        assert_eq!(settling.failed(), 1);
        settling.push(settlement(2));
        assert!(ids(settling.begin()).is_empty());
        assert_eq!(ids(settling.begin_again()), [1, 2]);
        assert_eq!(settling.failed(), 2);
        assert!(!settling.is_idle());
        assert_eq!(ids(settling.begin_again()), [1, 2]);
        assert_eq!(ids(Some(settling.committed())), [1, 2]);
        settling.push(settlement(3));
        assert_eq!(ids(settling.begin()), [3]);
    }
}
