//! Words to index tokens: a stem, and further forms under which the word must be found too.
//!
//! | word | first token | second token | third token |
//! |---|---|---|---|
//! | Cyrillic (`книги`) | Russian stem (`книг`) | Latin transliteration (`knigi`) | its Uzbek stem |
//! | Latin (`kitoblar`) | English stem | the word itself | its Uzbek stem (`kitob`) |
//! | anything else (`b1`, `2024`) | the word itself | none | none |
//!
//! A token that says what an earlier one says is left out. The second token serves prefixes
//! (`storie`) and queries that come from Cyrillic. Documents and queries both go through [`Forms`];
//! there is no other way to make a token.

use std::borrow::Cow;

use rust_stemmers::{Algorithm, Stemmer};

use super::normalise::{WordReader, fold_yo};
use super::translit::push_latin;
use super::uzbek;

/// The forms of one folded word.
#[derive(Debug)]
pub(super) struct Forms<'w> {
    /// The word without ё: what a reader would call the word.
    pub(super) plain: Cow<'w, str>,
    /// The stem, when it differs from the word.
    stem: Option<String>,
    /// The word in Latin letters; `None` for codes and other scripts.
    pub(super) latin: Option<&'w str>,
    /// The Latin form without Uzbek suffixes, when it differs.
    uzbek: Option<String>,
}

impl<'w> Forms<'w> {
    /// The forms of a folded word; `scratch` is for the transliteration.
    pub(super) fn of(word: &'w str, scratch: &'w mut String) -> Self {
        let plain = fold_yo(word);
        match Script::of(word) {
            Script::Latin => {
                let stem = stem(Algorithm::English, &plain);
                Self { plain, stem, latin: Some(word), uzbek: uzbek::stem(word) }
            }
            Script::Cyrillic => {
                let stem = stem(Algorithm::Russian, &plain);
                scratch.clear();
                push_latin(word, scratch);
                let latin = (!scratch.is_empty()).then_some(scratch.as_str());
                Self { plain, stem, latin, uzbek: latin.and_then(uzbek::stem) }
            }
            Script::Other => Self { plain, stem: None, latin: None, uzbek: None },
        }
    }

    /// The token that every document with this word has.
    pub(super) fn first(&self) -> &str {
        self.stem.as_deref().unwrap_or(&self.plain)
    }

    /// The other token, when it differs from the first.
    pub(super) fn second(&self) -> Option<&str> {
        self.latin.filter(|latin| *latin != self.first())
    }

    /// The third token, when it differs from the others.
    pub(super) fn third(&self) -> Option<&str> {
        let uzbek = self.uzbek.as_deref().filter(|uzbek| *uzbek != self.first())?;
        (self.second() != Some(uzbek)).then_some(uzbek)
    }

    /// All of them.
    pub(super) fn tokens(&self) -> impl Iterator<Item = &str> + Clone {
        [Some(self.first()), self.second(), self.third()].into_iter().flatten()
    }
}

/// The stem of `word`, when it differs. Making a stemmer costs nothing: it is a function pointer.
fn stem(algorithm: Algorithm, word: &str) -> Option<String> {
    let stem = Stemmer::create(algorithm).stem(word);
    (stem != word).then(|| stem.into_owned())
}

/// Which stemmer a word is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    /// Only the letters a to z.
    Latin,
    /// Only Cyrillic letters.
    Cyrillic,
    /// Other scripts, mixed scripts, and whatever has a digit: codes, which must not be cut.
    Other,
}

impl Script {
    fn of(word: &str) -> Self {
        if word.bytes().all(|byte| byte.is_ascii_lowercase()) {
            Self::Latin
        } else if word.chars().all(|c| matches!(c, '\u{400}'..='\u{52F}')) {
            Self::Cyrillic
        } else {
            Self::Other
        }
    }
}

/// The index tokens of a document's text, separated by single spaces, in the order of the text;
/// empty when it has no words. Repetitions stay, as both databases count or merge them themselves.
///
/// Linear in the text, which the caller bounds.
pub fn analyse_document(text: &str) -> String {
    let mut tokens = String::with_capacity(text.len() + text.len() / 2);
    for_each_word(text, |forms| {
        for token in forms.tokens() {
            push_token(&mut tokens, token);
        }
    });
    tokens
}

/// The index tokens of a title or of tags, separated by single spaces: exactly [`TITLE_STRIDE`] for
/// every word (the first again for each that it lacks), so that [`score`](super::rank::score) can
/// tell which tokens are one word and which words are neighbours. The database does not mind.
pub fn analyse_title(title: &str) -> String {
    let mut tokens = String::with_capacity(title.len() * 3);
    for_each_word(title, |forms| {
        push_token(&mut tokens, forms.first());
        push_token(&mut tokens, forms.second().unwrap_or(forms.first()));
        push_token(&mut tokens, forms.third().unwrap_or(forms.first()));
    });
    tokens
}

/// How many tokens [`analyse_title`] makes of a word.
pub const TITLE_STRIDE: usize = 3;

fn for_each_word(text: &str, mut visit: impl FnMut(&Forms<'_>)) {
    let mut reader = WordReader::new(text);
    let mut word = String::new();
    let mut scratch = String::new();
    while reader.next_into(&mut word).is_some() {
        visit(&Forms::of(&word, &mut scratch));
    }
}

fn push_token(tokens: &mut String, token: &str) {
    if !tokens.is_empty() {
        tokens.push(' ');
    }
    tokens.push_str(token);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization;

    use super::super::normalise::MAX_TOKEN_BYTES;
    use super::*;

    #[test]
    fn stems_by_script_and_keeps_a_second_form() {
        assert_eq!(analyse_document("Stories"), "stori stories");
        assert_eq!(analyse_document("Книги"), "книг knigi knik");
        assert_eq!(analyse_document("ещё"), "ещ yeshyo");
        assert_eq!(analyse_document("Китоблар kitoblar"), "китоблар kitoblar kitob kitoblar kitob");
    }

    #[test]
    fn codes_and_numbers_are_kept_whole() {
        assert_eq!(analyse_document("B1 A2+ 12 2024 mp3s"), "b1 a2 12 2024 mp3s");
    }

    #[test]
    fn no_stop_word_is_missing_from_the_index() {
        assert_eq!(analyse_document("The of and"), "the of and");
    }

    #[test]
    fn a_title_has_three_tokens_a_word() {
        assert_eq!(analyse_title("Grammar B1"), "grammar grammar grammar b1 b1 b1");
        assert_eq!(analyse_title("Book's книги"), "book books book книг knigi knik");
        assert_eq!(analyse_title(" 😀 "), "");
    }

    proptest! {
        #[test]
        fn tokens_are_safe(text in any::<String>()) {
            for analysed in [analyse_document(&text), analyse_title(&text)] {
                for token in analysed.split(' ').filter(|_| !analysed.is_empty()) {
                    prop_assert!(!token.is_empty() && token.len() <= MAX_TOKEN_BYTES);
                    prop_assert!(token.chars().all(char::is_alphanumeric));
                    prop_assert!(token.chars().all(|c| !c.is_uppercase()));
                }
            }
            prop_assert_eq!(analyse_title(&text).split_whitespace().count() % TITLE_STRIDE, 0);
        }

        #[test]
        fn no_word_upsets_a_stemmer(latin in "[a-z]{1,70}", cyrillic in "[а-яёўқғҳі]{1,40}") {
            prop_assert!(!analyse_document(&latin).is_empty());
            prop_assert!(!analyse_document(&cyrillic).is_empty());
        }

        #[test]
        fn analysis_ignores_case_and_composition(text in "[a-zA-Zа-яА-ЯёЁйЙўЎéÜ0-9 ’]{0,60}") {
            let decomposed: String = text.nfd().collect();
            prop_assert_eq!(analyse_document(&text), analyse_document(&decomposed));
            prop_assert_eq!(analyse_document(&text), analyse_document(&text.to_uppercase()));
        }
    }
}
