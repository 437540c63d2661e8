//! `read_audience`: the chats of an audience, from a file that an admin sent.
//!
//! Invariants: a file is read to its end before the first of its chats is written, so that one that
//! is refused leaves nothing; the chats are written in slices, and again from the beginning by a
//! later attempt, which changes nothing; what is said of the file is committed with the job's end.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::PathBuf;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::super::attempt::Attempt;
use super::super::card::Progress;
use super::super::download::{DownloadLimits, Unwanted};
use super::super::error::{Cause, JobError};
use super::fetching::{Got, Wanted, fetch};
use super::letters::{ring, still_may};
use crate::domain::audience_list::{
    FILE_MAX_BYTES, Lines, ListOutcome, ListReader, ListRefusal, ListReport,
};
use crate::domain::button::Holder;
use crate::domain::effect::View;
use crate::domain::ids::{AudienceListId, BroadcastId, ChatId, OutboxId, UserId};
use crate::domain::inspection::Rejection;
use crate::domain::role::Role;
use crate::store::records::{JobEnd, NewOutbox, OutboxClass};
use crate::views::Reader;

/// Bytes of one read.
const PIECE_BYTES: usize = 64 * 1024;

/// Chats that are written in one transaction.
const SLICE: usize = 1000;

/// Shortest pause between two slices.
const SHORTEST_PAUSE: Duration = Duration::from_millis(1);

/// Whose list it is, and where its result is shown.
#[derive(Debug, Clone, Copy)]
pub(in crate::jobs) struct Post {
    pub list: AudienceListId,
    pub broadcast: BroadcastId,
    pub by: UserId,
    pub chat: ChatId,
    pub thread: i64,
    pub card: OutboxId,
}

/// Reads the list.
pub(in crate::jobs) async fn run(
    attempt: &Attempt,
    post: Post,
    file_id: &str,
    size: Option<u64>,
) -> Result<(), JobError> {
    if !still_may(attempt, post.by, Role::Admin).await? {
        return unwanted(attempt).await;
    }
    let outcome = read(attempt, post, file_id, size).await?;
    if !still_may(attempt, post.by, Role::Admin).await? {
        return unwanted(attempt).await;
    }
    let message = message(attempt, post, outcome).await?;
    let parts = &attempt.shop.parts;
    let job = (attempt.job, attempt.token);
    parts.db.job_finish(job, vec![message], parts.clock.now()).await?;
    forget(attempt).await;
    ring(attempt);
    Ok(())
}

/// Nobody is to get what would come of it.
async fn unwanted(attempt: &Attempt) -> Result<(), JobError> {
    forget(attempt).await;
    attempt.close().await
}

/// Says that it has not worked.
pub(in crate::jobs) async fn give_up(
    attempt: &Attempt,
    post: Post,
    end: JobEnd,
) -> Result<(), JobError> {
    forget(attempt).await;
    if !still_may(attempt, post.by, Role::Admin).await? {
        return Ok(attempt.end(end).await?);
    }
    let message = message(attempt, post, ListOutcome::Failed).await?;
    let parts = &attempt.shop.parts;
    let job = (attempt.job, attempt.token);
    parts.db.job_give_up(job, end, vec![message], parts.clock.now()).await?;
    ring(attempt);
    Ok(())
}

async fn read(
    attempt: &Attempt,
    post: Post,
    file_id: &str,
    size: Option<u64>,
) -> Result<ListOutcome, JobError> {
    let refused = |reason| Ok(ListOutcome::Refused(reason));
    if size.is_some_and(|size| size > FILE_MAX_BYTES) {
        return refused(ListRefusal::TooLarge);
    }
    let limits = DownloadLimits { max_bytes: FILE_MAX_BYTES, ..attempt.shop.config.download };
    let wanted = Wanted { file_id, size, uploader: post.by, limits };
    let (progress, _shown) = Progress::new();
    let got = fetch(attempt, &wanted, &progress, &Unwanted::default()).await?;
    // The file goes when this goes.
    let (fetched, _place) = match got {
        Got::File(fetched, place) => (fetched, place),
        Got::Refused(Rejection::TooLarge) => return refused(ListRefusal::TooLarge),
        Got::Refused(Rejection::Empty) => return refused(ListRefusal::Nobody),
        Got::Refused(Rejection::NoSpace) => return refused(ListRefusal::NoSpace),
        // Telegram does not know the file, or does not give it.
        Got::Refused(_) => return Ok(ListOutcome::Failed),
    };
    let path = fetched.temp.path().to_owned();
    let lines = match look_through(path.clone()).await? {
        Ok(lines) if lines.ids == 0 => return refused(ListRefusal::Nobody),
        Ok(lines) => lines,
        Err(reason) => return refused(reason),
    };
    write(attempt, post.list, path).await?;
    let db = &attempt.shop.parts.db;
    let chats = u64::try_from(db.audience_list_count(post.list).await?).unwrap_or_default();
    let Lines { ids, odd, first_odd, .. } = lines;
    Ok(ListOutcome::Read { chats, repeated: ids.saturating_sub(chats), odd, first_odd })
}

/// What the lines of the file are, without keeping any.
async fn look_through(path: PathBuf) -> Result<Result<Lines, ListRefusal>, JobError> {
    let looking = move || {
        let mut pass = Pass::begin(&path)?;
        loop {
            match pass.slice()? {
                Ok(slice) if slice.is_empty() => return Ok(Ok(pass.lines)),
                Ok(_) => {}
                Err(reason) => return Ok(Err(reason)),
            }
        }
    };
    blocking(looking).await
}

/// Writes the chats of the file down; between two slices the database belongs to others for as long
/// as the slice took.
async fn write(attempt: &Attempt, list: AudienceListId, path: PathBuf) -> Result<(), JobError> {
    let mut pass = blocking(move || Pass::begin(&path)).await?;
    loop {
        let (slice, next) = blocking(move || Ok((pass.slice()?, pass))).await?;
        pass = next;
        // What is wrong with the file has been said by the look through it.
        let chats = slice.unwrap_or_default();
        if chats.is_empty() {
            return Ok(());
        }
        let begun = Instant::now();
        for slice in chats.chunks(SLICE) {
            attempt.shop.parts.db.audience_list_add(list, slice.to_vec()).await?;
        }
        sleep(begun.elapsed().max(SHORTEST_PAUSE)).await;
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, JobError> {
    let done = tokio::task::spawn_blocking(work).await.map_err(io::Error::other);
    done.flatten().map_err(|error| JobError::retry(Cause::List(error)))
}

/// One reading of the file.
struct Pass {
    file: File,
    buffer: Vec<u8>,
    reader: ListReader,
    /// Known when it is over.
    lines: Lines,
    is_over: bool,
}

impl Pass {
    fn begin(path: &std::path::Path) -> io::Result<Self> {
        let (reader, lines) = (ListReader::default(), Lines::default());
        let buffer = vec![0; PIECE_BYTES];
        Ok(Self { file: File::open(path)?, buffer, reader, lines, is_over: false })
    }

    /// The next chats; none when it is over.
    fn slice(&mut self) -> io::Result<Result<Vec<ChatId>, ListRefusal>> {
        let mut chats = Vec::new();
        while chats.is_empty() && !self.is_over {
            let read = self.file.read(&mut self.buffer)?;
            let piece = self.buffer.get(..read).unwrap_or_default();
            let parsed = if piece.is_empty() {
                self.is_over = true;
                self.reader.finish(&mut chats).map(|lines| self.lines = lines)
            } else {
                self.reader.push(piece, &mut chats)
            };
            if let Err(reason) = parsed {
                return Ok(Err(reason));
            }
        }
        Ok(Ok(chats))
    }
}

/// In place of what the card shows.
async fn message(
    attempt: &Attempt,
    post: Post,
    outcome: ListOutcome,
) -> Result<NewOutbox, JobError> {
    let Post { list, broadcast, by, chat, thread, card } = post;
    let parts = &attempt.shop.parts;
    let now = parts.clock.now();
    let lang = parts.db.user_get(by).await?.map(|user| user.lang).unwrap_or_default();
    let reader = Reader { lang, role: Role::Admin, holder: Holder { chat, user: by }, now };
    let view = View::AudienceList(ListReport { list, broadcast, outcome });
    let edit = parts.presenter.show(reader, &view).into_edit();
    let payload =
        serde_json::to_string(&edit).map_err(|error| JobError::Fail(Cause::Message(error)))?;
    Ok(NewOutbox {
        id: OutboxId(parts.ids.next(now)),
        chat,
        thread,
        class: OutboxClass::Edit,
        payload,
        edit_message: None,
        edit_of: Some(card),
        trace: Some(attempt.trace),
    })
}

/// Nobody will go on with what an attempt has left unfinished.
async fn forget(attempt: &Attempt) {
    if let Err(error) = attempt.shop.parts.blobs.forget(attempt.job.0).await {
        tracing::warn!(job.id = attempt.job.0, %error, "unfinished file is left behind");
    }
}
