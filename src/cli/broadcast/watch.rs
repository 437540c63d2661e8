//! How far a broadcast is, every second.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use super::super::progress::Progress;
use crate::app::ServeError;
use crate::domain::broadcast::Broadcast;
use crate::domain::clock::{Clock as _, SystemClock};
use crate::store::Db;

/// Pause between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Shows it until it is over; gives how it stands then.
pub async fn until_over(db: &Db, mut broadcast: Broadcast) -> Result<Broadcast, ServeError> {
    let id = broadcast.plan.id;
    let mut bar = Progress::begin("broadcast", 0);
    let mut looks = interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !broadcast.state.is_over() {
        looks.tick().await;
        let Some(found) = db.broadcast_get(id).await? else { break };
        broadcast = found;
        let progress = broadcast.progress;
        let all = if progress.is_filled {
            progress.filled
        } else {
            let audience = broadcast.plan.audience.clone();
            let cut_off = broadcast.started_at.unwrap_or_else(|| SystemClock.now());
            db.audience_count(audience, cut_off).await?.unsigned_abs().max(progress.filled)
        };
        bar.show(progress.settled(), all);
    }
    bar.end();
    Ok(broadcast)
}
