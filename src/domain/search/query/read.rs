//! The words of a query as typed, with what quotation marks and minuses say of them.

use std::ops::Range;

use super::super::normalise::{WordReader, is_invisible};

/// The longest piece of the original spelling that is shown for a word.
const MAX_SHOWN_CHARS: usize = 64;

/// A word as read.
pub struct ReadWord {
    pub folded: String,
    pub original: String,
    /// Which quotation it stands in, if any.
    pub quotation: Option<usize>,
    pub is_excluded: bool,
}

/// The first words of a text.
pub fn read_words(text: &str, limit: usize) -> Vec<ReadWord> {
    let quotations = quotations(text);
    let mut reader = WordReader::new(text);
    let mut folded = String::new();
    let mut words: Vec<ReadWord> = Vec::new();
    let mut before = 0..0;
    while words.len() < limit {
        let Some(range) = reader.next_into(&mut folded) else { break };
        let quotation = quotations.iter().position(|quotation| quotation.contains(&range.start));
        let start =
            quotation.and_then(|index| quotations.get(index)).map_or(range.start, |it| it.start);
        let slice = text.get(range.clone()).unwrap_or_default();
        let mut original: String =
            slice.chars().filter(|c| !is_invisible(*c)).take(MAX_SHOWN_CHARS).collect();
        if let Some(last) = words.last_mut().filter(|_| range == before) {
            // A piece of the same word: shown apart, as it is searched for.
            last.original.clone_from(&last.folded);
            original.clone_from(&folded);
        }
        let is_excluded = has_minus(text, start);
        words.push(ReadWord { folded: folded.clone(), original, quotation, is_excluded });
        before = range;
    }
    words
}

/// The quotations of a text, marks included. Any double mark opens and any closes; a last one
/// without a partner means nothing.
fn quotations(text: &str) -> Vec<Range<usize>> {
    let mut quotations = Vec::new();
    let mut open = None;
    for (at, c) in text.char_indices() {
        if !is_quotation_mark(c) {
            continue;
        }
        open = match open {
            Some(start) => {
                quotations.push(start..at + c.len_utf8());
                None
            }
            None => Some(at),
        };
    }
    quotations
}

const fn is_quotation_mark(c: char) -> bool {
    matches!(c, '"' | '\u{201C}'..='\u{201F}' | '\u{AB}' | '\u{BB}' | '\u{FF02}')
}

/// Whether a minus stands right before a place, and nothing right before it.
fn has_minus(text: &str, at: usize) -> bool {
    let mut before = text.get(..at).unwrap_or_default().chars().rev();
    matches!(before.next(), Some('-' | '\u{2212}')) && before.next().is_none_or(char::is_whitespace)
}
