//! Cancelling, which cannot be reversed: it takes effect when it cannot be taken back any more.
//!
//! A broadcast that is being sent is held at once, so that nothing more leaves, and cancelled ten
//! seconds later. A death of the process in between leaves it held; a job is left as it was. Neither
//! is written down as cancelled before it is. When the process ends in order, what is under way is
//! carried out.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Dashboard;
use super::actions::{Act, Outcome};
use super::undo::Reversal;
use crate::domain::audit::{AuditAction, AuditNote};
use crate::domain::broadcast::{BroadcastState, Control};
use crate::domain::dashboard::UNDO_WITHIN;
use crate::domain::ids::{BroadcastId, JobId};
use crate::runtime::{Ring, pseudonym};
use crate::store::records::{Doer, Operated, Operation};
use crate::store::{StoreError, StoreResult};

/// Later than the last moment at which it can be taken back.
const MARGIN: Duration = Duration::from_millis(500);

/// What will be cancelled.
struct Cancelling {
    dashboard: Arc<Dashboard>,
    doer: Doer,
    what: What,
    taken_back: CancellationToken,
}

#[derive(Debug, Clone, Copy)]
enum What {
    Broadcast(BroadcastId),
    Job(JobId),
}

impl Act<'_> {
    /// Holds a broadcast now, and cancels it soon.
    pub(super) async fn cancel_broadcast(&self, id: BroadcastId) -> StoreResult<Outcome> {
        let parts = &self.dashboard.parts;
        let Some(broadcast) = parts.db.broadcast_get(id).await? else {
            return Ok(Outcome::Missing);
        };
        if broadcast.state.is_over() {
            return Ok(Outcome::State);
        }
        let is_running = broadcast.state == BroadcastState::Running;
        if is_running {
            let held = self.control(id, Control::Pause).await?;
            if held != Operated::Done(Vec::new()) {
                return Ok(Outcome::State);
            }
        }
        Ok(self.soon(What::Broadcast(id), is_running.then_some(id)))
    }

    /// Cancels a job soon.
    pub(super) async fn cancel_job(&self, id: JobId) -> StoreResult<Outcome> {
        let Some(job) = self.dashboard.parts.db.job_show(id).await? else {
            return Ok(Outcome::Missing);
        };
        if !matches!(job.state.as_str(), "ready" | "running") {
            return Ok(Outcome::State);
        }
        Ok(self.soon(What::Job(id), None))
    }

    /// `held`: a broadcast that goes on if it is taken back.
    fn soon(&self, what: What, held: Option<BroadcastId>) -> Outcome {
        let taken_back = CancellationToken::new();
        let cancelling = Cancelling {
            dashboard: Arc::clone(self.dashboard),
            doer: self.doer,
            what,
            taken_back: taken_back.clone(),
        };
        drop(self.dashboard.parts.work.spawn(cancelling.wait()));
        Outcome::Done(self.undo(Reversal::Cancelling { taken_back, held }))
    }

    /// A broadcast is controlled, and the broadcaster looks.
    pub(super) async fn control(&self, id: BroadcastId, control: Control) -> StoreResult<Operated> {
        control_noting(self.dashboard, self.doer, id, control).await
    }
}

async fn control_noting(
    dashboard: &Dashboard,
    doer: Doer,
    id: BroadcastId,
    control: Control,
) -> StoreResult<Operated> {
    let (action, after) = (AuditAction::ControlBroadcast, control.leads_to().name());
    let note = AuditNote::by_web(doer.user, action, id.0, None, after);
    let (parts, operation) = (&dashboard.parts, Operation::Broadcast(id, control));
    let operated = parts.db.dashboard_operate(doer, operation, note, parts.clock.now()).await?;
    // It looks by itself once a second, wherever it is.
    let _ = parts.broadcasts.ring(Ring);
    Ok(operated)
}

impl Cancelling {
    async fn wait(self) {
        tokio::select! {
            () = self.taken_back.cancelled() => return,
            () = tokio::time::sleep(UNDO_WITHIN + MARGIN) => {}
            () = self.dashboard.closing.cancelled() => {}
        }
        let user = self.doer.user.0;
        match self.carry_out().await {
            Ok(operated) => {
                tracing::info!(person = %pseudonym(user), what = ?self.what, ?operated, "cancelled");
            }
            Err(error) => {
                tracing::warn!(person = %pseudonym(user), what = ?self.what, %error, "not cancelled");
            }
        }
        self.dashboard.stored.renew();
    }

    async fn carry_out(&self) -> Result<Operated, StoreError> {
        let parts = &self.dashboard.parts;
        match self.what {
            What::Broadcast(id) => {
                control_noting(&self.dashboard, self.doer, id, Control::Cancel).await
            }
            What::Job(id) => {
                let Some(card) = (parts.card_of_cancelled)(id).await? else {
                    return Ok(Operated::Missing);
                };
                let (action, user) = (AuditAction::ControlJob, self.doer.user);
                let note = AuditNote::by_web(user, action, id.0, None, "job_cancel");
                let operation = Operation::CancelJob(id, card);
                let now = parts.clock.now();
                let operated = parts.db.dashboard_operate(self.doer, operation, note, now).await?;
                // The card's edit waits for the gate.
                let _ = parts.outbox.ring(Ring);
                Ok(operated)
            }
        }
    }
}
