//! The true type of a file by its content, and whether the sender's claims agree with it.
//!
//! `file-format` knows the signatures; here its 400 formats are sorted into a few families, and
//! a claim (the name's extension, the declared media type) is compared by family, so that
//! harmless vagueness passes: a missing or general type, `text/plain` for anything to read,
//! `.m4a` for MP4, `.docx` for a ZIP container. What does not pass is a file that would be opened
//! by the wrong program: an archive or a program that claims to be a PDF, a PDF that claims to be
//! a song.

use std::io::{self, Read, Seek, SeekFrom};

use file_format::{FileFormat, Kind as FormatKind};
use serde::{Deserialize, Serialize};

use super::documents::refine;
use crate::domain::inspection::Kind;

/// Readers accept a PDF whose header is not the first thing in the file but within its first
/// 1024 bytes (ISO 32000-1, annex H, implementation note 13).
const PDF_HEADER_WITHIN: usize = 1024;
const PDF_HEADER: &[u8] = b"%PDF-";

/// How much of a text is enough to tell what it is, in bytes.
const HEAD: u64 = 8 * 1024;
/// The header of the first entry of a ZIP container.
const ZIP_HEADER: &[u8] = b"PK\x03\x04";

/// What the sender says about a file: claims, not facts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hints {
    /// The file's name.
    pub name: Option<String>,
    /// The declared media type.
    pub mime: Option<String>,
}

/// Types that are opened by the same kind of program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Family {
    Pdf,
    Office,
    Ebook,
    Text,
    Image,
    Audio,
    Video,
    Archive,
    Executable,
    /// Content without a known signature that is not text either.
    Unknown,
}

/// The type of a content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Detected {
    pub(super) format: FileFormat,
    pub(super) family: Family,
    /// No signature at the start, but a PDF header soon after it: maybe a PDF behind some junk.
    pub(super) late_pdf_header: bool,
}

impl Detected {
    /// A known format.
    pub(super) fn of(format: FileFormat) -> Self {
        Self { format, family: Family::of(format), late_pdf_header: false }
    }

    /// What such a file is good for.
    pub(super) fn kind(self) -> Kind {
        let is_script = self.family == Family::Text
            && self.format.media_type().starts_with("text/x-")
            && self.format != FileFormat::Latex;
        match self.family {
            _ if is_script => Kind::Document,
            Family::Pdf | Family::Office | Family::Ebook | Family::Text => Kind::Book,
            Family::Image => Kind::Image,
            Family::Audio => Kind::Audio,
            Family::Video => Kind::Video,
            Family::Archive => Kind::Archive,
            Family::Executable | Family::Unknown => Kind::Document,
        }
    }
}

/// Tells the type of `file` by its content; leaves the position at its start.
pub(super) fn detect(file: &mut (impl Read + Seek)) -> io::Result<Detected> {
    let format = FileFormat::from_reader(&mut *file)?;

    file.seek(SeekFrom::Start(0))?;
    let mut head = Vec::new();
    file.by_ref().take(HEAD).read_to_end(&mut head)?;
    file.seek(SeekFrom::Start(0))?;

    // A book with a drawing in it also holds the mark of Illustrator's files.
    if head.starts_with(PDF_HEADER) {
        return Ok(Detected::of(FileFormat::PortableDocumentFormat));
    }
    // What is packed and damaged is still that, to its sender and to its reader.
    if format == FileFormat::ArbitraryBinaryData && head.starts_with(ZIP_HEADER) {
        return Ok(Detected::of(FileFormat::Zip));
    }
    let has_signature = !matches!(format, FileFormat::ArbitraryBinaryData | FileFormat::PlainText);
    let pdf_places = head.windows(PDF_HEADER.len()).take(PDF_HEADER_WITHIN);
    let has_pdf_header = pdf_places.into_iter().any(|window| window == PDF_HEADER);
    let format = refine(format, &head, file)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(Detected { late_pdf_header: has_pdf_header && !has_signature, ..Detected::of(format) })
}

/// Whether the content can be what the sender calls it.
pub(super) fn agrees(found: Family, hints: &Hints) -> bool {
    let by_name = hints.name.as_deref().and_then(extension).map(|it| families_of_extension(&it));
    let by_mime = hints.mime.as_deref().map(families_of_media_type);
    [by_name, by_mime]
        .into_iter()
        .flatten()
        .all(|claims| claims.is_empty() || claims.iter().any(|claim| claim.admits(found)))
}

impl Family {
    /// The family of a format.
    fn of(format: FileFormat) -> Self {
        let media_type = format.media_type();
        match format {
            FileFormat::PortableDocumentFormat => return Self::Pdf,
            FileFormat::CompoundFileBinary => return Self::Office,
            FileFormat::MicrosoftCompiledHtmlHelp => return Self::Ebook,
            FileFormat::Id3v2 => return Self::Audio,
            // Containers whose tracks could not be told.
            FileFormat::Mpeg4Part14
            | FileFormat::Mpeg4Part14Subtitles
            | FileFormat::MatroskaSubtitles
            | FileFormat::AdvancedSystemsFormat
            | FileFormat::ExtensibleBinaryMetaLanguage
            | FileFormat::OggMultiplexedMedia
            | FileFormat::Realmedia => return Self::Video,
            _ => {}
        }
        match format.kind() {
            FormatKind::Document
            | FormatKind::Spreadsheet
            | FormatKind::Presentation
            | FormatKind::Diagram
            | FormatKind::Formula
                if !media_type.starts_with("text/") =>
            {
                Self::Office
            }
            FormatKind::Ebook => Self::Ebook,
            FormatKind::Image => Self::Image,
            FormatKind::Audio => Self::Audio,
            FormatKind::Video => Self::Video,
            FormatKind::Archive
            | FormatKind::Compressed
            | FormatKind::Package
            | FormatKind::Disk => Self::Archive,
            FormatKind::Executable => Self::Executable,
            FormatKind::Subtitle | FormatKind::Playlist => Self::Text,
            _ if media_type.starts_with("text/") || media_type.ends_with("xml") => Self::Text,
            _ => Self::Unknown,
        }
    }

    /// Whether a file that claims to be of this family may have a content of the family `found`.
    fn admits(self, found: Self) -> bool {
        match self {
            Self::Unknown => true,
            Self::Pdf | Self::Image => found == self,
            // Containers hold either, and a stream with junk before its first frame still plays.
            Self::Audio | Self::Video => {
                matches!(found, Self::Audio | Self::Video | Self::Unknown)
            }
            // Tables are exported as HTML under `.xls`, and a container may hide its signature.
            Self::Office => matches!(found, Self::Office | Self::Archive | Self::Text),
            Self::Ebook => {
                matches!(found, Self::Ebook | Self::Archive | Self::Text | Self::Unknown)
            }
            // Text in an old encoding has no signature; XML and RTF are text to their senders.
            Self::Text => {
                matches!(found, Self::Text | Self::Unknown | Self::Office | Self::Ebook)
            }
            Self::Archive => matches!(found, Self::Archive | Self::Office | Self::Ebook),
            Self::Executable => matches!(found, Self::Executable | Self::Archive | Self::Unknown),
        }
    }
}

/// The extension of a name, in lower case, without its dot.
fn extension(name: &str) -> Option<String> {
    let (stem, extension) = name.trim_end().rsplit_once('.')?;
    let is_word = !extension.is_empty() && extension.chars().all(char::is_alphanumeric);
    (is_word && !stem.is_empty()).then(|| extension.to_lowercase())
}

/// The families that an extension may mean; empty when it says nothing.
fn families_of_extension(extension: &str) -> Vec<Family> {
    let canonical = match extension {
        "jpeg" | "jpe" => "jpg",
        "tif" => "tiff",
        "htm" => "html",
        "mpeg" | "mpe" => "mpg",
        "aif" => "aiff",
        "docm" | "dotx" => "docx",
        "xlsm" => "xlsx",
        "pptm" | "ppsx" => "pptx",
        "md" | "csv" | "tsv" | "log" | "text" => "txt",
        other => other,
    };
    FileFormat::from_extension(canonical).iter().copied().map(Family::of).collect()
}

/// The families that a declared media type may mean; empty when it says nothing.
fn families_of_media_type(declared: &str) -> Vec<Family> {
    let essence = declared.split(';').next().unwrap_or_default().trim().to_lowercase();
    let known = FileFormat::from_media_type(&essence);
    if !known.is_empty() {
        return known.iter().copied().map(Family::of).collect();
    }
    let family = match essence.as_str() {
        "application/x-pdf" => Family::Pdf,
        "application/x-zip-compressed"
        | "application/x-zip"
        | "application/x-rar-compressed"
        | "application/x-rar"
        | "application/x-gzip" => Family::Archive,
        "application/x-msdownload" | "application/x-elf" => Family::Executable,
        _ => match essence.split_once('/') {
            Some(("audio", _)) => Family::Audio,
            Some(("video", _)) => Family::Video,
            Some(("image", _)) => Family::Image,
            Some(("text", _)) => Family::Text,
            _ => return Vec::new(),
        },
    };
    vec![family]
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn a_name_claims_what_its_last_extension_says() {
        assert_eq!(extension("Lesson 1.PDF").as_deref(), Some("pdf"));
        assert_eq!(extension("invoice.pdf.exe ").as_deref(), Some("exe"));
        for nothing in ["", "README", ".pdf", "1. introduction to grammar", "end."] {
            assert_eq!(extension(nothing), None, "{nothing:?}");
        }
    }

    #[test]
    fn claims_are_compared_by_family() {
        let agrees_with = |found, name: &str, mime: &str| {
            let name = (!name.is_empty()).then(|| name.to_owned());
            let mime = (!mime.is_empty()).then(|| mime.to_owned());
            agrees(found, &Hints { name, mime })
        };
        for (found, name, mime) in [
            (Family::Pdf, "a.pdf", "application/pdf"),
            (Family::Pdf, "a.unheardof", "application/x-unheardof"),
            (Family::Archive, "a.docx", ""),
            (Family::Text, "a.xls", ""),
            (Family::Text, "a.csv", "text/csv"),
            (Family::Unknown, "a.txt", "text/plain"),
            (Family::Audio, "a.m4a", "audio/mp4"),
            (Family::Audio, "a.mp4", "video/mp4"),
            (Family::Audio, "a.mp3", "audio/mp3"),
            (Family::Video, "a.ogg", ""),
            (Family::Unknown, "a.mp3", ""),
            (Family::Executable, "setup.exe", "application/x-msdownload"),
        ] {
            assert!(agrees_with(found, name, mime), "{found:?} {name} {mime}");
        }
        for (found, name, mime) in [
            (Family::Archive, "a.pdf", ""),
            (Family::Unknown, "a.pdf", ""),
            (Family::Executable, "a.pdf", ""),
            (Family::Executable, "a.docx", ""),
            (Family::Executable, "a.zip", ""),
            (Family::Executable, "", "audio/x-anything"),
            (Family::Pdf, "a.mp3", ""),
            (Family::Pdf, "a.txt", ""),
            (Family::Archive, "a.jpeg", ""),
            // One true claim does not excuse a false one.
            (Family::Pdf, "a.pdf", "audio/mpeg"),
        ] {
            assert!(!agrees_with(found, name, mime), "{found:?} {name} {mime}");
        }
    }

    #[test]
    fn contents_are_good_for_what_they_are() {
        let kind = |bytes: &[u8]| detect(&mut Cursor::new(bytes)).unwrap().kind();
        assert_eq!(kind(b"%PDF-1.4 AIPrivateData"), Kind::Book);
        assert_eq!(kind(b"just words"), Kind::Book);
        assert_eq!(kind(b"#!/bin/sh\nexit 0\n"), Kind::Document);
        assert_eq!(kind(b"\x7fELF\x02\x01\x01\0\0\0\0\0"), Kind::Document);
        assert_eq!(kind(b"\x00\x01\x02\xff"), Kind::Document);
        assert_eq!(kind(b"PK\x03\x04\x14\0 cut"), Kind::Archive);
        assert_eq!(kind(b"ID3\x04\0\0\0\0\0\0 a tag without a song"), Kind::Audio);
    }
}
