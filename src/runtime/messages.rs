//! The messages that every actor may understand, whatever its trade.

use actix::prelude::*;
use tokio::time::Instant;

use super::supervisor::ChildSnapshot;

/// A doorbell: "there is work for you in the database". It carries nothing and may be lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Message)]
#[rtype(result = "()")]
pub struct Ring;

/// "Take nothing new, finish what you have begun, then `ctx.stop()`."
///
/// The actor's *end* is the answer the supervisor waits for, so a handler may return at once and
/// stop later. Who is not done at the deadline is aborted; what it left is in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Message)]
#[rtype(result = "()")]
pub struct Drain {
    /// When the supervisor loses patience.
    pub deadline: Instant,
}

/// "Are you there?" An actor answers with what it would like to show of itself.
///
/// The question queues behind the actor's other messages and is not read while the actor holds
/// its mailbox with `ctx.wait` or `AtomicResponse`: the allowed silence must exceed the longest wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Message)]
#[rtype(result = "Vec<Fact>")]
pub struct Heartbeat;

/// One number an actor shows of itself, such as `sessions = 12`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fact {
    /// A snake-case name with its unit last.
    pub name: &'static str,
    /// The value at the time of the heartbeat.
    pub value: i64,
}

/// Asks the supervisor for the state of all its children, in the order of their start.
///
/// The answer is made of what the supervisor already knows: no child is asked, so that a hanging
/// one can't hold up a health check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Message)]
#[rtype(result = "Vec<ChildSnapshot>")]
pub struct Inspect;

/// Asks the supervisor to end a child and start it anew. Says whether it does.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[rtype(result = "bool")]
pub struct Restart {
    /// The child's name.
    pub child: String,
}
