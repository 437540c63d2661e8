//! What was put aside.
//!
//! Whatever puts something aside leaves an incident row in the same transaction. The alerter looks
//! at them by itself; message rows and the note that they were told of are one transaction again, so
//! that each incident is told once, whoever dies in between and however many processes there are.
//!
//! Invariants: however much is put aside, at most one message for each person in `REST`; nobody's
//! words are told. As long as there is nobody to be told, the incidents wait.

use std::time::Duration;

use super::AlerterParts;
use crate::domain::effect::View;
use crate::domain::incident::Incident;
use crate::outbound::messages::Dispatch;
use crate::runtime::WorkError;
use crate::store::records::NewOutbox;
use crate::store::{StoreError, StoreResult};

/// Time between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Rest after a message: what comes meanwhile is told together.
const REST: Duration = Duration::from_secs(20);

/// Incidents of one message.
const INCIDENTS_MAX: i64 = 1_000;

/// Incidents that are named; the others are counted.
const NAMED_MAX: usize = 5;

/// How many were told, and how long to rest then.
pub(super) fn heed(told: Result<StoreResult<usize>, WorkError>) -> (i64, Duration) {
    match told {
        // Nothing to tell, or another process has told of it.
        Ok(Ok(0) | Err(StoreError::Conflict { .. })) => (0, LOOK_EVERY),
        Ok(Ok(told)) => (i64::try_from(told).unwrap_or(0), REST),
        Ok(Err(error)) => {
            tracing::warn!(%error, "incidents cannot be told");
            (0, REST)
        }
        Err(error) => {
            tracing::error!(%error, "telling of incidents broke");
            (0, REST)
        }
    }
}

/// Tells of all that nobody was told of; gives how much that was.
pub(super) async fn tell(parts: AlerterParts) -> StoreResult<usize> {
    let incidents = parts.db.incidents_untold(INCIDENTS_MAX).await?;
    let Some(last) = incidents.last().map(|incident| incident.id) else { return Ok(0) };
    let people = parts.db.people_in_charge(parts.owners.clone()).await?;
    if people.is_empty() {
        return Ok(0);
    }
    let count = incidents.len();
    let view = view(incidents);
    let message = |person| parts.row(person, &parts.show(person, &view).into_new(), None);
    let messages: Vec<NewOutbox> = people.iter().map(message).collect::<StoreResult<_>>()?;
    parts.db.incidents_tell(last, count, messages.clone(), parts.clock.now()).await?;
    let _ = parts.dispatch.ring(Dispatch(messages));
    Ok(count)
}

fn view(mut incidents: Vec<Incident>) -> View {
    let more = incidents.len().saturating_sub(NAMED_MAX);
    incidents.truncate(NAMED_MAX);
    View::PutAside { incidents, more }
}
