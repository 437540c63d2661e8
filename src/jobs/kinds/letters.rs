//! What jobs that write to people have in common: a message as a row, and the gate's bell.

use super::super::attempt::Attempt;
use super::super::error::{Cause, JobError};
use crate::domain::button::Holder;
use crate::domain::effect::{JobKind, NewJob, Priority, View};
use crate::domain::ids::{ChatId, JobId, OutboxId, UserId};
use crate::domain::job::NOBODY;
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

/// Whether whoever asked for a job still has the role for it; who is shut out has none. To be asked
/// before the work, and once more before what came of it is committed.
pub(super) async fn still_may(attempt: &Attempt, by: UserId, role: Role) -> Result<bool, JobError> {
    if attempt.shop.config.owners.contains(&by) {
        return Ok(true);
    }
    let has = attempt.shop.parts.db.user_get(by).await?.map(|user| user.role);
    let may = has.unwrap_or_default() >= role;
    if !may {
        tracing::info!(job.id = attempt.job.0, "nothing is sent: whoever asked lost the role");
    }
    Ok(may)
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

/// Ends the job with a message whose row and file are forgotten once it has left.
pub(super) async fn finish_briefly(attempt: &Attempt, message: NewOutbox) -> Result<(), JobError> {
    let parts = &attempt.shop.parts;
    let now = parts.clock.now();
    let traces = NewJob {
        id: JobId(parts.ids.next(now)),
        kind: JobKind::ForgetTraces { message: message.id, all: false },
        fairness_key: NOBODY,
        priority: Priority::Single,
        not_before: None,
    };
    let (job, queue) = ((attempt.job, attempt.token), attempt.shop.config.queue.clone());
    parts.db.export_finish(job, message, traces, queue, now).await?;
    ring(attempt);
    Ok(())
}

/// Rings for what was committed.
pub(super) fn ring(attempt: &Attempt) {
    // A gate that is not there looks by itself when it comes.
    let _ = attempt.shop.parts.gate.ring(Ring);
}
