//! `forget_traces`: a message that is to leave no trace is forgotten once it has left.
//!
//! It names the message and nobody. After the last word to somebody whose data are erased, what was
//! sent to the chat before goes, too, and SQLite's log is cut once more: then nothing is left.

use chrono::TimeDelta;

use super::super::attempt::Attempt;
use super::super::error::JobError;
use super::erase_person::{forget_copy, outbox, remove_file};
use crate::domain::ids::OutboxId;
use crate::store::records::JobEnd;

/// How often is looked whether it has left.
const LOOK_EVERY: TimeDelta = TimeDelta::seconds(1);

/// Does it, or comes again.
pub(in crate::jobs) async fn run(
    attempt: &Attempt,
    message: OutboxId,
    all: bool,
) -> Result<(), JobError> {
    let parts = &attempt.shop.parts;
    if parts.db.message_is_open(message).await? {
        let at = parts.clock.now() + LOOK_EVERY;
        let error = "the message has not left yet".to_owned();
        return Ok(attempt.end(JobEnd::Retry { at, error, counts: false }).await?);
    }
    if let Some(chat) = parts.db.message_chat(message).await? {
        if all {
            outbox(attempt, chat, message).await?;
            forget_copy(attempt, chat).await;
        }
        if let Some(payload) = parts.db.message_forget(message).await? {
            remove_file(attempt, &payload).await;
        }
        parts.db.scrub().await?;
    }
    attempt.close().await
}
