//! A small picture of a stored file, kept beside it as a file of its own.

use tokio::io::AsyncWriteExt as _;

use super::blobs::{BlobError, BlobHash, BlobStore};
use crate::domain::inspection::Inspection;
use crate::inspect::Inspector;

/// Draws the picture of a stored file and stores it; gives its name. What goes wrong costs the
/// picture alone. `temp` names the temporary file.
pub async fn draw(
    inspector: &Inspector,
    blobs: &BlobStore,
    temp: (i64, i64),
    file: &BlobHash,
    inspection: &Inspection,
) -> Option<BlobHash> {
    let preview = inspector.preview(&blobs.path(file), inspection).await?;
    let hash = BlobHash::from(blake3::hash(&preview.jpeg));
    match store(blobs, temp, &hash, &preview.jpeg).await {
        Ok(()) => Some(hash),
        Err(error) => {
            tracing::warn!(%error, "a preview could not be stored");
            None
        }
    }
}

async fn store(
    blobs: &BlobStore,
    (job, token): (i64, i64),
    hash: &BlobHash,
    jpeg: &[u8],
) -> Result<(), BlobError> {
    let (temp, mut file) = blobs.create_temp(job, token).await?;
    let unwritable = BlobError::new("write a preview");
    let writing = async {
        file.write_all(jpeg).await?;
        file.flush().await
    };
    writing.await.map_err(unwritable)?;
    blobs.commit(temp, hash).await
}
