//! PDF: pages, title, author and text, by lopdf.
//!
//! A file with an empty user password (it can be read, but not printed or changed) is read like
//! any other. One that needs a password is `Encrypted`; lopdf loads it without an error and
//! without pages, and tells it only by the `Encrypt` entry left in the trailer.

mod font;
mod pen;
mod text;

use std::fs::File;
use std::io::{self, Read, Seek};

use lopdf::{DecompressError, Document, Error, LoadOptions, decode_text_string};

use super::clean;
use super::formats::Found;
use super::limits::InspectLimits;
use crate::domain::inspection::{PartKind, Rejection, TextPart};

/// Reads the file from its start.
///
/// # Errors
/// Reading failed: no fault of the file.
pub(super) fn read(
    file: &mut File,
    limits: &InspectLimits,
) -> io::Result<Result<Found, Rejection>> {
    let length = file.metadata()?.len();
    if length > limits.max_parse_bytes {
        return Ok(Ok(Found { truncated: true, ..Found::default() }));
    }
    file.rewind()?;
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
    file.take(limits.max_parse_bytes).read_to_end(&mut bytes)?;
    Ok(parse(&bytes, limits))
}

/// Reads a whole file in memory.
fn parse(bytes: &[u8], limits: &InspectLimits) -> Result<Found, Rejection> {
    let options = LoadOptions::with_max_decompressed_size(limits.max_unpacked_bytes);
    let document =
        Document::load_mem_with_options(bytes, options).map_err(|error| rejection(&error))?;
    if document.trailer.has(b"Encrypt") {
        return Err(Rejection::Encrypted);
    }
    let pages = document.page_iter().count();
    if pages == 0 {
        return Err(Rejection::Broken);
    }
    let (parts, truncated) = parts(&document, limits)?;
    Ok(Found {
        title: info(&document, b"Title").and_then(|title| clean::title(&title)),
        author: info(&document, b"Author").and_then(|author| clean::author(&author)),
        pages: u32::try_from(pages).ok(),
        part_kind: PartKind::Page,
        parts,
        truncated,
        ..Found::default()
    })
}

/// The text of the pages that have some, and whether the limits cut it short.
fn parts(document: &Document, limits: &InspectLimits) -> Result<(Vec<TextPart>, bool), Rejection> {
    let mut parts = Vec::new();
    let mut room = limits.max_text_bytes;
    for (page, number) in document.page_iter().zip(1_u32..) {
        if number > limits.max_pages || room == 0 {
            return Ok((parts, true));
        }
        let raw = match text::of_page(document, page, limits.max_unpacked_bytes, room) {
            Ok(raw) => raw,
            Err(error) if is_bomb(&error) => return Err(Rejection::Hostile),
            // One unreadable page does not make a book unreadable.
            Err(_unreadable) => continue,
        };
        let mut text = clean::flowing(&raw);
        let is_cut = text.len() > room;
        text.truncate(text.floor_char_boundary(room));
        room -= text.len();
        if !text.is_empty() {
            parts.push(TextPart { number, label: None, text });
        }
        if is_cut {
            return Ok((parts, true));
        }
    }
    Ok((parts, false))
}

/// An entry of the document's information dictionary (ISO 32000-1, 14.3.3).
fn info(document: &Document, key: &[u8]) -> Option<String> {
    let info = document.trailer.get_deref(b"Info", document).ok()?;
    let value = info.as_dict().ok()?.get_deref(key, document).ok()?;
    decode_text_string(value).ok()
}

fn rejection(error: &Error) -> Rejection {
    match error {
        Error::InvalidPassword | Error::Decryption(_) | Error::UnsupportedSecurityHandler(_) => {
            Rejection::Encrypted
        }
        error if is_bomb(error) => Rejection::Hostile,
        _ => Rejection::Broken,
    }
}

fn is_bomb(error: &Error) -> bool {
    matches!(error, Error::Decompress(DecompressError::MemoryLimitExceeded { .. }))
}
