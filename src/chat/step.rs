//! One update, from its JSON to the commit.

use std::collections::HashMap;
use std::sync::Arc;

use super::ChatParts;
use super::commit::{Draft, Promise};
use crate::domain::button::{Action, Holder, Refusal};
use crate::domain::clock::Timestamp;
use crate::domain::effect::{Effect, Notice, Place, View};
use crate::domain::event::{Event, EventKind, Person};
use crate::domain::ids::UpdateSeq;
use crate::domain::intent::{Hearing, plan};
use crate::domain::lang::Lang;
use crate::domain::role::Role;
use crate::domain::session::{Dialog, Session, SessionKey};
use crate::domain::step::{Scene, decide};
use crate::domain::user::User;
use crate::library::facts;
use crate::outbound::messages::{Dispatch, SendAnswer};
use crate::runtime::Ring;
use crate::store::records::{ChatState, OpenUpdate};
use crate::store::{StoreError, StoreResult};
use crate::telegram::decode;
use crate::views::Reader;

/// Decisions that may be made again because something changed meanwhile.
const CONFLICTS_MAX: u32 = 5;

/// What is known of a chat's people within one batch: read once, not for each update. Whatever a
/// step changes is forgotten here, and read again by the next.
pub struct Memory {
    states: HashMap<SessionKey, ChatState>,
    /// An earlier commit of this chat may be done although its answer said otherwise: its messages
    /// were not rung for, and must leave before those of the next.
    in_doubt: bool,
}

impl Memory {
    /// Nothing is known yet, but whether the chat's last commit is in doubt.
    pub fn new(in_doubt: bool) -> Self {
        Self { states: HashMap::new(), in_doubt }
    }

    /// The doubt is over, as the chat's next commit came after it: makes the gate read what it
    /// was not told, before it is told anything else.
    pub fn end_doubt(&mut self, parts: &ChatParts) {
        if std::mem::take(&mut self.in_doubt) {
            parts.dispatch.note_lost();
        }
    }

    /// Whether the doubt is not over yet.
    pub const fn is_in_doubt(&self) -> bool {
        self.in_doubt
    }

    async fn recall(&mut self, parts: &ChatParts, key: SessionKey) -> StoreResult<ChatState> {
        if let Some(state) = self.states.get(&key) {
            return Ok(state.clone());
        }
        let state = parts.db.chat_load(key).await?;
        self.states.insert(key, state.clone());
        Ok(state)
    }

    fn forget(&mut self, key: SessionKey) {
        self.states.remove(&key);
    }
}

/// Works one update off. What is committed with it is rung for after the commit.
pub async fn work_off(
    parts: &ChatParts,
    memory: &mut Memory,
    update: &OpenUpdate,
) -> StoreResult<()> {
    let event = match decode::decode(&update.raw) {
        Ok(event) => event,
        Err(error) => {
            tracing::warn!(update.seq = update.seq.0, %error, "update put aside: cannot be read");
            metrics::counter!("primelingo_updates_put_aside_total").increment(1);
            return parts
                .db
                .update_put_aside(update.seq, error.to_string(), parts.clock.now())
                .await;
        }
    };
    let Some(person) = speaker(&event) else {
        return parts.db.update_done(update.seq, parts.clock.now()).await;
    };
    let mut conflicts = 0;
    loop {
        match attempt(parts, memory, update.seq, &event, &person).await {
            // Somebody else has worked it off: nothing is left to do.
            Err(StoreError::Conflict { what: UPDATE }) => return Ok(()),
            Err(StoreError::Conflict { what }) if conflicts < CONFLICTS_MAX => {
                conflicts += 1;
                tracing::debug!(update.seq = update.seq.0, what, conflicts, "deciding again");
            }
            other => return other,
        }
    }
}

/// What the store calls an update that is closed already.
const UPDATE: &str = "update";

/// Who is answered; nobody for events that are only kept.
fn speaker(event: &Event) -> Option<Person> {
    if matches!(event.kind, EventKind::Ignored { .. }) {
        return None;
    }
    event.from.clone().filter(|person| !person.is_bot)
}

/// What is known about the person and the dialog before a step.
pub struct Known {
    /// Whose dialog.
    pub key: SessionKey,
    /// The person's row, if there is one.
    pub user: Option<User>,
    /// The dialog.
    pub session: Session,
    /// A stored dialog could not be read and is given up.
    pub lost: bool,
    /// Language of the conversation.
    pub lang: Lang,
    /// Role, configuration included.
    pub role: Role,
}

async fn attempt(
    parts: &ChatParts,
    memory: &mut Memory,
    seq: UpdateSeq,
    event: &Event,
    person: &Person,
) -> StoreResult<()> {
    let now = parts.clock.now();
    let key = SessionKey { chat: event.chat, user: person.id, thread: event.thread.unwrap_or(0) };
    let known = know(parts, key, memory.recall(parts, key).await?, person);
    let press = verify(parts, event, &known, now);
    let hearing = Hearing {
        role: known.role,
        dialog: &known.session.dialog,
        bot_username: &parts.rules.bot_username,
    };
    let intent = plan(hearing, event, press);
    let facts = facts::gather(&parts.searcher, &intent.wish, &known.session.dialog).await?;
    let scene = Scene {
        chat: event.chat,
        user: person.id,
        first_name: &person.first_name,
        dialog: &known.session.dialog,
        upload_limit: parts.rules.upload_limit,
        now,
        ids: &parts.ids,
    };
    let mut decision = decide(scene, intent, facts);
    if known.lost {
        let view = View::Notice(Notice::DialogLost);
        decision.effects.insert(0, Effect::Show { place: Place::New, view });
        decision.dialog.get_or_insert(Dialog::Idle);
    }
    let reader = Reader {
        lang: known.lang,
        role: known.role,
        holder: Holder { chat: event.chat, user: person.id },
        now,
    };
    let draft = Draft { parts, seq, event, person, known: &known, reader };
    let (commit, promise) = draft.write(decision)?;
    // Also when the commit fails: then something has changed, or may have.
    let changes_person = commit.session.is_some() || commit.seen.is_some() || commit.is_personal();
    let committed = parts.db.step_commit(commit).await;
    if changes_person || committed.is_err() {
        memory.forget(key);
    }
    committed?;
    memory.end_doubt(parts);
    keep(parts, promise);
    Ok(())
}

fn know(parts: &ChatParts, key: SessionKey, state: ChatState, person: &Person) -> Known {
    let ChatState { session, user } = state;
    let mut lost = false;
    let session = match session {
        None => Session::default(),
        Some(stored) => {
            let dialog = Dialog::decode(stored.schema, &stored.body).unwrap_or_else(|error| {
                tracing::error!(chat.id = key.chat.0, %error, "dialog given up");
                lost = true;
                Dialog::Idle
            });
            Session { dialog, version: stored.version }
        }
    };
    let spoken = person.language_code.as_deref().and_then(Lang::from_tag).unwrap_or_default();
    // A row made by a role that was granted beforehand has never been seen.
    let met = user.as_ref().filter(|user| user.last_seen_at > Timestamp::UNIX_EPOCH);
    let lang = met.map_or(spoken, |user| user.lang);
    let stored_role = user.as_ref().map_or(Role::Learner, |user| user.role);
    let is_owner = parts.rules.owners.contains(&person.id);
    let role = if is_owner { Role::Owner } else { stored_role };
    Known { key, user, session, lost, lang, role }
}

fn verify(
    parts: &ChatParts,
    event: &Event,
    known: &Known,
    now: Timestamp,
) -> Option<Result<Action, Refusal>> {
    let EventKind::Press { data, .. } = &event.kind else { return None };
    let holder = Holder { chat: event.chat, user: known.key.user };
    Some(parts.presenter.verify(data, holder, now))
}

/// Rings for what is committed. A lost ring costs time only: everybody looks by themselves too.
fn keep(parts: &ChatParts, promise: Promise) {
    if !promise.messages.is_empty() {
        let _ = parts.dispatch.ring(Dispatch(promise.messages));
    }
    if promise.has_jobs {
        let _ = parts.jobs.ring(Ring);
    }
    for answer in promise.answers {
        let _ = parts.answer.ring(SendAnswer(answer));
    }
}

/// Notes a fault of the update itself; at the last one it is put aside and its author is told.
pub async fn note_fault(
    parts: &Arc<ChatParts>,
    update: &OpenUpdate,
    error: String,
) -> StoreResult<()> {
    let now = parts.clock.now();
    let max_faults = parts.rules.max_faults;
    tracing::error!(update.seq = update.seq.0, faults = update.faults + 1, error, "update faulted");
    if !parts.db.update_fault(update.seq, error, max_faults, now).await? {
        return Ok(());
    }
    metrics::counter!("primelingo_updates_dead_total").increment(1);
    let Ok(event) = decode::decode(&update.raw) else { return Ok(()) };
    let Some(person) = speaker(&event).filter(|_| event.chat.is_private()) else { return Ok(()) };
    let spoken = person.language_code.as_deref().and_then(Lang::from_tag).unwrap_or_default();
    let holder = Holder { chat: event.chat, user: person.id };
    let reader = Reader { lang: spoken, role: Role::Learner, holder, now };
    let view = View::Notice(Notice::Apology { support_id: update.seq.0 });
    let message = super::commit::message(parts, event.chat, None, reader, Place::New, &view)?;
    parts.db.outbox_insert(vec![message.clone()], now).await?;
    let promise = Promise { messages: vec![message], ..Promise::default() };
    keep(parts, promise);
    Ok(())
}
