//! The place of a document's text that answers a query, with the words that do so marked.
//!
//! The words are found by analysing the text again, as the index did: no offsets are stored. What
//! comes back is safe to show as plain text: no control or direction characters, no line breaks. It
//! is not escaped for any markup; that is for whoever renders it.

use super::normalise::{WordReader, is_invisible};
use super::query::Query;
use super::token::Forms;

/// How much of a text is looked at, in characters; a page of a book has about 3,000.
const MAX_TEXT_CHARS: usize = 20_000;

const ELLIPSIS: char = '…';

/// An excerpt of a text, in pieces that alternate between marked and unmarked as the text demands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    /// The pieces in order; joined they are the excerpt. None is empty.
    pub pieces: Vec<Piece>,
}

/// A part of a [`Snippet`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The text, one line.
    pub text: String,
    /// Whether this is a word that was searched for.
    pub is_match: bool,
}

/// The best excerpt of `text` for `query`: the one with most of the query's words, then with most
/// occurrences of them, then the earliest. At most `max_chars` characters, ellipses included, with
/// whole words unless a single word is longer than that. `None` when no word of the text answers
/// the query, or `max_chars` leaves no room beside the ellipses.
pub fn snippet(text: &str, query: &Query, max_chars: usize) -> Option<Snippet> {
    let room = max_chars.checked_sub(2).filter(|room| *room > 0)?;
    let line = one_line(text);
    let hits = find_hits(&line, query);
    let core = best_core(&hits, room)?;
    let chars: Vec<char> = line.chars().collect();
    let window = widen(core, &chars, room);
    Some(Snippet { pieces: cut_pieces(&chars, &hits, window) })
}

/// The text without what must not be shown, every run of white space and controls one space.
fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    let mut is_gap_open = false;
    for c in text.chars().take(MAX_TEXT_CHARS) {
        if is_invisible(c) {
            continue;
        }
        if c.is_whitespace() || c.is_control() || c == '\u{200B}' {
            is_gap_open = !line.is_empty();
            continue;
        }
        if is_gap_open {
            line.push(' ');
            is_gap_open = false;
        }
        line.push(c);
    }
    line
}

/// A stretch of characters of the line, the end not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    start: usize,
    end: usize,
}

/// A word of the line that answers the query.
#[derive(Debug, Clone, Copy)]
struct Hit {
    span: Span,
    /// The terms it answers, one bit each.
    terms: u32,
}

fn find_hits(line: &str, query: &Query) -> Vec<Hit> {
    let mut reader = WordReader::new(line);
    let mut word = String::new();
    let mut scratch = String::new();
    let mut hits = Vec::new();
    let mut span = Span { start: 0, end: 0 };
    let mut read_to = 0;
    while let Some(range) = reader.next_into(&mut word) {
        let char_count = |bytes| line.get(bytes).map_or(0, |slice: &str| slice.chars().count());
        // Not so for a further piece of the same word.
        if range.start >= read_to {
            let start = span.end + char_count(read_to..range.start);
            span = Span { start, end: start + char_count(range.clone()) };
            read_to = range.end;
        }
        let terms = answered_terms(query, &Forms::of(&word, &mut scratch));
        match hits.last_mut() {
            _ if terms == 0 => {}
            Some(Hit { span: last, terms: earlier }) if *last == span => *earlier |= terms,
            _ => hits.push(Hit { span, terms }),
        }
    }
    hits
}

fn answered_terms(query: &Query, forms: &Forms<'_>) -> u32 {
    let mut answered = 0;
    for (index, term) in query.terms().iter().enumerate() {
        let is_answered = forms.tokens().any(|token| term.matches(token).is_some());
        answered |= u32::from(is_answered) << index;
    }
    answered
}

/// The span from one hit to another, no longer than `room`, that is worth most.
fn best_core(hits: &[Hit], room: usize) -> Option<Span> {
    let mut best: Option<(Worth, Span)> = None;
    for (nth, first) in hits.iter().enumerate() {
        let mut core = Span { start: first.span.start, end: first.span.start + room };
        core.end = core.end.min(first.span.end);
        let mut terms = first.terms;
        let mut count = 1;
        for next in hits.iter().skip(nth + 1) {
            if next.span.end - core.start > room {
                break;
            }
            core.end = next.span.end;
            terms |= next.terms;
            count += 1;
        }
        let worth = Worth { terms: terms.count_ones(), hits: count };
        if best.is_none_or(|(known, _)| worth > known) {
            best = Some((worth, core));
        }
    }
    best.map(|(_, core)| core)
}

/// What an excerpt is worth: first its different terms, then its hits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Worth {
    terms: u32,
    hits: u32,
}

/// The core with as much around it as there is room for, half on either side where possible, cut
/// between words.
fn widen(core: Span, chars: &[char], room: usize) -> Span {
    let spare = room.saturating_sub(core.end - core.start);
    let end = (core.start.saturating_sub(spare / 2) + room).min(chars.len());
    let start = end.saturating_sub(room).min(core.start);
    let is_space = |index: usize| chars.get(index).is_none_or(|c| *c == ' ');

    let begins_word = |index: &usize| *index == 0 || is_space(*index - 1);
    let ends_word = |index: &usize| is_space(*index);
    Span {
        start: (start..core.start).find(begins_word).unwrap_or(core.start),
        end: (core.end..=end).rev().find(ends_word).unwrap_or(core.end),
    }
}

fn cut_pieces(chars: &[char], hits: &[Hit], window: Span) -> Vec<Piece> {
    let text = |start, end| chars.get(start..end).unwrap_or_default().iter().collect::<String>();
    let mut pieces = Vec::new();
    let mut plain = String::new();
    if window.start > 0 {
        plain.push(ELLIPSIS);
    }
    let mut position = window.start;
    let is_inside = |hit: &&Hit| (window.start..window.end).contains(&hit.span.start);
    for hit in hits.iter().filter(is_inside) {
        plain.push_str(&text(position, hit.span.start));
        if !plain.is_empty() {
            pieces.push(Piece { text: std::mem::take(&mut plain), is_match: false });
        }
        position = hit.span.end.min(window.end);
        pieces.push(Piece { text: text(hit.span.start, position), is_match: true });
    }
    plain.push_str(&text(position, window.end));
    if window.end < chars.len() {
        plain.push(ELLIPSIS);
    }
    if !plain.is_empty() {
        pieces.push(Piece { text: plain, is_match: false });
    }
    pieces
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::parse_query;
    use super::*;

    /// The snippet as one string, matches in brackets.
    fn shown(text: &str, query: &str, max_chars: usize) -> Option<String> {
        let snippet = snippet(text, &parse_query(query), max_chars)?;
        let mut shown = String::new();
        for piece in snippet.pieces {
            if piece.is_match {
                shown.extend(["[", &piece.text, "]"]);
            } else {
                shown.push_str(&piece.text);
            }
        }
        Some(shown)
    }

    const PAGE: &str = "Unit 5. Telling a story.\n\nRead the short stories below, then answer the \
        questions.\tThe present perfect is used for experience; the past simple tells a story. \
        Stories are told in the past.";

    #[test]
    fn marks_the_words_by_their_analysis() {
        assert_eq!(
            shown(PAGE, "story", 60).as_deref(),
            Some("…5. Telling a [story]. Read the short [stories] below, then…")
        );
        assert_eq!(shown("Новые книги", "книга", 40).as_deref(), Some("Новые [книги]"));
        assert_eq!(shown("Янги китоблар", "kitob", 40).as_deref(), Some("Янги [китоблар]"));
        assert_eq!(shown("Oʻzbek tili", "ozbek", 40).as_deref(), Some("[Oʻzbek] tili"));
        assert_eq!(shown("See Unit12 now", "unit 12", 40).as_deref(), Some("See [Unit12] now"));
    }

    #[test]
    fn prefers_the_window_with_most_of_the_query() {
        assert_eq!(
            shown(PAGE, "present perfect experience", 50).as_deref(),
            Some("…The [present] [perfect] is used for [experience]; the…")
        );
    }

    #[test]
    fn cuts_between_words_within_the_limit() {
        assert_eq!(shown(PAGE, "unit", 20).as_deref(), Some("[Unit] 5. Telling a…"));
        assert_eq!(shown(PAGE, "told", 30).as_deref(), Some("…Stories are [told] in the…"));
    }

    #[test]
    fn a_word_longer_than_the_room_is_cut() {
        assert_eq!(shown("abcdefghijkl", "abcdefghijkl", 7).as_deref(), Some("[abcde]…"));
    }

    #[test]
    fn nothing_found_or_no_room_is_none() {
        assert_eq!(shown(PAGE, "dinosaur", 80), None);
        assert_eq!(shown(PAGE, "", 80), None);
        assert_eq!(shown("", "story", 80), None);
        assert_eq!(shown(PAGE, "story", 2), None);
    }

    #[test]
    fn hostile_text_is_made_harmless() {
        assert_eq!(
            shown("a\u{202E}\u{0}\r\n  sto\u{AD}ry\u{2066}\u{1B}[31m <b>", "story", 80).as_deref(),
            Some("a [story] [31m <b>")
        );
    }

    proptest! {
        #[test]
        fn any_text_gives_a_bounded_clean_line(
            text in any::<String>(),
            words in "([a-zé\u{202E}ж\n日.-]{1,12} ?){0,30}",
            max_chars in 0_usize..60,
        ) {
            let text = format!("{words} {text} {words}");
            let query = parse_query(&words);
            if let Some(snippet) = snippet(&text, &query, max_chars) {
                let texts = snippet.pieces.iter().map(|piece| piece.text.as_str());
                let joined: String = texts.collect();
                prop_assert!(joined.chars().count() <= max_chars);
                prop_assert!(!joined.chars().any(|c| c.is_control() || is_invisible(c)));
                prop_assert!(snippet.pieces.iter().any(|piece| piece.is_match));
                prop_assert!(snippet.pieces.iter().all(|piece| !piece.text.is_empty()));
            }
        }
    }
}
