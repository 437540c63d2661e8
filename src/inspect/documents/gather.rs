//! Collects the text of a document, line by line and part by part, within the limits.

use crate::domain::inspection::{LABEL_MAX_CHARS, TextPart};
use crate::inspect::clean;
use crate::inspect::limits::InspectLimits;

/// The text so far. Whitespace collapses; a line is a paragraph.
pub(super) struct Gather {
    parts: Vec<TextPart>,
    /// The text of the part that is being read: whole lines.
    text: String,
    line: String,
    /// How many bytes of text there is still room for.
    room: usize,
    max_parts: usize,
    truncated: bool,
}

impl Gather {
    /// Nothing yet.
    pub(super) fn new(limits: &InspectLimits) -> Self {
        Self {
            parts: Vec::new(),
            text: String::new(),
            line: String::new(),
            room: limits.max_text_bytes,
            max_parts: usize::try_from(limits.max_pages).unwrap_or(usize::MAX),
            truncated: false,
        }
    }

    /// Whether there is no room for more text, so that reading on is in vain.
    pub(super) fn is_full(&self) -> bool {
        self.truncated
    }

    /// Whether the part that is being read has no text so far.
    pub(super) fn is_blank(&self) -> bool {
        self.text.is_empty() && self.line.trim().is_empty()
    }

    /// Adds to the line.
    pub(super) fn push(&mut self, text: &str) {
        if self.truncated {
            return;
        }
        for c in text.chars() {
            if c.is_whitespace() {
                self.space();
                continue;
            }
            if self.line.len() + self.text.len() + c.len_utf8() > self.room {
                self.truncated = true;
                return;
            }
            self.line.push(c);
        }
    }

    /// Parts what was added to the line from what will be.
    pub(super) fn space(&mut self) {
        if !self.line.is_empty() && !self.line.ends_with(' ') {
            self.line.push(' ');
        }
    }

    /// Ends the line.
    pub(super) fn end_line(&mut self) {
        let line = clean::flowing(&self.line);
        self.line.clear();
        if line.is_empty() {
            return;
        }
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(&line);
    }

    /// Ends a part with the next number; one without text is none.
    pub(super) fn end_part(&mut self, label: Option<&str>) {
        let number = u32::try_from(self.parts.len()).unwrap_or(u32::MAX).saturating_add(1);
        self.end_numbered_part(number, label);
    }

    /// Ends a part; one without text is none.
    pub(super) fn end_numbered_part(&mut self, number: u32, label: Option<&str>) {
        self.end_line();
        let mut text = std::mem::take(&mut self.text);
        if text.is_empty() {
            return;
        }
        if self.parts.len() >= self.max_parts {
            self.truncated = true;
            return;
        }
        // Cleaning never makes a text longer, but its line breaks may.
        text.truncate(text.floor_char_boundary(self.room));
        self.room -= text.len();
        self.parts.push(TextPart { number, label: label.and_then(clean_label), text });
    }

    /// The parts, and whether there was more than the limits allow.
    pub(super) fn finish(self) -> (Vec<TextPart>, bool) {
        (self.parts, self.truncated)
    }
}

/// A label fit to be shown; `None` when nothing is left of it.
fn clean_label(raw: &str) -> Option<String> {
    let label: String = clean::flowing(raw).chars().take(LABEL_MAX_CHARS).collect();
    let label = label.trim_end();
    (!label.is_empty()).then(|| label.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gather(max_text_bytes: usize, max_pages: u32) -> Gather {
        Gather::new(&InspectLimits { max_pages, max_text_bytes, ..InspectLimits::default() })
    }

    #[test]
    fn lines_and_parts_without_text_are_none() {
        let mut gather = gather(100, 10);
        gather.push("  One \n");
        gather.push(" two\0\u{202e} ");
        gather.end_line();
        gather.end_line();
        gather.push("three");
        gather.end_part(Some(" A\u{202e}\n title "));
        gather.push(" \t ");
        gather.end_part(Some("blank"));
        gather.push("four");
        gather.end_part(Some("\u{202e}"));
        let (parts, truncated) = gather.finish();
        assert!(!truncated);
        let one =
            TextPart { number: 1, label: Some("A title".into()), text: "One two\nthree".into() };
        assert_eq!(parts, [one, TextPart { number: 2, label: None, text: "four".into() }]);
    }

    #[test]
    fn text_and_parts_are_cut_at_their_limits() {
        let mut little = gather(5, 10);
        little.push("ягода");
        assert!(little.is_full());
        little.push("x");
        little.end_part(None);
        let (parts, truncated) = little.finish();
        assert_eq!((parts[0].text.as_str(), truncated), ("яг", true));

        let mut exact = gather(4, 2);
        for part in ["ab", "cd"] {
            exact.push(part);
            exact.end_part(None);
        }
        assert!(!exact.is_full());
        exact.push("e");
        assert!(exact.is_full());

        let mut few = gather(100, 1);
        for part in ["one", "two"] {
            few.push(part);
            few.end_part(None);
        }
        let (parts, truncated) = few.finish();
        assert_eq!((parts.len(), truncated), (1, true));
    }

    #[test]
    fn labels_are_short() {
        let label = clean_label(&"я".repeat(1000)).unwrap();
        assert_eq!(label.chars().count(), LABEL_MAX_CHARS);
    }
}
