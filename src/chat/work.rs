//! A chat's turn: its open updates, in order, until none is left or something stands in the way.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::ChatParts;
use super::step::{Memory, note_fault, work_off};
use crate::domain::ids::ChatId;
use crate::store::StoreError;
use crate::store::records::OpenUpdate;

/// Updates that are read at once.
const BATCH: i64 = 32;

/// How a turn ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Nothing is open any more.
    Empty,
    /// The database stands in the way: try again later.
    Later {
        /// Whether a commit may be done all the same.
        in_doubt: bool,
    },
}

/// The update that is being worked on, left here for whoever finds a panic.
pub type InHand = Arc<Mutex<Option<OpenUpdate>>>;

/// Works a chat's open updates off. `in_doubt` is what the turn before said.
pub async fn take_turn(
    parts: Arc<ChatParts>,
    chat: ChatId,
    in_hand: InHand,
    in_doubt: bool,
) -> Turn {
    // Fails only when the program ends; then the rows wait for the next start.
    let Ok(_permit) = parts.working.acquire().await else {
        return Turn::Later { in_doubt };
    };
    let mut in_doubt = in_doubt;
    loop {
        let batch = match parts.db.updates_of_chat(chat, BATCH).await {
            Ok(batch) => batch,
            Err(error) => return hindered(&error, in_doubt),
        };
        let mut memory = Memory::new(in_doubt);
        if batch.is_empty() {
            memory.end_doubt(&parts);
            return Turn::Empty;
        }
        for update in batch {
            let begun = Instant::now();
            put(&in_hand, Some(update.clone()));
            let limit = parts.rules.update_deadline;
            let work = work_off(&parts, &mut memory, &update);
            let fault = match tokio::time::timeout(limit, work).await {
                Ok(Ok(())) => None,
                Ok(Err(error @ StoreError::Unavailable { .. })) => return hindered(&error, true),
                // A conflict that five decisions did not end would never end: a fault, too.
                Ok(Err(error)) => Some(error.to_string()),
                // Its calls waited for the database, or their answers did.
                Err(_) if parts.db.was_strained_since(begun) => return slowed(chat, limit),
                Err(_) => Some(format!("no end within {} s", limit.as_secs())),
            };
            if let Some(fault) = fault {
                if let Err(error) = note_fault(&parts, &update, fault).await {
                    return hindered(&error, true);
                }
                put(&in_hand, None);
                // Read again: unless it is put aside now, it comes before all that follow it.
                break;
            }
            put(&in_hand, None);
        }
        in_doubt = memory.is_in_doubt();
    }
}

fn hindered(error: &StoreError, in_doubt: bool) -> Turn {
    error.tell("chat waits for the database");
    metrics::counter!("primelingo_turns_hindered_total").increment(1);
    Turn::Later { in_doubt }
}

fn slowed(chat: ChatId, limit: Duration) -> Turn {
    tracing::warn!(chat.id = chat.0, ?limit, "update not done in time, as the database is slow");
    metrics::counter!("primelingo_turns_hindered_total").increment(1);
    Turn::Later { in_doubt: true }
}

fn put(in_hand: &InHand, update: Option<OpenUpdate>) {
    *in_hand.lock().unwrap_or_else(PoisonError::into_inner) = update;
}
