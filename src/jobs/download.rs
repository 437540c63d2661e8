//! A file from Telegram into a temporary file: streamed, counted, hashed, in constant memory.
//!
//! Invariants: never more than the limit is written, whatever was announced; what is given back is
//! complete and written; a failed transfer leaves no file behind (the temporary file goes with its
//! value).

use std::path::Path;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufWriter};
use tokio::time::timeout;

use crate::domain::effect::CardStage;
use crate::domain::inspection::Rejection;
use crate::library::blobs::{BlobError, BlobHash, BlobStore, TempFile, is_disk_full};
use crate::telegram::{Decision, Download, FileSource, TelegramClient, TelegramError};

use super::card::Progress;

/// Bytes between two writes, and of one read of a local file. Hashing as much takes well under a
/// millisecond.
const BUFFER_BYTES: usize = 256 * 1024;

/// How much and how long.
#[derive(Debug, Clone, Copy)]
pub struct DownloadLimits {
    /// Largest file, in bytes.
    pub max_bytes: u64,
    /// Longest silence.
    pub stall: Duration,
    /// Longest transfer.
    pub total: Duration,
}

/// A complete file.
#[derive(Debug)]
pub struct Fetched {
    /// Where it is.
    pub temp: TempFile,
    /// The name of its content.
    pub hash: BlobHash,
    /// Bytes; never 0.
    pub size: u64,
}

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// The file is to blame: permanent.
    #[error("the file is not taken: {}", .0.name())]
    Rejected(Rejection),
    /// Telegram refused, or could not be reached.
    #[error(transparent)]
    Telegram(#[from] TelegramError),
    /// Less came than was announced.
    #[error("the transfer ended after {got} of {announced} bytes")]
    Short {
        /// Bytes that came.
        got: u64,
        /// Bytes that were to come.
        announced: u64,
    },
    /// No byte came for too long.
    #[error("the transfer stood still for {} s", .0.as_secs())]
    Stalled(Duration),
    /// The transfer was too slow.
    #[error("the transfer was not over within {} s", .0.as_secs())]
    TimedOut(Duration),
    /// The temporary file could not be made.
    #[error(transparent)]
    Blobs(#[from] BlobError),
    /// The temporary file could not be written, or a local server's file not be read.
    #[error("cannot {what}")]
    Disk {
        /// What was to be done.
        what: &'static str,
        /// Why it could not.
        #[source]
        source: std::io::Error,
    },
}

impl DownloadError {
    /// Whether something took too long.
    pub fn is_timeout(&self) -> bool {
        matches!(
            self,
            Self::Stalled(_) | Self::TimedOut(_) | Self::Telegram(TelegramError::Timeout { .. })
        )
    }

    /// Whether there is no room left on our disk.
    pub fn is_disk_full(&self) -> bool {
        match self {
            Self::Blobs(error) => error.is_full(),
            Self::Disk { source, .. } => is_disk_full(source),
            _ => false,
        }
    }
}

/// One attempt's transfer.
pub struct Transfer<'a> {
    /// The lane of files.
    pub telegram: &'a TelegramClient,
    /// Where temporary files are made.
    pub blobs: &'a BlobStore,
    /// Job and token: the temporary file's name.
    pub attempt: (i64, i64),
    /// How much and how long.
    pub limits: DownloadLimits,
    /// Told of every piece.
    pub progress: &'a Progress,
}

impl Transfer<'_> {
    /// Fetches a file of Telegram's.
    pub async fn fetch(&self, file_id: &str) -> Result<Fetched, DownloadError> {
        let limit = self.limits.total;
        match timeout(limit, self.fetch_untimed(file_id)).await {
            Ok(outcome) => outcome,
            Err(_elapsed) => Err(DownloadError::TimedOut(limit)),
        }
    }

    async fn fetch_untimed(&self, file_id: &str) -> Result<Fetched, DownloadError> {
        let location = self.telegram.get_file(file_id).await.map_err(refused)?;
        self.check_size(location.size)?;
        let (mut pieces, announced) = match self.telegram.download(&location, 0).await? {
            FileSource::Remote(download) => {
                let announced = location.size.or(download.remaining);
                (Pieces::Remote(download), announced)
            }
            FileSource::Local(path) => open(&path).await?,
        };
        self.check_size(announced)?;
        self.receive(&mut pieces, announced).await
    }

    /// Writes and hashes piece by piece.
    async fn receive(
        &self,
        pieces: &mut Pieces,
        announced: Option<u64>,
    ) -> Result<Fetched, DownloadError> {
        let unwritable = |source| DownloadError::Disk { what: "write a temporary file", source };
        let (job, token) = self.attempt;
        let (temp, file) = self.blobs.create_temp(job, token).await?;
        let mut file = BufWriter::with_capacity(BUFFER_BYTES, file);
        let mut hasher = blake3::Hasher::new();
        let mut size: u64 = 0;
        while let Some(piece) = self.next(pieces).await? {
            size = size.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
            self.check_size(Some(size))?;
            hasher.update(&piece);
            file.write_all(&piece).await.map_err(unwritable)?;
            self.progress.show(CardStage::Downloading { done: size, total: announced });
        }
        file.flush().await.map_err(unwritable)?;
        if let Some(announced) = announced.filter(|announced| size < *announced) {
            return Err(DownloadError::Short { got: size, announced });
        }
        if size == 0 {
            return Err(DownloadError::Rejected(Rejection::Empty));
        }
        Ok(Fetched { temp, hash: hasher.finalize().into(), size })
    }

    async fn next(&self, pieces: &mut Pieces) -> Result<Option<Bytes>, DownloadError> {
        match timeout(self.limits.stall, pieces.next()).await {
            Ok(piece) => piece,
            Err(_elapsed) => Err(DownloadError::Stalled(self.limits.stall)),
        }
    }

    fn check_size(&self, size: Option<u64>) -> Result<(), DownloadError> {
        match size {
            Some(size) if size > self.limits.max_bytes => {
                Err(DownloadError::Rejected(Rejection::TooLarge))
            }
            _ => Ok(()),
        }
    }
}

/// What `getFile` refuses for good. Whether a path that was good a moment ago gives 404 is left to
/// the next attempt, which asks for a new one.
fn refused(error: TelegramError) -> DownloadError {
    let is_too_big = matches!(&error, TelegramError::Api { code: 400, description, .. }
        if description.to_ascii_lowercase().contains("file is too big"));
    if is_too_big {
        return DownloadError::Rejected(Rejection::TooLarge);
    }
    match error.decision() {
        Decision::FileIdDead => DownloadError::Rejected(Rejection::Unavailable),
        _ => DownloadError::Telegram(error),
    }
}

/// Where the bytes come from.
enum Pieces {
    Remote(Download),
    Local(File),
}

impl Pieces {
    async fn next(&mut self) -> Result<Option<Bytes>, DownloadError> {
        match self {
            Self::Remote(download) => Ok(download.chunk().await?),
            Self::Local(file) => {
                let mut piece = BytesMut::with_capacity(BUFFER_BYTES);
                let read = file.read_buf(&mut piece).await.map_err(unreadable)?;
                Ok((read > 0).then(|| piece.freeze()))
            }
        }
    }
}

async fn open(path: &Path) -> Result<(Pieces, Option<u64>), DownloadError> {
    let file = File::open(path).await.map_err(unreadable)?;
    let size = file.metadata().await.map_err(unreadable)?.len();
    Ok((Pieces::Local(file), Some(size)))
}

fn unreadable(source: std::io::Error) -> DownloadError {
    DownloadError::Disk { what: "read a file of the local server", source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn api(description: &str) -> TelegramError {
        TelegramError::Api {
            method: "getFile",
            code: 400,
            description: description.to_owned(),
            retry_after: None,
            migrate_to: None,
        }
    }

    #[test]
    fn what_telegram_will_never_give_is_the_files_fault() {
        let rejection = |description: &str| match refused(api(description)) {
            DownloadError::Rejected(rejection) => Some(rejection),
            _ => None,
        };
        assert_eq!(rejection("Bad Request: file is too big"), Some(Rejection::TooLarge));
        let dead = "Bad Request: wrong remote file identifier specified: Wrong string length";
        assert_eq!(rejection(dead), Some(Rejection::Unavailable));
        assert_eq!(rejection("Bad Request: something new"), None);
    }
}
