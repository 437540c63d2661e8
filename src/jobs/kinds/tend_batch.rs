//! `tend_batch`: publish what of a batch waits and is ready, and bring the batch's card up to date.
//!
//! Invariants: there is one such job for a batch, under the batch's id; every change of a file marks
//! it, and a mark that comes while it runs brings it back a second later, so that the card ends with
//! the truth and is edited about once a second at most. A card is shown only if the dialog it was
//! made from is still the same. Each file is published in a transaction of its own: one that cannot
//! be does not stop the others.

use std::time::Duration;

use tokio::time::Instant;

use super::super::attempt::Attempt;
use super::super::error::{Cause, JobError};
use crate::domain::batch::BulkCard;
use crate::domain::button::Holder;
use crate::domain::effect::View;
use crate::domain::ids::{BatchId, CategoryId, ChatId, MaterialId, OutboxId, UserId};
use crate::domain::material::Material;
use crate::domain::role::Role;
use crate::domain::session::{Bulk, BulkStep, Dialog, SessionKey, StoredSession};
use crate::library::{bulk, terms};
use crate::runtime::Ring;
use crate::store::StoreError;
use crate::store::records::{BatchFate, BatchLook, BatchVerdict, NewOutbox, OutboxClass};
use crate::views::Reader;

/// How long files are published before the card is brought up to date.
const PUBLISH_FOR: Duration = Duration::from_secs(1);

/// Files that are read at once.
const PORTION: i64 = 50;

/// How often the card is made again because the editor pressed a button meanwhile.
const LOOKS_MAX: u32 = 5;

/// A batch and where it is shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Post {
    pub(super) batch: BatchId,
    pub(super) user: UserId,
    pub(super) chat: ChatId,
    pub(super) thread: i64,
    pub(super) card: OutboxId,
}

/// Publishes for a while, then shows the card. What is left is for the next attempt.
pub(super) async fn run(attempt: &Attempt, post: Post) -> Result<(), JobError> {
    let more = publish(attempt, post.batch).await?;
    for _ in 0..LOOKS_MAX {
        match show(attempt, post, more).await {
            Err(JobError::Retry { cause: Cause::Store(StoreError::Conflict { what }), .. })
                if what == DIALOG => {}
            other => return other,
        }
    }
    Err(JobError::Retry { cause: Cause::Restless(LOOKS_MAX), counts: false, after: PUBLISH_FOR })
}

/// What the store calls a dialog that has moved on.
const DIALOG: &str = "dialog";

/// Publishes what can be; gives whether there may be more.
async fn publish(attempt: &Attempt, batch: BatchId) -> Result<bool, JobError> {
    let begun = Instant::now();
    let db = &attempt.shop.parts.db;
    let mut has_stuck = false;
    loop {
        let due = db.batch_due(batch, PORTION).await?;
        if due.is_empty() || has_stuck {
            return Ok(!due.is_empty());
        }
        for material in &due {
            has_stuck |= !settle(attempt, material).await?;
            if begun.elapsed() > PUBLISH_FOR {
                return Ok(true);
            }
        }
    }
}

/// Publishes a file, or puts it away as a double; false when something changed meanwhile and it has
/// to be looked at again.
async fn settle(attempt: &Attempt, material: &Material) -> Result<bool, JobError> {
    let parts = &attempt.shop.parts;
    let fate = match double_of(attempt, material).await? {
        Some(double) => BatchFate::Duplicate(double),
        None => BatchFate::Publish(terms::of_material(&material.title, &material.tags)),
    };
    let verdict = BatchVerdict {
        job: (attempt.job, attempt.token),
        material: material.id,
        fate,
        now: parts.clock.now(),
    };
    match parts.db.batch_settle_one(verdict).await {
        Ok(()) => Ok(true),
        Err(StoreError::Conflict { what: "material" }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// The published material with the same content.
async fn double_of(attempt: &Attempt, material: &Material) -> Result<Option<MaterialId>, JobError> {
    let Some(hash) = material.hash.clone() else { return Ok(None) };
    let found = attempt.shop.parts.db.material_by_hash(hash).await?;
    Ok(found.map(|found| found.id).filter(|id| *id != material.id))
}

/// Makes the card from the dialog and the files as they are now, and ends the attempt with it.
async fn show(attempt: &Attempt, post: Post, more: bool) -> Result<(), JobError> {
    let parts = &attempt.shop.parts;
    let key = SessionKey { chat: post.chat, user: post.user, thread: post.thread };
    let state = parts.db.chat_load(key).await?;
    let version = state.session.as_ref().map(|session| session.version);
    let dialog = state.session.and_then(|session| dialog_about(post.batch, &session));
    let inside = dialog.as_ref().and_then(open_node);
    let facts = bulk::facts(&parts.db, post.batch, post.user, inside, None).await?;
    let page = dialog.as_ref().map_or(0, |bulk| usize::try_from(bulk.page).unwrap_or(0));
    let card = BulkCard::new(post.batch, dialog.as_ref(), facts, page);

    let now = parts.clock.now();
    let reader = Reader {
        lang: state.user.map(|user| user.lang).unwrap_or_default(),
        role: Role::Editor,
        holder: Holder { chat: post.chat, user: post.user },
        now,
    };
    let message = parts.presenter.show(reader, &View::Bulk(Box::new(card))).into_edit();
    let payload =
        serde_json::to_string(&message).map_err(|error| JobError::Fail(Cause::Message(error)))?;
    let edit = NewOutbox {
        id: OutboxId(parts.ids.next(now)),
        chat: post.chat,
        thread: post.thread,
        class: OutboxClass::Edit,
        payload,
        edit_message: None,
        // A card that has moved is another row.
        edit_of: Some(dialog.map_or(post.card, |bulk| bulk.card)),
        trace: Some(attempt.trace),
    };
    let session = version.map(|version| (key, version));
    let look = BatchLook { job: (attempt.job, attempt.token), edit, session, more, now };
    parts.db.batch_show(look).await?;
    let _ = parts.gate.ring(Ring);
    Ok(())
}

/// The dialog, if it is about this batch. One that cannot be read is about nothing.
fn dialog_about(batch: BatchId, session: &StoredSession) -> Option<Bulk> {
    match Dialog::decode(session.schema, &session.body) {
        Ok(Dialog::Bulk(bulk)) if bulk.batch == batch => Some(bulk),
        _ => None,
    }
}

/// The node of the catalogue whose children the card shows.
fn open_node(bulk: &Bulk) -> Option<CategoryId> {
    match bulk.step {
        BulkStep::Category { inside } => inside,
        _ => None,
    }
}
