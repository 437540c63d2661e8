//! `export_broadcast`: how a broadcast ended for each recipient, as a table for an admin.
//!
//! Written in one go and page by page, in constant memory: as plain CSV while it is sure to stay
//! below what Telegram takes, compressed (`.csv.gz`) beyond. The file lies among the blobs, where
//! nothing names it, until it has left, as the copy of `export_person` does.
//!
//! Invariants: the file is durable before the message is committed, together with the job's end;
//! who may not have it any more by then does not get it.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::super::attempt::Attempt;
use super::super::error::{Cause, JobError};
use super::hashed::{Hashed, blocking};
use super::letters::{finish_briefly, ring, still_may};
use crate::domain::button::Holder;
use crate::domain::effect::{NoTable, View};
use crate::domain::ids::{BroadcastId, ChatId, OutboxId, UserId};
use crate::domain::outgoing::{CopyOwner, Outgoing, StoredCopy};
use crate::domain::role::Role;
use crate::library::blobs::{AttemptId, BlobHash, BlobStore, TempFile};
use crate::store::records::{ExportedRecipient, JobEnd, NewOutbox, OutboxClass};
use crate::views::Reader;

/// Rows of one page.
const PAGE: i64 = 2000;

/// Rows up to which the table is plain: at 60 bytes for the longest, that is below 40 MB.
const PLAIN_MAX_ROWS: u64 = 650_000;

/// What Telegram's own server takes from a bot, in bytes.
const SENT_MAX_BYTES: u64 = 50_000_000;

/// Whose table it is, and where it goes.
#[derive(Debug, Clone, Copy)]
pub(in crate::jobs) struct Post {
    pub broadcast: BroadcastId,
    pub by: UserId,
    pub chat: ChatId,
    pub thread: i64,
}

/// Writes the table and sends it.
pub(in crate::jobs) async fn run(attempt: &Attempt, post: Post) -> Result<(), JobError> {
    if !still_may(attempt, post.by, Role::Admin).await? {
        return attempt.close().await;
    }
    let parts = &attempt.shop.parts;
    let Some(broadcast) = parts.db.broadcast_get(post.broadcast).await? else {
        return attempt.close().await;
    };
    let is_plain = broadcast.progress.filled <= PLAIN_MAX_ROWS;
    let Written { temp, hash, size, rows } = write(attempt, post.broadcast, is_plain).await?;
    let reader = reader(attempt, post).await?;
    let outgoing = if size > SENT_MAX_BYTES {
        let view = View::NoTable(NoTable::TooLarge { rows });
        parts.presenter.show(reader, &view).into_new()
    } else {
        parts.blobs.commit(temp, &hash).await?;
        let ending = if is_plain { "csv" } else { "csv.gz" };
        let copy = StoredCopy {
            hash: hash.to_string(),
            name: format!("broadcast-{}.{ending}", post.broadcast),
            owner: CopyOwner::Nobody,
        };
        parts.presenter.table(reader, copy, rows)
    };
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
    let shown = parts.presenter.show(reader, &View::NoTable(NoTable::Failed)).into_new();
    let message = message(attempt, post, &shown)?;
    let job = (attempt.job, attempt.token);
    parts.db.job_give_up(job, end, vec![message], parts.clock.now()).await?;
    ring(attempt);
    Ok(())
}

/// A table that is complete.
struct Written {
    temp: TempFile,
    hash: BlobHash,
    size: u64,
    rows: u64,
}

async fn write(
    attempt: &Attempt,
    broadcast: BroadcastId,
    is_plain: bool,
) -> Result<Written, JobError> {
    let parts = &attempt.shop.parts;
    let id = AttemptId { job: attempt.job.0, token: attempt.token };
    let blobs = parts.blobs.clone();
    let mut table = blocking(move || Table::begin(&blobs, id, is_plain)).await?;
    let mut after = 0;
    loop {
        let page = parts.db.recipients_export(broadcast, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.seq;
        table = blocking(move || {
            table.add(&page)?;
            Ok(table)
        })
        .await?;
    }
    blocking(move || table.finish()).await
}

/// A table that is being written.
struct Table {
    temp: TempFile,
    sheet: Sheet,
    rows: u64,
}

enum Sheet {
    Plain(Box<Hashed>),
    Packed(Box<GzEncoder<Hashed>>),
}

impl Table {
    fn begin(blobs: &BlobStore, id: AttemptId, is_plain: bool) -> io::Result<Self> {
        let (temp, hashed) = Hashed::create(blobs, id)?;
        let sheet = if is_plain {
            Sheet::Plain(Box::new(hashed))
        } else {
            Sheet::Packed(Box::new(GzEncoder::new(hashed, Compression::fast())))
        };
        let mut table = Self { temp, sheet, rows: 0 };
        table.sheet.write_all(b"chat_id,state,reason,message_id\r\n")?;
        Ok(table)
    }

    fn add(&mut self, page: &[ExportedRecipient]) -> io::Result<()> {
        for ExportedRecipient { chat, state, reason, message, .. } in page {
            let message = message.map(|message| message.to_string()).unwrap_or_default();
            let (state, reason) = (cell(state), cell(reason));
            write!(self.sheet, "{chat},{state},{reason},{message}\r\n")?;
            self.rows = self.rows.saturating_add(1);
        }
        Ok(())
    }

    fn finish(self) -> io::Result<Written> {
        let Self { temp, sheet, rows } = self;
        let hashed = match sheet {
            Sheet::Plain(hashed) => *hashed,
            Sheet::Packed(packer) => packer.finish()?,
        };
        let (hash, size) = hashed.finish()?;
        Ok(Written { temp, hash, size, rows })
    }
}

/// A word as RFC 4180 has it. What a spreadsheet would compute is made a word.
fn cell(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b' ' | b'.');
    if text.bytes().all(is_plain) {
        return text.to_owned();
    }
    let computed = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let guard = if computed { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

impl Write for Sheet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(hashed) => hashed.write(bytes),
            Self::Packed(packer) => packer.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(hashed) => hashed.flush(),
            Self::Packed(packer) => packer.flush(),
        }
    }
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

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;
    use crate::domain::ids::MessageId;

    fn recipient(seq: i64, state: &str, reason: &str) -> ExportedRecipient {
        ExportedRecipient {
            seq,
            chat: ChatId(1000 + seq),
            state: state.to_owned(),
            reason: reason.to_owned(),
            message: (state == "delivered").then_some(MessageId(7)),
        }
    }

    fn written(is_plain: bool) -> (Vec<u8>, Written) {
        let folder = tempfile::tempdir().unwrap();
        let blobs = BlobStore::new(folder.path().to_owned(), "school");
        let mut table = Table::begin(&blobs, AttemptId { job: 1, token: 2 }, is_plain).unwrap();
        table
            .add(&[recipient(1, "delivered", ""), recipient(2, "blocked", "bot_blocked")])
            .unwrap();
        table.add(&[recipient(3, "failed", "=a\"b,c")]).unwrap();
        let written = table.finish().unwrap();
        (std::fs::read(written.temp.path()).unwrap(), written)
    }

    const TABLE: &str = "chat_id,state,reason,message_id\r\n1001,delivered,,7\r\n\
        1002,blocked,bot_blocked,\r\n1003,failed,\"'=a\"\"b,c\",\r\n";

    #[test]
    fn a_table_has_a_row_for_each_recipient() {
        let (bytes, written) = written(true);
        assert_eq!(String::from_utf8(bytes.clone()).unwrap(), TABLE);
        assert_eq!((written.rows, written.size), (3, u64::try_from(bytes.len()).unwrap()));
        assert_eq!(written.hash, BlobHash::from(blake3::hash(&bytes)));
    }

    #[test]
    fn a_packed_table_is_the_same_table() {
        let (bytes, written) = written(false);
        let mut text = String::new();
        flate2::read::GzDecoder::new(bytes.as_slice()).read_to_string(&mut text).unwrap();
        assert_eq!(text, TABLE);
        assert_eq!(written.hash, BlobHash::from(blake3::hash(&bytes)));
    }
}
