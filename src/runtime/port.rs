//! What components hold instead of another actor's `Addr`.
//!
//! A port stays valid when its actor dies and is started anew: whoever starts the actor connects the
//! port again. The kind of loss is always told: a message is either surely unread
//! ([`PortError::Down`], [`PortError::Full`]) or perhaps handled ([`PortError::Died`],
//! [`PortError::DeadlineExceeded`]).
//!
//! Order: messages sent through clones of a port by one task arrive in their order. A message that
//! was accepted by one generation of an actor never reaches the next.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use actix::{Message, Recipient};

use super::envelope::Envelope;
use super::mailbox::{Mailbox, Slot};

/// What can travel through a port. Implemented for every fitting actix message.
pub trait PortMessage: Message<Result: Send> + Send + Unpin + 'static {}

impl<M: Message<Result: Send> + Send + Unpin + 'static> PortMessage for M {}

/// Why a message was lost or an answer did not come. Each names the message's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PortError {
    /// No actor is connected. The message was not read.
    #[error("no actor is there to take {0}")]
    Down(&'static str),
    /// The mailbox is full. The message was not read.
    #[error("the mailbox is full, {0} was refused")]
    Full(&'static str),
    /// The actor, or the future that was to answer, died. The message may have been handled.
    #[error("the actor died before it answered {0}")]
    Died(&'static str),
    /// The answer did not come in time. The message may have been, or may still be, handled.
    #[error("the deadline passed before {0} was answered")]
    DeadlineExceeded(&'static str),
}

/// A re-settable way to one actor for messages of one type. Clones share the connection.
pub struct Port<M: PortMessage> {
    shared: Arc<Shared<M>>,
}

impl<M: PortMessage> Clone for Port<M> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<M: PortMessage> Default for Port<M> {
    fn default() -> Self {
        Self::new()
    }
}

struct Shared<M: PortMessage> {
    target: RwLock<Option<Arc<Target<M>>>>,
    lost: AtomicU64,
}

enum Target<M: PortMessage> {
    Actor { recipient: Recipient<Envelope<M>>, mailbox: Arc<Mailbox>, admission: Admission },
    Function(Box<dyn Fn(M) -> M::Result + Send + Sync>),
}

/// Whether a port's messages count against the mailbox's capacity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Admission {
    Bounded,
    /// For control messages only: see [`Mailbox::reserve_beyond_capacity`].
    BeyondCapacity,
}

impl<M: PortMessage> Port<M> {
    /// A port that nobody is connected to yet.
    pub fn new() -> Self {
        Self::to(None)
    }

    /// A port whose messages are answered by a function: a test double that needs no actor.
    pub fn from_fn(answer: impl Fn(M) -> M::Result + Send + Sync + 'static) -> Self {
        Self::to(Some(Target::Function(Box::new(answer))))
    }

    fn to(target: Option<Target<M>>) -> Self {
        let target = RwLock::new(target.map(Arc::new));
        Self { shared: Arc::new(Shared { target, lost: AtomicU64::new(0) }) }
    }

    /// Sends and waits for the answer, at most `within`.
    ///
    /// Dropping the future, or the deadline, takes the message back if it was not yet read.
    pub async fn ask(&self, message: M, within: Duration) -> Result<M::Result, PortError> {
        let answer = match self.target().as_deref() {
            None => return Err(PortError::Down(name::<M>())),
            Some(Target::Function(function)) => return Ok(function(message)),
            Some(Target::Actor { recipient, mailbox, admission }) => {
                let slot = reserve::<M>(recipient, mailbox, *admission)?;
                recipient.send(Envelope::new(message, slot))
            }
        };
        match tokio::time::timeout(within, answer).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_closed)) => Err(PortError::Died(name::<M>())),
            Err(_elapsed) => Err(PortError::DeadlineExceeded(name::<M>())),
        }
    }

    /// Sends without waiting. `Ok` says that the message is in the mailbox, not that it will be
    /// read. What could not be delivered is counted in [`lost`](Self::lost).
    pub fn ring(&self, message: M) -> Result<(), PortError> {
        let delivered = self.try_ring(message);
        if delivered.is_err() {
            self.shared.lost.fetch_add(1, Ordering::Relaxed);
        }
        delivered
    }

    fn try_ring(&self, message: M) -> Result<(), PortError> {
        match self.target().as_deref() {
            None => Err(PortError::Down(name::<M>())),
            Some(Target::Function(function)) => {
                function(message);
                Ok(())
            }
            Some(Target::Actor { recipient, mailbox, admission }) => {
                let slot = reserve::<M>(recipient, mailbox, *admission)?;
                recipient
                    .try_send(Envelope::new(message, slot))
                    .map_err(|_closed| PortError::Down(name::<M>()))
            }
        }
    }

    /// Counts a message that was never rung, because its sender does not know whether there is
    /// anything to ring for: whoever is at the other end then looks by itself.
    pub fn note_lost(&self) {
        self.shared.lost.fetch_add(1, Ordering::Relaxed);
    }

    /// How many messages `ring` could not deliver, over all clones, and how many were noted as lost.
    pub fn lost(&self) -> u64 {
        self.shared.lost.load(Ordering::Relaxed)
    }

    /// Whether somebody is there at this moment.
    pub fn is_connected(&self) -> bool {
        match self.target().as_deref() {
            None => false,
            Some(Target::Function(_)) => true,
            Some(Target::Actor { recipient, .. }) => recipient.connected(),
        }
    }

    /// Disconnects all clones; messages already accepted stay in the mailbox.
    pub fn clear(&self) {
        self.set(None);
    }

    /// Connects all clones to an actor; used by [`Started`](super::Started).
    pub(super) fn connect(
        &self,
        recipient: Recipient<Envelope<M>>,
        mailbox: Arc<Mailbox>,
        admission: Admission,
    ) {
        self.set(Some(Target::Actor { recipient, mailbox, admission }));
    }

    fn set(&self, target: Option<Target<M>>) {
        let mut current = self.shared.target.write().unwrap_or_else(PoisonError::into_inner);
        let previous = std::mem::replace(&mut *current, target.map(Arc::new));
        // Dropping a recipient can wake its actor: not under the lock.
        drop(current);
        drop(previous);
    }

    fn target(&self) -> Option<Arc<Target<M>>> {
        self.shared.target.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn reserve<M: PortMessage>(
    recipient: &Recipient<Envelope<M>>,
    mailbox: &Arc<Mailbox>,
    admission: Admission,
) -> Result<Slot, PortError> {
    if !recipient.connected() {
        return Err(PortError::Down(name::<M>()));
    }
    match admission {
        Admission::Bounded => mailbox.reserve().ok_or(PortError::Full(name::<M>())),
        Admission::BeyondCapacity => Ok(mailbox.reserve_beyond_capacity()),
    }
}

/// The message's type without its path.
fn name<M>() -> &'static str {
    let path = std::any::type_name::<M>();
    path.rsplit("::").next().unwrap_or(path)
}

#[cfg(test)]
#[path = "port_tests.rs"]
mod tests;
