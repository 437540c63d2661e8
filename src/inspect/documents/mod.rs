//! Documents: office files, e-books, web pages, subtitles. One file per format, and here which
//! reads which.
//!
//! All of them read hostile input in the same few ways, so the bounds are in three places:
//! - `package.rs` opens zip containers: entries are unpacked in memory, one at a time, and all of
//!   them together to at most `max_unpacked_bytes`; a name of an entry is only a key to look up;
//! - `xml.rs` reads XML without expanding entities, to a bounded depth, without recursion;
//! - `gather.rs` collects text, parts and labels up to their limits.
//!
//! It must not: open a file, follow a link out of the container, or keep what it does not show.

mod charset;
mod compound;
mod docx;
mod epub;
mod fb2;
mod gather;
mod html;
mod odf;
mod ooxml;
mod package;
mod pptx;
mod refine;
mod rtf;
mod subtitles;
mod xlsx;
mod xml;

use std::io::{self, Read, Seek};

use file_format::FileFormat;
use zip::result::ZipError;

use super::formats::Found;
use super::limits::InspectLimits;
use crate::domain::inspection::Rejection;
use package::Package;

pub(super) use charset::decode_text;
pub(super) use refine::refine;

/// Reads a document; `None` when the format is none of those read here.
///
/// # Errors
/// Reading failed: no fault of the file.
pub(super) fn read(
    format: FileFormat,
    file: &mut (impl Read + Seek),
    limits: &InspectLimits,
) -> io::Result<Option<Result<Found, Rejection>>> {
    file.rewind()?;
    match read_format(format, file, limits) {
        Ok(None) => {
            file.rewind()?;
            Ok(None)
        }
        Ok(Some(found)) => Ok(Some(Ok(found))),
        Err(Trouble::Rejected(rejection)) => Ok(Some(Err(rejection))),
        Err(Trouble::Io(error)) => Err(error),
    }
}

fn read_format(
    format: FileFormat,
    file: &mut (impl Read + Seek),
    limits: &InspectLimits,
) -> Result<Option<Found>, Trouble> {
    let found = match format {
        FileFormat::OfficeOpenXmlDocument => docx::read(&mut Package::open(file, limits)?, limits)?,
        FileFormat::OfficeOpenXmlPresentation => {
            pptx::read(&mut Package::open(file, limits)?, limits)?
        }
        FileFormat::OfficeOpenXmlSpreadsheet => {
            xlsx::read(&mut Package::open(file, limits)?, limits)?
        }
        FileFormat::ElectronicPublication => epub::read(&mut Package::open(file, limits)?, limits)?,
        FileFormat::FictionbookZip => fb2::read_zipped(&mut Package::open(file, limits)?, limits)?,
        FileFormat::Fictionbook => fb2::read(file, limits)?,
        FileFormat::HypertextMarkupLanguage => html::read(file, limits)?,
        FileFormat::RichTextFormat => rtf::read(file, limits)?,
        FileFormat::SubripText | FileFormat::WebVideoTextTracks => subtitles::read(file, limits)?,
        // Cut short, it may have been a document as well as an archive.
        FileFormat::Zip => return package::sound(file).map(|()| None),
        FileFormat::CompoundFileBinary => compound::read(file, limits)?,
        format => match odf::Sort::of(format) {
            Some(sort) => odf::read(&mut Package::open(file, limits)?, sort, limits)?,
            None => return Ok(None),
        },
    };
    Ok(Some(found))
}

/// Why a document is not read.
#[derive(Debug)]
enum Trouble {
    /// The file is to blame.
    Rejected(Rejection),
    /// It could not be read.
    Io(io::Error),
}

impl From<Rejection> for Trouble {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

impl From<io::Error> for Trouble {
    /// Only the system's own errors are not the file's fault: a decoder's complaint has no
    /// number, and a seek to nowhere comes from a number in the file.
    fn from(error: io::Error) -> Self {
        let is_of_system = error.raw_os_error().is_some();
        if is_of_system && error.kind() != io::ErrorKind::InvalidInput {
            Self::Io(error)
        } else {
            Self::Rejected(Rejection::Broken)
        }
    }
}

impl From<ZipError> for Trouble {
    fn from(error: ZipError) -> Self {
        match error {
            ZipError::Io(error) => error.into(),
            ZipError::InvalidPassword
            | ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => {
                Self::Rejected(Rejection::Encrypted)
            }
            _ => Self::Rejected(Rejection::Broken),
        }
    }
}

/// Reads a file that is one text, at most `limit` bytes of it; tells whether there is more.
fn read_head(file: &mut impl Read, limit: usize) -> io::Result<(Vec<u8>, bool)> {
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes)?;
    let is_cut = bytes.len() > limit;
    bytes.truncate(limit);
    Ok((bytes, is_cut))
}

/// Containers and limits for the tests of the readers.
#[cfg(test)]
mod testing {
    use std::io::{Cursor, Write};

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    /// A zip container of these entries.
    pub(super) fn zip(entries: &[(&str, &str)]) -> Cursor<Vec<u8>> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in entries {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(content.as_bytes()).unwrap();
        }
        zip.finish().unwrap()
    }
}
