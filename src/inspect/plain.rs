//! Plain text in UTF-8. Other encodings are taken without their text for now.

use std::io::{self, Read};

use super::clean;
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
    let truncated = bytes.len() > limits.max_text_bytes;
    bytes.truncate(limits.max_text_bytes);

    let text = match std::str::from_utf8(&bytes) {
        Ok(text) => text,
        // The cut may have parted a character, which is then incomplete, not wrong.
        Err(error) if truncated && error.error_len().is_none() => {
            let whole = bytes.get(..error.valid_up_to()).unwrap_or_default();
            std::str::from_utf8(whole).unwrap_or_default()
        }
        Err(_other_encoding) => return Ok(Ok(Found::default())),
    };
    let text = clean::lines(text);
    let has_text = text.chars().any(|c| !c.is_whitespace());
    let parts = if has_text { vec![TextPart { number: 1, label: None, text }] } else { Vec::new() };
    Ok(Ok(Found { parts, truncated, ..Found::default() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_bytes(mut bytes: &[u8], max_text_bytes: usize) -> Found {
        let limits = InspectLimits { max_text_bytes, ..InspectLimits::default() };
        read(&mut bytes, &limits).unwrap().unwrap()
    }

    #[test]
    fn a_cut_never_parts_a_character() {
        let found = read_bytes("ягода".as_bytes(), 5);
        assert_eq!(found.parts, [TextPart { number: 1, label: None, text: "яг".to_owned() }]);
        assert!(found.truncated);

        let whole = read_bytes("ягода".as_bytes(), 10);
        assert_eq!(whole.parts[0].text, "ягода");
        assert!(!whole.truncated);
    }

    #[test]
    fn other_encodings_and_blank_files_have_no_text() {
        assert_eq!(read_bytes(b"\xd2\xe5\xea\xf1\xf2", 100), Found::default());
        assert_eq!(read_bytes(b" \r\n\t", 100), Found::default());
    }
}
