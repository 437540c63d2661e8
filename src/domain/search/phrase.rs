//! Whether quoted words stand side by side: in a title's tokens, or in a text.
//!
//! The databases find the words wherever they stand; this looks at what they found.

use super::normalise::WordReader;
use super::query::{MAX_WORDS, Query};
use super::token::{Forms, TITLE_STRIDE};

/// Whether all quotations of the query stand in the tokens that
/// [`analyse_title`](super::analyse_title) made of a title or of tags.
pub fn stands_in_tokens(query: &Query, tokens: &str) -> bool {
    if query.phrases().is_empty() {
        return true;
    }
    let mut search = Search::new(query);
    let mut word = 0;
    for (nth, token) in tokens.split(' ').enumerate() {
        word |= answered(query, &[token].into_iter());
        if nth % TITLE_STRIDE == TITLE_STRIDE - 1 {
            search.next_word(word);
            word = 0;
        }
    }
    search.is_done()
}

/// Whether all quotations of the query stand in a text.
pub fn stands_in_text(query: &Query, text: &str) -> bool {
    if query.phrases().is_empty() {
        return true;
    }
    let mut search = Search::new(query);
    let mut reader = WordReader::new(text);
    let (mut word, mut scratch) = (String::new(), String::new());
    while !search.is_done() && reader.next_into(&mut word).is_some() {
        search.next_word(answered(query, &Forms::of(&word, &mut scratch).tokens()));
    }
    search.is_done()
}

/// The terms that a word answers, one bit each.
fn answered<'t>(query: &Query, tokens: &(impl Iterator<Item = &'t str> + Clone)) -> u32 {
    let mut bits = 0;
    for (index, term) in query.terms().iter().enumerate() {
        let is_answered = tokens.clone().any(|token| term.matches(token).is_some());
        bits |= u32::from(is_answered) << index;
    }
    bits
}

/// A walk over words that looks for each quotation.
struct Search<'q> {
    query: &'q Query,
    /// What the last words answer; the newest at `count % MAX_WORDS`.
    recent: [u32; MAX_WORDS],
    count: usize,
    found: Vec<bool>,
}

impl<'q> Search<'q> {
    fn new(query: &'q Query) -> Self {
        let found = vec![false; query.phrases().len()];
        Self { query, recent: [0; MAX_WORDS], count: 0, found }
    }

    fn next_word(&mut self, answered: u32) {
        if let Some(slot) = self.recent.get_mut(self.count % MAX_WORDS) {
            *slot = answered;
        }
        self.count += 1;
        for (phrase, found) in self.query.phrases().iter().zip(&mut self.found) {
            let length = phrase.places().last().map_or(0, |(_, distance)| distance + 1);
            let Some(start) = self.count.checked_sub(length) else { continue };
            *found = *found
                || phrase.places().iter().all(|(term, distance)| {
                    let word = self.recent.get((start + distance) % MAX_WORDS);
                    word.is_some_and(|bits| bits >> term & 1 == 1)
                });
        }
    }

    fn is_done(&self) -> bool {
        self.found.iter().all(|found| *found)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{analyse_title, parse_query};
    use super::*;

    fn stands(query: &str, text: &str) -> bool {
        let query = parse_query(query);
        let (in_text, in_tokens) =
            (stands_in_text(&query, text), stands_in_tokens(&query, &analyse_title(text)));
        assert_eq!(in_text, in_tokens, "{text}");
        in_text
    }

    #[test]
    fn the_words_must_be_neighbours_in_their_order() {
        assert!(stands("\"short stories\"", "Two short stories"));
        assert!(!stands("\"short stories\"", "Stories, short"));
        assert!(!stands("\"short stories\"", "short old stories"));
        // The forms of a word are one word.
        assert!(stands("\"короткая история\"", "Короткие истории"));
        // Function words hold their place, whatever stands there.
        assert!(stands("\"history of english\"", "A history in English"));
        assert!(!stands("\"history of english\"", "history English"));
    }

    #[test]
    fn all_quotations_must_be_there() {
        assert!(stands("\"a b\" \"c d\"", "c d and a b"));
        assert!(!stands("\"a b\" \"c d\"", "a b c"));
        assert!(stands("no quotation", "anything"));
    }

    proptest! {
        #[test]
        fn any_texts_are_looked_at(query in any::<String>(), text in any::<String>()) {
            let query = parse_query(&format!("\"{query}\""));
            stands_in_text(&query, &text);
            stands_in_tokens(&query, &analyse_title(&text));
        }
    }
}
