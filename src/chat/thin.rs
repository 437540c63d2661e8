//! Leaves out what is too much of one person's, before anything else is done about it.
//!
//! Each of a chat's open updates is judged by the budgets of `domain::throttle` when its turn comes.
//! Those in a row that are over them are closed in the ledger in one transaction with the word to
//! their author: no plan, no facts, no step. The others are worked off as ever.
//!
//! Invariants: what is left out is done, and counted, before a later update of the chat is; what
//! stands in the way of leaving it out loses nothing, as it is worked off then. Whoever is shut out
//! hears nothing. No name and no number of a person is logged.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::ChatParts;
use super::commit::{self, Promise};
use super::meters::{self, Outcome};
use super::step::{Memory, Opened, keep, know};
use crate::domain::button::Holder;
use crate::domain::clock::Timestamp;
use crate::domain::effect::{Notice, Place, View};
use crate::domain::event::{Event, Person};
use crate::domain::ids::ChatId;
use crate::domain::limits::Moment;
use crate::domain::session::SessionKey;
use crate::domain::throttle::{Class, Sent, Throttle, ThrottleConfig, Verdict};
use crate::domain::trace::Trace;
use crate::store::StoreResult;
use crate::store::records::{NewOutbox, OpenUpdate};
use crate::telegram::decode;
use crate::views::Reader;

/// The budgets of all people, for as long as this process leads.
#[derive(Debug, Default)]
pub struct Thinner(Option<Mutex<Throttle>>);

impl Thinner {
    /// With these budgets; with none, everything is worked on.
    pub fn new(config: Option<ThrottleConfig>) -> Self {
        Self(config.map(|config| Mutex::new(Throttle::new(config))))
    }

    /// Nothing of a chat is open any more.
    pub fn forget(&self, chat: ChatId) {
        if let Some(mut throttle) = self.throttle() {
            throttle.forget_chat(chat);
        }
    }

    fn throttle(&self) -> Option<MutexGuard<'_, Throttle>> {
        self.0.as_ref().map(|throttle| throttle.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What is left out of a chat's updates, as far as it is not written down yet.
#[derive(Default)]
pub struct LeftOut {
    updates: Vec<(OpenUpdate, Class)>,
    /// Who is told, and what the message says.
    told: Vec<(Sent, NewOutbox)>,
}

/// Why an update is left out, and the word to its author.
pub struct TooMuch {
    sent: Sent,
    told: Option<NewOutbox>,
}

/// Judges an update whose turn it is; nothing where it is to be worked off.
pub async fn judge(
    parts: &ChatParts,
    memory: &mut Memory,
    chat: ChatId,
    opened: &Opened,
) -> StoreResult<Option<TooMuch>> {
    if parts.thinner.0.is_none() {
        return Ok(None);
    }
    let Opened { update, event } = opened;
    // What cannot be read, and what has no author, is left to the step.
    let Ok(event) = event else { return Ok(None) };
    let Some(sent) = Sent::of(event, &parts.rules.bot_username) else { return Ok(None) };
    let Some(author) = &event.from else { return Ok(None) };
    let now = sent_at(update);
    {
        let Some(mut throttle) = parts.thinner.throttle() else { return Ok(None) };
        if throttle.is_judged(chat, update.seq) {
            return Ok(None);
        }
        throttle.note_judged(chat, update.seq);
        if throttle.take(sent.person, sent.class, now) {
            return Ok(None);
        }
    }
    if sent.class == Class::Upload && may_send_many(parts, memory, event, author).await? {
        let Some(mut throttle) = parts.thinner.throttle() else { return Ok(None) };
        if throttle.take(sent.person, Class::StaffUpload, now) {
            return Ok(None);
        }
    }
    let verdict = parts.thinner.throttle().map(|mut of| of.refuse(sent, chat, now));
    if verdict != Some(Verdict::TellOnce) {
        return Ok(Some(TooMuch { sent, told: None }));
    }
    tracing::info!(class = sent.class.name(), "somebody sends too much: some of it is left out");
    match word(parts, memory, update, event, author).await {
        Ok(told) => Ok(Some(TooMuch { sent, told })),
        Err(error) => {
            untell(parts, chat, sent);
            Err(error)
        }
    }
}

/// When it was sent, where Telegram says so; else when it came.
fn sent_at(update: &OpenUpdate) -> Moment {
    // Nothing else that has a budget has a date.
    let is_message = update.kind == "message";
    let happened_at = is_message.then(|| decode::chat_key(&update.raw).happened_at).flatten();
    let date = happened_at.and_then(|seconds| u64::try_from(seconds).ok());
    date.map_or_else(|| since_epoch(update.received_at), Duration::from_secs)
}

/// A time as the budgets have it.
pub fn since_epoch(time: Timestamp) -> Moment {
    time.signed_duration_since(Timestamp::UNIX_EPOCH).to_std().unwrap_or_default()
}

async fn may_send_many(
    parts: &ChatParts,
    memory: &mut Memory,
    event: &Event,
    author: &Person,
) -> StoreResult<bool> {
    let key = key_of(event, author);
    let state = memory.recall(parts, key).await?.state;
    Ok(know(parts, key, state, author).role.can_edit())
}

fn key_of(event: &Event, author: &Person) -> SessionKey {
    SessionKey { chat: event.chat, user: author.id, thread: event.thread.unwrap_or(0) }
}

/// The word to the author; none to somebody who is shut out.
async fn word(
    parts: &ChatParts,
    memory: &mut Memory,
    update: &OpenUpdate,
    event: &Event,
    author: &Person,
) -> StoreResult<Option<NewOutbox>> {
    let key = key_of(event, author);
    let state = memory.recall(parts, key).await?.state;
    let known = know(parts, key, state, author);
    if known.ban.is_some() {
        return Ok(None);
    }
    let reader = Reader {
        lang: known.lang,
        role: known.role,
        holder: Holder { chat: event.chat, user: author.id },
        now: parts.clock.now(),
    };
    let view = View::Notice(Notice::TooMuch);
    let message = commit::message(parts, event.chat, event.thread, reader, Place::New, &view)?;
    Ok(Some(NewOutbox { trace: Some(Trace::Update(update.seq)), ..message }))
}

impl LeftOut {
    /// Notes one more.
    pub fn add(&mut self, update: OpenUpdate, too_much: TooMuch) {
        let TooMuch { sent, told } = too_much;
        self.told.extend(told.map(|told| (sent, told)));
        self.updates.push((update, sent.class));
    }

    /// Closes what is left out so far, and rings for what its authors are told.
    pub async fn close(&mut self, parts: &ChatParts, chat: ChatId) -> StoreResult<()> {
        if self.updates.is_empty() {
            return Ok(());
        }
        let Self { updates, told } = std::mem::take(self);
        let seqs = updates.iter().map(|(update, _)| update.seq).collect();
        let messages: Vec<NewOutbox> = told.iter().map(|(_, message)| message.clone()).collect();
        let closing = parts.db.updates_leave_out(seqs, messages.clone(), parts.clock.now());
        if let Err(error) = closing.await {
            for (sent, _) in told {
                untell(parts, chat, sent);
            }
            return Err(error);
        }
        for (update, class) in updates {
            meters::update_ended(&update.kind, Outcome::Throttled);
            meters::throttled(class);
        }
        keep(parts, Promise { messages, ..Promise::default() });
        Ok(())
    }
}

fn untell(parts: &ChatParts, chat: ChatId, sent: Sent) {
    if let Some(mut throttle) = parts.thinner.throttle() {
        throttle.untell(sent.person, chat);
    }
}
