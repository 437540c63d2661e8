//! What is due: planned broadcasts begin, series make their next one, what is too late is missed.

use super::card::tell;
use super::schedule::{self, Due};
use super::spec::BroadcasterParts;
use crate::domain::broadcast::{Broadcast, BroadcastState, BroadcastView};
use crate::store::StoreResult;

/// What was found.
pub struct Look {
    /// Broadcasts that are not over, as they stand now.
    pub open: Vec<Broadcast>,
}

/// Looks at all broadcasts that are not over, and begins those that are due.
pub async fn look(parts: BroadcasterParts) -> StoreResult<Look> {
    let now = parts.clock.now();
    for news in schedule::tick(&parts.db, &parts.ids, now).await? {
        tell(&parts, &news.broadcast, |zone| news.view(zone)).await;
    }
    let mut open = parts.db.broadcasts_open().await?;
    for broadcast in &mut open {
        if broadcast.state != BroadcastState::Scheduled {
            continue;
        }
        let planned = broadcast.plan.start_at;
        match schedule::due(planned, now) {
            Due::NotYet => {}
            Due::Start => {
                if parts.db.broadcast_begin(broadcast.plan.id, now).await? {
                    broadcast.state = BroadcastState::Running;
                    broadcast.started_at = Some(now);
                    tracing::info!(broadcast.id = broadcast.plan.id.0, "broadcast begins");
                }
            }
            Due::Missed => {
                let id = broadcast.plan.id;
                if parts.db.broadcast_end(id, BroadcastState::Missed, None, now).await? {
                    broadcast.state = BroadcastState::Missed;
                    let view = |zone| BroadcastView::Missed { planned, zone };
                    tell(&parts, broadcast, view).await;
                }
            }
        }
    }
    open.retain(|broadcast| !broadcast.state.is_over());
    Ok(Look { open })
}
