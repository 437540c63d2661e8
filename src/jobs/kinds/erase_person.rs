//! `erase_person`: everything that is kept of a person is erased.
//!
//! 1. In one transaction, by the register of `domain::privacy`: profile, dialogs, lists, requests;
//!    what must stay in a table names nobody from then on (see `store/queries/erase.rs`).
//! 2. Slice by slice, so that nobody waits: the ledger, the outbox, the recipients of broadcasts.
//! 3. Files that were made for the person alone, or are theirs alone (`erase_files`), copies of
//!    dialogs in Redis, the pages of SQLite's log, the key of the names in the program's log.
//! 4. The job's own row goes, and the last word is enqueued with the job that forgets it.
//!
//! Invariant: a kill at any point leaves the job, and all of it may be done twice. What the person
//! writes meanwhile is the beginning of something new: it is kept like anybody's.

use std::collections::HashSet;

use super::super::attempt::Attempt;
use super::super::error::JobError;
use super::erase_files;
use super::letters::{alone, ring, shown};
use crate::domain::effect::{JobKind, NewJob, Priority, View};
use crate::domain::ids::{ChatId, JobId, OutboxId, UserId};
use crate::domain::job::NOBODY;
use crate::domain::outgoing::{CopyOwner, Outgoing};
use crate::domain::privacy::{PrivacyView, Subject};
use crate::domain::session::SessionKey;
use crate::library::blobs::BlobHash;
use crate::runtime::forget_pseudonyms;
use crate::store::records::{ErasedSlice, ForgottenRecipient, OutboxClass};
use crate::telegram::decode;

/// Rows that are gone through in one transaction.
const SLICE: i64 = 2_000;

/// Before every row.
const BEGINNING: i64 = i64::MIN;

/// Erases all of it.
pub(in crate::jobs) async fn run(attempt: &Attempt, of: Subject) -> Result<(), JobError> {
    let parts = &attempt.shop.parts;
    let job = (attempt.job, attempt.token);
    let lang = parts.db.erased_lang(attempt.job, of.user).await?;
    let belongings = parts.db.belongings(of.user).await?;
    let keys = parts.db.person_erase(job, of.user, parts.clock.now()).await?;
    let mut keys: HashSet<SessionKey> = keys.into_iter().collect();
    let mut after = BEGINNING;
    loop {
        let now = parts.clock.now();
        let slice = parts.db.updates_erase(of.user, after, SLICE, now).await?;
        // Where the person spoke, groups included, is what copies of their dialogs are named by; a
        // copy lives shorter than the text of an update.
        keys.extend(slice.texts.iter().filter_map(|raw| spoken_in(raw, of.user)));
        let Some(next) = slice.next else { break };
        after = next;
    }
    outbox(attempt, of.chat, OutboxId(i64::MAX)).await?;
    for broadcast in parts.db.broadcasts_to(of.user).await? {
        parts.db.recipient_erase(ForgottenRecipient { broadcast, user: of.user }).await?;
    }
    erase_files::run(attempt, belongings).await?;
    for key in keys {
        (parts.forget_copy)(key).await;
    }
    forget_copy(attempt, of.chat).await;
    parts.db.scrub().await?;
    // The log's names lead to nobody from now on.
    forget_pseudonyms();
    let reader = alone(attempt, of.user, lang);
    let view = View::Privacy(PrivacyView::Erased);
    let message = shown(attempt, reader, OutboxClass::Reply, &view)?;
    let traces = NewJob {
        id: JobId(parts.ids.next(reader.now)),
        kind: JobKind::ForgetTraces { message: message.id, all: true },
        fairness_key: NOBODY,
        priority: Priority::Single,
        not_before: None,
    };
    let queue = attempt.shop.config.queue.clone();
    parts.db.erase_finish(job, message, traces, queue, parts.clock.now()).await?;
    ring(attempt);
    Ok(())
}

/// The dialog to which an update of that person's belongs.
fn spoken_in(raw: &str, user: UserId) -> Option<SessionKey> {
    let event = decode::decode(raw).ok()?;
    let is_theirs = event.from.is_some_and(|person| person.id == user);
    is_theirs.then(|| SessionKey { chat: event.chat, user, thread: event.thread.unwrap_or(0) })
}

/// Forgets what was sent to a chat before a message, with the files that were made for it.
pub(super) async fn outbox(
    attempt: &Attempt,
    chat: ChatId,
    until: OutboxId,
) -> Result<(), JobError> {
    let mut after = BEGINNING;
    loop {
        let slice = attempt.shop.parts.db.outbox_erase(chat, (after, until), SLICE).await?;
        let ErasedSlice { next, texts } = slice;
        for payload in texts {
            remove_file(attempt, &payload).await;
        }
        let Some(next) = next else { return Ok(()) };
        after = next;
    }
}

/// Removes the file of a message that was made for it alone. The same table may be on its way to
/// somebody else, or have become a material. One that is gone is gone; one that cannot be removed is
/// swept away later.
pub(super) async fn remove_file(attempt: &Attempt, payload: &str) {
    let Ok(Outgoing::File { copy: Some(copy), .. }) = serde_json::from_str(payload) else { return };
    if copy.owner != CopyOwner::Nobody {
        return;
    }
    let parts = &attempt.shop.parts;
    let named = parts.db.blobs_named(vec![copy.hash.clone()]).await;
    let to_leave = parts.db.file_is_to_leave(copy.hash.clone()).await;
    let is_alone = named.is_ok_and(|named| named.is_empty()) && to_leave.is_ok_and(|it| !it);
    if let Some(hash) = BlobHash::parse(&copy.hash).filter(|_| is_alone) {
        let _ = tokio::fs::remove_file(parts.blobs.path(&hash)).await;
    }
}

/// Forgets the copy of a person's own chat.
pub(super) async fn forget_copy(attempt: &Attempt, chat: ChatId) {
    let key = SessionKey { chat, user: UserId(chat.0), thread: 0 };
    (attempt.shop.parts.forget_copy)(key).await;
}
