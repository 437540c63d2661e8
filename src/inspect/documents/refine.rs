//! Second thoughts about the type of a document, where signatures alone are not enough: texts in
//! old encodings, markup behind blanks, containers by what is really in them.

use std::io::{self, Read, Seek};

use file_format::FileFormat;

use super::charset::decode_text;
use super::package::Package;
use super::{compound, fb2, subtitles};
use crate::inspect::limits::InspectLimits;

/// The format of a file that begins with `head` and for which `format` was found. Leaves the
/// position anywhere.
///
/// # Errors
/// Reading failed: no fault of the file.
pub(in crate::inspect) fn refine(
    format: FileFormat,
    head: &[u8],
    file: &mut (impl Read + Seek),
) -> io::Result<FileFormat> {
    match format {
        // Containers that end early, which nobody could look into.
        FileFormat::ArbitraryBinaryData if head.starts_with(b"PK\x03\x04") => Ok(FileFormat::Zip),
        FileFormat::ArbitraryBinaryData if compound::has_mark(head) => {
            Ok(FileFormat::CompoundFileBinary)
        }
        FileFormat::ArbitraryBinaryData | FileFormat::PlainText => {
            Ok(decode_text(head).map_or(format, |text| of_text(&text)))
        }
        _ if head.trim_ascii_start().starts_with(b"<?xml")
            || head.starts_with(b"\xef\xbb\xbf<?") =>
        {
            Ok(of_root(&String::from_utf8_lossy(head)).unwrap_or(format))
        }
        FileFormat::Zip
        | FileFormat::FictionbookZip
        | FileFormat::OfficeOpenXmlDocument
        | FileFormat::OfficeOpenXmlPresentation
        | FileFormat::OfficeOpenXmlSpreadsheet => {
            file.rewind()?;
            Ok(Package::open(file, &InspectLimits::default())
                .map_or(format, |package| of_container(format, &package)))
        }
        _ => Ok(format),
    }
}

/// What a text is, by its first words.
fn of_text(text: &str) -> FileFormat {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let lower: String = text.chars().take(200).collect::<String>().to_lowercase();
    if lower.starts_with("<?xml") {
        return of_root(text).unwrap_or(FileFormat::ExtensibleMarkupLanguage);
    }
    let begins = |words: &[&str]| words.iter().any(|word| lower.starts_with(word));
    if begins(&["<!doctype html", "<html", "<head", "<body"]) {
        FileFormat::HypertextMarkupLanguage
    } else if begins(&["<fictionbook"]) {
        FileFormat::Fictionbook
    } else if begins(&["webvtt"]) {
        FileFormat::WebVideoTextTracks
    } else if subtitles::begins_like_subrip(text) {
        FileFormat::SubripText
    } else {
        FileFormat::PlainText
    }
}

/// What an XML document is, by its first element.
fn of_root(text: &str) -> Option<FileFormat> {
    let mut rest = text;
    loop {
        let (_, tag) = rest.split_once('<')?;
        rest = match tag {
            tag if tag.starts_with("!--") => tag.split_once("-->")?.1,
            tag if tag.starts_with('?') || tag.starts_with('!') => tag.split_once('>')?.1,
            tag => {
                let name = tag.split(|c: char| c.is_whitespace() || c == '>' || c == '/').next()?;
                let name = name.rsplit(':').next()?;
                return match name {
                    "html" => Some(FileFormat::HypertextMarkupLanguage),
                    "FictionBook" => Some(FileFormat::Fictionbook),
                    _ => None,
                };
            }
        };
    }
}

/// What a container is, by the names of its entries.
fn of_container<R: Read + Seek>(format: FileFormat, package: &Package<R>) -> FileFormat {
    let is_office = !matches!(format, FileFormat::Zip | FileFormat::FictionbookZip);
    if is_office {
        // Without it, it is only somebody's folder called `word`.
        return if package.has("[Content_Types].xml") { format } else { FileFormat::Zip };
    }
    if package.has("META-INF/container.xml") && package.len() > 1 {
        FileFormat::ElectronicPublication
    } else if fb2::only_book(package).is_some() {
        FileFormat::FictionbookZip
    } else {
        FileFormat::Zip
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::testing::zip;
    use super::*;

    fn of_bytes(bytes: &[u8]) -> FileFormat {
        let format = FileFormat::from(bytes);
        refine(format, bytes, &mut Cursor::new(bytes)).unwrap()
    }

    fn of_entries(names: &[&str]) -> FileFormat {
        let entries: Vec<_> = names.iter().map(|name| (*name, "x")).collect();
        of_bytes(zip(&entries).get_ref())
    }

    #[test]
    fn texts_are_told_in_any_encoding() {
        let utf16 = |text: &str| -> Vec<u8> {
            let mut bytes = b"\xff\xfe".to_vec();
            bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
            bytes
        };
        let subtitles = "2\n00:00:01,000 --> 00:00:02,000\nx";
        for (bytes, expected) in [
            (b"\xd3\xf0\xee\xea \xef\xe5\xf0\xe2\xfb\xe9".to_vec(), FileFormat::PlainText),
            (utf16("words"), FileFormat::PlainText),
            (utf16(subtitles), FileFormat::SubripText),
            (subtitles.into(), FileFormat::SubripText),
            (utf16("WEBVTT\n\n"), FileFormat::WebVideoTextTracks),
            (b"\n  <!DOCTYPE Html><p>".to_vec(), FileFormat::HypertextMarkupLanguage),
            (
                b"<?xml version='1.0'?><!-- <a> --><!DOCTYPE html><html xmlns='x'><svg>".to_vec(),
                FileFormat::HypertextMarkupLanguage,
            ),
            (utf16("<?xml?><FictionBook>"), FileFormat::Fictionbook),
            (b"<?xml version='1.0'?><svg>".to_vec(), FileFormat::ScalableVectorGraphics),
            (b"\x01\x02\x03 nothing".to_vec(), FileFormat::ArbitraryBinaryData),
        ] {
            assert_eq!(of_bytes(&bytes), expected, "{bytes:?}");
        }
    }

    #[test]
    fn containers_are_told_by_what_is_in_them() {
        for (names, expected) in [
            (["word/essay.txt", "b"].as_slice(), FileFormat::Zip),
            (&["[Content_Types].xml", "word/a"], FileFormat::OfficeOpenXmlDocument),
            (&["Book.FB2"], FileFormat::FictionbookZip),
            (&["books/", "books/1.fb2"], FileFormat::FictionbookZip),
            (&["1.fb2", "2.fb2"], FileFormat::Zip),
            (&["1.fb2", "1.jpg"], FileFormat::Zip),
            (&["META-INF/container.xml", "a.opf"], FileFormat::ElectronicPublication),
            (&["a", "b"], FileFormat::Zip),
        ] {
            assert_eq!(of_entries(names), expected, "{names:?}");
        }
        let whole = zip(&[("[Content_Types].xml", "x"), ("word/a", "x")]).into_inner();
        assert_eq!(of_bytes(&whole[..whole.len() / 2]), FileFormat::Zip);
    }
}
