//! The pace of progress in a chat: all cards of one chat share it, so that ten files at once do
//! not use up what Telegram allows a chat, and the dialog has to wait.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::domain::ids::ChatId;

/// Chats after which those whose turn is over are forgotten.
const CHATS_MAX: usize = 1_000;

/// Whose turn it is to edit a card. Waiting for a turn and going away gives it up.
#[derive(Debug)]
pub(super) struct Pace {
    every: Duration,
    /// The first moment that nobody has taken yet.
    free: Mutex<HashMap<ChatId, Instant>>,
}

impl Pace {
    /// At most one edit in `every` for each chat.
    pub fn new(every: Duration) -> Self {
        Self { every, free: Mutex::default() }
    }

    /// Waits for the chat's next turn.
    pub async fn turn(&self, chat: ChatId) {
        sleep_until(self.take(chat)).await;
    }

    fn take(&self, chat: ChatId) -> Instant {
        let now = Instant::now();
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        if free.len() >= CHATS_MAX {
            free.retain(|_, next| *next > now);
        }
        let next = free.entry(chat).or_insert(now);
        let turn = now.max(*next);
        *next = turn + self.every;
        turn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_cards_of_a_chat_take_turns_and_other_chats_do_not_wait() {
        let pace = Pace::new(Duration::from_secs(1));
        let begun = Instant::now();
        let at = |chat| {
            let pace = &pace;
            async move {
                pace.turn(ChatId(chat)).await;
                begun.elapsed().as_secs()
            }
        };
        let turns = tokio::join!(at(1), at(1), at(2), at(1));
        assert_eq!(turns, (0, 1, 0, 2));
        tokio::time::advance(Duration::from_mins(1)).await;
        assert_eq!(at(1).await, 62, "what nobody used is not saved up");
        assert_eq!(at(1).await, 63);
    }
}
