//! Cyrillic to Latin by the rules of the Uzbek alphabets, so that китоб and kitob meet.
//!
//! One direction only: the Latin form is unambiguous, the way back is not. The rules are those of
//! the 1995 Uzbek Latin alphabet, without its apostrophes, which folding drops anyway. Russian
//! words pass through the same rules, which is how most people in Uzbekistan write them in Latin.

/// Appends the Latin form of a folded Cyrillic word (ё kept) to `latin`. Letters outside the
/// Russian, Uzbek and Ukrainian alphabets are left out.
pub(super) fn push_latin(word: &str, latin: &mut String) {
    let mut previous = None;
    for c in word.chars() {
        let after_vowel = previous.is_some_and(is_vowel);
        let starts_syllable = after_vowel || matches!(previous, None | Some('ъ' | 'ь'));
        latin.push_str(match c {
            'а' => "a",
            'б' => "b",
            'в' => "v",
            'г' | 'ғ' | 'ґ' => "g",
            'д' => "d",
            'е' if starts_syllable => "ye",
            'е' | 'э' => "e",
            'є' => "ye",
            'ё' => "yo",
            'ж' => "j",
            'з' => "z",
            'и' | 'ы' | 'і' => "i",
            'й' => "y",
            'к' => "k",
            'л' => "l",
            'м' => "m",
            'н' => "n",
            'о' | 'ў' => "o",
            'п' => "p",
            'р' => "r",
            'т' => "t",
            'у' => "u",
            'ф' => "f",
            'х' => "x",
            'ҳ' => "h",
            'ц' if after_vowel => "ts",
            'с' | 'ц' => "s",
            'ч' => "ch",
            'ш' | 'щ' => "sh",
            'қ' => "q",
            'ю' => "yu",
            'я' => "ya",
            _ => "", // ъ and ь are silent
        });
        previous = Some(c);
    }
}

fn is_vowel(c: char) -> bool {
    matches!(c, 'а' | 'е' | 'ё' | 'и' | 'о' | 'у' | 'ў' | 'ы' | 'э' | 'ю' | 'я' | 'і' | 'є')
}

/// The Uzbek spelling of a Latin word in which Russian was written the English way (`zh` for ж,
/// `kh` for х, `shch` for щ); `None` when there is nothing to change.
pub(super) fn respell_romanised(word: &str) -> Option<String> {
    let respelt = word.replace("shch", "sh").replace("zh", "j").replace("kh", "x");
    (respelt != word).then_some(respelt)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn latin(word: &str) -> String {
        let mut latin = String::new();
        push_latin(word, &mut latin);
        latin
    }

    #[test]
    fn uzbek_words_meet_their_latin_spelling() {
        let pairs = [
            ("китоб", "kitob"),
            ("ўзбек", "ozbek"),
            ("машқлар", "mashqlar"),
            ("ҳикоя", "hikoya"),
            ("ёзиш", "yozish"),
            ("етти", "yetti"),
            ("маъно", "mano"),
            ("лекция", "leksiya"),
            ("лицей", "litsey"),
            ("чўққи", "choqqi"),
            ("грамматика", "grammatika"),
        ];
        for (cyrillic, expected) in pairs {
            assert_eq!(latin(cyrillic), expected);
        }
    }

    #[test]
    fn foreign_and_silent_letters_vanish() {
        assert_eq!(latin("ь"), "");
        assert_eq!(latin("ӕ"), "");
    }

    #[test]
    fn english_romanisation_is_respelt() {
        assert_eq!(respell_romanised("uprazhneniya").as_deref(), Some("uprajneniya"));
        assert_eq!(respell_romanised("khrestomatiya").as_deref(), Some("xrestomatiya"));
        assert_eq!(respell_romanised("school"), None);
    }
}
