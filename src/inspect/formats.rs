//! Which reader reads which format. A new format gets its own file and an arm of the `match`.

use std::fs::File;
use std::io::{self, Seek};

use file_format::FileFormat;

use super::kind::{Detected, Family, detect};
use super::limits::InspectLimits;
use super::{archive, audio, documents, image, language, pdf, plain, video};
use crate::domain::inspection::{Inspection, Measures, PartKind, Rejection, TextPart};

/// What a reader found in a file; everything is optional.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) title: Option<String>,
    pub(super) author: Option<String>,
    pub(super) pages: Option<u32>,
    pub(super) duration_s: Option<u32>,
    pub(super) measures: Measures,
    /// What the document says; asked where its text does not tell.
    pub(super) language: Option<&'static str>,
    pub(super) part_kind: PartKind,
    pub(super) parts: Vec<TextPart>,
    pub(super) truncated: bool,
}

/// Inspects the content of `file` from its start.
///
/// # Errors
/// Reading failed: no fault of the file.
pub(super) fn inspect(
    file: &mut File,
    limits: &InspectLimits,
) -> io::Result<(Family, Result<Inspection, Rejection>)> {
    let detected = detect(file)?;
    if detected.late_pdf_header {
        let as_pdf = Detected::of(FileFormat::PortableDocumentFormat);
        if let Ok(found) = read(as_pdf, file, limits)? {
            return Ok((as_pdf.family, Ok(describe(as_pdf, found))));
        }
        // It was only a text about PDF files, or the like.
        file.rewind()?;
    }
    let found = read(detected, file, limits)?;
    Ok((detected.family, found.map(|found| describe(detected, found))))
}

/// Reads what the format offers. Formats without a reader are taken with their type alone.
fn read(
    detected: Detected,
    file: &mut File,
    limits: &InspectLimits,
) -> io::Result<Result<Found, Rejection>> {
    if let Some(document) = documents::read(detected.format, file, limits)? {
        return Ok(document);
    }
    match (detected.family, detected.format) {
        (_, FileFormat::Empty) => Ok(Err(Rejection::Empty)),
        (Family::Pdf, _) => pdf::read(file, limits),
        (_, FileFormat::PlainText) => plain::read(file, limits),
        (_, FileFormat::MatroskaAudio) | (Family::Video, _) => video::read(file, detected.format),
        (Family::Audio, format) => Ok(audio::read(file, format)),
        (Family::Image, format) => Ok(image::read(file, format, limits)),
        (Family::Archive, format) => archive::read(file, format, limits),
        _ => Ok(Ok(Found::default())),
    }
}

fn describe(detected: Detected, found: Found) -> Inspection {
    Inspection {
        media_type: detected.format.media_type().to_owned(),
        kind: detected.kind(),
        title: found.title,
        author: found.author,
        pages: found.pages,
        duration_s: found.duration_s,
        measures: found.measures,
        language: language::of_parts(&found.parts).or(found.language).map(str::to_owned),
        part_kind: found.part_kind,
        parts: found.parts,
        truncated: found.truncated,
    }
}
