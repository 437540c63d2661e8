//! Named, bounded permits: "at most N of these at once", with the count in use known.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A limit on how many things happen at once. Clones share the limit; waiting is first come,
/// first served.
#[derive(Debug, Clone)]
pub struct Permits {
    name: &'static str,
    limit: usize,
    semaphore: Arc<Semaphore>,
}

/// The right to do one of the limited things, given back on drop.
#[derive(Debug)]
#[must_use = "the permit is given back as soon as it is dropped"]
pub struct Permit {
    _permit: OwnedSemaphorePermit,
}

/// No permits are given any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the permits for {0} are closed")]
pub struct PermitsClosed(&'static str);

impl Permits {
    /// `limit` permits for what `name` says. More than tokio's maximum (2^61) is the maximum.
    pub fn new(name: &'static str, limit: usize) -> Self {
        let limit = limit.min(Semaphore::MAX_PERMITS);
        Self { name, limit, semaphore: Arc::new(Semaphore::new(limit)) }
    }

    /// Waits for a permit. Fails only after [`close`](Self::close).
    pub async fn acquire(&self) -> Result<Permit, PermitsClosed> {
        match Arc::clone(&self.semaphore).acquire_owned().await {
            Ok(permit) => Ok(Permit { _permit: permit }),
            Err(_closed) => Err(PermitsClosed(self.name)),
        }
    }

    /// A permit if one is free at once.
    pub fn try_acquire(&self) -> Option<Permit> {
        let permit = Arc::clone(&self.semaphore).try_acquire_owned().ok()?;
        Some(Permit { _permit: permit })
    }

    /// Gives out no more permits and fails those who wait; permits in use stay valid.
    pub fn close(&self) {
        self.semaphore.close();
    }

    /// What the permits are for.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// How many there are.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// How many are in use.
    pub fn in_use(&self) -> usize {
        self.limit.saturating_sub(self.semaphore.available_permits())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn permits_are_bounded_counted_and_come_back() {
        let permits = Permits::new("downloads", 1);
        let first = permits.acquire().await.expect("open");
        assert_eq!(permits.in_use(), 1);
        assert!(permits.try_acquire().is_none());
        let two = Permits::new("uploads", 2);
        let free = two.try_acquire();
        assert!(free.is_some());
        assert_eq!((two.name(), two.limit(), two.in_use()), ("uploads", 2, 1));

        let waiting = permits.acquire();
        drop(first);
        let _second = waiting.await.expect("the freed permit");
        assert_eq!(permits.in_use(), 1);

        permits.close();
        assert_eq!(permits.acquire().await.err(), Some(PermitsClosed("downloads")));
    }
}
