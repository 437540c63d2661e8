//! Answers to presses in a process that takes updates in while another one leads.
//!
//! A spinner is to end at once, an answer is held by no limit and is never stored: so it needs no
//! gate, and no lease. Whoever took the press in sends it.

use super::messages::SendAnswer;
use super::{meters, sending};
use crate::runtime::{Permits, Port, WorkRuntime};
use crate::telegram::TelegramClient;

/// Answers in flight. What is beyond is dropped, as it would come too late.
pub(super) const ANSWERS_IN_FLIGHT: usize = 512;

/// A port that answers through the gate of this process while there is one, and by itself otherwise.
pub fn answering(
    gate: Port<SendAnswer>,
    client: TelegramClient,
    work: WorkRuntime,
) -> Port<SendAnswer> {
    let permits = Permits::new("answers_elsewhere", ANSWERS_IN_FLIGHT);
    Port::from_fn(move |message: SendAnswer| {
        if gate.is_connected() {
            // A lost answer leaves a spinner that Telegram itself ends after a while.
            let _ = gate.ring(message);
            return;
        }
        let Some(permit) = permits.try_acquire() else {
            meters::answer_dropped();
            return;
        };
        let client = client.clone();
        drop(work.spawn(async move {
            sending::answer(&client, &message.0).await;
            drop(permit);
        }));
    })
}
