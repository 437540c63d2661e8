//! What an import from a folder works with.

use std::sync::Arc;

use super::looking;
use super::serve::ServeError;
use crate::domain::clock::SystemClock;
use crate::domain::ids::IdSource;
use crate::library::blobs::BlobStore;
use crate::library::import::Importer;
use crate::settings::Settings;
use crate::store::Db;

/// An importer into the configured library. What Telegram would not take from us is refused.
///
/// # Errors
/// The program cannot find itself.
pub fn importer(settings: &Settings, db: Db) -> Result<Importer, ServeError> {
    let run = i64::from(std::process::id());
    let limit = settings.telegram.upload_limit_bytes().min(settings.files.max_size_bytes());
    Ok(Importer {
        db,
        blobs: blobs(settings, "import"),
        inspector: looking::inspector(settings).map_err(unfound)?,
        ids: Arc::new(IdSource::new(fastrand::i64(..))),
        clock: Arc::new(SystemClock),
        max_bytes: limit,
        run,
    })
}

fn unfound(source: std::io::Error) -> ServeError {
    ServeError::System { what: "cannot find this program", source }
}

/// The configured store of files, for an instance.
pub fn blobs(settings: &Settings, instance: &str) -> BlobStore {
    BlobStore::new(settings.files.data_dir.clone(), instance)
}
