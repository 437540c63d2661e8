//! The `JobWorker` actor: carries one attempt at a time to the work runtime and its end back.
//!
//! It holds nothing that matters. When it dies, its attempt goes on, writes its outcome by itself
//! and gives its permit back; only the dispatcher is not told, which looks by itself.

use std::sync::Arc;

use actix::prelude::*;

use super::Shop;
use super::attempt::conduct;
use super::messages::{Ended, JobFinished, RunJob};
use crate::runtime::{Envelope, Port};

/// A worker in its place.
pub(super) struct JobWorker {
    pub(super) place: usize,
    pub(super) shop: Arc<Shop>,
    pub(super) finished: Port<JobFinished>,
}

impl Actor for JobWorker {
    type Context = Context<Self>;
}

impl Handler<Envelope<RunJob>> for JobWorker {
    type Result = ();

    fn handle(&mut self, envelope: Envelope<RunJob>, ctx: &mut Self::Context) {
        let (run, _span) = envelope.open();
        let job = run.job.id;
        let attempt = self.shop.parts.work.spawn(conduct(Arc::clone(&self.shop), run));
        ctx.spawn(attempt.into_actor(self).map(move |ended, worker, _ctx| {
            let ended = ended.unwrap_or_else(|error| {
                tracing::error!(job.id = job.0, %error, "outcome of a job could not be written");
                Ended::Left
            });
            // Only a dispatcher that is gone misses this; its successor starts from the rows.
            let _ = worker.finished.ring(JobFinished { worker: worker.place, job, ended });
        }));
    }
}
