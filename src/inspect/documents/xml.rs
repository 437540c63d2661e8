//! XML as a flat run of tags and texts.
//!
//! Names are told by their local part: which prefix a producer chose says nothing. Entities of a
//! DTD are never expanded, only the five of XML itself and numbers of characters. Depth and the
//! number of attributes are bounded; nothing here recurses.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::escape::{resolve_xml_entity, unescape};
use quick_xml::events::{BytesEnd, BytesRef, BytesStart, Event};

use crate::domain::inspection::Rejection;

/// Deepest nesting. Tables in tables in text boxes come to some sixty.
const MAX_DEPTH: usize = 256;
/// Most attributes of one element.
const MAX_ATTRIBUTES: usize = 256;
/// Longest value of an attribute that is looked at, in bytes.
const MAX_VALUE: usize = 16 * 1024;
/// Longest text of a field of metadata, in bytes.
const MAX_FIELD: usize = 4096;

/// What comes next in a document.
pub(super) enum Node<'a> {
    /// A start tag. An empty element has an end as well.
    Open(Tag<'a>),
    /// An end tag.
    Close(EndTag<'a>),
    /// A piece of text: one text may come in several.
    Text(Cow<'a, str>),
}

/// A start tag.
pub(super) struct Tag<'a>(BytesStart<'a>);

/// An end tag.
pub(super) struct EndTag<'a>(BytesEnd<'a>);

/// Reads a document from its start.
pub(super) struct Xml<'a> {
    reader: Reader<&'a [u8]>,
    depth: usize,
}

impl<'a> Xml<'a> {
    /// Begins to read `text`.
    pub(super) fn new(text: &'a str) -> Self {
        let mut reader = Reader::from_str(text);
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        // Many a homemade book has a slip of this sort, and its text is still there.
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        config.allow_dangling_amp = true;
        Self { reader, depth: 0 }
    }

    /// Number of elements that are open.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// What comes next; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Node<'a>>, Rejection> {
        loop {
            match self.reader.read_event().map_err(|_ill_formed| Rejection::Broken)? {
                Event::Start(start) | Event::Empty(start) => {
                    self.depth += 1;
                    if self.depth > MAX_DEPTH || has_too_many_attributes(&start) {
                        return Err(Rejection::Hostile);
                    }
                    return Ok(Some(Node::Open(Tag(start))));
                }
                Event::End(end) => {
                    self.depth = self.depth.saturating_sub(1);
                    return Ok(Some(Node::Close(EndTag(end))));
                }
                Event::Text(text) => return Ok(Some(Node::Text(text.into_inner()))),
                Event::CData(text) => return Ok(Some(Node::Text(text.into_inner()))),
                Event::GeneralRef(reference) => {
                    if let Some(text) = resolve(&reference) {
                        return Ok(Some(Node::Text(text)));
                    }
                }
                Event::Eof if self.depth > 0 => return Err(Rejection::Broken),
                Event::Eof => return Ok(None),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            }
        }
    }

    /// Reads on to the end of the element that was opened last.
    pub(super) fn skip(&mut self) -> Result<(), Rejection> {
        let outer = self.depth.saturating_sub(1);
        while self.depth > outer {
            if self.next()?.is_none() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// The text of the element that was opened last, with that of the elements in it, cut at a
    /// length that is enough for a field of metadata.
    pub(super) fn field(&mut self) -> Result<String, Rejection> {
        let outer = self.depth.saturating_sub(1);
        let mut field = String::new();
        while self.depth > outer {
            match self.next()? {
                None => break,
                Some(Node::Text(text)) if field.len() < MAX_FIELD => {
                    let room = MAX_FIELD - field.len();
                    field.push_str(text.get(..text.floor_char_boundary(room)).unwrap_or_default());
                }
                Some(_) => {}
            }
        }
        Ok(field)
    }
}

impl Tag<'_> {
    /// The name without its prefix.
    pub(super) fn name(&self) -> &str {
        self.0.local_name().into_inner()
    }

    /// The value of the attribute that has this name and no prefix.
    pub(super) fn attribute(&self, name: &str) -> Option<String> {
        self.value(|key| key == name)
    }

    /// The value of the attribute that has this name and some prefix.
    pub(super) fn prefixed(&self, name: &str) -> Option<String> {
        self.value(|key| key.split_once(':').is_some_and(|(_prefix, local)| local == name))
    }

    fn value(&self, is_wanted: impl Fn(&str) -> bool) -> Option<String> {
        let mut attributes = self.0.attributes();
        // Looking for doubles takes quadratic time.
        let attributes = attributes.with_checks(false);
        let attribute = attributes.flatten().find(|it| is_wanted(it.key.into_inner()))?;
        if attribute.value.len() > MAX_VALUE {
            return None;
        }
        Some(unescape(&attribute.value).ok()?.into_owned())
    }
}

impl EndTag<'_> {
    /// The name without its prefix.
    pub(super) fn name(&self) -> &str {
        self.0.local_name().into_inner()
    }
}

/// The texts of the first elements of these names, as far as they are there and not empty.
pub(super) fn fields<const N: usize>(
    text: &str,
    names: [&str; N],
) -> Result<[Option<String>; N], Rejection> {
    let mut found = [const { None }; N];
    let mut xml = Xml::new(text);
    while let Some(node) = xml.next()? {
        let Node::Open(tag) = node else { continue };
        let slot = names.iter().zip(&mut found).find(|(name, _)| **name == tag.name());
        if let Some((_, slot @ None)) = slot {
            *slot = Some(xml.field()?).filter(|field| !field.trim().is_empty());
        }
    }
    Ok(found)
}

fn has_too_many_attributes(start: &BytesStart<'_>) -> bool {
    // An attribute has at least a space, a letter, `=` and two quotes.
    if start.attributes_raw().len() < MAX_ATTRIBUTES * 5 {
        return false;
    }
    start.attributes().with_checks(false).nth(MAX_ATTRIBUTES).is_some()
}

fn resolve(reference: &BytesRef<'_>) -> Option<Cow<'static, str>> {
    if let Some(character) = reference.resolve_char_ref().ok()? {
        return Some(Cow::Owned(character.to_string()));
    }
    resolve_xml_entity(reference).map(Cow::Borrowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The texts of a document, or why it is not taken.
    fn texts(text: &str) -> Result<String, Rejection> {
        let mut xml = Xml::new(text);
        let mut texts = String::new();
        while let Some(node) = xml.next()? {
            if let Node::Text(text) = node {
                texts.push_str(&text);
            }
        }
        Ok(texts)
    }

    #[test]
    fn entities_of_a_dtd_are_not_expanded() {
        let laughs = r#"<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">
            <!ENTITY f SYSTEM "file:///etc/passwd">]><x>1&b;2&f;&lt;&#1071;&#x416;&#0;</x>"#;
        assert_eq!(texts(laughs).unwrap(), "12<ЯЖ");
        assert_eq!(texts("<x>AT&T <![CDATA[<b>]]></x>").unwrap(), "AT&T <b>");
    }

    #[test]
    fn depth_and_attributes_are_bounded() {
        let deep = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
        assert!(texts(&deep(MAX_DEPTH)).is_ok());
        assert_eq!(texts(&deep(MAX_DEPTH + 1)), Err(Rejection::Hostile));
        assert_eq!(texts(&"<a>".repeat(1_000_000)), Err(Rejection::Hostile));

        let wide = |count: usize| format!("<a{}/>", " a=''".repeat(count));
        assert!(texts(&wide(MAX_ATTRIBUTES)).is_ok());
        assert_eq!(texts(&wide(MAX_ATTRIBUTES + 1)), Err(Rejection::Hostile));
    }

    #[test]
    fn a_document_that_ends_early_is_broken_and_a_crossed_tag_is_not() {
        for early in ["<a>", "<a><b></b>", "<a", "<a></a", "<!--"] {
            assert_eq!(texts(early), Err(Rejection::Broken), "{early}");
        }
        assert_eq!(texts("<a><b>1</a>2</b>").unwrap(), "12");
        assert_eq!(texts("</a></b><c>1</c>").unwrap(), "1");
    }

    #[test]
    fn attributes_are_told_by_prefix() {
        let mut xml = Xml::new("<p:a id='1' r:id='x &amp; y' long='&huge;'/>");
        let Ok(Some(Node::Open(tag))) = xml.next() else { panic!("no tag") };
        assert_eq!(tag.name(), "a");
        assert_eq!(tag.attribute("id").as_deref(), Some("1"));
        assert_eq!(tag.prefixed("id").as_deref(), Some("x & y"));
        assert_eq!((tag.attribute("long"), tag.attribute("none")), (None, None));
    }

    #[test]
    fn fields_are_the_first_of_their_name() {
        let text = "<m><dc:title>A <i>B</i></dc:title><title>C</title><x> </x><y>1</y></m>";
        let found = fields(text, ["title", "x", "y", "z"]).unwrap();
        assert_eq!(found.map(Option::unwrap_or_default), ["A B", "", "1", ""]);
    }
}
