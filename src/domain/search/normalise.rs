//! Text to folded words: compatibility decomposition, lower case, no diacritics, no apostrophes.
//!
//! Invariants: the words of a text do not depend on whether it came composed or decomposed (NFC or
//! NFD), nor, within Latin, Greek and Cyrillic, on its case; folding a folded word changes nothing.
//! It keeps ё (see [`fold_yo`]), because ё and е differ when transliterated, and must not stem.
//!
//! Only letters and digits of the basic multilingual plane count: beyond it are emoji that Rust
//! takes for letters (🅰) and historic scripts. Mathematical alphabets fold to ASCII and are kept.
//! Of the 46,558 letters that can come out, SQLite 3.40 parts a token at 21 (New Tai Lue and Vedic
//! signs).

use std::borrow::Cow;
use std::ops::Range;
use std::str::CharIndices;

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// The longest token, in bytes: enough for every real word, and far below what an index page or a
/// `tsvector` lexeme (2 KiB) holds. A longer word is cut at a character's boundary.
pub const MAX_TOKEN_BYTES: usize = 64;

const COMBINING_BREVE: char = '\u{306}';
const COMBINING_DIAERESIS: char = '\u{308}';

/// What one character is to the word it stands in. Ordered by strength: a character that
/// decomposes into several is the strongest of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Role {
    /// Neither part nor end of a word: an apostrophe, a soft hyphen, a direction mark.
    Transparent,
    /// An accent of the letter before.
    Mark,
    /// A letter or digit.
    Letter,
    /// Anything else: ends the word.
    Break,
}

/// Reads a text word by word.
pub(super) struct WordReader<'a> {
    chars: CharIndices<'a>,
    /// What is left of a word that was parted, and where it stands.
    rest: String,
    rest_range: Range<usize>,
}

impl<'a> WordReader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { chars: text.char_indices(), rest: String::new(), rest_range: 0..0 }
    }

    /// Puts the next word, folded, into `word` (its old content is dropped) and returns the bytes
    /// of the text it was read from; `None` at the end of the text. The word is never empty.
    ///
    /// Letters and digits that are written together are parted, `unit12` and `5sinf`, where the
    /// letters are a word; codes such as `b1`, `mp3` and `2nd` stay whole. All pieces of a word are
    /// read from the same bytes.
    pub(super) fn next_into(&mut self, word: &mut String) -> Option<Range<usize>> {
        if self.rest.is_empty() {
            self.rest_range = self.read_into(word)?;
        } else {
            word.clear();
            word.push_str(&self.rest);
        }
        self.rest.clear();
        if let Some(at) = parting(word) {
            self.rest.push_str(word.get(at..).unwrap_or_default());
            word.truncate(at);
        }
        fold_level_code(word);
        fold_number(word);
        Some(self.rest_range.clone())
    }

    /// Reads up to the next gap.
    fn read_into(&mut self, word: &mut String) -> Option<Range<usize>> {
        let mut folder = WordFolder::new(word);
        let mut range: Option<Range<usize>> = None;
        for (at, c) in self.chars.by_ref() {
            match folder.push(c) {
                Role::Letter => {
                    let start = range.map_or(at, |known| known.start);
                    range = Some(start..at + c.len_utf8());
                }
                Role::Mark => {
                    if let Some(known) = &mut range {
                        known.end = at + c.len_utf8();
                    }
                }
                Role::Break if range.is_some() => break,
                Role::Transparent | Role::Break => {}
            }
        }
        range
    }
}

/// From how many letters on a run of them is a word, where digits stand beside it.
const MIN_PARTED_LETTERS: usize = 3;

/// Where a folded word is parted: between a run of letters and the digits after it, or the other
/// way round.
fn parting(word: &str) -> Option<usize> {
    let digit = word.find(|c: char| c.is_ascii_digit())?;
    let is_word = |text: &str| {
        let letters = text.chars().take_while(|c| c.is_alphabetic());
        letters.take(MIN_PARTED_LETTERS).count() == MIN_PARTED_LETTERS
    };
    if digit > 0 {
        let before = word.get(..digit)?;
        return (before.chars().all(char::is_alphabetic) && is_word(before)).then_some(digit);
    }
    let letter = word.find(|c: char| !c.is_ascii_digit())?;
    is_word(word.get(letter..)?).then_some(letter)
}

/// Collects the folded characters of one word.
struct WordFolder<'w> {
    word: &'w mut String,
    /// Set when a character did not fit: the rest of the word is dropped, so that a word is cut at
    /// the same place however it was composed.
    full: bool,
}

impl<'w> WordFolder<'w> {
    fn new(word: &'w mut String) -> Self {
        word.clear();
        Self { word, full: false }
    }

    fn push(&mut self, c: char) -> Role {
        match c {
            'a'..='z' | '0'..='9' | 'а'..='я' | 'ё' => self.letter(c),
            'A'..='Z' => self.letter(c.to_ascii_lowercase()),
            '\'' | '`' => Role::Transparent,
            '\0'..='\x7f' => Role::Break,
            _ => self.push_decomposed(c),
        }
    }

    /// A character outside the common ones, by its compatibility decomposition. One that
    /// decomposes into letters and something else (½, spacing accents) is no letter.
    fn push_decomposed(&mut self, c: char) -> Role {
        if is_transparent(c) {
            return Role::Transparent;
        }
        if is_letterlike_symbol(c) {
            return Role::Break;
        }
        let length_before = self.word.len();
        let mut role = Role::Transparent;
        decompose_compatible(c, |piece| {
            if role != Role::Break {
                role = role.max(self.push_piece(piece));
            }
        });
        if role == Role::Break {
            self.word.truncate(length_before);
        }
        role
    }

    fn push_piece(&mut self, piece: char) -> Role {
        if is_transparent(piece) {
            return Role::Transparent;
        }
        if is_combining_mark(piece) {
            self.combine(piece);
            return Role::Mark;
        }
        let is_in_basic_plane = u32::from(piece) <= 0xFFFF;
        if !is_in_basic_plane || !piece.is_alphanumeric() {
            return Role::Break;
        }
        for lower in piece.to_lowercase() {
            self.lower_case_letter(lower);
        }
        Role::Letter
    }

    /// Letters that Unicode does not decompose but a reader takes for others.
    fn lower_case_letter(&mut self, lower: char) {
        match lower {
            'ß' => self.letters("ss"),
            'æ' => self.letters("ae"),
            'œ' => self.letters("oe"),
            'ø' => self.letters("o"),
            'ł' => self.letters("l"),
            'đ' => self.letters("d"),
            'ı' => self.letters("i"),
            'ς' => self.letters("σ"),
            mark if is_combining_mark(mark) => {}
            other => {
                self.letter(other);
            }
        }
    }

    /// й, ў and ё are letters, not accented и, у and е; every other mark is dropped.
    fn combine(&mut self, mark: char) {
        if self.full {
            return;
        }
        let composed = match (self.word.chars().next_back(), mark) {
            (Some('и'), COMBINING_BREVE) => 'й',
            (Some('у'), COMBINING_BREVE) => 'ў',
            (Some('е'), COMBINING_DIAERESIS) => 'ё',
            _ => return,
        };
        self.word.pop();
        self.word.push(composed);
    }

    fn letters(&mut self, letters: &str) {
        for c in letters.chars() {
            self.letter(c);
        }
    }

    fn letter(&mut self, c: char) -> Role {
        self.full = self.full || self.word.len() + c.len_utf8() > MAX_TOKEN_BYTES;
        if !self.full {
            self.word.push(c);
        }
        Role::Letter
    }
}

/// Characters that stand inside a word without parting it.
fn is_transparent(c: char) -> bool {
    is_apostrophe(c) || is_invisible(c)
}

/// The apostrophes that Uzbek oʻ, gʻ and the tutuq belgisi are written with, on whatever keyboard;
/// English loses its own too (`don't` is `dont` on both sides).
fn is_apostrophe(c: char) -> bool {
    matches!(
        c,
        '\'' | '`'
            | '\u{00B4}' // ´
            | '\u{1FFD}' // ´, canonically the same
            | '\u{02B9}'..='\u{02BF}' // ʹ ʺ ʻ ʼ ʽ ʾ ʿ
            | '\u{02C8}' // ˈ, also the stress of a transcription
            | '\u{2018}'..='\u{201B}' // ‘ ’ ‚ ‛
            | '\u{2032}' // ′
            | '\u{2035}' // ‵
            | '\u{FF07}' // ＇
    )
}

/// Formatting characters that show nothing themselves, some of which turn the direction of the text
/// after them: never echoed to anybody.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{00AD}' // soft hyphen, left behind by typesetting
            | '\u{061C}' // Arabic letter mark
            | '\u{200C}'..='\u{200F}' // joiners, direction marks
            | '\u{202A}'..='\u{202E}' // direction embeddings and overrides
            | '\u{2060}'..='\u{206F}' // word joiner, invisible operators, direction isolates
            | '\u{FEFF}' // byte order mark
            | '\u{E0000}'..='\u{E007F}' // tags
    )
}

/// Signs that decompose into letters but are no part of the word they are set against
/// (`Oxford™`), or are emoji.
fn is_letterlike_symbol(c: char) -> bool {
    matches!(c, '\u{2120}' | '\u{2122}' | '\u{2139}' | '\u{24C2}')
}

/// Language levels typed on a Russian keyboard: А1, В2, С1 are A1, B2, C1.
fn fold_level_code(word: &mut String) {
    let mut chars = word.chars();
    let (Some(letter), Some(digit), None) = (chars.next(), chars.next(), chars.next()) else {
        return;
    };
    let latin = match letter {
        'а' => 'a',
        'в' => 'b',
        'с' => 'c',
        _ => return,
    };
    if !digit.is_ascii_digit() {
        return;
    }
    word.clear();
    word.push(latin);
    word.push(digit);
}

/// `07` is 7.
fn fold_number(word: &mut String) {
    if word.len() > 1 && word.starts_with('0') && word.bytes().all(|b| b.is_ascii_digit()) {
        let value = word.trim_start_matches('0');
        *word = if value.is_empty() { "0" } else { value }.to_owned();
    }
}

/// ё is optional in Russian spelling: indexed and looked up as е.
pub(super) fn fold_yo(word: &str) -> Cow<'_, str> {
    if word.contains('ё') { Cow::Owned(word.replace('ё', "е")) } else { Cow::Borrowed(word) }
}

#[cfg(test)]
pub(super) fn words(text: &str) -> Vec<String> {
    let mut reader = WordReader::new(text);
    let mut word = String::new();
    let mut found = Vec::new();
    while reader.next_into(&mut word).is_some() {
        found.push(word.clone());
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization;

    use super::*;

    #[test]
    fn folds_case_accents_and_ligatures() {
        assert_eq!(
            words("Café  NAÏVE ﬁle Straße Ｗｉｄｅ Øre"),
            ["cafe", "naive", "file", "strasse", "wide", "ore"]
        );
    }

    #[test]
    fn keeps_the_letters_of_cyrillic_but_not_stress_marks() {
        assert_eq!(
            words("Чай ЙОД ёлка Ўзбек кни\u{301}га"),
            ["чай", "йод", "ёлка", "ўзбек", "книга"]
        );
        assert_eq!(fold_yo("ёлка"), "елка");
    }

    #[test]
    fn every_uzbek_apostrophe_folds_away() {
        for apostrophe in ['ʻ', 'ʼ', '\'', '‘', '’', '`', '´', '′'] {
            let text = format!("O{apostrophe}zbek tog{apostrophe} ma{apostrophe}no");
            assert_eq!(words(&text), ["ozbek", "tog", "mano"], "with {apostrophe:?}");
        }
    }

    #[test]
    fn quotes_punctuation_and_symbols_part_words() {
        assert_eq!(
            words("'quoted' well-known B1/A2 «да» x_y 1½ Oxford™ don't"),
            ["quoted", "well", "known", "b1", "a2", "да", "x", "y", "1", "oxford", "dont"]
        );
    }

    #[test]
    fn cyrillic_level_codes_become_latin() {
        assert_eq!(words("А1 В2 с1 в"), ["a1", "b2", "c1", "в"]);
    }

    #[test]
    fn numbers_part_from_words_but_codes_stay() {
        assert_eq!(
            words("Unit12 класс3 5sinf CD07 000 mp3 2nd B1 covid19x"),
            [
                "unit",
                "12",
                "класс",
                "3",
                "5",
                "sinf",
                "cd07",
                "0",
                "mp3",
                "2nd",
                "b1",
                "covid",
                "19x"
            ]
        );
    }

    #[test]
    fn emoji_and_controls_give_nothing() {
        assert_eq!(words("😀👨‍👩‍👧 🅰️ \u{202E}\u{0}\t ℹ️ ™"), Vec::<String>::new());
    }

    #[test]
    fn ranges_point_into_the_original() {
        let text = "«Oʻzbek» tili\u{301}!";
        let mut reader = WordReader::new(text);
        let mut word = String::new();
        let mut slices = Vec::new();
        while let Some(range) = reader.next_into(&mut word) {
            slices.push(&text[range]);
        }
        assert_eq!(slices, ["Oʻzbek", "tili\u{301}"]);
    }

    #[test]
    fn a_long_word_is_cut_at_a_character() {
        let [word] = words(&"ж".repeat(500)).try_into().expect("one word");
        assert_eq!(word.len(), MAX_TOKEN_BYTES);
        let [word] = words(&format!("a{}", "ж".repeat(500))).try_into().expect("one word");
        assert_eq!(word.len(), MAX_TOKEN_BYTES - 1);
    }

    /// Every character of the planes that have decompositions, one at a time, between letters that
    /// could combine with it.
    #[test]
    fn every_character_folds_to_safe_words_and_folding_is_stable() {
        let compatibility_ideographs = '\u{2F800}'..='\u{2FA1F}';
        for c in (char::MIN..='\u{1FFFF}').chain(compatibility_ideographs) {
            let text = format!("ии{c}ии");
            let composed: String = text.nfc().collect();
            let decomposed: String = text.nfd().collect();
            let folded = words(&text);
            assert_eq!(folded, words(&composed), "composed {c:?}");
            assert_eq!(folded, words(&decomposed), "decomposed {c:?}");
            assert_eq!(folded, words(&folded.join(" ")), "folded twice {c:?}");
            for letter in folded.iter().flat_map(|word| word.chars()) {
                assert!(letter.is_alphanumeric() && !is_combining_mark(letter), "{c:?}");
                assert!(u32::from(letter) <= 0xFFFF, "{c:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn folding_ignores_composition(text in any::<String>()) {
            let composed: String = text.nfc().collect();
            let decomposed: String = text.nfd().collect();
            prop_assert_eq!(words(&composed), words(&decomposed));
        }

        #[test]
        fn folding_ignores_case(text in "[a-zA-Zа-яА-ЯёЁўЎқҚàéïñßøŁ0-9 '’😀.-]{0,80}") {
            prop_assert_eq!(words(&text.to_uppercase()), words(&text.to_lowercase()));
        }
    }
}
