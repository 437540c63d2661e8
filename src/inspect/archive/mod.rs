//! Archives: how many files they hold, and the names of them. Nothing is ever unpacked.
//!
//! Names are hostile text: they are cleaned, bounded in length and number, and never used as paths.
//! Formats without a reader here (7z, compressed TAR and the like) are taken by their type alone.

mod rar;
mod tar;
mod zip;

use std::fs::File;
use std::io::{self, BufReader, Seek};

use file_format::FileFormat;

use super::clean;
use super::formats::Found;
use super::limits::InspectLimits;
use crate::domain::inspection::{Measures, PartKind, Rejection, TextPart};

/// Most files whose names are kept; further ones only count.
const MAX_LISTED: usize = 10_000;

/// Most headers that are read, whatever they are headers of.
const MAX_HEADERS: usize = 1_000_000;

/// Longest name kept, in characters.
const MAX_NAME_CHARS: usize = 200;

/// What a reader brings together.
#[derive(Debug, Default)]
struct Listing {
    files: usize,
    names: Vec<String>,
    /// Whether the reader stopped before the end.
    is_cut: bool,
    /// Whether a file in it needs a password.
    has_locked: bool,
}

/// Reads the list of files.
///
/// # Errors
/// Reading failed: no fault of the file.
pub(super) fn read(
    file: &mut File,
    format: FileFormat,
    limits: &InspectLimits,
) -> io::Result<Result<Found, Rejection>> {
    file.rewind()?;
    let reader = BufReader::new(file);
    let listing = match format {
        FileFormat::Zip => zip::list(reader),
        FileFormat::RoshalArchive => rar::list(reader)?,
        FileFormat::TapeArchive => tar::list(reader),
        _ => return Ok(Ok(Found::default())),
    };
    Ok(listing.and_then(|listing| describe(&listing, limits)))
}

fn describe(listing: &Listing, limits: &InspectLimits) -> Result<Found, Rejection> {
    if listing.has_locked {
        return Err(Rejection::Encrypted);
    }
    let mut text = String::new();
    for name in &listing.names {
        if text.len() + name.len() + 1 > limits.max_text_bytes {
            break;
        }
        text.push_str(name);
        text.push('\n');
    }
    let listed = text.lines().count();
    text.truncate(text.trim_end().len());
    let has_names = !text.is_empty();
    let part = TextPart { number: 1, label: None, text };
    Ok(Found {
        measures: Measures { entries: u32::try_from(listing.files).ok(), ..Measures::default() },
        part_kind: PartKind::Entries,
        parts: if has_names { vec![part] } else { Vec::new() },
        truncated: listing.is_cut || listed < listing.files,
        ..Found::default()
    })
}

impl Listing {
    /// Takes a file's name as it stands in the archive.
    fn add(&mut self, name: &str) {
        // What one system's archiver adds for itself.
        if name.starts_with("__MACOSX/") || name.ends_with(".DS_Store") {
            return;
        }
        self.files += 1;
        if self.names.len() < MAX_LISTED {
            let name = clean::flowing(&name.replace('\\', "/"));
            let name: String = name.chars().take(MAX_NAME_CHARS).collect();
            self.names.push(if name.is_empty() { "?".to_owned() } else { name });
        }
    }
}

/// A name whose encoding the archive does not tell: UTF-8 if it is, else code page 866, in which
/// Windows writes Cyrillic names.
fn decode_name(raw: &[u8]) -> String {
    match std::str::from_utf8(raw) {
        Ok(name) => name.to_owned(),
        Err(_other) => raw.iter().map(|&byte| letter_of_866(byte)).collect(),
    }
}

fn letter_of_866(byte: u8) -> char {
    let code = match byte {
        0x80..=0xaf => 0x0410 + u32::from(byte - 0x80),
        0xe0..=0xef => 0x0440 + u32::from(byte - 0xe0),
        0xf0 => 0x0401,
        0xf1 => 0x0451,
        0x00..=0x7f => u32::from(byte),
        _ => u32::from('?'),
    };
    char::from_u32(code).unwrap_or('?')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_the_old_code_page_are_read() {
        assert_eq!(decode_name(b"\x93\xe0\xae\xaa 1.pdf"), "Урок 1.pdf");
        assert_eq!(decode_name("Урок".as_bytes()), "Урок");
        assert_eq!(decode_name(b"\xf0\xf1\xb0"), "Ёё?");
    }

    #[test]
    fn names_are_cleaned_and_bounded() {
        let mut listing = Listing::default();
        for name in ["a\\b\u{202e}fdp.exe\n", &"x".repeat(5000), "\u{202e}", "__MACOSX/._a"] {
            listing.add(name);
        }
        let found = describe(&listing, &InspectLimits::default()).unwrap();
        assert_eq!(found.measures.entries, Some(3));
        assert_eq!(found.parts[0].text, format!("a/bfdp.exe\n{}\n?", "x".repeat(200)));
        assert!(!found.truncated);

        let limits = InspectLimits { max_text_bytes: 30, ..InspectLimits::default() };
        let found = describe(&listing, &limits).unwrap();
        assert_eq!(found.parts[0].text, "a/bfdp.exe");
        assert!(found.truncated);
    }
}
