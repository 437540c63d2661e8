//! From a decision to rows: texts rendered, terms analysed, dialog encoded.

use chrono::Duration;

use super::ChatParts;
use super::step::Known;
use crate::domain::button::Holder;
use crate::domain::desk::DeskChange;
use crate::domain::effect::{CardStage, Change, Decision, Effect, NewJob, Place, View};
use crate::domain::event::{Event, Person};
use crate::domain::ids::{ChatId, MaterialId, MessageId, OutboxId, UpdateSeq};
use crate::domain::material::{Card, Material, MaterialState};
use crate::domain::outgoing::{self, Outgoing};
use crate::domain::request::RequestChange;
use crate::domain::role::Role;
use crate::domain::session::{Dialog, SCHEMA};
use crate::domain::shelf::{Addressee, Keys, ShelfChange};
use crate::domain::statistics::Day;
use crate::domain::trace::Trace;
use crate::library::terms;
use crate::store::records::{
    IndexedChange, NewOutbox, OutboxClass, Seen, SessionWrite, StepCommit, Terms,
};
use crate::store::{StoreError, StoreResult};
use crate::views::Reader;

/// How long a person counts as seen before it is written down again.
const SEEN_FOR: Duration = Duration::hours(1);

/// How long Telegram may answer the same inline query from its memory, in seconds.
const INLINE_CACHE_S: u32 = 60;

/// A step that is being written.
pub struct Draft<'a> {
    pub parts: &'a ChatParts,
    pub seq: UpdateSeq,
    pub event: &'a Event,
    pub person: &'a Person,
    pub known: &'a Known,
    pub reader: Reader,
}

/// What is to be rung for once the step is committed.
#[derive(Debug, Default)]
pub struct Promise {
    /// Messages for the gate.
    pub messages: Vec<NewOutbox>,
    /// Answers that wait for nobody.
    pub answers: Vec<outgoing::Answer>,
    /// Whether the dispatcher has something to do.
    pub has_jobs: bool,
    /// Whether the broadcaster has.
    pub has_broadcasts: bool,
}

impl Draft<'_> {
    /// The rows of a decision, and what to ring for after their commit.
    pub fn write(mut self, decision: Decision) -> StoreResult<(StepCommit, Promise)> {
        let mut promise = Promise::default();
        let mut changes: Vec<IndexedChange> = Vec::new();
        let mut jobs: Vec<NewJob> = Vec::new();
        for effect in decision.effects {
            match effect {
                Effect::Show { place, view } => promise.messages.push(self.show(place, &view)?),
                Effect::ShowCard { outbox, name } => {
                    promise.messages.push(self.card(outbox, name, &changes)?);
                }
                Effect::EditCard { card, view } => {
                    promise.messages.push(self.edit_card(card, &view)?);
                }
                Effect::Preview { material, preview } => {
                    let shown = self.parts.presenter.preview(self.reader, &material, &preview);
                    promise.messages.push(self.reply(&shown)?);
                }
                Effect::Send(message) => promise.messages.push(self.reply(&message)?),
                Effect::Keys { message, keys } => promise.messages.push(self.keys(message, keys)?),
                Effect::Tell { to, view } => {
                    for addressee in to {
                        promise.messages.push(self.tell(addressee, &view)?);
                    }
                }
                Effect::Deliver(given) => {
                    let delivery = self.parts.presenter.delivery(self.reader, &given);
                    promise.messages.push(self.reply(&delivery)?);
                    let Material { id, hash, .. } = *given.material;
                    let change = Change::NoteDelivery { material: id, hash };
                    changes.push(IndexedChange { change, terms: None });
                }
                Effect::AnswerInline { query_id, materials, next } => {
                    promise.answers.push(self.inline(query_id, &materials, next));
                }
                Effect::Change(change) => changes.push(self.change(change)),
                Effect::Enqueue(job) => jobs.push(job),
                Effect::Post { outbox, view } => {
                    let message = self.show(Place::New, &view)?;
                    promise.messages.push(NewOutbox { id: outbox, ..message });
                }
                Effect::EditPost { outbox, view } => {
                    promise.messages.push(self.edit_post(outbox, &view)?);
                }
            }
        }
        for message in &mut promise.messages {
            message.trace = Some(Trace::Update(self.seq));
        }
        promise.has_jobs = !jobs.is_empty() || changes.iter().any(revives_jobs);
        // Those of whoever loses their role are held.
        promise.has_broadcasts =
            changes.iter().any(|it| matches!(it.change, Change::Broadcast(_) | Change::People(_)));
        let commit = StepCommit {
            seq: self.seq,
            now: self.reader.now,
            session: self.session(decision.dialog)?,
            seen: self.seen(),
            requires: self.requires(&changes),
            relied: None,
            user: Some(self.person.id),
            changes,
            outbox: promise.messages.clone(),
            jobs,
            queue: self.parts.rules.queue.clone(),
        };
        Ok((commit, promise))
    }

    fn change(&mut self, change: Change) -> IndexedChange {
        if let Change::SetLang(lang) = change {
            // What follows is said in the new language already.
            self.reader.lang = lang;
        }
        let terms = publish_terms(&change);
        IndexedChange { change, terms }
    }

    fn show(&self, place: Place, view: &View) -> StoreResult<NewOutbox> {
        message(self.parts, self.event.chat, self.event.thread, self.reader, place, view)
    }

    /// The card goes out under the id that the material was just given.
    fn card(
        &self,
        outbox: OutboxId,
        name: String,
        changes: &[IndexedChange],
    ) -> StoreResult<NewOutbox> {
        let material = changes
            .iter()
            .find_map(|change| match &change.change {
                Change::OpenMaterial { id, .. } => Some(*id),
                _ => None,
            })
            .unwrap_or(MaterialId(0));
        let view = View::Card { material, name, stage: CardStage::Received };
        let message = self.show(Place::New, &view)?;
        Ok(NewOutbox { id: outbox, ..message })
    }

    fn edit_card(&self, card: Card, view: &View) -> StoreResult<NewOutbox> {
        Ok(NewOutbox {
            id: next_id(self.parts, self.reader),
            chat: card.chat,
            thread: 0,
            class: OutboxClass::Edit,
            payload: encode(&self.parts.presenter.show(self.reader, view).into_edit())?,
            edit_message: None,
            edit_of: Some(card.outbox),
            trace: None,
        })
    }

    fn edit_post(&self, outbox: OutboxId, view: &View) -> StoreResult<NewOutbox> {
        let edit = self.parts.presenter.show(self.reader, view).into_edit();
        Ok(NewOutbox {
            id: next_id(self.parts, self.reader),
            chat: self.event.chat,
            thread: self.event.thread.unwrap_or(0),
            class: OutboxClass::Edit,
            payload: encode(&edit)?,
            edit_message: None,
            edit_of: Some(outbox),
            trace: None,
        })
    }

    /// Other buttons below a message.
    fn keys(&self, message: MessageId, keys: Keys) -> StoreResult<NewOutbox> {
        let keyboard = self.parts.presenter.keys(self.reader, keys);
        let edit = Outgoing::EditKeyboard { keyboard: Some(keyboard) };
        let edit_message = Some(message);
        Ok(NewOutbox { class: OutboxClass::Edit, edit_message, ..self.reply(&edit)? })
    }

    /// To somebody else, in their own chat. Editors must not miss it; others need not have it.
    fn tell(&self, to: Addressee, view: &View) -> StoreResult<NewOutbox> {
        let chat = ChatId(to.user.0);
        let role = if to.is_editor { Role::Editor } else { Role::Learner };
        let holder = Holder { chat, user: to.user };
        let reader = Reader { lang: to.lang, role, holder, now: self.reader.now };
        let told = message(self.parts, chat, None, reader, Place::New, view)?;
        let class = if to.is_editor { OutboxClass::Reply } else { OutboxClass::Bulk };
        Ok(NewOutbox { class, ..told })
    }

    fn reply(&self, outgoing: &Outgoing) -> StoreResult<NewOutbox> {
        Ok(NewOutbox {
            id: next_id(self.parts, self.reader),
            chat: self.event.chat,
            thread: self.event.thread.unwrap_or(0),
            class: OutboxClass::Reply,
            payload: encode(outgoing)?,
            edit_message: None,
            edit_of: None,
            trace: None,
        })
    }

    fn inline(
        &self,
        query_id: String,
        materials: &[Material],
        next: Option<usize>,
    ) -> outgoing::Answer {
        let result = |material| self.parts.presenter.inline_result(self.reader.lang, material);
        outgoing::Answer::Inline {
            query_id,
            results: materials.iter().map(result).collect(),
            next_offset: next.map(|offset| offset.to_string()),
            cache_s: INLINE_CACHE_S,
            // Captions are in the reader's language.
            personal: true,
        }
    }

    fn session(&self, dialog: Option<Dialog>) -> StoreResult<Option<SessionWrite>> {
        let stored = &self.known.session;
        let Some(dialog) = dialog else { return Ok(None) };
        if dialog == stored.dialog && !self.known.lost {
            return Ok(None);
        }
        let body = dialog.encode().map_err(|_| StoreError::Corrupt { what: "sessions.body" })?;
        let lifetime =
            Duration::from_std(self.parts.rules.dialog_lifetime).unwrap_or(Duration::days(30));
        Ok(Some(SessionWrite {
            key: self.known.key,
            tag: dialog.tag(),
            body,
            schema: SCHEMA,
            expected_version: stored.version,
            expires_at: self.reader.now + lifetime,
        }))
    }

    /// The person's row is written when it is missing or old, not with every message.
    fn seen(&self) -> Option<Seen> {
        // Of whoever is shut out nothing new is kept.
        if self.known.ban.is_some() {
            return None;
        }
        let is_fresh = self.known.user.as_ref().is_some_and(|user| {
            user.reachable
                && user.first_name == self.person.first_name
                && self.reader.now - user.last_seen_at < SEEN_FOR
                // Each day counts for the statistics.
                && Day::of(user.last_seen_at) == Day::of(self.reader.now)
        });
        (!is_fresh).then(|| Seen {
            id: self.person.id,
            first_name: self.person.first_name.clone(),
            username: self.person.username.clone(),
            lang: self.parts.presenter.language_of(self.person.language_code.as_deref()),
        })
    }

    /// Changes of the library need an editor at the commit, too, and what goes out to many an admin.
    /// Owners by configuration are what they are whatever the database says. Throwing an own upload
    /// away is open to everybody: whoever is no editor any more must be able to leave the dialog.
    fn requires(&self, changes: &[IndexedChange]) -> Option<(crate::domain::ids::UserId, Role)> {
        let needed = changes.iter().filter_map(|change| needed_role(&change.change)).max()?;
        let is_owner = self.parts.rules.owners.contains(&self.person.id);
        (!is_owner).then_some((self.person.id, needed))
    }
}

/// Whether it gives dead jobs another try.
const fn revives_jobs(indexed: &IndexedChange) -> bool {
    matches!(&indexed.change, Change::Jobs(change) if change.again)
}

/// The role without which a change is refused at its commit.
fn needed_role(change: &Change) -> Option<Role> {
    let is_editors = match change {
        Change::OpenMaterial { .. }
        | Change::CreateCategory { .. }
        | Change::MarkReplacement { .. }
        | Change::Desk(_)
        | Change::Dashboard(_)
        | Change::Replace { .. } => true,
        Change::Settle { to, .. } => *to != MaterialState::Discarded,
        Change::Batch(change) => change.needs_editor(),
        Change::Digest(_) | Change::Broadcast(_) | Change::Alert(_) | Change::Jobs(_) => {
            return Some(Role::Admin);
        }
        Change::People(change) => return change.needed(),
        Change::Shelf(change) => matches!(change, ShelfChange::Settle { .. }),
        Change::Request(change) => matches!(change, RequestChange::Settle { .. }),
        Change::Privacy(_)
        | Change::SetLang(_)
        | Change::SetReachable(_)
        | Change::RememberQuery { .. }
        | Change::NoteDelivery { .. }
        | Change::NoteSearch { .. }
        | Change::Follow { .. }
        | Change::Withdraw(_)
        // What it needs is the code, which the commit looks at.
        | Change::ClaimOwnership { .. } => false,
    };
    is_editors.then_some(Role::Editor)
}

/// A view as an outbox row.
pub fn message(
    parts: &ChatParts,
    chat: ChatId,
    thread: Option<i64>,
    reader: Reader,
    place: Place,
    view: &View,
) -> StoreResult<NewOutbox> {
    let shown = parts.presenter.show(reader, view);
    let (outgoing, class, edit_message) = match place {
        Place::New => (shown.into_new(), OutboxClass::Reply, None),
        Place::Edit(target) => (shown.into_edit(), OutboxClass::Edit, Some(target)),
    };
    Ok(NewOutbox {
        id: next_id(parts, reader),
        chat,
        thread: thread.unwrap_or(0),
        class,
        payload: encode(&outgoing)?,
        edit_message,
        edit_of: None,
        trace: None,
    })
}

fn next_id(parts: &ChatParts, reader: Reader) -> OutboxId {
    OutboxId(parts.ids.next(reader.now))
}

fn encode(outgoing: &Outgoing) -> StoreResult<String> {
    serde_json::to_string(outgoing).map_err(|_| StoreError::Corrupt { what: "outbox.payload" })
}

/// The terms for a change that puts a material on the shelf, or gives it other words.
fn publish_terms(change: &Change) -> Option<Terms> {
    if let Change::Desk(DeskChange::Edit(edit)) = change {
        let (title, tags) = &edit.words;
        return (edit.words != edit.words_before).then(|| terms::of_material(title, tags));
    }
    let Change::Settle { to: MaterialState::Published, description, .. } = change else {
        return None;
    };
    let title = description.title.as_deref().unwrap_or_default();
    Some(terms::of_material(title, &description.tags.join(", ")))
}
