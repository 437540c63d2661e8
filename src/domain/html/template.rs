//! A text of an admin's, with places for a name.
//!
//! Unlike [`super::Html`] it is made from foreign markup, so it is checked as a whole: tags that
//! Telegram knows, closed in order, with attributes that are what they claim. Invariants: what
//! [`Template::fill`] puts in can never become markup; the length of the longest filled text is
//! known before anything is sent; [`Template::as_str`] is read back as the same template.

use super::reading::{self, TemplateError, TemplateProblem};
use super::{Markup, clean, escape_into, inert, prefix_of_units};
use crate::domain::event::{Entity, EntityKind};

/// What stands for the recipient's first name.
pub const NAME: &str = "{name}";

/// The longest name that is filled in, in UTF-16 units: Telegram's own limit is 64 characters.
pub const NAME_UNITS: usize = 64;

/// Checked markup with places for a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// The whole of it, in a form of ours: escaped, attributes quoted.
    source: String,
    /// What stands before, between and behind the names.
    chunks: Vec<String>,
    /// Visible length without the names, in UTF-16 units.
    units: usize,
}

impl Template {
    /// Reads Telegram's HTML, whose longest filled text must fit into `limit` UTF-16 units.
    /// <https://core.telegram.org/bots/api#html-style>
    ///
    /// # Errors
    /// For what Telegram would refuse or read otherwise than meant: the error names the place.
    pub fn parse(html: &str, limit: usize) -> Result<Self, TemplateError> {
        let read = reading::read(html)?;
        let template = Self { source: read.source, chunks: read.chunks, units: read.units };
        let longest = template.longest_units();
        if longest > limit {
            let problem = TemplateProblem::TooLong { longest, limit };
            return Err(TemplateError { position: 1, problem });
        }
        Ok(template)
    }

    /// The template of a message as Telegram describes it: its words, and the marks on them. Marks
    /// of unknown kinds, and links that no link may be, are left out; their words stay.
    pub fn from_entities(text: &str, entities: &[Entity]) -> Self {
        let read = reading::read(&marked(text, entities));
        // Marks that contradict each other come from nobody but a forger: the words alone remain.
        let read = read.or_else(|_| reading::read(&marked(text, &[])));
        read.map_or_else(
            |_| Self { source: String::new(), chunks: Vec::new(), units: 0 },
            |read| Self { source: read.source, chunks: read.chunks, units: read.units },
        )
    }

    /// The markup with [`NAME`] in the places of the names.
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// Places for a name.
    pub fn names(&self) -> usize {
        self.chunks.len().saturating_sub(1)
    }

    /// The visible length of the longest text that it can become, in UTF-16 units.
    pub fn longest_units(&self) -> usize {
        self.units.saturating_add(self.names().saturating_mul(NAME_UNITS))
    }

    /// The text for whoever has this first name: one line, without what disturbs the words
    /// around it or would be a link, cut to [`NAME_UNITS`].
    pub fn fill(&self, first_name: &str) -> Markup {
        let name = clean(first_name).replace('\n', " ");
        let name = prefix_of_units(name.trim(), NAME_UNITS).trim_end();
        let inert = inert(name);
        let name = prefix_of_units(&inert, NAME_UNITS).trim_end();
        let mut escaped = String::with_capacity(name.len());
        escape_into(&mut escaped, name);
        Markup(self.chunks.join(&escaped))
    }
}

/// The tags of a mark, or nothing for one that is left out.
fn tags(kind: &EntityKind) -> Option<(String, &'static str)> {
    let plain = |tag: &str, end| Some((format!("<{tag}>"), end));
    let valued = |tag: &str, value: &str, end| {
        let mut open = format!("<{tag}=\"");
        escape_into(&mut open, value);
        open.push_str("\">");
        Some((open, end))
    };
    match kind {
        EntityKind::Bold => plain("b", "</b>"),
        EntityKind::Italic => plain("i", "</i>"),
        EntityKind::Underline => plain("u", "</u>"),
        EntityKind::Strikethrough => plain("s", "</s>"),
        EntityKind::Spoiler => plain("tg-spoiler", "</tg-spoiler>"),
        EntityKind::Code => plain("code", "</code>"),
        EntityKind::Pre { language: None } => plain("pre", "</pre>"),
        EntityKind::Pre { language: Some(language) } => {
            valued("pre><code class", &format!("language-{language}"), "</code></pre>")
        }
        EntityKind::Quote { expandable: false } => plain("blockquote", "</blockquote>"),
        EntityKind::Quote { expandable: true } => plain("blockquote expandable", "</blockquote>"),
        EntityKind::Link(url) if reading::is_link(url) => valued("a href", url, "</a>"),
        EntityKind::Link(_) => None,
        EntityKind::Person(user) => valued("a href", &format!("tg://user?id={user}"), "</a>"),
        EntityKind::CustomEmoji(id) => valued("tg-emoji emoji-id", id, "</tg-emoji>"),
    }
}

/// The text with its marks as tags. Offsets count UTF-16 units.
fn marked(text: &str, entities: &[Entity]) -> String {
    let mut waiting: Vec<&Entity> = entities.iter().collect();
    // Of those that begin together the longer one is outside.
    waiting.sort_by_key(|entity| (entity.offset, std::cmp::Reverse(entity.length)));
    let mut waiting = waiting.into_iter().peekable();
    let mut open: Vec<(usize, &'static str)> = Vec::new();
    let mut out = String::with_capacity(text.len().saturating_mul(2));
    let mut at = 0_usize;
    for c in text.chars() {
        close(&mut out, &mut open, at);
        while let Some(entity) = waiting.next_if(|entity| entity.offset <= at) {
            let end = entity.offset.saturating_add(entity.length);
            // One that sticks out of the mark around it is cut to it.
            let end = open.last().map_or(end, |(outer, _)| end.min(*outer));
            if let Some((tag, closing)) = tags(&entity.kind).filter(|_| end > at) {
                out.push_str(&tag);
                open.push((end, closing));
            }
        }
        escape_into(&mut out, c.encode_utf8(&mut [0; 4]));
        at = at.saturating_add(c.len_utf16());
    }
    close(&mut out, &mut open, usize::MAX);
    out
}

/// Closes the marks that have ended.
fn close(out: &mut String, open: &mut Vec<(usize, &'static str)>, at: usize) {
    while let Some((_, closing)) = open.pop_if(|(end, _)| *end <= at) {
        out.push_str(closing);
    }
}

#[cfg(test)]
mod tests;
