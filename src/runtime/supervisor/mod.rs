//! Owns the long-lived actors: starts them in order, watches them, starts them anew, stops them.
//!
//! Invariants:
//! - A child is never restarted with the state it died with: each generation comes from its factory.
//! - At most one generation of a child runs. The next is started only after the end of the one
//!   before was reported; what it left in its mailbox is gone.
//! - Deaths are budgeted. One more than the budget ends the program in good order, with a code that
//!   tells the service manager so; a loop of restarts can't go on unseen.
//! - While stopping nothing is started. Children are drained one after another, since one child's
//!   end is what makes the next one's work finite.
//!
//! It must not ask its children anything that it waits for, except the heartbeat, which has a deadline
//! and blocks nothing else.

mod handle;
mod snapshot;
mod spec;
#[cfg(test)]
mod tests;

use std::cell::OnceCell;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use tokio::sync::watch;
use tokio::time::Instant;

use self::handle::Stop;
use self::spec::Child as RunningChild;
use super::envelope::Envelope;
use super::messages::{Drain, Fact, Heartbeat, Inspect, Restart};
use super::monitor::Exit;
use super::panics::panic_text;
use super::port::{Port, PortError};
use super::window::RestartLog;

pub use self::handle::{SupervisorBuilder, SupervisorHandle};
pub use self::snapshot::{
    ChildSnapshot, ChildState, EXIT_CODE_ESCALATED, EXIT_CODE_EXHAUSTED, ExitReason,
};
pub use self::spec::{Child, ChildContext, ChildPolicy, ChildSpec, HeartbeatPolicy, RestartPolicy};

/// The actor behind a [`SupervisorHandle`].
pub(super) struct Supervisor {
    /// In the order of their start; a child's index is its identity.
    children: Vec<Supervised>,
    stop_order: Vec<usize>,
    stop_within: Duration,
    random: Box<dyn FnMut() -> f64>,
    /// A way to itself, given to the children's end reports.
    child_ended: Port<ChildEnded>,
    outcome: watch::Sender<Option<ExitReason>>,
    phase: Phase,
}

struct Supervised {
    spec: ChildSpec,
    log: RestartLog,
    state: ChildState,
    generation: u64,
    running: Option<RunningChild>,
    /// Whether the end that is to come was asked for, so that another generation follows at once.
    is_wanted_dead: bool,
    last_exit: Option<Exit>,
    facts: Vec<Fact>,
}

enum Phase {
    Running,
    Stopping { reason: ExitReason, deadline: Instant, remaining: VecDeque<usize> },
}

/// A generation of a child is over.
#[derive(Message)]
#[rtype(result = "()")]
struct ChildEnded {
    index: usize,
    generation: u64,
    exit: Exit,
}

impl Supervisor {
    fn new(
        specs: Vec<ChildSpec>,
        stop_first: &[&'static str],
        stop_within: Duration,
        random: Box<dyn FnMut() -> f64>,
        child_ended: Port<ChildEnded>,
        outcome: watch::Sender<Option<ExitReason>>,
    ) -> Self {
        let children: Vec<Supervised> = specs.into_iter().map(Supervised::new).collect();
        let stop_order = stop_order(&children, stop_first);
        let phase = Phase::Running;
        Self { children, stop_order, stop_within, random, child_ended, outcome, phase }
    }

    fn is_stopping(&self) -> bool {
        matches!(self.phase, Phase::Stopping { .. })
    }

    /// The child, if this generation of it is the current one and alive.
    fn alive(&mut self, index: usize, generation: u64) -> Option<&mut Supervised> {
        let child = self.children.get_mut(index)?;
        let is_current = child.generation == generation && child.running.is_some();
        is_current.then_some(child)
    }

    // Starting and watching

    fn start_child(&mut self, index: usize, ctx: &mut Context<Self>) {
        if self.is_stopping() {
            return;
        }
        let child_ended = self.child_ended.clone();
        let Some(child) = self.children.get_mut(index) else { return };

        child.generation = child.generation.saturating_add(1);
        let generation = child.generation;
        let abort = Rc::new(OnceCell::new());
        let context = ChildContext {
            name: child.spec.name,
            generation,
            mailbox: Arc::clone(&child.spec.mailbox),
            on_end: Box::new(move |exit| {
                // Down means that the supervisor is gone: nobody is left to be told.
                let _ = child_ended.ring(ChildEnded { index, generation, exit });
            }),
            abort: Rc::clone(&abort),
        };
        let factory = &mut child.spec.factory;
        match catch_unwind(AssertUnwindSafe(|| factory(context))) {
            Ok(running) => {
                child.running = Some(running);
                child.state = ChildState::Running;
                child.facts.clear();
                tracing::info!(
                    child.name = child.spec.name,
                    child.generation = generation,
                    "child started"
                );
                self.ask_heartbeat(index, generation, ctx);
            }
            Err(payload) => {
                if let Some(half_started) = abort.get() {
                    half_started.abort();
                }
                self.bury(index, Exit::Panicked(panic_text(&*payload)), ctx);
            }
        }
    }

    fn ask_heartbeat(&mut self, index: usize, generation: u64, ctx: &mut Context<Self>) {
        if self.is_stopping() {
            return;
        }
        let Some(child) = self.alive(index, generation) else { return };
        let Some(policy) = child.spec.policy.heartbeat else { return };
        let Some(running) = &child.running else { return };

        let port = running.heartbeat.clone();
        let question = async move { port.ask(Heartbeat, policy.miss_after).await };
        let heard = question.into_actor(self).map(move |answer, supervisor, ctx| {
            supervisor.hear_heartbeat(index, generation, answer, policy.every, ctx);
        });
        ctx.spawn(heard);
    }

    fn hear_heartbeat(
        &mut self,
        index: usize,
        generation: u64,
        answer: Result<Vec<Fact>, PortError>,
        every: Duration,
        ctx: &mut Context<Self>,
    ) {
        let is_stopping = self.is_stopping();
        let Some(child) = self.alive(index, generation) else { return };
        match answer {
            Ok(facts) => child.facts = facts,
            Err(PortError::DeadlineExceeded(_)) if !is_stopping => {
                tracing::warn!(
                    child.name = child.spec.name,
                    child.generation = generation,
                    "child hangs, aborting it"
                );
                child.abort();
                return;
            }
            // It is dying, and its end is on the way; or it is draining, which has its own deadline.
            Err(_) => {}
        }
        ctx.run_later(every, move |supervisor, ctx| {
            supervisor.ask_heartbeat(index, generation, ctx);
        });
    }

    // Ends and restarts

    /// Notes a child's end and does what follows from it.
    fn bury(&mut self, index: usize, exit: Exit, ctx: &mut Context<Self>) {
        let is_stopping = self.is_stopping();
        let Some(child) = self.children.get_mut(index) else { return };
        let name = child.spec.name;
        let generation = child.generation;
        let was_asked_to = child.state == ChildState::Draining && exit == Exit::Stopped;
        let is_restart = std::mem::take(&mut child.is_wanted_dead);
        if was_asked_to {
            tracing::info!(child.name = name, child.generation = generation, "child drained");
        } else if is_restart {
            tracing::warn!(
                child.name = name,
                child.generation = generation,
                "child ended on demand"
            );
        } else if is_stopping && exit == Exit::Aborted {
            tracing::warn!(child.name = name, child.generation = generation, "child cut off");
        } else {
            tracing::error!(child.name = name, child.generation = generation, ?exit, "child died");
        }

        child.running = None;
        child.state = ChildState::Stopped;
        child.last_exit = Some(exit);
        if is_stopping {
            self.stop_next(ctx);
            return;
        }

        if is_restart {
            // Not a death of its own: it costs nothing of the budget.
            self.start_child(index, ctx);
            return;
        }
        let Some(attempt) = child.log.record(Instant::now()) else {
            tracing::error!(child.name = name, "child died too often, giving up");
            self.begin_stop(ExitReason::Escalated { child: name }, ctx);
            return;
        };
        child.state = ChildState::BackingOff;
        let delay = child.spec.policy.restart.backoff.delay(attempt, (self.random)());
        ctx.run_later(delay, move |supervisor, ctx| supervisor.start_child(index, ctx));
    }

    // Stopping

    fn begin_stop(&mut self, reason: ExitReason, ctx: &mut Context<Self>) {
        let remaining = self.stop_order.iter().copied().collect();
        let deadline = after(Instant::now(), self.stop_within);
        self.phase = Phase::Stopping { reason, deadline, remaining };
        self.stop_next(ctx);
    }

    /// Drains the next child that runs, once the one before is gone; ends when none is left.
    fn stop_next(&mut self, ctx: &mut Context<Self>) {
        let is_busy = self.children.iter().any(|child| child.state == ChildState::Draining);
        if is_busy {
            return;
        }
        loop {
            let Phase::Stopping { reason, deadline, remaining } = &mut self.phase else { return };
            let Some(index) = remaining.pop_front() else {
                self.outcome.send_replace(Some(*reason));
                ctx.stop();
                return;
            };
            let latest = *deadline;
            if self.drain(index, latest, ctx) {
                return;
            }
        }
    }

    /// Tells a child to finish; `false` if it doesn't run.
    fn drain(&mut self, index: usize, latest: Instant, ctx: &mut Context<Self>) -> bool {
        let Some(child) = self.children.get_mut(index) else { return false };
        let Some(running) = &child.running else {
            child.state = ChildState::Stopped;
            return false;
        };

        let now = Instant::now();
        let deadline = latest.min(after(now, child.spec.policy.drain_within));
        // Down means that it is dying already; its end is on the way.
        let _ = running.drain.ring(Drain { deadline });
        child.state = ChildState::Draining;

        let generation = child.generation;
        ctx.run_later(deadline.saturating_duration_since(now), move |supervisor, _ctx| {
            let Some(child) = supervisor.alive(index, generation) else { return };
            tracing::warn!(
                child.name = child.spec.name,
                "child did not drain in time, aborting it"
            );
            child.abort();
        });
        true
    }

    /// Aborts everything that still runs; the reports of their ends finish the stop.
    fn cut_short(&mut self, ctx: &mut Context<Self>) {
        tracing::warn!("stop cut short");
        for child in &mut self.children {
            child.abort();
            let is_alive = child.running.is_some();
            child.state = if is_alive { ChildState::Draining } else { ChildState::Stopped };
        }
        self.stop_next(ctx);
    }
}

impl Supervised {
    fn new(spec: ChildSpec) -> Self {
        let log = RestartLog::new(spec.policy.restart.window);
        Self {
            spec,
            log,
            state: ChildState::Stopped,
            generation: 0,
            running: None,
            is_wanted_dead: false,
            last_exit: None,
            facts: Vec::new(),
        }
    }

    fn abort(&self) {
        if let Some(running) = &self.running {
            running.abort.abort();
        }
    }

    fn snapshot(&self) -> ChildSnapshot {
        ChildSnapshot {
            name: self.spec.name,
            generation: self.generation,
            state: self.state,
            restarts: self.generation.saturating_sub(1),
            mailbox: self.spec.mailbox.snapshot(),
            last_exit: self.last_exit.clone(),
            facts: self.facts.clone(),
        }
    }
}

/// `now + within`, where a `within` beyond all reason (the sum would panic) counts as a day.
fn after(now: Instant, within: Duration) -> Instant {
    now.checked_add(within).unwrap_or(now + Duration::from_hours(24))
}

/// The indices of all children: the named ones first, then the others, last started first.
fn stop_order(children: &[Supervised], first: &[&'static str]) -> Vec<usize> {
    let index_of = |name: &&'static str| children.iter().position(|child| child.spec.name == *name);
    let mut order: Vec<usize> = first.iter().filter_map(index_of).collect();
    for index in (0..children.len()).rev() {
        if !order.contains(&index) {
            order.push(index);
        }
    }
    order
}

impl Actor for Supervisor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        for index in 0..self.children.len() {
            self.start_child(index, ctx);
        }
    }
}

impl Handler<Envelope<ChildEnded>> for Supervisor {
    type Result = ();

    fn handle(&mut self, envelope: Envelope<ChildEnded>, ctx: &mut Self::Context) {
        let (ChildEnded { index, generation, exit }, _span) = envelope.open();
        if self.alive(index, generation).is_some() {
            self.bury(index, exit, ctx);
        }
    }
}

impl Handler<Envelope<Stop>> for Supervisor {
    type Result = ();

    fn handle(&mut self, envelope: Envelope<Stop>, ctx: &mut Self::Context) {
        let (Stop(reason), _span) = envelope.open();
        if self.is_stopping() {
            self.cut_short(ctx);
        } else {
            self.begin_stop(reason, ctx);
        }
    }
}

impl Handler<Envelope<Restart>> for Supervisor {
    type Result = bool;

    /// The next generation starts when the end of this one is reported, as always.
    fn handle(&mut self, envelope: Envelope<Restart>, _ctx: &mut Self::Context) -> bool {
        let (Restart { child: name }, _span) = envelope.open();
        if self.is_stopping() {
            return false;
        }
        let Some(child) = self.children.iter_mut().find(|child| child.spec.name == name) else {
            return false;
        };
        if child.running.is_none() {
            return false;
        }
        child.is_wanted_dead = true;
        child.abort();
        true
    }
}

impl Handler<Envelope<Inspect>> for Supervisor {
    type Result = Vec<ChildSnapshot>;

    fn handle(&mut self, envelope: Envelope<Inspect>, _ctx: &mut Self::Context) -> Self::Result {
        let (Inspect, _span) = envelope.open();
        self.children.iter().map(Supervised::snapshot).collect()
    }
}
