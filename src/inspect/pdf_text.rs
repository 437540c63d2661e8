//! The text of one PDF page, in the order of its content stream.
//!
//! lopdf's own `extract_text` walks the page tree anew for every page, loses the breaks of lines
//! that are set by `Td` and `Tm` (the last word of a line grows together with the first of the
//! next), and gives up a page for one bad font. Fonts, their encodings and the parsing of the
//! stream are lopdf's here too; only the walk over the operators is ours.
//!
//! Known and accepted: no text from form XObjects, from Type 3 fonts and from CID fonts without a
//! `ToUnicode` map; columns come in the order in which the program wrote them.

use std::collections::BTreeMap;

use lopdf::content::Content;
use lopdf::{DecompressError, Document, Encoding, Error, Object, ObjectId};

/// A gap inside a `TJ` array that is a space, in thousandths of the font size. Kerning stays
/// below it; the space of a justified line is seldom narrower.
const SPACE_GAP: f32 = -170.0;

/// The raw text of a page: words parted by spaces, lines by line feeds. Stops after
/// `max_text_bytes` or a little more; no stream may unpack to more than `max_unpacked_bytes`.
///
/// # Errors
/// The page or its content cannot be read, or unpacks to too much.
pub(super) fn of_page(
    document: &Document,
    page: ObjectId,
    max_unpacked_bytes: usize,
    max_text_bytes: usize,
) -> Result<String, Error> {
    let encodings = encodings(document, page, max_unpacked_bytes)?;
    let content = document.get_page_content_with_limit(page, max_unpacked_bytes)?;

    let mut text = String::new();
    let mut encoding = None;
    for operation in Content::decode_iter(&content) {
        // What was read before the damage is kept.
        let Ok(operation) = operation else { break };
        let operands = operation.operands.as_slice();
        match (operation.operator.as_str(), operands) {
            ("Tf", [Object::Name(font), ..]) => encoding = encodings.get(font),
            ("T*" | "ET" | "BT", _) => break_line(&mut text),
            ("Td" | "TD", [_, down]) => move_by(&mut text, down.as_float().unwrap_or_default()),
            ("Tm", [..]) => break_word(&mut text),
            ("Tj", [shown]) | ("\"", [_, _, shown]) => show(&mut text, encoding, shown),
            ("'", [shown]) => {
                break_line(&mut text);
                show(&mut text, encoding, shown);
            }
            ("TJ", [Object::Array(shown)]) => {
                shown.iter().for_each(|it| show(&mut text, encoding, it));
            }
            _ => {}
        }
        if text.len() > max_text_bytes {
            break;
        }
    }
    Ok(text)
}

/// The encodings of the page's fonts by their names. A font that cannot be read is left out; one
/// that unpacks to too much is an error.
fn encodings(
    document: &Document,
    page: ObjectId,
    max_unpacked_bytes: usize,
) -> Result<BTreeMap<Vec<u8>, Encoding<'_>>, Error> {
    let mut encodings = BTreeMap::new();
    for (name, font) in document.get_page_fonts(page)? {
        match font.get_font_encoding_with_limit(document, max_unpacked_bytes) {
            Ok(encoding) => {
                encodings.insert(name, encoding);
            }
            Err(bomb @ Error::Decompress(DecompressError::MemoryLimitExceeded { .. })) => {
                return Err(bomb);
            }
            Err(_unreadable) => {}
        }
    }
    Ok(encodings)
}

/// Appends a string, or the space that a wide gap stands for.
fn show(text: &mut String, encoding: Option<&Encoding<'_>>, shown: &Object) {
    match shown {
        Object::String(bytes, _) => {
            if let Some(encoding) = encoding {
                // What cannot be decoded is left out: there is no better text to show.
                let _ = encoding.write_to_string(bytes, text);
            }
        }
        gap if gap.as_float().is_ok_and(|gap| gap < SPACE_GAP) => break_word(text),
        _ => {}
    }
}

fn move_by(text: &mut String, down: f32) {
    if down == 0.0 {
        break_word(text);
    } else {
        break_line(text);
    }
}

fn break_word(text: &mut String) {
    if !text.is_empty() && !text.ends_with(char::is_whitespace) {
        text.push(' ');
    }
}

fn break_line(text: &mut String) {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
}
