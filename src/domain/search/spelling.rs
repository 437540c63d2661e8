//! Repair of misspelt words: which words are worth knowing, which of them to look at, which is
//! closest.
//!
//! The store keeps a vocabulary of [`vocabulary_terms`] with their [`trigrams`]. For a term that
//! finds nothing, it fetches the words that share most trigrams with it, and [`closest`] picks one.

use strsim::osa_distance;

use super::normalise::WordReader;
use super::query::MIN_PREFIX_CHARS;
use super::token::Forms;

/// The shortest word worth learning, in characters. Below that, a neighbour is hardly ever meant.
pub const MIN_VOCABULARY_CHARS: usize = MIN_PREFIX_CHARS;

/// Words up to this many characters may be one edit away, longer ones two.
const SHORT_WORD_CHARS: usize = 5;

/// Stands for what lies outside the word in a trigram; never part of a token.
const TRIGRAM_PADDING: char = '_';

/// The words of a title that are worth learning: folded, not stemmed, in the order of the title,
/// each once. A Cyrillic word comes with its Latin transliteration, since learners misspell that
/// too. Left out are numbers and words under [`MIN_VOCABULARY_CHARS`] characters.
pub fn vocabulary_terms(title: &str) -> Vec<String> {
    let mut reader = WordReader::new(title);
    let mut word = String::new();
    let mut scratch = String::new();
    let mut terms: Vec<String> = Vec::new();
    while reader.next_into(&mut word).is_some() {
        let forms = Forms::of(&word, &mut scratch);
        for form in [Some(forms.plain.as_ref()), forms.latin].into_iter().flatten() {
            let is_new = !terms.iter().any(|term| term == form);
            if is_new && is_worth_learning(form) {
                terms.push(form.to_owned());
            }
        }
    }
    terms
}

fn is_worth_learning(word: &str) -> bool {
    let is_long_enough = word.chars().nth(MIN_VOCABULARY_CHARS - 1).is_some();
    is_long_enough && word.chars().any(char::is_alphabetic)
}

/// The distinct runs of three characters of a word, padded by two `_` on both sides so that the
/// first and last letters count as much as the inner ones: `art` gives `__a _ar art rt_ t__`.
/// Empty for an empty word.
pub fn trigrams(term: &str) -> Vec<String> {
    if term.is_empty() {
        return Vec::new();
    }
    let padding = [TRIGRAM_PADDING; 2];
    let padded: Vec<char> = padding.into_iter().chain(term.chars()).chain(padding).collect();
    let mut trigrams: Vec<String> = Vec::with_capacity(padded.len());
    for window in padded.windows(3) {
        let trigram = window.iter().collect();
        if !trigrams.contains(&trigram) {
            trigrams.push(trigram);
        }
    }
    trigrams
}

/// The candidate that `term` most likely was meant to be: the fewest edits (a letter added, lost,
/// changed, or two neighbours swapped) within one edit for words up to five characters, two above;
/// then the more frequent, then the alphabetically first. `None` when none is close enough, or when
/// `term` itself is among the candidates and so needs no repair.
pub fn closest(term: &str, candidates: impl Iterator<Item = (String, u32)>) -> Option<String> {
    let term_chars = term.chars().count();
    let edit_limit = if term_chars <= SHORT_WORD_CHARS { 1 } else { 2 };
    let mut best: Option<Guess> = None;
    for (word, frequency) in candidates {
        if word == term {
            return None;
        }
        if word.chars().count().abs_diff(term_chars) > edit_limit {
            continue;
        }
        let edits = osa_distance(term, &word);
        let guess = Guess { edits, frequency, word };
        if edits <= edit_limit && best.as_ref().is_none_or(|known| guess.is_better_than(known)) {
            best = Some(guess);
        }
    }
    best.map(|guess| guess.word)
}

struct Guess {
    edits: usize,
    frequency: u32,
    word: String,
}

impl Guess {
    fn is_better_than(&self, other: &Self) -> bool {
        (self.edits, other.frequency, &self.word) < (other.edits, self.frequency, &other.word)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::parse_query;
    use super::*;

    fn closest_of(term: &str, candidates: &[(&str, u32)]) -> Option<String> {
        closest(term, candidates.iter().map(|(word, frequency)| ((*word).to_owned(), *frequency)))
    }

    #[test]
    fn learns_words_not_numbers_or_codes() {
        assert_eq!(
            vocabulary_terms("English File B1, 3rd ed. 2019: English"),
            ["english", "file", "3rd"]
        );
        assert_eq!(vocabulary_terms("Ёлка"), ["елка", "yolka"]);
        assert_eq!(vocabulary_terms("Oʻzbek tili"), ["ozbek", "tili"]);
        assert!(vocabulary_terms("").is_empty());
    }

    #[test]
    fn trigrams_are_padded_and_distinct() {
        assert_eq!(trigrams("art"), ["__a", "_ar", "art", "rt_", "t__"]);
        assert_eq!(trigrams("я"), ["__я", "_я_", "я__"]);
        assert_eq!(trigrams("aaaaaa"), ["__a", "_aa", "aaa", "aa_", "a__"]);
        assert!(trigrams("").is_empty());
    }

    #[test]
    fn picks_the_nearest_then_the_most_frequent_then_the_first() {
        let vocabulary = [("grammar", 3), ("grandma", 90), ("glamour", 5)];
        assert_eq!(closest_of("gramar", &vocabulary).as_deref(), Some("grammar"));
        assert_eq!(closest_of("bood", &[("book", 1), ("food", 7)]).as_deref(), Some("food"));
        assert_eq!(closest_of("bood", &[("food", 1), ("book", 1)]).as_deref(), Some("book"));
    }

    #[test]
    fn a_swap_is_one_edit() {
        assert_eq!(closest_of("tset", &[("test", 1)]).as_deref(), Some("test"));
        assert_eq!(closest_of("кинга", &[("книга", 1)]).as_deref(), Some("книга"));
    }

    #[test]
    fn distance_is_limited_by_length() {
        assert_eq!(closest_of("tets", &[("text", 1), ("pets", 1)]).as_deref(), Some("pets"));
        assert_eq!(closest_of("tesxy", &[("test", 9)]), None);
        assert_eq!(closest_of("grammmarr", &[("grammar", 1)]).as_deref(), Some("grammar"));
        assert_eq!(closest_of("vocbulri", &[("vocabulary", 1)]), None);
    }

    #[test]
    fn a_known_word_needs_no_repair() {
        assert_eq!(closest_of("test", &[("text", 50), ("test", 1)]), None);
    }

    /// The whole way, as the store goes it.
    #[test]
    fn a_query_is_repaired_word_by_word() {
        let vocabulary = ["english", "grammar", "kitob"].map(|word| (word.to_owned(), 1));
        let suggest = |word: &str| closest(word, vocabulary.iter().cloned());
        let repaired = |text: &str| {
            let query = parse_query(text);
            let mut replacements = Vec::new();
            for (index, term) in query.terms().iter().enumerate() {
                let suggestion = suggest(term.word()).or_else(|| suggest(term.latin()?));
                replacements.extend(suggestion.map(|word| (index, word)));
            }
            query.replace_terms(&replacements).map(|query| query.display())
        };
        assert_eq!(repaired("Englsh for gramar").as_deref(), Some("english for grammar"));
        assert_eq!(repaired("English garmmar").as_deref(), Some("English grammar"));
        assert_eq!(repaired("китобб").as_deref(), Some("kitob"));
        assert_eq!(repaired("english grammar").as_deref(), None);
    }

    proptest! {
        #[test]
        fn one_edit_leaves_a_common_trigram(
            word in "[a-z]{3,12}",
            at in 0_usize..12,
            c in proptest::char::range('a', 'z'),
        ) {
            let mut edited: Vec<char> = word.chars().collect();
            let index = at % edited.len();
            edited[index] = c;
            let edited: String = edited.into_iter().collect();
            let known = trigrams(&word);
            prop_assert!(trigrams(&edited).iter().any(|trigram| known.contains(trigram)));
        }
    }
}
