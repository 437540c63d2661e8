//! Text typed on the wrong keyboard: `ghbdtn` was meant to be `привет`, `руддщ` to be `hello`.
//!
//! The map is that of the US and Russian (ЙЦУКЕН) layouts. Whether a text was meant otherwise
//! cannot be known from its letters: what comes back is a guess, to be shown only if it finds
//! something, and by [`Query::display`](super::Query::display) like any other text of a user.

/// The keys that differ, US layout first.
const KEYS: &[(char, char)] = &[
    ('q', 'й'),
    ('w', 'ц'),
    ('e', 'у'),
    ('r', 'к'),
    ('t', 'е'),
    ('y', 'н'),
    ('u', 'г'),
    ('i', 'ш'),
    ('o', 'щ'),
    ('p', 'з'),
    ('[', 'х'),
    (']', 'ъ'),
    ('a', 'ф'),
    ('s', 'ы'),
    ('d', 'в'),
    ('f', 'а'),
    ('g', 'п'),
    ('h', 'р'),
    ('j', 'о'),
    ('k', 'л'),
    ('l', 'д'),
    (';', 'ж'),
    ('\'', 'э'),
    ('z', 'я'),
    ('x', 'ч'),
    ('c', 'с'),
    ('v', 'м'),
    ('b', 'и'),
    ('n', 'т'),
    ('m', 'ь'),
    (',', 'б'),
    ('.', 'ю'),
    ('`', 'ё'),
    // With shift.
    ('{', 'х'),
    ('}', 'ъ'),
    (':', 'ж'),
    ('"', 'э'),
    ('<', 'б'),
    ('>', 'ю'),
    ('~', 'ё'),
];

/// Longer texts were not typed blindly.
const MAX_CHARS: usize = 128;

/// No word of Russian or English has more consonants in a row (`агентство`, `lengths`).
const MAX_CONSONANT_RUN: usize = 5;

/// Words shorter than this may lack a vowel.
const MIN_CHARS_WITH_VOWEL: usize = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    Us,
    Russian,
}

/// The text as the other keyboard layout would have typed it, in lower case; `None` unless all its
/// letters are of one layout and what they turn into could be words: a vowel in every word, no long
/// runs of consonants, no punctuation, no word that begins with ъ, ы or ь. Words with digits (`B1`)
/// and spaces stay as they are.
pub fn swap_layout(text: &str) -> Option<String> {
    if text.chars().nth(MAX_CHARS).is_some() {
        return None;
    }
    let source = source_layout(text)?;
    let mut words = Vec::new();
    let mut has_changed = false;
    for word in text.to_lowercase().split_whitespace() {
        if word.chars().any(|c| c.is_ascii_digit()) {
            words.push(word.to_owned());
            continue;
        }
        let swapped = swap_word(word, source)?;
        if !is_plausible(&swapped) {
            return None;
        }
        has_changed = true;
        words.push(swapped);
    }
    has_changed.then(|| words.join(" "))
}

/// The layout of all letters outside words with digits; `None` for a mixture or for none.
fn source_layout(text: &str) -> Option<Layout> {
    let has_digit = |word: &&str| word.chars().any(|c| c.is_ascii_digit());
    let mut found = None;
    for word in text.split_whitespace().filter(|word| !has_digit(word)) {
        for c in word.chars().filter(|c| c.is_alphabetic()) {
            let layout = if c.is_ascii() { Layout::Us } else { Layout::Russian };
            if found.is_some_and(|known| known != layout) {
                return None;
            }
            found = Some(layout);
        }
    }
    found
}

fn swap_word(word: &str, source: Layout) -> Option<String> {
    word.chars().map(|c| swap_key(c, source)).collect()
}

fn swap_key(c: char, source: Layout) -> Option<char> {
    let key = KEYS.iter().find(|(us, russian)| match source {
        Layout::Us => *us == c,
        Layout::Russian => *russian == c,
    });
    key.map(|(us, russian)| match source {
        Layout::Us => *russian,
        Layout::Russian => *us,
    })
}

fn is_plausible(word: &str) -> bool {
    let mut consonant_run = 0;
    let mut has_vowel = false;
    let mut length = 0;
    for c in word.chars() {
        if !c.is_alphabetic() {
            return false;
        }
        length += 1;
        if is_vowel(c) {
            has_vowel = true;
            consonant_run = 0;
        } else if !matches!(c, 'ь' | 'ъ') {
            consonant_run += 1;
        }
        if consonant_run > MAX_CONSONANT_RUN {
            return false;
        }
    }
    let begins_well = !word.starts_with(['ъ', 'ы', 'ь']);
    begins_well && (has_vowel || length < MIN_CHARS_WITH_VOWEL)
}

fn is_vowel(c: char) -> bool {
    matches!(
        c,
        'a' | 'e'
            | 'i'
            | 'o'
            | 'u'
            | 'y'
            | 'а'
            | 'е'
            | 'ё'
            | 'и'
            | 'о'
            | 'у'
            | 'ы'
            | 'э'
            | 'ю'
            | 'я'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn swaps_both_ways() {
        let pairs = [
            ("ghbdtn", "привет"),
            ("руддщ", "hello"),
            ("Uhfvvfnbrf", "грамматика"),
            ("пкфььфк ищщл", "grammar book"),
            (";bpym k.,k.", "жизнь люблю"),
            ("fyukbqcrbq B1", "английский b1"),
        ];
        for (typed, meant) in pairs {
            assert_eq!(swap_layout(typed).as_deref(), Some(meant));
        }
    }

    #[test]
    fn refuses_what_cannot_have_been_meant() {
        let texts = [
            "",
            "   ",
            "12 34",
            "b1",
            "😀",
            "привет hello",
            "ghbdtn привет",
            "грамматика (b1",
            "жизнь",
            "school",
            "xcvgh",
            "dvgrhkf",
            "ghbdtn?",
            "日本",
        ];
        for text in texts {
            assert_eq!(swap_layout(text), None, "{text:?}");
        }
        assert_eq!(swap_layout(&"ghbdtn ".repeat(100)), None);
    }

    proptest! {
        #[test]
        fn any_text_is_swapped_or_refused(text in any::<String>()) {
            prop_assert_ne!(swap_layout(&text), Some(String::new()));
        }

        #[test]
        fn keys_give_words_of_the_other_alphabet(text in "([a-z;',.`]{1,6} ?){0,5}") {
            let swapped = swap_layout(&text).unwrap_or_default();
            prop_assert!(swapped.chars().all(|c| c == ' ' || matches!(c, 'а'..='я' | 'ё')));
        }
    }
}
