//! What is due: planned broadcasts begin, series make their next one, what is too late is missed.

use super::card::tell;
use super::schedule::{self, Due, ScheduleNews};
use super::spec::BroadcasterParts;
use crate::domain::broadcast::{Broadcast, BroadcastState, BroadcastView};
use crate::store::StoreResult;

/// Begins what is due; gives the broadcasts that are not over, as they stand now.
pub async fn look(parts: BroadcasterParts) -> StoreResult<Vec<Broadcast>> {
    let now = parts.clock.now();
    for ScheduleNews { broadcast, planned, state, .. } in
        schedule::tick(&parts.db, &parts.ids, now).await?
    {
        tracing::info!(broadcast.id = broadcast.0, state = state.name(), "a series has come round");
        if state == BroadcastState::Missed
            && let Some(broadcast) = parts.db.broadcast_get(broadcast).await?
        {
            tell(&parts, &broadcast, |zone| BroadcastView::Missed { planned, zone }).await;
        }
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
                    if schedule::is_late(planned, now) {
                        tell(&parts, broadcast, |zone| BroadcastView::Late { planned, zone }).await;
                    }
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
    Ok(open)
}
