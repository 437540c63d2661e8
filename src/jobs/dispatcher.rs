//! The `JobDispatcher` actor: claims jobs as long as workers are free, and keeps the workers alive.
//!
//! What it knows is only a hint: the queue is the table. It looks when a doorbell rings, when a
//! worker becomes free, when the next job is due, and on a timer.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::housekeeping::{keep_schedules, show_depth};
use super::messages::{JobFinished, RunJob, WorkerEnded};
use super::pace::Pace;
use super::worker::JobWorker;
use super::{JobsConfig, JobsParts, Shop, meters};
use crate::domain::clock::Timestamp;
use crate::domain::ids::JobId;
use crate::runtime::{
    ChildPolicy, ChildSpec, Drain, Envelope, Fact, Heartbeat, Mailbox, Permit, Permits, Port, Ring,
    WorkError, start,
};
use crate::store::StoreError;
use crate::store::records::{ClaimedJob, JobDeaths, JobEnd};

/// A ring is a ring: more than a few say no more than one.
const MAILBOX: usize = 16;

/// Pause before a dead worker is replaced, so that one that dies at birth does not spin.
const WORKER_PAUSE: Duration = Duration::from_millis(500);

/// Shortest wait for a job that is due: somebody else may be claiming it this very moment.
const SHORTEST_WAIT: Duration = Duration::from_millis(20);

/// Time kept of a drain's deadline for giving unfinished jobs back.
const RELEASE_TIME: Duration = Duration::from_secs(2);

/// How the supervisor makes the dispatcher. `port` is its doorbell.
pub fn dispatcher_spec(
    policy: ChildPolicy,
    port: &Port<Ring>,
    config: JobsConfig,
    parts: JobsParts,
) -> ChildSpec {
    let port = port.clone();
    // Shared by all generations: attempts outlive the dispatcher that began them.
    let permits = Permits::new("jobs", config.workers);
    let pace = Pace::new(config.chat_every);
    let shop = Arc::new(Shop { config, parts, pace });
    ChildSpec::new("job_dispatcher", MAILBOX, policy, move |context| {
        let dispatcher = JobDispatcher {
            shop: Arc::clone(&shop),
            permits: permits.clone(),
            finished: Port::new(),
            worker_ended: Port::new(),
            is_first: context.generation() == 1,
            places: Vec::new(),
            look: Look::Idle,
            is_rescuing: false,
            timer: None,
            is_draining: false,
            claimed: 0,
        };
        let (finished, ended) = (dispatcher.finished.clone(), dispatcher.worker_ended.clone());
        let dispatcher = context.start(dispatcher);
        dispatcher.connect(&port);
        dispatcher.connect_control(&finished);
        dispatcher.connect_control(&ended);
        dispatcher.into_child()
    })
}

struct JobDispatcher {
    shop: Arc<Shop>,
    permits: Permits,
    /// Ways to itself, for its workers.
    finished: Port<JobFinished>,
    worker_ended: Port<WorkerEnded>,
    /// Whether the first rescue of the process is still to come: only then are temporary files
    /// swept, as attempts may run later, and is the death of the last process taken up. Nothing is
    /// claimed before it.
    is_first: bool,
    places: Vec<Place>,
    look: Look,
    is_rescuing: bool,
    timer: Option<SpawnHandle>,
    is_draining: bool,
    claimed: i64,
}

/// A worker's place.
struct Place {
    worker: Port<RunJob>,
    running: Option<Running>,
}

struct Running {
    job: JobId,
    stop: CancellationToken,
    /// No other job may run beside it.
    is_suspect: bool,
}

enum Look {
    Idle,
    /// Under way; whether something happened meanwhile that makes another look worth while.
    UnderWay {
        again: bool,
    },
}

/// What a look at the queue brought.
enum Seen {
    Job(ClaimedJob),
    /// Nothing now, but perhaps then.
    Nothing {
        due: Option<Timestamp>,
    },
}

impl Actor for JobDispatcher {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        for place in 0..self.shop.config.workers {
            let worker = self.start_worker(place);
            self.places.push(Place { worker, running: None });
        }
        self.show_workers();
        self.rescue(ctx);
        ctx.run_interval(self.shop.config.beat, Self::rescue);
    }
}

impl Handler<Envelope<Ring>> for JobDispatcher {
    type Result = ();

    fn handle(&mut self, envelope: Envelope<Ring>, ctx: &mut Self::Context) {
        let (Ring, _span) = envelope.open();
        self.look(ctx);
    }
}

impl Handler<Envelope<JobFinished>> for JobDispatcher {
    type Result = ();

    fn handle(&mut self, envelope: Envelope<JobFinished>, ctx: &mut Self::Context) {
        let (JobFinished { worker, job, .. }, _span) = envelope.open();
        if let Some(place) = self.places.get_mut(worker) {
            place.running.take_if(|running| running.job == job);
        }
        self.show_workers();
        self.look(ctx);
        self.stop_when_idle(ctx);
    }
}

impl Handler<Envelope<WorkerEnded>> for JobDispatcher {
    type Result = ();

    /// The attempt that the worker carried goes on by itself; its permit comes back at its end.
    fn handle(&mut self, envelope: Envelope<WorkerEnded>, ctx: &mut Self::Context) {
        let (WorkerEnded { worker, exit }, _span) = envelope.open();
        tracing::error!(worker, ?exit, "job worker died");
        if let Some(place) = self.places.get_mut(worker) {
            place.running = None;
        }
        self.show_workers();
        if self.is_draining {
            return self.stop_when_idle(ctx);
        }
        ctx.run_later(WORKER_PAUSE, move |dispatcher, ctx| {
            let port = dispatcher.start_worker(worker);
            if let Some(place) = dispatcher.places.get_mut(worker) {
                place.worker = port;
            }
            dispatcher.look(ctx);
        });
    }
}

impl Handler<Envelope<Drain>> for JobDispatcher {
    type Result = ();

    /// Claims nothing more; what is not done shortly before the deadline is given back.
    fn handle(&mut self, envelope: Envelope<Drain>, ctx: &mut Self::Context) {
        let (Drain { deadline }, _span) = envelope.open();
        fail_point!(DrainJobs);
        self.is_draining = true;
        self.stop_when_idle(ctx);
        let patience = deadline.saturating_duration_since(Instant::now());
        let release_time = RELEASE_TIME.min(patience / 2);
        ctx.run_later(patience.saturating_sub(release_time), |dispatcher, _| {
            for running in dispatcher.places.iter().filter_map(|place| place.running.as_ref()) {
                running.stop.cancel();
            }
        });
    }
}

impl Handler<Envelope<Heartbeat>> for JobDispatcher {
    type Result = Vec<Fact>;

    fn handle(&mut self, envelope: Envelope<Heartbeat>, _: &mut Self::Context) -> Vec<Fact> {
        let (Heartbeat, _span) = envelope.open();
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        vec![
            Fact { name: "workers", value: count(self.places.len()) },
            Fact { name: "busy_workers", value: count(self.busy()) },
            Fact { name: "claimed_jobs", value: self.claimed },
        ]
    }
}

impl JobDispatcher {
    fn start_worker(&self, place: usize) -> Port<RunJob> {
        let worker_ended = self.worker_ended.clone();
        let worker =
            JobWorker { place, shop: Arc::clone(&self.shop), finished: self.finished.clone() };
        let on_end = move |exit| {
            // Only a dispatcher that is gone itself misses this.
            let _ = worker_ended.ring(WorkerEnded { worker: place, exit });
        };
        start(worker, Mailbox::named("job_worker", 1), on_end).port()
    }

    // Looking for work

    /// Claims a job if a worker is free for it. One look at a time.
    fn look(&mut self, ctx: &mut Context<Self>) {
        if self.is_draining || self.is_first || self.runs_suspect() {
            return;
        }
        if let Look::UnderWay { again } = &mut self.look {
            *again = true;
            return;
        }
        // Without a free worker the end of an attempt brings the next look.
        if self.free_place().is_none() {
            return;
        }
        let is_idle = self.permits.in_use() == 0;
        let Some(permit) = self.permits.try_acquire() else {
            return self.look_later(self.shop.config.poll_interval, ctx);
        };
        if let Some(timer) = self.timer.take() {
            ctx.cancel_future(timer);
        }
        self.look = Look::UnderWay { again: false };
        let looking = self.shop.parts.work.spawn(look_at_queue(Arc::clone(&self.shop), is_idle));
        ctx.spawn(
            looking
                .into_actor(self)
                .map(move |seen, dispatcher, ctx| dispatcher.end_look(seen, permit, ctx)),
        );
    }

    fn end_look(
        &mut self,
        seen: Result<Result<Seen, StoreError>, WorkError>,
        permit: Permit,
        ctx: &mut Context<Self>,
    ) {
        let was_rung = matches!(self.look, Look::UnderWay { again: true });
        self.look = Look::Idle;
        let pause = self.shop.config.poll_interval;
        match seen {
            Ok(Ok(Seen::Job(job))) => {
                self.hand_out(job, permit);
                self.look(ctx);
            }
            Ok(Ok(Seen::Nothing { .. })) if was_rung => {
                drop(permit);
                self.look(ctx);
            }
            Ok(Ok(Seen::Nothing { due })) => {
                let wait = due.map_or(pause, |due| self.time_until(due).min(pause));
                self.look_later(wait, ctx);
            }
            Ok(Err(error)) => {
                error.tell("queue cannot be read");
                self.look_later(pause, ctx);
            }
            Err(error) => {
                tracing::error!(%error, "look at the queue broke");
                self.look_later(pause, ctx);
            }
        }
        self.stop_when_idle(ctx);
    }

    fn look_later(&mut self, wait: Duration, ctx: &mut Context<Self>) {
        if let Some(timer) = self.timer.replace(ctx.run_later(wait, Self::look)) {
            ctx.cancel_future(timer);
        }
    }

    fn time_until(&self, due: Timestamp) -> Duration {
        let wait = due.signed_duration_since(self.shop.parts.clock.now());
        wait.to_std().unwrap_or_default().max(SHORTEST_WAIT)
    }

    // Handing out

    fn free_place(&self) -> Option<usize> {
        self.places.iter().position(|place| place.running.is_none() && place.worker.is_connected())
    }

    fn hand_out(&mut self, job: ClaimedJob, permit: Permit) {
        let (id, token) = (job.id, job.token);
        let is_suspect = job.suspicion > 0;
        let stop = CancellationToken::new();
        let run = RunJob { job, stop: stop.clone(), permit };
        let place = self.free_place().and_then(|place| self.places.get_mut(place));
        match place {
            Some(place) if place.worker.ring(run).is_ok() => {
                place.running = Some(Running { job: id, stop, is_suspect });
                self.claimed = self.claimed.saturating_add(1);
                self.show_workers();
            }
            // The worker died in between.
            _ => self.give_back(id, token),
        }
    }

    fn give_back(&self, id: JobId, token: i64) {
        let shop = Arc::clone(&self.shop);
        // Nobody waits for it: what fails here comes back when the lease is over.
        drop(self.shop.parts.work.spawn(async move {
            let now = shop.parts.clock.now();
            let error = "no worker was there".to_owned();
            let end = JobEnd::Retry { at: now, error, counts: false };
            if let Err(error) = shop.parts.db.job_end(id, token, end, now).await {
                tracing::warn!(job.id = id.0, %error, "job could not be given back");
            }
        }));
    }

    // Looking after what was lost

    /// Gives jobs back whose worker is gone, and looks.
    fn rescue(&mut self, ctx: &mut Context<Self>) {
        if self.is_rescuing || self.is_draining {
            return;
        }
        self.is_rescuing = true;
        let rescuing = self.shop.parts.work.spawn(rescue(Arc::clone(&self.shop), self.is_first));
        ctx.spawn(rescuing.into_actor(self).map(|rescued, dispatcher, ctx| {
            dispatcher.is_rescuing = false;
            match rescued {
                Ok(Ok(count)) => {
                    dispatcher.is_first = false;
                    if count > 0 {
                        tracing::warn!(count, "jobs of lost workers are run again");
                        meters::rescued(&dispatcher.shop.config.queue, count);
                    }
                }
                Ok(Err(error)) => error.tell("lost jobs cannot be looked for"),
                Err(error) => tracing::error!(%error, "rescue of lost jobs broke"),
            }
            dispatcher.look(ctx);
        }));
    }

    // Standing

    fn busy(&self) -> usize {
        self.places.iter().filter(|place| place.running.is_some()).count()
    }

    fn runs_suspect(&self) -> bool {
        let mut running = self.places.iter().filter_map(|place| place.running.as_ref());
        running.any(|running| running.is_suspect)
    }

    fn show_workers(&self) {
        let busy = self.busy();
        let idle = self.places.len().saturating_sub(busy);
        meters::workers(&self.shop.config.queue, busy, idle);
    }

    fn stop_when_idle(&self, ctx: &mut Context<Self>) {
        let is_idle = matches!(self.look, Look::Idle) && self.busy() == 0;
        if self.is_draining && is_idle {
            ctx.stop();
        }
    }
}

/// Claims the next job, or says when there may be one. Leases are compared by processes of other
/// hosts, so that their times are the database's.
async fn look_at_queue(shop: Arc<Shop>, is_idle: bool) -> Result<Seen, StoreError> {
    let Shop { config, parts, .. } = &*shop;
    let now = parts.db.database_now().await?;
    let (queue, owner) = (config.queue.clone(), config.owner.clone());
    fail_point!(ClaimBefore => StoreError::Fault { call: "job", what: "a fail point" });
    let claim = parts.db.job_claim(queue, owner, now, now + config.lease, is_idle);
    if let Some(job) = claim.await? {
        fail_point!(ClaimAfter => StoreError::Fault { call: "job", what: "a fail point" });
        return Ok(Seen::Job(job));
    }
    let due = parts.db.job_next_due(config.queue.clone()).await?;
    // A suspect that is due may wait for the end of all others: that brings the next look.
    let due = due.filter(|due| is_idle || *due > now);
    Ok(Seen::Nothing { due })
}

/// Temporary files first: a job that is given back may run at once and make its own.
async fn rescue(shop: Arc<Shop>, is_first: bool) -> Result<usize, StoreError> {
    let Shop { config, parts, .. } = &*shop;
    if is_first {
        parts.begin.cancelled().await;
        match parts.blobs.sweep(parts.clock.now()).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "temporary files of an earlier start are removed"),
            Err(error) => tracing::warn!(%error, "temporary files cannot be swept"),
        }
    }
    fail_point!(RescueBefore => StoreError::Fault { call: "job", what: "a fail point" });
    let now = parts.db.database_now().await?;
    let deaths =
        JobDeaths { died: is_first && config.died, probation_until: now + config.probation };
    let count = parts.db.jobs_rescue(config.owner.clone(), deaths, now).await?;
    // What is due again and again waits for the next beat if this fails.
    let kept = keep_schedules(&shop, now).await;
    for error in [kept, show_depth(&shop, now).await].into_iter().filter_map(Result::err) {
        error.tell("schedules cannot be kept");
    }
    Ok(count)
}
