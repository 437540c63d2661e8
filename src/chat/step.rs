//! One update, from its JSON to the commit.

use std::collections::HashMap;

use tokio::time::Instant;

use super::ChatParts;
use super::commit::{Draft, Promise};
use super::meters::{self, DialogWrite, Noted, Outcome};
use crate::domain::button::{Action, Holder, Refusal};
use crate::domain::clock::Timestamp;
use crate::domain::effect::{Effect, JobKind, Notice, Place, View};
use crate::domain::event::{Event, EventKind, Person};
use crate::domain::ids::ChatId;
use crate::domain::intent::{Hearing, plan};
use crate::domain::lang::Lang;
use crate::domain::people::Ban;
use crate::domain::role::Role;
use crate::domain::search::Taste;
use crate::domain::session::{Dialog, Session, SessionKey};
use crate::domain::step::{Scene, decide};
use crate::domain::user::User;
use crate::library::facts;
use crate::outbound::messages::{Dispatch, SendAnswer};
use crate::runtime::{Ring, forget_pseudonyms, pseudonym, redact, unquoted};
use crate::store::records::{ChatState, OpenUpdate, Relied, StepCommit, StoredSession};
use crate::store::{StoreError, StoreResult};
use crate::telegram::decode::{self, DecodeError};
use crate::views::Reader;

/// Decisions that may be made again because something changed meanwhile.
const CONFLICTS_MAX: u32 = 5;

/// What is known of a chat's people within one batch: read once, not for each update. What a step
/// writes is known without reading it again; what else it changes is forgotten here.
#[derive(Default)]
pub struct Memory(HashMap<SessionKey, Recalled>);

/// What is known of a chat.
#[derive(Clone)]
pub(super) struct Recalled {
    pub(super) state: ChatState,
    /// It comes from a copy: the commit has to compare it with the database.
    is_copy: bool,
}

impl Memory {
    pub(super) async fn recall(
        &mut self,
        parts: &ChatParts,
        key: SessionKey,
    ) -> StoreResult<Recalled> {
        if let Some(recalled) = self.0.get(&key) {
            return Ok(recalled.clone());
        }
        let recalled = if let Some(state) = parts.copies.get(key).await {
            Recalled { state, is_copy: true }
        } else {
            let state = meters::read_dialog(parts.db.chat_load(key)).await?;
            Recalled { state, is_copy: false }
        };
        self.0.insert(key, recalled.clone());
        Ok(recalled)
    }

    /// What was recalled has led to this commit: keeps what is known after it.
    async fn follow(
        &mut self,
        parts: &ChatParts,
        key: SessionKey,
        recalled: Recalled,
        written: Written,
    ) {
        let state = match written {
            Written::Person => return self.forget(parts, key).await,
            Written::Nothing if recalled.is_copy => return,
            Written::Nothing => recalled.state,
            Written::Dialog(session) => ChatState { session: Some(session), ..recalled.state },
        };
        parts.copies.put(key, &state).await;
        self.0.insert(key, Recalled { state, ..recalled });
    }

    async fn forget(&mut self, parts: &ChatParts, key: SessionKey) {
        self.0.remove(&key);
        parts.copies.forget(key).await;
    }
}

/// What a commit changes of a chat's state.
enum Written {
    Nothing,
    /// The dialog alone: it is this one now.
    Dialog(StoredSession),
    /// The person, perhaps the dialog too.
    Person,
}

impl Written {
    fn by(commit: &StepCommit) -> Self {
        if commit.seen.is_some() || commit.is_personal() {
            return Self::Person;
        }
        commit.session.as_ref().map_or(Self::Nothing, |write| Self::Dialog(write.stored()))
    }
}

/// An open update whose turn it is, and what it says: read once, for all that ask.
pub struct Opened {
    /// The ledger's row.
    pub update: OpenUpdate,
    /// What it says, if it can be read.
    pub event: Result<Event, DecodeError>,
}

impl Opened {
    /// Reads an update. Call it with the update in hand: should it break what reads it, it is known
    /// which.
    pub fn read(update: OpenUpdate) -> Self {
        fail_point!(ChatRead, &update.raw);
        let event = decode::decode(&update.raw);
        Self { update, event }
    }
}

/// Works one update off. What is committed with it is rung for after the commit.
pub async fn work_off(parts: &ChatParts, memory: &mut Memory, opened: &Opened) -> StoreResult<()> {
    let Opened { update, event } = opened;
    let event = match event {
        Ok(event) => event,
        Err(error) => {
            let text = error.to_string();
            let (reason, now) = (unquoted(&redact(&text)).into_owned(), parts.clock.now());
            tracing::warn!(
                update.seq = update.seq.0,
                error = reason,
                "update put aside: cannot be read"
            );
            parts.db.update_put_aside(update.seq, reason, now).await?;
            meters::put_aside();
            meters::update_ended(&update.kind, Outcome::Dropped);
            return Ok(());
        }
    };
    fail_point!(ChatStep, &update.raw => StoreError::Fault { call: "step", what: "a fail point" });
    let Some(person) = event.speaker().cloned() else {
        parts.db.update_done(update.seq, parts.clock.now()).await?;
        meters::update_ended(&update.kind, Outcome::Dropped);
        return Ok(());
    };
    let mut conflicts = 0;
    loop {
        match attempt(parts, memory, update, event, &person).await {
            // Somebody else has worked it off: nothing is left to do.
            Err(StoreError::Conflict { what: UPDATE }) => return Ok(()),
            Err(error) if error.is_lease_lost() => return Err(error),
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
    /// They are shut out.
    pub ban: Option<Ban>,
}

async fn attempt(
    parts: &ChatParts,
    memory: &mut Memory,
    update: &OpenUpdate,
    event: &Event,
    person: &Person,
) -> StoreResult<()> {
    let now = parts.clock.now();
    let key = SessionKey { chat: event.chat, user: person.id, thread: event.thread.unwrap_or(0) };
    let recalled = memory.recall(parts, key).await?;
    let known = know(parts, key, recalled.state.clone(), person);
    let press = verify(parts, event, &known, now);
    let hearing = Hearing {
        role: known.role,
        dialog: &known.session.dialog,
        bot_username: &parts.rules.bot_username,
        ban: known.ban,
    };
    let intent = plan(hearing, event, press);
    let rules = &*parts.rules;
    let (queue, bot_username) = (&rules.queue, &rules.bot_username);
    let taste = known.user.as_ref().map_or_else(Taste::default, |user| user.preferences.taste());
    let owners = &rules.owners;
    let dashboard = rules.dashboard.as_deref();
    let asker =
        facts::Asker { user: person.id, queue, taste, bot_username, owners, dashboard, now };
    let dialog = &known.session.dialog;
    let facts = facts::gather(&parts.searcher, &intent.wish, dialog, asker)
        .await
        .inspect_err(|_| meters::search_failed(&intent.wish))?;
    let scene = Scene {
        chat: event.chat,
        thread: key.thread,
        user: person.id,
        first_name: &person.first_name,
        dialog: &known.session.dialog,
        upload_limit: rules.upload_limit,
        bulk_max: rules.bulk_max,
        bot_username,
        broadcasts: &rules.broadcasts,
        now,
        ids: &parts.ids,
    };
    let mut decision = decide(scene, intent, facts);
    if known.lost {
        let view = View::Notice(Notice::DialogLost);
        decision.effects.insert(0, Effect::Show { place: Place::New, view });
        decision.dialog.get_or_insert(Dialog::Idle);
    }
    let noted = Noted::of(parts, event, &known, &decision);
    let reader = Reader {
        lang: known.lang,
        role: known.role,
        holder: Holder { chat: event.chat, user: person.id },
        now,
    };
    let draft = Draft { parts, seq: update.seq, event, person, known: &known, reader };
    let (mut commit, promise) = draft.write(decision)?;
    // Also of what was just read: whoever is shut out meanwhile is not let in by a step under way.
    commit.relied = Some(Relied::on(key, &recalled.state));
    let written = Written::by(&commit);
    if let Err(error) = commit_measured(parts, event.chat, commit).await {
        if recalled.is_copy && matches!(error, StoreError::Conflict { what: "copy" }) {
            parts.copies.note_stale();
        }
        noted.count_failure(&error);
        // Something has changed, or may have: the next look is at the database.
        memory.forget(parts, key).await;
        return Err(error);
    }
    fail_point!(ChatCommitted);
    noted.count();
    meters::answered(parts, update, event.chat, &promise);
    parts.doubts.end(event.chat, &parts.dispatch);
    keep(parts, promise);
    // Behind the answer: nobody waits for a copy to be written.
    memory.follow(parts, key, recalled, written).await;
    Ok(())
}

async fn commit_measured(parts: &ChatParts, chat: ChatId, commit: StepCommit) -> StoreResult<()> {
    let doubt = parts.doubts.open(chat);
    let dialog = DialogWrite::of(commit.session.as_ref());
    let begun = Instant::now();
    let erases = commit.jobs.iter().any(|job| matches!(job.kind, JobKind::ErasePerson(_)));
    let committed = parts.db.step_commit(commit).await;
    if erases && committed.is_ok() {
        // Who is to be erased has no name in the log that leads back to them.
        forget_pseudonyms();
    }
    if let Some(dialog) = dialog {
        dialog.ended(begun.elapsed(), &committed);
    }
    if !matches!(committed, Err(StoreError::Unavailable { .. })) {
        doubt.settle();
    }
    committed
}

pub(super) fn know(parts: &ChatParts, key: SessionKey, state: ChatState, person: &Person) -> Known {
    let ChatState { session, user, ban, .. } = state;
    let mut lost = false;
    let session = match session {
        None => Session::default(),
        Some(stored) => {
            let dialog = Dialog::decode(stored.schema, &stored.body).unwrap_or_else(|error| {
                let error = error.to_string();
                let error = unquoted(&error);
                tracing::error!(chat = %pseudonym(key.chat.0), %error, "dialog given up");
                lost = true;
                Dialog::Idle
            });
            Session { dialog, version: stored.version }
        }
    };
    let spoken = parts.presenter.language_of(person.language_code.as_deref());
    // A row made by a role that was granted beforehand has never been seen.
    let met = user.as_ref().filter(|user| user.last_seen_at > Timestamp::UNIX_EPOCH);
    let lang = met.map_or(spoken, |user| user.lang);
    let stored_role = user.as_ref().map_or(Role::Learner, |user| user.role);
    let is_owner = parts.rules.owners.contains(&person.id);
    let role = if is_owner { Role::Owner } else { stored_role };
    // Whom the configuration names is in, whatever the database says.
    let ban = ban.filter(|_| !is_owner);
    Known { key, user, session, lost, lang, role, ban }
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
pub fn keep(parts: &ChatParts, promise: Promise) {
    if !promise.messages.is_empty() {
        let _ = parts.dispatch.ring(Dispatch(promise.messages));
    }
    if promise.has_jobs {
        let _ = parts.jobs.ring(Ring);
    }
    if promise.has_broadcasts {
        let _ = parts.broadcasts.ring(Ring);
    }
    for answer in promise.answers {
        let _ = parts.answer.ring(SendAnswer(answer));
    }
}
