//! A file that is hashed while it is written, to lie among the blobs until it is sent.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use super::super::error::{Cause, JobError};
use crate::library::blobs::{AttemptId, BlobHash, BlobStore, TempFile};

/// The file.
pub(super) struct Hashed {
    file: BufWriter<File>,
    hasher: blake3::Hasher,
    size: u64,
}

impl Hashed {
    /// An empty temporary file.
    pub(super) fn create(blobs: &BlobStore, id: AttemptId) -> io::Result<(TempFile, Self)> {
        let (temp, file) = blobs.create_temp(id, None).map_err(io::Error::other)?;
        let file = BufWriter::new(file);
        Ok((temp, Self { file, hasher: blake3::Hasher::new(), size: 0 }))
    }

    /// Its hash and its bytes, once all of it is written.
    pub(super) fn finish(mut self) -> io::Result<(BlobHash, u64)> {
        self.file.flush()?;
        Ok((self.hasher.finalize().into(), self.size))
    }
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hasher.update(bytes.get(..written).unwrap_or_default());
        self.size = self.size.saturating_add(u64::try_from(written).unwrap_or(u64::MAX));
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Writes where it may wait for the disk.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, JobError> {
    let done = tokio::task::spawn_blocking(work).await.map_err(io::Error::other);
    done.flatten().map_err(|error| JobError::retry(Cause::Table(error)))
}
