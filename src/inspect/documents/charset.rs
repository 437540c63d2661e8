//! In which encoding a text is written, and the text.
//!
//! UTF-8 is told by its form and UTF-16 by its mark or its zeros; of the old one-byte encodings
//! (Windows-1251, KOI8-R, IBM866 and their like) the likeliest is guessed by letter frequencies,
//! which errs on a few words and is right on a page.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// How much of a text is looked at to guess, in bytes.
const SAMPLE: usize = 64 * 1024;
/// How much of a document may come before its own word on its encoding is over, in bytes.
const DECLARATION: usize = 1024;

/// The text of a file without markup; `None` when it does not look like text.
pub(in crate::inspect) fn decode_text(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let encoding = guess(bytes)?;
    // A mark at the start goes before a guess, and is removed.
    let (text, _, _) = encoding.decode(bytes);
    Some(text)
}

/// The text of an XML document: by its mark, its zeros or its declaration.
pub(super) fn decode_xml(bytes: Vec<u8>) -> String {
    let encoding = Encoding::for_bom(&bytes)
        .map(|(encoding, _length)| encoding)
        .or_else(|| utf16_by_first_tag(&bytes))
        .or_else(|| declared(&bytes, b"encoding"))
        .unwrap_or(UTF_8);
    into_text(bytes, encoding)
}

/// The text of a web page: by its mark, its `meta` element, or a guess.
pub(super) fn decode_html(bytes: Vec<u8>) -> String {
    let encoding = Encoding::for_bom(&bytes)
        .map(|(encoding, _length)| encoding)
        .or_else(|| utf16_by_first_tag(&bytes))
        .or_else(|| std::str::from_utf8(&bytes).is_ok().then_some(UTF_8))
        .or_else(|| declared(&bytes, b"charset"))
        .or_else(|| declared(&bytes, b"encoding"))
        .or_else(|| guess(&bytes))
        .unwrap_or(UTF_8);
    into_text(bytes, encoding)
}

fn into_text(bytes: Vec<u8>, encoding: &'static Encoding) -> String {
    if encoding == UTF_8 && !bytes.starts_with(b"\xef\xbb\xbf") {
        return String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    }
    encoding.decode(&bytes).0.into_owned()
}

/// The encoding after the first `key=` near the start.
fn declared(bytes: &[u8], key: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..DECLARATION).unwrap_or(bytes);
    let lower = head.to_ascii_lowercase();
    let at = lower.windows(key.len()).position(|window| window == key)?;
    let value = lower.get(at + key.len()..)?.trim_ascii_start().strip_prefix(b"=")?;
    let value = value.trim_ascii_start();
    let value = value.strip_prefix(b"\"").or(value.strip_prefix(b"'")).unwrap_or(value);
    let end = value.iter().position(|byte| b"\"'>; /?".contains(byte))?;
    let encoding = Encoding::for_label(value.get(..end)?)?;
    // It could not have been found by these letters if it were true.
    let is_utf16 = encoding == UTF_16LE || encoding == UTF_16BE;
    Some(if is_utf16 { UTF_8 } else { encoding })
}

/// UTF-16 without its mark, by the form of `<` and a letter (XML 1.0, appendix F).
fn utf16_by_first_tag(bytes: &[u8]) -> Option<&'static Encoding> {
    match *bytes {
        [b'<', 0, second, 0, ..] if second != 0 => Some(UTF_16LE),
        [0, b'<', 0, second, ..] if second != 0 => Some(UTF_16BE),
        _ => None,
    }
}

/// The encoding of a text; `None` when it does not look like text.
fn guess(bytes: &[u8]) -> Option<&'static Encoding> {
    if let Some((encoding, _length)) = Encoding::for_bom(bytes) {
        return Some(encoding);
    }
    let sample = bytes.get(..SAMPLE).unwrap_or(bytes);
    let is_utf8 = match std::str::from_utf8(sample) {
        Ok(_) => true,
        // The end of the sample, or of a file that was cut, may part a character.
        Err(error) => error.error_len().is_none() && error.valid_up_to() > 0,
    };
    // In UTF-16, letters look like controls.
    if is_utf8 && is_text(sample) {
        return Some(UTF_8);
    }
    guess_utf16(sample).or_else(|| guess_legacy(sample))
}

fn is_text(sample: &[u8]) -> bool {
    !sample.iter().any(|&byte| is_control(byte))
}

/// UTF-16 without its mark: nearly every character is Latin or Cyrillic, so that every other
/// byte is one of two.
fn guess_utf16(sample: &[u8]) -> Option<&'static Encoding> {
    let (pairs, _odd_one) = sample.as_chunks::<2>();
    if pairs.len() < 4 {
        return None;
    }
    let is_page = |byte: u8| byte == 0 || byte == 4;
    let few = pairs.len() / 20;
    let le = pairs.iter().filter(|&&[_, high]| !is_page(high)).count() <= few;
    let be = pairs.iter().filter(|&&[high, _]| !is_page(high)).count() <= few;
    let encoding = match (le, be) {
        (true, false) => UTF_16LE,
        (false, true) => UTF_16BE,
        _ => return None,
    };
    let whole = sample.get(..pairs.len() * 2)?;
    let (text, had_errors) = encoding.decode_without_bom_handling(whole);
    (!had_errors && looks_written(&text)).then_some(encoding)
}

/// An encoding of one byte for a letter, or one of the Far East.
fn guess_legacy(sample: &[u8]) -> Option<&'static Encoding> {
    if !is_text(sample) {
        return None;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, true);
    let encoding = detector.guess(None, Utf8Detection::Deny);
    let (text, _had_errors) = encoding.decode_without_bom_handling(sample);
    looks_written(&text).then_some(encoding)
}

/// Whether a text consists of what people write: mostly letters and spaces, no controls.
fn looks_written(text: &str) -> bool {
    let mut all = 0_usize;
    let mut written = 0_usize;
    for c in text.chars() {
        if c.is_control() && !c.is_whitespace() {
            return false;
        }
        all += 1;
        written += usize::from(c.is_alphanumeric() || c.is_whitespace());
    }
    // Noise decoded as some one-byte encoding is half punctuation and drawings.
    all > 0 && written * 4 >= all * 3
}

/// Bytes that no text has in any of these encodings.
fn is_control(byte: u8) -> bool {
    // DOS files end with a substitute, old ones have form feeds.
    byte == 0x7f || (byte < 0x20 && !b"\t\n\r\x0b\x0c\x1a".contains(&byte))
}

#[cfg(test)]
mod tests {
    use encoding_rs::{IBM866, KOI8_R, WINDOWS_1251};

    use super::*;

    const STORY: &str = "Все счастливые семьи похожи друг на друга, каждая несчастливая семья \
                         несчастлива по-своему.\r\nВсе смешалось в доме Облонских.";

    #[test]
    fn old_cyrillic_encodings_are_guessed() {
        for encoding in [WINDOWS_1251, KOI8_R, IBM866] {
            let (bytes, _, _) = encoding.encode(STORY);
            assert_eq!(decode_text(&bytes).as_deref(), Some(STORY), "{}", encoding.name());
        }
        let (bytes, _, _) = WINDOWS_1251.encode("Урок первый");
        assert_eq!(decode_text(&bytes).as_deref(), Some("Урок первый"));
    }

    #[test]
    fn utf16_is_told_with_and_without_its_mark() {
        for text in [STORY, "Plain English text.\r\nTwo lines of it."] {
            let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            assert_eq!(decode_text(&le).as_deref(), Some(text));
            assert_eq!(decode_text(&be).as_deref(), Some(text));
            let odd = [&le, b"x".as_slice()].concat();
            assert!(decode_text(&odd).is_some_and(|found| found.starts_with(text)));
            let marked = [b"\xff\xfe".as_slice(), &le].concat();
            assert_eq!(decode_text(&marked).as_deref(), Some(text));
        }
    }

    #[test]
    fn noise_is_no_text() {
        for noise in [
            b"".as_slice(),
            b"\0\0\0\0\0\0\0\0",
            b"\x01\x02\x03 nothing known",
            b"\x7fELF\x02\x01",
            b"\xff\xd8\xff\xe0\x80\x90\xa0\xb0",
            b"words and \x08 a bell \xff",
        ] {
            let text = decode_text(noise).unwrap_or_default();
            assert_eq!(text, "", "{noise:?}");
        }
    }

    #[test]
    fn documents_say_their_encoding() {
        let (bytes, _, _) =
            WINDOWS_1251.encode("<?xml version='1.0' encoding='windows-1251'?><я/>");
        assert!(decode_xml(bytes.into_owned()).ends_with("<я/>"));
        let (bytes, _, _) = KOI8_R.encode("<html><meta charset=koi8-r ><p>я</p>");
        assert!(decode_html(bytes.into_owned()).ends_with("<p>я</p>"));
        // A lie of UTF-16 in Latin letters, and letters that are wrong in UTF-8.
        let text = decode_xml(b"<?xml encoding=\"UTF-16\"?><a>\xff</a>".to_vec());
        assert!(text.ends_with("<a>\u{fffd}</a>"));
        let le: Vec<u8> = "<?xml?><a>я</a>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(decode_xml(le).ends_with("<a>я</a>"));
    }
}
