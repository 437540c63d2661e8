//! From an audience to recipients, slice by slice.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::domain::broadcast::NewBroadcast;
use crate::domain::clock::Timestamp;
use crate::domain::ids::BroadcastId;
use crate::store::{Db, StoreResult};

/// Longest rest between two slices.
const REST_MAX: Duration = Duration::from_millis(100);

/// How far the filling is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filled {
    pub count: u64,
    pub is_complete: bool,
}

/// Adds the next slice; rests as long as that took, so that others get at the database, too.
pub async fn fill(
    db: &Db,
    plan: &NewBroadcast,
    cut_off: Timestamp,
    limit: i64,
) -> StoreResult<Filled> {
    let begun = Instant::now();
    let filled = add_slice(db, plan, cut_off, limit).await?;
    if !filled.is_complete {
        sleep(begun.elapsed().min(REST_MAX)).await;
    }
    Ok(filled)
}

async fn add_slice(
    db: &Db,
    plan: &NewBroadcast,
    cut_off: Timestamp,
    limit: i64,
) -> StoreResult<Filled> {
    let cursor = db.broadcast_cursor(plan.id).await?;
    if let Some(cursor) = cursor {
        let slice = db.audience_slice(plan.audience.clone(), cut_off, cursor, limit).await?;
        // Refused when the cursor has moved: then the slice is there already.
        db.recipients_fill(plan.id, slice).await?;
    }
    standing(db, plan.id).await
}

async fn standing(db: &Db, id: BroadcastId) -> StoreResult<Filled> {
    let progress = db.broadcast_get(id).await?.map(|found| found.progress).unwrap_or_default();
    Ok(Filled { count: progress.filled, is_complete: progress.is_filled })
}
