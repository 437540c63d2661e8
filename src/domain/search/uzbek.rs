//! The stem of an Uzbek noun by its suffixes, in Latin letters without apostrophes.
//!
//! Uzbek puts suffixes one after the other: stem, number, owner, case (`kitob-lar-imiz-dan`). They
//! are taken off from the end, at most one of each, as long as a syllable remains. No dictionary
//! and no language is needed: whatever the language of a word, document and query lose the same
//! letters, and the stem only adds a way of being found.

/// Shortest stem, in letters.
const STEM_MIN: usize = 3;

const CASES: [&str; 8] = ["ning", "dagi", "niki", "dan", "cha", "ni", "ga", "da"];
/// The case that stands after its own consonant only (`mashqqa`, `darslikka`).
const CASE_AFTER: [(&str, char); 2] = [("ka", 'k'), ("qa", 'q')];
const OWNERS: [&str; 6] = ["ingiz", "imiz", "ing", "im", "si", "i"];
const PLURAL: &str = "lar";

/// The stem, if it is not the word itself. `word` is folded.
pub(super) fn stem(word: &str) -> Option<String> {
    // No Uzbek word is written with it.
    if word.contains('w') || !word.is_ascii() {
        return None;
    }
    let without_case = strip_case(word);
    let without_owner = strip(without_case, &OWNERS);
    let has_owner = without_owner.len() < without_case.len();
    let mut stem = strip(without_owner, &[PLURAL]).to_owned();
    // `darslik` and `qishloq` soften before an owner's vowel: `darsligi`, `qishlog‘i`.
    let is_softened = has_owner && stem.len() == without_owner.len() && stem.ends_with('g');
    if is_softened || stem.ends_with('q') {
        stem.pop();
        stem.push('k');
    }
    (stem != word).then_some(stem)
}

fn strip_case(word: &str) -> &str {
    for (suffix, before) in CASE_AFTER {
        if let Some(rest) = word.strip_suffix(suffix)
            && rest.ends_with(before)
            && is_stem(rest)
        {
            return rest;
        }
    }
    strip(word, &CASES)
}

/// The word without the first of the suffixes that it ends with.
fn strip<'w>(word: &'w str, suffixes: &[&str]) -> &'w str {
    let rest =
        suffixes.iter().find_map(|suffix| word.strip_suffix(suffix).filter(|it| is_stem(it)));
    rest.unwrap_or(word)
}

fn is_stem(rest: &str) -> bool {
    rest.len() >= STEM_MIN && rest.contains(['a', 'e', 'i', 'o', 'u'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_come_off_from_the_end() {
        let words = [
            ("kitoblarimizdan", "kitob"),
            ("kitoblari", "kitob"),
            ("darsligi", "darslik"),
            ("darslikka", "darslik"),
            ("qishlogi", "qishlok"),
            ("qishloq", "qishlok"),
            ("mashqlar", "mashk"),
            ("tilini", "til"),
            ("tilida", "til"),
            ("grammatikasi", "grammatika"),
            ("ozbekcha", "ozbek"),
            ("ertaklarning", "ertak"),
        ];
        for (word, wanted) in words {
            assert_eq!(stem(word).as_deref(), Some(wanted), "{word}");
        }
    }

    #[test]
    fn stems_and_words_of_others_stay() {
        for word in ["kitob", "til", "grammatika", "lar", "dars", "b1", "window", "wining", "жар"]
        {
            assert_eq!(stem(word), None, "{word}");
        }
    }
}
