//! Files that come from a folder of the operator's, not from an editor's chat.
//!
//! A file goes the way of an upload (hashed while it is copied, looked for by content, inspected,
//! stored, indexed) and is published at once. Telegram has never seen it: its handle is empty, and
//! the first delivery uploads it. A content that the library has is left alone, so that an import
//! which was broken off can simply be begun again.
//!
//! Invariant: the blob is durable before the material is published; a refused file leaves nothing.

use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use thiserror::Error;
use tokio::task::spawn_blocking;

use super::blobs::{AttemptId, BlobError, BlobHash, BlobStore, TempFile};
use super::{previews, terms};
use crate::domain::clock::{Clock, Timestamp};
use crate::domain::event::{FileClass, FileRef};
use crate::domain::ids::{CategoryId, IdSource, MaterialId, UserId};
use crate::domain::inspection::{Inspection, Kind, Rejection};
use crate::domain::material::{
    CATEGORY_MAX_CHARS, Description, Level, StudyLanguage, TITLE_MAX_CHARS, clean_line, name_key,
};
use crate::domain::search::analyse_document;
use crate::inspect::{Hints, InspectError, Inspector};
use crate::store::records::NewMaterial;
use crate::store::{Db, StoreError};

/// Bytes of one read.
const BUFFER_BYTES: usize = 1024 * 1024;

/// Brings files into the library. Cheap to clone.
#[derive(Clone)]
pub struct Importer {
    /// Where materials go.
    pub db: Db,
    /// Where contents go.
    pub blobs: BlobStore,
    /// Tells what a file is.
    pub inspector: Inspector,
    /// For new materials and categories.
    pub ids: Arc<IdSource>,
    /// For the time of publication.
    pub clock: Arc<dyn Clock>,
    /// Largest file that is taken, in bytes.
    pub max_bytes: u64,
    /// Names the temporary files of this run.
    pub run: i64,
}

/// What is said about a file.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Its title; none: the one found in it, or its name.
    pub title: Option<String>,
    /// Where it stands.
    pub category: Option<CategoryId>,
    /// CEFR level.
    pub level: Option<Level>,
    /// Language taught.
    pub language: Option<StudyLanguage>,
    /// Tags.
    pub tags: Vec<String>,
    /// Who answers for it.
    pub uploader: Option<UserId>,
    /// How it is sent; none: by what it is.
    pub class: Option<FileClass>,
}

/// What came of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Imported {
    /// Learners find it now.
    Published(MaterialId),
    /// The library has that content.
    Known(MaterialId),
    /// Not taken.
    Refused(Rejection),
}

/// Why nothing can be said about a file.
#[derive(Debug, Error)]
pub enum ImportError {
    /// The file cannot be read, or its copy not be written.
    #[error("cannot copy {}", path.display())]
    Copy {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It cannot be stored.
    #[error(transparent)]
    Blobs(#[from] BlobError),
    /// It could not be looked at.
    #[error(transparent)]
    Inspect(#[from] InspectError),
    /// The database does not do its part.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A copy that is not in its place yet.
struct Copied {
    temp: TempFile,
    attempt: AttemptId,
    hash: BlobHash,
    size: u64,
}

impl Importer {
    /// Brings one file in.
    pub async fn import(&self, source: &Path, wanted: Wanted) -> Result<Imported, ImportError> {
        let length = tokio::fs::metadata(source).await.map_err(unreadable(source))?.len();
        if length == 0 {
            return Ok(Imported::Refused(Rejection::Empty));
        }
        if length > self.max_bytes {
            return Ok(Imported::Refused(Rejection::TooLarge));
        }
        let copied = self.copy(source).await?;
        if let Some(known) = self.db.material_by_hash(copied.hash.to_string()).await? {
            return Ok(Imported::Known(known.id));
        }
        let name = source.file_name().map(|name| name.to_string_lossy().into_owned());
        let hints = Hints { name: name.clone(), mime: None };
        let inspection = match self.inspector.inspect(copied.temp.path(), &hints).await {
            Ok(inspection) => inspection,
            Err(error) => match error.rejection() {
                Some(rejection) => return Ok(Imported::Refused(rejection)),
                None => return Err(error.into()),
            },
        };
        let Copied { temp, attempt, hash, size } = copied;
        self.blobs.commit(temp, &hash).await?;
        let preview =
            previews::draw(&self.inspector, &self.blobs, attempt, &hash, &inspection).await;
        let now = self.clock.now();
        let mut material = self.material(now, name, wanted, (&hash, size), inspection);
        material.preview = preview.map(|preview| preview.to_string());
        let id = material.id;
        match self.db.materials_import(vec![material], now).await {
            Ok(()) => Ok(Imported::Published(id)),
            // Somebody has published the same content meanwhile.
            Err(error) => match self.db.material_by_hash(hash.to_string()).await? {
                Some(known) => Ok(Imported::Known(known.id)),
                None => Err(error.into()),
            },
        }
    }

    /// The category of that path from the top, made where it is missing.
    pub async fn category(&self, path: &[String]) -> Result<Option<CategoryId>, StoreError> {
        let mut parent = None;
        for name in path.iter().filter_map(|name| clean_line(name, CATEGORY_MAX_CHARS)) {
            let children = self.db.category_children(parent).await?;
            let known = children.into_iter().find(|it| name_key(&it.title) == name_key(&name));
            if let Some(known) = known {
                parent = Some(known.id);
                continue;
            }
            let now = self.clock.now();
            let id = CategoryId(self.ids.next(now));
            self.db.category_create(id, parent, name, now).await?;
            parent = Some(id);
        }
        Ok(parent)
    }

    async fn copy(&self, source: &Path) -> Result<Copied, ImportError> {
        static COPIES: AtomicI64 = AtomicI64::new(0);
        let token = COPIES.fetch_add(1, Ordering::Relaxed);
        let attempt = AttemptId { job: self.run, token };
        let (path, blobs) = (source.to_owned(), self.blobs.clone());
        let copying = move || {
            let (temp, file) = blobs.create_temp(attempt, None)?;
            let (hash, size) = copy(&path, file).map_err(unreadable(&path))?;
            Ok(Copied { temp, attempt, hash: hash.into(), size })
        };
        let copied = spawn_blocking(copying).await;
        copied.map_err(|error| unreadable(source)(io::Error::other(error)))?
    }

    fn material(
        &self,
        now: Timestamp,
        name: Option<String>,
        wanted: Wanted,
        (hash, size): (&BlobHash, u64),
        inspection: Inspection,
    ) -> NewMaterial {
        let named = name.as_deref().and_then(title_of_name);
        let found = inspection.title.as_deref();
        let found = found.and_then(|title| clean_line(title, TITLE_MAX_CHARS));
        let title = wanted.title.or(found).or(named).unwrap_or_else(|| hash.to_string());
        let file = FileRef {
            file_id: String::new(),
            unique_id: String::new(),
            class: wanted.class.unwrap_or_else(|| class_of(&inspection)),
            name,
            mime: Some(inspection.media_type.clone()),
            size: Some(size),
            duration_s: inspection.duration_s,
            title: None,
            performer: None,
        };
        NewMaterial {
            id: MaterialId(self.ids.next(now)),
            file,
            terms: terms::of_material(&title, &wanted.tags.join(", ")),
            description: Description {
                title: Some(title),
                category: wanted.category,
                category_title: None,
                level: wanted.level,
                language: wanted.language,
                tags: wanted.tags,
            },
            uploader: wanted.uploader.unwrap_or(UserId(0)),
            hash: Some(hash.to_string()),
            part_terms: inspection.parts.iter().map(|part| analyse_document(&part.text)).collect(),
            inspection,
            preview: None,
        }
    }
}

/// Copies and hashes in one go.
fn copy(path: &Path, mut to: std::fs::File) -> io::Result<(blake3::Hash, u64)> {
    let mut from = std::fs::File::open(path)?;
    let mut buffer = vec![0; BUFFER_BYTES];
    let (mut hasher, mut size) = (blake3::Hasher::new(), 0);
    loop {
        let read = from.read(&mut buffer)?;
        let piece = buffer.get(..read).unwrap_or_default();
        if piece.is_empty() {
            return Ok((hasher.finalize(), size));
        }
        hasher.update(piece);
        to.write_all(piece)?;
        size += u64::try_from(read).unwrap_or_default();
    }
}

/// How a file is sent: what Telegram plays in the chat goes as what it is, all else as it came.
fn class_of(inspection: &Inspection) -> FileClass {
    match (inspection.kind, inspection.media_type.as_str()) {
        (Kind::Audio, "audio/mpeg" | "audio/mp4" | "audio/x-m4a") => FileClass::Audio,
        (Kind::Video, "video/mp4") => FileClass::Video,
        _ => FileClass::Document,
    }
}

/// A title made of a file's name: without its extension, with spaces for what stands for them.
fn title_of_name(name: &str) -> Option<String> {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let spaced = stem.replace('_', " ");
    clean_line(if spaced.trim().is_empty() { name } else { &spaced }, TITLE_MAX_CHARS)
}

fn unreadable(path: &Path) -> impl FnOnce(io::Error) -> ImportError + use<> {
    let path = path.to_owned();
    move |source| ImportError::Copy { path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_becomes_a_title() {
        assert_eq!(title_of_name("Unit_12_-_The past.pdf").as_deref(), Some("Unit 12 - The past"));
        assert_eq!(title_of_name(".pdf").as_deref(), Some(".pdf"));
        assert_eq!(title_of_name("noext").as_deref(), Some("noext"));
        assert_eq!(title_of_name("\u{202E}\n"), None);
    }

    #[test]
    fn only_what_telegram_plays_is_sent_as_such() {
        let of = |kind, media_type: &str| {
            class_of(&Inspection { kind, media_type: media_type.to_owned(), ..Default::default() })
        };
        assert_eq!(of(Kind::Audio, "audio/mpeg"), FileClass::Audio);
        assert_eq!(of(Kind::Audio, "audio/vnd.wave"), FileClass::Document);
        assert_eq!(of(Kind::Video, "video/mp4"), FileClass::Video);
        assert_eq!(of(Kind::Image, "image/png"), FileClass::Document);
    }
}
