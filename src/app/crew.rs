//! Who works jobs off: every process that is not told otherwise. It needs no lease, as each job has
//! its own.
//!
//! A worker process shows that it lives by a lease that nobody else wants, `worker:<instance>`. A
//! bot that leaves jobs to workers looks for these, and stands in while there are none.

use std::future::pending;
use std::pin::pin;

use tokio::time::{Instant, sleep};

use super::lease::Lease;
use super::serve::{ServeError, Stage};
use super::wiring;
use crate::runtime::ExitReason;
use crate::web::Standing;

/// Works jobs off for as long as the process runs.
pub async fn work(stage: &Stage<'_>) -> Result<ExitReason, ServeError> {
    let mut died = stage.foundation.died;
    let ended = work_until(stage, &mut died, pending()).await?;
    Ok(ended.unwrap_or(ExitReason::Broken))
}

/// Works jobs off until `enough`; the actors are made anew when settings that they work by have
/// changed. Gives why they have ended; none when it was enough. `died` is looked into once.
async fn work_until(
    stage: &Stage<'_>,
    died: &mut bool,
    enough: impl Future<Output = ()>,
) -> Result<Option<ExitReason>, ServeError> {
    let mut enough = pin!(enough);
    let mut live = stage.live.clone();
    loop {
        let settings = live.latest();
        let actors = wiring::crew(&stage.by(&settings), std::mem::take(died))?.start();
        let _listed = stage.insight.roster.enter("crew", actors.clone());
        let mut is_enough = false;
        let news = async {
            tokio::select! {
                () = &mut enough => is_enough = true,
                () = async {
                    // What this instance died of, if anything, has been looked into then.
                    stage.ports.begin.cancelled().await;
                    live.jobs_changed().await;
                } => {}
            }
        };
        let reason = stage.stop.follow(&actors, news).await;
        if stage.stop.is_asked() {
            return Ok(Some(reason));
        }
        if is_enough {
            return Ok(None);
        }
        tracing::info!("the actors that work jobs off are made anew");
    }
}

/// The whole of a worker process: jobs, and a sign of life.
pub async fn work_alone(stage: &Stage<'_>) -> Result<ExitReason, ServeError> {
    stage.standing.send_replace(Standing::Worker);
    stage.ports.begin.cancel();
    let owner = &stage.foundation.owner;
    let sign = Lease {
        name: format!("worker:{}", owner.instance),
        owner: owner.clone(),
        db: stage.foundation.db.clone(),
        doorbells: stage.foundation.cache.doorbells.clone(),
        work: stage.work.clone(),
        pace: stage.settings.instance.clone(),
    };
    let term = sign.take(|_| {}).await;
    let show_life = async {
        term.keep().await;
        tracing::error!(
            instance = owner.instance,
            "another process has this name: give each its own instance.name"
        );
        pending().await
    };
    let reason = tokio::select! {
        reason = work(stage) => reason?,
        never = show_life => never,
    };
    term.release().await;
    Ok(reason)
}

/// Works jobs off only while no worker process lives.
pub async fn stand_in(stage: &Stage<'_>) -> Result<ExitReason, ServeError> {
    let mut died = stage.foundation.died;
    loop {
        tokio::select! {
            () = until_workers(stage, false) => {}
            reason = stage.stop.asked() => return Ok(reason),
        }
        tracing::warn!("no worker process lives: jobs are run here until one does");
        let workers = until_workers(stage, true);
        if let Some(reason) = work_until(stage, &mut died, workers).await? {
            return Ok(reason);
        }
        tracing::info!("a worker process lives: jobs are left to it");
    }
}

/// Waits until workers live, or until none has lived for the time of a lease: one that is about to
/// start, or starts again, is waited for.
async fn until_workers(stage: &Stage<'_>, should_live: bool) {
    let pace = &stage.settings.instance;
    let mut seen_otherwise = Instant::now();
    loop {
        let db = stage.foundation.db.clone();
        let alive = stage.work.spawn(async move { db.workers_alive().await }).await;
        let lives = match alive {
            Ok(Ok(alive)) => alive > 0,
            // Without a database there are no jobs either.
            Ok(Err(error)) => {
                tracing::warn!(%error, "cannot look for workers");
                !should_live
            }
            Err(error) => {
                tracing::error!(%error, "the look for workers broke");
                !should_live
            }
        };
        if lives != should_live {
            seen_otherwise = Instant::now();
        } else if should_live || seen_otherwise.elapsed() >= pace.lease() {
            return;
        }
        sleep(pace.renew()).await;
    }
}
