//! What the supervisor must know of a child before it runs.

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use tokio::task::AbortHandle;

use crate::runtime::backoff::Backoff;
use crate::runtime::envelope::Envelope;
use crate::runtime::mailbox::Mailbox;
use crate::runtime::messages::{Drain, Heartbeat};
use crate::runtime::monitor::{Exit, Started, start};
use crate::runtime::port::Port;
use crate::runtime::window::RestartWindow;

/// Recipe for one child: its name, its limits, and how to make a fresh one.
pub struct ChildSpec {
    pub(super) name: &'static str,
    pub(super) mailbox: Arc<Mailbox>,
    pub(super) policy: ChildPolicy,
    pub(super) factory: Factory,
}

pub(super) type Factory = Box<dyn FnMut(ChildContext) -> Child>;

impl ChildSpec {
    /// `factory` is called on the supervisor's arbiter for every generation of the child. It makes
    /// the actor from scratch, starts it with [`ChildContext::start`] and connects its ports:
    /// nothing of a dead generation may survive in it. A panic in it counts as a death.
    pub fn new(
        name: &'static str,
        mailbox_capacity: usize,
        policy: ChildPolicy,
        factory: impl FnMut(ChildContext) -> Child + 'static,
    ) -> Self {
        let mailbox = Mailbox::named(name, mailbox_capacity);
        Self { name, mailbox, policy, factory: Box::new(factory) }
    }
}

/// How a child is watched, restarted and stopped.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChildPolicy {
    /// What happens after an unexpected end.
    pub restart: RestartPolicy,
    /// How a hanging child is noticed; `None` trusts it.
    pub heartbeat: Option<HeartbeatPolicy>,
    /// How long the child may take to drain before it is aborted.
    pub drain_within: Duration,
}

/// When and how often a child is started anew.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RestartPolicy {
    /// The delay before a restart, by the number of deaths in the window.
    pub backoff: Backoff,
    /// The budget; one death more stops the program.
    pub window: RestartWindow,
}

/// How often a child is asked for a sign of life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeartbeatPolicy {
    /// The pause between an answer and the next question.
    pub every: Duration,
    /// How long an answer may take. Longer than the longest `ctx.wait` of a healthy child.
    pub miss_after: Duration,
}

/// One generation's licence to start: it can be used only once.
pub struct ChildContext {
    pub(super) name: &'static str,
    pub(super) generation: u64,
    pub(super) mailbox: Arc<Mailbox>,
    pub(super) on_end: Box<dyn FnOnce(Exit)>,
    /// Filled by `start`, so that a factory that panics after it leaves no actor behind.
    pub(super) abort: Rc<OnceCell<AbortHandle>>,
}

impl ChildContext {
    /// The child's name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// 1 for the first start, one more for each restart.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Starts the actor under the supervisor's watch.
    ///
    /// It runs after the factory has returned, so ports connected by then are connected before
    /// `started` is called.
    pub fn start<A>(self, actor: A) -> Started<A>
    where
        A: Actor<Context = Context<A>>,
    {
        let started = start(actor, self.mailbox, self.on_end);
        // It is empty: this licence is used up here.
        let _ = self.abort.set(started.abort_handle());
        started
    }
}

/// What the supervisor holds of a running child.
pub struct Child {
    pub(super) abort: AbortHandle,
    pub(super) drain: Port<Drain>,
    pub(super) heartbeat: Port<Heartbeat>,
}

impl<A> Started<A>
where
    A: Actor<Context = Context<A>> + Handler<Envelope<Drain>> + Handler<Envelope<Heartbeat>>,
{
    /// Hands the actor to the supervisor: the last thing a factory does.
    pub fn into_child(self) -> Child {
        Child {
            abort: self.abort_handle(),
            drain: self.control_port(),
            heartbeat: self.control_port(),
        }
    }
}
