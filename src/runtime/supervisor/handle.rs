//! Building a supervisor, and what the rest of the program holds of it.

use std::time::Duration;

use actix::prelude::*;
use tokio::sync::watch;

use super::Supervisor;
use super::snapshot::{ChildSnapshot, ExitReason};
use super::spec::ChildSpec;
use crate::runtime::mailbox::Mailbox;
use crate::runtime::messages::{Inspect, Restart};
use crate::runtime::monitor::start;
use crate::runtime::port::{Port, PortError};

/// How many inspections may wait.
const SUPERVISOR_MAILBOX_CAPACITY: usize = 64;

/// "Stop all children, then yourself." A second one cuts the first short.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub(super) struct Stop(pub(super) ExitReason);

/// Collects the children of a supervisor.
pub struct SupervisorBuilder {
    random: Box<dyn FnMut() -> f64>,
    stop_within: Duration,
    specs: Vec<ChildSpec>,
    stop_order: Vec<&'static str>,
}

impl SupervisorBuilder {
    /// `random` gives uniform numbers in 0..1 for the jitter of restarts; `stop_within` bounds
    /// the whole of an orderly stop, beside each child's own limit.
    pub fn new(stop_within: Duration, random: impl FnMut() -> f64 + 'static) -> Self {
        Self { random: Box::new(random), stop_within, specs: Vec::new(), stop_order: Vec::new() }
    }

    /// Adds a child. Children are started in the order of these calls.
    #[must_use]
    pub fn child(mut self, spec: ChildSpec) -> Self {
        self.specs.push(spec);
        self
    }

    /// Names the children that are to stop first, in this order. The others follow in the reverse
    /// order of their start. Names of no child are passed over.
    #[must_use]
    pub fn stop_first(mut self, names: &[&'static str]) -> Self {
        self.stop_order = names.to_vec();
        self
    }

    /// Starts the supervisor, and with it the children, on the current arbiter.
    pub fn start(self) -> SupervisorHandle {
        let (outcome, watched) = watch::channel(None);
        let children_ended = Port::new();
        let supervisor = Supervisor::new(
            self.specs,
            &self.stop_order,
            self.stop_within,
            self.random,
            children_ended.clone(),
            outcome,
        );
        let started = start(supervisor, Mailbox::new(SUPERVISOR_MAILBOX_CAPACITY), |exit| {
            tracing::debug!(?exit, "supervisor ended");
        });
        started.connect_control(&children_ended);
        SupervisorHandle {
            stop: started.control_port(),
            inspect: started.port(),
            restart: started.port(),
            outcome: watched,
        }
    }
}

/// The supervisor as the rest of the program knows it. Cheap to clone, usable on any thread.
///
/// The supervisor lives until it is stopped or escalates, whether or not a handle is held.
#[derive(Clone)]
pub struct SupervisorHandle {
    stop: Port<Stop>,
    inspect: Port<Inspect>,
    restart: Port<Restart>,
    outcome: watch::Receiver<Option<ExitReason>>,
}

impl SupervisorHandle {
    /// Begins an orderly stop and returns at once. A second call cuts it short: all that still
    /// runs is aborted. After the end it does nothing.
    pub fn stop(&self) {
        self.stop_for(ExitReason::Requested);
    }

    /// As [`stop`](Self::stop), for another reason than that somebody wants it.
    pub fn stop_for(&self, reason: ExitReason) {
        // Down means that the supervisor has ended, which is what was asked for.
        let _ = self.stop.ring(Stop(reason));
    }

    /// Ends everything at once, without letting anybody finish, and returns at once.
    pub fn abort(&self) {
        self.stop();
        self.stop();
    }

    /// The state of all children. A miss of the deadline says that the actors' thread is stuck.
    pub async fn inspect(&self, within: Duration) -> Result<Vec<ChildSnapshot>, PortError> {
        self.inspect.ask(Inspect, within).await
    }

    /// Ends a child at once, what it has begun included, and starts it anew. `false` if there is no
    /// such child, it does not run, or everything stops. Costs nothing of its budget of deaths.
    pub async fn restart(&self, child: String, within: Duration) -> Result<bool, PortError> {
        self.restart.ask(Restart { child }, within).await
    }

    /// Waits for the end of the supervisor, when no child is left.
    pub async fn wait(&self) -> ExitReason {
        let mut outcome = self.outcome.clone();
        match outcome.wait_for(Option::is_some).await {
            Ok(reason) => reason.unwrap_or(ExitReason::Broken),
            Err(_supervisor_died) => ExitReason::Broken,
        }
    }
}
