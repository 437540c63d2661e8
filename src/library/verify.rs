//! Whether a published file can still be had: our copy of it, and Telegram's handle.
//!
//! Either revives the other: a dead handle is emptied, so that the next delivery uploads the copy;
//! a lost or damaged copy is fetched anew by the handle. A file that has lost both is beyond help.

use std::io;
use std::path::Path;

use thiserror::Error;
use tokio::io::AsyncWriteExt as _;
use tokio::task::spawn_blocking;

use super::blobs::{AttemptId, BlobError, BlobHash, BlobStore};
use crate::domain::clock::{Clock as _, SystemClock};
use crate::domain::material::Material;
use crate::store::{Db, StoreError};
use crate::telegram::{Decision, FileSource, TelegramClient, TelegramError};

/// Checks files, and mends them if asked to.
pub struct Verifier {
    /// What is published.
    pub db: Db,
    /// Our copies.
    pub blobs: BlobStore,
    /// The lane of files.
    pub telegram: TelegramClient,
    /// Whether to mend what is wrong.
    pub mend: bool,
    /// Names the temporary files of this run.
    pub run: i64,
}

/// How a copy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyState {
    /// As it was stored.
    Sound,
    /// Not there.
    Missing,
    /// Not what was stored.
    Damaged,
}

/// How a handle is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandleState {
    /// Telegram knows it.
    Alive,
    /// Telegram never had the file.
    None,
    /// Telegram does not know it.
    Dead,
    /// Telegram did not say.
    Unknown,
}

/// What was found out about a material's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding {
    /// Our copy.
    pub copy: CopyState,
    /// Telegram's handle.
    pub handle: HandleState,
    /// Whether what was wrong is mended.
    pub mended: bool,
}

impl Finding {
    /// Whether something is (still) wrong.
    pub fn is_bad(self) -> bool {
        let is_sound = self.copy == CopyState::Sound && self.handle != HandleState::Dead;
        !is_sound && !self.mended
    }

    /// Whether nobody can have the file any more.
    pub fn is_lost(self) -> bool {
        self.copy != CopyState::Sound && self.handle != HandleState::Alive && !self.mended
    }
}

/// Why nothing can be said.
#[derive(Debug, Error)]
pub enum VerifyError {
    /// The database does not do its part.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Our store of files does not.
    #[error(transparent)]
    Blobs(#[from] BlobError),
    /// A copy cannot be read or written.
    #[error("cannot read or write a copy: {0}")]
    Copy(#[from] io::Error),
}

impl Verifier {
    /// Checks the file of a material, and writes down that it did.
    pub async fn verify(&self, material: &Material) -> Result<Finding, VerifyError> {
        let Some(hash) = material.hash.as_deref().and_then(BlobHash::parse) else {
            let handle = self.handle(material).await;
            return Ok(Finding { copy: CopyState::Missing, handle, mended: false });
        };
        let copy = self.copy(&hash).await?;
        let handle = self.handle(material).await;
        let mended = match (copy, handle) {
            (CopyState::Sound, HandleState::Dead) if self.mend => {
                let dead = material.file.file_id.clone();
                self.db.handle_forget(material.id, dead).await?;
                true
            }
            (CopyState::Missing | CopyState::Damaged, HandleState::Alive) if self.mend => {
                self.fetch(material, &hash).await?
            }
            _ => false,
        };
        self.db.content_verified(hash.to_string(), SystemClock.now()).await?;
        Ok(Finding { copy, handle, mended })
    }

    async fn copy(&self, hash: &BlobHash) -> Result<CopyState, VerifyError> {
        let path = self.blobs.path(hash);
        match spawn_blocking(move || hash_of(&path)).await.map_err(io::Error::other)? {
            Ok(found) if found == *hash => Ok(CopyState::Sound),
            Ok(_) => Ok(CopyState::Damaged),
            Err(error) if is_missing(&error) => Ok(CopyState::Missing),
            Err(error) => Err(VerifyError::Copy(error)),
        }
    }

    async fn handle(&self, material: &Material) -> HandleState {
        let file_id = &material.file.file_id;
        if file_id.is_empty() {
            return HandleState::None;
        }
        match self.telegram.get_file(file_id).await {
            Ok(_) => HandleState::Alive,
            Err(error) => judge(&error),
        }
    }

    /// Fetches the content by its handle; false when what comes is not it.
    async fn fetch(&self, material: &Material, hash: &BlobHash) -> Result<bool, VerifyError> {
        match self.fetched(material, hash).await {
            Ok(is_it) => Ok(is_it),
            Err(Fetching::Verify(error)) => Err(error),
            Err(Fetching::Telegram(error)) => {
                tracing::warn!(material = material.id.0, %error, "a copy cannot be fetched");
                Ok(false)
            }
        }
    }

    async fn fetched(&self, material: &Material, hash: &BlobHash) -> Result<bool, Fetching> {
        let location = self.telegram.get_file(&material.file.file_id).await?;
        let source = self.telegram.download(&location, 0).await?;
        let attempt = AttemptId { job: self.run, token: material.id.0 };
        let blobs = self.blobs.clone();
        let creating = spawn_blocking(move || blobs.create_temp(attempt, None)).await;
        let (temp, mut file) = creating.map_err(io::Error::other)??;
        match source {
            FileSource::Remote(mut download) => {
                let mut file = tokio::fs::File::from_std(file);
                while let Some(piece) = download.chunk().await? {
                    file.write_all(&piece).await?;
                }
                file.flush().await?;
            }
            FileSource::Local(path) => {
                let copying = move || io::copy(&mut std::fs::File::open(path)?, &mut file);
                spawn_blocking(copying).await.map_err(io::Error::other)??;
            }
        }
        let path = temp.path().to_owned();
        let fetched = spawn_blocking(move || hash_of(&path)).await.map_err(io::Error::other)??;
        if fetched != *hash {
            return Ok(false);
        }
        self.blobs.commit(temp, hash).await?;
        Ok(true)
    }
}

fn hash_of(path: &Path) -> io::Result<BlobHash> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(std::fs::File::open(path)?)?;
    Ok(hasher.finalize().into())
}

/// Why a copy could not be fetched.
#[derive(Debug)]
enum Fetching {
    Telegram(TelegramError),
    Verify(VerifyError),
}

impl From<TelegramError> for Fetching {
    fn from(error: TelegramError) -> Self {
        Self::Telegram(error)
    }
}

impl<E: Into<VerifyError>> From<E> for Fetching {
    fn from(error: E) -> Self {
        Self::Verify(error.into())
    }
}

/// A file that is too large to be fetched is there all the same.
fn judge(error: &TelegramError) -> HandleState {
    let is_too_big = matches!(error, TelegramError::Api { code: 400, description, .. }
        if description.to_ascii_lowercase().contains("file is too big"));
    match error.decision() {
        _ if is_too_big => HandleState::Alive,
        Decision::FileIdDead => HandleState::Dead,
        _ => HandleState::Unknown,
    }
}

fn is_missing(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
}
