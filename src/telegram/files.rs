//! Files: where they are, streaming them down, streaming them up. Constant memory both ways.
//!
//! Invariant: a path that Telegram names is never followed out of its place. A relative one is
//! asked of the server only when it is made of plain names; an absolute one is opened only below
//! the configured directory of a local Bot API server, symbolic links resolved.

use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use reqwest::StatusCode;
use reqwest::header::RANGE;
use reqwest::multipart::{Form, Part};
use serde::Deserialize;
use teloxide_core::payloads::GetFile;
use teloxide_core::types as wire;

use super::classify::DOWNLOAD;
use super::error::TelegramError;
use super::payload::{self, Target};
use super::send::{Sent, SentMessage};
use super::transport::{TelegramClient, open};
use crate::domain::event::FileClass;
use crate::domain::html::Markup;
use crate::domain::ids::ChatId;
use crate::domain::outgoing::Keyboard;

/// An upload slower than this is given up.
const SLOWEST_UPLOAD_BYTES_PER_S: u64 = 32 * 1024;

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
    /// How many bytes will come from there, when the server tells.
    pub remaining: Option<u64>,
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
        if Path::new(&location.path).is_absolute() {
            return self.local_path(&location.path).await.map(FileSource::Local);
        }
        let path = checked_relative(&location.path)?;
        let response = self.again(DOWNLOAD, || self.open_download(&path, from)).await?;
        let in_part = response.status() == StatusCode::PARTIAL_CONTENT;
        let from = if in_part { from } else { 0 };
        Ok(FileSource::Remote(Download {
            from,
            remaining: response.content_length(),
            response,
            longest_silence: self.timeouts().read,
        }))
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

    /// Checks an absolute path against the local server's directory.
    async fn local_path(&self, path: &str) -> Result<PathBuf, TelegramError> {
        let not_below = TelegramError::UnsafePath { what: "not below the local server's files" };
        let Some(root) = self.local_files() else {
            let what = "absolute, but no local server is configured";
            return Err(TelegramError::UnsafePath { what });
        };
        let path = Path::new(path);
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
    /// as long as its size takes at 32 KiB/s, and a call's time besides.
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
        let part = Part::stream_with_length(file, size).file_name(upload.name.to_owned());

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
        form = form.part(upload.class.field(), part);

        let transfer = Duration::from_secs(size / SLOWEST_UPLOAD_BYTES_PER_S);
        let limit = self.timeouts().request.saturating_add(transfer);
        let request = self.post(method).multipart(form);
        let (status, body) = self.exchange(method, request, limit).await?;
        self.result_of::<SentMessage>(method, status, &body).map(Sent::from)
    }
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
