//! The strict reader of Telegram's HTML: what it takes is well-formed, and written anew.
//!
//! It takes less than Telegram does: no bare `<`, `>` or `&`, no unquoted attribute, nothing inside
//! of code. What it refuses it names, with the place, so that an admin can mend it.

use super::template::NAME;
use super::{LINK_SCHEMES, escape_into, utf16_len};

/// Why a text is no template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at character {position}: {problem}")]
pub struct TemplateError {
    /// Where, in characters from 1.
    pub position: usize,
    /// What.
    pub problem: TemplateProblem,
}

/// What is wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateProblem {
    /// No tag that Telegram knows.
    #[error("the tag <{0}> is unknown")]
    UnknownTag(String),
    /// A `<` that begins no tag, or a tag without its end.
    #[error("a tag is not complete; a sign < in the text is written &lt;")]
    BrokenTag,
    /// Opened and never closed.
    #[error("the tag <{0}> is not closed")]
    Unclosed(String),
    /// Closed in a place where another is to be closed, or none.
    #[error("the tag </{0}> closes nothing here")]
    Unopened(String),
    /// A tag where it may not stand.
    #[error("the tag <{tag}> may not stand inside <{inside}>")]
    Nesting {
        /// The tag.
        tag: String,
        /// Around it.
        inside: String,
    },
    /// An attribute that is missing, unknown or not quoted.
    #[error("the attributes of <{0}> are not what they must be")]
    BadAttribute(String),
    /// An address that no link may have.
    #[error("the link {0:?} does not begin with https://, http:// or tg://")]
    BadLink(String),
    /// An `&` that begins no known name.
    #[error("a sign & in the text is written &amp;")]
    BadEntity,
    /// A `>` of its own.
    #[error("a sign > in the text is written &gt;")]
    BareSign,
    /// Longer than a message may be.
    #[error("with the longest name it has {longest} characters, {limit} are allowed")]
    TooLong {
        /// UTF-16 units with the longest name in all places.
        longest: usize,
        /// UTF-16 units that are allowed.
        limit: usize,
    },
}

/// A text that was read.
pub(super) struct Read {
    /// Written anew.
    pub(super) source: String,
    /// What stands around the names.
    pub(super) chunks: Vec<String>,
    /// Visible length without the names.
    pub(super) units: usize,
}

/// Whether a link may have this address.
pub(super) fn is_link(url: &str) -> bool {
    let is_clean = !url.chars().any(|c| c.is_control() || c.is_whitespace());
    is_clean
        && LINK_SCHEMES.iter().any(|scheme| url.starts_with(scheme) && url.len() > scheme.len())
}

/// Reads a text.
pub(super) fn read(html: &str) -> Result<Read, TemplateError> {
    let mut reader = Reader {
        rest: html,
        position: 1,
        open: Vec::new(),
        text: String::new(),
        chunks: vec![String::new()],
        units: 0,
    };
    while let Some(c) = reader.rest.chars().next() {
        match c {
            '<' => reader.tag()?,
            '&' => reader.entity()?,
            '>' => return reader.fail(TemplateProblem::BareSign),
            c => {
                reader.text.push(c);
                reader.advance(c.len_utf8());
            }
        }
    }
    reader.flush();
    if let Some((tag, position)) = reader.open.pop() {
        let problem = TemplateProblem::Unclosed(tag.to_owned());
        return Err(TemplateError { position, problem });
    }
    let Reader { chunks, units, .. } = reader;
    Ok(Read { source: chunks.join(NAME), chunks, units })
}

struct Reader<'a> {
    rest: &'a str,
    position: usize,
    /// The tags that are open, and where.
    open: Vec<(&'static str, usize)>,
    /// The visible text since the last tag.
    text: String,
    chunks: Vec<String>,
    units: usize,
}

impl<'a> Reader<'a> {
    fn fail<T>(&self, problem: TemplateProblem) -> Result<T, TemplateError> {
        Err(TemplateError { position: self.position, problem })
    }

    fn advance(&mut self, bytes: usize) {
        let (passed, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.position = self.position.saturating_add(passed.chars().count());
        self.rest = rest;
    }

    /// Writes the text so far; names in it begin a new chunk.
    fn flush(&mut self) {
        for (number, piece) in std::mem::take(&mut self.text).split(NAME).enumerate() {
            if number > 0 {
                self.chunks.push(String::new());
            }
            self.units = self.units.saturating_add(utf16_len(piece));
            if let Some(chunk) = self.chunks.last_mut() {
                escape_into(chunk, piece);
            }
        }
    }

    fn write(&mut self, markup: &str) {
        self.flush();
        if let Some(chunk) = self.chunks.last_mut() {
            chunk.push_str(markup);
        }
    }

    fn entity(&mut self) -> Result<(), TemplateError> {
        let end = self.rest.find(';');
        let name = end.and_then(|end| self.rest.get(1..end));
        let Some((name, c)) = name.and_then(|name| Some((name, character(name)?))) else {
            return self.fail(TemplateProblem::BadEntity);
        };
        self.text.push(c);
        self.advance(name.len() + 2);
        Ok(())
    }

    fn tag(&mut self) -> Result<(), TemplateError> {
        let body = self.rest.get(1..).unwrap_or_default();
        let Some(end) = end_of_tag(body) else { return self.fail(TemplateProblem::BrokenTag) };
        let body = body.get(..end).unwrap_or_default();
        if let Some(name) = body.strip_prefix('/') {
            self.close(name.trim_end())?;
        } else {
            self.open(body)?;
        }
        self.advance(end + 2);
        Ok(())
    }

    fn close(&mut self, name: &str) -> Result<(), TemplateError> {
        match self.open.last() {
            Some((open, _)) if open.eq_ignore_ascii_case(name) => {
                self.write(&format!("</{open}>"));
                self.open.pop();
                Ok(())
            }
            _ => self.fail(TemplateProblem::Unopened(short(name))),
        }
    }

    fn open(&mut self, body: &'a str) -> Result<(), TemplateError> {
        let name = body.split(char::is_whitespace).next().unwrap_or_default();
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return self.fail(TemplateProblem::BrokenTag);
        }
        let Some(tag) = TAGS.into_iter().find(|tag| tag.eq_ignore_ascii_case(name)) else {
            return self.fail(TemplateProblem::UnknownTag(short(name)));
        };
        if let Some((inside, _)) = self.open.iter().find(|(outer, _)| !may_hold(outer, tag)) {
            let nesting = TemplateProblem::Nesting { tag: tag.into(), inside: (*inside).into() };
            return self.fail(nesting);
        }
        let attributes = body.get(name.len()..).and_then(attributes);
        let bad = || TemplateProblem::BadAttribute(tag.to_owned());
        let Some(attributes) = attributes else { return self.fail(bad()) };
        let inside = self.open.last().map(|(tag, _)| *tag);
        let mut markup = format!("<{tag}");
        match (tag, attributes.as_slice()) {
            ("a", [(href, Some(url))]) if href == "href" => {
                if !is_link(url) {
                    return self.fail(TemplateProblem::BadLink(short(url)));
                }
                valued(&mut markup, "href", url);
            }
            ("span", [(class, Some(value))]) if class == "class" && value == "tg-spoiler" => {
                valued(&mut markup, "class", value);
            }
            ("tg-emoji", [(id, Some(value))]) if id == "emoji-id" && is_number(value) => {
                valued(&mut markup, "emoji-id", value);
            }
            ("code", [(class, Some(value))])
                if class == "class" && inside == Some("pre") && is_language(value) =>
            {
                valued(&mut markup, "class", value);
            }
            ("blockquote", [(expandable, None)]) if expandable == "expandable" => {
                markup.push_str(" expandable");
            }
            ("a" | "span" | "tg-emoji", _) => return self.fail(bad()),
            (_, []) => {}
            _ => return self.fail(bad()),
        }
        markup.push('>');
        self.write(&markup);
        self.open.push((tag, self.position));
        Ok(())
    }
}

/// All tags that Telegram knows.
const TAGS: [&str; 16] = [
    "b",
    "strong",
    "i",
    "em",
    "u",
    "ins",
    "s",
    "strike",
    "del",
    "code",
    "pre",
    "a",
    "blockquote",
    "tg-spoiler",
    "span",
    "tg-emoji",
];

/// Whether a tag may stand, however deep, inside another.
fn may_hold(outer: &str, tag: &str) -> bool {
    match outer {
        "code" => false,
        "pre" => tag == "code",
        "a" | "blockquote" => tag != outer,
        _ => true,
    }
}

fn valued(markup: &mut String, name: &str, value: &str) {
    markup.push(' ');
    markup.push_str(name);
    markup.push_str("=\"");
    escape_into(markup, value);
    markup.push('"');
}

fn is_number(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_language(value: &str) -> bool {
    let name = value.strip_prefix("language-").unwrap_or_default();
    !name.is_empty() && name.chars().all(|c| c.is_ascii_graphic() && !"<>&\"'".contains(c))
}

/// The `>` that ends a tag: one inside of quotation marks does not.
fn end_of_tag(body: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in body.char_indices() {
        match (quote, c) {
            (None, '>') => return Some(at),
            (None, '<') => return None,
            (None, '"' | '\'') => quote = Some(c),
            (Some(mark), c) if mark == c => quote = None,
            _ => {}
        }
    }
    None
}

/// Names in lower case, with their values; `None` if they cannot be read.
fn attributes(text: &str) -> Option<Vec<(String, Option<String>)>> {
    let mut rest = text.trim();
    let mut found = Vec::new();
    while !rest.is_empty() {
        let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let (name, after) = rest.split_at_checked(end)?;
        let name = name.to_ascii_lowercase();
        let Some(valued) = after.trim_start().strip_prefix('=') else {
            found.push((name, None));
            rest = after.trim_start();
            continue;
        };
        let mark = valued.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let (value, after) = valued.get(1..)?.split_once(mark)?;
        found.push((name, Some(unescaped(value)?)));
        rest = after.trim_start();
    }
    Some(found)
}

/// An attribute's value; `None` if an entity in it is unknown.
fn unescaped(value: &str) -> Option<String> {
    let mut pieces = value.split('&');
    let mut text = pieces.next()?.to_owned();
    for piece in pieces {
        let (name, after) = piece.split_once(';')?;
        text.push(character(name)?);
        text.push_str(after);
    }
    Some(text)
}

/// The character that an entity stands for: four names, and all numbers.
fn character(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|c| !c.is_control() || *c == '\n')
        }
    }
}

/// A piece of the text for an error: short enough to be shown.
fn short(text: &str) -> String {
    text.chars().take(64).collect()
}
