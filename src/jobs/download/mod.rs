//! A file from Telegram into a temporary file: streamed, counted, hashed, in constant memory.
//!
//! A download that breaks goes on where it broke (`Range`), in the same attempt as long as that
//! brings something, and in the next one from what this one has kept. A server that begins anew all
//! the same, or with a content of another size, is obeyed: what is there is forgotten.
//!
//! Invariants: never more than the limit is written, whatever was announced; what is given back is
//! complete and written; what is refused leaves no file behind.

use std::path::PathBuf;
use std::time::Duration;

use tokio::time::{sleep, timeout};

use crate::domain::effect::CardStage;
use crate::domain::inspection::Rejection;
use crate::library::blobs::{AttemptId, BlobHash, BlobStore, TempFile};
use crate::runtime::Backoff;
use crate::telegram::{Download, FileLocation, FileSource, TelegramClient, TelegramError};

use super::card::Progress;
use super::meters;
use super::room::Place;
use error::{Remedy, refused};
use sink::{Sink, count};

mod error;
mod local;
mod sink;
#[cfg(test)]
mod tests;

pub use error::DownloadError;
pub use sink::Unwanted;

/// The largest file for which [`DownloadLimits::total`] is meant: what Telegram's own server gives.
const COMMON_BYTES: u64 = 20 << 20;

/// Breaks in a row that brought no byte, after which an attempt ends.
const FRUITLESS_MAX: u32 = 3;

/// A connection that brought so much was a good one: the next is made at once.
const FRUITFUL_BYTES: u64 = 1 << 20;

/// How much and how long.
#[derive(Debug, Clone, Copy)]
pub struct DownloadLimits {
    /// Largest file, in bytes.
    pub max_bytes: u64,
    /// Longest silence.
    pub stall: Duration,
    /// Longest transfer of a file of at most 20 MiB; a larger one may take a second longer for each
    /// further MiB.
    pub total: Duration,
    /// Pauses before a connection is made anew.
    pub pauses: Backoff,
}

impl DownloadLimits {
    /// Longest transfer of a file of that size.
    pub fn total_for(&self, size: u64) -> Duration {
        let further_mib = size.saturating_sub(COMMON_BYTES).div_ceil(1 << 20);
        self.total.saturating_add(Duration::from_secs(further_mib))
    }
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

/// One attempt's transfer.
pub struct Transfer<'a> {
    /// The lane of files.
    pub telegram: &'a TelegramClient,
    /// Where temporary files are made.
    pub blobs: &'a BlobStore,
    /// The temporary file's name.
    pub attempt: AttemptId,
    /// How much and how long.
    pub limits: DownloadLimits,
    /// The room that was made for it.
    pub place: &'a Place,
    /// Whether nobody will go on with an unfinished file.
    pub unwanted: Unwanted,
    /// Told of every piece.
    pub progress: &'a Progress,
    /// Uniform in 0..1, for pauses.
    pub random: fn() -> f64,
}

impl Transfer<'_> {
    /// Fetches a file of Telegram's.
    pub async fn fetch(&self, file_id: &str) -> Result<Fetched, DownloadError> {
        let location = self.locate(file_id).await?;
        let fetched = if location.is_local() {
            self.copy(&location).await?
        } else {
            self.receive(file_id, location).await?
        };
        if fetched.size == 0 {
            return Err(DownloadError::Rejected(Rejection::Empty));
        }
        Ok(fetched)
    }

    async fn locate(&self, file_id: &str) -> Result<FileLocation, DownloadError> {
        let location = self.telegram.get_file(file_id).await.map_err(refused)?;
        self.check_size(location.size)?;
        Ok(location)
    }

    async fn copy(&self, location: &FileLocation) -> Result<Fetched, DownloadError> {
        let path: PathBuf = self.telegram.local_path(location).await?;
        let size = local::size_of(&path).await?;
        self.check_size(Some(size))?;
        let limit = self.limits.total_for(size);
        let copying = local::Copy::begin(path, size, self.blobs.clone(), self.attempt);
        let copied = copying.wait(self.limits.stall, |done| self.show(done, Some(size)));
        timeout(limit, copied).await.unwrap_or(Err(DownloadError::TimedOut(limit)))
    }

    async fn receive(
        &self,
        file_id: &str,
        location: FileLocation,
    ) -> Result<Fetched, DownloadError> {
        let limit = self.limits.total_for(location.size.unwrap_or(self.place.size()));
        let (blobs, unwanted) = (self.blobs.clone(), self.unwanted.clone());
        let mut sink = Sink::open(blobs, self.attempt, location.size, unwanted).await?;
        let pulled = timeout(limit, self.pull(file_id, location, &mut sink)).await;
        match pulled.unwrap_or(Err(DownloadError::TimedOut(limit))) {
            Ok(()) => sink.finish().await,
            Err(error) => {
                let is_wanted =
                    !matches!(error, DownloadError::Rejected(_) | DownloadError::Larger { .. });
                sink.abandon(is_wanted).await;
                Err(error)
            }
        }
    }

    /// Goes on until all is there, or it makes no sense any more.
    async fn pull(
        &self,
        file_id: &str,
        mut location: FileLocation,
        sink: &mut Sink,
    ) -> Result<(), DownloadError> {
        let (mut fruitless, mut pauses) = (0, 0);
        let mut tries: u32 = 0;
        loop {
            let before = sink.length();
            let Err(error) = self.pull_once(&location, sink).await else {
                if tries > 0 {
                    meters::retried("download", true);
                }
                return Ok(());
            };
            let remedy = error.remedy();
            let gained = sink.length().saturating_sub(before);
            fruitless = if gained > 0 { 0 } else { fruitless + 1 };
            if remedy == Remedy::GiveUp || fruitless == FRUITLESS_MAX {
                if tries > 0 {
                    meters::retried("download", false);
                }
                return Err(error);
            }
            if error.is_timeout() {
                meters::timed_out("file_download");
            }
            pauses = if gained >= FRUITFUL_BYTES { 1 } else { pauses + 1 };
            tries = tries.saturating_add(1);
            tracing::info!(at = sink.length(), %error, "download goes on where it broke");
            sleep(self.limits.pauses.delay(pauses, (self.random)())).await;
            if remedy == Remedy::LookAgain {
                location = self.locate(file_id).await?;
            }
        }
    }

    /// One connection.
    async fn pull_once(
        &self,
        location: &FileLocation,
        sink: &mut Sink,
    ) -> Result<(), DownloadError> {
        let at = sink.length();
        if at > 0 && sink.total() == Some(at) {
            return Ok(());
        }
        let mut download = match self.telegram.download(location, at).await {
            Ok(FileSource::Remote(download)) => download,
            // Only a path that was local from the beginning is.
            Ok(FileSource::Local(_)) => return Err(DownloadError::Changed),
            Err(TelegramError::Api { code: 416, .. }) if at > 0 => {
                // It ends before that.
                sink.restart(location.size).await?;
                return Err(DownloadError::Changed);
            }
            Err(error) => return Err(error.into()),
        };
        let total = match (download.total, location.size) {
            (Some(comes), Some(announced)) if comes != announced => {
                sink.restart(location.size).await?;
                return Err(DownloadError::Changed);
            }
            (comes, announced) => comes.or(announced),
        };
        self.check_size(total)?;
        if download.from != at || total != sink.total() {
            sink.restart(total).await?;
            if download.from > 0 {
                return Err(DownloadError::Changed);
            }
        }
        while let Some(piece) = self.next(&mut download).await? {
            let size = sink.length().saturating_add(count(piece.len()));
            self.check_size(Some(size))?;
            sink.write(&piece).await?;
            self.show(size, total);
        }
        let got = sink.length();
        match total {
            Some(announced) if got < announced => Err(DownloadError::Short { got, announced }),
            Some(announced) if got > announced => {
                sink.restart(total).await?;
                Err(DownloadError::Changed)
            }
            _ => Ok(()),
        }
    }

    async fn next(&self, download: &mut Download) -> Result<Option<bytes::Bytes>, DownloadError> {
        match timeout(self.limits.stall, download.chunk()).await {
            Ok(piece) => Ok(piece?),
            Err(_elapsed) => Err(DownloadError::Stalled(self.limits.stall)),
        }
    }

    fn show(&self, done: u64, total: Option<u64>) {
        self.place.note_written(done);
        self.progress.show(CardStage::Downloading { done, total });
    }

    fn check_size(&self, size: Option<u64>) -> Result<(), DownloadError> {
        match size {
            Some(size) if size > self.limits.max_bytes => {
                Err(DownloadError::Rejected(Rejection::TooLarge))
            }
            Some(size) if size > self.place.size() => Err(DownloadError::Larger { size }),
            _ => Ok(()),
        }
    }
}
