//! What the codes of a PDF font mean: their characters and widths (ISO 32000-1, 9.6 to 9.10).
//!
//! The `ToUnicode` map goes first, as it is made for extracting text; a code that it does not
//! know is looked up in the font's `Encoding`.

use std::collections::BTreeMap;

use lopdf::{DecompressError, Dictionary, Document, Encoding, Error, Object, ObjectId};

/// Width of a character of which nothing is known, in thousandths of the font size: about the
/// mean of the standard fonts, which need no widths in the file.
const USUAL_WIDTH: f32 = 500.0;
/// Default of `DW`, the usual width in a composite font.
const COMPOSITE_WIDTH: f32 = 1000.0;

/// The dictionaries that a [`Font`] is read from; it borrows from them.
pub(super) struct FontSource<'a> {
    name: Vec<u8>,
    dictionary: &'a Dictionary,
    /// The same without `Encoding`, so that lopdf reads its `ToUnicode` map.
    unicode_only: Option<Dictionary>,
}

impl<'a> FontSource<'a> {
    /// The fonts of a page.
    pub(super) fn of_page(document: &'a Document, page: ObjectId) -> Result<Vec<Self>, Error> {
        let fonts = document.get_page_fonts(page)?;
        Ok(fonts.into_iter().map(|(name, font)| Self::new(name, font, document)).collect())
    }

    fn new(name: Vec<u8>, dictionary: &'a Dictionary, document: &Document) -> Self {
        let to_unicode = dictionary.get_deref(b"ToUnicode", document).and_then(Object::as_stream);
        let unicode_only = to_unicode.is_ok().then(|| {
            let mut unicode_only = dictionary.clone();
            unicode_only.remove(b"Encoding");
            unicode_only
        });
        Self { name, dictionary, unicode_only }
    }
}

/// A font that can be read aloud, so to speak.
pub(super) struct Font<'a> {
    name: &'a [u8],
    /// Whether a code has two bytes.
    is_composite: bool,
    to_unicode: Option<Encoding<'a>>,
    encoding: Option<Encoding<'a>>,
    widths: BTreeMap<u16, f32>,
    default_width: f32,
}

impl<'a> Font<'a> {
    /// Reads a font as far as it can be read.
    ///
    /// # Errors
    /// One of its streams unpacks to more than `max_unpacked_bytes`.
    pub(super) fn read(
        source: &'a FontSource<'a>,
        document: &'a Document,
        max_unpacked_bytes: usize,
    ) -> Result<Self, Error> {
        let dictionary = source.dictionary;
        let is_composite = has_name(dictionary, b"Subtype", b"Type0");
        let to_unicode = match &source.unicode_only {
            Some(font) => encoding_of(font, document, max_unpacked_bytes)?,
            None => None,
        };
        // In these the codes are numbers of glyphs: without a map they mean nothing.
        let is_identity = has_name(dictionary, b"Encoding", b"Identity-H")
            || has_name(dictionary, b"Encoding", b"Identity-V");
        let encoding = if is_composite && (is_identity || to_unicode.is_some()) {
            None
        } else {
            encoding_of(dictionary, document, max_unpacked_bytes)?
        };
        let (widths, default_width) = if is_composite {
            composite_widths(dictionary, document)
        } else {
            simple_widths(dictionary, document)
        };
        let name = source.name.as_slice();
        Ok(Self { name, is_composite, to_unicode, encoding, widths, default_width })
    }

    /// The name by which a page's content selects it.
    pub(super) fn name(&self) -> &[u8] {
        self.name
    }

    /// The codes of a string. Composite fonts have two-byte codes in nearly every encoding in use.
    pub(super) fn codes<'b>(&self, string: &'b [u8]) -> impl Iterator<Item = &'b [u8]> {
        string.chunks(if self.is_composite { 2 } else { 1 })
    }

    /// Appends the characters of a code; nothing when they are not known.
    pub(super) fn decode(&self, code: &[u8], text: &mut String) {
        let start = text.len();
        for encoding in [&self.to_unicode, &self.encoding].into_iter().flatten() {
            let is_decoded = encoding.write_to_string(code, text).is_ok();
            let decoded = text.get(start..).unwrap_or_default();
            if is_decoded && !decoded.is_empty() && !decoded.contains('\u{fffd}') {
                return;
            }
            text.truncate(start);
        }
    }

    /// The width of a code, in thousandths of the font size.
    pub(super) fn width(&self, code: &[u8]) -> f32 {
        let code = code.iter().fold(0_u16, |code, &byte| code << 8 | u16::from(byte));
        self.widths.get(&code).copied().unwrap_or(self.default_width)
    }
}

/// An encoding, if it can be read.
fn encoding_of<'a>(
    font: &'a Dictionary,
    document: &'a Document,
    max_unpacked_bytes: usize,
) -> Result<Option<Encoding<'a>>, Error> {
    match font.get_font_encoding_with_limit(document, max_unpacked_bytes) {
        Ok(encoding) => Ok(Some(encoding)),
        Err(bomb @ Error::Decompress(DecompressError::MemoryLimitExceeded { .. })) => Err(bomb),
        Err(_unreadable) => Ok(None),
    }
}

/// `FirstChar` and `Widths` of a simple font.
fn simple_widths(font: &Dictionary, document: &Document) -> (BTreeMap<u16, f32>, f32) {
    let first = font.get_deref(b"FirstChar", document).and_then(Object::as_i64);
    let first = first.ok().and_then(|first| u16::try_from(first).ok()).unwrap_or_default();
    let listed = array(font, b"Widths", document);
    // Type 3 fonts have a scale of their own.
    let scale = array(font, b"FontMatrix", document).first().and_then(|it| it.as_float().ok());
    let scale = scale.map_or(1.0, |scale| scale * 1000.0);
    let widths = (first..=u16::MAX)
        .zip(listed)
        .filter_map(|(code, width)| Some((code, width.as_float().ok()? * scale)))
        .filter(|&(_, width)| width > 0.0)
        .collect();
    (widths, USUAL_WIDTH)
}

/// `W` and `DW` of a composite font's only descendant.
fn composite_widths(font: &Dictionary, document: &Document) -> (BTreeMap<u16, f32>, f32) {
    let mut widths = BTreeMap::new();
    let descendant = array(font, b"DescendantFonts", document).first();
    let descendant = descendant
        .and_then(|font| document.dereference(font).ok())
        .and_then(|(_, font)| font.as_dict().ok());
    let Some(descendant) = descendant else {
        return (widths, COMPOSITE_WIDTH);
    };
    let default = descendant.get_deref(b"DW", document).and_then(Object::as_float);

    // Either `first [width width ...]` or `first last width`.
    let mut rest = array(descendant, b"W", document);
    while let [first, second, more @ ..] = rest {
        let Some(first) = code(first) else { break };
        let second = document.dereference(second).map_or(second, |(_, second)| second);
        match (second, more) {
            (Object::Array(listed), _) => {
                let listed = listed.iter().map(|width| width.as_float().unwrap_or_default());
                widths.extend((first..=u16::MAX).zip(listed));
                rest = more;
            }
            (last, [width, more @ ..]) => {
                let (Some(last), Ok(width)) = (code(last), width.as_float()) else { break };
                widths.extend((first..=last).map(|code| (code, width)));
                rest = more;
            }
            _ => break,
        }
    }
    (widths, default.unwrap_or(COMPOSITE_WIDTH))
}

fn code(object: &Object) -> Option<u16> {
    u16::try_from(object.as_i64().ok()?).ok()
}

fn has_name(dictionary: &Dictionary, key: &[u8], name: &[u8]) -> bool {
    dictionary.get(key).and_then(Object::as_name).is_ok_and(|it| it == name)
}

/// The array of an entry; empty when there is none.
fn array<'a>(dictionary: &'a Dictionary, key: &[u8], document: &'a Document) -> &'a [Object] {
    let array = dictionary.get_deref(key, document).and_then(Object::as_array);
    array.map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use lopdf::{Stream, dictionary};

    use super::*;

    const LIMIT: usize = 1_000_000;

    fn decoded(font: &Font, string: &[u8]) -> String {
        let mut text = String::new();
        font.codes(string).for_each(|code| font.decode(code, &mut text));
        text
    }

    #[test]
    fn the_unicode_map_goes_first_and_the_encoding_fills_its_holes() {
        let map = b"/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n\
            /CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n\
            1 begincodespacerange\n<00> <ff>\nendcodespacerange\n\
            1 beginbfchar\n<41> <0416>\nendbfchar\n\
            endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n";
        let mut document = Document::new();
        let map = document.add_object(Stream::new(Dictionary::new(), map.to_vec()));
        let dictionary = dictionary! {
            "Type" => "Font", "Subtype" => "TrueType", "Encoding" => "WinAnsiEncoding",
            "ToUnicode" => map, "FirstChar" => 65, "Widths" => vec![700.into(), 0.into()],
        };
        let source = FontSource::new(b"F1".to_vec(), &dictionary, &document);
        let font = Font::read(&source, &document, LIMIT).unwrap();
        assert_eq!(decoded(&font, b"AB"), "ЖB");
        let widths = [font.width(b"A"), font.width(b"B"), font.width(b"C")];
        assert_eq!(format!("{widths:?}"), "[700.0, 500.0, 500.0]");
    }

    #[test]
    fn glyph_numbers_without_a_map_are_no_text() {
        let document = Document::new();
        let dictionary = dictionary! {
            "Type" => "Font", "Subtype" => "Type0", "Encoding" => "Identity-H",
        };
        let source = FontSource::new(b"F1".to_vec(), &dictionary, &document);
        let font = Font::read(&source, &document, LIMIT).unwrap();
        assert_eq!(decoded(&font, b"\0A\0B"), "");
    }

    #[test]
    fn widths_of_composite_fonts_come_as_lists_and_as_ranges() {
        let document = Document::new();
        let widths: Vec<Object> =
            vec![1.into(), vec![300.into(), 400.into()].into(), 10.into(), 12.into(), 600.into()];
        let descendant = dictionary! { "DW" => 900, "W" => widths };
        let font = dictionary! { "DescendantFonts" => vec![descendant.into()] };
        let (widths, default) = composite_widths(&font, &document);
        let expected = [(1, 300.0), (2, 400.0), (10, 600.0), (11, 600.0), (12, 600.0)];
        assert_eq!(widths, BTreeMap::from(expected));
        assert_eq!(default.to_string(), "900");

        // A range that claims the whole space of codes is bounded by it.
        let widths: Vec<Object> = vec![0.into(), 65_535.into(), 1.into(), 5.into(), (-1).into()];
        let descendant = dictionary! { "W" => widths };
        let font = dictionary! { "DescendantFonts" => vec![descendant.into()] };
        assert_eq!(composite_widths(&font, &document).0.len(), 65_536);
    }
}
