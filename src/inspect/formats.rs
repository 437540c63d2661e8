//! Which reader reads which format. A new format gets its own file and an arm of the `match`.

use std::fs::File;

use file_format::FileFormat;

use super::answer::Answer;
use super::kind::{Detected, Family, detect};
use super::limits::InspectLimits;
use super::{audio, language, pdf, plain};
use crate::domain::inspection::{Inspection, Rejection, TextPart};

/// What a reader found in a file; everything is optional.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) title: Option<String>,
    pub(super) author: Option<String>,
    pub(super) pages: Option<u32>,
    pub(super) duration_s: Option<u32>,
    pub(super) parts: Vec<TextPart>,
    pub(super) truncated: bool,
}

/// Inspects the content of `file` from its start.
///
/// # Errors
/// Reading failed: no fault of the file.
pub(super) fn inspect(file: &mut File, limits: &InspectLimits) -> std::io::Result<Answer> {
    let mut detected = detect(file)?;
    if detected.late_pdf_header {
        let as_pdf = Detected::of(FileFormat::PortableDocumentFormat);
        let read = read(as_pdf, file, limits)?;
        if read.is_ok() {
            return Ok(answer(as_pdf, read));
        }
        // It was only a text about PDF files, or the like.
        detected.late_pdf_header = false;
    }
    Ok(answer(detected, read(detected, file, limits)?))
}

/// Reads what the format offers. Formats without a reader are taken with their type alone.
fn read(
    detected: Detected,
    file: &mut File,
    limits: &InspectLimits,
) -> std::io::Result<Result<Found, Rejection>> {
    match (detected.family, detected.format) {
        (_, FileFormat::Empty) => Ok(Err(Rejection::Empty)),
        (Family::Pdf, _) => pdf::read(file, limits),
        (_, FileFormat::PlainText) => plain::read(file, limits),
        (Family::Audio | Family::Video, format) => Ok(audio::read(file, format)),
        _ => Ok(Ok(Found::default())),
    }
}

fn answer(detected: Detected, found: Result<Found, Rejection>) -> Answer {
    let verdict = found.map(|found| Inspection {
        media_type: detected.format.media_type().to_owned(),
        kind: detected.kind(),
        title: found.title,
        author: found.author,
        pages: found.pages,
        duration_s: found.duration_s,
        language: language::of_parts(&found.parts).map(str::to_owned),
        parts: found.parts,
        truncated: found.truncated,
    });
    Answer { family: detected.family, verdict }
}
