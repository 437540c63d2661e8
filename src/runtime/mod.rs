//! The actor kit: what every actor of the program is started, reached, watched and stopped with.
//!
//! It knows nothing of Telegram and imports nothing of ours.
//!
//! | need | use |
//! |---|---|
//! | reach an actor | [`Port`]: `ask` with a deadline, or `ring`; it survives restarts |
//! | be reached | `impl Handler<Envelope<M>>`, and [`Envelope::open`] first of all |
//! | be restarted | a [`ChildSpec`] in the [`SupervisorBuilder`] |
//! | own many short-lived actors | [`start`], which tells how each one ended |
//! | do I/O | [`WorkRuntime::spawn`], and await the [`Work`] |
//! | limit something | [`Permits`] |
//! | try something again | [`Retry`], or [`Backoff`] where an actor reschedules itself |
//! | act as the only one | [`Tenure`], asked right before |
//! | show or store a text that may hold a secret | [`redact`] |
//! | name a person or a chat in the log | [`pseudonym`] |
//! | say where a panic happened | [`Area`] |
//!
//! Invariants:
//! - All actors live on one actix arbiter. They decide and carry; they never block it and do no I/O.
//! - A mailbox has an exact capacity. What does not fit is refused and counted, never queued.
//! - Nothing here makes a message durable: an actor's death loses its mailbox. What must not be lost
//!   is a committed row before anybody is told of it.
//!
//! Known and accepted: a handler that blocks the arbiter's *thread* (an endless loop) also stops
//! the supervisor. Nothing on that thread can mend this; it shows from outside, as
//! [`SupervisorHandle::inspect`] misses its deadline and readiness fails.

mod area;
mod backoff;
mod envelope;
mod mailbox;
mod messages;
mod monitor;
mod panics;
mod permits;
mod pulse;
mod port;
mod pseudonym;
mod redact;
mod retry;
mod roster;
mod supervisor;
mod tenure;
mod window;
mod work;

pub use area::Area;
pub use backoff::Backoff;
pub use envelope::Envelope;
pub use mailbox::{Mailbox, MailboxSnapshot, waits_of};
pub use messages::{Drain, Fact, Heartbeat, Inspect, Restart, Ring};
pub use monitor::{Exit, Started, spawn_local, start};
pub use panics::panic_text;
pub use permits::{Permit, Permits, PermitsClosed};
pub use port::{Port, PortError, PortMessage};
pub use pseudonym::{Pseudonym, forget as forget_pseudonyms, pseudonym};
pub use pulse::Pulse;
pub use redact::{hide, redact, unquoted};
pub use retry::{Retry, Verdict};
pub use roster::{Crewed, Entry, Roster};
pub use supervisor::{
    Child, ChildContext, ChildPolicy, ChildSnapshot, ChildSpec, ChildState, EXIT_CODE_ESCALATED,
    EXIT_CODE_EXHAUSTED, ExitReason, HeartbeatPolicy, RestartPolicy, SupervisorBuilder,
    SupervisorHandle,
};
pub use tenure::Tenure;
pub use window::{RestartLog, RestartWindow};
pub use work::{Work, WorkError, WorkRuntime};
