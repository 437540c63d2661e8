//! A lease of ours: waiting for it, keeping it, giving it back.
//!
//! Invariants: the [`Tenure`] of a term ends before the lease can be another's, as it is counted
//! from before the request that prolonged the lease. A lease that ran out is lost only when somebody
//! else took it: after an outage of the database that kept everybody away, the term goes on, and
//! what its actors hold is not lost.

use std::future::pending;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use crate::cache::{Doorbell, Doorbells, Listener};
use crate::runtime::{Tenure, WorkRuntime};
use crate::settings::InstanceSettings;
use crate::store::records::{JobOwner, LeaseAnswer, LeaseToken};
use crate::store::{Db, StoreError, StoreResult};

/// The lease of the one process that polls, answers and sends. The store's fence asks for it by
/// this name.
pub const LEADER: &str = "leader";

/// Shortest wait for a lease that is about to be free.
const SHORTEST_WAIT: Duration = Duration::from_millis(20);

/// A lease, whoever holds it.
#[derive(Clone)]
pub struct Lease {
    pub name: String,
    pub owner: JobOwner,
    pub db: Db,
    /// Those who wait are rung when it is given back.
    pub doorbells: Doorbells,
    pub work: WorkRuntime,
    pub pace: InstanceSettings,
}

/// The time from taking a lease to losing it or giving it back.
pub struct Term {
    lease: Lease,
    pub token: LeaseToken,
    pub tenure: Tenure,
    /// Whether who had the lease before may have died of what was in flight.
    pub follows_death: bool,
}

impl Lease {
    /// Waits until the lease is ours; `stands_by` is called once with whoever has it before.
    pub async fn take(&self, mut stands_by: impl FnMut(&str)) -> Term {
        let mut waits_for = None;
        let mut bells = self.doorbells.listen();
        loop {
            let asked = Instant::now();
            let wait = match self.ask().await {
                Ok(LeaseAnswer::Taken { token, follows_death }) => {
                    let tenure = Tenure::until(asked + self.pace.lease());
                    return Term { lease: self.clone(), token, tenure, follows_death };
                }
                Ok(LeaseAnswer::Held { by, left }) => {
                    if waits_for.as_ref() != Some(&by) {
                        stands_by(&by);
                        waits_for = Some(by);
                    }
                    left.clamp(SHORTEST_WAIT, self.pace.look())
                }
                Err(error) => {
                    tracing::warn!(lease = self.name, %error, "the lease cannot be asked for");
                    self.pace.look()
                }
            };
            // A bell that nobody rings, or is not heard, costs a look more.
            let _ = timeout(wait, given_back(&mut bells)).await;
        }
    }

    async fn ask(&self) -> StoreResult<LeaseAnswer> {
        let (db, name, owner) = (self.db.clone(), self.name.clone(), self.owner.clone());
        let ttl = self.pace.lease();
        self.call(async move { db.lease_take(name, owner, ttl).await }).await
    }

    /// On the work runtime, and not for longer than the lease lasts.
    async fn call<T: Send + 'static>(
        &self,
        call: impl Future<Output = StoreResult<T>> + Send + 'static,
    ) -> StoreResult<T> {
        let unavailable = |reason: String| StoreError::Unavailable { call: "lease", reason };
        match timeout(self.pace.lease(), self.work.spawn(call)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(broken)) => Err(unavailable(broken.to_string())),
            Err(_elapsed) => Err(unavailable("no answer in the time of a lease".to_owned())),
        }
    }
}

impl Term {
    /// Prolongs the lease again and again. Returns when another has taken it.
    pub async fn keep(&self) {
        loop {
            let pause = self.lease.pace.renew();
            sleep(pause).await;
            let asked = Instant::now();
            match self.prolong().await {
                Ok(true) => self.tenure.extend(asked + self.lease.pace.lease()),
                Ok(false) => return self.tenure.end(),
                Err(error) => {
                    tracing::warn!(lease = self.lease.name, %error, "the lease is not prolonged");
                }
            }
        }
    }

    async fn prolong(&self) -> StoreResult<bool> {
        let (db, name, token) = (self.lease.db.clone(), self.lease.name.clone(), self.token);
        let ttl = self.lease.pace.lease();
        self.lease.call(async move { db.lease_renew(name, token, ttl).await }).await
    }

    /// Gives the lease back, so that another can take it at once.
    pub async fn release(self) {
        self.tenure.end();
        let (db, name, token) = (self.lease.db.clone(), self.lease.name.clone(), self.token);
        let released = self.lease.call(async move { db.lease_release(name, token).await }).await;
        if let Err(error) = released {
            tracing::warn!(lease = self.lease.name, %error, "the lease is not given back");
            return;
        }
        self.lease.doorbells.publish(Doorbell::Lease);
    }
}

/// Waits until some lease was given back in another process.
async fn given_back(bells: &mut Listener) {
    loop {
        match bells.next().await {
            Some(Doorbell::Lease) => return,
            Some(_) => {}
            None => pending().await,
        }
    }
}
