//! Faults: evidence that an update is to blame, and what follows from the last one.
//!
//! Invariants: fault, end, apology and the news for the people in charge are one transaction;
//! nothing here reads the update, as reading it may be what it is to blame for.

use std::sync::Arc;

use super::ChatParts;
use super::commit::{self, Promise};
use super::meters::{self, Outcome};
use super::step::keep;
use crate::domain::button::Holder;
use crate::domain::effect::{Notice, Place, View};
use crate::domain::ids::{ChatId, UpdateSeq, UserId};
use crate::domain::incident::Cause;
use crate::domain::lang::Lang;
use crate::domain::role::Role;
use crate::domain::trace::Trace;
use crate::runtime::{redact, unquoted};
use crate::store::StoreResult;
use crate::store::records::{NewOutbox, UpdateFault};
use crate::views::Reader;

/// What speaks against an update.
#[derive(Debug, Clone)]
pub struct Fault {
    /// The update.
    pub seq: UpdateSeq,
    /// Its chat.
    pub chat: ChatId,
    /// Its kind, as figures know it.
    pub kind: &'static str,
    /// What sort of fault.
    pub cause: Cause,
    /// What went wrong, for the operator.
    pub error: String,
}

/// Notes a fault of an update. At the last one it is put aside, and its author is told; gives
/// whether it was the last.
pub async fn note_fault(parts: Arc<ChatParts>, fault: Fault) -> StoreResult<bool> {
    let max_faults = parts.rules.max_faults;
    note(&parts, fault, max_faults).await
}

/// Puts an update aside at once.
pub async fn put_aside(parts: Arc<ChatParts>, fault: Fault) -> StoreResult<bool> {
    note(&parts, fault, 0).await
}

async fn note(parts: &ChatParts, fault: Fault, max_faults: i32) -> StoreResult<bool> {
    let Fault { seq, chat, kind, cause, error } = fault;
    // It is kept, and shown to operators.
    let error = unquoted(&redact(&error)).into_owned();
    tracing::error!(update.seq = seq.0, cause = cause.name(), error, "update faulted");
    let farewell: Vec<NewOutbox> = farewell(parts, chat, seq).await?.into_iter().collect();
    let messages = farewell.clone();
    let fault = UpdateFault { seq, cause, error, max_faults, farewell };
    let is_dead = parts.db.update_fault(fault, parts.clock.now()).await?;
    if is_dead {
        meters::dead();
        meters::update_ended(kind, Outcome::Error);
        tracing::error!(update.seq = seq.0, cause = cause.name(), "update put aside");
        keep(parts, Promise { messages, ..Promise::default() });
    }
    Ok(is_dead)
}

/// The apology, to a person; a group is not told.
async fn farewell(
    parts: &ChatParts,
    chat: ChatId,
    seq: UpdateSeq,
) -> StoreResult<Option<NewOutbox>> {
    if !chat.is_private() {
        return Ok(None);
    }
    let user = UserId(chat.0);
    let known = parts.db.user_get(user).await?;
    let lang = known.map_or(Lang::default(), |user| user.lang);
    let holder = Holder { chat, user };
    let reader = Reader { lang, role: Role::Learner, holder, now: parts.clock.now() };
    let view = View::Notice(Notice::Apology { support_id: seq.0 });
    let message = commit::message(parts, chat, None, reader, Place::New, &view)?;
    Ok(Some(NewOutbox { trace: Some(Trace::Update(seq)), ..message }))
}
