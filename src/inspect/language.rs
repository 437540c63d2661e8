//! The language of a text.

use whatlang::{Lang, detect};

use crate::domain::inspection::TextPart;

/// Enough text to be sure of its language, in characters.
const SAMPLE_CHARS: usize = 10_000;
/// Too little to be sure of anything, in letters.
const MIN_LETTERS: usize = 40;

/// ISO 639-1 code of the language of the first pages; `None` when it is not clear.
pub(super) fn of_parts(parts: &[TextPart]) -> Option<&'static str> {
    let chars = parts.iter().flat_map(|part| part.text.chars().chain([' ']));
    let sample: String = chars.take(SAMPLE_CHARS).collect();
    of_text(&sample)
}

/// The language that a document says it is in, such as `en` or `ru-RU`.
pub(super) fn stated(tag: &str) -> Option<&'static str> {
    let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
    Lang::all()
        .iter()
        .find(|lang| {
            primary.eq_ignore_ascii_case(code(**lang)) || primary.eq_ignore_ascii_case(lang.code())
        })
        .map(|&lang| code(lang))
}

fn of_text(sample: &str) -> Option<&'static str> {
    let letters = sample.chars().filter(|c| c.is_alphabetic()).count();
    if letters < MIN_LETTERS {
        return None;
    }
    let guess = detect(sample)?;
    if guess.is_reliable() { Some(code(guess.lang())) } else { None }
}

/// ISO 639-1 code of a language; whatlang itself only knows ISO 639-3.
#[expect(clippy::too_many_lines, reason = "a table")]
const fn code(lang: Lang) -> &'static str {
    match lang {
        Lang::Epo => "eo",
        Lang::Eng => "en",
        Lang::Rus => "ru",
        Lang::Cmn => "zh",
        Lang::Spa => "es",
        Lang::Por => "pt",
        Lang::Ita => "it",
        Lang::Ben => "bn",
        Lang::Fra => "fr",
        Lang::Deu => "de",
        Lang::Ukr => "uk",
        Lang::Kat => "ka",
        Lang::Ara => "ar",
        Lang::Hin => "hi",
        Lang::Jpn => "ja",
        Lang::Heb => "he",
        Lang::Yid => "yi",
        Lang::Pol => "pl",
        Lang::Amh => "am",
        Lang::Jav => "jv",
        Lang::Kor => "ko",
        Lang::Nob => "nb",
        Lang::Dan => "da",
        Lang::Swe => "sv",
        Lang::Fin => "fi",
        Lang::Tur => "tr",
        Lang::Nld => "nl",
        Lang::Hun => "hu",
        Lang::Ces => "cs",
        Lang::Ell => "el",
        Lang::Bul => "bg",
        Lang::Bel => "be",
        Lang::Mar => "mr",
        Lang::Kan => "kn",
        Lang::Ron => "ro",
        Lang::Slv => "sl",
        Lang::Hrv => "hr",
        Lang::Srp => "sr",
        Lang::Mkd => "mk",
        Lang::Lit => "lt",
        Lang::Lav => "lv",
        Lang::Est => "et",
        Lang::Tam => "ta",
        Lang::Vie => "vi",
        Lang::Urd => "ur",
        Lang::Tha => "th",
        Lang::Guj => "gu",
        Lang::Uzb => "uz",
        Lang::Pan => "pa",
        Lang::Aze => "az",
        Lang::Ind => "id",
        Lang::Tel => "te",
        Lang::Pes => "fa",
        Lang::Mal => "ml",
        Lang::Ori => "or",
        Lang::Mya => "my",
        Lang::Nep => "ne",
        Lang::Sin => "si",
        Lang::Khm => "km",
        Lang::Tuk => "tk",
        Lang::Aka => "ak",
        Lang::Zul => "zu",
        Lang::Sna => "sn",
        Lang::Afr => "af",
        Lang::Lat => "la",
        Lang::Slk => "sk",
        Lang::Cat => "ca",
        Lang::Tgl => "tl",
        Lang::Hye => "hy",
        Lang::Cym => "cy",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_languages_of_the_school_are_told_apart() {
        let english = "The cat sat on the mat and looked at the bird that was singing in the tree \
                       while the children were playing in the garden behind the house.";
        let russian = "Все счастливые семьи похожи друг на друга, каждая несчастливая семья \
                       несчастлива по-своему. Все смешалось в доме Облонских. Жена узнала, что \
                       муж был в связи с бывшею в их доме француженкою-гувернанткой, и объявила \
                       мужу, что не может жить с ним в одном доме. Положение это продолжалось \
                       уже третий день и мучительно чувствовалось и самими супругами, и всеми \
                       членами семьи, и домочадцами.";
        let uzbek = "O‘zbekiston Respublikasining davlat tili o‘zbek tilidir. Bolalar maktabda \
                     o‘qiydilar va har kuni yangi so‘zlarni o‘rganadilar.";
        assert_eq!(of_text(english), Some("en"));
        assert_eq!(of_text(russian), Some("ru"));
        assert_eq!(of_text(uzbek), Some("uz"));
    }

    #[test]
    fn stated_languages_are_tags() {
        for (tag, expected) in [
            ("en", Some("en")),
            (" ru-RU\n", Some("ru")),
            ("UZ_Latn", Some("uz")),
            ("rus", Some("ru")),
            ("", None),
            ("English", None),
            ("../..", None),
        ] {
            assert_eq!(stated(tag), expected, "{tag}");
        }
    }

    #[test]
    fn too_little_text_has_no_language() {
        assert_eq!(of_text("hello"), None);
        assert_eq!(of_text(&"1234 ".repeat(100)), None);
        assert_eq!(of_parts(&[]), None);
    }
}
