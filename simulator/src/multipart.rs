//! Multipart bodies: small parts stay in memory, large files stream to the spool folder. A body
//! that is refused or breaks off leaves nothing there.

use crate::params::{PV, Params, ParseError, Upload, UploadData};
use crate::util::hash64;
use futures_util::StreamExt;
use http_body_util::BodyStream;
use hyper::body::Incoming;
use multer::{Field, Multipart};
use std::path::{Path, PathBuf};
use tokio::fs::File;
use tokio::io::AsyncWriteExt;

/// Uploads up to this size stay in memory, larger ones go to a spool file.
const IN_MEMORY: usize = 256 * 1024;

/// Reads a whole body of at most `max` bytes of content.
pub async fn read(
    body: Incoming,
    boundary: String,
    max: u64,
    spool: &Path,
) -> Result<Params, ParseError> {
    let stream = BodyStream::new(body).filter_map(|frame| async move {
        match frame {
            Ok(frame) => frame.into_data().ok().map(Ok),
            Err(e) => Some(Err(e)),
        }
    });
    let mut parts = Multipart::new(stream, boundary);
    let mut p = Params::default();
    match read_parts(&mut parts, &mut p, max, spool).await {
        Ok(()) => Ok(p),
        Err(e) => {
            // the earlier files of a body that failed
            for (_, v) in p.items {
                if let PV::File(Upload { data: Some(UploadData::Spooled(path)), .. }) = v {
                    let _ = tokio::fs::remove_file(path).await;
                }
            }
            Err(e)
        }
    }
}

async fn read_parts(
    parts: &mut Multipart<'_>,
    p: &mut Params,
    max: u64,
    spool: &Path,
) -> Result<(), ParseError> {
    let mut left = max;
    loop {
        let field = match parts.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => return Ok(()),
            Err(multer::Error::StreamReadFailed(_) | multer::Error::IncompleteStream) => {
                return Err(ParseError::Io);
            }
            Err(e) => {
                let text = format!("Bad Request: can't parse multipart: {e}");
                return Err(ParseError::Bad(text));
            }
        };
        let name = field.name().unwrap_or_default().to_string();
        let value = match field.file_name().map(str::to_string) {
            Some(filename) => PV::File(read_file(field, filename, &mut left, spool).await?),
            None => PV::Str(read_text(field, &mut left).await?),
        };
        p.items.push((name, value));
    }
}

/// The next piece of a part; `left` is what the body may still have.
async fn chunk(field: &mut Field<'_>, left: &mut u64) -> Result<Option<bytes::Bytes>, ParseError> {
    let Some(chunk) = field.chunk().await.map_err(|_| ParseError::Io)? else { return Ok(None) };
    *left = left.checked_sub(chunk.len() as u64).ok_or(ParseError::TooLarge)?;
    Ok(Some(chunk))
}

async fn read_text(mut field: Field<'_>, left: &mut u64) -> Result<String, ParseError> {
    let mut text = vec![];
    while let Some(chunk) = chunk(&mut field, left).await? {
        text.extend_from_slice(&chunk);
    }
    String::from_utf8(text)
        .map_err(|_| ParseError::Bad("Bad Request: strings must be encoded in UTF-8".into()))
}

async fn read_file(
    mut field: Field<'_>,
    filename: String,
    left: &mut u64,
    spool: &Path,
) -> Result<Upload, ParseError> {
    let mime = field.content_type().map(ToString::to_string);
    let mut size = 0u64;
    let mut hash = 0;
    let mut start = vec![];
    let mut spooled: Option<SpoolFile> = None;
    while let Some(chunk) = chunk(&mut field, left).await? {
        size += chunk.len() as u64;
        if let Some(s) = &mut spooled {
            s.file.write_all(&chunk).await.map_err(|_| ParseError::Io)?;
            continue;
        }
        start.extend_from_slice(&chunk);
        if start.len() > IN_MEMORY {
            hash = hash64(&start[..IN_MEMORY]);
            spooled = Some(SpoolFile::create(spool, &start).await.map_err(|_| ParseError::Io)?);
            start = vec![];
        }
    }
    let data = match spooled {
        Some(s) => UploadData::Spooled(s.keep().await.map_err(|_| ParseError::Io)?),
        None => {
            hash = hash64(&start);
            UploadData::Memory(start.into())
        }
    };
    Ok(Upload { filename, mime, size, hash: hash ^ size.rotate_left(40), data: Some(data) })
}

/// A file in the spool folder that is removed unless it is kept.
struct SpoolFile {
    path: PathBuf,
    file: File,
    kept: bool,
}

impl SpoolFile {
    async fn create(spool: &Path, start: &[u8]) -> std::io::Result<SpoolFile> {
        // The folder is there as long as the simulator is; an upload that outlives it must not make it
        // again: nobody would ever remove it.
        let path = spool.join(format!("up{:016x}", fastrand::u64(..)));
        let file = File::create(&path).await?;
        let mut spooled = SpoolFile { path, file, kept: false };
        spooled.file.write_all(start).await?;
        Ok(spooled)
    }

    async fn keep(mut self) -> std::io::Result<PathBuf> {
        self.file.flush().await?;
        self.kept = true;
        Ok(self.path.clone())
    }
}

impl Drop for SpoolFile {
    fn drop(&mut self) {
        if !self.kept {
            // what remains goes with the spool folder
            let _ = std::fs::remove_file(&self.path);
        }
    }
}
