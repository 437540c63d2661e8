//! What jobs that write to people have in common: a message as a row, and the gate's bell.

use super::super::attempt::Attempt;
use super::super::error::{Cause, JobError};
use crate::domain::button::Holder;
use crate::domain::effect::View;
use crate::domain::ids::{ChatId, OutboxId, UserId};
use crate::domain::lang::Lang;
use crate::domain::outgoing::Outgoing;
use crate::domain::role::Role;
use crate::runtime::Ring;
use crate::store::records::{NewOutbox, OutboxClass};
use crate::views::Reader;

/// A person as the reader of a message to them alone.
pub(super) fn alone(attempt: &Attempt, user: UserId, lang: Lang) -> Reader {
    let holder = Holder { chat: ChatId(user.0), user };
    Reader { lang, role: Role::Learner, holder, now: attempt.shop.parts.clock.now() }
}

/// A view as a message of its own.
pub(super) fn shown(
    attempt: &Attempt,
    reader: Reader,
    class: OutboxClass,
    view: &View,
) -> Result<NewOutbox, JobError> {
    let outgoing = attempt.shop.parts.presenter.show(reader, view).into_new();
    message(attempt, reader, class, &outgoing)
}

/// A message as a row.
pub(super) fn message(
    attempt: &Attempt,
    reader: Reader,
    class: OutboxClass,
    outgoing: &Outgoing,
) -> Result<NewOutbox, JobError> {
    let payload =
        serde_json::to_string(outgoing).map_err(|error| JobError::Fail(Cause::Message(error)))?;
    let id = OutboxId(attempt.shop.parts.ids.next(reader.now));
    let chat = reader.holder.chat;
    Ok(NewOutbox {
        id,
        chat,
        thread: 0,
        class,
        payload,
        edit_message: None,
        edit_of: None,
        trace: Some(attempt.trace),
    })
}

/// Rings for what was committed.
pub(super) fn ring(attempt: &Attempt) {
    // A gate that is not there looks by itself when it comes.
    let _ = attempt.shop.parts.gate.ring(Ring);
}
