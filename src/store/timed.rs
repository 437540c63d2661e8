//! How every call of the store is run: with a name, a deadline and a metric.

use std::future::Future;

use tokio::time::timeout;

use super::meters::{self, CallMeter};
use super::{Db, StoreError, StoreResult};

impl Db {
    /// Runs a call, and measures it. What the caller gives up goes on, and is never dropped in
    /// flight.
    pub(super) async fn timed<T>(
        &self,
        meter: &CallMeter,
        is_write: bool,
        work: impl Future<Output = StoreResult<T>>,
    ) -> StoreResult<T> {
        let call = meter.call();
        let watched = self.strain.watch();
        let result = if let Ok(result) = timeout(self.call_timeout, work).await {
            result.map_err(|error| error.in_call(call))
        } else {
            meters::timed_out();
            let reason = format!("no answer within {} ms", self.call_timeout.as_millis());
            Err(StoreError::Unavailable { call, reason })
        };
        let was_refused = matches!(&result, Err(StoreError::Unavailable { .. }));
        meter.ended(watched.end(is_write, was_refused));
        if let Err(error) = &result {
            meters::failed(error);
        }
        result
    }
}

/// Whether calls of that mode write.
pub(super) fn writes(mode: &str) -> bool {
    matches!(mode, "write" | "publish")
}
