//! What only one process may do: poll, work chats off, send. It leads for a term, and stands by
//! between terms.
//!
//! Invariants: the actors of a term write under its token and send within its tenure, so that those
//! of two terms, here or in two processes, never get in each other's way; they are gone before this
//! process asks for the next term. The lease is given back only when nothing of the term runs.

use std::pin::pin;

use super::foundation::Foundation;
use super::lease::{LEADER, Lease, Term};
use super::serve::{ServeError, Stage};
use super::wiring;
use crate::runtime::{ExitReason, SupervisorHandle};
use crate::web::Standing;

/// Leads whenever it may, until the process is asked to stop or the actors give up.
pub async fn lead(stage: &Stage<'_>) -> Result<ExitReason, ServeError> {
    let Foundation { db, owner, .. } = stage.foundation;
    let lease = Lease {
        name: LEADER.to_owned(),
        owner: owner.clone(),
        db: db.clone(),
        doorbells: stage.foundation.cache.doorbells.clone(),
        work: stage.work.clone(),
        pace: stage.settings.instance.clone(),
    };
    show(stage, Standing::Standby);
    loop {
        let stands_by = |leader: &str| {
            tracing::info!(leader, "stands by");
            stage.ports.begin.cancel();
        };
        let term = tokio::select! {
            term = lease.take(stands_by) => term,
            reason = stage.stop.asked() => {
                stage.foundation.door.close();
                stage.ports.begin.cancel();
                return Ok(reason);
            }
        };
        tracing::info!(instance = owner.instance, token = term.token.0, "takes over");
        show(stage, Standing::Leader(term.tenure.clone()));
        let ended = govern(stage, &term).await?;
        show(stage, Standing::Standby);
        if let Some(reason) = ended {
            term.release().await;
            return Ok(reason);
        }
    }
}

/// The actors of one term; they are made anew when settings that they work by have changed. Gives
/// why they have ended; none when the lease was lost.
async fn govern(stage: &Stage<'_>, term: &Term) -> Result<Option<ExitReason>, ServeError> {
    let mut kept = pin!(term.keep());
    let mut live = stage.live.clone();
    let mut foundation = stage.foundation.within(term);
    loop {
        let settings = live.latest();
        let actors = wiring::office(&stage.by(&settings), &foundation)?.start();
        let _listed = stage.insight.roster.enter("office", actors.clone());
        let news = async {
            // Who looks for what the leader before died of is not interrupted.
            stage.ports.begin.cancelled().await;
            live.leader_changed().await;
        };
        let reason = tokio::select! {
            reason = stage.stop.follow(&actors, news) => reason,
            () = &mut kept => {
                give_up(&actors, term).await;
                return Ok(None);
            }
        };
        if stage.stop.is_asked() {
            return Ok(Some(reason));
        }
        tracing::info!("the leader's actors are made anew");
        // What the leader before died of has been looked into.
        foundation = foundation.after(false);
    }
}

/// Nothing may be sent or written any more, so that there is nothing to finish either.
async fn give_up(actors: &SupervisorHandle, term: &Term) {
    tracing::warn!(token = term.token.0, "lost the lease, another process has taken over");
    actors.abort();
    actors.wait().await;
}

fn show(stage: &Stage<'_>, standing: Standing) {
    let leads = matches!(standing, Standing::Leader(_));
    metrics::gauge!("primelingo_poller_lease_held").set(f64::from(u8::from(leads)));
    stage.standing.send_replace(standing);
}
