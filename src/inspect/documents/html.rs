//! Web pages, and the chapters of e-books, which are such pages.
//!
//! What browsers show is text, whatever the state of the tags; so the page is cut into tags and
//! text the way browsers do it (html5gum), without building a tree of it.

use std::io::Read;

use html5gum::Span;
use html5gum::Tokenizer;
use html5gum::emitters::callback::{Callback, CallbackEmitter, CallbackEvent};

use super::charset::decode_html;
use super::gather::Gather;
use super::{Trouble, read_head};
use crate::inspect::clean;
use crate::inspect::formats::Found;
use crate::inspect::language;
use crate::inspect::limits::InspectLimits;

/// Longest title, heading or value of an attribute that is looked at, in bytes.
const MAX_FIELD: usize = 4096;

/// Elements whose text nobody sees.
const HIDDEN: [&[u8]; 5] = [b"script", b"style", b"template", b"noscript", b"svg"];

/// Elements that stand within a line.
const INLINE: [&[u8]; 32] = [
    b"a", b"abbr", b"acronym", b"b", b"bdi", b"bdo", b"big", b"cite", b"code", b"data", b"del",
    b"dfn", b"em", b"font", b"i", b"img", b"ins", b"kbd", b"mark", b"q", b"s", b"samp", b"small",
    b"span", b"strike", b"strong", b"sub", b"sup", b"tt", b"u", b"var", b"wbr",
];

/// What a page says about itself.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) title: String,
    pub(super) author: String,
    pub(super) language: String,
    /// The first heading.
    pub(super) heading: String,
}

/// Reads a page as one part.
pub(super) fn read(file: &mut impl Read, limits: &InspectLimits) -> Result<Found, Trouble> {
    let (bytes, is_cut) = read_head(file, limits.max_unpacked_bytes)?;
    let text = decode_html(bytes);
    let mut gather = Gather::new(limits);
    let head = read_page(&text, false, &mut gather);
    gather.end_part(None);
    let (parts, truncated) = gather.finish();
    Ok(Found {
        title: clean::title(&head.title).or_else(|| clean::title(&head.heading)),
        author: clean::author(&head.author),
        language: language::stated(&head.language),
        parts,
        truncated: truncated || is_cut,
        ..Found::default()
    })
}

/// Adds what is seen of a page. In XHTML any element may be empty, a script as well.
pub(super) fn read_page(text: &str, is_xhtml: bool, gather: &mut Gather) -> Head {
    let mut head = Head::default();
    let page = Page {
        gather,
        head: &mut head,
        is_xhtml,
        place: Place::Body,
        tag: Vec::new(),
        attribute: Vec::new(),
        meta_name: String::new(),
        meta_content: String::new(),
    };
    let mut emitter = CallbackEmitter::new(page);
    emitter.naively_switch_states(!is_xhtml);
    // A token is only given out when there is no room for more text.
    let full = Tokenizer::new_with_emitter(text, emitter).next();
    debug_assert!(matches!(full, None | Some(Ok(()))));
    head
}

/// Where text goes.
#[derive(PartialEq, Eq)]
enum Place {
    Body,
    Title,
    /// Nowhere, up to the end of the element of that name.
    Hidden(Vec<u8>),
    /// Into the body, and into the heading as long as that is the first one.
    Heading,
}

/// Listens to the tokenizer.
struct Page<'a> {
    gather: &'a mut Gather,
    head: &'a mut Head,
    is_xhtml: bool,
    place: Place,
    /// The start tag that is being read, and its attribute.
    tag: Vec<u8>,
    attribute: Vec<u8>,
    meta_name: String,
    meta_content: String,
}

impl Callback<(), ()> for Page<'_> {
    fn handle_event(&mut self, event: CallbackEvent<'_>, _place: Span<()>) -> Option<()> {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                name.clone_into(&mut self.tag);
                self.meta_name.clear();
                self.meta_content.clear();
            }
            CallbackEvent::AttributeName { name } => name.clone_into(&mut self.attribute),
            CallbackEvent::AttributeValue { value } => self.attribute(value),
            CallbackEvent::CloseStartTag { self_closing } => self.open(self_closing),
            CallbackEvent::EndTag { name } => self.close(name),
            CallbackEvent::String { value } => self.text(&String::from_utf8_lossy(value)),
            CallbackEvent::Comment { .. }
            | CallbackEvent::Doctype { .. }
            | CallbackEvent::Error(_) => {}
        }
        self.gather.is_full().then_some(())
    }
}

impl Page<'_> {
    fn attribute(&mut self, value: &[u8]) {
        let field = match (self.tag.as_slice(), self.attribute.as_slice()) {
            (b"html", b"lang" | b"xml:lang") => &mut self.head.language,
            (b"meta", b"name") => &mut self.meta_name,
            (b"meta", b"content") => &mut self.meta_content,
            _ => return,
        };
        field.clear();
        append(field, &String::from_utf8_lossy(value));
    }

    fn open(&mut self, self_closing: bool) {
        if self.tag == b"meta" && self.meta_name.eq_ignore_ascii_case("author") {
            self.head.author.clone_from(&self.meta_content);
        }
        if matches!(self.place, Place::Hidden(_)) {
            return;
        }
        let is_empty = self.is_xhtml && self_closing;
        self.part_from_text(&self.tag.clone());
        match self.tag.as_slice() {
            name if HIDDEN.contains(&name) && !is_empty => {
                self.place = Place::Hidden(name.to_vec());
            }
            b"title" if !is_empty => self.place = Place::Title,
            b"h1" | b"h2" | b"h3" if !is_empty && self.head.heading.is_empty() => {
                self.place = Place::Heading;
            }
            _ => {}
        }
    }

    fn close(&mut self, name: &[u8]) {
        match &self.place {
            Place::Hidden(hidden) if hidden != name => return,
            Place::Hidden(_) => self.place = Place::Body,
            Place::Title if name == b"title" || name == b"head" => self.place = Place::Body,
            Place::Heading if matches!(name, b"h1" | b"h2" | b"h3" | b"body") => {
                self.place = Place::Body;
            }
            _ => {}
        }
        self.part_from_text(name);
    }

    /// Ends the line, unless the tag stands within one.
    fn part_from_text(&mut self, name: &[u8]) {
        match name {
            b"td" | b"th" => self.gather.space(),
            name if INLINE.contains(&name) => {}
            _ => self.gather.end_line(),
        }
    }

    fn text(&mut self, text: &str) {
        match self.place {
            Place::Hidden(_) => {}
            Place::Title => append(&mut self.head.title, text),
            Place::Heading => {
                append(&mut self.head.heading, text);
                self.gather.push(text);
            }
            Place::Body => self.gather.push(text),
        }
    }
}

/// Adds to a field of metadata, up to its limit.
fn append(field: &mut String, text: &str) {
    let room = MAX_FIELD.saturating_sub(field.len());
    field.push_str(text.get(..text.floor_char_boundary(room)).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str, is_xhtml: bool) -> (Head, String) {
        let mut gather = Gather::new(&InspectLimits::default());
        let head = read_page(text, is_xhtml, &mut gather);
        gather.end_part(None);
        let (parts, _) = gather.finish();
        (head, parts.into_iter().map(|part| part.text).collect())
    }

    #[test]
    fn what_browsers_show_is_text() {
        let soup = "<!DOCTYPE html><html lang=en><head><title>The &amp; title</title>
            <meta name=Author content='A. Uthor'><style>p > a {}</style>
            <script>if (a<b) document.write('<p>not this</p>')</script></head>
            <body><h1>First <i>head</i>ing</h1><p>One &eacute; <b>bo</b>ld&nbsp;word<br>next line
            <p>Second<table><tr><td>a<td>b</tr></table><!-- hidden --><h2>Other</h2></div></p>end";
        let (head, text) = page(soup, false);
        assert_eq!(text, "First heading\nOne é bold word\nnext line\nSecond\na b\nOther\nend");
        assert_eq!(
            (head.title.as_str(), head.author.as_str(), head.language.as_str()),
            ("The & title", "A. Uthor", "en")
        );
        assert_eq!(head.heading, "First heading");
    }

    #[test]
    fn empty_elements_of_xhtml_hide_nothing() {
        let chapter = "<html><head><title/><script src='x'/></head><body><p>Seen</p></body></html>";
        assert_eq!(page(chapter, true).1, "Seen");
        assert_eq!(page("<p>a<script>b</script>c", true).1, "a\nc");
    }

    #[test]
    fn unclosed_and_endless_things_end() {
        assert_eq!(page("<p>a<script>b", false).1, "a");
        assert_eq!(page("a<!-- b", false).1, "a");
        assert_eq!(page(&"<div>".repeat(100_000), false).1, "");
        let wide = format!("<a{}>x</a>", " b=c".repeat(100_000));
        assert_eq!(page(&wide, false).1, "x");
        let limits = InspectLimits { max_text_bytes: 10, ..InspectLimits::default() };
        let found = read(&mut "<p>word ".repeat(1000).as_bytes(), &limits).unwrap();
        assert!(found.truncated && found.parts[0].text.len() <= 10);
    }
}
