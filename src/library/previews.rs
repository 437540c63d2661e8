//! A small picture of a stored file, kept beside it as a file of its own.

use std::io::Write as _;

use tokio::task::spawn_blocking;

use super::blobs::{AttemptId, BlobError, BlobHash, BlobStore, TempFile};
use crate::domain::inspection::Inspection;
use crate::inspect::Inspector;

/// Draws the picture of a stored file and stores it; gives its name. What goes wrong costs the
/// picture alone. `attempt` names the temporary file.
pub async fn draw(
    inspector: &Inspector,
    blobs: &BlobStore,
    attempt: AttemptId,
    file: &BlobHash,
    inspection: &Inspection,
) -> Option<BlobHash> {
    let preview = inspector.preview(&blobs.path(file), inspection).await?;
    let hash = BlobHash::from(blake3::hash(&preview.jpeg));
    let storing = blobs.clone();
    let stored = spawn_blocking(move || store(&storing, attempt, &preview.jpeg)).await.ok()?;
    let placed = match stored {
        Ok(temp) => blobs.commit(temp, &hash).await,
        Err(error) => Err(error),
    };
    match placed {
        Ok(()) => Some(hash),
        Err(error) => {
            tracing::warn!(%error, "a preview could not be stored");
            None
        }
    }
}

fn store(blobs: &BlobStore, attempt: AttemptId, jpeg: &[u8]) -> Result<TempFile, BlobError> {
    let (temp, mut file) = blobs.create_temp(attempt, None)?;
    file.write_all(jpeg).map_err(BlobError::new("write a preview"))?;
    Ok(temp)
}
