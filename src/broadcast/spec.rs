//! How the broadcaster is started: what it needs, and its child specification.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::broadcaster::Broadcaster;
use crate::domain::calendar::Zone;
use crate::domain::clock::Clock;
use crate::domain::ids::{BroadcastId, IdSource};
use crate::outbound::messages::{Dispatch, Launch, Recall, Windows};
use crate::runtime::{ChildPolicy, ChildSpec, Port, Ring, WorkRuntime};
use crate::store::Db;
use crate::views::Presenter;

/// Rings, life signs and the drain: nothing else comes.
const MAILBOX: usize = 64;

/// What the broadcaster needs.
#[derive(Clone)]
pub struct BroadcasterParts {
    /// The database, under the leader's lease.
    pub db: Db,
    /// Makes texts.
    pub presenter: Arc<Presenter>,
    /// Where ids come from.
    pub ids: Arc<IdSource>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// The gate's doorbell for messages just committed,
    pub dispatch: Port<Dispatch>,
    /// and for edits, which it has to read.
    pub outbox: Port<Ring>,
    /// The gate's way for parcels,
    pub launch: Port<Launch>,
    /// and its doorbell for those that are not wanted any more.
    pub recall: Port<Recall>,
    /// How many parcels of each lane may be without an outcome.
    pub windows: Windows,
    /// Where I/O runs.
    pub work: WorkRuntime,
    /// Recipients of one slice of the filling.
    pub slice: i64,
    /// The time zone of admins who have chosen none.
    pub zone: Zone,
    /// Pause between two edits of a progress card.
    pub card_every: Duration,
    /// The broadcasts that this process is sending.
    pub under_way: UnderWay,
}

/// The broadcasts that are being sent, so that none has two senders while one actor follows
/// another.
#[derive(Debug, Clone, Default)]
pub struct UnderWay(Arc<Mutex<HashSet<BroadcastId>>>);

/// As long as it lasts, its broadcast has a sender.
#[derive(Debug)]
pub struct Sending {
    under_way: UnderWay,
    id: BroadcastId,
}

impl UnderWay {
    /// Nobody may send the broadcast until the answer is dropped; none if somebody does.
    pub fn begin(&self, id: BroadcastId) -> Option<Sending> {
        let is_free = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
        is_free.then(|| Sending { under_way: self.clone(), id })
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        let mut under_way = self.under_way.0.lock().unwrap_or_else(PoisonError::into_inner);
        under_way.remove(&self.id);
    }
}

/// The broadcaster as a child of the supervisor. `ring` is connected to each of its generations.
pub fn broadcaster_spec(
    policy: ChildPolicy,
    ring: &Port<Ring>,
    parts: BroadcasterParts,
) -> ChildSpec {
    let ring = ring.clone();
    ChildSpec::new("broadcaster", MAILBOX, policy, move |context| {
        let started = context.start(Broadcaster::new(parts.clone()));
        started.connect(&ring);
        started.into_child()
    })
}
