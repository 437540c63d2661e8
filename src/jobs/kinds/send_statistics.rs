//! `send_statistics`: the school in figures as a picture or a table, for an admin.
//!
//! The file lies among the blobs, where nothing names it, until it has left, as that of `export_broadcast` does.
//!
//! Invariants: the picture is drawn on a thread for such work, never on an actor's; the file is
//! durable before the message is committed, together with the job's end.

use std::io::{self, Write as _};
use std::sync::Arc;

use super::super::attempt::Attempt;
use super::super::error::{Cause, JobError};
use super::letters::{finish_briefly, ring, still_may};
use crate::domain::button::Holder;
use crate::domain::ids::{ChatId, OutboxId, UserId};
use crate::domain::outgoing::{CopyOwner, Outgoing, StoredCopy};
use crate::domain::role::Role;
use crate::domain::statistics::{Day, ReportSort, Span, csv};
use crate::library::blobs::{AttemptId, BlobHash};
use crate::library::statistics::report;
use crate::store::records::{JobEnd, NewOutbox, OutboxClass};
use crate::views::Reader;

/// What is wanted, and where it goes.
#[derive(Debug, Clone, Copy)]
pub(in crate::jobs) struct Post {
    pub sort: ReportSort,
    pub span: Span,
    pub by: UserId,
    pub chat: ChatId,
    pub thread: i64,
}

/// Makes the file and sends it.
pub(in crate::jobs) async fn run(attempt: &Attempt, post: Post) -> Result<(), JobError> {
    if !still_may(attempt, post.by, Role::Admin).await? {
        return attempt.close().await;
    }
    let parts = &attempt.shop.parts;
    let reader = reader(attempt, post).await?;
    let report = Arc::new(report(&parts.db, post.span, reader.now).await?);
    let (blobs, presenter) = (parts.blobs.clone(), Arc::clone(&parts.presenter));
    let id = AttemptId { job: attempt.job.0, token: attempt.token };
    let shown = Arc::clone(&report);
    let (temp, hash) = blocking(move || {
        let bytes = match post.sort {
            ReportSort::Chart => presenter.chart(reader.lang, &shown).map_err(io::Error::other)?,
            ReportSort::Table => csv(shown.shown()).into_bytes(),
        };
        let (temp, mut file) = blobs.create_temp(id, None).map_err(io::Error::other)?;
        file.write_all(&bytes)?;
        file.flush()?;
        Ok((temp, BlobHash::from(blake3::hash(&bytes))))
    })
    .await?;
    parts.blobs.commit(temp, &hash).await?;
    let day = Day::of(reader.now);
    let name = match post.sort {
        ReportSort::Chart => format!("statistics-{day}.png"),
        ReportSort::Table => format!("statistics-{day}.csv"),
    };
    let copy = StoredCopy { hash: hash.to_string(), name, owner: CopyOwner::Nobody };
    let outgoing = parts.presenter.statistics(reader, post.sort, copy, &report);
    if !still_may(attempt, post.by, Role::Admin).await? {
        return attempt.close().await;
    }
    finish_briefly(attempt, message(attempt, post, &outgoing)?).await
}

/// Says that it has not worked.
pub(in crate::jobs) async fn give_up(
    attempt: &Attempt,
    post: Post,
    end: JobEnd,
) -> Result<(), JobError> {
    if !still_may(attempt, post.by, Role::Admin).await? {
        return Ok(attempt.end(end).await?);
    }
    let parts = &attempt.shop.parts;
    let reader = reader(attempt, post).await?;
    let message = message(attempt, post, &parts.presenter.no_statistics(reader).into_new())?;
    let job = (attempt.job, attempt.token);
    parts.db.job_give_up(job, end, vec![message], parts.clock.now()).await?;
    ring(attempt);
    Ok(())
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, JobError> {
    let done = tokio::task::spawn_blocking(work).await.map_err(io::Error::other);
    done.flatten().map_err(|error| JobError::retry(Cause::Table(error)))
}

async fn reader(attempt: &Attempt, Post { by, chat, .. }: Post) -> Result<Reader, JobError> {
    let parts = &attempt.shop.parts;
    let lang = parts.db.user_get(by).await?.map(|user| user.lang).unwrap_or_default();
    let holder = Holder { chat, user: by };
    Ok(Reader { lang, role: Role::Admin, holder, now: parts.clock.now() })
}

fn message(attempt: &Attempt, post: Post, outgoing: &Outgoing) -> Result<NewOutbox, JobError> {
    let parts = &attempt.shop.parts;
    let payload =
        serde_json::to_string(outgoing).map_err(|error| JobError::Fail(Cause::Message(error)))?;
    Ok(NewOutbox {
        id: OutboxId(parts.ids.next(parts.clock.now())),
        chat: post.chat,
        thread: post.thread,
        class: OutboxClass::Reply,
        payload,
        edit_message: None,
        edit_of: None,
        trace: Some(attempt.trace),
    })
}
