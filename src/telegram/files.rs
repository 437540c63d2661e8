//! Files: where they are, streaming them down, streaming them up. Constant memory both ways.
//!
//! Invariant: a path that Telegram names is never followed out of its place. A relative one is
//! asked of the server only when it is made of plain names; an absolute one is opened only below
//! the configured directory of a local Bot API server, symbolic links resolved.

use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::Stream;
use reqwest::header::{CONTENT_RANGE, RANGE};
use reqwest::multipart::{Form, Part};
use reqwest::{Body, StatusCode};
use serde::Deserialize;
use teloxide_core::payloads::GetFile;
use teloxide_core::types as wire;
use tokio::io::AsyncReadExt as _;
use tokio::sync::watch;
use tokio::time::Instant;

use super::classify::DOWNLOAD;
use super::error::TelegramError;
use super::meters;
use super::payload::{self, Target};
use super::send::{Sent, SentMessage};
use super::transport::{TelegramClient, open};
use crate::domain::event::FileClass;
use crate::domain::html::Markup;
use crate::domain::ids::ChatId;
use crate::domain::outgoing::Keyboard;

/// An upload slower than this is given up. A local Bot API server answers only when it has passed
/// the file on.
const SLOWEST_UPLOAD_BYTES_PER_S: u64 = 128 * 1024;

/// Bytes of a file that are read at once while it is sent.
const UPLOAD_PIECE_BYTES: usize = 256 * 1024;

/// Where a file can be fetched, for about an hour.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct FileLocation {
    /// Untrusted until [`TelegramClient::download`] has checked it.
    #[serde(rename = "file_path")]
    pub path: String,
    /// Size in bytes, when Telegram tells.
    #[serde(rename = "file_size", default)]
    pub size: Option<u64>,
}

impl FileLocation {
    /// Whether it is a place on the disk of a Bot API server, which must be this machine's.
    pub fn is_local(&self) -> bool {
        Path::new(&self.path).is_absolute()
    }
}

/// How the bytes of a file can be had.
#[derive(Debug)]
pub enum FileSource {
    /// Over HTTP.
    Remote(Download),
    /// In place, below the local server's directory: read it, do not move it.
    Local(PathBuf),
}

/// A running download. Dropping it ends it.
#[derive(Debug)]
pub struct Download {
    /// Where the bytes begin: what was asked for, or 0 when the server gives no parts.
    pub from: u64,
    /// Size of the whole file, when the server tells.
    pub total: Option<u64>,
    response: reqwest::Response,
    longest_silence: Duration,
}

impl Download {
    /// The next piece; `None` at the end. A silence of [`super::Timeouts::read`] is an error.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, TelegramError> {
        let after = self.longest_silence;
        fail_point!(DownloadPiece => TelegramError::Timeout { method: DOWNLOAD, after });
        match tokio::time::timeout(after, self.response.chunk()).await {
            Ok(piece) => piece.map_err(|error| TelegramError::from_http(DOWNLOAD, error)),
            Err(_elapsed) => Err(TelegramError::timed_out(DOWNLOAD, after)),
        }
    }
}

/// A local file that is to be sent.
#[derive(Debug, Clone, Copy)]
pub struct Upload<'a> {
    /// How to send it.
    pub class: FileClass,
    /// The file.
    pub path: &'a Path,
    /// The name its receivers see.
    pub name: &'a str,
    /// At most [`crate::domain::html::CAPTION_LIMIT`] units.
    pub caption: Option<&'a Markup>,
    /// Buttons below it.
    pub keyboard: Option<&'a Keyboard>,
}

impl TelegramClient {
    /// Where a file can be fetched. Telegram's own server refuses files over 20 MB.
    pub async fn get_file(&self, file_id: &str) -> Result<FileLocation, TelegramError> {
        self.call_again("getFile", &GetFile::new(wire::FileId(file_id.to_owned()))).await
    }

    /// Opens a file at `from` bytes (less than its size).
    ///
    /// # Errors
    /// [`TelegramError::UnsafePath`] for a path that could lead elsewhere.
    pub async fn download(
        &self,
        location: &FileLocation,
        from: u64,
    ) -> Result<FileSource, TelegramError> {
        if location.is_local() {
            return self.local_path(location).await.map(FileSource::Local);
        }
        let path = checked_relative(&location.path)?;
        let response = self.again(DOWNLOAD, || self.open_measured(&path, from)).await?;
        let (from, total) = if response.status() == StatusCode::PARTIAL_CONTENT {
            let range = response.headers().get(CONTENT_RANGE).and_then(|range| range.to_str().ok());
            match range.and_then(content_range) {
                Some((begin, total)) if begin == from => (from, total),
                // What comes would be taken for something else.
                _ => {
                    let what = "another part of the file than was asked for".to_owned();
                    return Err(TelegramError::Answer { method: DOWNLOAD, what });
                }
            }
        } else {
            (0, response.content_length())
        };
        let longest_silence = self.timeouts().read;
        Ok(FileSource::Remote(Download { from, total, response, longest_silence }))
    }

    async fn open_measured(
        &self,
        path: &str,
        from: u64,
    ) -> Result<reqwest::Response, TelegramError> {
        let begun = Instant::now();
        let opened = self.open_download(path, from).await;
        meters::ended(DOWNLOAD, begun.elapsed(), &opened);
        opened
    }

    /// Asks for a file and waits for the head of a good answer.
    async fn open_download(
        &self,
        path: &str,
        from: u64,
    ) -> Result<reqwest::Response, TelegramError> {
        let mut request = self.get_path(path);
        if from > 0 {
            request = request.header(RANGE, format!("bytes={from}-"));
        }
        let limit = self.timeouts().request;
        fail_point!(DownloadBegin => TelegramError::Timeout { method: DOWNLOAD, after: limit });
        let response = tokio::time::timeout(limit, open(DOWNLOAD, request))
            .await
            .map_err(|_elapsed| TelegramError::timed_out(DOWNLOAD, limit))??;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        Err(TelegramError::Api {
            method: DOWNLOAD,
            code: status.as_u16(),
            description: "no file".to_owned(),
            retry_after: None,
            migrate_to: None,
        })
    }

    /// An absolute path, checked against the local server's directory.
    pub async fn local_path(&self, location: &FileLocation) -> Result<PathBuf, TelegramError> {
        let not_below = TelegramError::UnsafePath { what: "not below the local server's files" };
        let Some(root) = self.local_files() else {
            let what = "absolute, but no local server is configured";
            return Err(TelegramError::UnsafePath { what });
        };
        let path = Path::new(&location.path);
        if path.components().any(|part| part == Component::ParentDir) || !path.starts_with(root) {
            return Err(not_below);
        }
        let method = DOWNLOAD;
        let unreadable = |source| TelegramError::LocalFile { method, source };
        let root = tokio::fs::canonicalize(root).await.map_err(unreadable)?;
        let path = tokio::fs::canonicalize(path).await.map_err(unreadable)?;
        if path.starts_with(&root) { Ok(path) } else { Err(not_below) }
    }

    /// Uploads a local file as a new message, streamed; the answer holds its new handle. It may take
    /// as long as its size takes at 128 KiB/s, and a call's time besides; and the server may stand
    /// still for [`super::Timeouts::read`] until it has taken the whole.
    ///
    /// # Errors
    /// [`TelegramError::TooLarge`] for a file that the server would not take: nothing was sent.
    pub async fn send_file_bytes(
        &self,
        chat: ChatId,
        thread: Option<i64>,
        upload: &Upload<'_>,
    ) -> Result<Sent, TelegramError> {
        let method = payload::send_method(upload.class);
        let unreadable = |source| TelegramError::LocalFile { method, source };
        let file = tokio::fs::File::open(upload.path).await.map_err(unreadable)?;
        let size = file.metadata().await.map_err(unreadable)?.len();
        if let Some(limit) = self.upload_limit().filter(|limit| size > *limit) {
            return Err(TelegramError::TooLarge { method, size, limit });
        }
        let (pulse, taken) = watch::channel(Taken::Nothing);
        let body = Body::wrap_stream(pieces(file, size, pulse));
        let part = Part::stream_with_length(body, size).file_name(upload.name.to_owned());

        let target = Target { chat, thread };
        let mut form = Form::new().text("chat_id", target.chat.to_string());
        if let Some(thread) = target.thread {
            form = form.text("message_thread_id", thread.to_string());
        }
        if let Some(caption) = upload.caption.filter(|_| payload::has_caption(upload.class)) {
            form = form.text("caption", caption.as_str().to_owned()).text("parse_mode", "HTML");
        }
        if let Some(keyboard) = upload.keyboard {
            let buttons = payload::keyboard(method, keyboard)?;
            let json = serde_json::to_string(&buttons)
                .map_err(|_| TelegramError::Request { method, what: "unserialisable buttons" })?;
            form = form.text("reply_markup", json);
        }
        if self.pays().is_some() {
            form = form.text("allow_paid_broadcast", "true");
        }
        form = form.part(upload.class.field(), part);

        let transfer = Duration::from_secs(size / SLOWEST_UPLOAD_BYTES_PER_S);
        let limit = self.timeouts().request.saturating_add(transfer);
        let request = self.post(method).multipart(form);
        let stall = self.timeouts().read.max(self.timeouts().connect);
        let begun = Instant::now();
        let answer = tokio::select! {
            answer = self.exchange(method, request, limit) => answer,
            () = stands_still(taken, stall) => Err(TelegramError::timed_out(method, stall)),
        };
        let sent = match answer {
            Ok((status, body)) => self.result_of::<SentMessage>(method, status, &body),
            Err(error) => Err(error),
        };
        meters::upload_ended(method, begun.elapsed(), &sent);
        sent.map(Sent::from)
    }
}

/// How much of an upload the connection has taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taken {
    Nothing,
    Bytes(u64),
    Everything,
}

/// `size` bytes of a file, a piece at a time. What it grew by meanwhile is left out.
fn pieces(
    file: tokio::fs::File,
    size: u64,
    pulse: watch::Sender<Taken>,
) -> impl Stream<Item = std::io::Result<Bytes>> + Send + 'static {
    let begun = (file.take(size), 0_u64, pulse);
    futures_util::stream::try_unfold(begun, |(mut file, sent, pulse)| async move {
        pulse.send_replace(Taken::Bytes(sent));
        let mut piece = BytesMut::with_capacity(UPLOAD_PIECE_BYTES);
        let read = file.read_buf(&mut piece).await?;
        if read == 0 {
            pulse.send_replace(Taken::Everything);
            return Ok(None);
        }
        let sent = sent.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        Ok(Some((piece.freeze(), (file, sent, pulse))))
    })
}

/// Comes to an end when no further piece was taken for so long, and never once all were.
async fn stands_still(mut taken: watch::Receiver<Taken>, stall: Duration) {
    while let Ok(Ok(())) = tokio::time::timeout(stall, taken.changed()).await {
        if *taken.borrow_and_update() == Taken::Everything {
            break;
        }
    }
    if *taken.borrow() == Taken::Everything || taken.has_changed().is_err() {
        // The answer, or its own deadline, ends the wait.
        std::future::pending::<()>().await;
    }
}

/// Begin and size of the whole in `bytes 5-9/10`; see RFC 9110, 14.4.
fn content_range(range: &str) -> Option<(u64, Option<u64>)> {
    let (part, total) = range.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (begin, _end) = part.split_once('-')?;
    let total = if total == "*" { None } else { Some(total.parse().ok()?) };
    Some((begin.parse().ok()?, total))
}

/// A relative path made of plain names, ready to be put into a URL.
fn checked_relative(path: &str) -> Result<String, TelegramError> {
    let plain = |name: &str| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        !name.is_empty() && !name.chars().all(|c| c == '.') && name.chars().all(allowed)
    };
    if path.split('/').all(plain) {
        return Ok(path.to_owned());
    }
    Err(TelegramError::UnsafePath { what: "not made of plain names" })
}
