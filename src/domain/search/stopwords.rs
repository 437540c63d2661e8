//! Function words that a query may do without. The index keeps them all.

/// Folded (see [`normalise`](super::normalise)), sorted by bytes for the binary search.
const STOP_WORDS: &[&str] = &[
    "a",
    "about",
    "an",
    "and",
    "are",
    "as",
    "at",
    "be",
    "bilan",
    "bu",
    "by",
    "da",
    "for",
    "from",
    "ham",
    "how",
    "i",
    "in",
    "is",
    "it",
    "me",
    "my",
    "of",
    "on",
    "or",
    "that",
    "the",
    "this",
    "to",
    "uchun",
    "va",
    "what",
    "with",
    "yoki",
    "you",
    "your",
    "а",
    "билан",
    "бу",
    "в",
    "ва",
    "во",
    "для",
    "до",
    "же",
    "за",
    "и",
    "из",
    "или",
    "к",
    "как",
    "ко",
    "на",
    "не",
    "но",
    "о",
    "об",
    "от",
    "по",
    "при",
    "с",
    "со",
    "у",
    "учун",
    "что",
    "это",
    "ёки",
    "ҳам",
];

/// Whether a folded word (ё kept) carries no meaning of its own.
pub(super) fn is_stop_word(word: &str) -> bool {
    STOP_WORDS.binary_search(&word).is_ok()
}

#[cfg(test)]
mod tests {
    use super::super::normalise::words;
    use super::*;

    #[test]
    fn the_list_is_sorted_and_folded() {
        assert!(STOP_WORDS.is_sorted());
        assert_eq!(words(&STOP_WORDS.join(" ")), STOP_WORDS);
        assert!(is_stop_word("the") && is_stop_word("для") && is_stop_word("uchun"));
        assert!(!is_stop_word("grammar"));
    }
}
