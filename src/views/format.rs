//! Small pieces of text: sizes, durations, lines of lists.

use super::texts::{Texts, Value};
use crate::domain::calendar::Zone;
use crate::domain::clock::Timestamp;
use crate::domain::inspection::{Kind, Measures};
use crate::domain::lang::Lang;
use crate::domain::material::{Level, StudyLanguage};
use crate::domain::search_page::{Entry, Total};

/// A size for people: `1.4 MB`.
pub fn size(texts: &Texts, lang: Lang, bytes: u64) -> String {
    let kb = bytes.div_ceil(1024);
    if bytes < 1024 {
        return texts.get(lang, "size-bytes", &[("size", Value::Text(&bytes.to_string()))]);
    }
    if kb < 1024 {
        return texts.get(lang, "size-kb", &[("size", Value::Text(&kb.to_string()))]);
    }
    let tenths = bytes.saturating_mul(10) / (1024 * 1024);
    let mb = if tenths < 100 {
        format!("{}.{}", tenths / 10, tenths % 10)
    } else {
        (tenths / 10).to_string()
    };
    texts.get(lang, "size-mb", &[("size", Value::Text(&mb))])
}

/// A duration as players show it: `4:05`, `1:02:33`.
pub fn duration(seconds: u32) -> String {
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{rest:02}")
    } else {
        format!("{minutes}:{rest:02}")
    }
}

/// A moment as clocks in a zone show it: `25.12.2026 09:00`.
pub fn local_time(at: Timestamp, zone: Zone) -> String {
    zone.local(at).format("%d.%m.%Y %H:%M").to_string()
}

/// The sign of a kind.
pub const fn kind_sign(kind: Kind) -> &'static str {
    match kind {
        Kind::Book => "📕",
        Kind::Audio => "🎧",
        Kind::Video => "🎬",
        Kind::Image => "🖼",
        Kind::Archive => "🗜",
        Kind::Document => "📄",
    }
}

/// The key of a kind's name.
pub const fn kind_key(kind: Kind) -> &'static str {
    match kind {
        Kind::Book => "kind-book",
        Kind::Audio => "kind-audio",
        Kind::Video => "kind-video",
        Kind::Image => "kind-image",
        Kind::Archive => "kind-archive",
        Kind::Document => "kind-document",
    }
}

/// The key of a language's name.
pub const fn language_key(language: StudyLanguage) -> &'static str {
    match language {
        StudyLanguage::En => "language-en",
        StudyLanguage::Ru => "language-ru",
        StudyLanguage::Uz => "language-uz",
        StudyLanguage::De => "language-de",
        StudyLanguage::Fr => "language-fr",
        StudyLanguage::Es => "language-es",
        StudyLanguage::Ar => "language-ar",
        StudyLanguage::Tr => "language-tr",
        StudyLanguage::Ko => "language-ko",
        StudyLanguage::Zh => "language-zh",
        StudyLanguage::Other => "language-other",
    }
}

/// What is known of a file, in one line: `B1 · 24 pages · 1.2 MB`.
pub fn measures(
    texts: &Texts,
    lang: Lang,
    level: Option<Level>,
    pages: Option<u32>,
    duration_s: Option<u32>,
    bytes: Option<u64>,
) -> String {
    let mut pieces = Vec::with_capacity(4);
    pieces.extend(level.map(|level| level.name().to_owned()));
    pieces
        .extend(pages.map(|n| texts.get(lang, "pages", &[("count", Value::Number(u64::from(n)))])));
    pieces.extend(duration_s.map(duration));
    pieces.extend(bytes.map(|bytes| size(texts, lang, bytes)));
    pieces.join(" · ")
}

/// What else is known of an uploaded file: `1280×720`, `H.264`, `128 kbit/s`, `12 files`.
pub fn file_measures(texts: &Texts, lang: Lang, measures: &Measures) -> Vec<String> {
    let Measures { width, height, codec, bit_rate_kbps, entries } = measures;
    let number = |key, name, n: u32| texts.get(lang, key, &[(name, Value::Number(u64::from(n)))]);
    let mut pieces = Vec::new();
    pieces.extend(width.zip(*height).map(|(width, height)| format!("{width}×{height}")));
    pieces.extend(codec.clone());
    pieces.extend(bit_rate_kbps.map(|rate| number("bit-rate", "rate", rate)));
    pieces.extend(entries.map(|entries| number("files", "count", entries)));
    pieces
}

/// The measures of a list's entry.
pub fn entry_measures(texts: &Texts, lang: Lang, entry: &Entry) -> String {
    measures(texts, lang, entry.level, entry.pages, entry.duration_s, entry.size)
}

/// A number with its thousands apart: `12,345`, `12 345`.
pub fn grouped(lang: Lang, number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(if lang == Lang::En { ',' } else { '\u{A0}' });
        }
        text.push(digit);
    }
    text
}

/// A count, with a sign where there are more.
pub fn total(lang: Lang, total: Total) -> String {
    let count = grouped(lang, u64::try_from(total.count()).unwrap_or(u64::MAX));
    if matches!(total, Total::AtLeast(_)) { count + "+" } else { count }
}

/// At most `max_chars` characters, with a sign where something was cut.
pub fn shorten(text: &str, max_chars: usize) -> String {
    if text.chars().count() <= max_chars {
        return text.to_owned();
    }
    let head: String = text.chars().take(max_chars.saturating_sub(1)).collect();
    format!("{}…", head.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_well() {
        let texts = Texts::default();
        let show = |bytes| size(&texts, Lang::En, bytes);
        assert_eq!(show(0), "0 B");
        assert_eq!(show(1_025), "2 KB");
        assert_eq!(show(1_572_864), "1.5 MB");
        assert_eq!(show(52_428_800), "50 MB");
    }

    #[test]
    fn durations_read_like_a_players() {
        assert_eq!([duration(5), duration(245), duration(3_753)], ["0:05", "4:05", "1:02:33"]);
    }

    #[test]
    fn shorten_counts_characters_not_bytes() {
        assert_eq!(shorten("ёлка", 4), "ёлка");
        assert_eq!(shorten("ёлка и шар", 6), "ёлка…");
    }
}
