//! What travels through a mailbox: the message, the sender's tracing span, and its place in the queue.

use actix::Message;
use tokio::time::Instant;
use tracing::Span;

use super::mailbox::Slot;

/// A message on its way to an actor. Only a [`Port`](super::Port) makes one.
///
/// Actors implement `Handler<Envelope<M>>` and open the envelope first of all:
///
/// ```ignore
/// impl Handler<Envelope<Ring>> for OutboundGate {
///     type Result = ();
///
///     fn handle(&mut self, envelope: Envelope<Ring>, ctx: &mut Context<Self>) {
///         let (Ring, span) = envelope.open();
///         let _entered = span.enter();
///         self.look(ctx);
///     }
/// }
/// ```
#[derive(Debug)]
pub struct Envelope<M> {
    message: M,
    span: Span,
    enqueued_at: Instant,
    slot: Slot,
}

impl<M> Envelope<M> {
    pub(super) fn new(message: M, slot: Slot) -> Self {
        Self { message, span: Span::current(), enqueued_at: Instant::now(), slot }
    }

    /// The message and a span for its handling, within the one it was sent in, with how long it
    /// waited and how many wait behind it. The message stops counting as waiting, and its wait is
    /// noted in the [`Mailbox`](super::Mailbox).
    ///
    /// Spans of handlers are of level `debug`: where nobody asked for these, the sender's is given.
    ///
    /// Enter the span in a synchronous handler; instrument futures with it instead of holding
    /// the entered guard over an await.
    pub fn open(self) -> (M, Span) {
        let wait = self.enqueued_at.elapsed();
        let depth = self.slot.opened(wait);
        let span = tracing::debug_span!(
            parent: &self.span,
            "handle",
            message = std::any::type_name::<M>(),
            wait_us = u64::try_from(wait.as_micros()).unwrap_or(u64::MAX),
            depth,
        );
        (self.message, if span.is_disabled() { self.span } else { span })
    }
}

impl<M: Message> Message for Envelope<M> {
    type Result = M::Result;
}
