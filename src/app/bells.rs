//! Joins the doorbells of this process with those of others.
//!
//! Whoever rings here is heard everywhere: a port from [`heard_elsewhere`] rings the local actor
//! and publishes. What others publish rings the local ports only, so that nothing goes round in
//! circles.

use crate::cache::{Doorbell, Doorbells};
use crate::ingest::messages::ChatsHaveUpdates;
use crate::runtime::{Port, PortMessage, Ring};

/// The local ends of the bells.
#[derive(Clone, Default)]
pub struct LocalBells {
    /// The chat router.
    pub chats: Port<ChatsHaveUpdates>,
    /// The outbound gate.
    pub outbox: Port<Ring>,
    /// The job dispatcher.
    pub jobs: Port<Ring>,
}

/// Rings the local ports for what other processes have done, until there are no other processes to
/// be heard.
pub async fn pass_on(doorbells: Doorbells, local: LocalBells) {
    let mut listener = doorbells.listen();
    while let Some(bell) = listener.next().await {
        // A ring that nobody takes is lost like any other.
        let _ = match bell {
            Doorbell::Chats(chats) => local.chats.ring(ChatsHaveUpdates(chats)),
            Doorbell::Outbox => local.outbox.ring(Ring),
            Doorbell::Jobs => local.jobs.ring(Ring),
            Doorbell::Lease => Ok(()),
        };
    }
}

/// A port that rings `local` and, for what the message says, all other processes.
pub fn heard_elsewhere<M>(
    local: &Port<M>,
    doorbells: &Doorbells,
    bell: impl Fn(&M) -> Doorbell + Send + Sync + 'static,
) -> Port<M>
where
    M: PortMessage + actix::Message<Result = ()>,
{
    let (local, doorbells) = (local.clone(), doorbells.clone());
    Port::from_fn(move |message: M| {
        doorbells.publish(bell(&message));
        let _ = local.ring(message);
    })
}
