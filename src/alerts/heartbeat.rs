//! The dead-man's handle: somebody outside is told that all is well, again and again, and raises the
//! alarm when that stops, whatever it is that has stopped it.
//!
//! Invariant: nothing is told while a part is down without which the bot does not do its work.

use std::sync::Arc;

use crate::domain::health::{ComponentHealth, State};
use crate::health::HealthBoard;
use crate::telegram::Beacon;

/// Tells it once, if it is so.
pub(super) async fn beat(beacon: Arc<Beacon>, health: HealthBoard) {
    let down = health.snapshot().into_iter().find(is_fatal);
    if let Some(ComponentHealth { component, .. }) = down {
        tracing::warn!(component = component.name(), "no heartbeat: a vital part is down");
        return;
    }
    if let Err(error) = beacon.light().await {
        tracing::warn!(%error, "heartbeat was not heard");
    }
}

fn is_fatal(health: &ComponentHealth) -> bool {
    health.component.is_vital() && health.state == State::Down
}
