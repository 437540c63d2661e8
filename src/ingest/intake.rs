//! A batch of raw updates on its way into the ledger, whoever brought it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::value::RawValue;
use tokio::time::timeout;

use super::meters::{self, Seen};
use crate::domain::button::Holder;
use crate::domain::clock::Timestamp;
use crate::domain::event::{Event, EventKind, Person};
use crate::domain::ids::{ChatId, UserId};
use crate::domain::intent::is_open_to_all;
use crate::domain::outgoing;
use crate::domain::throttle::{Class, Throttle, ThrottleConfig};
use crate::outbound::messages::SendAnswer;
use crate::runtime::Port;
use crate::store::records::NewUpdate;
use crate::store::{Db, StoreResult};
use crate::telegram::decode::{self, NO_CHAT};
use crate::views::Presenter;

/// Kinds that are worked on; all others are kept and left alone.
const WORKED_ON: [&str; 4] = ["message", "callback_query", "inline_query", "my_chat_member"];

/// Longest look at who is shut out before a press is answered.
const BANS_WITHIN: Duration = Duration::from_millis(300);

/// How updates come: a label of the metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// We ask for them.
    Polling,
    /// They are posted to us.
    Webhook,
}

impl Source {
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Polling => "polling",
            Self::Webhook => "webhook",
        }
    }
}

/// What the intake needs.
#[derive(Clone)]
pub struct Intake {
    /// How its updates come.
    pub source: Source,
    /// The ledger.
    pub db: Db,
    /// The bot whose ledger it is.
    pub bot_id: i64,
    /// Knows buttons and toasts.
    pub presenter: Arc<Presenter>,
    /// The gate's path for answers that wait for nobody.
    pub answer: Port<SendAnswer>,
    /// How many presses of one person are answered.
    pub spinners: Arc<Spinners>,
}

/// How many presses of one person are answered: answers are held by no other limit, and a flood of
/// them would take the others' time. What is beyond the budget for presses is not answered; Telegram
/// ends its spinner after a while.
#[derive(Debug, Default)]
pub struct Spinners(Option<Mutex<Throttle>>);

impl Spinners {
    /// With these budgets; with none, every press is answered.
    pub fn new(config: Option<ThrottleConfig>) -> Self {
        Self(config.map(|config| Mutex::new(Throttle::new(config))))
    }

    fn may_end(&self, person: UserId, now: Timestamp) -> bool {
        let Some(throttle) = &self.0 else { return true };
        let since_epoch = now.signed_duration_since(Timestamp::UNIX_EPOCH);
        let mut throttle = throttle.lock().unwrap_or_else(PoisonError::into_inner);
        throttle.take(person, Class::Press, since_epoch.to_std().unwrap_or_default())
    }
}

/// A stored batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Chats that have something to do.
    pub chats: Vec<ChatId>,
    /// Updates that were new.
    pub new: usize,
    /// The offset that acknowledges the batch; none if no update of it has a number.
    pub next_offset: Option<i64>,
}

impl Intake {
    /// Commits a batch. Only after this may it be acknowledged.
    pub async fn store(&self, updates: &[Box<RawValue>], now: Timestamp) -> StoreResult<Stored> {
        let mut batch = Vec::with_capacity(updates.len());
        let mut seen = Vec::with_capacity(updates.len());
        let mut chats: Vec<ChatId> = Vec::new();
        let mut next_offset = None;
        for raw in updates {
            let raw = raw.get();
            let look = decode::chat_key(raw);
            if let Some(id) = look.update_id {
                next_offset = next_offset.max(Some(id.saturating_add(1)));
            }
            let ignored = !WORKED_ON.contains(&look.kind) || look.chat.is_none();
            let chat = look.chat.unwrap_or(NO_CHAT);
            if !ignored && !chats.contains(&chat) {
                chats.push(chat);
            }
            seen.push(Seen { look, ignored });
            batch.push(NewUpdate {
                update_id: look.update_id.unwrap_or_else(|| substitute_id(raw)),
                chat,
                kind: look.kind.to_owned(),
                raw: raw.to_owned(),
                ignored,
            });
        }
        let new = self.db.updates_insert(self.bot_id, batch, now).await?;
        meters::stored(self.source, &seen, new, now);
        Ok(Stored { chats, new, next_offset })
    }

    /// Ends the spinner of every pressed button of a batch at once, with a word where the press
    /// is refused. Whatever takes longer speaks by editing the message. Of a
    /// flood not each is answered.
    pub async fn answer_presses(&self, updates: &[Box<RawValue>], now: Timestamp) {
        let presses: Vec<Press> = updates
            .iter()
            .filter_map(|raw| press(raw.get()))
            .filter(|press| self.spinners.may_end(press.person.id, now))
            .collect();
        if presses.is_empty() {
            return;
        }
        let shut_out = self.shut_out(&presses).await;
        for Press { chat, person, query_id, data } in presses {
            let holder = Holder { chat, user: person.id };
            let lang = self.presenter.language_of(person.language_code.as_deref());
            let toast = match self.presenter.verify(&data, holder, now) {
                Err(refusal) => Some(self.presenter.toast(lang, refusal)),
                Ok(action) if shut_out.contains(&person.id) && !is_open_to_all(action) => {
                    Some(self.presenter.shut_out_toast(lang))
                }
                Ok(_) => None,
            };
            let answer = outgoing::Answer::Callback { query_id, toast, alert: false };
            // A lost answer leaves a spinner that Telegram itself ends after a while.
            let _ = self.answer.ring(SendAnswer(answer));
        }
    }

    /// Those who are shut out, of those who press. The spinner is not to wait for a database in
    /// trouble: without its word the answer says nothing.
    async fn shut_out(&self, presses: &[Press]) -> Vec<UserId> {
        let people = presses.iter().map(|press| press.person.id).collect();
        match timeout(BANS_WITHIN, self.db.bans_among(people)).await {
            Ok(Ok(shut_out)) => shut_out,
            Ok(Err(_)) | Err(_) => Vec::new(),
        }
    }
}

/// A pressed button.
struct Press {
    chat: ChatId,
    person: Person,
    query_id: String,
    data: String,
}

fn press(raw: &str) -> Option<Press> {
    if decode::chat_key(raw).kind != "callback_query" {
        return None;
    }
    let Event { chat, from, kind, .. } = decode::decode(raw).ok()?;
    let EventKind::Press { query_id, data, .. } = kind else { return None };
    Some(Press { chat, person: from?, query_id, data })
}

/// A negative number for an update without one, the same for the same text: stored once however
/// often Telegram repeats it.
fn substitute_id(raw: &str) -> i64 {
    let hash = blake3::hash(raw.as_bytes());
    let (head, _) = hash.as_bytes().split_first_chunk::<8>().unwrap_or((&[0; 8], &[]));
    -(i64::from_le_bytes(*head) & i64::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn substitute_ids_are_negative_and_stable() {
        let id = substitute_id("{\"no\":\"number\"}");
        assert!(id < 0);
        assert_eq!(id, substitute_id("{\"no\":\"number\"}"));
        assert_ne!(id, substitute_id("{}"));
    }
}
