//! Starts an actor and learns of its end, whichever way it comes.
//!
//! The actor's whole life runs inside one task that catches its panic. `on_end` is called exactly
//! once: when the actor has stopped, has panicked (in a handler, in `started`, or while it
//! stopped), or was aborted.
//!
//! This is the light-weight half of supervision. A parent with thousands of children, such as the
//! chat router, uses it directly: one task per child and no watcher.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use actix::prelude::*;
use futures_util::FutureExt as _;
use tokio::task::{AbortHandle, JoinHandle};

use super::envelope::Envelope;
use super::mailbox::Mailbox;
use super::panics::panic_text;
use super::port::{Admission, Port, PortMessage};

/// How an actor ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exit {
    /// By itself: `ctx.stop()`, or nobody held a way to it any more.
    Stopped,
    /// By a panic, with its message on one line, without what it quotes.
    Panicked(String),
    /// By [`Started::abort`], or with its arbiter.
    Aborted,
}

/// Spawns a future on the current arbiter, for work that must stay with the actors.
///
/// I/O does not belong here but in a [`WorkRuntime`](super::WorkRuntime).
#[expect(clippy::disallowed_methods, reason = "the one place that spawns on the arbiter")]
pub fn spawn_local<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future<Output: 'static> + 'static,
{
    actix::spawn(future)
}

/// Starts `actor` on the current arbiter; `on_end` is called once, on that arbiter, at its end.
///
/// `on_end` should only pass the news on, best through a port connected by
/// [`Started::connect_control`], which a full mailbox can't refuse.
pub fn start<A>(actor: A, mailbox: Arc<Mailbox>, on_end: impl FnOnce(Exit) + 'static) -> Started<A>
where
    A: Actor<Context = Context<A>>,
{
    let mut context = Context::new();
    // 0 is "unbounded" to actix: `Mailbox` is the bound.
    context.set_mailbox_capacity(0);
    let address = context.address();
    let life = context.into_future(actor);

    let mut report = EndReport { on_end: Some(on_end) };
    let task = spawn_local(async move {
        let exit = live(life).await;
        report.send(exit);
    });
    Started { address, mailbox, abort: task.abort_handle() }
}

/// Runs an actor to its end, and lays it to rest outside of any unwinding.
///
/// The order matters: dropping an actor's context calls `stopping` and `stopped`. During an
/// unwinding a panic in there would abort the process; here it is one more caught panic.
async fn live<L>(mut life: L) -> Exit
where
    L: Future<Output = ()> + Unpin,
{
    let lived = AssertUnwindSafe(&mut life).catch_unwind().await;
    let buried = catch_unwind(AssertUnwindSafe(move || drop(life)));
    match lived.and(buried) {
        Ok(()) => Exit::Stopped,
        Err(payload) => Exit::Panicked(panic_text(&*payload)),
    }
}

/// Calls `on_end` when sent, or else on drop, when the task was aborted.
struct EndReport<F: FnOnce(Exit)> {
    on_end: Option<F>,
}

impl<F: FnOnce(Exit)> EndReport<F> {
    fn send(&mut self, exit: Exit) {
        if let Some(on_end) = self.on_end.take() {
            on_end(exit);
        }
    }
}

impl<F: FnOnce(Exit)> Drop for EndReport<F> {
    fn drop(&mut self) {
        self.send(Exit::Aborted);
    }
}

/// A running actor in the hands of whoever started it.
///
/// As with any actix actor, it stops by itself once nothing holds a way to it: no `Started`, no
/// connected port, no spawned future of its own.
pub struct Started<A: Actor> {
    address: Addr<A>,
    mailbox: Arc<Mailbox>,
    abort: AbortHandle,
}

impl<A> Started<A>
where
    A: Actor<Context = Context<A>>,
{
    /// Connects `port` and all its clones to this actor.
    pub fn connect<M: PortMessage>(&self, port: &Port<M>)
    where
        A: Handler<Envelope<M>>,
    {
        self.connect_with(port, Admission::Bounded);
    }

    /// A new port to this actor.
    pub fn port<M: PortMessage>(&self) -> Port<M>
    where
        A: Handler<Envelope<M>>,
    {
        let port = Port::new();
        self.connect(&port);
        port
    }

    /// Connects `port` so that its messages are accepted even by a full mailbox. Only for messages
    /// whose number is bounded otherwise: drain, heartbeat, a child's end.
    pub fn connect_control<M: PortMessage>(&self, port: &Port<M>)
    where
        A: Handler<Envelope<M>>,
    {
        self.connect_with(port, Admission::BeyondCapacity);
    }

    /// A new port as by [`connect_control`](Self::connect_control).
    pub fn control_port<M: PortMessage>(&self) -> Port<M>
    where
        A: Handler<Envelope<M>>,
    {
        let port = Port::new();
        self.connect_control(&port);
        port
    }

    fn connect_with<M: PortMessage>(&self, port: &Port<M>, admission: Admission)
    where
        A: Handler<Envelope<M>>,
    {
        let recipient = self.address.clone().recipient();
        port.connect(recipient, Arc::clone(&self.mailbox), admission);
    }

    /// Kills the actor at its next await, whatever it waits for. It can't interrupt a handler
    /// that blocks the thread.
    pub fn abort(&self) {
        self.abort.abort();
    }

    pub(super) fn abort_handle(&self) -> AbortHandle {
        self.abort.clone()
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    /// Misbehaves at one chosen point of its life.
    #[derive(Clone, Copy, PartialEq, Eq)]
    enum Mortal {
        StopsAtOnce,
        PanicsInStarted,
        PanicsInSpawnedFuture,
        PanicsWhileStopping,
        PanicsTwice,
        LivesOn,
    }

    impl Actor for Mortal {
        type Context = Context<Self>;

        fn started(&mut self, ctx: &mut Self::Context) {
            match self {
                Self::StopsAtOnce | Self::PanicsWhileStopping => ctx.stop(),
                Self::PanicsInStarted | Self::PanicsTwice => panic!("in started"),
                Self::PanicsInSpawnedFuture => {
                    ctx.spawn(async { panic!("in a future") }.into_actor(self));
                }
                Self::LivesOn => ctx.wait(std::future::pending().into_actor(self)),
            }
        }

        fn stopped(&mut self, _ctx: &mut Self::Context) {
            if matches!(self, Self::PanicsWhileStopping | Self::PanicsTwice) {
                panic!("in stopped");
            }
        }
    }

    fn begin(actor: Mortal) -> (Started<Mortal>, oneshot::Receiver<Exit>) {
        let (end_tx, end) = oneshot::channel();
        let started = start(actor, Mailbox::new(1), |exit| {
            let _ = end_tx.send(exit);
        });
        (started, end)
    }

    async fn exit_of(actor: Mortal) -> Exit {
        let (_started, end) = begin(actor);
        end.await.expect("the end is always reported")
    }

    fn panicked(message: &str) -> Exit {
        Exit::Panicked(message.to_owned())
    }

    #[actix_rt::test]
    async fn every_end_is_reported_with_its_kind() {
        assert_eq!(exit_of(Mortal::StopsAtOnce).await, Exit::Stopped);
        assert_eq!(exit_of(Mortal::PanicsInStarted).await, panicked("in started"));
        assert_eq!(exit_of(Mortal::PanicsInSpawnedFuture).await, panicked("in a future"));
        assert_eq!(exit_of(Mortal::PanicsWhileStopping).await, panicked("in stopped"));
    }

    /// Left to tokio, which drops a panicked future while it unwinds, this would abort the process.
    #[actix_rt::test]
    async fn a_panic_while_a_panicked_actor_is_laid_to_rest_is_survived() {
        assert_eq!(exit_of(Mortal::PanicsTwice).await, panicked("in started"));
    }

    #[actix_rt::test]
    async fn a_stuck_actor_can_be_aborted() {
        let (started, end) = begin(Mortal::LivesOn);
        tokio::task::yield_now().await;
        started.abort();
        assert_eq!(end.await, Ok(Exit::Aborted));
    }

    #[actix_rt::test]
    async fn an_actor_that_nobody_can_reach_stops_by_itself() {
        struct Idle;
        impl Actor for Idle {
            type Context = Context<Self>;
        }

        let (end_tx, end) = oneshot::channel();
        let started = start(Idle, Mailbox::new(1), |exit| {
            let _ = end_tx.send(exit);
        });
        drop(started);
        assert_eq!(end.await, Ok(Exit::Stopped));
    }
}
