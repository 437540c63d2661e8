//! Commits whose answers were lost, and the order of what they sent.
//!
//! Such a commit may be done, and then nobody has rung for its messages. Should the chat's next step
//! ring for its own, those would overtake them. So a chat stays in doubt until its next commit, or
//! until nothing of it is open: by then the first one is either visible or never was, as both close
//! rows of the same ledger. Then the gate is told that it has missed something, before anything else.
//!
//! Only this process's own doubts are known here; at a start the gate reads everything anyway.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::domain::ids::ChatId;
use crate::outbound::messages::Dispatch;
use crate::runtime::Port;

/// The chats in doubt: few, and only while the database is in trouble.
#[derive(Debug, Default)]
pub struct Doubts(Mutex<HashSet<ChatId>>);

impl Doubts {
    /// A commit of the chat begins. Unless its end becomes known, the chat is in doubt.
    pub fn open(&self, chat: ChatId) -> Doubt<'_> {
        Doubt { doubts: self, chat, is_settled: false }
    }

    /// Whatever was in doubt in this chat is visible now, or never will be.
    pub fn end(&self, chat: ChatId, gate: &Port<Dispatch>) {
        if self.chats().remove(&chat) {
            gate.note_lost();
        }
    }

    fn chats(&self) -> MutexGuard<'_, HashSet<ChatId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A commit under way.
pub struct Doubt<'a> {
    doubts: &'a Doubts,
    chat: ChatId,
    is_settled: bool,
}

impl Doubt<'_> {
    /// The commit is known to be done, or not to be.
    pub fn settle(mut self) {
        self.is_settled = true;
    }
}

impl Drop for Doubt<'_> {
    /// Also when the step is given up in the middle of its commit.
    fn drop(&mut self) {
        if !self.is_settled {
            self.doubts.chats().insert(self.chat);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gate_hears_of_a_doubt_once_at_its_end() {
        let (doubts, gate) = (Doubts::default(), Port::new());
        let (one, other) = (ChatId(1), ChatId(2));
        doubts.open(one).settle();
        doubts.end(one, &gate);
        assert_eq!(gate.lost(), 0);

        drop(doubts.open(one));
        doubts.end(other, &gate);
        assert_eq!(gate.lost(), 0);
        doubts.end(one, &gate);
        doubts.end(one, &gate);
        assert_eq!(gate.lost(), 1);
    }
}
