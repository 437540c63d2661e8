//! A chat's turn: its open updates, in order, until none is left or something stands in the way.

use std::sync::{Arc, Mutex, PoisonError};

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
    Later,
    /// Another process works this chat off now.
    Over,
}

/// The update that is being worked on, left here for whoever finds a panic.
pub type InHand = Arc<Mutex<Option<OpenUpdate>>>;

/// Works a chat's open updates off.
pub async fn take_turn(parts: Arc<ChatParts>, chat: ChatId, in_hand: InHand) -> Turn {
    // Fails only when the program ends; then the rows wait for the next start.
    let Ok(_permit) = parts.working.acquire().await else { return Turn::Later };
    loop {
        let batch = match parts.db.updates_of_chat(chat, BATCH).await {
            Ok(batch) => batch,
            Err(error) => return hindered(chat, &error),
        };
        if batch.is_empty() {
            return Turn::Empty;
        }
        let mut memory = Memory::default();
        for update in batch {
            put(&in_hand, Some(update.clone()));
            let limit = parts.rules.update_deadline;
            let work = work_off(&parts, &mut memory, &update);
            let fault = match tokio::time::timeout(limit, work).await {
                Ok(Ok(())) => None,
                Ok(Err(error)) if is_hindrance(&error) => return hindered(chat, &error),
                // A conflict that five decisions did not end would never end: a fault, too.
                Ok(Err(error)) => Some(error.to_string()),
                Err(_) => Some(format!("no end within {} s", limit.as_secs())),
            };
            if let Some(fault) = fault {
                if let Err(error) = note_fault(&parts, &update, fault).await {
                    return hindered(chat, &error);
                }
                put(&in_hand, None);
                // Read again: unless it is put aside now, it comes before all that follow it.
                break;
            }
            put(&in_hand, None);
        }
    }
}

/// Whether it says nothing of the update itself.
fn is_hindrance(error: &StoreError) -> bool {
    matches!(error, StoreError::Unavailable { .. }) || error.is_lease_lost()
}

fn hindered(chat: ChatId, error: &StoreError) -> Turn {
    if error.is_lease_lost() {
        tracing::debug!(chat.id = chat.0, "chat is left to another process");
        return Turn::Over;
    }
    tracing::warn!(chat.id = chat.0, %error, "chat waits for the database");
    Turn::Later
}

fn put(in_hand: &InHand, update: Option<OpenUpdate>) {
    *in_hand.lock().unwrap_or_else(PoisonError::into_inner) = update;
}
