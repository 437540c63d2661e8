//! Plain text in whatever encoding it is written.

use std::io::{self, Read};

use super::clean;
use super::documents::decode_text;
use super::formats::Found;
use super::limits::InspectLimits;
use crate::domain::inspection::{Rejection, TextPart};

/// Reads the text as one part, cut at the limit.
pub(super) fn read(
    file: &mut impl Read,
    limits: &InspectLimits,
) -> io::Result<Result<Found, Rejection>> {
    let limit = u64::try_from(limits.max_text_bytes).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    file.by_ref().take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(Ok(read_bytes(&bytes, limits)))
}

/// Reads the text of a file in memory.
pub(super) fn read_bytes(bytes: &[u8], limits: &InspectLimits) -> Found {
    let limit = limits.max_text_bytes;
    let is_cut = bytes.len() > limit;
    let bytes = bytes.get(..limit).unwrap_or(bytes);
    let Some(text) = decode_text(bytes) else {
        return Found { truncated: is_cut, ..Found::default() };
    };
    // The cut may have parted a character, which is cleaned away as undecodable.
    let mut text = clean::lines(&text);
    // What took one byte for a letter may take two in UTF-8.
    let truncated = is_cut || text.len() > limit;
    text.truncate(text.floor_char_boundary(limit));
    let has_text = text.chars().any(|c| !c.is_whitespace());
    let parts = if has_text { vec![TextPart { number: 1, label: None, text }] } else { Vec::new() };
    Found { parts, truncated, ..Found::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(mut bytes: &[u8], max_text_bytes: usize) -> Found {
        let limits = InspectLimits { max_text_bytes, ..InspectLimits::default() };
        read(&mut bytes, &limits).unwrap().unwrap()
    }

    #[test]
    fn a_cut_never_parts_a_character() {
        let cut = found("ягода".as_bytes(), 5);
        assert_eq!(cut.parts, [TextPart { number: 1, label: None, text: "яг".to_owned() }]);
        assert!(cut.truncated);

        let whole = found("ягода".as_bytes(), 10);
        assert_eq!(whole.parts[0].text, "ягода");
        assert!(!whole.truncated);
    }

    #[test]
    fn other_encodings_are_read_and_blank_files_have_no_text() {
        let old = found(b"\xd2\xe5\xea\xf1\xf2 \xf3\xf0\xee\xea\xe0", 100);
        assert_eq!(old.parts[0].text, "Текст урока");
        assert_eq!(found(b" \r\n\t", 100), Found::default());
        assert_eq!(found(b"\x00\x01\xff\xfe", 100), Found::default());
    }
}
